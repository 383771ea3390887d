//! The SQL of accounts, contacts, PINs, the desk's people and sessions.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    input::fold,
    store::{Db, Tx},
};

use super::{
    account::Account,
    contact::{Contact, ContactRole},
    directory::{CategoryView, SeverityView, TeamView},
    pin_budget::{Around, Try},
    site::{CategoryName, Site},
    staff::Staff,
};

// Accounts and contacts

/// Adds an account.
pub async fn insert_account(tx: &mut Tx, account: &Account) -> Result<u64> {
    tx.query("INSERT INTO accounts (id, number, name, status, standing) VALUES ($1, $2, $3, $4, $5)")
        .bind(account.id)
        .bind(account.number.clone())
        .bind(account.name.clone())
        .bind(account.status)
        .bind(account.standing)
        .execute()
        .await
}

/// The account with a customer number.
pub async fn find_account_by_number(db: &Db, number: &str) -> Result<Option<Account>> {
    db.query("SELECT id, number, name, status, standing FROM accounts WHERE number = $1")
        .bind(number.to_owned())
        .fetch_optional()
        .await
}

/// An account by id.
pub async fn find_account(db: &Db, id: Uuid) -> Result<Option<Account>> {
    db.query("SELECT id, number, name, status, standing FROM accounts WHERE id = $1").bind(id).fetch_optional().await
}

/// Adds a contact.
pub async fn insert_contact(tx: &mut Tx, contact: &Contact) -> Result<u64> {
    tx.query("INSERT INTO contacts (id, name, name_folded, email, email_folded) VALUES ($1, $2, $3, $4, $5)")
        .bind(contact.id)
        .bind(contact.name.clone())
        .bind(fold(&contact.name))
        .bind(contact.email.clone())
        .bind(fold(&contact.email))
        .execute()
        .await
}

/// Makes a contact one of an account's people.
pub async fn link_contact(tx: &mut Tx, account: Uuid, contact: Uuid, role: ContactRole) -> Result<u64> {
    tx.query("INSERT INTO account_contacts (account_id, contact_id, role) VALUES ($1, $2, $3)")
        .bind(account)
        .bind(contact)
        .bind(role)
        .execute()
        .await
}

/// A contact by id.
pub async fn find_contact(db: &Db, id: Uuid) -> Result<Option<Contact>> {
    db.query("SELECT id, name, email FROM contacts WHERE id = $1").bind(id).fetch_optional().await
}

/// A contact by folded e-mail address.
pub async fn find_contact_by_email(db: &Db, folded: &str) -> Result<Option<Contact>> {
    db.query("SELECT id, name, email FROM contacts WHERE email_folded = $1")
        .bind(folded.to_owned())
        .fetch_optional()
        .await
}

/// The only contact of an account with that folded name or e-mail address.
pub async fn find_contact_at(db: &Db, number: &str, folded: &str) -> Result<Option<Contact>> {
    let mut found: Vec<Contact> = db
        .query(
            "SELECT c.id, c.name, c.email FROM contacts c JOIN account_contacts ac ON ac.contact_id = c.id
             JOIN accounts a ON a.id = ac.account_id
             WHERE a.number = $1 AND (c.name_folded = $2 OR c.email_folded = $2) LIMIT 2",
        )
        .bind(number.to_owned())
        .bind(folded.to_owned())
        .fetch_all()
        .await?;
    // Two people of one name cannot be told apart by it: they give their e-mail address.
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The accounts of a contact, by number.
pub async fn accounts_of(db: &Db, contact: Uuid) -> Result<Vec<Account>> {
    db.query(
        "SELECT a.id, a.number, a.name, a.status, a.standing FROM accounts a
         JOIN account_contacts ac ON ac.account_id = a.id WHERE ac.contact_id = $1 ORDER BY a.number",
    )
    .bind(contact)
    .fetch_all()
    .await
}

/// What a contact is at an account.
pub async fn role_at(db: &Db, account: Uuid, contact: Uuid) -> Result<Option<ContactRole>> {
    let row: Option<(ContactRole,)> = db
        .query("SELECT role FROM account_contacts WHERE account_id = $1 AND contact_id = $2")
        .bind(account)
        .bind(contact)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| r.0))
}

