//! The SQL of canned replies.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    desk::replies::Reply,
    store::{Db, Tx},
};

/// The shared replies.
pub async fn shared(db: &Db) -> Result<Vec<Reply>> {
    db.query("SELECT id, owner_id, shortcut, title, text FROM canned_replies WHERE owner_id IS NULL ORDER BY shortcut")
        .fetch_all()
        .await
}

/// A person's own replies.
pub async fn own(db: &Db, owner: Uuid) -> Result<Vec<Reply>> {
    db.query("SELECT id, owner_id, shortcut, title, text FROM canned_replies WHERE owner_id = $1 ORDER BY shortcut")
        .bind(owner)
        .fetch_all()
        .await
}

/// A reply.
pub async fn find_reply(tx: &mut Tx, id: Uuid) -> Result<Option<Reply>> {
    tx.query("SELECT id, owner_id, shortcut, title, text FROM canned_replies WHERE id = $1")
        .bind(id)
        .fetch_optional()
        .await
}

/// The shared reply with a shortcut.
pub async fn shared_with(tx: &mut Tx, shortcut: &str) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT id FROM canned_replies WHERE owner_id IS NULL AND shortcut = $1")
        .bind(shortcut.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// A person's own reply with a shortcut.
pub async fn own_with(tx: &mut Tx, owner: Uuid, shortcut: &str) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT id FROM canned_replies WHERE owner_id = $1 AND shortcut = $2")
        .bind(owner)
        .bind(shortcut.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Stores a reply; whose it is never changes.
pub async fn upsert_reply(tx: &mut Tx, reply: &Reply, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO canned_replies (id, owner_id, shortcut, title, text, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET shortcut = excluded.shortcut, title = excluded.title, text = excluded.text, updated_at = excluded.updated_at",
    )
    .bind(reply.id)
    .bind(reply.owner_id)
    .bind(reply.shortcut.clone())
    .bind(reply.title.clone())
    .bind(reply.text.clone())
    .bind(now)
    .execute()
    .await
}

/// Removes a reply.
pub async fn delete_reply(tx: &mut Tx, id: Uuid) -> Result<u64> {
    tx.query("DELETE FROM canned_replies WHERE id = $1").bind(id).execute().await
}
