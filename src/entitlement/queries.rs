//! The SQL of who gets support.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    identity::{
        account::{Account, AccountStatus, Standing},
        contact::ContactRole,
    },
    store::{Db, Tx},
};

use super::{
    check::{Asker, Refused},
    customers::{MOST, Person},
    judge::{Ruling, RulingKind},
    refused::{RefusedRequest, Tried},
    rulings::RulingView,
};

/// What is known of somebody who asks.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The account's name.
    pub name: String,
    /// Whether the company is a customer.
    pub status: AccountStatus,
    /// Whether its bills are paid.
    pub standing: Standing,
    /// What the person is there.
    pub role: ContactRole,
}

/// What is known of a person at an account.
pub async fn known(tx: &mut Tx, account: Uuid, contact: Uuid) -> Result<Option<Known>> {
    tx.query(
        "SELECT a.name, a.status, a.standing, ac.role FROM account_contacts ac JOIN accounts a ON a.id = ac.account_id
         WHERE ac.account_id = $1 AND ac.contact_id = $2",
    )
    .bind(account)
    .bind(contact)
    .fetch_optional()
    .await
}

#[derive(sqlx::FromRow)]
struct InForce {
    kind: RulingKind,
    account_id: Option<Uuid>,
    requests: Option<i32>,
    ends_at: Option<DateTime<Utc>>,
}

/// The rulings about an account or a person that are in force.
pub async fn in_force(tx: &mut Tx, account: Uuid, contact: Uuid, now: DateTime<Utc>) -> Result<Vec<Ruling>> {
    let rows: Vec<InForce> = tx
        .query(
            "SELECT kind, account_id, requests, ends_at FROM rulings
             WHERE (account_id = $1 OR contact_id = $2) AND lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $3)",
        )
        .bind(account)
        .bind(contact)
        .bind(now)
        .fetch_all()
        .await?;
    let ruling = |row: InForce| Ruling {
        kind: row.kind,
        of_account: row.account_id.is_some(),
        requests: row.requests.unwrap_or_default().unsigned_abs(),
        ends_at: row.ends_at,
    };
    Ok(rows.into_iter().map(ruling).collect())
}

/// Until the transaction ends nobody else asks for this account, nor this person for another one.
pub async fn hold_asker(tx: &mut Tx, asker: Asker) -> Result<()> {
    // The person first: of one who asks for several accounts all requests wait in one row.
    tx.query("UPDATE contacts SET name = name WHERE id = $1").bind(asker.contact).execute().await?;
    tx.query("UPDATE accounts SET number = number WHERE id = $1").bind(asker.account).execute().await?;
    Ok(())
}

/// When a person asked for something since a time: in chats, and in messages that became cases.
pub async fn asked_by_contact(tx: &mut Tx, contact: Uuid, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let rows: Vec<(DateTime<Utc>,)> = tx
        .query(
            "SELECT queued_at FROM chats WHERE contact_id = $1 AND created_at > $3 AND queued_at > $2
             UNION ALL SELECT created_at FROM cases WHERE contact_id = $1 AND created_at > $2 AND chat_id IS NULL AND verified
               AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id AND e.kind = 'out_of_scope')",
        )
        .bind(contact)
        .bind(since)
        .bind(began_since(since))
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The same of everybody of an account.
pub async fn asked_by_account(tx: &mut Tx, account: Uuid, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let rows: Vec<(DateTime<Utc>,)> = tx
        .query(
            "SELECT queued_at FROM chats WHERE account_id = $1 AND created_at > $3 AND queued_at > $2
             UNION ALL SELECT created_at FROM cases WHERE account_id = $1 AND created_at > $2 AND chat_id IS NULL AND verified
               AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id AND e.kind = 'out_of_scope')",
        )
        .bind(account)
        .bind(since)
        .bind(began_since(since))
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A question may be asked some days after its chat was opened; later, a chat that was never asked is over.
fn began_since(since: DateTime<Utc>) -> DateTime<Utc> {
    since - chrono::TimeDelta::days(7)
}

