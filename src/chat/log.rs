//! The ordered log of a chat: appending within a transaction, reading after a number.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    store::{Db, Tx},
    work::Work,
};

use super::{
    hub::encode,
    protocol::{EventBody, EventView, Outgoing, Party, ServerFrame, Visibility},
    queries::{self, ChatRow},
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

/// Writes one event as the next of its chat.
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

/// Writes one event with a given id as the next of its chat.
pub async fn append_as(
    work: &mut Work<'_>,
    chat: Uuid,
    id: Uuid,
    author: &Author,
    visibility: Visibility,
    body: EventBody,
) -> Result<Receipt> {
    let (seq, prev) = queries::take_number(&mut work.tx, chat, visibility == Visibility::Everyone).await?;
    let event = EventView {
        chat,
        seq,
        prev,
        id,
        at: work.now,
        party: author.party,
        name: author.name.clone(),
        visibility,
        body,
    };
    queries::insert_event(&mut work.tx, &event, author.id).await?;
    let receipt = Receipt { seq, at: event.at };
    work.tell(event.into());
    Ok(receipt)
}

/// What the log says of a message that comes in.
pub enum Admission {
    /// It is there already: the answer is the same as the first time.
    Known(Receipt),
    /// It is the next one of its client, which has been noted.
    Next,
}

/// The receipt of a message that is in the log already; an id that was used for something else is refused.
pub async fn known(tx: &mut Tx, chat: &ChatRow, author: Uuid, message: &Outgoing) -> Result<Option<Receipt>> {
    let Some(event) = queries::find_event(tx, message.id).await? else { return Ok(None) };
    let same_text = matches!(&event.body.0, EventBody::Message { text } if *text == message.text);
    if event.chat_id == chat.id && event.author_id == Some(author) && same_text {
        Ok(Some(Receipt { seq: event.seq, at: event.at }))
    } else {
        Err(Error::conflict("id_reused", "This message id was used for another message. Every message needs a new id."))
    }
}

/// Checks id and counter of a message within the transaction that will write it. The chat's row must be locked.
pub async fn admit(tx: &mut Tx, chat: &ChatRow, author: Uuid, message: &Outgoing) -> Result<Admission> {
    if let Some(receipt) = known(tx, chat, author, message).await? {
        return Ok(Admission::Known(receipt));
    }
    if queries::advance_client(tx, chat.id, message.client, author, message.n).await? {
        return Ok(Admission::Next);
    }
    let expected = queries::client_counter(tx, chat.id, message.client).await? + 1;
    let words = format!(
        "Message number {} of this client came when number {expected} was expected. Send the missing ones first.",
        message.n
    );
    Err(Error::conflict("out_of_order", words))
}

/// Up to `limit` events after a number, oldest first, those for staff included.
pub async fn read_after(db: &Db, chat: Uuid, after: i64, limit: i64) -> Result<Vec<EventView>> {
    Ok(queries::events_after(db, chat, after, limit).await?.into_iter().map(queries::EventRow::into_view).collect())
}
