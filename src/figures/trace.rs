//! Who served a chat from when to when, and who answered it first: noted with the events that say so, in their transaction.

use uuid::Uuid;

use crate::{
    chat::protocol::{EventBody, EventView},
    error::Result,
    work::Work,
};

use super::queries;

/// An event was written to a log by `author`.
pub async fn follow(work: &mut Work<'_>, event: &EventView, author: Option<Uuid>) -> Result<()> {
    let (chat, at) = (event.chat, event.at);
    match event.body {
        EventBody::Joined {} => {
            queries::close_chat_spells(&mut work.tx, chat, None, at).await?;
            if let Some(staff) = author {
                queries::open_chat_spell(&mut work.tx, chat, event.seq, staff, at).await?;
            }
        }
        // A supervisor who was beside the specialist has none to close.
        EventBody::Left {} if author.is_some() => {
            queries::close_chat_spells(&mut work.tx, chat, author, at).await?;
        }
        EventBody::Requeued { .. } => {
            queries::close_chat_spells(&mut work.tx, chat, None, at).await?;
        }
        EventBody::Ended { .. } => {
            queries::close_chat_spells(&mut work.tx, chat, None, at).await?;
            queries::note_first_reply(&mut work.tx, chat).await?;
        }
        _ => {}
    }
    Ok(())
}
