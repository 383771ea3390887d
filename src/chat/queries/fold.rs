//! The SQL of the log's tail on SQLite: what it holds, and how that gets into the tables.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Error, Result, types::Json};
use uuid::Uuid;

use crate::{
    chat::protocol::{EventBody, Party},
    store::{ManyRows, Tx},
};

/// How many rows one statement takes.
const ROWS: usize = 128;

// What is there already is passed over, whatever it is: `HAS` looks whether it is the same. (Statements that could fail half-way
// would keep copies of all pages that they change, to be undone alone.)
static EVENTS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT OR IGNORE INTO chat_events (chat_id, seq, prev_public, id, at, party, author_id, author_name, visibility, body)
         SELECT column1, column2, column3, column4, column5, column6, column7, column8, 'everyone', column9
         FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)) WHERE column1 IS NOT NULL",
        ROWS,
    )
});

const HAS: &str = "SELECT seq FROM chat_events WHERE chat_id = $1 AND seq = $2 AND id = $3";

static COUNTERS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT OR FAIL INTO chat_clients (chat_id, client, author_id, last_n)
         SELECT column1, column2, column3, column4 FROM (VALUES (?, ?, ?, ?)) WHERE column1 IS NOT NULL
         ON CONFLICT (chat_id, client) DO UPDATE SET last_n = max(last_n, excluded.last_n)",
        ROWS,
    )
});

/// A message in the log's tail; everyone may read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TailRow {
    /// The chat.
    pub chat: Uuid,
    /// The event's number.
    pub seq: i64,
    /// The last number before it that everyone may read.
    pub prev: i64,
    /// The event's id.
    pub id: Uuid,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Which side it is from.
    pub party: Party,
    /// Whose it is.
    pub author: Uuid,
    /// The person's name.
    pub name: String,
    /// What it says.
    pub body: EventBody,
    /// The client that sent it.
    pub client: Uuid,
    /// The client's number for it.
    pub n: i64,
}

/// Writes messages of the tail, each chat's in order, into the tables; those that are there already change nothing. Another one
/// under the same number, which cannot be, is an error.
pub async fn fold(tx: &mut Tx, rows: &[TailRow]) -> Result<()> {
    for share in rows.chunks(ROWS) {
        let mut query = tx.query_rows(&EVENTS);
        for at in 0..ROWS {
            let row = share.get(at);
            query = query.bind(row.map(|r| r.chat)).bind(row.map(|r| r.seq)).bind(row.map(|r| r.prev));
            query = query.bind(row.map(|r| r.id)).bind(row.map(|r| r.at)).bind(row.map(|r| r.party));
            query = query.bind(row.map(|r| r.author)).bind(row.map(|r| r.name.clone()));
            query = query.bind(row.map(|r| Json(r.body.clone())));
        }
        if query.execute().await? < share.len() as u64 {
            for row in share {
                let has = tx.query(HAS).bind(row.chat).bind(row.seq).bind(row.id);
                let has: Option<(i64,)> = has.fetch_optional().await?;
                has.ok_or_else(|| Error::Protocol(format!("chat {} has another event {}", row.chat, row.seq)))?;
            }
        }
    }
    let mut counters = BTreeMap::new();
    for row in rows {
        let (_, n) = counters.entry((row.chat, row.client)).or_insert((row.author, row.n));
        *n = row.n.max(*n);
    }
    let counters: Vec<_> = counters.into_iter().collect();
    for share in counters.chunks(ROWS) {
        let mut query = tx.query_rows(&COUNTERS);
        for at in 0..ROWS {
            let row = share.get(at).copied();
            query = query.bind(row.map(|((chat, _), _)| chat)).bind(row.map(|((_, client), _)| client));
            query = query.bind(row.map(|(_, (author, _))| author)).bind(row.map(|(_, (_, n))| n));
        }
        query.execute().await?;
    }
    Ok(())
}
