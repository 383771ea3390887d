//! The generic copier: every table of a desk from one transaction into another, on whichever engines, and a hash of each.

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use crate::error::{Error, Result};

use super::{
    Tx,
    cell::{Cell, Row},
    disk_full,
    schema::{self, Kind, Table, quoted},
};

/// Rows in one statement.
const BATCH: usize = 200;
/// Bytes of files in one statement, after which no other row is added: all of it is in memory.
const WEIGHT: usize = 8 * 1024 * 1024;
/// Arguments in one statement: below what either engine takes.
const ARGUMENTS: usize = 30_000;

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    /// The table's name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of all rows in canonical form, in the order of the primary key, in hex.
    pub sha256: String,
}

/// Copies all tables into a database that has the same ones from the same migrations, and reads them again there: they must
/// hold the same. What the migrations put there themselves is replaced. The caller commits.
pub async fn copy(from: &mut Tx, to: &mut Tx) -> Result<Vec<TableSum>> {
    let tables = schema::tables(to).await?;
    same(&schema::tables(from).await?, &tables)?;
    for table in tables.iter().rev() {
        to.query_built(format!("DELETE FROM {}", quoted(&table.name))).execute().await.map_err(|e| at(table, e))?;
    }
    let mut sent = Vec::new();
    for table in &tables {
        sent.push(copy_table(from, to, table).await?);
    }
    for (table, sent) in tables.iter().zip(&sent) {
        let arrived = sum(to, table).await?;
        if arrived != *sent {
            return Err(Error::internal(format!(
                "{} was not copied as it is: {} rows of {} arrived, their hash is {} and must be {}",
                table.name, arrived.rows, sent.rows, arrived.sha256, sent.sha256
            )));
        }
    }
    Ok(sent)
}

/// What each table holds.
pub async fn sums(tx: &mut Tx, tables: &[Table]) -> Result<Vec<TableSum>> {
    let mut sums = Vec::new();
    for table in tables {
        sums.push(sum(tx, table).await?);
    }
    Ok(sums)
}

fn same(from: &[Table], to: &[Table]) -> Result<()> {
    let other = from.iter().find(|t| !to.contains(t)).or_else(|| to.iter().find(|t| !from.contains(t)));
    other.map_or(Ok(()), |table| {
        Err(Error::conflict(
            "other_schema",
            format!(
                "The table {} is not as this program's migrations make it. If it is not Deskbell's, move it to another \
                 database or schema.",
                table.name
            ),
        ))
    })
}

async fn sum(tx: &mut Tx, table: &Table) -> Result<TableSum> {
    let mut reader = Reader::new(tx, table);
    while reader.next().await?.is_some() {}
    Ok(reader.sum())
}

async fn copy_table(from: &mut Tx, to: &mut Tx, table: &Table) -> Result<TableSum> {
    let most = ARGUMENTS / table.columns.len();
    // What rows refer to must be there when the statement ends: those that refer to each other come in one.
    let size = if table.refers_to_itself { most } else { BATCH.min(most) };
    let mut reader = Reader::new(from, table);
    let (mut batch, mut weight) = (Vec::with_capacity(size), 0);
    while let Some(row) = reader.next().await? {
        weight += row.iter().map(Cell::weight).sum::<usize>();
        batch.push(row);
        if batch.len() == size || weight >= WEIGHT {
            insert(to, table, std::mem::take(&mut batch)).await?;
            weight = 0;
        }
    }
    if !batch.is_empty() {
        insert(to, table, batch).await?;
    }
    Ok(reader.sum())
}

async fn insert(tx: &mut Tx, table: &Table, rows: Vec<Vec<Cell>>) -> Result<()> {
    let names: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let width = names.len();
    let values = (0..rows.len()).map(|row| {
        let places: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
        format!("({})", places.join(", "))
    });
    let values: Vec<String> = values.collect();
    let sql = format!("INSERT INTO {} ({}) VALUES {}", quoted(&table.name), names.join(", "), values.join(", "));
    let query = rows.into_iter().flatten().fold(tx.query_built(sql), |query, cell| cell.bind(query));
    query.execute().await.map(drop).map_err(|e| at(table, e))
}

/// Reads a table in the order of its key, a row at a time, and sums up what it has read.
struct Reader<'t> {
    table: &'t Table,
    rows: BoxStream<'t, sqlx::Result<Row>>,
    count: u64,
    hash: Sha256,
}

impl<'t> Reader<'t> {
    fn new(tx: &'t mut Tx, table: &'t Table) -> Self {
        let mut hash = Sha256::new();
        for name in std::iter::once(&table.name).chain(table.columns.iter().map(|c| &c.name)) {
            Cell::Text(Some(name.clone())).hash(&mut hash);
        }
        let rows = match tx {
            Tx::Sqlite(tx, _) => {
                let sql = select(table, |name, kind| match kind {
                    // A bare number in a column of JSON is kept as a number.
                    Kind::Json => format!("CAST({name} AS TEXT)"),
                    _ => name,
                });
                sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx).map_ok(Row::Sqlite).boxed()
            }
            Tx::Postgres(tx) => {
                let sql = select(table, |name, kind| match kind {
                    Kind::Integer => format!("CAST({name} AS BIGINT)"),
                    // In the order of bytes, as SQLite has it, whatever the database's language is.
                    Kind::Text => format!("{name} COLLATE \"C\""),
                    _ => name,
                });
                sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx).map_ok(Row::Postgres).boxed()
            }
        };
        Self { table, rows, count: 0, hash }
    }

    async fn next(&mut self) -> Result<Option<Vec<Cell>>> {
        let Some(row) = self.rows.try_next().await.map_err(|e| at(self.table, e))? else { return Ok(None) };
        let mut cells = Vec::with_capacity(self.table.columns.len());
        for (index, column) in self.table.columns.iter().enumerate() {
            let cell = Cell::read(&row, index, column.kind)
                .map_err(|e| Error::internal(format!("{}.{}: {e}", self.table.name, column.name)))?;
            cell.hash(&mut self.hash);
            cells.push(cell);
        }
        self.count += 1;
        Ok(Some(cells))
    }

    fn sum(self) -> TableSum {
        let sha256 = self.hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        TableSum { table: self.table.name.clone(), rows: self.count, sha256 }
    }
}

fn select(table: &Table, read: impl Fn(String, Kind) -> String) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| read(quoted(&c.name), c.kind)).collect();
    let key: Vec<&str> = table.key.iter().map(|at| columns[*at].as_str()).collect();
    format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), quoted(&table.name), key.join(", "))
}

fn at(table: &Table, error: sqlx::Error) -> Error {
    if disk_full(&error) { error.into() } else { Error::internal(format!("{}: {error}", table.name)) }
}
