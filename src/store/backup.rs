//! A whole desk into a new file, out of such a file, and from SQLite to PostgreSQL.
//!
//! A backup is a SQLite file with one table more, the manifest: rows and hash of every other table, and of the schema's own
//! text. SQLite finds damage to its structure only; the manifest finds it in the contents too.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use crate::error::{Error, Result};

use super::{
    MIGRATIONS, Tx, alone,
    copy::{copy, sums},
    disk::Disk,
    part::Part,
    require_durable,
    schema::{self, MANIFEST},
    set_epoch, settings, sqlite_file, tail,
};

pub use super::copy::TableSum;

const MIB: u64 = 1024 * 1024;

/// Copies the desk that `url` names, as it is at one moment, into a new file; it may be running. `reserve` bytes stay free on
/// the new file's disk. What each table holds. Refused where the file exists, or there is no desk (409, 404).
pub async fn backup(url: &str, to: &Path, reserve: u64, fold: impl Fold) -> Result<Vec<TableSum>> {
    let part = Part::beside(to)?;
    let mut tail = Vec::new();
    match sqlite_file(url)? {
        Some(file) => {
            must_exist(&file)?;
            must_have_room(&file, to, reserve)?;
            let path = part.path().to_str().ok_or_else(|| Error::internal("the new file's name must be UTF-8"))?;
            let pool = open(&file, Mode::AsItIs).await?;
            // It reads in one transaction, beside which others can write.
            let copy = async |pool: &SqlitePool| {
                // First the tail: what leaves it meanwhile is in the database then.
                tail = read_tail(&mut begin(pool, &file, "BEGIN").await?, &file).await?;
                Ok(sqlx::query("VACUUM INTO $1").bind(path).execute(pool).await?)
            };
            closing(pool, copy).await?;
        }
        None => from_server(url, part.path()).await?,
    }
    let pool = open(part.path(), Mode::OneFile).await?;
    let write = async |pool: &SqlitePool| {
        let mut tx = begin(pool, part.path(), "BEGIN IMMEDIATE").await?;
        fold(&mut tx, tail).await?;
        let sums = write_manifest(&mut tx).await?;
        tx.commit().await?;
        Ok::<_, Error>(sums)
    };
    let sums = closing(pool, write).await?;
    part.publish()?;
    Ok(sums)
}

/// Makes a desk in the database that `url` names out of a backup, once that proved whole. It gets `epoch`, so that whoever
/// was connected before notices. What each table held in the backup. Refused where there is a desk already, and where the
/// backup is damaged or of a newer program (409).
pub async fn restore(from: &Path, url: &str, epoch: Uuid) -> Result<Vec<TableSum>> {
    must_exist(from)?;
    let _alone = alone(url)?;
    let Some(target) = sqlite_file(url)? else {
        let pool = open(from, Mode::ReadOnly).await.map_err(|e| damaged(from, e.into()))?;
        let send = async |pool: &SqlitePool| {
            let mut tx = begin(pool, from, "BEGIN").await?;
            check(&mut tx).await.map_err(|e| damaged(from, e))?;
            into_server(&mut tx, url, Some(epoch)).await
        };
        return closing(pool, send).await;
    };
    must_be_free(&target)?;
    let part = Part::beside(&target)?;
    // The copy is checked, not what it was copied from: it is the copy that people will work with.
    std::fs::File::open(from)
        .and_then(|mut file| std::io::copy(&mut file, &mut std::fs::File::create(part.path())?))
        .map_err(|e| Error::internal(format!("{}: {e}", part.path().display())))?;
    let pool = open(part.path(), Mode::OneFile).await.map_err(|e| damaged(from, e.into()))?;
    let renew = async |pool: &SqlitePool| {
        let mut tx = begin(pool, part.path(), "BEGIN IMMEDIATE").await?;
        let sums = check(&mut tx).await.map_err(|e| damaged(from, e))?;
        tx.query_built(format!("DROP TABLE {MANIFEST}")).execute().await?;
        set_epoch(&mut tx, epoch).await?;
        migrate(&mut tx, i64::MAX).await?;
        tx.commit().await?;
        Ok::<_, Error>(sums)
    };
    let sums = closing(pool, renew).await?;
    part.publish()?;
    Ok(sums)
}

