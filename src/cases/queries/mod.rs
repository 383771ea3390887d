//! The SQL of cases.

pub mod clocks;
pub mod files;
pub mod links;
pub mod notices;
pub mod offers;
pub mod relations;
pub mod search;
pub mod steps;
pub mod watchers;

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

use super::{
    case::CaseRow,
    lifecycle::{CaseStatus, Place},
};

/// What a new case is made of.
#[derive(Debug, Clone, Default)]
pub struct NewCase {
    pub id: Uuid,
    pub source_id: Uuid,
    pub chat_id: Option<Uuid>,
    pub account_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub from_name: String,
    pub from_email: String,
    pub from_account: String,
    pub verified: bool,
    pub subject: String,
    pub description: String,
    pub category_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub tier: i16,
    pub severity: i16,
    pub owner_id: Option<Uuid>,
}

/// Writes a new case; its number.
pub async fn insert_case(tx: &mut Tx, case: &NewCase, now: DateTime<Utc>) -> Result<i64> {
    let (number,): (i64,) =
        tx.query("UPDATE counters SET value = value + 1 WHERE name = 'case' RETURNING value").fetch_one().await?;
    tx.query(
        "INSERT INTO cases (id, number, source_id, chat_id, account_id, contact_id, from_name, from_email, from_account, verified,
                            subject, description, category_id, team_id, tier, severity, status, owner_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'open', $17, $18, $18)",
    )
    .bind(case.id)
    .bind(number)
    .bind(case.source_id)
    .bind(case.chat_id)
    .bind(case.account_id)
    .bind(case.contact_id)
    .bind(case.from_name.clone())
    .bind(case.from_email.clone())
    .bind(case.from_account.clone())
    .bind(case.verified)
    .bind(case.subject.clone())
    .bind(case.description.clone())
    .bind(case.category_id)
    .bind(case.team_id)
    .bind(case.tier)
    .bind(case.severity)
    .bind(case.owner_id)
    .bind(now)
    .execute()
    .await?;
    Ok(number)
}

/// The number of the case that a chat became.
pub async fn case_of_chat(tx: &mut Tx, chat: Uuid) -> Result<Option<i64>> {
    case_of_source(tx, chat).await
}

/// The number of the case that a source became.
pub async fn case_of_source(tx: &mut Tx, source: Uuid) -> Result<Option<i64>> {
    let row: Option<(i64,)> =
        tx.query("SELECT number FROM cases WHERE source_id = $1").bind(source).fetch_optional().await?;
    Ok(row.map(|r| r.0))
}

/// A category's id and team.
pub async fn category_by_key(tx: &mut Tx, key: &str) -> Result<Option<(Uuid, Uuid)>> {
    tx.query("SELECT id, team_id FROM categories WHERE key = $1").bind(key.to_owned()).fetch_optional().await
}

/// A category, with the queue to which its cases of a severity go.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Topic {
    pub category_id: Uuid,
    pub team_id: Uuid,
    pub tier: i16,
    /// What customers are told instead, where the desk does not help with it.
    pub set_text: String,
}

/// A category by its key.
pub async fn topic(tx: &mut Tx, key: &str, severity: i16) -> Result<Option<Topic>> {
    tx.query(
        "SELECT c.id AS category_id, COALESCE(r.team_id, c.team_id) AS team_id, CAST(COALESCE(r.tier, 1) AS SMALLINT) AS tier,
                c.set_text
         FROM categories c LEFT JOIN case_routes r ON r.category_id = c.id AND r.severity = $2 WHERE c.key = $1",
    )
    .bind(key.to_owned())
    .bind(severity)
    .fetch_optional()
    .await
}

/// The category of a case.
pub async fn topic_of(tx: &mut Tx, case: Uuid) -> Result<Option<Topic>> {
    tx.query(
        "SELECT c.id AS category_id, COALESCE(r.team_id, c.team_id) AS team_id, CAST(COALESCE(r.tier, 1) AS SMALLINT) AS tier,
                c.set_text
         FROM cases k JOIN categories c ON c.id = k.category_id
         LEFT JOIN case_routes r ON r.category_id = c.id AND r.severity = k.severity WHERE k.id = $1",
    )
    .bind(case)
    .fetch_optional()
    .await
}

/// The key of a chat's category.
pub async fn category_key_of_chat(db: &Db, chat: Uuid) -> Result<Option<String>> {
    let row: Option<(String,)> = db
        .query("SELECT g.key FROM chats c JOIN categories g ON g.id = c.category_id WHERE c.id = $1")
        .bind(chat)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| r.0))
}

