//! A customer account: a company, known by its customer number.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::queries::{find_account as find, find_account_by_number as find_by_number, insert_account as insert};

/// Whether the company is still a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum AccountStatus {
    /// A customer.
    Active,
    /// No longer one.
    Closed,
}

/// Whether its bills are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Standing {
    /// Paid.
    Good,
    /// Not paid.
    Bad,
}

/// A customer account.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Account {
    /// The server's id.
    #[serde(skip)]
    pub id: Uuid,
    /// The customer number.
    pub number: String,
    /// The company's name.
    pub name: String,
    /// Active or closed.
    pub status: AccountStatus,
    /// Good or bad.
    pub standing: Standing,
}
