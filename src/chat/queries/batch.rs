//! The SQL of a batch of messages: a fixed number of statements, however many messages there are. Lists travel as one JSON
//! array, which each engine unfolds in its own words: the one place with two texts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use sqlx::{ColumnIndex, Decode, FromRow, Result, Row, Type, types::Json};
use uuid::Uuid;

use crate::{
    chat::{
        admission::{ChatFacts, Counter, Facts, KnownEvent},
        protocol::{EventView, MarkView, Outgoing},
    },
    store::{Db, EngineSql, Query, Tx},
};

// On SQLite each statement is a journey to the connection's thread and back, so those that belong together go together.

const SQLITE_FACTS: &str = "SELECT 'chat' AS fact, c.id, c.contact_id, c.agent_id, c.beside_id, c.state, COALESCE(e.seq, 0) AS last_seq,
            COALESCE(CASE WHEN e.visibility = 'everyone' THEN e.seq ELSE e.prev_public END, 0) AS last_public
       FROM chats c LEFT JOIN chat_events e ON e.chat_id = c.id AND e.seq = (SELECT MAX(seq) FROM chat_events WHERE chat_id = c.id)
       WHERE c.id IN (SELECT unhex(value) FROM json_each($1));
     SELECT 'known' AS fact, e.id, e.chat_id, e.seq, e.at, e.author_id, e.body FROM json_each($2) AS j
       CROSS JOIN chat_events e ON e.chat_id = unhex(j.value ->> 0) AND e.id = unhex(j.value ->> 1);
     SELECT 'counter' AS fact, chat_id, client, author_id, last_n FROM chat_clients
       WHERE chat_id IN (SELECT unhex(value) FROM json_each($3));
     SELECT 'ids' AS fact, chat_id, group_concat(substr(hex(id), 17), '') AS ends FROM chat_events
       WHERE chat_id IN (SELECT unhex(value) FROM json_each($3)) GROUP BY chat_id";

// The log's end is read by the next statement: one that had to wait for the lock does not see what was written meanwhile.
const LOCK_CHATS: &str =
    "SELECT id, contact_id, agent_id, beside_id, state, CAST(0 AS BIGINT) AS last_seq, CAST(0 AS BIGINT) AS last_public FROM chats
     WHERE id = ANY (ARRAY(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text($1))) ORDER BY id FOR UPDATE";

const FIND_ENDS: &str =
    "SELECT e.chat_id, e.seq, CASE WHEN e.visibility = 'everyone' THEN e.seq ELSE e.prev_public END AS last_public
     FROM jsonb_array_elements_text($1) AS j (value)
     CROSS JOIN LATERAL (SELECT * FROM chat_events WHERE chat_id = CAST(j.value AS UUID) ORDER BY seq DESC LIMIT 1) e";

// With OFFSET 0 each is looked for by itself, in the index: while a table is young and nobody has counted it, the planner would
// rather read all of it.
const FIND_EVENTS: &str =
    "SELECT e.id, e.chat_id, e.seq, e.at, e.author_id, e.body FROM jsonb_array_elements($1) AS j (value)
     CROSS JOIN LATERAL (SELECT * FROM chat_events WHERE chat_id = CAST(j.value ->> 0 AS UUID)
                         AND id = CAST(j.value ->> 1 AS UUID) OFFSET 0) e";

const FIND_COUNTERS: &str =
    "SELECT c.chat_id, c.client, c.author_id, c.last_n FROM jsonb_array_elements($1) AS j (value)
     CROSS JOIN LATERAL (SELECT * FROM chat_clients WHERE chat_id = CAST(j.value ->> 0 AS UUID)
                         AND client = CAST(j.value ->> 1 AS UUID) OFFSET 0) c";

const INSERT_EVENTS: &str = "INSERT INTO chat_events (chat_id, seq, prev_public, id, at, party, author_id, author_name, visibility, body)
     SELECT CAST(value ->> 0 AS UUID), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS UUID),
            CAST($2 AS TIMESTAMPTZ), value ->> 4, CAST(value ->> 5 AS UUID), value ->> 6, value ->> 7, value -> 8
     FROM jsonb_array_elements($1) AS j (value)";

const SET_COUNTERS: EngineSql = EngineSql {
    sqlite: "INSERT INTO chat_clients (chat_id, client, author_id, last_n)
             SELECT unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3 FROM json_each($1) WHERE true
             ON CONFLICT (chat_id, client) DO UPDATE SET last_n = excluded.last_n",
    postgres: "INSERT INTO chat_clients (chat_id, client, author_id, last_n)
               SELECT CAST(value ->> 0 AS UUID), CAST(value ->> 1 AS UUID), CAST(value ->> 2 AS UUID),
                      CAST(value ->> 3 AS BIGINT) FROM jsonb_array_elements($1) AS j (value)
               ON CONFLICT (chat_id, client) DO UPDATE SET last_n = excluded.last_n",
};

