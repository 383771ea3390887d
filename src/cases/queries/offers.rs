//! The SQL of cases on offer.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

/// How many cases are looked at for one person.
const MOST: i64 = 50;

/// Whether an offer is over, or, where cases are offered, one waits while somebody who could be asked is there.
pub async fn anything_to_do(db: &Db, now: DateTime<Utc>, heard_since: DateTime<Utc>, offered: bool) -> Result<bool> {
    let row: Option<(i64,)> = db
        .query(
            "SELECT CAST(1 AS BIGINT) AS n FROM case_offers f WHERE f.state = 'open' AND ($3 = FALSE OR f.expires_at <= $1
                OR NOT EXISTS (SELECT 1 FROM presence_seen p
                               WHERE p.staff_id = f.staff_id AND p.state = 'online' AND p.seen_at > $2)
                OR NOT EXISTS (SELECT 1 FROM cases k JOIN staff s ON s.tier = k.tier JOIN staff_teams m ON m.staff_id = s.id
                               WHERE k.id = f.case_id AND k.worker_id IS NULL AND k.closed_at IS NULL AND s.id = f.staff_id
                                 AND m.team_id = k.team_id))
             UNION ALL
             SELECT CAST(1 AS BIGINT) FROM presence_seen p JOIN staff s ON s.id = p.staff_id JOIN staff_teams m ON m.staff_id = s.id
             WHERE $3 AND p.state = 'online' AND p.seen_at > $2 AND s.active
               AND NOT EXISTS (SELECT 1 FROM presence q WHERE q.staff_id = s.id AND q.missed_case_at >= q.since)
               AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.staff_id = s.id AND f.state = 'open')
               AND EXISTS (SELECT 1 FROM cases k
                           WHERE k.team_id = m.team_id AND k.tier = s.tier AND k.closed_at IS NULL AND k.worker_id IS NULL
                             AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.case_id = k.id
                                             AND (f.state = 'open' OR f.staff_id = s.id)))
             LIMIT 1",
        )
        .bind(now)
        .bind(heard_since)
        .bind(offered)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// When the next open offer ends.
pub async fn next_end(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = db
        .query("SELECT expires_at FROM case_offers WHERE state = 'open' ORDER BY expires_at LIMIT 1")
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Until the transaction ends, no other node offers cases.
pub async fn hold_queues(tx: &mut Tx) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('queues', '') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .execute()
    .await
}

/// An open offer.
#[derive(Debug, sqlx::FromRow)]
pub struct Open {
    pub id: Uuid,
    pub staff_id: Uuid,
    pub number: i64,
    pub expires_at: DateTime<Utc>,
    /// The case still waits, in a queue of this person.
    pub fits: bool,
}

/// The open offers.
pub async fn open(tx: &mut Tx) -> Result<Vec<Open>> {
    tx.query(
        "SELECT f.id, f.staff_id, k.number, f.expires_at,
                k.worker_id IS NULL AND k.closed_at IS NULL AND EXISTS (SELECT 1 FROM staff s JOIN staff_teams m ON m.staff_id = s.id
                    WHERE s.id = f.staff_id AND s.tier = k.tier AND m.team_id = k.team_id) AS fits
         FROM case_offers f JOIN cases k ON k.id = f.case_id WHERE f.state = 'open'",
    )
    .fetch_all()
    .await
}

/// Takes an offer back, as if it had not been made.
pub async fn withdraw(tx: &mut Tx, offer: Uuid) -> Result<u64> {
    tx.query("DELETE FROM case_offers WHERE id = $1").bind(offer).execute().await
}

/// An offer ran out; its person is asked for none until they take one, or come online anew.
pub async fn expire(tx: &mut Tx, offer: &Open, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence SET missed_case_at = $2 WHERE staff_id = $1")
        .bind(offer.staff_id)
        .bind(now)
        .execute()
        .await?;
    tx.query("UPDATE case_offers SET state = 'expired' WHERE id = $1").bind(offer.id).execute().await
}

