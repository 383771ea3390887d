//! The ordered log of a chat: appending within a transaction, reading after a number.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{app::App, error::Result, figures, work::Work};

use super::{
    hub::encode,
    protocol::{EventBody, EventView, Outgoing, Party, ServerFrame, Visibility},
    queries,
};

/// An event that is in the log, encoded once for all its readers.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Which chat.
    pub chat: Uuid,
    /// Its number.
    pub seq: i64,
    /// Who may read it.
    pub visibility: Visibility,
    /// The `event` frame.
    pub frame: Utf8Bytes,
}

impl From<EventView> for Logged {
    fn from(event: EventView) -> Self {
        let (chat, seq, visibility) = (event.chat, event.seq, event.visibility);
        Self { chat, seq, visibility, frame: encode(&ServerFrame::Event(event)) }
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Which side.
    pub party: Party,
    /// The person; nobody for the server.
    pub id: Option<Uuid>,
    /// The person's name; empty for the server.
    pub name: String,
}

impl Author {
    /// The server itself.
    pub fn system() -> Self {
        Self { party: Party::System, id: None, name: String::new() }
    }
}

/// Where a message stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Writes one event as the next of its chat, which is locked.
pub async fn append(
    work: &mut Work<'_>,
    chat: Uuid,
    author: &Author,
    visibility: Visibility,
    body: EventBody,
) -> Result<Receipt> {
    let id = work.app.clock.new_id();
    append_as(work, chat, id, author, visibility, body).await
}

/// Writes one event with a given id as the next of its chat, which is locked.
pub async fn append_as(
    work: &mut Work<'_>,
    chat: Uuid,
    id: Uuid,
    author: &Author,
    visibility: Visibility,
    body: EventBody,
) -> Result<Receipt> {
    let (last, prev) = queries::last_of(&mut work.tx, chat).await?;
    let event = EventView {
        chat,
        seq: last + 1,
        prev,
        id,
        at: work.now,
        party: author.party,
        name: author.name.clone(),
        visibility,
        body,
    };
    queries::insert_event(&mut work.tx, &event, author.id).await?;
    figures::trace::follow(work, &event, author.id).await?;
    work.note(chat, id);
    let receipt = Receipt { seq: event.seq, at: event.at };
    work.tell(event.into());
    Ok(receipt)
}

/// Where the event with a client's id stands in a locked chat, if it is there already.
pub async fn find(work: &mut Work<'_>, chat: Uuid, id: Uuid) -> Result<Option<Receipt>> {
    Ok(queries::find_event(&mut work.tx, chat, id).await?.map(|(seq, at)| Receipt { seq, at }))
}

/// Admits one message within the transaction that will write it: its receipt if it is known, otherwise nothing and its
/// client's counter has gone on. Locks the chat.
pub async fn admit(work: &mut Work<'_>, author: Uuid, message: &Outgoing) -> Result<Option<Receipt>> {
    let mut facts = queries::batch::facts(&mut work.tx, &[message]).await?;
    let known = facts.admit(author, message)?;
    if known.is_none() {
        work.counts(message.chat);
        queries::batch::set_counters(&mut work.tx, &facts).await?;
    }
    Ok(known)
}

/// The number after which a reader who holds the log up to `after` goes on. Nobody holds more than the log has, which ends at
/// `last`: who says so reads from its end.
pub fn resume_after(after: i64, last: i64) -> i64 {
    after.clamp(0, last.max(0))
}

/// Up to `limit` events after a number, oldest first, those for staff included.
pub async fn read_after(app: &App, chat: Uuid, after: i64, limit: i64) -> Result<Vec<EventView>> {
    app.journal.fold().await?;
    Ok(queries::events_after(&app.db, chat, after, limit)
        .await?
        .into_iter()
        .map(queries::EventRow::into_view)
        .collect())
}
