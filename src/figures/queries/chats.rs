//! The SQL of facts of chats, and of who served them.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::{conversation::ChatState, protocol::EndWhy},
    figures::{facts::ChatFacts, served::Service},
    store::{Db, EngineSql, Tx},
};

use super::ids;

// What is noted with the events

/// A person joined a chat, by the event with this number.
pub async fn open_chat_spell(tx: &mut Tx, chat: Uuid, seq: i64, staff: Uuid, at: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO chat_spells (chat_id, seq, staff_id, started_at) VALUES ($1, $2, $3, $4)")
        .bind(chat)
        .bind(seq)
        .bind(staff)
        .bind(at)
        .execute()
        .await
}

/// A person left a chat, or everybody did.
pub async fn close_chat_spells(tx: &mut Tx, chat: Uuid, staff: Option<Uuid>, at: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE chat_spells SET ended_at = $2 WHERE chat_id = $1 AND ended_at IS NULL AND staff_id = COALESCE($3, staff_id)",
    )
    .bind(chat)
    .bind(at)
    .bind(staff)
    .execute()
    .await
}

/// An ended chat's first message of a specialist is noted in its row.
pub async fn note_first_reply(tx: &mut Tx, chat: Uuid) -> Result<u64> {
    tx.query(
        "UPDATE chats SET replied_at = first.at, replied_by = first.author_id FROM
            (SELECT at, author_id FROM chat_events
             WHERE chat_id = $1 AND party = 'staff' AND body ->> 'kind' = 'message' ORDER BY seq LIMIT 1) AS first
         WHERE chats.id = $1",
    )
    .bind(chat)
    .execute()
    .await
}

// Facts

/// What a chat's row says.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatRow {
    chat: Uuid,
    arrived: DateTime<Utc>,
    replied_at: Option<DateTime<Utc>>,
    replied_by: Option<Uuid>,
    ended_at: Option<DateTime<Utc>>,
    ended_why: Option<EndWhy>,
    state: ChatState,
    team: Option<Uuid>,
    category: Option<Uuid>,
    severity: i16,
    due_at: Option<DateTime<Utc>>,
    answer_seconds: Option<i32>,
    became_case: bool,
    wrap_up_until: Option<DateTime<Utc>>,
}

impl ChatRow {
    /// The facts, but who served it.
    pub fn into_facts(self) -> ChatFacts {
        let by_severity = self.answer_seconds.map(|seconds| self.arrived + TimeDelta::seconds(i64::from(seconds)));
        ChatFacts {
            chat: self.chat,
            arrived: self.arrived,
            answered: self.replied_at.map(|at| (at, self.replied_by)),
            ended: self.ended_at.zip(self.ended_why),
            state: self.state,
            served: Vec::new(),
            team: self.team,
            category: self.category,
            severity: self.severity,
            due: self.due_at.filter(|due| *due > self.arrived).or(by_severity),
            case: self.became_case,
            first_hand: true,
        }
    }

    /// Whether what it says may still change.
    pub fn may_change(&self, now: DateTime<Utc>) -> bool {
        self.state != ChatState::Ended || self.wrap_up_until.is_some_and(|until| until > now)
    }

    /// Which chat.
    pub fn id(&self) -> Uuid {
        self.chat
    }
}

/// The chats that wait or are served.
pub async fn running(db: &Db) -> Result<Vec<ChatRow>> {
    db.query(
        "SELECT c.id AS chat, c.queued_at AS arrived, c.replied_at, c.replied_by, c.ended_at, c.ended_why, c.state, c.team_id AS team,
                c.category_id AS category, c.severity, c.due_at, v.answer_seconds, c.wrap_up_until,
                EXISTS (SELECT 1 FROM cases k WHERE k.chat_id = c.id) AS became_case
         FROM chats c LEFT JOIN severities v ON v.level = c.severity
         WHERE c.state <> 'ended' AND c.state IN ('queued', 'active') AND c.queued_at IS NOT NULL",
    )
    .fetch_all()
    .await
}

