//! The SQL of chats: opening, asking, taking, ending.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::{access::Hands, conversation::ChatState, protocol::EndWhy},
    store::{Db, Tx},
};

/// A chat's own row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChatRow {
    /// The server's id.
    pub id: Uuid,
    /// Whose account.
    pub account_id: Uuid,
    /// Which contact.
    pub contact_id: Uuid,
    /// Where it stands.
    pub state: ChatState,
    /// The question; empty until asked.
    pub question: String,
    /// The category that was picked.
    pub category_id: Option<Uuid>,
    /// The team that it waits for or that serves it.
    pub team_id: Option<Uuid>,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// Who serves it.
    pub agent_id: Option<Uuid>,
    /// The supervisor who joined beside the specialist.
    pub beside_id: Option<Uuid>,
    /// When it entered the line first.
    pub queued_at: Option<DateTime<Utc>>,
    /// When it was taken first.
    pub answered_at: Option<DateTime<Utc>>,
    /// What the specialist wants from a supervisor.
    pub flag: Option<String>,
}

/// Locks a chat's row until the transaction ends.
pub async fn lock_chat(tx: &mut Tx, id: Uuid) -> Result<Option<ChatRow>> {
    tx.query(
        "UPDATE chats SET tier = tier WHERE id = $1
         RETURNING id, account_id, contact_id, state, question, category_id, team_id, tier, severity, agent_id, beside_id, queued_at, answered_at, flag",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// A chat's row as it is.
pub async fn find_chat(db: &Db, id: Uuid) -> Result<Option<ChatRow>> {
    db.query(
        "SELECT id, account_id, contact_id, state, question, category_id, team_id, tier, severity, agent_id, beside_id, queued_at, answered_at, flag
         FROM chats WHERE id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// Whose a chat's log is, and where it ends.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LogEnd {
    /// In whose hands it is, and its customer.
    #[sqlx(flatten)]
    pub hands: Hands,
    /// The last number.
    pub last_seq: i64,
}

/// Whose a chat's log is, and where it ends.
pub async fn find_log_end(db: &Db, id: Uuid) -> Result<Option<LogEnd>> {
    db.query(
        "SELECT c.contact_id, c.team_id, c.agent_id, c.beside_id, x.team_id AS to_team, x.to_id AS to_person, c.state = 'ended' AS is_over,
                COALESCE((SELECT MAX(seq) FROM chat_events WHERE chat_id = $1), 0) AS last_seq
         FROM chats c LEFT JOIN chat_transfers x ON x.chat_id = c.id WHERE c.id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// In whose hands a chat is.
pub async fn find_hands(db: &Db, id: Uuid) -> Result<Option<Hands>> {
    db.query(
        "SELECT c.contact_id, c.team_id, c.agent_id, c.beside_id, x.team_id AS to_team, x.to_id AS to_person, c.state = 'ended' AS is_over
         FROM chats c LEFT JOIN chat_transfers x ON x.chat_id = c.id WHERE c.id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// Whether a person serves a chat of a contact now.
pub async fn serves_customer(db: &Db, staff: Uuid, contact: Uuid) -> Result<bool> {
    let row: Option<(Uuid,)> = db
        .query("SELECT id FROM chats WHERE agent_id = $1 AND contact_id = $2 AND state = 'active'")
        .bind(staff)
        .bind(contact)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// The running chat of a contact at an account.
pub async fn find_running(tx: &mut Tx, account: Uuid, contact: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT id FROM chats WHERE account_id = $1 AND contact_id = $2 AND state <> 'ended'")
        .bind(account)
        .bind(contact)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| r.0))
}

/// Opens a chat unless the contact has a running one at the account; false: it has.
pub async fn insert_chat(tx: &mut Tx, id: Uuid, account: Uuid, contact: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let inserted = tx
        .query(
            "INSERT INTO chats (id, account_id, contact_id, state, question, tier, severity, created_at, customer_seen_at)
             VALUES ($1, $2, $3, 'asking', '', 1, 3, $4, $4) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(account)
        .bind(contact)
        .bind(now)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// A category with its team.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Route {
    pub category_id: Uuid,
    pub category: String,
    pub team_id: Uuid,
    pub team: String,
    /// What is said instead of taking it in; empty: it goes to the team.
    pub set_text: String,
}

/// How soon a chat of a severity shall be answered, in seconds.
pub async fn answer_seconds(tx: &mut Tx, severity: i16) -> Result<i32> {
    let row: Option<(i32,)> =
        tx.query("SELECT answer_seconds FROM severities WHERE level = $1").bind(severity).fetch_optional().await?;
    Ok(row.map_or(60, |row| row.0))
}

/// Whether somebody of a team answers in a language, and whether somebody does in the desk's own.
pub async fn speakers(tx: &mut Tx, team: Uuid, language: &str, own: &'static str) -> Result<(bool, bool)> {
    tx.query(
        "SELECT EXISTS (SELECT 1 FROM staff_teams m JOIN staff s ON s.id = m.staff_id
                        JOIN staff_languages l ON l.staff_id = s.id AND l.language = $2
                        WHERE m.team_id = $1 AND s.active) AS speaks,
                EXISTS (SELECT 1 FROM staff_teams m JOIN staff s ON s.id = m.staff_id WHERE m.team_id = $1 AND s.active
                        AND (NOT EXISTS (SELECT 1 FROM staff_languages l WHERE l.staff_id = s.id)
                             OR EXISTS (SELECT 1 FROM staff_languages l WHERE l.staff_id = s.id AND l.language = $3))) AS speaks_own",
    )
    .bind(team)
    .bind(language.to_owned())
    .bind(own)
    .fetch_one()
    .await
}

/// Where a category leads.
pub async fn find_route(tx: &mut Tx, category_key: &str) -> Result<Option<Route>> {
    tx.query(
        "SELECT c.id AS category_id, c.name AS category, t.id AS team_id, t.name AS team, c.set_text
         FROM categories c JOIN teams t ON t.id = c.team_id WHERE c.key = $1",
    )
    .bind(category_key.to_owned())
    .fetch_optional()
    .await
}

/// What a chat needs of the desk.
pub struct Need {
    /// 1 (worst) to 4.
    pub severity: i16,
    /// When it shall be answered at the latest.
    pub due_at: DateTime<Utc>,
    /// The language that is needed; nothing: any.
    pub language: Option<String>,
}

/// The question is asked: the chat enters the line.
pub async fn set_queued(
    tx: &mut Tx,
    id: Uuid,
    question: &str,
    route: &Route,
    need: &Need,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "UPDATE chats SET state = 'queued', question = $2, category_id = $3, team_id = $4, severity = $5, due_at = $6,
                language = $7, queued_at = $8, waiting_since = $8 WHERE id = $1",
    )
    .bind(id)
    .bind(question.to_owned())
    .bind(route.category_id)
    .bind(route.team_id)
    .bind(need.severity)
    .bind(need.due_at)
    .bind(need.language.clone())
    .bind(now)
    .execute()
    .await
}

/// The question of a chat that enters no line.
pub async fn set_question(tx: &mut Tx, id: Uuid, question: &str, category: Uuid) -> Result<u64> {
    tx.query("UPDATE chats SET question = $2, category_id = $3 WHERE id = $1")
        .bind(id)
        .bind(question.to_owned())
        .bind(category)
        .execute()
        .await
}

/// The chat is over; 0: it already was. Its specialist wraps it up until a time.
pub async fn set_ended(
    tx: &mut Tx,
    id: Uuid,
    why: EndWhy,
    now: DateTime<Utc>,
    wrap_up_until: Option<DateTime<Utc>>,
) -> Result<u64> {
    tx.query(
        "UPDATE chats SET state = 'ended', ended_at = $2, ended_why = $3, wrap_up_until = $4, flag = NULL
         WHERE id = $1 AND state <> 'ended'",
    )
    .bind(id)
    .bind(now)
    .bind(why)
    .bind(wrap_up_until)
    .execute()
    .await
}

/// Chats in a state.
pub async fn in_state(db: &Db, state: ChatState) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = db
        .query("SELECT id FROM chats WHERE state <> 'ended' AND state = $1 ORDER BY queued_at, id")
        .bind(state)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// A former chat of a contact.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct PastChat {
    /// Which chat.
    pub id: Uuid,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Its category's name.
    pub category: String,
    /// Its question.
    pub question: String,
}

/// A contact's last ended chats that had a question, newest first; `but` is left out.
pub async fn past_chats(db: &Db, contact: Uuid, but: Uuid) -> Result<Vec<PastChat>> {
    db.query(
        "SELECT c.id, c.ended_at, COALESCE(g.name, '') AS category, c.question FROM chats c LEFT JOIN categories g ON g.id = c.category_id
         WHERE c.contact_id = $1 AND c.id <> $2 AND c.state = 'ended' AND c.question <> '' ORDER BY c.ended_at DESC LIMIT 10",
    )
    .bind(contact)
    .bind(but)
    .fetch_all()
    .await
}
