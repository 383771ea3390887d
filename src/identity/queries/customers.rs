//! The SQL of accounts and contacts.

use sqlx::Result;
use uuid::Uuid;

use crate::identity::account::Account;
use crate::identity::contact::Contact;
use crate::identity::contact::ContactRole;
use crate::input::fold;
use crate::store::{Db, Tx};

/// Adds an account.
pub async fn insert_account(tx: &mut Tx, account: &Account) -> Result<u64> {
    tx.query("INSERT INTO accounts (id, number, name, status, standing, name_folded) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(account.id)
        .bind(account.number.clone())
        .bind(account.name.clone())
        .bind(account.status)
        .bind(account.standing)
        .bind(fold(&account.name))
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
