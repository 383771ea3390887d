//! The SQL of cases on offer.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

/// How many cases of a queue are looked at: nobody has passed on that many.
const MOST: i64 = 200;

/// Whether an offer is over, or, where cases are offered, one waits while somebody who could be asked is there.
pub async fn anything_to_do(db: &Db, now: DateTime<Utc>, heard_since: DateTime<Utc>, offered: bool) -> Result<bool> {
    let row: Option<(i64,)> = db
        .query(
            "SELECT CAST(1 AS BIGINT) AS n FROM case_offers f WHERE f.state = 'open' AND ($3 = FALSE OR f.expires_at <= $1
                OR NOT EXISTS (SELECT 1 FROM presence_seen p
                               WHERE p.staff_id = f.staff_id AND p.state = 'online' AND p.seen_at > $2))
             UNION ALL
             SELECT CAST(1 AS BIGINT) FROM presence_seen p JOIN staff s ON s.id = p.staff_id JOIN staff_teams m ON m.staff_id = s.id
             WHERE $3 AND p.state = 'online' AND p.seen_at > $2 AND s.active
               AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.staff_id = s.id AND f.state = 'open')
               AND EXISTS (SELECT 1 FROM cases k
                           WHERE k.team_id = m.team_id AND k.tier = s.tier AND k.closed_at IS NULL AND k.worker_id IS NULL
                             AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.case_id = k.id
                                             AND (f.state = 'open' OR f.staff_id = s.id AND f.state IN ('passed', 'expired'))))
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

/// Closes the offers that ran out.
pub async fn expire(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE case_offers SET state = 'expired' WHERE state = 'open' AND expires_at <= $1")
        .bind(now)
        .execute()
        .await
}

/// The open offers: which, and to whom.
pub async fn open(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid)>> {
    tx.query("SELECT id, staff_id FROM case_offers WHERE state = 'open'").fetch_all().await
}

/// Takes an offer back, as if it had not been made.
pub async fn withdraw(tx: &mut Tx, offer: Uuid) -> Result<u64> {
    tx.query("UPDATE case_offers SET state = 'over' WHERE id = $1").bind(offer).execute().await
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

/// The first cases of a queue that are not on offer.
pub async fn waiting(tx: &mut Tx, team: Uuid, tier: i16) -> Result<Vec<Queued>> {
    tx.query(
        "SELECT k.id, k.severity, k.due_at, k.created_at, k.team_id, k.tier, k.owner_id FROM cases k
         WHERE k.team_id = $1 AND k.tier = $2 AND k.closed_at IS NULL AND k.worker_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM case_offers f WHERE f.case_id = k.id AND f.state = 'open')
         ORDER BY k.severity, k.due_at, k.number LIMIT $3",
    )
    .bind(team)
    .bind(tier)
    .bind(MOST)
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

/// The case moved on: its offers are over, or taken, if who works it now had it on offer.
pub async fn close(tx: &mut Tx, case: Uuid, worker: Option<Uuid>) -> Result<u64> {
    tx.query(
        "UPDATE case_offers SET state = CASE WHEN state = 'open' AND staff_id = $2 THEN 'taken' ELSE 'over' END
         WHERE case_id = $1 AND state IN ('open', 'passed', 'expired')",
    )
    .bind(case)
    .bind(worker)
    .execute()
    .await
}
