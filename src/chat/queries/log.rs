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

/// The last number of a chat's log, and the last one that everyone may read. The chat is locked: the next event takes the next
/// number.
pub async fn last_of(tx: &mut Tx, chat: Uuid) -> Result<(i64, i64)> {
    let last: Option<(i64, i64)> = tx
        .query(
            "SELECT seq, CASE WHEN visibility = 'everyone' THEN seq ELSE prev_public END AS last_public FROM chat_events
             WHERE chat_id = $1 ORDER BY seq DESC LIMIT 1",
        )
        .bind(chat)
        .fetch_optional()
        .await?;
    Ok(last.unwrap_or_default())
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

/// Where an event stands.
pub async fn find_event(tx: &mut Tx, chat: Uuid, id: Uuid) -> Result<Option<(i64, DateTime<Utc>)>> {
    tx.query("SELECT seq, at FROM chat_events WHERE chat_id = $1 AND id = $2")
        .bind(chat)
        .bind(id)
        .fetch_optional()
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
