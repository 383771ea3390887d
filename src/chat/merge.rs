//! Merging: a customer who opened two chats about one matter goes on in one of them.

use uuid::Uuid;

use crate::{
    app::App,
    cases::proposal,
    error::{Error, Result},
    identity::staff::Staff,
    input::snippet,
    work::Work,
};

use super::{
    conversation::{self, ChatState, over, specialist},
    log,
    protocol::{EndWhy, EventBody, Visibility},
    queries, transfer,
};

/// Brings another chat of the same contact or account into the one that this person serves: the other one ends, and what was said in
/// it stays to be read there.
pub async fn merge(app: &App, staff: &Staff, chat: Uuid, other: Uuid) -> Result<()> {
    if chat == other {
        return Err(Error::invalid("same_chat", "Choose another chat than this one."));
    }
    let mut work = Work::begin(app).await?;
    // Always in the same order: two that merge each other's chats must not wait for each other.
    let (first, second) = (chat.min(other), chat.max(other));
    let (first, second) = (conversation::lock(&mut work, first).await?, conversation::lock(&mut work, second).await?);
    let (into, from) = if first.id == chat { (first, second) } else { (second, first) };
    transfer::require_serving(&into, staff)?;
    if into.state != ChatState::Active {
        return Err(Error::conflict("not_active", "Take this chat first, then bring the other one here."));
    }
    if into.contact_id != from.contact_id && into.account_id != from.account_id {
        return Err(Error::forbidden("Only chats of the same customer can be brought together."));
    }
    match from.state {
        ChatState::Queued => {}
        ChatState::Active if from.agent_id == Some(staff.id) || staff.is_supervisor() => {}
        ChatState::Active => return Err(Error::conflict("served", "A colleague serves the other chat.")),
        ChatState::Asking => return Err(Error::conflict("not_asked", "In the other chat nothing was asked yet.")),
        ChatState::Ended => return Err(over()),
    }
    let text = proposal::description(&super::events_in(&mut work, from.id).await?);
    conversation::finish(&mut work, &from, EndWhy::Merged, None).await?;
    let body = EventBody::Merged { chat: from.id, question: snippet(&from.question, 160), text };
    log::append(&mut work, into.id, &specialist(staff), Visibility::Staff, body).await?;
    queries::set_merged(&mut work.tx, from.id, into.id).await?;
    work.commit().await
}
