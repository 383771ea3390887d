//! The store: one database, embedded SQLite or PostgreSQL, behind one `Db`, one `Tx` and one SQL text.
//!
//! SQLite has one writing connection and many reading ones; it takes its write lock at `BEGIN`, so that waiting happens
//! there and never in mid-transaction. Acknowledged means synced: WAL with `synchronous=FULL`.

mod query;

use std::{path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    Connection, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use uuid::Uuid;

pub use query::{Param, Query, Record};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The desk's database.
#[derive(Clone)]
pub enum Db {
    /// One file: a pool of one writing connection and a pool of readers.
    Sqlite {
        /// The one writer.
        rw: SqlitePool,
        /// The readers.
        ro: SqlitePool,
    },
    /// A server that several nodes share.
    Postgres(PgPool),
}

/// A write transaction; dropped without `commit` it is rolled back.
pub enum Tx {
    /// On the one writing connection.
    Sqlite(Transaction<'static, Sqlite>),
    /// On any connection of the pool.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Opens the database that `url` names (`sqlite:PATH` or `postgres://…`) and brings its schema up to date.
    pub async fn open(url: &str) -> sqlx::Result<Self> {
        let db = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10));
            Self::Postgres(pool.connect(url).await?)
        } else {
            Self::open_sqlite(url).await?
        };
        match &db {
            Self::Sqlite { rw, .. } => {
                // SQLite's migrations have no lock of their own, and two starts at once would collide: a lock file.
                let lock = lock_file(rw.connect_options().get_filename().with_extension("lock")).await?;
                MIGRATIONS.run(rw).await?;
                drop(lock);
            }
            Self::Postgres(pool) => MIGRATIONS.run(pool).await?,
        }
        Ok(db)
    }

    async fn open_sqlite(url: &str) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        // A connection that a failed COMMIT left inside a transaction would answer Ok and write nothing: it is closed.
        let file = options.get_filename().to_owned();
        if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let rw = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .after_release(|c, _| {
                Box::pin(async move { Ok(c.execute("SELECT 1").await.is_ok() && !c.is_in_transaction()) })
            })
            .connect_with(options.clone())
            .await?;
        let ro = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options.create_if_missing(false).pragma("query_only", "1"))
            .await?;
        Ok(Self::Sqlite { rw, ro })
    }

    /// A statement outside a transaction; on SQLite it can only read.
    pub fn query(&self, sql: &'static str) -> Query<'_> {
        match self {
            Self::Sqlite { ro, .. } => Query::on_sqlite_pool(ro, sql),
            Self::Postgres(pool) => Query::on_pg_pool(pool, sql),
        }
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite { rw, .. } => Tx::Sqlite(rw.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Answers when the database answers.
    pub async fn ping(&self) -> sqlx::Result<()> {
        self.query("SELECT 1 AS one").execute().await.map(drop)
    }

    /// Closes all connections; on SQLite the WAL is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { rw, ro, .. } => {
                ro.close().await;
                rw.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Waits until no other process holds the file; it is free again when the answer is dropped.
async fn lock_file(path: PathBuf) -> sqlx::Result<std::fs::File> {
    let locked =
        tokio::task::spawn_blocking(move || std::fs::File::create(path).and_then(|file| file.lock().map(|()| file)));
    Ok(locked.await.map_err(|e| sqlx::Error::Configuration(e.into()))??)
}

/// The id of this desk's history, made at the first start: a restored backup gets a new one.
pub async fn epoch(db: &Db, new: Uuid) -> sqlx::Result<Uuid> {
    let mut tx = db.begin().await?;
    tx.query("INSERT INTO settings (key, value) VALUES ('epoch', $1) ON CONFLICT (key) DO NOTHING")
        .bind(new.to_string())
        .execute()
        .await?;
    let (epoch,): (String,) = tx.query("SELECT value FROM settings WHERE key = 'epoch'").fetch_one().await?;
    tx.commit().await?;
    epoch.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

impl Tx {
    /// A statement of this transaction.
    pub fn query(&mut self, sql: &'static str) -> Query<'_> {
        match self {
            Self::Sqlite(tx) => Query::on_sqlite_tx(tx, sql),
            Self::Postgres(tx) => Query::on_pg_tx(tx, sql),
        }
    }

    /// Makes the transaction's changes durable.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}