/// The team and tier that a category's cases of a severity go to, when they do not simply go to the category's team.
pub async fn route(tx: &mut Tx, category: Uuid, severity: i16) -> Result<Option<(Uuid, i16)>> {
    tx.query("SELECT team_id, tier FROM case_routes WHERE category_id = $1 AND severity = $2")
        .bind(category)
        .bind(severity)
        .fetch_optional()
        .await
}

/// A case's number.
pub async fn number_of(db: &Db, case: Uuid) -> Result<Option<i64>> {
    let row: Option<(i64,)> = db.query("SELECT number FROM cases WHERE id = $1").bind(case).fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// A team's id and name.
pub async fn team_by_key(db: &Db, key: &str) -> Result<Option<(Uuid, String)>> {
    db.query("SELECT id, name FROM teams WHERE key = $1").bind(key.to_owned()).fetch_optional().await
}

/// Locks a case's row until the transaction ends.
pub async fn lock_case(tx: &mut Tx, number: i64) -> Result<u64> {
    tx.query("UPDATE cases SET number = number WHERE number = $1").bind(number).execute().await
}

/// Moves a case. Of one that was closed it is said when, once; a solution that waits for the customer's word waits until `silent`.
pub async fn set_place(
    tx: &mut Tx,
    case: Uuid,
    place: &Place,
    silent: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let closed = place.status.is_closed();
    tx.query(
        "UPDATE cases SET status = $2, team_id = $3, tier = $4, owner_id = $5, worker_id = $6, silent_at = $7,
                closed_at = CASE WHEN $9 THEN COALESCE(closed_at, $8) ELSE NULL END, updated_at = $8
         WHERE id = $1",
    )
    .bind(case)
    .bind(place.status)
    .bind(place.team)
    .bind(place.tier)
    .bind(place.owner)
    .bind(place.worker)
    .bind(silent)
    .bind(now)
    .bind(closed)
    .execute()
    .await
}

/// What development calls a case.
pub async fn set_reference(tx: &mut Tx, case: Uuid, reference: &str) -> Result<u64> {
    tx.query("UPDATE cases SET reference = $2 WHERE id = $1").bind(case).bind(reference.to_owned()).execute().await
}

/// What solved a case.
pub async fn set_solution(tx: &mut Tx, case: Uuid, solution: Option<Uuid>) -> Result<u64> {
    tx.query("UPDATE cases SET solution_id = $2 WHERE id = $1").bind(case).bind(solution).execute().await
}

/// The cases whose given solution has waited long enough for the customer's word, the oldest first.
pub async fn silent(db: &Db, now: DateTime<Utc>) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = db
        .query("SELECT number FROM cases WHERE silent_at <= $1 ORDER BY silent_at LIMIT 100")
        .bind(now)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// When the next of them has.
pub async fn next_silent(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = db
        .query("SELECT silent_at FROM cases WHERE silent_at IS NOT NULL ORDER BY silent_at LIMIT 1")
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// The person is verified.
pub async fn set_verified(tx: &mut Tx, case: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE cases SET verified = $2, updated_at = $3 WHERE id = $1")
        .bind(case)
        .bind(true)
        .bind(now)
        .execute()
        .await
}

/// All open cases, by severity, then age.
pub async fn open_cases(db: &Db) -> Result<Vec<CaseRow>> {
    db.query(
        "SELECT k.id, k.number, k.subject, COALESCE(a.name, k.from_account) AS account, COALESCE(p.name, k.from_name) AS contact,
                COALESCE(g.name, '') AS category, COALESCE(t.name, '') AS team, k.team_id, k.tier, k.severity, k.status,
                o.name AS owner, k.owner_id, w.name AS worker, k.worker_id, k.verified, k.created_at, k.updated_at, k.chat_id,
                k.description, COALESCE(p.email, k.from_email) AS email, k.due_at, k.closed_at, k.silent_at, k.reference
         FROM cases k LEFT JOIN accounts a ON a.id = k.account_id LEFT JOIN contacts p ON p.id = k.contact_id
         LEFT JOIN categories g ON g.id = k.category_id LEFT JOIN teams t ON t.id = k.team_id
         LEFT JOIN staff o ON o.id = k.owner_id LEFT JOIN staff w ON w.id = k.worker_id
         WHERE k.closed_at IS NULL ORDER BY k.severity, k.due_at NULLS LAST, k.created_at, k.number",
    )
    .fetch_all()
    .await
}

const CASE_BY_NUMBER: &str = "SELECT k.id, k.number, k.subject, COALESCE(a.name, k.from_account) AS account, COALESCE(p.name, k.from_name) AS contact,
            COALESCE(g.name, '') AS category, COALESCE(t.name, '') AS team, k.team_id, k.tier, k.severity, k.status,
            o.name AS owner, k.owner_id, w.name AS worker, k.worker_id, k.verified, k.created_at, k.updated_at, k.chat_id,
            k.description, COALESCE(p.email, k.from_email) AS email, k.due_at, k.closed_at, k.silent_at, k.reference
     FROM cases k LEFT JOIN accounts a ON a.id = k.account_id LEFT JOIN contacts p ON p.id = k.contact_id
     LEFT JOIN categories g ON g.id = k.category_id LEFT JOIN teams t ON t.id = k.team_id
     LEFT JOIN staff o ON o.id = k.owner_id LEFT JOIN staff w ON w.id = k.worker_id
     WHERE k.number = $1";

/// A case by number.
pub async fn find_case(db: &Db, number: i64) -> Result<Option<CaseRow>> {
    db.query(CASE_BY_NUMBER).bind(number).fetch_optional().await
}

/// A case by number, within a transaction.
pub async fn find_case_in(tx: &mut Tx, number: i64) -> Result<Option<CaseRow>> {
    tx.query(CASE_BY_NUMBER).bind(number).fetch_optional().await
}

/// An open case of a contact, in short.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct OpenCase {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// 1 to 4.
    pub tier: i16,
}

/// A contact's open cases, newest first.
pub async fn open_cases_of(db: &Db, contact: Uuid) -> Result<Vec<OpenCase>> {
    db.query("SELECT number, subject, status, tier FROM cases WHERE contact_id = $1 AND closed_at IS NULL ORDER BY created_at DESC LIMIT 20").bind(contact).fetch_all().await
}

/// Messages left from an address since a time.
pub async fn messages_from(tx: &mut Tx, address: &str, since: DateTime<Utc>) -> Result<i64> {
    let (count,): (i64,) = tx
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM tries WHERE purpose = 'message' AND address = $1 AND at > $2")
        .bind(address.to_owned())
        .bind(since)
        .fetch_one()
        .await?;
    Ok(count)
}

/// Counts a message left from an address.
pub async fn note_message_from(tx: &mut Tx, id: Uuid, address: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO tries (id, purpose, subject, account, address, succeeded, at) VALUES ($1, 'message', '', '', $2, $3, $4)")
        .bind(id)
        .bind(address.to_owned())
        .bind(true)
        .bind(now)
        .execute()
        .await
}

/// Whom and what a past case names; nothing where nobody fits.
#[derive(Debug, sqlx::FromRow)]
pub struct PastCasePeople {
    pub account_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub solution_id: Option<Uuid>,
}

/// Finds them by number, addresses and title.
pub async fn people_of_past_case(
    tx: &mut Tx,
    account: &str,
    contact: &str,
    owner: &str,
    solution: &str,
) -> Result<PastCasePeople> {
    tx.query(
        "SELECT (SELECT id FROM accounts WHERE number = $1) AS account_id, (SELECT id FROM contacts WHERE email_folded = $2) AS contact_id,
                (SELECT id FROM staff WHERE email_folded = $3) AS owner_id,
                (SELECT id FROM solutions WHERE title = $4 ORDER BY id LIMIT 1) AS solution_id",
    )
    .bind(account.to_owned())
    .bind(crate::input::fold(contact))
    .bind(crate::input::fold(owner))
    .bind(solution.to_owned())
    .fetch_one()
    .await
}

/// A case is resolved by a solution.
pub async fn complete(tx: &mut Tx, case: Uuid, solution: Option<Uuid>, at: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE cases SET status = 'completed', closed_at = $3, solution_id = $2, updated_at = $3 WHERE id = $1")
        .bind(case)
        .bind(solution)
        .bind(at)
        .execute()
        .await
}

/// A solution that belongs to a case.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct LinkedSolution {
    /// Which.
    pub id: Uuid,
    /// Its title.
    pub title: String,
}

/// The solution that closed a case, if one did.
pub async fn solution_of(db: &Db, case: Uuid) -> Result<Option<LinkedSolution>> {
    db.query("SELECT s.id, s.title FROM cases k JOIN solutions s ON s.id = k.solution_id WHERE k.id = $1")
        .bind(case)
        .fetch_optional()
        .await
}

/// The same solution's id, within a transaction.
pub async fn solution_in(tx: &mut Tx, case: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Option<Uuid>,)> =
        tx.query("SELECT solution_id FROM cases WHERE id = $1").bind(case).fetch_optional().await?;
    Ok(row.and_then(|row| row.0))
}

/// The solution that was made from a case, if one was.
pub async fn solution_made_from(db: &Db, case: Uuid) -> Result<Option<LinkedSolution>> {
    db.query("SELECT id, title FROM solutions WHERE case_id = $1 ORDER BY id LIMIT 1").bind(case).fetch_optional().await
}
