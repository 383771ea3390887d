//! The SQL of a batch of messages: a fixed number of statements, however many messages there are. Lists travel as one JSON
//! array, which each engine unfolds in its own words: the one place with two texts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::{
    chat::{
        admission::{ChatFacts, Counter, Facts, KnownEvent},
        protocol::{EventView, Outgoing},
    },
    planted,
    store::{EngineSql, Tx},
};

const LOCK_CHATS: EngineSql = EngineSql {
    sqlite: "SELECT id, contact_id, agent_id, state, last_seq, last_public FROM chats
             WHERE id IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT id, contact_id, agent_id, state, last_seq, last_public FROM chats
               WHERE id = ANY (ARRAY(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text($1))) ORDER BY id FOR UPDATE",
};

const FIND_EVENTS: EngineSql = EngineSql {
    sqlite: "SELECT id, chat_id, seq, at, author_id, body FROM chat_events
             WHERE id IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT id, chat_id, seq, at, author_id, body FROM chat_events
               WHERE id = ANY (ARRAY(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text($1)))",
};

const FIND_COUNTERS: EngineSql = EngineSql {
    sqlite: "SELECT c.chat_id, c.client, c.author_id, c.last_n FROM json_each($1) AS j
             CROSS JOIN chat_clients c ON c.chat_id = unhex(j.value ->> 0) AND c.client = unhex(j.value ->> 1)",
    postgres: "SELECT c.chat_id, c.client, c.author_id, c.last_n FROM jsonb_array_elements($1) AS j (value)
               JOIN chat_clients c ON c.chat_id = CAST(j.value ->> 0 AS UUID) AND c.client = CAST(j.value ->> 1 AS UUID)",
};

const INSERT_EVENTS: EngineSql = EngineSql {
    sqlite: "INSERT INTO chat_events (chat_id, seq, prev_public, id, at, party, author_id, author_name, visibility, body)
             SELECT unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3), $2, value ->> 4, unhex(value ->> 5),
                    value ->> 6, value ->> 7, value -> 8 FROM json_each($1)",
    postgres: "INSERT INTO chat_events (chat_id, seq, prev_public, id, at, party, author_id, author_name, visibility, body)
               SELECT CAST(value ->> 0 AS UUID), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT),
                      CAST(value ->> 3 AS UUID), CAST($2 AS TIMESTAMPTZ), value ->> 4, CAST(value ->> 5 AS UUID), value ->> 6, value ->> 7,
                      value -> 8 FROM jsonb_array_elements($1) AS j (value)",
};

const SET_LAST: EngineSql = EngineSql {
    sqlite: "UPDATE chats SET last_seq = j.value ->> 1, last_public = j.value ->> 1
             FROM json_each($1) AS j WHERE chats.id = unhex(j.value ->> 0)",
    postgres: "UPDATE chats SET last_seq = CAST(j.value ->> 1 AS BIGINT), last_public = CAST(j.value ->> 1 AS BIGINT)
               FROM jsonb_array_elements($1) AS j (value) WHERE chats.id = CAST(j.value ->> 0 AS UUID)",
};

const SET_COUNTERS: EngineSql = EngineSql {
    sqlite: "INSERT INTO chat_clients (chat_id, client, author_id, last_n)
             SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3 FROM json_each($1) WHERE true
             ON CONFLICT (chat_id, client) DO UPDATE SET last_n = excluded.last_n",
    postgres: "INSERT INTO chat_clients (chat_id, client, author_id, last_n)
               SELECT CAST(value ->> 0 AS UUID), CAST(value ->> 1 AS UUID), CAST(value ->> 2 AS UUID),
                      CAST(value ->> 3 AS BIGINT) FROM jsonb_array_elements($1) AS j (value)
               ON CONFLICT (chat_id, client) DO UPDATE SET last_n = excluded.last_n",
};

/// Locks the chats of some messages and reads all that counts for them.
pub async fn facts(tx: &mut Tx, messages: &[&Outgoing]) -> Result<Facts> {
    let chats: BTreeSet<Uuid> = messages.iter().map(|m| m.chat).collect();
    let clients: BTreeSet<(Uuid, Uuid)> = messages.iter().map(|m| (m.chat, m.client)).collect();
    let ids = list(messages.iter().map(|m| Hex(m.id)));
    let clients = list(clients.into_iter().map(|(chat, client)| (Hex(chat), Hex(client))));
    let chats: Vec<ChatFacts> = tx.query_for(&LOCK_CHATS).bind(list(chats.into_iter().map(Hex))).fetch_all().await?;
    let known: Vec<KnownEvent> = tx.query_for(&FIND_EVENTS).bind(ids).fetch_all().await?;
    let counters: Vec<Counter> = tx.query_for(&FIND_COUNTERS).bind(clients).fetch_all().await?;
    Ok(Facts {
        chats: chats.into_iter().map(|c| (c.id, c)).collect(),
        known: known.into_iter().map(|k| (k.id, k)).collect(),
        counters: counters.into_iter().map(|c| ((c.chat_id, c.client), c)).collect(),
    })
}

/// Writes events, each with its author, that everyone may read and whose numbers were taken from `facts`; with them the
/// chats' last numbers and the clients' counters as the facts have them now.
pub async fn write(tx: &mut Tx, events: &[(EventView, Uuid)], facts: &Facts, now: DateTime<Utc>) -> Result<()> {
    let rows = events.iter().map(|(e, author)| {
        let author = Hex(*author);
        (Hex(e.chat), e.seq, e.prev, Hex(e.id), e.party, author, e.name.clone(), e.visibility, e.body.clone())
    });
    tx.query_for(&INSERT_EVENTS).bind(list(rows)).bind(now).execute().await?;
    planted!("sequence-from-memory", return set_counters(tx, facts).await);
    let last: BTreeMap<Uuid, i64> = events.iter().map(|(e, _)| (e.chat, e.seq)).collect();
    let last = list(last.into_iter().map(|(chat, seq)| (Hex(chat), seq)));
    tx.query_for(&SET_LAST).bind(last).execute().await?;
    set_counters(tx, facts).await
}

/// Stores the clients' counters as the facts have them.
pub async fn set_counters(tx: &mut Tx, facts: &Facts) -> Result<()> {
    let mut counters: Vec<&Counter> = facts.counters.values().collect();
    counters.sort_unstable_by_key(|c| (c.chat_id, c.client));
    let rows = counters.iter().map(|c| (Hex(c.chat_id), Hex(c.client), Hex(c.author_id), c.last_n));
    tx.query_for(&SET_COUNTERS).bind(list(rows)).execute().await.map(drop)
}

/// An id as both engines' texts read it.
struct Hex(Uuid);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.simple().encode_lower(&mut Uuid::encode_buffer()))
    }
}

fn list<T>(values: impl Iterator<Item = T>) -> Json<Vec<T>> {
    Json(values.collect())
}
