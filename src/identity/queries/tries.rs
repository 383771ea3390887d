//! The SQL of PINs, tries and alerts.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::identity::pin_budget::Around;
use crate::identity::pin_budget::Try;
use crate::store::{Db, Tx};

/// Stores a contact's PIN hash in place of the former.
pub async fn upsert_pin(tx: &mut Tx, contact: Uuid, hash: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO contact_pins (contact_id, hash, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (contact_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at",
    )
    .bind(contact)
    .bind(hash.to_owned())
    .bind(now)
    .execute()
    .await
}

/// A contact's PIN hash.
pub async fn find_pin_hash(db: &Db, contact: Uuid) -> Result<Option<String>> {
    let row: Option<(String,)> =
        db.query("SELECT hash FROM contact_pins WHERE contact_id = $1").bind(contact).fetch_optional().await?;
    Ok(row.map(|r| r.0))
}

/// Waits until this transaction is the only one that counts tries of a purpose.
pub async fn enter_try_gate(tx: &mut Tx, purpose: &str) -> Result<u64> {
    tx.query("UPDATE try_gate SET turns = turns + 1 WHERE purpose = $1").bind(purpose.to_owned()).execute().await
}

/// A subject's tries since a time, oldest first.
pub async fn tries_of(tx: &mut Tx, purpose: &str, subject: &str, since: DateTime<Utc>) -> Result<Vec<Try>> {
    tx.query("SELECT at, succeeded FROM tries WHERE purpose = $1 AND subject = $2 AND at > $3 ORDER BY at, id")
        .bind(purpose.to_owned())
        .bind(subject.to_owned())
        .bind(since)
        .fetch_all()
        .await
}

/// Wrong tries since a time: of the account (none for an empty one), from the address, in total.
pub async fn tries_around(
    tx: &mut Tx,
    purpose: &str,
    account: &str,
    address: &str,
    since: DateTime<Utc>,
) -> Result<Around> {
    tx.query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN account = $2 AND $2 <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) AS account,
                CAST(COALESCE(SUM(CASE WHEN address = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS address,
                CAST(COUNT(*) AS BIGINT) AS total
         FROM tries WHERE purpose = $1 AND at > $4 AND NOT succeeded",
    )
    .bind(purpose.to_owned())
    .bind(account.to_owned())
    .bind(address.to_owned())
    .bind(since)
    .fetch_one()
    .await
}

/// Writes a try down, as wrong until it is known to be right.
pub async fn insert_try(
    tx: &mut Tx,
    id: Uuid,
    purpose: &str,
    subject: &str,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO tries (id, purpose, subject, account, address, succeeded, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(purpose.to_owned())
    .bind(subject.to_owned())
    .bind(account.to_owned())
    .bind(address.to_owned())
    .bind(false)
    .bind(now)
    .execute()
    .await
}

/// The try was right.
pub async fn mark_try_right(tx: &mut Tx, id: Uuid) -> Result<u64> {
    tx.query("UPDATE tries SET succeeded = $2 WHERE id = $1").bind(id).bind(true).execute().await
}

/// Writes an alert unless the same was told since a time; true: it is new.
pub async fn insert_pin_alert(
    tx: &mut Tx,
    id: Uuid,
    now: DateTime<Utc>,
    kind: &str,
    subject: &str,
    text: &str,
    since: DateTime<Utc>,
) -> Result<bool> {
    let told: Option<(String,)> = tx
        .query("SELECT kind FROM pin_alerts WHERE kind = $1 AND subject = $2 AND at > $3")
        .bind(kind.to_owned())
        .bind(subject.to_owned())
        .bind(since)
        .fetch_optional()
        .await?;
    if told.is_some() {
        return Ok(false);
    }
    tx.query("INSERT INTO pin_alerts (id, at, kind, subject, text) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(now)
        .bind(kind.to_owned())
        .bind(subject.to_owned())
        .bind(text.to_owned())
        .execute()
        .await?;
    Ok(true)
}
