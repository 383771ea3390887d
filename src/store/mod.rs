//! The store: one database, embedded SQLite or PostgreSQL, behind one `Db`, one `Tx` and one SQL text.
//!
//! SQLite has one writing connection and many reading ones; it takes its write lock at `BEGIN`, so that waiting happens
//! there and never in mid-transaction. Acknowledged means synced: WAL with `synchronous=FULL`.

pub mod backup;
mod cell;
mod copy;
mod disk;
pub mod like;
mod part;
mod postgres;
mod query;
mod schema;
mod settings;
mod tail;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    planted,
};

use disk::Disk;
use postgres::require_durable;
pub use query::{ManyRows, Param, Query, Record};
use settings::set_epoch;
pub use settings::{epoch, forget_pin_key, pin_key_mark, set_setting, setting, settle_pin_key};
pub use tail::Tail;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// How often the WAL is folded into the file.
const CHECKPOINT: Duration = Duration::from_millis(500);
/// How many pages of 4 KiB the WAL may have before a commit folds it.
const WAL_PAGES: &str = "16384";

/// What a reader keeps of the file, in KiB (SQLite writes that with a minus): the system has all of it besides.
const READER_CACHE: &str = "-512";
/// What the writer keeps: the ends of the logs that are written to, so that it need not read them again each time.
const WRITER_CACHE: &str = "-8192";

/// The desk's database.
#[derive(Clone)]
pub enum Db {
    /// One file: a pool of one writing connection and a pool of readers.
    Sqlite {
        /// The one writer.
        rw: SqlitePool,
        /// The readers.
        ro: SqlitePool,
        /// What they stand on.
        disk: Arc<Disk>,
    },
    /// A server that several nodes share.
    Postgres(PgPool),
}

/// A write transaction; dropped without `commit` it is rolled back.
pub enum Tx {
    /// On the one writing connection.
    Sqlite(Transaction<'static, Sqlite>, Arc<Disk>),
    /// On any connection of the pool.
    Postgres(Transaction<'static, Postgres>),
}

/// A statement that each engine needs in its own words.
pub struct EngineSql {
    /// On SQLite.
    pub sqlite: &'static str,
    /// On PostgreSQL.
    pub postgres: &'static str,
}

impl Db {
    /// Opens the database that `url` names (`sqlite:PATH` or `postgres://…`) and brings its schema up to date. Under a SQLite
    /// file `reserve` bytes of the disk stay free.
    pub async fn open(url: &str, reserve: u64) -> sqlx::Result<Self> {
        let db = if sqlite_file(url)?.is_none() {
            Self::Postgres(postgres::connect(url).await?)
        } else {
            Self::open_sqlite(url, reserve).await?
        };
        match &db {
            Self::Sqlite { rw, .. } => {
                // SQLite's migrations have no lock of their own, and two starts at once would collide: a lock file.
                let lock = lock_file(rw.connect_options().get_filename().with_extension("lock")).await?;
                MIGRATIONS.run(rw).await?;
                drop(lock);
                sync_recovered(rw).await?;
            }
            Self::Postgres(pool) => MIGRATIONS.run(pool).await?,
        }
        Ok(db)
    }

    async fn open_sqlite(url: &str, reserve: u64) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous())
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("wal_autocheckpoint", WAL_PAGES)
            .disable_statement_logging();
        // A connection that a failed COMMIT left inside a transaction would answer Ok and write nothing: it is closed.
        let file = options.get_filename().to_owned();
        if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let rw = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .after_release(|c, _| {
                Box::pin(async move {
                    planted!("no-pool-guard", return Ok(true));
                    Ok(c.execute("SELECT 1").await.is_ok() && !c.is_in_transaction())
                })
            })
            .connect_with(options.clone().pragma("cache_size", WRITER_CACHE).pragma("temp_store", "memory"))
            .await?;
        let ro = SqlitePoolOptions::new()
            .max_connections(readers())
            .connect_with(options.create_if_missing(false).pragma("query_only", "1").pragma("cache_size", READER_CACHE))
            .await?;
        Ok(Self::Sqlite { rw, ro, disk: Arc::new(Disk::of(&file, reserve)) })
    }

