//! What backup, restore and move refuse, in words that say what to do; a refusal leaves everything as it was.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::{
    backup::{NAUGHTY, back_up, config, restored, run, sums},
    both,
    commands::{program, terminate},
    support::{Customer, Engine, Server, actors::*, engine::Database, eventually},
};

/// The demo's desk with a chat, stopped.
async fn desk(engine: Engine) -> Database {
    let mut server = Server::start(engine).await;
    let mut zoe = Customer::arrive(&server, ZOE).await;
    zoe.ask(&format!("Where is my invoice? {NAUGHTY}"), "claims").await;
    server.stop().await;
    server.database.clone()
}

async fn refused(command: &str, database: &Database, arguments: &[&str], words: &[&str]) {
    let before = files(database.folder.path());
    let (fine, text) = run(command, database, arguments).await;
    assert!(!fine, "{command} {arguments:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{command} {arguments:?}: {text}");
    }
    let hidden = |name: &String| !name.ends_with(".toml") && !name.ends_with(".serving");
    let after: Vec<String> = files(database.folder.path()).into_iter().filter(hidden).collect();
    assert_eq!(
        after,
        before.into_iter().filter(hidden).collect::<Vec<_>>(),
        "{command} {arguments:?} left files behind"
    );
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn connect(database: &Database) -> SqliteConnection {
    SqliteConnection::connect(&database.url).await.unwrap()
}

/// How many tables a PostgreSQL database has.
async fn tables(database: &Database) -> i64 {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

both! {
    async fn run_04_nothing_is_written_over(engine) {
        let database = desk(engine).await;
        let (file, _) = back_up(&database, "desk.backup").await;
        let content = std::fs::read(&file).unwrap();
        let file = file.to_str().unwrap();
        refused("backup", &database, &["--to", file], &[file, "there already"]).await;
        refused("backup", &database, &["--to", "/nowhere/desk.backup"], &["/nowhere/desk.backup", "No such file"]).await;
        let words: &[&str] = if engine == Engine::Sqlite { &["only where no desk is", "Move it away"] } else { &["not empty"] };
        refused("restore", &database, &["--from", file], words).await;
        refused("restore", &database, &["--from", "/nowhere/desk.backup"], &["no file /nowhere/desk.backup"]).await;
        assert_eq!(std::fs::read(file).unwrap(), content);
        // The desk is as it was.
        let (_, text) = back_up(&database, "again.backup").await;
        assert!(sums(&text).iter().any(|(table, rows, _)| table == "chats" && *rows == 1));
    }

    async fn run_04_a_damaged_backup_is_not_restored(engine) {
        let source = desk(Engine::Sqlite).await;
        let (file, printed) = back_up(&source, "desk.backup").await;
        let good = std::fs::read(&file).unwrap();
        let target = Database::create(engine).await;
        let bad = target.folder.path().join("bad.backup");
        let at = |text: &str| good.windows(text.len()).position(|w| w == text.as_bytes()).unwrap();
        let flipped = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            bytes
        };
        let hash = good.windows(64).position(|w| w.iter().all(u8::is_ascii_hexdigit)).unwrap();
        for (what, bytes) in [
            ("half of it", good[..good.len() / 2].to_vec()),
            ("without its last page", good[..good.len() - 4096].to_vec()),
            ("its head", good[..100].to_vec()),
            ("nothing", Vec::new()),
            ("something else", b"not a database at all".repeat(1_000)),
            ("another word", flipped(at("Where is my invoice"))),
            ("another table", flipped(at("CREATE TABLE chats") + 15)),
            ("another hash", flipped(hash + 5)),
            ("another magic", flipped(3)),
        ] {
            std::fs::write(&bad, bytes).unwrap();
            let words: &[&str] = if what == "nothing" { &["no desk"] } else { &["damaged", "take another"] };
            let (fine, text) = run("restore", &target, &["--from", bad.to_str().unwrap()]).await;
            assert!(!fine && words.iter().all(|w| text.contains(w)), "{what}: {text}");
            refused("restore", &target, &["--from", bad.to_str().unwrap()], words).await;
        }
        // Bits anywhere: either it is found, or it was where nothing counts. Most of a small file is empty.
        let used: Vec<usize> = (0..good.len()).filter(|at| good[*at] != 0).collect();
        let mut found = 0;
        for n in 0..24 {
            std::fs::write(&bad, flipped(used[(n * 2 + 1) * used.len() / 48])).unwrap();
            let target = Database::create(engine).await;
            let (fine, text) = run("restore", &target, &["--from", bad.to_str().unwrap()]).await;
            if fine {
                assert_eq!(sums(&text), sums(&printed), "bit {n}");
            }
            found += u32::from(!fine);
        }
        assert!(found > 12, "only {found} were found");
        // After all that the place is still free for the good one.
        std::fs::write(&bad, &good).unwrap();
        let (fine, text) = run("restore", &target, &["--from", bad.to_str().unwrap()]).await;
        assert!(fine, "{text}");
    }

    async fn run_04_a_backup_of_a_newer_desk_is_not_restored(engine) {
        let database = desk(Engine::Sqlite).await;
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                     VALUES (99990101000000, 'tomorrow', true, x'00', 0)";
        connect(&database).await.execute(newer).await.unwrap();
        let (file, _) = back_up(&database, "newer.backup").await;
        let target = Database::create(engine).await;
        refused("restore", &target, &["--from", file.to_str().unwrap()], &["newer deskbell", "99990101000000"]).await;
    }
}

