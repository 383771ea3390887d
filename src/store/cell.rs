//! One value on its way from a row of either engine to a row of either engine, and its canonical form.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};
use sqlx::{
    Decode, Postgres, Row as _, Sqlite, Type,
    postgres::PgRow,
    sqlite::SqliteRow,
    types::{Json, Uuid},
};

use super::{Query, schema::Kind};

/// Anything that can be read from a row of both engines.
pub trait Stored: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}
impl<T> Stored for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

/// A row of either engine.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn get<T: Stored>(&self, index: usize) -> sqlx::Result<Option<T>> {
        match self {
            Self::Sqlite(row) => row.try_get(index),
            Self::Postgres(row) => row.try_get(index),
        }
    }
}

/// A value, or its absence.
pub enum Cell {
    Boolean(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Date(Option<NaiveDate>),
    Integer(Option<i64>),
    Json(Option<Json<Value>>),
    Text(Option<String>),
    Time(Option<DateTime<Utc>>),
    Uuid(Option<Uuid>),
}

impl Cell {
    /// The value of a kind at a place of a row.
    pub fn read(row: &Row, index: usize, kind: Kind) -> sqlx::Result<Self> {
        Ok(match kind {
            Kind::Boolean => Self::Boolean(row.get(index)?),
            Kind::Bytes => Self::Bytes(row.get(index)?),
            Kind::Date => Self::Date(row.get(index)?),
            Kind::Integer => Self::Integer(row.get(index)?),
            Kind::Json => Self::Json(row.get(index)?),
            Kind::Text => Self::Text(row.get(index)?),
            Kind::Time => Self::Time(row.get(index)?),
            Kind::Uuid => Self::Uuid(row.get(index)?),
        })
    }

    /// How many bytes of a file it holds.
    pub fn weight(&self) -> usize {
        if let Self::Bytes(Some(bytes)) = self { bytes.len() } else { 0 }
    }

    /// Binds it as the next argument.
    pub fn bind(self, query: Query<'_>) -> Query<'_> {
        match self {
            Self::Boolean(value) => query.bind(value),
            Self::Bytes(value) => query.bind(value),
            Self::Date(value) => query.bind(value),
            Self::Integer(value) => query.bind(value),
            Self::Json(value) => query.bind(value),
            Self::Text(value) => query.bind(value),
            Self::Time(value) => query.bind(value),
            Self::Uuid(value) => query.bind(value),
        }
    }

    /// Adds its canonical form to a hash: a mark for the absence, or a mark, the length and the bytes. Backups carry such
    /// hashes, so this form must not change.
    pub fn hash(&self, hash: &mut Sha256) {
        let bytes = match self {
            Self::Boolean(value) => value.map(|v| vec![u8::from(v)]),
            Self::Bytes(value) => value.clone(),
            Self::Date(value) => value.map(|v| v.to_string().into_bytes()),
            Self::Integer(value) => value.map(|v| v.to_string().into_bytes()),
            Self::Json(value) => value.as_ref().map(|v| canonical(&v.0).into_bytes()),
            Self::Text(value) => value.clone().map(String::into_bytes),
            Self::Time(value) => value.map(|v| v.to_rfc3339_opts(SecondsFormat::Nanos, true).into_bytes()),
            Self::Uuid(value) => value.map(|v| v.as_bytes().to_vec()),
        };
        match bytes {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
        }
    }
}

/// JSON with its keys in order and each number in one way of writing: PostgreSQL keeps the value, not the text.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let fields = sorted.into_iter().map(|(k, v)| format!("{}:{}", Value::from(k.as_str()), canonical(v)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => canonical_number(number),
        other => other.to_string(),
    }
}

fn canonical_number(number: &Number) -> String {
    match number.as_f64() {
        // A zero below nothing is nothing.
        Some(0.0) => "0".into(),
        Some(value) if number.is_f64() && value.fract() == 0.0 => format!("{value:.0}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_04_json_has_one_canonical_form() {
        for (one, other) in [
            (r#"{"b": 1, "a": [null, true]}"#, r#"{"a":[null,true],"b":1}"#),
            // As PostgreSQL writes what was handed to it as the first.
            ("1e5", "100000"),
            ("-0.0", "0.0"),
            ("1e19", "10000000000000000000"),
            ("1e23", "100000000000000000000000"),
            ("2.50", "2.5"),
            (r#""\u00e9\u0001\ud83d\ude00""#, "\"é\\u0001😀\""),
        ] {
            let [a, b] = [one, other].map(|text| canonical(&serde_json::from_str(text).unwrap()));
            assert_eq!(a, b);
        }
        for (one, other) in
            [("1", "\"1\""), ("9007199254740993", "9007199254740992"), ("[1,2]", "[2,1]"), ("null", "0")]
        {
            let [a, b] = [one, other].map(|text| canonical(&serde_json::from_str(text).unwrap()));
            assert_ne!(a, b);
        }
    }
}
