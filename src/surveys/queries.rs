//! The SQL of surveys.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

use super::{answers::Question, figures::Answer};

/// Whom a resolved case is asked of, and what about.
#[derive(sqlx::FromRow)]
pub struct Resolved {
    pub number: i64,
    pub subject: String,
    pub contact_id: Uuid,
    pub name: String,
    pub email: String,
    pub agent_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
}

/// A case whose person is known and gave the right PIN or was called back.
pub async fn resolved(tx: &mut Tx, case: Uuid) -> Result<Option<Resolved>> {
    tx.query(
        "SELECT k.number, k.subject, c.id AS contact_id, c.name, c.email, k.owner_id AS agent_id, k.team_id, k.category_id
         FROM cases k JOIN contacts c ON c.id = k.contact_id WHERE k.id = $1 AND k.verified",
    )
    .bind(case)
    .fetch_optional()
    .await
}

/// Until the transaction ends nobody else asks this person.
pub async fn hold_contact(tx: &mut Tx, contact: Uuid) -> Result<u64> {
    tx.query("UPDATE contacts SET name = name WHERE id = $1").bind(contact).execute().await
}

/// When a person was asked last.
pub async fn last_asked(tx: &mut Tx, contact: Uuid) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = tx
        .query("SELECT sent_at FROM surveys WHERE contact_id = $1 ORDER BY sent_at DESC LIMIT 1")
        .bind(contact)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Writes a survey.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    token_hash: &str,
    case: Uuid,
    about: &Resolved,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO surveys (id, token_hash, contact_id, case_id, agent_id, team_id, category_id, sent_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(token_hash.to_owned())
    .bind(about.contact_id)
    .bind(case)
    .bind(about.agent_id)
    .bind(about.team_id)
    .bind(about.category_id)
    .bind(now)
    .bind(until)
    .execute()
    .await
}

/// The survey of a link.
pub async fn question(db: &Db, token_hash: &str) -> Result<Option<Question>> {
    db.query(
        "SELECT v.id, k.number, k.subject, s.name AS agent, v.expires_at, v.answered_at
         FROM surveys v JOIN cases k ON k.id = v.case_id LEFT JOIN staff s ON s.id = v.agent_id WHERE v.token_hash = $1",
    )
    .bind(token_hash.to_owned())
    .fetch_optional()
    .await
}

/// Takes an answer; 0: there is one already, or it is too late.
pub async fn set_answer(tx: &mut Tx, id: Uuid, score: i16, comment: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE surveys SET score = $2, comment = $3, answered_at = $4
         WHERE id = $1 AND answered_at IS NULL AND expires_at > $4",
    )
    .bind(id)
    .bind(score)
    .bind(comment.to_owned())
    .bind(now)
    .execute()
    .await
}

/// How many were asked since a time.
pub async fn asked(db: &Db, since: DateTime<Utc>) -> Result<i64> {
    let (count,) =
        db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM surveys WHERE sent_at > $1").bind(since).fetch_one().await?;
    Ok(count)
}

/// How many of those who were asked since a time answered, the sum of their scores, and how many are at most `low`.
pub async fn sums(db: &Db, since: DateTime<Utc>, low: i16) -> Result<(i64, i64, i64)> {
    db.query(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(score), 0) AS BIGINT),
                CAST(COUNT(CASE WHEN score <= $2 THEN 1 END) AS BIGINT)
         FROM surveys WHERE sent_at > $1 AND answered_at IS NOT NULL",
    )
    .bind(since)
    .bind(low)
    .fetch_one()
    .await
}

/// The answers of those who were asked since a time, newest first.
pub async fn answers(db: &Db, since: DateTime<Utc>) -> Result<Vec<Answer>> {
    db.query(
        "SELECT v.answered_at AS at, v.score, v.comment, k.number, c.name AS contact, COALESCE(s.name, '') AS agent,
                COALESCE(t.name, '') AS team, COALESCE(g.name, '') AS category
         FROM surveys v JOIN cases k ON k.id = v.case_id JOIN contacts c ON c.id = v.contact_id
         LEFT JOIN staff s ON s.id = v.agent_id LEFT JOIN teams t ON t.id = v.team_id LEFT JOIN categories g ON g.id = v.category_id
         WHERE v.sent_at > $1 AND v.answered_at IS NOT NULL ORDER BY v.answered_at DESC",
    )
    .bind(since)
    .fetch_all()
    .await
}
