//! The SQL of the board: what consoles and wallboards see of the desk.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::{
        conversation::ChatState,
        protocol::{CaseOfferView, NoticeView, PinAlertView},
    },
    identity::staff::Presence,
    store::{Db, Tx},
};

/// A running chat in full.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct BoardChat {
    pub id: Uuid,
    pub state: ChatState,
    pub customer: String,
    pub account: String,
    pub category: String,
    pub team_id: Option<Uuid>,
    pub team: String,
    pub tier: i16,
    pub severity: i16,
    pub question: String,
    pub queued_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub agent_id: Option<Uuid>,
    pub agent: Option<String>,
    pub case_number: Option<i64>,
    pub customer_here: bool,
    pub due_at: Option<DateTime<Utc>>,
    pub language: Option<String>,
    pub page_url: String,
    pub page_title: String,
    pub flag: Option<String>,
    pub flagged_at: Option<DateTime<Utc>>,
    pub beside: Option<String>,
    /// Where it is handed on to.
    pub to_team_id: Option<Uuid>,
    pub to_team: Option<String>,
    pub to_tier: Option<i16>,
    pub to_id: Option<Uuid>,
    pub to_name: Option<String>,
    /// The names of its tags.
    #[sqlx(skip)]
    pub tags: Vec<String>,
}

