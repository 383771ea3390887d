//! The schema as the database itself tells it: tables with columns, kinds and keys, in an order that foreign keys allow. So a
//! table that a later migration adds is copied without anybody remembering it.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};

use super::{EngineSql, Tx};

/// The table that only a backup has: what must be in the others.
pub const MANIFEST: &str = "deskbell_backup";

/// What a column holds, whatever an engine calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Bytes,
    Date,
    Integer,
    Json,
    Text,
    Time,
    Uuid,
}

impl Kind {
    fn of(type_name: &str) -> Option<Self> {
        Some(match type_name.to_ascii_uppercase().as_str() {
            "BOOLEAN" => Self::Boolean,
            "BYTEA" => Self::Bytes,
            "DATE" => Self::Date,
            "SMALLINT" | "INTEGER" | "BIGINT" => Self::Integer,
            "JSONB" => Self::Json,
            "TEXT" => Self::Text,
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Self::Time,
            "UUID" => Self::Uuid,
            _ => return None,
        })
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The columns of the primary key, as positions in `columns`, in the key's order.
    pub key: Vec<usize>,
    /// Its rows may refer to each other.
    pub refers_to_itself: bool,
}

const COLUMNS: EngineSql = EngineSql {
    sqlite: "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT IN ('_sqlx_migrations', 'deskbell_backup')
             ORDER BY t.name, c.cid",
    // What an extension brought into the schema belongs to it.
    postgres: "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, a.atttypmod),
                      CAST(COALESCE(array_position(k.conkey, a.attnum), 0) AS BIGINT)
               FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
               LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
               WHERE t.relkind IN ('r', 'p') AND t.relname <> '_sqlx_migrations' AND NOT EXISTS (
                   SELECT 1 FROM pg_depend d
                   WHERE d.classid = CAST('pg_class' AS REGCLASS) AND d.objid = t.oid AND d.deptype = 'e')
               ORDER BY t.relname, a.attnum",
};

const REFERENCES: EngineSql = EngineSql {
    sqlite: "SELECT t.name, f.\"table\" FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS f
             WHERE t.type = 'table'",
    postgres: "SELECT CAST(t.relname AS TEXT), CAST(p.relname AS TEXT) FROM pg_constraint f
               JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
               JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() WHERE f.contype = 'f'",
};

/// The names of all tables.
pub async fn names(tx: &mut Tx) -> Result<BTreeSet<String>> {
    let columns: Vec<(String, String, String, i64)> = tx.query_for(&COLUMNS).fetch_all().await?;
    Ok(columns.into_iter().map(|(table, ..)| table).collect())
}

/// The tables of the desk, each after those that it refers to.
pub async fn tables(tx: &mut Tx) -> Result<Vec<Table>> {
    let columns: Vec<(String, String, String, i64)> = tx.query_for(&COLUMNS).fetch_all().await?;
    let references: Vec<(String, String)> = tx.query_for(&REFERENCES).fetch_all().await?;
    let mut tables: BTreeMap<String, (Vec<Column>, BTreeMap<i64, usize>)> = BTreeMap::new();
    for (table, name, type_name, place) in columns {
        let Some(kind) = Kind::of(&type_name) else {
            return Err(Error::internal(format!(
                "{table}.{name} has the type {type_name}, which this program cannot copy"
            )));
        };
        let (columns, key) = tables.entry(table).or_default();
        if place > 0 {
            key.insert(place, columns.len());
        }
        columns.push(Column { name, kind });
    }
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, parent) in references {
        parents.entry(table).or_default().insert(parent);
    }
    let tables = tables.into_iter().map(|(name, (columns, key))| {
        if key.is_empty() {
            return Err(Error::internal(format!("{name} has no primary key, so its rows have no order")));
        }
        let refers_to_itself = parents.get(&name).is_some_and(|parents| parents.contains(&name));
        Ok(Table { name, columns, key: key.into_values().collect(), refers_to_itself })
    });
    in_order(tables.collect::<Result<_>>()?, &parents)
}

fn in_order(mut left: Vec<Table>, parents: &BTreeMap<String, BTreeSet<String>>) -> Result<Vec<Table>> {
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let waits = |t: &Table| {
            parents.get(&t.name).is_some_and(|p| left.iter().any(|l| l.name != t.name && p.contains(&l.name)))
        };
        let Some(next) = left.iter().position(|t| !waits(t)) else {
            let names: Vec<&str> = left.iter().map(|t| t.name.as_str()).collect();
            return Err(Error::internal(format!("these tables refer to each other in a circle: {}", names.join(", "))));
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

/// The text of a SQLite file's own schema, as one more table: so that it can be checked like the others.
pub fn of_sqlite() -> Table {
    let columns = ["type", "name", "tbl_name", "sql"].map(|name| Column { name: name.into(), kind: Kind::Text });
    Table { name: "sqlite_schema".into(), columns: columns.into(), key: vec![0, 1], refers_to_itself: false }
}

/// A name as SQL reads it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
