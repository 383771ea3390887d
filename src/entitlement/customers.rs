//! Customers as supervisors look them up: accounts with their people, what was ruled, what was refused.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    identity::{
        account::{self, Account},
        contact::ContactRole,
    },
    input,
    store::{Db, like},
};

use super::{queries, refused::RefusedRequest, rulings::RulingView};

/// How many accounts a search shows.
pub const MOST: usize = 50;

/// A person of an account.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Person {
    /// The server's id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What the person is there.
    pub role: ContactRole,
}

/// An account with all of it.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The account.
    pub account: Account,
    /// Its people, by name.
    pub people: Vec<Person>,
    /// What was ruled about it and its people, newest first.
    pub rulings: Vec<RulingView>,
    /// What was refused, newest first.
    pub refused: Vec<RefusedRequest>,
}

/// Accounts by number, or by a part of their name, or of a person's name or address there.
pub async fn search(db: &Db, text: &str) -> Result<Vec<Account>> {
    let text = input::fold(&text.replace('\0', ""));
    let pattern = like::containing(&text);
    let mut found = queries::accounts_like(db, &pattern, &text).await?;
    if !text.is_empty() {
        for account in queries::accounts_of_people_like(db, &pattern).await? {
            if !found.iter().any(|known| known.id == account.id) {
                found.push(account);
            }
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// An account by its number.
pub async fn find(db: &Db, number: &str) -> Result<Customer> {
    let account = account::find_by_number(db, &number.replace('\0', "")).await?;
    let account = account.ok_or_else(|| Error::not_found("There is no account with that customer number."))?;
    Ok(Customer {
        people: queries::people(db, account.id).await?,
        rulings: queries::rulings_of(db, account.id).await?,
        refused: queries::refused_of(db, account.id).await?,
        account,
    })
}
