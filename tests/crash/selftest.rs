//! Does the disk lose power at all? A writer in a process of its own: with `synchronous=NORMAL` a cut must take what was
//! committed, with `FULL` it must not.

use std::{path::Path, process::Stdio};

use rand::{SeedableRng, rngs::StdRng};
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::disk::{self, Disk, Loss};

/// How many cuts each setting sees.
const CUTS: u64 = 4;

/// Whether the disk loses what was not synced, and only that.
pub async fn disk_loses_power() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let library = disk::compile(folder.path());
    let (mut normal, mut full) = (0, 0);
    for cut in 0..CUTS {
        normal += lost(&folder.path().join(format!("normal-{cut}")), &library, "normal", cut).await;
        full += lost(&folder.path().join(format!("full-{cut}")), &library, "full", cut).await;
    }
    println!("the disk: in {CUTS} power cuts each, NORMAL lost {normal} committed rows and FULL {full}");
    normal > 0 && full == 0
}

/// Lets the writer commit for a while, cuts the power; how many committed rows are gone.
async fn lost(folder: &Path, library: &Path, synchronous: &str, seed: u64) -> i64 {
    std::fs::create_dir_all(folder).unwrap();
    let disk = Disk::new(folder.join("rows.sqlite"), folder.join("disk"), library);
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["write-rows", synchronous])
        .arg(&disk.file)
        .envs(disk.environment())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut committed: i64 = 0;
    while committed < 150 {
        committed = lines.next_line().await.unwrap().expect("the writer goes on").parse().unwrap();
    }
    writer.kill().await.unwrap();
    disk.lose_power(Loss::All, &mut StdRng::seed_from_u64(seed));
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&disk.file)).await.unwrap();
    let rows: Result<(i64,), _> = sqlx::query_as("SELECT count(*) FROM rows").fetch_one(&mut db).await;
    (committed - rows.map_or(0, |(rows,)| rows)).max(0)
}

/// The writer: commits a row and tells so, until it is killed.
pub async fn write_rows(synchronous: &str, file: &Path) {
    let synchronous = if synchronous == "full" { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("CREATE TABLE rows (n INTEGER PRIMARY KEY)").execute(&mut db).await.unwrap();
    for n in 1_i64.. {
        sqlx::query("INSERT INTO rows (n) VALUES ($1)").bind(n).execute(&mut db).await.unwrap();
        println!("{n}");
    }
}
