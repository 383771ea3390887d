//! The record of who changed what of the desk. Rows are only ever added.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    identity::staff::Staff,
    work::Work,
};

use super::queries::audit as queries;

/// What a change was made to.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// "team", "person", "rules" …
    pub kind: &'a str,
    /// The thing's key or id.
    pub key: &'a str,
}

/// Notes a change within the transaction that makes it, in one sentence. `before` and `after` are the thing as it was and is
/// (`()`: not there); the fields that differ are kept. A change that changed nothing is not noted.
pub async fn note<T: Serialize, U: Serialize>(
    work: &mut Work<'_>,
    by: &Staff,
    subject: Subject<'_>,
    text: &str,
    before: &T,
    after: &U,
) -> Result<()> {
    let changes = differences(&fields(before)?, &fields(after)?);
    if changes.is_empty() {
        return Ok(());
    }
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_audit(&mut work.tx, id, now, by, subject, text, Value::Object(changes)).await?;
    Ok(())
}

fn fields<T: Serialize>(thing: &T) -> Result<Map<String, Value>> {
    match serde_json::to_value(thing).map_err(Error::internal)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let pair = |name: &String| {
        let (was, is) = (before.get(name).unwrap_or(&Value::Null), after.get(name).unwrap_or(&Value::Null));
        (was != is).then(|| (name.clone(), json!([was, is])))
    };
    names.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_noted() {
        let of = |value: Value| fields(&value).unwrap();
        let changes =
            differences(&of(json!({"name": "a", "tier": 1})), &of(json!({"name": "b", "tier": 1, "new": true})));
        assert_eq!(Value::Object(changes), json!({"name": ["a", "b"], "new": [null, true]}));
    }
}
