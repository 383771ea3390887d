//! The SQL of the clocks' copy in the database.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::sla::ClockKind,
    store::{Db, Tx},
};

/// A clock as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ClockRow {
    pub kind: ClockKind,
    pub since: DateTime<Utc>,
    pub warn_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub breach_at: Option<DateTime<Utc>>,
    pub left_seconds: Option<i64>,
    pub met_at: Option<DateTime<Utc>>,
    pub told: i16,
    pub next_at: Option<DateTime<Utc>>,
}

const OF_CASE: &str =
    "SELECT kind, since, warn_at, due_at, breach_at, left_seconds, met_at, told, next_at FROM case_clocks
    WHERE case_id = $1 ORDER BY kind";

/// A case's clocks.
pub async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Vec<ClockRow>> {
    tx.query(OF_CASE).bind(case).fetch_all().await
}

/// The same outside of a transaction.
pub async fn of_case_now(db: &Db, case: Uuid) -> Result<Vec<ClockRow>> {
    db.query(OF_CASE).bind(case).fetch_all().await
}

/// Keeps a clock.
pub async fn upsert(tx: &mut Tx, case: Uuid, clock: &ClockRow) -> Result<u64> {
    tx.query(
        "INSERT INTO case_clocks (case_id, kind, since, warn_at, due_at, breach_at, left_seconds, met_at, told, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (case_id, kind) DO UPDATE SET since = excluded.since, warn_at = excluded.warn_at, due_at = excluded.due_at,
             breach_at = excluded.breach_at, left_seconds = excluded.left_seconds, met_at = excluded.met_at, told = excluded.told,
             next_at = excluded.next_at",
    )
    .bind(case)
    .bind(clock.kind)
    .bind(clock.since)
    .bind(clock.warn_at)
    .bind(clock.due_at)
    .bind(clock.breach_at)
    .bind(clock.left_seconds)
    .bind(clock.met_at)
    .bind(clock.told)
    .bind(clock.next_at)
    .execute()
    .await
}

/// A clock is no longer kept: that is not promised any more.
pub async fn delete(tx: &mut Tx, case: Uuid, kind: ClockKind) -> Result<u64> {
    tx.query("DELETE FROM case_clocks WHERE case_id = $1 AND kind = $2").bind(case).bind(kind).execute().await
}

/// What falls due next, and when something happens because the case ages; 0: they stood so already.
pub async fn set_due(tx: &mut Tx, case: Uuid, due: Option<DateTime<Utc>>, ages: Option<DateTime<Utc>>) -> Result<u64> {
    tx.query(
        "UPDATE cases SET due_at = $2, ages_at = $3
         WHERE id = $1 AND (due_at IS DISTINCT FROM $2 OR ages_at IS DISTINCT FROM $3)",
    )
    .bind(case)
    .bind(due)
    .bind(ages)
    .execute()
    .await
}

/// The cases that age now, the oldest first.
pub async fn to_age(db: &Db, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = db
        .query("SELECT number FROM cases WHERE ages_at IS NOT NULL AND ages_at <= $1 ORDER BY ages_at LIMIT 100")
        .bind(now)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// When the next case ages.
pub async fn next_to_age(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = db
        .query("SELECT ages_at FROM cases WHERE ages_at IS NOT NULL ORDER BY ages_at LIMIT 1")
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// The cases of which there is something to tell, the oldest first.
pub async fn to_tell(db: &Db, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = db
        .query(
            "SELECT k.number FROM case_clocks c JOIN cases k ON k.id = c.case_id WHERE c.next_at <= $1
             GROUP BY k.number ORDER BY MIN(c.next_at) LIMIT 100",
        )
        .bind(now)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// When there is something to tell next.
pub async fn next(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = db
        .query("SELECT next_at FROM case_clocks WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1")
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// The next open cases after a number.
pub async fn open_after(db: &Db, number: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = db
        .query("SELECT number FROM cases WHERE closed_at IS NULL AND number > $1 ORDER BY number LIMIT 100")
        .bind(number)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
