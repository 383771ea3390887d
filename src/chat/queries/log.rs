//! The SQL of a chat's log: events, the counters of clients, marks.

use chrono::{DateTime, Utc};
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::{
    chat::protocol::{EventBody, EventView, MarkView, Party, Visibility},
    store::{Db, Tx},
};

/// A stored event.
#[derive(Debug, sqlx::FromRow)]
pub struct EventRow {
    pub chat_id: Uuid,
    pub seq: i64,
    pub prev_public: i64,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub party: Party,
    pub author_name: String,
    pub visibility: Visibility,
    pub body: Json<EventBody>,
}

impl EventRow {
    /// As readers see it.
    pub fn into_view(self) -> EventView {
        EventView {
            chat: self.chat_id,
            seq: self.seq,
            prev: self.prev_public,
            id: self.id,
            at: self.at,
            party: self.party,
            name: self.author_name,
            visibility: self.visibility,
            body: self.body.0,
        }
    }
}

/// Takes the next number of a chat's log; answers it and the last number before it that everyone may read.
pub async fn take_number(tx: &mut Tx, chat: Uuid, public: bool) -> Result<(i64, i64)> {
    tx.query(
        "UPDATE chats SET last_seq = last_seq + 1, before_public = last_public,
                last_public = CASE WHEN $2 THEN last_seq + 1 ELSE last_public END
         WHERE id = $1 RETURNING last_seq, before_public",
    )
    .bind(chat)
    .bind(public)
    .fetch_one()
    .await
}

/// Writes an event.
pub async fn insert_event(tx: &mut Tx, event: &EventView, author: Option<Uuid>) -> Result<u64> {
    tx.query(
        "INSERT INTO chat_events (chat_id, seq, prev_public, id, at, party, author_id, author_name, visibility, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(event.chat)
    .bind(event.seq)
    .bind(event.prev)
    .bind(event.id)
    .bind(event.at)
    .bind(event.party)
    .bind(author)
    .bind(event.name.clone())
    .bind(event.visibility)
    .bind(Json(event.body.clone()))
    .execute()
    .await
}

/// Up to `limit` events of a chat after a number, oldest first.
pub async fn events_after(db: &Db, chat: Uuid, after: i64, limit: i64) -> Result<Vec<EventRow>> {
    db.query(
        "SELECT chat_id, seq, prev_public, id, at, party, author_name, visibility, body FROM chat_events
         WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(chat)
    .bind(after)
    .bind(limit)
    .fetch_all()
    .await
}

/// All events of a chat within a transaction, oldest first.
pub async fn events_of(tx: &mut Tx, chat: Uuid) -> Result<Vec<EventRow>> {
    tx.query(
        "SELECT chat_id, seq, prev_public, id, at, party, author_name, visibility, body FROM chat_events
         WHERE chat_id = $1 ORDER BY seq",
    )
    .bind(chat)
    .fetch_all()
    .await
}

/// How far each side of a chat got.
pub async fn marks_of(db: &Db, chat: Uuid) -> Result<Vec<MarkView>> {
    db.query("SELECT party, delivered, read FROM chat_marks WHERE chat_id = $1 ORDER BY party")
        .bind(chat)
        .fetch_all()
        .await
}
