//! Reading the record of who changed what: newest first, of a kind or a person, a page at a time.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    identity::staff::Staff,
    store::Db,
};

use super::queries::audit as queries;

/// How many rows stand on a page.
pub const PAGE: usize = 50;

/// A row of the record.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Row {
    /// The server's id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody: the desk itself.
    pub by_id: Option<Uuid>,
    /// The name that the person had then.
    pub by_name: String,
    /// What was done, in one sentence.
    pub text: String,
    /// What it was done to.
    pub kind: String,
    /// The thing's key or id.
    pub subject: String,
    /// The fields that changed: before and after.
    pub changes: Json<Map<String, Value>>,
}

/// Which rows are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one kind; empty: of all.
    pub kind: String,
    /// By one person.
    pub by: Option<Uuid>,
    /// Those before this one.
    pub before: Option<Uuid>,
}

/// Some rows, and whether there are older ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Newest first.
    pub rows: Vec<Row>,
    /// There are older ones after the last.
    pub more: bool,
}

/// A page of the record.
pub async fn page(db: &Db, staff: &Staff, filter: &Filter) -> Result<Page> {
    staff.require_admin("read the record")?;
    let place = match filter.before {
        Some(id) => {
            let found = queries::place_of(db, id).await?;
            found.ok_or_else(|| Error::not_found("There is no such row in the record."))?
        }
        // Later than anything: the last time that both engines compare right.
        None => (DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC), Uuid::max()),
    };
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = match (filter.kind.as_str(), filter.by) {
        ("", None) => queries::rows(db, place, most).await?,
        (kind, None) => queries::rows_of_kind(db, kind, place, most).await?,
        ("", Some(by)) => queries::rows_by(db, by, place, most).await?,
        (kind, Some(by)) => queries::rows_of_kind_by(db, kind, by, place, most).await?,
    };
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(Page { rows, more })
}

/// The kinds in the record, each with how many rows it has.
pub async fn kinds(db: &Db) -> Result<Vec<(String, i64)>> {
    Ok(queries::kinds(db).await?)
}

/// The people in the record, each with how many rows.
pub async fn authors(db: &Db) -> Result<Vec<(Uuid, String, i64)>> {
    Ok(queries::authors(db).await?)
}

/// A kind as people call it.
pub fn kind_name(kind: &str) -> &str {
    match kind {
        "team" => "Teams",
        "person" => "People",
        "category" => "Categories",
        "severity" => "Severities",
        "reply" => "Replies",
        "tag" => "Tags",
        "promises" => "Promises",
        "rules" => "Rules",
        "thresholds" => "Thresholds",
        "site" => "Sites",
        "hours" => "Hours",
        "holiday" => "Holidays",
        "by_hand" => "Opened or closed by hand",
        other => other,
    }
}

/// A field that changed, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field.
    pub field: String,
    /// What it was; nothing: it was not there.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl Row {
    /// What changed, field by field.
    pub fn changed(&self) -> Vec<Change> {
        let words = |values: &Value, at: usize| values.get(at).and_then(in_words);
        let change = |(field, values): (&String, &Value)| Change {
            field: field.replace('_', " "),
            before: words(values, 0),
            after: words(values, 1),
        };
        self.changes.iter().map(change).collect()
    }
}

fn in_words(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => return None,
        Value::Array(values) => values.iter().filter_map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn run_05_changes_are_told_in_words() {
        let words = [json!(null), json!(true), json!(["a", "b"]), json!([]), json!(7)].map(|value| in_words(&value));
        assert_eq!(words, [None, Some("yes".into()), Some("a, b".into()), None, Some("7".into())]);
    }
}
