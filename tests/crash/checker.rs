//! What the database holds, held against what is known.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions, types::Json};
use uuid::Uuid;

use crate::ledger::{Event, Known, Violation};

/// What a database holds of the chats.
pub struct Contents {
    pub events: HashMap<Uuid, Vec<Event>>,
    pub counters: HashMap<(Uuid, Uuid), i64>,
    pub epoch: String,
}

/// Reads all in one transaction, on either engine.
macro_rules! contents {
    ($tx:expr) => {{
        let mut tx = $tx;
        let rows: Vec<EventRow> = sqlx::query_as(
            "SELECT chat_id, seq, prev_public, id, at, party, author_name, body FROM chat_events ORDER BY chat_id, seq",
        )
        .fetch_all(&mut *tx)
        .await?;
        let counters: Vec<(Uuid, Uuid, i64)> =
            sqlx::query_as("SELECT chat_id, client, last_n FROM chat_clients").fetch_all(&mut *tx).await?;
        let (epoch,) = sqlx::query_as("SELECT value FROM settings WHERE key = 'epoch'").fetch_one(&mut *tx).await?;
        tx.rollback().await?;
        let mut events: HashMap<Uuid, Vec<Event>> = HashMap::new();
        for (chat, seq, prev, id, at, party, name, body) in rows {
            events.entry(chat).or_default().push(Event { seq, prev, id, at, party, name, body: body.0 });
        }
        let counters = counters.into_iter().map(|(chat, client, n)| ((chat, client), n)).collect();
        Contents { events, counters, epoch }
    }};
}

type EventRow = (Uuid, i64, i64, Uuid, DateTime<Utc>, String, String, Json<Value>);

/// Reads a SQLite file; while a server has it open, `read_only` keeps it as it is.
pub async fn read_sqlite(file: &Path, read_only: bool) -> Result<Contents, Violation> {
    let unreadable = |error: sqlx::Error| Violation { check: "the file is whole", story: error.to_string() };
    read(file, read_only).await.map_err(unreadable)
}

async fn read(file: &Path, read_only: bool) -> sqlx::Result<Contents> {
    let options = SqliteConnectOptions::new().filename(file).read_only(read_only);
    let mut db = SqliteConnection::connect_with(&options).await?;
    if !read_only {
        let (whole,): (String,) = sqlx::query_as("PRAGMA quick_check").fetch_one(&mut db).await?;
        if whole != "ok" {
            return Err(sqlx::Error::Protocol(whole));
        }
    }
    let contents = contents!(db.begin().await?);
    db.close().await?;
    Ok(contents)
}

/// Reads a PostgreSQL database, as it is at one moment.
pub async fn read_postgres(url: &str) -> Result<Contents, Violation> {
    let read = async {
        let mut db = PgConnection::connect(url).await?;
        let contents = contents!(db.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?);
        db.close().await?;
        Ok(contents)
    };
    read.await.map_err(|error: sqlx::Error| Violation { check: "the database answers", story: error.to_string() })
}

/// Holds a database against what is known; `drained`: nothing is under way.
pub fn check(contents: &Contents, known: &Known, drained: bool) -> Result<(), Violation> {
    let broken = |check, story: String| Err(Violation { check, story });
    if known.epoch.as_ref().is_some_and(|epoch| *epoch != contents.epoch) {
        return broken("the epoch stays", format!("it was {:?} and is {}", known.epoch, contents.epoch));
    }
    let mut ids = HashSet::new();
    for (chat, seen) in &known.chats {
        let empty = Vec::new();
        let events = contents.events.get(chat).unwrap_or(&empty);
        for (seq, id) in &seen.acknowledged {
            match usize::try_from(seq - 1).ok().and_then(|at| events.get(at)) {
                Some(event) if event.id == *id && event.seq == *seq => {}
                other => {
                    let other = other.map(|event| (event.seq, event.id));
                    let story = format!("{id} was acknowledged as number {seq} of chat {chat}; there is {other:?}");
                    return broken("what was acknowledged is stored", story);
                }
            }
        }
        for (seq, event) in &seen.events {
            let stored = usize::try_from(seq - 1).ok().and_then(|at| events.get(at));
            if stored != Some(event) {
                let story = format!("a reader of chat {chat} saw {event:?}; stored is {stored:?}");
                return broken("what readers saw is stored", story);
            }
        }
        let mut counters: HashMap<Uuid, i64> = HashMap::new();
        for (event, seq) in events.iter().zip(1..) {
            if event.seq != seq || event.prev != seq - 1 {
                return broken("numbers without a gap", format!("{event:?} is number {seq} of chat {chat}"));
            }
            if !ids.insert(event.id) {
                return broken("each once", format!("{} of chat {chat} is there twice", event.id));
            }
            if event.body["kind"] != "message" {
                continue;
            }
            let Some(sent) = known.sent.get(&event.id) else {
                // The question, before the faults began.
                if seq == 2 {
                    continue;
                }
                return broken("nothing that was not sent", format!("{event:?} of chat {chat}"));
            };
            let message = &sent.message;
            if event.body["text"] != message.text || message.chat != *chat {
                return broken("as it was sent", format!("{event:?} of chat {chat}, sent was {message:?}"));
            }
            let last = counters.entry(message.client).or_default();
            if message.n != *last + 1 {
                let story = format!("client {} of chat {chat}: {} follows {last}", message.client, message.n);
                return broken("each sender's order", story);
            }
            *last = message.n;
        }
        if let Some((client, n)) =
            counters.into_iter().find(|(client, n)| contents.counters.get(&(*chat, *client)) != Some(n))
        {
            let held = contents.counters.get(&(*chat, client));
            return broken("each sender's order", format!("client {client} of chat {chat} counts {held:?}, not {n}"));
        }
        if drained && seen.events.len() != events.len() {
            let story = format!("readers saw {} of {} events of chat {chat}", seen.events.len(), events.len());
            return broken("what readers saw is stored", story);
        }
    }
    Ok(())
}
