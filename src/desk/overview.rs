//! How many there are of everything that admins set, for the first of their pages.

use crate::{error::Result, store::Db};

use super::queries::teams as queries;

/// How many there are; of what can be retired, those in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// Teams.
    pub teams: i64,
    /// People who may sign in.
    pub people: i64,
    /// Categories.
    pub categories: i64,
    /// Severities.
    pub severities: i64,
    /// Routes to somewhere else than tier I of the category's team.
    pub routes: i64,
    /// Shared replies.
    pub replies: i64,
    /// Tags.
    pub tags: i64,
    /// Sites.
    pub sites: i64,
    /// Days with hours of their own.
    pub holidays: i64,
    /// Rows of the record.
    pub log: i64,
}

/// Counts it all.
pub async fn counts(db: &Db) -> Result<Counts> {
    Ok(queries::counts(db).await?)
}
