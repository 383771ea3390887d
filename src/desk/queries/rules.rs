//! The SQL of what is one text in the settings: rules, where alerts go; and the lock of all that admins change.

use sqlx::Result;

use crate::store::{Db, Tx};

/// A setting of the desk.
pub async fn setting(db: &Db, key: &str) -> Result<Option<String>> {
    let row: Option<(String,)> =
        db.query("SELECT value FROM settings WHERE key = $1").bind(key.to_owned()).fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// The same within a transaction.
pub async fn setting_in(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    let row: Option<(String,)> =
        tx.query("SELECT value FROM settings WHERE key = $1").bind(key.to_owned()).fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// Stores a setting.
pub async fn set_setting(tx: &mut Tx, key: &str, value: &str) -> Result<u64> {
    tx.query("INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key.to_owned())
        .bind(value.to_owned())
        .execute()
        .await
}

/// Until the transaction ends, nobody else changes the desk.
pub async fn hold_desk(tx: &mut Tx) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('desk', '') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .execute()
    .await
}
