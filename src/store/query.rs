//! `Query`: one SQL text with its arguments, run on whichever engine the desk has.

use sqlx::{
    Arguments, Encode, FromRow, PgConnection, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    SqlitePool, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

/// Anything that can be bound on both engines.
pub trait Param:
    Send + for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres>
{
}
impl<T> Param for T where
    T: Send + for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres>
{
}

/// Anything that can be read from a row of both engines (`#[derive(sqlx::FromRow)]` is enough).
pub trait Record: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}
impl<T> Record for T where T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

/// Where a query runs, with its arguments in that engine's form.
enum Run<'c> {
    SqlitePool(&'c SqlitePool, SqliteArguments),
    SqliteTx(&'c mut SqliteConnection, SqliteArguments),
    PgPool(&'c PgPool, PgArguments),
    PgTx(&'c mut PgConnection, PgArguments),
}

/// A statement that takes many rows at once, for SQLite. Rows that are missing in the end are bound as nulls.
pub struct ManyRows(String);

impl ManyRows {
    /// Repeats the row of a statement that has `VALUES (?, …)` with one row.
    pub fn new(sql: &str, rows: usize) -> Self {
        let (row, rest) = sql.split_once("VALUES (").and_then(|(_, row)| row.split_once(')')).unwrap_or_default();
        let head = sql.len() - rest.len();
        let more = format!(", ({row})").repeat(rows.saturating_sub(1));
        Self(format!("{}{more}{rest}", sql.get(..head).unwrap_or_default()))
    }

    pub(super) fn text(&'static self) -> &'static str {
        &self.0
    }
}

/// One statement on its way; made by `Db::query` and `Tx::query`.
#[must_use = "a query does nothing until it is fetched or executed"]
pub struct Query<'c> {
    run: Run<'c>,
    sql: SqlStr,
    error: Option<sqlx::error::BoxDynError>,
}

impl<'c> Query<'c> {
    pub(super) fn on_sqlite_pool(pool: &'c SqlitePool, sql: impl SqlSafeStr) -> Self {
        Self { run: Run::SqlitePool(pool, SqliteArguments::default()), sql: sql.into_sql_str(), error: None }
    }

    pub(super) fn on_sqlite_tx(tx: &'c mut SqliteConnection, sql: impl SqlSafeStr) -> Self {
        Self { run: Run::SqliteTx(tx, SqliteArguments::default()), sql: sql.into_sql_str(), error: None }
    }

    pub(super) fn on_pg_pool(pool: &'c PgPool, sql: impl SqlSafeStr) -> Self {
        Self { run: Run::PgPool(pool, PgArguments::default()), sql: sql.into_sql_str(), error: None }
    }

    pub(super) fn on_pg_tx(tx: &'c mut PgConnection, sql: impl SqlSafeStr) -> Self {
        Self { run: Run::PgTx(tx, PgArguments::default()), sql: sql.into_sql_str(), error: None }
    }

    /// Binds the next argument (`$1`, `$2`, …).
    pub fn bind<T: Param>(mut self, value: T) -> Self {
        let added = match &mut self.run {
            Run::SqlitePool(_, a) | Run::SqliteTx(_, a) => a.add(value),
            Run::PgPool(_, a) | Run::PgTx(_, a) => a.add(value),
        };
        if let Err(e) = added {
            self.error.get_or_insert(e);
        }
        self
    }

    /// Runs the statement; the number of rows that it changed.
    pub async fn execute(self) -> sqlx::Result<u64> {
        if let Some(e) = self.error {
            return Err(sqlx::Error::Encode(e));
        }
        Ok(match self.run {
            Run::SqlitePool(c, a) => sqlx::query_with(self.sql, a).execute(c).await?.rows_affected(),
            Run::SqliteTx(c, a) => sqlx::query_with(self.sql, a).execute(c).await?.rows_affected(),
            Run::PgPool(c, a) => sqlx::query_with(self.sql, a).execute(c).await?.rows_affected(),
            Run::PgTx(c, a) => sqlx::query_with(self.sql, a).execute(c).await?.rows_affected(),
        })
    }

    /// All rows.
    pub async fn fetch_all<T: Record>(self) -> sqlx::Result<Vec<T>> {
        if let Some(e) = self.error {
            return Err(sqlx::Error::Encode(e));
        }
        match self.run {
            Run::SqlitePool(c, a) => sqlx::query_as_with(self.sql, a).fetch_all(c).await,
            Run::SqliteTx(c, a) => sqlx::query_as_with(self.sql, a).fetch_all(c).await,
            Run::PgPool(c, a) => sqlx::query_as_with(self.sql, a).fetch_all(c).await,
            Run::PgTx(c, a) => sqlx::query_as_with(self.sql, a).fetch_all(c).await,
        }
    }

    /// The first row, if there is one.
    pub async fn fetch_optional<T: Record>(self) -> sqlx::Result<Option<T>> {
        if let Some(e) = self.error {
            return Err(sqlx::Error::Encode(e));
        }
        match self.run {
            Run::SqlitePool(c, a) => sqlx::query_as_with(self.sql, a).fetch_optional(c).await,
            Run::SqliteTx(c, a) => sqlx::query_as_with(self.sql, a).fetch_optional(c).await,
            Run::PgPool(c, a) => sqlx::query_as_with(self.sql, a).fetch_optional(c).await,
            Run::PgTx(c, a) => sqlx::query_as_with(self.sql, a).fetch_optional(c).await,
        }
    }

    /// The first row; none is `sqlx::Error::RowNotFound`.
    pub async fn fetch_one<T: Record>(self) -> sqlx::Result<T> {
        self.fetch_optional().await?.ok_or(sqlx::Error::RowNotFound)
    }
}
