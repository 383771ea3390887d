//! A contact: a person at one or more accounts.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    input,
    store::Db,
};

use super::queries;
pub use super::queries::{accounts_of, find_contact as find, insert_contact as insert, link_contact as link, role_at};

/// What a person is at an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ContactRole {
    /// Signs for the company and manages its people.
    Representative,
    /// First line of support for the company's users.
    Administrator,
    /// Uses the product.
    User,
}

/// A person at a customer.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Contact {
    /// The server's id.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
}

/// Who somebody says they are, before the PIN was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// By e-mail address.
    Email(String),
    /// By customer number and the person's name (or e-mail address) there.
    Number {
        /// The customer number.
        account: String,
        /// The name.
        contact: String,
    },
}

impl Claim {
    /// From the fields of a form; either an e-mail address or a customer number with a name.
    pub fn read(email: Option<&str>, number: Option<&str>, contact: Option<&str>) -> Result<Self> {
        let filled = |field: Option<&str>| {
            field.map(input::fold).filter(|text| !text.is_empty() && text.len() <= 300 && !text.contains('\0'))
        };
        match (filled(email), filled(number), filled(contact)) {
            (Some(email), _, _) => Ok(Self::Email(email)),
            (None, Some(account), Some(contact)) => Ok(Self::Number { account, contact }),
            _ => Err(Error::invalid(
                "incomplete",
                "Please give your e-mail address, or your customer number and your name.",
            )),
        }
    }

    /// One text for the claim; tries are counted by it when nobody fits.
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) => format!("email {email}"),
            Self::Number { account, contact } => format!("number {account} {contact}"),
        }
    }

    /// The contact whom the claim names, if there is one.
    pub async fn resolve(&self, db: &Db) -> Result<Option<Contact>> {
        Ok(match self {
            Self::Email(email) => queries::find_contact_by_email(db, email).await?,
            Self::Number { account, contact } => queries::find_contact_at(db, account, contact).await?,
        })
    }
}