/// A person takes a case.
pub async fn took(tx: &mut Tx, staff: Uuid) -> Result<u64> {
    tx.query("UPDATE presence SET missed_case_at = NULL WHERE staff_id = $1").bind(staff).execute().await
}

/// Who let one run out since they came online.
pub async fn missed(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> =
        tx.query("SELECT staff_id FROM presence WHERE missed_case_at >= since").fetch_all().await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A case that waits in a queue.
#[derive(Debug, sqlx::FromRow)]
pub struct Queued {
    pub id: Uuid,
    pub severity: i16,
    pub due_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub team_id: Uuid,
    pub tier: i16,
    pub owner_id: Option<Uuid>,
}

/// The first cases of a queue that are not on offer and that a person has not passed on.
pub async fn waiting_for(tx: &mut Tx, staff: Uuid, team: Uuid, tier: i16) -> Result<Vec<Queued>> {
    tx.query(
        "SELECT k.id, k.severity, k.due_at, k.created_at, k.team_id, k.tier, k.owner_id FROM cases k
         WHERE k.team_id = $1 AND k.tier = $2 AND k.closed_at IS NULL AND k.worker_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.case_id = k.id AND (f.state = 'open' OR f.staff_id = $4))
         ORDER BY k.severity, k.due_at IS NULL, k.due_at, k.number LIMIT $3",
    )
    .bind(team)
    .bind(tier)
    .bind(MOST)
    .bind(staff)
    .fetch_all()
    .await
}

/// Who has passed on which of the cases of a queue.
pub async fn passed(tx: &mut Tx, team: Uuid, tier: i16) -> Result<Vec<(Uuid, Uuid)>> {
    tx.query(
        "SELECT f.case_id, f.staff_id FROM cases k CROSS JOIN case_offers f
         WHERE k.team_id = $1 AND k.tier = $2 AND k.closed_at IS NULL AND k.worker_id IS NULL
           AND f.case_id = k.id AND f.state IN ('passed', 'expired')",
    )
    .bind(team)
    .bind(tier)
    .fetch_all()
    .await
}

/// Offers a case from one time to another.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    case: Uuid,
    staff: Uuid,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64> {
    // Somebody may have claimed it this very moment.
    tx.query(
        "INSERT INTO case_offers (id, case_id, staff_id, state, offered_at, expires_at)
         SELECT $1, k.id, $3, 'open', $4, $5 FROM cases k WHERE k.id = $2 AND k.worker_id IS NULL AND k.closed_at IS NULL
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(case)
    .bind(staff)
    .bind(from)
    .bind(until)
    .execute()
    .await
}

/// Notes that a person need not be asked for a case.
pub async fn insert_passed(tx: &mut Tx, id: Uuid, case: Uuid, staff: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO case_offers (id, case_id, staff_id, state, offered_at, expires_at) VALUES ($1, $2, $3, 'passed', $4, $4)",
    )
    .bind(id)
    .bind(case)
    .bind(staff)
    .bind(now)
    .execute()
    .await
}

/// A case by its number, with the state of the person's latest offer of it.
pub async fn of(tx: &mut Tx, number: i64, staff: Uuid) -> Result<Option<(Uuid, Option<String>)>> {
    tx.query(
        "SELECT k.id, (SELECT f.state FROM case_offers f WHERE f.case_id = k.id AND f.staff_id = $2
                       ORDER BY f.offered_at DESC, f.id DESC LIMIT 1) AS state
         FROM cases k WHERE k.number = $1",
    )
    .bind(number)
    .bind(staff)
    .fetch_optional()
    .await
}

/// A person passes an offer on.
pub async fn pass(tx: &mut Tx, case: Uuid, staff: Uuid) -> Result<u64> {
    tx.query("UPDATE case_offers SET state = 'passed' WHERE case_id = $1 AND staff_id = $2 AND state = 'open'")
        .bind(case)
        .bind(staff)
        .execute()
        .await
}

/// The case moved on: its offers are over.
pub async fn close(tx: &mut Tx, case: Uuid) -> Result<u64> {
    tx.query("DELETE FROM case_offers WHERE case_id = $1").bind(case).execute().await
}
