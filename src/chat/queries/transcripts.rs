//! The SQL of transcripts.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::{
    chat::transcript::TranscriptView,
    store::{Db, Tx},
};

/// What became of a chat's transcript.
pub async fn find_transcript(db: &Db, chat: Uuid) -> Result<Option<TranscriptView>> {
    db.query("SELECT sent_at, at_end FROM chat_transcripts WHERE chat_id = $1").bind(chat).fetch_optional().await
}

/// The same within a transaction.
pub async fn transcript_in(tx: &mut Tx, chat: Uuid) -> Result<Option<TranscriptView>> {
    tx.query("SELECT sent_at, at_end FROM chat_transcripts WHERE chat_id = $1").bind(chat).fetch_optional().await
}

/// One is on its way; none is wanted at the end any more.
pub async fn set_transcript_sent(tx: &mut Tx, chat: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO chat_transcripts (chat_id, sent_at, at_end) VALUES ($1, $2, FALSE)
         ON CONFLICT (chat_id) DO UPDATE SET sent_at = excluded.sent_at, at_end = FALSE",
    )
    .bind(chat)
    .bind(now)
    .execute()
    .await
}

/// One is wanted at the end.
pub async fn set_transcript_at_end(tx: &mut Tx, chat: Uuid) -> Result<u64> {
    tx.query(
        "INSERT INTO chat_transcripts (chat_id, at_end) VALUES ($1, TRUE) ON CONFLICT (chat_id) DO UPDATE SET at_end = TRUE",
    )
    .bind(chat)
    .execute()
    .await
}

/// Who gets a chat's transcript.
#[derive(Debug, sqlx::FromRow)]
pub struct Reader {
    pub name: String,
    pub email: String,
    /// The account's name.
    pub account: String,
}

/// A chat's own contact.
pub async fn transcript_reader(tx: &mut Tx, chat: Uuid) -> Result<Option<Reader>> {
    tx.query(
        "SELECT p.name, p.email, a.name AS account FROM chats c JOIN contacts p ON p.id = c.contact_id
         JOIN accounts a ON a.id = c.account_id WHERE c.id = $1",
    )
    .bind(chat)
    .fetch_optional()
    .await
}

/// An event as far as a transcript has it; the body may be of a kind that this version does not know.
#[derive(Debug, sqlx::FromRow)]
pub struct PublicEntry {
    pub at: DateTime<Utc>,
    pub author_name: String,
    pub body: Json<Value>,
}

/// All events of a chat that everyone may read, oldest first.
pub async fn public_entries(tx: &mut Tx, chat: Uuid) -> Result<Vec<PublicEntry>> {
    tx.query(
        "SELECT at, author_name, body FROM chat_events WHERE chat_id = $1 AND visibility = 'everyone' ORDER BY seq",
    )
    .bind(chat)
    .fetch_all()
    .await
}