#[tokio::test]
async fn run_04_a_desk_that_is_served_is_backed_up_but_not_moved() {
    let database = desk(Engine::Sqlite).await;
    let target = Database::create(Engine::Postgres).await;
    let config_file = config(&database);
    let port = std::fs::read_to_string(&config_file).unwrap().split(['"', ':']).nth(2).unwrap().to_owned();
    let server = program().args(["serve", "--config", &config_file]).spawn().unwrap();
    let url = format!("http://127.0.0.1:{port}/readyz");
    eventually("it serves", || async { reqwest::get(&url).await.ok() }).await;
    refused("move", &database, &["--to", &target.url], &["in use", "Stop that first"]).await;
    assert_eq!(tables(&target).await, 0);
    refused("serve", &database, &[], &["in use", "PostgreSQL"]).await;
    // Commands beside the server work.
    let (fine, text) = run("admin", &database, &["team", "new", "A new team"]).await;
    assert!(fine, "{text}");
    let (file, was) = back_up(&database, "desk.backup").await;
    // Its file moved away under it is no free place.
    let path = database.folder.path().join("deskbell.sqlite");
    std::fs::rename(&path, path.with_extension("away")).unwrap();
    let (fine, text) = run("restore", &database, &["--from", file.to_str().unwrap()]).await;
    assert!(!fine && text.contains("in use"), "{text}");
    std::fs::rename(path.with_extension("away"), &path).unwrap();
    terminate(server).await;
    let (fine, text) = run("move", &database, &["--to", &target.url]).await;
    assert!(fine, "{text}");
    let of = |text: &str| sums(text).into_iter().find(|(table, ..)| table == "teams");
    assert_eq!(of(&text), of(&was));
}

