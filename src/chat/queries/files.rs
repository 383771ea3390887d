//! The SQL of files in chats.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::{
        files::{Chat, FileRow},
        log::Receipt,
    },
    store::{Db, Tx},
};

const CHAT: &str = "SELECT contact_id, agent_id, beside_id, state FROM chats WHERE id = $1";

/// Whose a chat is and where it stands.
pub async fn find_chat(db: &Db, chat: Uuid) -> Result<Option<Chat>> {
    db.query(CHAT).bind(chat).fetch_optional().await
}

/// The same within a transaction.
pub async fn find_chat_in(tx: &mut Tx, chat: Uuid) -> Result<Option<Chat>> {
    tx.query(CHAT).bind(chat).fetch_optional().await
}

/// Who sent the file of an event.
pub async fn find_author(db: &Db, chat: Uuid, event: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = db
        .query("SELECT author_id FROM chat_files WHERE chat_id = $1 AND event_id = $2")
        .bind(chat)
        .bind(event)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// How many files a person sent since a time: in all chats, and in this one.
pub async fn sent_since(db: &Db, author: Uuid, chat: Uuid, since: DateTime<Utc>) -> Result<(i64, i64)> {
    db.query(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN chat_id = $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM chat_files WHERE author_id = $1 AND created_at > $3",
    )
    .bind(author)
    .bind(chat)
    .bind(since)
    .fetch_one()
    .await
}

/// The author and the place of an event of a chat that is locked.
pub async fn find_event(tx: &mut Tx, chat: Uuid, id: Uuid) -> Result<Option<(Option<Uuid>, Receipt)>> {
    let row: Option<(Option<Uuid>, i64, DateTime<Utc>)> = tx
        .query("SELECT author_id, seq, at FROM chat_events WHERE chat_id = $1 AND id = $2")
        .bind(chat)
        .bind(id)
        .fetch_optional()
        .await?;
    Ok(row.map(|(author, seq, at)| (author, Receipt { seq, at })))
}

/// The file of an event, with what is in it.
pub async fn find_sent(tx: &mut Tx, chat: Uuid, event: Uuid) -> Result<Option<(FileRow, Vec<u8>)>> {
    #[derive(sqlx::FromRow)]
    struct Whole {
        #[sqlx(flatten)]
        file: FileRow,
        data: Vec<u8>,
    }
    let row: Option<Whole> = tx
        .query("SELECT id, name, kind, size, width, height, data FROM chat_files WHERE chat_id = $1 AND event_id = $2")
        .bind(chat)
        .bind(event)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| (row.file, row.data)))
}

/// Keeps a file: of which chat, event and author.
pub async fn insert(
    tx: &mut Tx,
    file: &FileRow,
    (chat, event, author): (Uuid, Uuid, Uuid),
    thumbnail: Option<Vec<u8>>,
    data: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO chat_files (id, chat_id, event_id, author_id, name, kind, size, width, height, created_at, thumbnail, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(file.id)
    .bind(chat)
    .bind(event)
    .bind(author)
    .bind(file.name.clone())
    .bind(file.kind.clone())
    .bind(file.size)
    .bind(file.width)
    .bind(file.height)
    .bind(now)
    .bind(thumbnail)
    .bind(data)
    .execute()
    .await
}

/// The chat in which a file was sent.
pub async fn find_chat_of(db: &Db, file: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> =
        db.query("SELECT chat_id FROM chat_files WHERE id = $1").bind(file).fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// Owner, worker and team of the case that a chat became.
pub async fn find_case_of(db: &Db, chat: Uuid) -> Result<Option<(Option<Uuid>, Option<Uuid>, Option<Uuid>)>> {
    db.query("SELECT owner_id, worker_id, team_id FROM cases WHERE chat_id = $1").bind(chat).fetch_optional().await
}

/// A file: its name, whether it is a picture that can be shown, its bytes.
pub async fn find_data(db: &Db, file: Uuid) -> Result<Option<(String, bool, Vec<u8>)>> {
    db.query("SELECT name, thumbnail IS NOT NULL, data FROM chat_files WHERE id = $1").bind(file).fetch_optional().await
}

/// The thumbnail of a file, in the same form.
pub async fn find_thumbnail(db: &Db, file: Uuid) -> Result<Option<(String, bool, Vec<u8>)>> {
    db.query("SELECT name, thumbnail IS NOT NULL, thumbnail FROM chat_files WHERE id = $1 AND thumbnail IS NOT NULL")
        .bind(file)
        .fetch_optional()
        .await
}