    /// A statement outside a transaction; on SQLite it can only read.
    pub fn query(&self, sql: &'static str) -> Query<'_> {
        match self {
            Self::Sqlite { ro, .. } => Query::on_sqlite_pool(ro, sql),
            Self::Postgres(pool) => Query::on_pg_pool(pool, sql),
        }
    }

    /// A statement outside a transaction in the engine's own words.
    pub fn query_for(&self, sql: &EngineSql) -> Query<'_> {
        match self {
            Self::Sqlite { ro, .. } => Query::on_sqlite_pool(ro, sql.sqlite),
            Self::Postgres(pool) => Query::on_pg_pool(pool, sql.postgres),
        }
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite { rw, disk, .. } => {
                disk.may_write()?;
                Tx::Sqlite(disk.heard(rw.begin_with("BEGIN IMMEDIATE").await)?, disk.clone())
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// The log's tail, and what it holds that may not be in the database yet; none on PostgreSQL.
    pub fn tail(&self, desk: Uuid) -> sqlx::Result<Option<(Tail, Vec<String>)>> {
        let Self::Sqlite { rw, disk, .. } = self else { return Ok(None) };
        Ok(Some(Tail::open(rw.connect_options().get_filename(), desk, disk.clone())?))
    }

    /// Answers when the database answers.
    pub async fn ping(&self) -> sqlx::Result<()> {
        self.query("SELECT 1 AS one").execute().await.map(drop)
    }

    /// The time by PostgreSQL's clock.
    pub async fn now(&self) -> sqlx::Result<DateTime<Utc>> {
        let (now,) = self.query("SELECT CURRENT_TIMESTAMP AS now").fetch_one().await?;
        Ok(now)
    }

    /// Looks after the disk until the stop: the room on it, and the WAL, which is folded into the file beside the writer.
    pub async fn watch_disk(&self, stop: &CancellationToken) {
        if let Self::Sqlite { ro, disk, .. } = self {
            let options = ro.connect_options();
            tokio::join!(disk.watch(stop), checkpoint(&options, disk, stop));
        }
    }

    /// Waits until the disk under the database has failed: what is on it is unknown, so the process must end. Another
    /// server looks after its own disk.
    pub async fn broken(&self) {
        match self {
            Self::Sqlite { disk, .. } => disk.broken().await,
            Self::Postgres(_) => std::future::pending().await,
        }
    }

    /// For planted bugs: whether commits wait for the disk from now on.
    #[cfg(feature = "planted-bugs")]
    pub async fn sync_commits(&self, sync: bool) {
        let pragma = if sync { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = OFF" };
        if let Self::Sqlite { rw, .. } = self {
            let _ = sqlx::query(pragma).execute(rw).await;
        }
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

/// The file that a URL names; none: it names a PostgreSQL server.
fn sqlite_file(url: &str) -> sqlx::Result<Option<PathBuf>> {
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Ok(None);
    }
    Ok(Some(SqliteConnectOptions::from_str(url)?.get_filename().to_owned()))
}

/// Keeps every other server off a SQLite file until it is dropped, or the process ends in any way.
#[derive(Debug)]
pub struct Alone {
    _lock: Option<File>,
}

/// Makes this process the only one that serves, moves or restores the desk that `url` names. Commands beside a running
/// server do not ask for it, and PostgreSQL serves many. Refused (409) where another process has it.
pub fn alone(url: &str) -> Result<Alone> {
    let Some(file) = sqlite_file(url)? else { return Ok(Alone { _lock: None }) };
    // One desk under two names is still one.
    let file = std::fs::canonicalize(&file).unwrap_or(file);
    let mut name = file.clone().into_os_string();
    name.push(".serving");
    let problem = |e: std::io::Error| Error::internal(format!("{}: {e}", Path::new(&name).display()));
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(problem)?;
    }
    let lock = File::create(&name).map_err(problem)?;
    match lock.try_lock() {
        Ok(()) => Ok(Alone { _lock: Some(lock) }),
        Err(TryLockError::Error(e)) => Err(problem(e)),
        Err(TryLockError::WouldBlock) => Err(Error::conflict(
            "in_use",
            format!(
                "{} is in use: a server runs on it, or it is being moved or restored. Stop that first. Several servers can \
                 share a desk on PostgreSQL only.",
                file.display()
            ),
        )),
    }
}

/// How many connections read: they wait for a core and hardly for the disk, and each takes about a megabyte.
fn readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(cores.clamp(4, 8)).unwrap_or(8)
}

/// When SQLite waits for the disk: at every commit.
fn synchronous() -> SqliteSynchronous {
    planted!("synchronous-normal", return SqliteSynchronous::Normal);
    SqliteSynchronous::Full
}

/// Brings to the disk what the WAL holds. A killed process may have left commits there that were written and not synced: they
/// are in the log again now, and must not be shown to anybody while a power cut could still take them.
async fn sync_recovered(rw: &SqlitePool) -> sqlx::Result<()> {
    planted!("recovered-without-sync", return Ok(()));
    rw.execute("PRAGMA wal_checkpoint(PASSIVE)").await.map(drop)
}

/// Waits until no other process holds the file; it is free again when the answer is dropped.
async fn lock_file(path: PathBuf) -> sqlx::Result<File> {
    let locked = tokio::task::spawn_blocking(move || File::create(path).and_then(|file| file.lock().map(|()| file)));
    Ok(locked.await.map_err(|e| sqlx::Error::Configuration(e.into()))??)
}

impl Tx {
    /// A statement of this transaction.
    pub fn query(&mut self, sql: &'static str) -> Query<'_> {
        match self {
            Self::Sqlite(tx, _) => Query::on_sqlite_tx(tx, sql),
            Self::Postgres(tx) => Query::on_pg_tx(tx, sql),
        }
    }

    /// A statement with many rows.
    pub fn query_rows(&mut self, sql: &'static ManyRows) -> Query<'_> {
        match self {
            Self::Sqlite(tx, _) => Query::on_sqlite_tx(tx, sql.text()),
            Self::Postgres(tx) => Query::on_pg_tx(tx, sql.text()),
        }
    }

    /// A statement that was put together from the names in the schema, quoted.
    fn query_built(&mut self, sql: String) -> Query<'_> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(tx, _) => Query::on_sqlite_tx(tx, sql),
            Self::Postgres(tx) => Query::on_pg_tx(tx, sql),
        }
    }

    /// A statement in the engine's own words.
    pub fn query_for(&mut self, sql: &EngineSql) -> Query<'_> {
        match self {
            Self::Sqlite(tx, _) => Query::on_sqlite_tx(tx, sql.sqlite),
            Self::Postgres(tx) => Query::on_pg_tx(tx, sql.postgres),
        }
    }

    /// Makes the transaction's changes durable.
    pub async fn commit(self) -> sqlx::Result<()> {
        planted!("sync-error-ignored", let _ = self.finish().await; return Ok(()));
        self.finish().await
    }

    async fn finish(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx, disk) => disk.heard(tx.commit().await),
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Folds the WAL into the file again and again on a connection of its own, so that no commit has to wait for it. Once the
/// WAL has grown to `WAL_PAGES` because this lags behind, SQLite does it in a commit after all.
async fn checkpoint(options: &SqliteConnectOptions, disk: &Disk, stop: &CancellationToken) {
    let mut connection = match options.clone().pragma("query_only", "0").connect().await {
        Ok(connection) => connection,
        Err(error) => return tracing::warn!(%error, "there is no connection to fold the WAL with"),
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(CHECKPOINT) => {}
        }
        if let Err(error) = disk.heard(connection.execute("PRAGMA wal_checkpoint(PASSIVE)").await) {
            tracing::warn!(%error, "the WAL could not be folded; it is tried again");
        }
    }
    // Nothing was promised on this connection.
    let _ = connection.close().await;
}

/// Whether an error means that the connection to the server broke or could not be had, or that the server is on its way down.
pub fn lost_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // Class 08: connection exceptions; 57P0x: the server stops or starts; 25P03: it took this node for gone; 40: this node
        // lost a race and may try again.
        sqlx::Error::Database(e) => {
            e.code().is_some_and(|c| ["08", "57P", "25P03", "40"].iter().any(|class| c.starts_with(class)))
        }
        _ => false,
    }
}

/// Whether an error means that the disk has no room for what a write needs.
pub fn disk_full(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(e) => e.kind() == std::io::ErrorKind::StorageFull,
        sqlx::Error::Database(e) => {
            // SQLite's result codes are numbers; 53100 is PostgreSQL's disk_full.
            e.code().is_some_and(|code| code == "53100" || code.parse() == Ok(disk::SQLITE_FULL))
        }
        _ => false,
    }
}
