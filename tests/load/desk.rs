//! A desk in the middle of many chats, and the server on it.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use chrono::{TimeDelta, Utc};
use sqlx::{ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

use deskbell::{
    app::App,
    clock::{Clock, random_bytes},
    config::{Config, Secret},
    demo::{self, content},
    hours::setup,
    identity::hashing::token_hash,
    store::{Db, Tx},
};
use uuid::Uuid;

use crate::{arguments::Arguments, client::Person, learn};

/// A desk on disk.
pub struct Desk {
    folder: tempfile::TempDir,
    url: String,
    configs: Vec<PathBuf>,
    /// Of each node.
    pub ports: Vec<u16>,
    /// Both people of each chat: the customer, then the specialist.
    pub people: Vec<[Person; 2]>,
}

impl Desk {
    /// Makes one with `chats` running chats, and stored messages in chats that are over.
    pub async fn make(arguments: &Arguments, chats: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match &arguments.database {
            Some(server) => fresh_database(server).await,
            None => format!("sqlite:{}", folder.path().join("deskbell.sqlite").display()),
        };
        let config =
            Config { database: Secret(url.clone()), pin_key_file: folder.path().join("pin.key"), ..Config::default() };
        let (app, _) = App::open(config, Clock::system()).await.unwrap();
        setup::ship(&app).await.unwrap();
        demo::fill(&app, &content::read().unwrap(), Vec::new()).await.unwrap();
        if let Some(path) = &arguments.kb {
            learn::stock(&app, path).await;
        }
        let mut tx = app.db.begin().await.unwrap();
        let mut people = Vec::with_capacity(chats);
        for turn in 0..chats {
            people.push(chat(&mut tx, turn).await);
        }
        if arguments.stored > 0 {
            store(&mut tx, people[0][0].chat, arguments.stored).await;
        }
        tx.commit().await.unwrap();
        app.db.close().await;
        let mut ports = Vec::new();
        let mut configs = Vec::new();
        for node in 0..arguments.nodes {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let path = folder.path().join(format!("node{node}.toml"));
            let nats = arguments.nats.as_ref().map(|url| format!("nats = \"{url}\"\n")).unwrap_or_default();
            let text = format!(
                "listen = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\ndatabase = \"{url}\"\n{nats}\
                 pin_key_file = \"{}\"\nlog = \"warn\"\n[limits]\nconnections = 19900\nconnections_per_address = 19900\n",
                folder.path().join("pin.key").display()
            );
            std::fs::write(&path, text).unwrap();
            ports.push(port);
            configs.push(path);
        }
        Self { folder, url, configs, ports, people }
    }

    /// Waits until the server has worked out what all solutions and closed cases mean.
    pub async fn all_read(&self) {
        let db = Db::open(&self.url, 0).await.unwrap();
        loop {
            let left: (i64,) = db
                .query(
                    "SELECT (SELECT COUNT(*) FROM solutions WHERE meaning IS NULL AND published)
                          + (SELECT COUNT(*) FROM cases WHERE meaning IS NULL AND solution_id IS NOT NULL)
                          + (SELECT COUNT(*) FROM cases WHERE meaning IS NULL AND status <> 'completed')",
                )
                .fetch_one()
                .await
                .unwrap();
            if left.0 == 0 {
                return db.close().await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// Signs a supervisor in; the token.
    pub async fn supervisor(&self) -> String {
        let db = Db::open(&self.url, 0).await.unwrap();
        let token = Uuid::from_bytes(random_bytes()).to_string();
        let mut tx = db.begin().await.unwrap();
        tx.query(
            "INSERT INTO staff_sessions (token_hash, staff_id, created_at, expires_at)
             SELECT $1, id, $2, $3 FROM staff WHERE role = 'supervisor' ORDER BY id LIMIT 1",
        )
        .bind(token_hash(&token))
        .bind(Utc::now())
        .bind(Utc::now() + TimeDelta::hours(10))
        .execute()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        db.close().await;
        token
    }

    /// Starts the server, on each node.
    pub fn serve(&self) -> Vec<Child> {
        let serve = |config: &PathBuf| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
            command.args(["serve", "--config"]).arg(config).current_dir(self.folder.path());
            command.stdout(Stdio::null()).spawn().unwrap()
        };
        self.configs.iter().map(serve).collect()
    }
}

/// A new database beside the one that is named.
async fn fresh_database(server: &str) -> String {
    let options: PgConnectOptions = server.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    connection.execute("DROP DATABASE IF EXISTS deskbell_load WITH (FORCE)").await.unwrap();
    connection.execute("CREATE DATABASE deskbell_load").await.unwrap();
    connection.close().await.unwrap();
    options.database("deskbell_load").to_url_lossy().to_string()
}

async fn chat(tx: &mut Tx, turn: usize) -> [Person; 2] {
    let id = || Uuid::from_bytes(random_bytes());
    let (contact, staff, chat) = (id(), id(), id());
    let (customer_token, staff_token) = (id().to_string(), id().to_string());
    let now = Utc::now();
    let until = now + TimeDelta::hours(10);
    tx.query("INSERT INTO contacts (id, name, name_folded, email, email_folded) VALUES ($1, $2, $2, $3, $3)")
        .bind(contact)
        .bind(format!("customer {turn}"))
        .bind(format!("c{turn}@load.example"))
        .execute()
        .await
        .unwrap();
    tx.query(
        "INSERT INTO staff (id, name, email, email_folded, password_hash, role, tier, capacity, active)
         SELECT $1, $2, $3, $3, '', role, 1, 100, TRUE FROM staff WHERE tier = 1 ORDER BY id LIMIT 1",
    )
    .bind(staff)
    .bind(format!("specialist {turn}"))
    .bind(format!("s{turn}@load.example"))
    .execute()
    .await
    .unwrap();
    tx.query(
        "INSERT INTO chats (id, account_id, contact_id, state, question, category_id, team_id, tier, severity, agent_id,
                            created_at, queued_at, answered_at, customer_seen_at)
         SELECT $1, (SELECT id FROM accounts ORDER BY id LIMIT 1), $2, 'active', 'How?', g.id, g.team_id, 1, 3, $3, $4, $4, $4, $4
         FROM categories g ORDER BY g.id LIMIT 1",
    )
    .bind(chat)
    .bind(contact)
    .bind(staff)
    .bind(now)
    .execute()
    .await
    .unwrap();
    tx.query("INSERT INTO visitor_sessions (token_hash, contact_id, chat_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(token_hash(&customer_token))
        .bind(contact)
        .bind(chat)
        .bind(now)
        .bind(until)
        .execute()
        .await
        .unwrap();
    tx.query("INSERT INTO staff_sessions (token_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash(&staff_token))
        .bind(staff)
        .bind(now)
        .bind(until)
        .execute()
        .await
        .unwrap();
    [(customer_token, 2 * turn), (staff_token, 2 * turn + 1)].map(|(token, n)| Person {
        name: format!("u{n}"),
        token,
        chat,
    })
}

/// Messages of another chat, as if of long ago.
async fn store(tx: &mut Tx, like: Uuid, messages: usize) {
    let chat = Uuid::from_bytes(random_bytes());
    tx.query(
        "INSERT INTO chats (id, account_id, contact_id, state, question, tier, severity, created_at, ended_at, ended_why, customer_seen_at)
         SELECT $1, account_id, contact_id, 'ended', 'How?', 1, 3, created_at, created_at, 'customer', created_at
         FROM chats WHERE id = $2",
    )
    .bind(chat)
    .bind(like)
    .execute()
    .await
    .unwrap();
    for seq in 1..=messages as i64 {
        tx.query(
            "INSERT INTO chat_events (chat_id, seq, prev_public, id, at, party, author_name, visibility, body)
             VALUES ($1, $2, $2 - 1, $3, $4, 'customer', 'Somebody', 'everyone', $5)",
        )
        .bind(chat)
        .bind(seq)
        .bind(Uuid::from_bytes(random_bytes()))
        .bind(Utc::now())
        .bind(sqlx::types::Json(serde_json::json!({"kind": "message", "text": "x".repeat(100)})))
        .execute()
        .await
        .unwrap();
    }
}