/// Copies the desk on SQLite that `url` names into an empty PostgreSQL database; nobody else can write to it meanwhile. What
/// each table holds, the same on both. Refused where a server runs, or the other database is not empty (409).
pub async fn move_to(url: &str, to: &str, fold: impl Fold) -> Result<Vec<TableSum>> {
    let Some(file) = sqlite_file(url)? else {
        return Err(Error::conflict(
            "not_sqlite",
            "Only a desk on SQLite can be moved, and this one is on PostgreSQL.",
        ));
    };
    must_exist(&file)?;
    let _alone = alone(url)?;
    let pool = open(&file, Mode::AsItIs).await?;
    let send = async |pool: &SqlitePool| {
        // With the lock for writing, so that nothing can be left behind.
        let mut tx = begin(pool, &file, "BEGIN IMMEDIATE").await?;
        // What a killed server left in the tail goes along; here it stays where it is.
        let tail = read_tail(&mut tx, &file).await?;
        fold(&mut tx, tail).await?;
        into_server(&mut tx, to, None).await
    };
    closing(pool, send).await
}

/// Brings records of the log's tail into the tables.
pub trait Fold: AsyncFnOnce(&mut Tx, Vec<String>) -> Result<()> {}
impl<T> Fold for T where T: AsyncFnOnce(&mut Tx, Vec<String>) -> Result<()> {}

/// What the log's tail holds beside a file.
async fn read_tail(tx: &mut Tx, file: &Path) -> Result<Vec<String>> {
    if !schema::names(tx).await?.iter().any(|table| table == "settings") {
        return Ok(Vec::new());
    }
    let Some(epoch) = settings::known_epoch(tx).await? else { return Ok(Vec::new()) };
    Ok(tail::read(file, epoch).map_err(sqlx::Error::Io)?.1)
}

/// Copies a desk into an empty database of a server, all or nothing.
async fn into_server(from: &mut Tx, url: &str, epoch: Option<Uuid>) -> Result<Vec<TableSum>> {
    let version = version(from).await?;
    let pool = connect(url).await?;
    require_durable(&pool).await?;
    let mut to = Tx::Postgres(pool.begin().await?);
    if let Some(table) = schema::names(&mut to).await?.first() {
        return Err(Error::conflict(
            "not_empty",
            format!("The PostgreSQL database is not empty: it has a table {table}. Make a new one, and name that."),
        ));
    }
    migrate(&mut to, version).await?;
    let sums = copy(from, &mut to).await?;
    if let Some(epoch) = epoch {
        set_epoch(&mut to, epoch).await?;
    }
    migrate(&mut to, i64::MAX).await?;
    to.commit().await?;
    pool.close().await;
    Ok(sums)
}

/// Copies the desk on a server, as it is at one moment, into an empty SQLite file.
async fn from_server(url: &str, file: &Path) -> Result<()> {
    let server = connect(url).await?;
    let mut from = Tx::Postgres(server.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?);
    let version = version(&mut from).await?;
    let pool = open(file, Mode::OneFile).await?;
    let receive = async |pool: &SqlitePool| {
        let mut to = begin(pool, file, "BEGIN IMMEDIATE").await?;
        migrate(&mut to, version).await?;
        copy(&mut from, &mut to).await?;
        Ok::<_, Error>(to.commit().await?)
    };
    closing(pool, receive).await
}

/// Writes down what each table holds, and the schema's text. What each table holds.
async fn write_manifest(tx: &mut Tx) -> Result<Vec<TableSum>> {
    let create = format!("CREATE TABLE {MANIFEST} (name TEXT PRIMARY KEY, rows BIGINT NOT NULL, sha256 TEXT NOT NULL)");
    tx.query_built(create).execute().await?;
    let mut all = contents(tx).await?;
    for sum in &all {
        tx.query("INSERT INTO deskbell_backup (name, rows, sha256) VALUES ($1, $2, $3)")
            .bind(sum.table.clone())
            .bind(i64::try_from(sum.rows).map_err(Error::internal)?)
            .bind(sum.sha256.clone())
            .execute()
            .await?;
    }
    all.pop();
    Ok(all)
}

/// Compares a backup with its manifest. What each table holds.
async fn check(tx: &mut Tx) -> Result<Vec<TableSum>> {
    let answer: Vec<(String,)> = tx.query_built("PRAGMA integrity_check".into()).fetch_all().await?;
    if let Some((words,)) = answer.into_iter().find(|(words,)| words != "ok") {
        return Err(Error::internal(words));
    }
    version(tx).await?;
    let written: Vec<(String, i64, String)> =
        tx.query("SELECT name, rows, sha256 FROM deskbell_backup").fetch_all().await?;
    let mut all = contents(tx).await?;
    for sum in &all {
        let as_written = |(name, rows, sha256): &(String, i64, String)| {
            *name == sum.table && u64::try_from(*rows) == Ok(sum.rows) && *sha256 == sum.sha256
        };
        if !written.iter().any(as_written) {
            return Err(Error::internal(format!("{} does not hold what was written into it", sum.table)));
        }
    }
    if written.len() != all.len() {
        return Err(Error::internal("a table is missing"));
    }
    all.pop();
    Ok(all)
}