// PINs and tries

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

// The desk's people

/// Adds a person.
pub async fn insert_staff(tx: &mut Tx, staff: &Staff, password_hash: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO staff (id, name, email, email_folded, password_hash, role, tier, capacity, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(staff.id)
    .bind(staff.name.clone())
    .bind(staff.email.clone())
    .bind(fold(&staff.email))
    .bind(password_hash.to_owned())
    .bind(staff.role)
    .bind(staff.tier)
    .bind(staff.capacity)
    .bind(staff.active)
    .execute()
    .await
}

/// Whether somebody has that folded e-mail address.
pub async fn staff_email_taken(tx: &mut Tx, folded: &str) -> Result<bool> {
    let row: Option<(Uuid,)> =
        tx.query("SELECT id FROM staff WHERE email_folded = $1").bind(folded.to_owned()).fetch_optional().await?;
    Ok(row.is_some())
}

/// Makes a person a member of the team with a key; 0: there is no such team.
pub async fn link_staff(tx: &mut Tx, staff: Uuid, team_key: &str) -> Result<u64> {
    tx.query("INSERT INTO staff_teams (staff_id, team_id) SELECT $1, id FROM teams WHERE key = $2")
        .bind(staff)
        .bind(team_key.to_owned())
        .execute()
        .await
}

/// A person by id.
pub async fn find_staff(db: &Db, id: Uuid) -> Result<Option<Staff>> {
    db.query("SELECT id, name, email, role, tier, capacity, active FROM staff WHERE id = $1")
        .bind(id)
        .fetch_optional()
        .await
}

/// A person by folded e-mail address, with the password's hash.
pub async fn find_staff_by_email(db: &Db, folded: &str) -> Result<Option<(Staff, String)>> {
    #[derive(sqlx::FromRow)]
    struct WithHash {
        #[sqlx(flatten)]
        staff: Staff,
        password_hash: String,
    }
    let row: Option<WithHash> = db
        .query("SELECT id, name, email, role, tier, capacity, active, password_hash FROM staff WHERE email_folded = $1")
        .bind(folded.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|r| (r.staff, r.password_hash)))
}