const ENDED_SESSIONS: EngineSql = EngineSql {
    sqlite: "SELECT value FROM json_each($1) WHERE NOT EXISTS
                (SELECT 1 FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
                 WHERE t.token_hash = value AND t.expires_at > $2 AND s.active)
             AND NOT EXISTS (SELECT 1 FROM visitor_sessions v WHERE v.token_hash = value AND v.expires_at > $2)",
    postgres: "SELECT value FROM jsonb_array_elements_text($1) AS j (value) WHERE NOT EXISTS
                  (SELECT 1 FROM staff_sessions t JOIN staff s ON s.id = t.staff_id
                   WHERE t.token_hash = value AND t.expires_at > $2 AND s.active)
               AND NOT EXISTS (SELECT 1 FROM visitor_sessions v WHERE v.token_hash = value AND v.expires_at > $2)",
};

const RAISE_MARKS: EngineSql = EngineSql {
    sqlite: "INSERT INTO chat_marks (chat_id, party, delivered, read)
             SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3 FROM json_each($1) WHERE true
             ON CONFLICT (chat_id, party) DO UPDATE SET
                delivered = CASE WHEN excluded.delivered > chat_marks.delivered THEN excluded.delivered ELSE chat_marks.delivered END,
                read = CASE WHEN excluded.read > chat_marks.read THEN excluded.read ELSE chat_marks.read END
             RETURNING chat_id, party, delivered, read",
    postgres: "INSERT INTO chat_marks (chat_id, party, delivered, read)
               SELECT CAST(value ->> 0 AS UUID), value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS BIGINT)
               FROM jsonb_array_elements($1) AS j (value)
               ON CONFLICT (chat_id, party) DO UPDATE SET
                  delivered = GREATEST(excluded.delivered, chat_marks.delivered), read = GREATEST(excluded.read, chat_marks.read)
               RETURNING chat_id, party, delivered, read",
};

/// Raises marks of sides of chats, sorted, and never lowers any; the marks as they are now.
pub async fn raise_marks(tx: &mut Tx, marks: impl Iterator<Item = (Uuid, MarkView)>) -> Result<Vec<(Uuid, MarkView)>> {
    #[derive(sqlx::FromRow)]
    struct Raised {
        chat_id: Uuid,
        #[sqlx(flatten)]
        mark: MarkView,
    }
    let marks = list(marks.map(|(chat, mark)| (Hex(chat), mark.party, mark.delivered, mark.read)));
    let raised: Vec<Raised> = tx.query_for(&RAISE_MARKS).bind(marks).fetch_all().await?;
    Ok(raised.into_iter().map(|r| (r.chat_id, r.mark)).collect())
}

const LAST_NUMBERS: EngineSql = EngineSql {
    sqlite: "SELECT id, COALESCE((SELECT MAX(seq) FROM chat_events WHERE chat_id = c.id), 0) AS last_seq
             FROM chats c WHERE id IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT id, COALESCE((SELECT MAX(seq) FROM chat_events WHERE chat_id = c.id), 0) AS last_seq
               FROM chats c WHERE id = ANY (ARRAY(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text($1)))",
};

/// The last numbers of these chats.
pub async fn last_numbers(db: &Db, chats: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    db.query_for(&LAST_NUMBERS).bind(list(chats.iter().map(|id| Hex(*id)))).fetch_all().await
}

/// The same within a transaction.
pub async fn last_numbers_in(tx: &mut Tx, chats: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    tx.query_for(&LAST_NUMBERS).bind(list(chats.iter().map(|id| Hex(*id)))).fetch_all().await
}

/// Which of these sessions, by their tokens' hashes, are over.
pub async fn ended_sessions(db: &Db, token_hashes: &[String], now: DateTime<Utc>) -> Result<Vec<String>> {
    let rows: Vec<(String,)> =
        db.query_for(&ENDED_SESSIONS).bind(list(token_hashes.iter())).bind(now).fetch_all().await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// One of the facts that come back together.
enum Fact {
    Chat(ChatFacts),
    Known(KnownEvent),
    Counter(Counter),
    Ids { chat: Uuid, ends: String },
}

impl<'r, R: Row> FromRow<'r, R> for Fact
where
    ChatFacts: FromRow<'r, R>,
    KnownEvent: FromRow<'r, R>,
    Counter: FromRow<'r, R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    &'static str: ColumnIndex<R>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        Ok(match row.try_get("fact")? {
            "chat" => Self::Chat(ChatFacts::from_row(row)?),
            "known" => Self::Known(KnownEvent::from_row(row)?),
            "counter" => Self::Counter(Counter::from_row(row)?),
            _ => Self::Ids { chat: row.try_get("chat_id")?, ends: row.try_get("ends")? },
        })
    }
}

/// What shall be read on SQLite.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The rows of these chats.
    pub chats: BTreeSet<Uuid>,
    /// The events of these chats with these ids.
    pub known: BTreeSet<(Uuid, Uuid)>,
    /// All counters of these chats, and the ends of all ids.
    pub whole: BTreeSet<Uuid>,
}

/// The ends of the ids in each chat's log.
pub type IdEnds = Vec<(Uuid, Vec<u64>)>;

/// The second half of an id, which is random whoever made it.
pub fn end_of(id: Uuid) -> u64 {
    id.as_u64_pair().1
}