/// All chats that wait or are served, in the order of the line.
pub async fn running_chats(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<BoardChat>> {
    db.query(
        "SELECT c.id, c.state, p.name AS customer, a.name AS account, COALESCE(g.name, '') AS category, c.team_id,
                COALESCE(t.name, '') AS team, c.tier, c.severity, c.question, c.queued_at, c.answered_at, c.agent_id,
                s.name AS agent, k.number AS case_number, COALESCE(n.seen_at > $1, FALSE) AS customer_here, c.due_at, c.language,
                c.page_url, c.page_title, c.flag, c.flagged_at, b.name AS beside, x.team_id AS to_team_id, y.name AS to_team,
                x.tier AS to_tier, x.to_id, z.name AS to_name
         FROM chats c JOIN contacts p ON p.id = c.contact_id JOIN accounts a ON a.id = c.account_id
         LEFT JOIN categories g ON g.id = c.category_id LEFT JOIN teams t ON t.id = c.team_id
         LEFT JOIN staff s ON s.id = c.agent_id LEFT JOIN cases k ON k.chat_id = c.id
         LEFT JOIN nodes n ON n.id = c.customer_node_id
         LEFT JOIN staff b ON b.id = c.beside_id LEFT JOIN chat_transfers x ON x.chat_id = c.id
         LEFT JOIN teams y ON y.id = x.team_id LEFT JOIN staff z ON z.id = x.to_id
         WHERE c.state <> 'ended' AND c.state IN ('queued', 'active') ORDER BY c.severity, c.due_at, c.queued_at, c.id",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// One chat in full, whatever its state.
pub async fn find_board_chat(db: &Db, id: Uuid, heard_since: DateTime<Utc>) -> Result<Option<BoardChat>> {
    db.query(
        "SELECT c.id, c.state, p.name AS customer, a.name AS account, COALESCE(g.name, '') AS category, c.team_id,
                COALESCE(t.name, '') AS team, c.tier, c.severity, c.question, c.queued_at, c.answered_at, c.agent_id,
                s.name AS agent, k.number AS case_number, COALESCE(n.seen_at > $1, FALSE) AS customer_here, c.due_at, c.language,
                c.page_url, c.page_title, c.flag, c.flagged_at, b.name AS beside, x.team_id AS to_team_id, y.name AS to_team,
                x.tier AS to_tier, x.to_id, z.name AS to_name
         FROM chats c JOIN contacts p ON p.id = c.contact_id JOIN accounts a ON a.id = c.account_id
         LEFT JOIN categories g ON g.id = c.category_id LEFT JOIN teams t ON t.id = c.team_id
         LEFT JOIN staff s ON s.id = c.agent_id LEFT JOIN cases k ON k.chat_id = c.id
         LEFT JOIN nodes n ON n.id = c.customer_node_id
         LEFT JOIN staff b ON b.id = c.beside_id LEFT JOIN chat_transfers x ON x.chat_id = c.id
         LEFT JOIN teams y ON y.id = x.team_id LEFT JOIN staff z ON z.id = x.to_id
         WHERE c.id = $2",
    )
    .bind(heard_since)
    .bind(id)
    .fetch_optional()
    .await
}

/// The tags of the chats that run: chat and name.
pub async fn tags_of_running(db: &Db) -> Result<Vec<(Uuid, String)>> {
    db.query(
        "SELECT m.chat_id, t.name FROM chats c CROSS JOIN chat_tags m CROSS JOIN tags t
         WHERE c.state <> 'ended' AND m.chat_id = c.id AND t.id = m.tag_id ORDER BY t.name",
    )
    .fetch_all()
    .await
}

/// The tags of one chat.
pub async fn tags_of(db: &Db, chat: Uuid) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query("SELECT t.name FROM chat_tags m JOIN tags t ON t.id = m.tag_id WHERE m.chat_id = $1 ORDER BY t.name")
        .bind(chat)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A chat that its specialist wraps up.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct BoardWrapUp {
    pub chat_id: Uuid,
    pub agent_id: Uuid,
    pub customer: String,
    pub until: DateTime<Utc>,
}

/// The chats that are being wrapped up, the first to be done first.
pub async fn wrap_ups(db: &Db, now: DateTime<Utc>) -> Result<Vec<BoardWrapUp>> {
    db.query(
        "SELECT c.id AS chat_id, c.agent_id, p.name AS customer, c.wrap_up_until AS until FROM chats c JOIN contacts p ON p.id = c.contact_id
         WHERE c.wrap_up_until IS NOT NULL AND c.wrap_up_until > $1 AND c.agent_id IS NOT NULL ORDER BY c.wrap_up_until, c.id",
    )
    .bind(now)
    .fetch_all()
    .await
}

/// The customer's and the team's name of a chat.
pub async fn names_of(tx: &mut Tx, id: Uuid) -> Result<Option<(String, String)>> {
    tx.query(
        "SELECT p.name, COALESCE(t.name, '') AS team FROM chats c JOIN contacts p ON p.id = c.contact_id
         LEFT JOIN teams t ON t.id = c.team_id WHERE c.id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// An open offer.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct BoardOffer {
    pub id: Uuid,
    pub chat_id: Uuid,
    pub staff_id: Uuid,
    pub expires_at: DateTime<Utc>,
}

/// All open offers, oldest first; those made at once in the order of the line.
pub async fn open_offers(db: &Db, now: DateTime<Utc>) -> Result<Vec<BoardOffer>> {
    db.query(
        "SELECT o.id, o.chat_id, o.staff_id, o.expires_at FROM offers o JOIN chats c ON c.id = o.chat_id
         WHERE o.state = 'open' AND o.expires_at > $1 ORDER BY o.offered_at, c.severity, c.due_at, c.queued_at, c.id",
    )
    .bind(now)
    .fetch_all()
    .await
}

/// A case that is on offer.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct BoardCaseOffer {
    pub staff_id: Uuid,
    #[sqlx(flatten)]
    pub view: CaseOfferView,
}

/// The cases on offer, oldest offer first.
pub async fn open_case_offers(db: &Db, now: DateTime<Utc>) -> Result<Vec<BoardCaseOffer>> {
    db.query(
        "SELECT f.staff_id, f.id, f.expires_at, k.number, k.subject, COALESCE(c.name, k.from_name) AS customer,
                COALESCE(a.name, k.from_account) AS account, COALESCE(g.name, '') AS category, k.severity, k.tier, k.due_at
         FROM case_offers f JOIN cases k ON k.id = f.case_id LEFT JOIN contacts c ON c.id = k.contact_id
         LEFT JOIN accounts a ON a.id = k.account_id LEFT JOIN categories g ON g.id = k.category_id
         WHERE f.state = 'open' AND f.expires_at > $1 AND k.worker_id IS NULL AND k.closed_at IS NULL ORDER BY f.offered_at, k.number",
    )
    .bind(now)
    .fetch_all()
    .await
}

/// A person; whoever is not heard from is offline since then.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct BoardPerson {
    pub id: Uuid,
    pub name: String,
    pub tier: i16,
    pub capacity: i16,
    pub state: Presence,
    pub since: DateTime<Utc>,
    pub chats: i64,
}

/// All active people who ever signed in.
pub async fn people(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<BoardPerson>> {
    db.query(
        "SELECT s.id, s.name, s.tier, s.capacity, CASE WHEN p.seen_at > $1 THEN p.state ELSE 'offline' END AS state,
                CASE WHEN p.seen_at > $1 THEN p.since ELSE p.seen_at END AS since,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c WHERE c.agent_id = s.id AND c.state = 'active') AS chats
         FROM staff s JOIN presence_seen p ON p.staff_id = s.id WHERE s.active ORDER BY s.tier, s.name, s.id",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// The teams of the active people: person and team.
pub async fn teams_of_people(db: &Db) -> Result<Vec<(Uuid, Uuid)>> {
    db.query(
        "SELECT m.staff_id, m.team_id FROM staff_teams m JOIN staff s ON s.id = m.staff_id WHERE s.active ORDER BY m.staff_id, m.team_id",
    )
    .fetch_all()
    .await
}

/// A colleague as others see one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, sqlx::FromRow)]
pub struct Colleague {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// 1 to 4.
    pub tier: i16,
    /// How many chats at once.
    pub capacity: i16,
    /// Whether chats are offered to the person.
    pub presence: Presence,
    /// Chats being served.
    pub chats: i64,
    /// The names of the person's teams.
    #[sqlx(skip)]
    pub teams: Vec<String>,
}

/// All active people, whether they are there or not.
pub async fn colleagues(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<Colleague>> {
    let mut people: Vec<Colleague> = db
        .query(
            "SELECT s.id, s.name, s.tier, s.capacity, CASE WHEN p.seen_at > $1 THEN p.state ELSE 'offline' END AS presence,
                    (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c WHERE c.agent_id = s.id AND c.state = 'active') AS chats
             FROM staff s LEFT JOIN presence_seen p ON p.staff_id = s.id WHERE s.active ORDER BY s.name, s.id",
        )
        .bind(heard_since)
        .fetch_all()
        .await?;
    let teams: Vec<(Uuid, String)> = db
        .query("SELECT m.staff_id, t.name FROM staff_teams m JOIN teams t ON t.id = m.team_id ORDER BY t.name")
        .fetch_all()
        .await?;
    for person in &mut people {
        person.teams = teams.iter().filter(|(of, _)| *of == person.id).map(|(_, name)| name.clone()).collect();
    }
    Ok(people)
}

/// The unread notices of everybody, newest first.
pub async fn unread_notices(db: &Db) -> Result<Vec<(Uuid, NoticeView)>> {
    #[derive(sqlx::FromRow)]
    struct ForStaff {
        staff_id: Uuid,
        #[sqlx(flatten)]
        notice: NoticeView,
    }
    let rows: Vec<ForStaff> = db.query("SELECT staff_id, id, at, text, case_number, chat_id FROM notices WHERE read_at IS NULL ORDER BY at DESC, id DESC LIMIT 1000").fetch_all().await?;
    Ok(rows.into_iter().map(|r| (r.staff_id, r.notice)).collect())
}

/// PIN alerts since a time, newest first.
pub async fn pin_alerts(db: &Db, since: DateTime<Utc>) -> Result<Vec<PinAlertView>> {
    db.query("SELECT at, text FROM pin_alerts WHERE at > $1 ORDER BY at DESC, id DESC LIMIT 50")
        .bind(since)
        .fetch_all()
        .await
}

/// How long the last chats of each team and tier waited: team, tier, entered, answered; newest first.
pub async fn recent_waits(db: &Db, since: DateTime<Utc>) -> Result<Vec<(Uuid, i16, DateTime<Utc>, DateTime<Utc>)>> {
    db.query(
        "SELECT team_id, tier, queued_at, answered_at FROM chats
         WHERE answered_at > $1 AND team_id IS NOT NULL AND queued_at IS NOT NULL ORDER BY answered_at DESC LIMIT 200",
    )
    .bind(since)
    .fetch_all()
    .await
}