/// The people of an account, by name.
pub async fn people_of(tx: &mut Tx, account: Uuid) -> Result<Vec<(String, ContactRole)>> {
    tx.query(
        "SELECT c.name, ac.role FROM account_contacts ac JOIN contacts c ON c.id = ac.contact_id
         WHERE ac.account_id = $1 ORDER BY c.name_folded",
    )
    .bind(account)
    .fetch_all()
    .await
}

/// Whether a person tried without a text for an account since a time.
pub async fn tried_since(tx: &mut Tx, asker: Asker, since: DateTime<Utc>) -> Result<bool> {
    let row: Option<(i32,)> = tx
        .query("SELECT 1 FROM refused_requests WHERE contact_id = $1 AND account_id = $2 AND at > $3 AND text = '' LIMIT 1")
        .bind(asker.contact)
        .bind(asker.account)
        .bind(since)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// Writes what was refused; the same source is written once.
pub async fn insert_refused(
    tx: &mut Tx,
    (id, source): (Uuid, Uuid),
    asker: Asker,
    tried: Tried<'_>,
    refused: &Refused,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO refused_requests (id, source_id, at, account_id, contact_id, mouth, why, words, text, category)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (source_id) DO NOTHING",
    )
    .bind(id)
    .bind(source)
    .bind(now)
    .bind(asker.account)
    .bind(asker.contact)
    .bind(tried.mouth)
    .bind(refused.why.code().to_owned())
    .bind(refused.words.clone())
    .bind(tried.text.to_owned())
    .bind(tried.category.to_owned())
    .execute()
    .await
}

/// An account by its number.
pub async fn account_in(tx: &mut Tx, number: &str) -> Result<Option<Account>> {
    tx.query("SELECT id, number, name, status, standing FROM accounts WHERE number = $1")
        .bind(number.to_owned())
        .fetch_optional()
        .await
}

/// Sets an account's standing.
pub async fn set_standing(tx: &mut Tx, account: Uuid, standing: Standing) -> Result<u64> {
    tx.query("UPDATE accounts SET standing = $2 WHERE id = $1").bind(account).bind(standing).execute().await
}

