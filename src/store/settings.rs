//! What the desk knows of itself: which history it is, and which key its PINs are hashed with.

use uuid::Uuid;

use super::{Db, Tx};

/// The id of this desk's history, made at the first start: a restored backup gets a new one.
pub async fn epoch(db: &Db, new: Uuid) -> sqlx::Result<Uuid> {
    settle(db, "epoch", &new.to_string()).await?.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

/// The id of this desk's history; none: no server ever started on it.
pub async fn known_epoch(tx: &mut Tx) -> sqlx::Result<Option<Uuid>> {
    let epoch: Option<(String,)> = tx.query("SELECT value FROM settings WHERE key = 'epoch'").fetch_optional().await?;
    Ok(epoch.and_then(|(epoch,)| epoch.parse().ok()))
}

/// The mark of the key that this desk's PINs are hashed with, if it has one.
pub async fn pin_key_mark(db: &Db) -> sqlx::Result<Option<String>> {
    let row = db.query("SELECT value FROM settings WHERE key = 'pin_key'").fetch_optional().await?;
    Ok(row.map(|(mark,): (String,)| mark))
}

/// Gives the desk the mark of its PIN key, unless it has one; the mark that it has.
pub async fn settle_pin_key(db: &Db, mark: &str) -> sqlx::Result<String> {
    settle(db, "pin_key", mark).await
}

/// Forgets the mark: the next server to start gives its own.
pub async fn forget_pin_key(db: &Db) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    tx.query("DELETE FROM settings WHERE key = 'pin_key'").execute().await?;
    tx.commit().await
}

/// Stores a setting, unless another node was first; the value that is stored.
async fn settle(db: &Db, key: &'static str, value: &str) -> sqlx::Result<String> {
    // Mostly it is there, and a start must not need to write: the disk may be full.
    let stored: Option<(String,)> =
        db.query("SELECT value FROM settings WHERE key = $1").bind(key).fetch_optional().await?;
    if let Some((value,)) = stored {
        return Ok(value);
    }
    let mut tx = db.begin().await?;
    tx.query("INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
        .bind(key)
        .bind(value)
        .execute()
        .await?;
    let (value,): (String,) = tx.query("SELECT value FROM settings WHERE key = $1").bind(key).fetch_one().await?;
    tx.commit().await?;
    Ok(value)
}

/// Gives a restored desk a new id of its history.
pub async fn set_epoch(tx: &mut Tx, new: Uuid) -> sqlx::Result<()> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('epoch', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(new.to_string())
    .execute()
    .await
    .map(drop)
}

/// A setting, if it was ever made.
pub async fn setting(db: &Db, key: &'static str) -> sqlx::Result<Option<String>> {
    let row = db.query("SELECT value FROM settings WHERE key = $1").bind(key).fetch_optional().await?;
    Ok(row.map(|(value,): (String,)| value))
}

/// Makes a setting.
pub async fn set_setting(db: &Db, key: &'static str, value: &str) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    tx.query(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(key)
    .bind(value.to_owned())
    .execute()
    .await?;
    tx.commit().await
}