/// The ids of a person's teams.
pub async fn teams_of(db: &Db, staff: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> =
        db.query("SELECT team_id FROM staff_teams WHERE staff_id = $1").bind(staff).fetch_all().await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

// Sessions

/// Adds a session of the desk.
pub async fn insert_staff_session(
    tx: &mut Tx,
    token_hash: &str,
    staff: Uuid,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<u64> {
    tx.query("INSERT INTO staff_sessions (token_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash.to_owned())
        .bind(staff)
        .bind(now)
        .bind(expires)
        .execute()
        .await
}

/// Whose session it is, while it lasts and the person is active.
pub async fn find_staff_session(db: &Db, token_hash: &str, now: DateTime<Utc>) -> Result<Option<Staff>> {
    db.query(
        "SELECT s.id, s.name, s.email, s.role, s.tier, s.capacity, s.active FROM staff_sessions t
         JOIN staff s ON s.id = t.staff_id WHERE t.token_hash = $1 AND t.expires_at > $2 AND s.active",
    )
    .bind(token_hash.to_owned())
    .bind(now)
    .fetch_optional()
    .await
}

/// Ends a session of the desk.
pub async fn delete_staff_session(tx: &mut Tx, token_hash: &str) -> Result<u64> {
    tx.query("DELETE FROM staff_sessions WHERE token_hash = $1").bind(token_hash.to_owned()).execute().await
}

/// Adds a session of a visitor.
pub async fn insert_visitor_session(
    tx: &mut Tx,
    token_hash: &str,
    contact: Uuid,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<u64> {
    tx.query("INSERT INTO visitor_sessions (token_hash, contact_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash.to_owned())
        .bind(contact)
        .bind(now)
        .bind(expires)
        .execute()
        .await
}

/// Whose session it is, with its conversation.
pub async fn find_visitor_session(
    db: &Db,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Contact, Option<Uuid>)>> {
    #[derive(sqlx::FromRow)]
    struct WithChat {
        #[sqlx(flatten)]
        contact: Contact,
        chat_id: Option<Uuid>,
    }
    let row: Option<WithChat> = db
        .query(
            "SELECT c.id, c.name, c.email, t.chat_id FROM visitor_sessions t
             JOIN contacts c ON c.id = t.contact_id WHERE t.token_hash = $1 AND t.expires_at > $2",
        )
        .bind(token_hash.to_owned())
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| (r.contact, r.chat_id)))
}

/// The session's conversation from now on.
pub async fn set_visitor_chat(tx: &mut Tx, token_hash: &str, chat: Uuid) -> Result<u64> {
    tx.query("UPDATE visitor_sessions SET chat_id = $2 WHERE token_hash = $1")
        .bind(token_hash.to_owned())
        .bind(chat)
        .execute()
        .await
}

// Sites, teams, categories

/// Stores a site.
pub async fn upsert_site(tx: &mut Tx, site: &Site) -> Result<u64> {
    tx.query(
        "INSERT INTO sites (token, name, origins, greeting, color) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (token) DO UPDATE SET name = excluded.name, origins = excluded.origins, greeting = excluded.greeting, color = excluded.color",
    )
    .bind(site.token.clone())
    .bind(site.name.clone())
    .bind(site.origins.clone())
    .bind(site.greeting.clone())
    .bind(site.color.clone())
    .execute()
    .await
}

/// The site with a token.
pub async fn find_site(db: &Db, token: &str) -> Result<Option<Site>> {
    db.query("SELECT token, name, origins, greeting, color FROM sites WHERE token = $1")
        .bind(token.to_owned())
        .fetch_optional()
        .await
}

/// All categories, in their order.
pub async fn category_names(db: &Db) -> Result<Vec<CategoryName>> {
    db.query("SELECT key, name FROM categories ORDER BY position, key").fetch_all().await
}

/// All teams by name.
pub async fn list_teams(db: &Db) -> Result<Vec<TeamView>> {
    db.query("SELECT key, name FROM teams ORDER BY name").fetch_all().await
}

/// All categories with their teams, in their order.
pub async fn list_categories(db: &Db) -> Result<Vec<CategoryView>> {
    db.query("SELECT c.key, c.name, t.name AS team FROM categories c JOIN teams t ON t.id = c.team_id ORDER BY c.position, c.key").fetch_all().await
}

/// All severities, worst first.
pub async fn list_severities(db: &Db) -> Result<Vec<SeverityView>> {
    db.query("SELECT level, name, definition FROM severities ORDER BY level").fetch_all().await
}

/// Adds a team; 0: its key is taken.
pub async fn insert_team(tx: &mut Tx, id: Uuid, key: &str, name: &str) -> Result<u64> {
    tx.query("INSERT INTO teams (id, key, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(key.to_owned())
        .bind(name.to_owned())
        .execute()
        .await
}

/// Adds a category of a team as the last; 0: its key is taken or there is no such team.
pub async fn insert_category(tx: &mut Tx, id: Uuid, key: &str, name: &str, team_key: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO categories (id, key, name, team_id, position)
         SELECT $1, $2, $3, t.id, (SELECT CAST(COUNT(*) AS INTEGER) FROM categories) FROM teams t WHERE t.key = $4 ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(key.to_owned())
    .bind(name.to_owned())
    .bind(team_key.to_owned())
    .execute()
    .await
}

/// Stores a severity.
pub async fn upsert_severity(tx: &mut Tx, severity: &SeverityView) -> Result<u64> {
    tx.query(
        "INSERT INTO severities (level, name, definition) VALUES ($1, $2, $3)
         ON CONFLICT (level) DO UPDATE SET name = excluded.name, definition = excluded.definition",
    )
    .bind(severity.level)
    .bind(severity.name.clone())
    .bind(severity.definition.clone())
    .execute()
    .await
}