/// Reads facts on SQLite, by a query of [`SQLITE_FACTS`].
async fn facts_by(query: Query<'_>, wanted: Wanted) -> Result<(Facts, IdEnds)> {
    let query = query.bind(list(wanted.chats.into_iter().map(Hex)));
    let query = query.bind(pairs(wanted.known));
    let mut ids = Vec::new();
    let mut facts = Facts::default();
    for fact in query.bind(list(wanted.whole.into_iter().map(Hex))).fetch_all().await? {
        match fact {
            Fact::Ids { chat, ends } => {
                let ends = ends.as_bytes().chunks_exact(16).filter_map(|end| std::str::from_utf8(end).ok());
                ids.push((chat, ends.filter_map(|end| u64::from_str_radix(end, 16).ok()).collect()));
            }
            fact => facts.learn(fact),
        }
    }
    Ok((facts, ids))
}

impl Facts {
    fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Chat(chat) => drop(self.chats.insert(chat.id, chat)),
            Fact::Known(event) => drop(self.known.insert((event.chat_id, event.id), event)),
            Fact::Counter(counter) => drop(self.counters.insert((counter.chat_id, counter.client), counter)),
            Fact::Ids { .. } => {}
        }
    }
}

/// Reads facts on SQLite, of what is in the database.
pub async fn read_facts(db: &Db, wanted: Wanted) -> Result<(Facts, IdEnds)> {
    facts_by(db.query(SQLITE_FACTS), wanted).await
}

/// Locks the chats of some messages and reads all that counts for them.
pub async fn facts(tx: &mut Tx, messages: &[&Outgoing]) -> Result<Facts> {
    let chats: BTreeSet<Uuid> = messages.iter().map(|m| m.chat).collect();
    let known: BTreeSet<(Uuid, Uuid)> = messages.iter().map(|m| (m.chat, m.id)).collect();
    if matches!(tx, Tx::Sqlite(..)) {
        let wanted = Wanted { whole: chats.clone(), chats, known };
        return Ok(facts_by(tx.query(SQLITE_FACTS), wanted).await?.0);
    }
    let clients: BTreeSet<(Uuid, Uuid)> = messages.iter().map(|m| (m.chat, m.client)).collect();
    let chats = list(chats.into_iter().map(Hex));
    let locked: Vec<ChatFacts> = tx.query(LOCK_CHATS).bind(chats.clone()).fetch_all().await?;
    let ends: Vec<(Uuid, i64, i64)> = tx.query(FIND_ENDS).bind(chats).fetch_all().await?;
    let known: Vec<KnownEvent> = tx.query(FIND_EVENTS).bind(pairs(known)).fetch_all().await?;
    let counters: Vec<Counter> = tx.query(FIND_COUNTERS).bind(pairs(clients)).fetch_all().await?;
    let mut facts = Facts::default();
    locked.into_iter().for_each(|chat| facts.learn(Fact::Chat(chat)));
    for (chat, seq, public) in ends {
        if let Some(chat) = facts.chats.get_mut(&chat) {
            (chat.last_seq, chat.last_public) = (seq, public);
        }
    }
    known.into_iter().for_each(|event| facts.learn(Fact::Known(event)));
    counters.into_iter().for_each(|counter| facts.learn(Fact::Counter(counter)));
    Ok(facts)
}

/// Writes events, each with its author, that everyone may read and whose numbers were taken from `facts`; with them the
/// clients' counters as the facts have them now.
pub async fn write(tx: &mut Tx, events: &[(EventView, Uuid)], facts: &Facts, now: DateTime<Utc>) -> Result<()> {
    let rows = list(events.iter().map(|(e, author)| {
        let author = Hex(*author);
        (Hex(e.chat), e.seq, e.prev, Hex(e.id), e.party, author, e.name.clone(), e.visibility, e.body.clone())
    }));
    tx.query(INSERT_EVENTS).bind(rows).bind(now).execute().await?;
    set_counters(tx, facts).await
}

/// Stores the clients' counters as the facts have them.
pub async fn set_counters(tx: &mut Tx, facts: &Facts) -> Result<()> {
    tx.query_for(&SET_COUNTERS).bind(counters(facts)).execute().await.map(drop)
}

fn counters(facts: &Facts) -> Json<Vec<(Hex, Hex, Hex, i64)>> {
    let mut counters: Vec<&Counter> = facts.counters.values().collect();
    counters.sort_unstable_by_key(|c| (c.chat_id, c.client));
    list(counters.into_iter().map(|c| (Hex(c.chat_id), Hex(c.client), Hex(c.author_id), c.last_n)))
}

/// An id as both engines' texts read it.
#[derive(Clone, Copy)]
pub(super) struct Hex(pub Uuid);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.simple().encode_lower(&mut Uuid::encode_buffer()))
    }
}

fn pairs(ids: BTreeSet<(Uuid, Uuid)>) -> Json<Vec<(Hex, Hex)>> {
    list(ids.into_iter().map(|(one, other)| (Hex(one), Hex(other))))
}

pub(super) fn list<T>(values: impl Iterator<Item = T>) -> Json<Vec<T>> {
    Json(values.collect())
}
