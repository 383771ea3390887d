//! The SQL of jobs.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::store::{Db, EngineSql, Tx};

/// Adds a job that is due at once.
pub async fn insert(tx: &mut Tx, id: Uuid, payload: Value, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO jobs (id, payload, state, tries, created_at, due_at, problem) VALUES ($1, $2, 'waiting', 0, $3, $3, '')",
    )
    .bind(id)
    .bind(Json(payload))
    .bind(now)
    .execute()
    .await
}

/// When the next job is due.
pub async fn next_due(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> =
        db.query("SELECT due_at FROM jobs WHERE state = 'waiting' ORDER BY due_at LIMIT 1").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// A job that was taken.
#[derive(sqlx::FromRow)]
pub struct Claimed {
    pub id: Uuid,
    pub payload: Json<Value>,
    /// How often it was begun, this time included: who took it later has another number.
    pub tries: i32,
    pub created_at: DateTime<Utc>,
}

// Of several nodes each takes others: what one of them is taking is passed over.
const CLAIM: EngineSql = EngineSql {
    sqlite: "UPDATE jobs SET tries = tries + 1, due_at = $2
             WHERE id IN (SELECT id FROM jobs WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $3)
             RETURNING id, payload, tries, created_at",
    postgres: "UPDATE jobs SET tries = tries + 1, due_at = $2
               WHERE id = ANY (ARRAY(SELECT id FROM jobs WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $3
                                     FOR UPDATE SKIP LOCKED))
               RETURNING id, payload, tries, created_at",
};

/// Takes up to `most` jobs that are due; they are the taker's until `lease_end`.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, lease_end: DateTime<Utc>, most: i64) -> Result<Vec<Claimed>> {
    tx.query_for(&CLAIM).bind(now).bind(lease_end).bind(most).fetch_all().await
}

/// It is done, and what it was about is not kept.
pub async fn set_done(tx: &mut Tx, id: Uuid, tries: i32, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE jobs SET state = 'done', finished_at = $3, payload = $4, problem = ''
         WHERE id = $1 AND tries = $2 AND state = 'waiting'",
    )
    .bind(id)
    .bind(tries)
    .bind(now)
    .bind(Json(json!({})))
    .execute()
    .await
}

/// It failed and is tried again.
pub async fn set_due(tx: &mut Tx, id: Uuid, tries: i32, due: DateTime<Utc>, problem: &str) -> Result<u64> {
    tx.query("UPDATE jobs SET due_at = $3, problem = $4 WHERE id = $1 AND tries = $2 AND state = 'waiting'")
        .bind(id)
        .bind(tries)
        .bind(due)
        .bind(problem.to_owned())
        .execute()
        .await
}

/// It is given up; 0: somebody else has it now.
pub async fn set_dead(tx: &mut Tx, id: Uuid, tries: i32, now: DateTime<Utc>, problem: &str) -> Result<u64> {
    tx.query(
        "UPDATE jobs SET state = 'dead', finished_at = $3, problem = $4 WHERE id = $1 AND tries = $2 AND state = 'waiting'",
    )
    .bind(id)
    .bind(tries)
    .bind(now)
    .bind(problem.to_owned())
    .execute()
    .await
}

/// How many were given up since a time.
pub async fn dead_since(tx: &mut Tx, since: DateTime<Utc>) -> Result<i64> {
    let (count,) = tx
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM jobs WHERE finished_at > $1 AND state = 'dead'")
        .bind(since)
        .fetch_one()
        .await?;
    Ok(count)
}

/// A job that is not done.
#[derive(sqlx::FromRow)]
pub struct NotDone {
    /// Which job.
    pub id: Uuid,
    /// What it is about.
    pub payload: Json<Value>,
    /// `waiting` or `dead`.
    pub state: String,
    /// How often it was begun.
    pub tries: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it is tried next.
    pub due_at: DateTime<Utc>,
    /// Why the last try failed.
    pub problem: String,
}

/// Jobs that were given up, newest first.
pub async fn given_up(db: &Db, most: i64) -> Result<Vec<NotDone>> {
    db.query(
        "SELECT id, payload, state, tries, created_at, due_at, problem FROM jobs
         WHERE state = 'dead' ORDER BY created_at DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all()
    .await
}

/// Jobs that wait, those that are tried next first.
pub async fn waiting(db: &Db, most: i64) -> Result<Vec<NotDone>> {
    db.query(
        "SELECT id, payload, state, tries, created_at, due_at, problem FROM jobs
         WHERE state = 'waiting' ORDER BY due_at LIMIT $1",
    )
    .bind(most)
    .fetch_all()
    .await
}

/// One that was given up waits again, as if it were written now: it is not too old for another try.
pub async fn revive(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE jobs SET state = 'waiting', tries = 0, created_at = $2, due_at = $2, finished_at = NULL, problem = ''
         WHERE id = $1 AND state = 'dead'",
    )
    .bind(id)
    .bind(now)
    .execute()
    .await
}

/// Removes some that were finished before a time.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>, most: i64) -> Result<u64> {
    tx.query("DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)")
        .bind(before)
        .bind(most)
        .execute()
        .await
}

/// The admins.
pub async fn admins(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> =
        tx.query("SELECT id FROM staff WHERE role = 'admin' AND active ORDER BY id").fetch_all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