#[tokio::test]
async fn run_04_a_move_is_whole_or_nothing() {
    let database = desk(Engine::Sqlite).await;
    let target = Database::create(Engine::Postgres).await;
    refused("move", &database, &["--to", "sqlite:/tmp/x"], &["must start with postgres:"]).await;
    refused("move", &database, &["--to", "postgres://u:hunter2@127.0.0.1:1/x"], &["cannot be reached"]).await;
    let (_, text) = run("move", &database, &["--to", "postgres://u:hunter2@127.0.0.1:port/x"]).await;
    assert!(!text.contains("hunter2"), "{text}");
    // PostgreSQL keeps microseconds: a time that is finer does not arrive as it was.
    let mut connection = connect(&database).await;
    let finer = "INSERT INTO pin_alerts (id, at, kind, subject, text)
                 VALUES (x'00000000000000000000000000000001', '2026-12-01T10:00:00.123456789+00:00', 'x', 'x', 'x')";
    connection.execute(finer).await.unwrap();
    refused("move", &database, &["--to", &target.url], &["pin_alerts", "hash"]).await;
    assert_eq!(tables(&target).await, 0, "all of it was rolled back");
    // Nor does it take what is no text to it.
    connection.execute("UPDATE pin_alerts SET at = '2026-12-01T10:00:00+00:00', text = 'a' || char(0)").await.unwrap();
    refused("move", &database, &["--to", &target.url], &["pin_alerts"]).await;
    // A table by hand is not forgotten in silence.
    connection.execute("UPDATE pin_alerts SET text = 'a'").await.unwrap();
    connection.execute("CREATE TABLE extra (id UUID PRIMARY KEY, note TEXT)").await.unwrap();
    let (file, text) = back_up(&database, "extra.backup").await;
    assert!(sums(&text).iter().any(|(table, ..)| table == "extra"), "{text}");
    restored(&file, Engine::Sqlite).await;
    refused("move", &database, &["--to", &target.url], &["table extra", "not Deskbell's"]).await;
    connection.execute("ALTER TABLE extra ADD COLUMN spot POINT").await.unwrap();
    refused("move", &database, &["--to", &target.url], &["extra.spot", "POINT"]).await;
    let to = database.folder.path().join("spot.backup");
    refused("backup", &database, &["--to", to.to_str().unwrap()], &["extra.spot", "POINT"]).await;
    connection.execute("DROP TABLE extra").await.unwrap();
    assert_eq!(tables(&target).await, 0);
    let (fine, text) = run("move", &database, &["--to", &target.url]).await;
    assert!(fine, "{text}");
    refused("move", &database, &["--to", &target.url], &["not empty", "account_contacts"]).await;
    refused("move", &target, &["--to", &target.url], &["Only a desk on SQLite"]).await;
    let other = Database::create(Engine::Postgres).await;
    let create = AssertSqlSafe("CREATE TABLE theirs (place POINT)");
    PgConnection::connect(&other.url).await.unwrap().execute(create).await.unwrap();
    refused("move", &database, &["--to", &other.url], &["not empty", "theirs"]).await;
    assert_eq!(tables(&other).await, 1);
}

/// What differs in the order of another language, but not here: keys that are texts.
#[tokio::test]
async fn run_04_a_database_in_another_language_holds_the_same() {
    let database = desk(Engine::Sqlite).await;
    for token in ["a-B", "A_b", "aa", "AB", "é", "z"] {
        let insert = "INSERT INTO sites (token, name, origins, greeting, color) VALUES ($1, 'x', '[]', 'x', '#000000')";
        sqlx::query(insert).bind(token).execute(&mut connect(&database).await).await.unwrap();
    }
    let mut english = Database::create(Engine::Postgres).await;
    let (base, name) = english.url.rsplit_once('/').unwrap();
    let create = format!("CREATE DATABASE {name}_en TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
    PgConnection::connect(&english.url).await.unwrap().execute(AssertSqlSafe(create)).await.unwrap();
    english.url = format!("{base}/{name}_en");
    let (fine, text) = run("move", &database, &["--to", &english.url]).await;
    assert!(fine, "{text}");
    let (_, is) = back_up(&english, "english.backup").await;
    assert_eq!(sums(&is), sums(&text));
}

#[tokio::test]
async fn run_04_where_no_desk_is_none_is_backed_up() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let empty = Database::create(engine).await;
        let to = empty.folder.path().join("desk.backup");
        let words = if engine == Engine::Sqlite { "There is no file" } else { "There is no desk" };
        refused("backup", &empty, &["--to", to.to_str().unwrap()], &[words]).await;
    }
    let empty = Database::create(Engine::Sqlite).await;
    refused("move", &empty, &["--to", "postgres://127.0.0.1:1/x"], &["There is no file"]).await;
}

#[tokio::test]
async fn run_04_the_journal_of_another_desk_is_not_taken_for_the_restored_ones() {
    let source = desk(Engine::Sqlite).await;
    let (file, text) = back_up(&source, "desk.backup").await;
    let target = Database::create(Engine::Sqlite).await;
    let left = target.folder.path().join("deskbell.sqlite-wal");
    std::fs::write(&left, "what a killed server left").unwrap();
    refused("restore", &target, &["--from", file.to_str().unwrap()], &["deskbell.sqlite-wal", "Move it away"]).await;
    std::fs::remove_file(left).unwrap();
    // Without its PIN key the desk would make a new one: that is said.
    let (fine, words) = run("restore", &target, &["--from", file.to_str().unwrap()]).await;
    assert!(fine && words.contains("bring the PIN key back"), "{words}");
    assert_eq!(sums(&words), sums(&text));
    // What is no backup, though it is a desk.
    let plain = target.folder.path().join("deskbell.sqlite");
    let other = Database::create(Engine::Sqlite).await;
    refused("restore", &other, &["--from", plain.to_str().unwrap()], &["not a backup"]).await;
}