/// The name of a person of an account.
pub async fn person_of(tx: &mut Tx, account: Uuid, contact: Uuid) -> Result<Option<String>> {
    let row: Option<(String,)> = tx
        .query(
            "SELECT c.name FROM account_contacts ac JOIN contacts c ON c.id = ac.contact_id
             WHERE ac.account_id = $1 AND ac.contact_id = $2",
        )
        .bind(account)
        .bind(contact)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// A new ruling.
pub struct NewRow {
    pub id: Uuid,
    pub account: Option<Uuid>,
    pub contact: Option<Uuid>,
    pub kind: RulingKind,
    pub requests: Option<i32>,
    pub reason: String,
    pub by_name: String,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Writes a ruling.
pub async fn insert_ruling(tx: &mut Tx, row: &NewRow, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO rulings (id, account_id, contact_id, kind, requests, reason, at, by_name, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(row.id)
    .bind(row.account)
    .bind(row.contact)
    .bind(row.kind)
    .bind(row.requests)
    .bind(row.reason.clone())
    .bind(now)
    .bind(row.by_name.clone())
    .bind(row.ends_at)
    .execute()
    .await
}

/// Lifts a ruling that is in force.
pub async fn lift(tx: &mut Tx, id: Uuid, by: &str, why: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE rulings SET lifted_at = $2, lifted_by = $3, lifted_why = $4
         WHERE id = $1 AND lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $2)",
    )
    .bind(id)
    .bind(now)
    .bind(by.to_owned())
    .bind(why.to_owned())
    .execute()
    .await
}

/// The rulings about an account or one person, newest first.
pub async fn rulings_for(db: &Db, account: Uuid, contact: Uuid) -> Result<Vec<RulingView>> {
    db.query(
        "SELECT r.id, c.name AS contact, r.kind, r.requests, r.reason, r.at, r.by_name, r.ends_at, r.lifted_at, r.lifted_by, r.lifted_why
         FROM rulings r LEFT JOIN contacts c ON c.id = r.contact_id
         WHERE r.account_id = $1 OR r.contact_id = $2 ORDER BY r.at DESC, r.id DESC LIMIT 100",
    )
    .bind(account)
    .bind(contact)
    .fetch_all()
    .await
}

/// The rulings about an account or its people, newest first.
pub async fn rulings_of(db: &Db, account: Uuid) -> Result<Vec<RulingView>> {
    db.query(
        "SELECT r.id, c.name AS contact, r.kind, r.requests, r.reason, r.at, r.by_name, r.ends_at, r.lifted_at, r.lifted_by, r.lifted_why
         FROM rulings r LEFT JOIN contacts c ON c.id = r.contact_id
         WHERE r.account_id = $1 OR r.contact_id IN (SELECT contact_id FROM account_contacts WHERE account_id = $1)
         ORDER BY r.at DESC, r.id DESC LIMIT 100",
    )
    .bind(account)
    .fetch_all()
    .await
}

/// What an account was refused, newest first.
pub async fn refused_of(db: &Db, account: Uuid) -> Result<Vec<RefusedRequest>> {
    db.query(
        "SELECT r.id, r.source_id, r.at, r.account_id, r.contact_id, c.name AS contact, r.mouth, r.why, r.words, r.text, r.category, r.case_number
         FROM refused_requests r JOIN contacts c ON c.id = r.contact_id
         WHERE r.account_id = $1 ORDER BY r.at DESC LIMIT 100",
    )
    .bind(account)
    .fetch_all()
    .await
}

/// Something that was refused, held until the transaction ends.
pub async fn hold_refused(tx: &mut Tx, id: Uuid) -> Result<Option<RefusedRequest>> {
    tx.query("UPDATE refused_requests SET why = why WHERE id = $1").bind(id).execute().await?;
    tx.query(
        "SELECT r.id, r.source_id, r.at, r.account_id, r.contact_id, c.name AS contact, r.mouth, r.why, r.words, r.text, r.category, r.case_number
         FROM refused_requests r JOIN contacts c ON c.id = r.contact_id WHERE r.id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// It became a case.
pub async fn set_refused_case(tx: &mut Tx, id: Uuid, number: i64) -> Result<u64> {
    tx.query("UPDATE refused_requests SET case_number = $2 WHERE id = $1").bind(id).bind(number).execute().await
}

/// The people of an account, by name.
pub async fn people(db: &Db, account: Uuid) -> Result<Vec<Person>> {
    db.query(
        "SELECT c.id, c.name, c.email, ac.role FROM account_contacts ac JOIN contacts c ON c.id = ac.contact_id
         WHERE ac.account_id = $1 ORDER BY c.name_folded",
    )
    .bind(account)
    .fetch_all()
    .await
}

/// Accounts whose name or number is like a pattern, by number.
pub async fn accounts_like(db: &Db, pattern: &str, number: &str) -> Result<Vec<Account>> {
    db.query(
        "SELECT id, number, name, status, standing FROM accounts
         WHERE name_folded LIKE $1 ESCAPE '\\' OR LOWER(number) = $2 ORDER BY number LIMIT $3",
    )
    .bind(pattern.to_owned())
    .bind(number.to_owned())
    .bind(i64::try_from(MOST).unwrap_or(i64::MAX))
    .fetch_all()
    .await
}

/// The accounts of people whose name or address is like a pattern.
pub async fn accounts_of_people_like(db: &Db, pattern: &str) -> Result<Vec<Account>> {
    db.query(
        "SELECT a.id, a.number, a.name, a.status, a.standing
         FROM (SELECT id FROM contacts WHERE name_folded LIKE $1 ESCAPE '\\' OR email_folded LIKE $1 ESCAPE '\\'
               ORDER BY email_folded LIMIT $2) c
         JOIN account_contacts ac ON ac.contact_id = c.id JOIN accounts a ON a.id = ac.account_id",
    )
    .bind(pattern.to_owned())
    .bind(i64::try_from(MOST).unwrap_or(i64::MAX))
    .fetch_all()
    .await
}
