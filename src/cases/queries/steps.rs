//! The SQL of what happened to a case.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::{
        case::TimelineEntry,
        lifecycle::{CaseStatus, Place},
    },
    chat::protocol::{Party, Visibility},
    store::{Db, Tx},
};

/// A step to be written down.
#[derive(Debug)]
pub struct NewStep<'a> {
    pub id: Uuid,
    pub case: Uuid,
    pub at: DateTime<Utc>,
    pub party: Party,
    /// The member of the desk, if one took it.
    pub by: Option<Uuid>,
    pub by_name: &'a str,
    pub kind: &'a str,
    pub text: &'a str,
    pub visibility: Visibility,
    /// Where the case stands after it.
    pub place: Place,
}

/// Writes a step of a case's history; the same id is written once.
pub async fn insert(tx: &mut Tx, step: &NewStep<'_>) -> Result<u64> {
    tx.query(
        "INSERT INTO case_events (id, case_id, at, by_id, by_name, kind, text, party, visibility, status, team_id, tier, owner_id, worker_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(step.id)
    .bind(step.case)
    .bind(step.at)
    .bind(step.by)
    .bind(step.by_name.to_owned())
    .bind(step.kind.to_owned())
    .bind(step.text.to_owned())
    .bind(step.party)
    .bind(step.visibility)
    .bind(step.place.status)
    .bind(step.place.team)
    .bind(step.place.tier)
    .bind(step.place.owner)
    .bind(step.place.worker)
    .execute()
    .await
}

/// The words of a case's step of a kind.
pub async fn words(tx: &mut Tx, number: i64, kind: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = tx
        .query(
            "SELECT e.text FROM case_events e JOIN cases k ON k.id = e.case_id
             WHERE k.number = $1 AND e.kind = $2 ORDER BY e.at, e.id LIMIT 1",
        )
        .bind(number)
        .bind(kind.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// A case's history, oldest first.
pub async fn timeline(db: &Db, case: Uuid) -> Result<Vec<TimelineEntry>> {
    db.query("SELECT at, by_name AS by, kind, text, party, visibility, status FROM case_events WHERE case_id = $1 ORDER BY at, id")
        .bind(case)
        .fetch_all()
        .await
}

/// What of a step the clocks go by.
#[derive(Debug, sqlx::FromRow)]
pub struct ClockStep {
    pub at: DateTime<Utc>,
    pub kind: String,
    pub party: Party,
    pub visibility: Visibility,
    pub status: Option<CaseStatus>,
    pub tier: Option<i16>,
    pub owner_id: Option<Uuid>,
    pub worker_id: Option<Uuid>,
}

const FOR_CLOCKS: &str = "SELECT at, kind, party, visibility, status, tier, owner_id, worker_id FROM case_events
     WHERE case_id = $1 ORDER BY at, id";

/// A case's steps, oldest first.
pub async fn for_clocks(tx: &mut Tx, case: Uuid) -> Result<Vec<ClockStep>> {
    tx.query(FOR_CLOCKS).bind(case).fetch_all().await
}

/// The ids of the latest changes of cases, newest first.
pub async fn latest_changes(db: &Db) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = db.query("SELECT id FROM case_events ORDER BY id DESC LIMIT 32").fetch_all().await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// The same outside of a transaction.
pub async fn for_clocks_now(db: &Db, case: Uuid) -> Result<Vec<ClockStep>> {
    db.query(FOR_CLOCKS).bind(case).fetch_all().await
}
