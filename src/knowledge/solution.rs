//! A solution: an answer to a question that customers ask often.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    identity::directory::CategoryView,
    input,
};

use super::language::Language;
pub use super::queries::{find_published as find, insert_published as insert};

/// The longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// The longest text, in characters.
pub const MAX_BODY: usize = 60_000;
/// The longest name of a version of the product, in characters.
const MAX_PRODUCT_VERSION: usize = 40;
/// How many related solutions can be named.
const MOST_RELATED: usize = 10;

/// Who may read a solution, and who reads: each sees what those before may see, too.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Audience {
    /// Whoever comes.
    #[default]
    Everyone,
    /// Customers whom the desk knows.
    Customers,
    /// The desk's people.
    Staff,
}

/// What an editor writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What a customer would look for.
    pub title: String,
    /// The answer, in Markdown.
    #[serde(default)]
    pub body: String,
    /// Key of the category that it belongs to; empty in a draft: not chosen yet.
    #[serde(default)]
    #[sqlx(rename = "category_key")]
    pub category: String,
    /// In which language.
    #[serde(default)]
    pub language: Language,
    /// Who may read it.
    #[serde(default)]
    pub audience: Audience,
    /// The version of the product that it describes; empty: any.
    #[serde(default)]
    pub product_version: String,
    /// Solutions that a reader may want next, in this order.
    #[serde(default)]
    pub related: Json<Vec<Uuid>>,
}

impl Content {
    /// Cut to what can be stored. A draft needs no more than a title.
    pub fn tidy(&self) -> Result<Self> {
        let optional = |what, text: &str, max| {
            if text.trim().is_empty() { Ok(String::new()) } else { input::line(what, text, max) }
        };
        let mut related: Vec<Uuid> = Vec::new();
        for id in self.related.iter() {
            if !related.contains(id) {
                related.push(*id);
            }
        }
        if related.len() > MOST_RELATED {
            return Err(Error::invalid("too_many", format!("Please name at most {MOST_RELATED} related solutions.")));
        }
        Ok(Self {
            title: input::line("the title", &self.title, MAX_TITLE)?,
            body: if self.body.trim().is_empty() {
                String::new()
            } else {
                input::text("the text", &self.body, MAX_BODY)?
            },
            category: optional("the category", &self.category, 80)?,
            language: self.language,
            audience: self.audience,
            product_version: optional("the version", &self.product_version, MAX_PRODUCT_VERSION)?,
            related: Json(related),
        })
    }

    /// Refuses what readers could not use: no text, no category of these.
    pub fn require_complete(&self, categories: &[CategoryView]) -> Result<()> {
        if self.body.is_empty() {
            return Err(Error::invalid("empty", "Please write the solution's text first."));
        }
        if categories.iter().any(|category| category.key == self.category) {
            Ok(())
        } else {
            Err(Error::invalid("bad_category", "Please choose one of the categories first."))
        }
    }
}

/// What is published of a solution.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Solution {
    /// The server's id.
    pub id: Uuid,
    /// 1, 2, 3 …
    pub version: i64,
    /// When its text last changed.
    pub updated_at: DateTime<Utc>,
    /// What it says.
    #[sqlx(flatten)]
    pub content: Content,
}
