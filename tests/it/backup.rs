//! Backup, restore and move, as commands beside real servers: what comes out is what went in.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use deskbell::store::Db;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions, types::Json};
use uuid::Uuid;

use crate::{
    both,
    commands::{free_port, program, said, write_config},
    support::{Agent, Customer, Engine, Server, Socket, actors::*, engine::Database},
};

/// Texts that bad copies change: emoji, quotes, backslashes, a control character, right to left, two ways to write é.
pub const NAUGHTY: &str =
    "👩‍👩‍👧 'single' \"double\" \\u0041\\n \u{1}\u{7f} مرحبا \u{202e}שלום e\u{301} é $1 %s {\"a\": 1}";

/// What a command printed of the tables: name, rows, the hash's beginning.
pub fn sums(text: &str) -> Vec<(String, u64, String)> {
    let row = |line: &str| {
        let [table, rows, hash] = line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
        let rows = str::parse(rows).ok()?;
        (hash.len() == 12 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some((table.into(), rows, hash.into()))
    };
    text.lines().filter_map(row).collect()
}

/// A configuration for a database, in its folder.
pub fn config(database: &Database) -> String {
    write_config(database.folder.path(), &database.url, free_port())
}

/// Runs a command for a desk.
pub async fn run(command: &str, database: &Database, arguments: &[&str]) -> (bool, String) {
    said(program().args([command, "--config", &config(database)]).args(arguments), "").await
}

/// Backs up; the file and what was printed.
pub async fn back_up(database: &Database, name: &str) -> (PathBuf, String) {
    let file = database.folder.path().join(name);
    let (fine, text) = run("backup", database, &["--to", file.to_str().unwrap()]).await;
    assert!(fine, "{text}");
    (file, text)
}

/// Restores into a database of its own, whose desk has the PIN key; the database and what was printed.
pub async fn restored(from: &Path, engine: Engine) -> (Database, String) {
    let target = Database::create(engine).await;
    let key = from.with_file_name("pin.key");
    std::fs::copy(key, target.folder.path().join("pin.key")).unwrap();
    let (fine, text) = run("restore", &target, &["--from", from.to_str().unwrap()]).await;
    assert!(fine, "{text}");
    (target, text)
}

async fn read(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file).read_only(true)).await.unwrap()
}

fn texts(events: &[Value]) -> Vec<String> {
    events.iter().filter_map(|e| e["body"]["text"].as_str().map(str::to_owned)).collect()
}

/// An alert at a time that a clock in milliseconds does not show.
async fn alert(server: &Server) -> (DateTime<Utc>, String) {
    let at: DateTime<Utc> = "2026-11-30T23:59:59.000001Z".parse().unwrap();
    let mut tx = server.app.db.begin().await.unwrap();
    tx.query("INSERT INTO pin_alerts (id, at, kind, subject, text) VALUES ($1, $2, 'spree', 'x', $3)")
        .bind(new_id())
        .bind(at)
        .bind(NAUGHTY.to_owned())
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (at, NAUGHTY.into())
}

async fn alerts(server: &Server) -> Vec<(DateTime<Utc>, String)> {
    server.app.db.query("SELECT at, text FROM pin_alerts").fetch_all().await.unwrap()
}

/// Says numbered messages until told to stop; how many were acknowledged so far is in `acked`.
async fn write(mut who: Customer, stop: Arc<AtomicBool>, acked: Arc<AtomicU64>) -> Customer {
    while !stop.load(Ordering::SeqCst) {
        who.say(&format!("{} {NAUGHTY}", who.n)).await;
        acked.fetch_add(1, Ordering::SeqCst);
    }
    who
}

