//! The SQL of what admins set, and of the record.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::{
    identity::staff::Staff,
    store::{Db, Tx},
};

use super::audit::Subject;

// Rules

/// The stored rules as JSON.
pub async fn rules(db: &Db) -> Result<Option<String>> {
    let row: Option<(String,)> = db.query("SELECT value FROM settings WHERE key = 'rules'").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// The same within a transaction.
pub async fn rules_in(tx: &mut Tx) -> Result<Option<String>> {
    let row: Option<(String,)> = tx.query("SELECT value FROM settings WHERE key = 'rules'").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// Stores the rules.
pub async fn set_rules(tx: &mut Tx, text: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('rules', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(text.to_owned())
    .execute()
    .await
}

// The record

/// Adds a row to the record.
pub async fn insert_audit(
    tx: &mut Tx,
    id: Uuid,
    now: DateTime<Utc>,
    by: &Staff,
    subject: Subject<'_>,
    text: &str,
    changes: Value,
) -> Result<u64> {
    tx.query(
        "INSERT INTO audit_log (id, at, by_id, by_name, text, kind, subject, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(now)
    .bind(by.id)
    .bind(by.name.clone())
    .bind(text.to_owned())
    .bind(subject.kind.to_owned())
    .bind(subject.key.to_owned())
    .bind(Json(changes))
    .execute()
    .await
}