/// The chats whose question was asked from a time on and before another.
pub async fn asked(db: &Db, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<ChatRow>> {
    db.query(
        "SELECT c.id AS chat, c.queued_at AS arrived, c.replied_at, c.replied_by, c.ended_at, c.ended_why, c.state, c.team_id AS team,
                c.category_id AS category, c.severity, c.due_at, v.answer_seconds, c.wrap_up_until,
                EXISTS (SELECT 1 FROM cases k WHERE k.chat_id = c.id) AS became_case
         FROM chats c LEFT JOIN severities v ON v.level = c.severity
         WHERE c.queued_at IS NOT NULL AND c.queued_at >= $1 AND c.queued_at < $2",
    )
    .bind(from)
    .bind(to)
    .fetch_all()
    .await
}

const THESE: EngineSql = EngineSql {
    sqlite: "SELECT c.id AS chat, c.queued_at AS arrived, c.replied_at, c.replied_by, c.ended_at, c.ended_why, c.state, c.team_id AS team,
                    c.category_id AS category, c.severity, c.due_at, v.answer_seconds, c.wrap_up_until,
                    EXISTS (SELECT 1 FROM cases k WHERE k.chat_id = c.id) AS became_case
             FROM chats c LEFT JOIN severities v ON v.level = c.severity
             WHERE c.queued_at IS NOT NULL AND c.id IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT c.id AS chat, c.queued_at AS arrived, c.replied_at, c.replied_by, c.ended_at, c.ended_why, c.state, c.team_id AS team,
                      c.category_id AS category, c.severity, c.due_at, v.answer_seconds, c.wrap_up_until,
                      EXISTS (SELECT 1 FROM cases k WHERE k.chat_id = c.id) AS became_case
               FROM chats c LEFT JOIN severities v ON v.level = c.severity
               WHERE c.queued_at IS NOT NULL AND c.id = ANY (ARRAY(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text($1)))",
};

/// These chats.
pub async fn these(db: &Db, chats: &[Uuid]) -> Result<Vec<ChatRow>> {
    db.query_for(&THESE).bind(ids(chats)).fetch_all().await
}

const FIRST_REPLIES: EngineSql = EngineSql {
    sqlite: "SELECT e.chat_id, e.at, e.author_id FROM json_each($1) AS j CROSS JOIN chat_events e
             ON e.chat_id = unhex(j.value) AND e.seq = (SELECT MIN(m.seq) FROM chat_events m
                WHERE m.chat_id = unhex(j.value) AND m.party = 'staff' AND m.body ->> 'kind' = 'message')",
    postgres: "SELECT e.chat_id, e.at, e.author_id FROM jsonb_array_elements_text($1) AS j (value)
               CROSS JOIN LATERAL (SELECT * FROM chat_events WHERE chat_id = CAST(j.value AS UUID) AND party = 'staff'
                                   AND body ->> 'kind' = 'message' ORDER BY seq LIMIT 1) e",
};

/// The first messages of specialists in these chats, as their logs say: chat, when, who.
pub async fn first_replies(db: &Db, chats: &[Uuid]) -> Result<Vec<(Uuid, DateTime<Utc>, Option<Uuid>)>> {
    db.query_for(&FIRST_REPLIES).bind(ids(chats)).fetch_all().await
}

/// How many visits a solution ended before anybody was asked, each with its end.
pub async fn solved_by_themselves(db: &Db, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>,)>> {
    db.query("SELECT ended_at FROM chats WHERE ended_why = 'self_service' AND ended_at >= $1 AND ended_at < $2 AND queued_at IS NULL")
        .bind(from)
        .bind(to)
        .fetch_all()
        .await
}

// Who served them

/// A person served a chat.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SpellRow {
    /// Which chat.
    pub chat_id: Uuid,
    /// The joining's number in its log.
    pub seq: i64,
    staff_id: Uuid,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    wrap_until: Option<DateTime<Utc>>,
}

impl SpellRow {
    /// Who and when.
    pub fn service(&self) -> Service {
        Service { staff: self.staff_id, from: self.started_at, to: self.ended_at, wrap_until: self.wrap_until }
    }
}

/// Who serves now, and who served a chat up to a time in this range.
pub async fn spells(db: &Db, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<SpellRow>> {
    db.query(
        "SELECT s.chat_id, s.seq, s.staff_id, s.started_at, s.ended_at, c.wrap_up_until AS wrap_until
         FROM chat_spells s JOIN chats c ON c.id = s.chat_id WHERE s.ended_at IS NULL
         UNION ALL
         SELECT s.chat_id, s.seq, s.staff_id, s.started_at, s.ended_at,
                CASE WHEN c.agent_id = s.staff_id AND c.ended_at = s.ended_at THEN c.wrap_up_until END AS wrap_until
         FROM chat_spells s JOIN chats c ON c.id = s.chat_id
         WHERE s.ended_at IS NOT NULL AND s.ended_at >= $1 AND s.ended_at < $2",
    )
    .bind(from)
    .bind(to)
    .fetch_all()
    .await
}

const SPELLS_OF: EngineSql = EngineSql {
    sqlite: "SELECT s.chat_id, s.seq, s.staff_id, s.started_at, s.ended_at,
                    CASE WHEN c.agent_id = s.staff_id AND c.ended_at = s.ended_at THEN c.wrap_up_until END AS wrap_until
             FROM json_each($1) AS j CROSS JOIN chat_spells s ON s.chat_id = unhex(j.value) CROSS JOIN chats c ON c.id = s.chat_id",
    postgres: "SELECT s.chat_id, s.seq, s.staff_id, s.started_at, s.ended_at,
                      CASE WHEN c.agent_id = s.staff_id AND c.ended_at = s.ended_at THEN c.wrap_up_until END AS wrap_until
               FROM jsonb_array_elements_text($1) AS j (value) JOIN chat_spells s ON s.chat_id = CAST(j.value AS UUID)
               JOIN chats c ON c.id = s.chat_id",
};

/// Who served these chats.
pub async fn spells_of(db: &Db, chats: &[Uuid]) -> Result<Vec<SpellRow>> {
    db.query_for(&SPELLS_OF).bind(ids(chats)).fetch_all().await
}

/// Who served the chats that were asked in a range.
pub async fn spells_of_asked(db: &Db, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<SpellRow>> {
    db.query(
        "SELECT s.chat_id, s.seq, s.staff_id, s.started_at, s.ended_at,
                CASE WHEN c.agent_id = s.staff_id AND c.ended_at = s.ended_at THEN c.wrap_up_until END AS wrap_until
         FROM chats c CROSS JOIN chat_spells s
         WHERE c.queued_at IS NOT NULL AND c.queued_at >= $1 AND c.queued_at < $2 AND s.chat_id = c.id",
    )
    .bind(from)
    .bind(to)
    .fetch_all()
    .await
}
