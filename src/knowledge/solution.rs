//! A solution: an answer to a question that customers ask often.

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use super::queries::{find_published as find, insert_solution as insert};

/// A solution. Its text is plain, in lines.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Solution {
    /// The server's id.
    pub id: Uuid,
    /// What a customer would look for.
    pub title: String,
    /// The answer.
    pub body: String,
    /// Key of the category that it belongs to.
    pub category_key: String,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}