both! {
    async fn run_04_a_backup_while_people_write_is_whole(engine) {
        let server = Server::start(engine).await;
        let alert = alert(&server).await;
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for who in [ZOE, TOMAS] {
            let mut customer = Customer::arrive(&server, who).await;
            customer.ask(&format!("0 {NAUGHTY}"), "claims").await;
            let acked = Arc::new(AtomicU64::new(0));
            writers.push((acked.clone(), tokio::spawn(write(customer, stop.clone(), acked))));
        }
        let acked = || writers.iter().map(|(acked, _)| acked.load(Ordering::SeqCst)).collect::<Vec<_>>();
        while acked().iter().any(|n| *n < 10) {
            tokio::task::yield_now().await;
        }
        let before = acked();
        let (file, printed) = back_up(&server.database, "desk.backup").await;
        let after = acked();
        assert!(after > before, "messages were written meanwhile: {before:?} {after:?}");
        assert!(printed.contains("pin.key") && printed.contains("is not in it"), "{printed}");
        stop.store(true, Ordering::SeqCst);
        let mut customers = Vec::new();
        for (_, writer) in writers {
            customers.push(writer.await.unwrap());
        }

        // The file alone: one moment of the desk.
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
        let mut backup = read(&file).await;
        let chats: Vec<(Uuid, i64)> = sqlx::query_as("SELECT chat_id, count(*) FROM chat_events GROUP BY chat_id").fetch_all(&mut backup).await.unwrap();
        assert_eq!(chats.len(), 2);
        for (chat, last) in chats {
            let numbers: Vec<(i64,)> = sqlx::query_as("SELECT seq FROM chat_events WHERE chat_id = $1 ORDER BY seq")
                .bind(chat)
                .fetch_all(&mut backup)
                .await
                .unwrap();
            assert_eq!(numbers.into_iter().map(|(seq,)| seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        }
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM chat_events").fetch_one(&mut backup).await.unwrap();
        assert!(sums(&printed).iter().any(|(table, n, _)| table == "chat_events" && *n == rows as u64), "{printed}");

        // A desk again, on either engine.
        for target in [Engine::Sqlite, Engine::Postgres] {
            let (database, text) = restored(&file, target).await;
            assert_eq!(sums(&text), sums(&printed), "what is restored is what was backed up");
            let again = Server::over(&database).await;
            assert_eq!(verify(&again, ZOE.0, ZOE.1).await.status(), 200, "the PIN fits");
            let mut priya = Agent::sign_in(&again, PRIYA).await;
            assert_ne!(priya.socket.welcome["epoch"], json!(server.app.epoch), "a restored desk has a new epoch");
            assert_eq!(priya.socket.welcome["epoch"], json!(again.app.epoch));
            assert_eq!(alerts(&again).await, std::slice::from_ref(&alert), "to the microsecond");
            for (place, customer) in customers.iter().enumerate() {
                let mut socket = Socket::open(&again, &customer.token).await;
                let (events, _) = socket.watch(customer.chat, 0).await;
                let said = texts(&events);
                assert_eq!(said, (0..said.len()).map(|n| format!("{n} {NAUGHTY}")).collect::<Vec<_>>());
                // The question, what was acknowledged before, and perhaps what was on its way.
                let most = after[place] as usize + 2;
                assert!((before[place] as usize + 1..=most).contains(&said.len()), "{} {before:?} {after:?}", said.len());
                assert_eq!(texts(&priya.socket.watch(customer.chat, 0).await.0), said);
            }
            // And it goes on: the next message has the next number.
            let Customer { token, chat, .. } = &customers[0];
            let mut socket = Socket::open(&again, token).await;
            let (_, caught_up) = socket.watch(*chat, 0).await;
            let next = json!({"type": "send", "chat": chat, "id": new_id(), "client": new_id(), "n": 1, "text": "On we go"});
            socket.send(next).await;
            assert_eq!(socket.hear("ack").await["seq"].as_i64(), caught_up["seq"].as_i64().map(|seq| seq + 1));
        }
    }

    async fn run_04_every_table_is_in_a_backup(engine) {
        let database = Database::create(engine).await;
        Db::open(&database.url, 0).await.unwrap().close().await;
        let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        // One may drop or rename what an earlier one made.
        files.sort();
        let statements: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let mut made = BTreeSet::new();
        for line in statements.lines() {
            let words: Vec<&str> = line.trim_end_matches(';').split([' ', '(']).collect();
            match words[..] {
                ["CREATE", "TABLE", table, ..] => drop(made.insert(table.to_owned())),
                ["DROP", "TABLE", table] => assert!(made.remove(table), "{line}"),
                ["ALTER", "TABLE", old, "RENAME", "TO", new] => {
                    assert!(made.remove(old), "{line}");
                    made.insert(new.to_owned());
                }
                _ => {}
            }
        }
        assert!(made.len() > 20);
        let (_, printed) = back_up(&database, "desk.backup").await;
        assert_eq!(sums(&printed).into_iter().map(|(table, ..)| table).collect::<BTreeSet<_>>(), made, "{printed}");
    }

    async fn run_04_a_backup_of_any_older_desk_is_restored_as_a_present_one(engine) {
        let migrations = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.unwrap();
        let versions: Vec<i64> = migrations.iter().map(|m| m.version).collect();
        for version in &versions {
            let old = Database::create(engine).await;
            std::fs::write(old.folder.path().join("pin.key"), [0; 32]).unwrap();
            if engine == Engine::Sqlite {
                let options: SqliteConnectOptions = old.url.parse().unwrap();
                let mut connection = SqliteConnection::connect_with(&options.create_if_missing(true)).await.unwrap();
                migrations.run_to(*version, &mut connection).await.unwrap();
                connection.close().await.unwrap();
            } else {
                migrations.run_to(*version, &mut PgConnection::connect(&old.url).await.unwrap()).await.unwrap();
            }
            let (file, _) = back_up(&old, "old.backup").await;
            for target in [Engine::Sqlite, Engine::Postgres] {
                let (database, _) = restored(&file, target).await;
                let applied: Vec<i64> = if target == Engine::Sqlite {
                    let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
                    sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&mut connection).await
                } else {
                    let mut connection = PgConnection::connect(&database.url).await.unwrap();
                    sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&mut connection).await
                }
                .unwrap();
                assert_eq!(applied, versions, "from {version}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_04_a_desk_moves_to_postgres_and_is_the_same() {
    let mut server = Server::start(Engine::Sqlite).await;
    let alert = alert(&server).await;
    let mut priya = Agent::online(&server, PRIYA).await;
    let mut zoe = Customer::arrive(&server, ZOE).await;
    zoe.ask(NAUGHTY, "claims").await;
    let (chat, _) = priya.take().await;
    zoe.say(&format!("again {NAUGHTY}")).await;
    priya.say(chat, &format!("reply {NAUGHTY}")).await;
    assert_eq!(zoe.socket.ask(json!({"type": "end", "chat": chat})).await["type"], "ok");
    let number = zoe.event("case_made").await["body"]["number"].as_i64().unwrap();
    let page = priya.get(&format!("/api/cases/{number}")).await;
    let (events, _) = Socket::open(&server, &priya.token).await.watch(chat, 0).await;
    assert_eq!(texts(&events), [NAUGHTY.to_owned(), format!("again {NAUGHTY}"), format!("reply {NAUGHTY}")]);
    let epoch = server.app.epoch;
    server.stop().await;

    let old = server.database.clone();
    let (_, was) = back_up(&old, "before.backup").await;
    let new = Database::create(Engine::Postgres).await;
    std::fs::copy(old.folder.path().join("pin.key"), new.folder.path().join("pin.key")).unwrap();
    let (fine, printed) =
        said(program().args(["move", "--config", &config(&old)]).env("DESKBELL_MOVE_TO", &new.url), "").await;
    assert!(fine, "{printed}");
    let password = new.url.split([':', '@']).nth(2).unwrap();
    assert!(password.len() > 20 && !printed.contains(password), "no password is printed");
    assert_eq!(sums(&printed), sums(&was));
    // The other way round: what the new desk says of itself, in a file of its own.
    let (file, is) = back_up(&new, "after.backup").await;
    assert_eq!(sums(&is), sums(&was));
    let (third, _) = restored(&file, Engine::Sqlite).await;

    for (database, same_history) in [(&new, true), (&third, false)] {
        let server = Server::over(database).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        assert_eq!(priya.socket.welcome["epoch"] == json!(epoch), same_history);
        let (now, _) = priya.socket.watch(chat, 0).await;
        assert_eq!(now, events);
        assert_eq!(priya.get(&format!("/api/cases/{number}")).await, page);
        assert_eq!(alerts(&server).await, std::slice::from_ref(&alert));
        let sites: Vec<(Json<Value>,)> = server.app.db.query("SELECT origins FROM sites").fetch_all().await.unwrap();
        assert_eq!(sites[0].0.0, json!(["http://localhost:8081"]));
        // The next case has the next number.
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("After the move", "claims").await;
        assert_eq!(tomas.socket.ask(json!({"type": "end", "chat": tomas.chat})).await["type"], "ok");
        assert_eq!(tomas.event("case_made").await["body"]["number"], number + 1);
    }
}
