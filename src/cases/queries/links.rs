//! The SQL of links in mails.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

/// Keeps a link.
pub async fn insert(tx: &mut Tx, token_hash: &str, case: Uuid, until: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO case_links (token_hash, case_id, expires_at) VALUES ($1, $2, $3)")
        .bind(token_hash.to_owned())
        .bind(case)
        .bind(until)
        .execute()
        .await
}

/// The case that a link leads to.
#[derive(Debug, sqlx::FromRow)]
pub struct Linked {
    pub number: i64,
    pub verified: bool,
    /// The address that a left message gave.
    pub from_email: String,
    pub contact_id: Option<Uuid>,
}

/// The case that a link leads to.
pub async fn find(db: &Db, token_hash: &str, now: DateTime<Utc>) -> Result<Option<Linked>> {
    db.query(
        "SELECT k.number, k.verified, k.from_email, k.contact_id FROM case_links l JOIN cases k ON k.id = l.case_id
         WHERE l.token_hash = $1 AND l.expires_at > $2",
    )
    .bind(token_hash.to_owned())
    .bind(now)
    .fetch_optional()
    .await
}

/// Whose a case is, as far as it is known: person and account.
pub async fn whose(tx: &mut Tx, case: Uuid) -> Result<Option<(Option<Uuid>, Option<Uuid>)>> {
    tx.query("SELECT contact_id, account_id FROM cases WHERE id = $1").bind(case).fetch_optional().await
}

/// How often the customer wrote on a case since a time.
pub async fn written_since(db: &Db, case: Uuid, since: DateTime<Utc>) -> Result<i64> {
    let (count,) = db
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM case_events
             WHERE case_id = $1 AND at > $2 AND party = 'customer' AND kind <> 'file'",
        )
        .bind(case)
        .bind(since)
        .fetch_one()
        .await?;
    Ok(count)
}

/// Forgets links that are no longer good, some at once.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "DELETE FROM case_links WHERE token_hash IN
            (SELECT token_hash FROM case_links WHERE expires_at < $1 ORDER BY expires_at LIMIT 1000)",
    )
    .bind(now)
    .execute()
    .await
}

/// When the next link is no longer good.
pub async fn next_to_forget(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> =
        db.query("SELECT expires_at FROM case_links ORDER BY expires_at LIMIT 1").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}