/// What everything in a SQLite file holds, the manifest apart; the text of its schema comes last.
async fn contents(tx: &mut Tx) -> Result<Vec<TableSum>> {
    let mut tables = schema::tables(tx).await?;
    if tables.is_empty() {
        return Err(no_desk());
    }
    tables.push(schema::of_sqlite());
    sums(tx, &tables).await
}

/// The last migration of a desk, which this program must know, with all before it.
async fn version(tx: &mut Tx) -> Result<i64> {
    if schema::names(tx).await?.is_empty() {
        return Err(no_desk());
    }
    let applied: Vec<(i64, Vec<u8>)> =
        tx.query("SELECT version, checksum FROM _sqlx_migrations ORDER BY version").fetch_all().await?;
    for (version, checksum) in &applied {
        if !MIGRATIONS.iter().any(|m| m.version == *version && *m.checksum == **checksum) {
            return Err(Error::conflict(
                "newer",
                format!(
                    "The desk is of another, newer deskbell than this one (its migration {version}): use that one."
                ),
            ));
        }
    }
    applied.last().map(|(version, _)| *version).ok_or_else(no_desk)
}

async fn migrate(tx: &mut Tx, version: i64) -> sqlx::Result<()> {
    match tx {
        Tx::Sqlite(tx, _) => MIGRATIONS.run_to(version, &mut **tx).await?,
        Tx::Postgres(tx) => MIGRATIONS.run_to(version, &mut **tx).await?,
    }
    Ok(())
}

async fn connect(url: &str) -> Result<PgPool> {
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10));
    let connected = options.connect(url).await;
    connected.map_err(|e| Error::internal(format!("the PostgreSQL database cannot be reached: {e}")))
}

/// How a SQLite file is opened.
#[derive(Clone, Copy)]
enum Mode {
    /// A running desk's, whose settings stay.
    AsItIs,
    /// So that all is in the one file, nothing in others beside it.
    OneFile,
    /// Perhaps on a disk that cannot be written to.
    ReadOnly,
}

async fn open(file: &Path, mode: Mode) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(10));
    let options = match mode {
        Mode::AsItIs => options,
        Mode::OneFile => options.journal_mode(SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Full),
        Mode::ReadOnly => options.read_only(true),
    };
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await
}

/// Works in a SQLite file and closes it, however the work ends: only then are SQLite's files beside it gone.
async fn closing<T>(pool: SqlitePool, work: impl AsyncFnOnce(&SqlitePool) -> Result<T>) -> Result<T> {
    let done = work(&pool).await;
    pool.close().await;
    done
}

async fn begin(pool: &SqlitePool, file: &Path, how: &'static str) -> sqlx::Result<Tx> {
    Ok(Tx::Sqlite(pool.begin_with(how).await?, Arc::new(Disk::of(file, 0))))
}

fn must_exist(file: &Path) -> Result<()> {
    if file.is_file() { Ok(()) } else { Err(Error::not_found(format!("There is no file {}.", file.display()))) }
}

/// SQLite would read a journal that was left behind as the new file's.
fn must_be_free(target: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal", "-tail0", "-tail1"] {
        let mut name = target.as_os_str().to_owned();
        name.push(suffix);
        if std::fs::exists(&name).map_err(Error::internal)? {
            return Err(Error::conflict(
                "taken",
                format!(
                    "{} is there: a backup is restored only where no desk is. Move it away first, with the files whose names \
                     are the same and end in -wal, -shm, -tail0 or -tail1.",
                    Path::new(&name).display()
                ),
            ));
        }
    }
    Ok(())
}

/// A full disk would stop the desk itself.
fn must_have_room(file: &Path, to: &Path, reserve: u64) -> Result<()> {
    let folder = to.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let size = std::fs::metadata(file).map_err(Error::internal)?.len();
    match fs4::available_space(folder) {
        Ok(free) if free < size + reserve => Err(Error::conflict(
            "no_room",
            format!(
                "{} MiB are free in {}, and a backup takes up to {} MiB, with {} MiB left free after it \
                 (limits.free_disk_mb). Name a place with more room.",
                free / MIB,
                folder.display(),
                size.div_ceil(MIB),
                reserve / MIB
            ),
        )),
        // Where the system does not tell, writing says it.
        _ => Ok(()),
    }
}

fn no_desk() -> Error {
    Error::not_found("There is no desk in this database.")
}

/// What is wrong with a backup, whatever went wrong while it was read.
fn damaged(file: &Path, error: Error) -> Error {
    match error {
        Error::Internal(cause) => Error::conflict(
            "damaged",
            format!("{} is damaged, or not a backup: {cause}. Nothing was restored; take another one.", file.display()),
        ),
        refused @ Error::Refused(_) => refused,
    }
}
