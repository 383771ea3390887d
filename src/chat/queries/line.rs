//! The SQL of the line: who waits, who can be offered what, offers, and what the board shows.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::{
        conversation::ChatState,
        protocol::{NoticeView, PinAlertView},
        routing::{Candidate, Waiting},
    },
    identity::staff::Presence,
    store::{Db, Tx},
};

// Routing

/// Whether a chat waits unoffered, or an offer has run out or is made to somebody who is not there.
pub async fn anything_to_route(db: &Db, now: DateTime<Utc>, heard_since: DateTime<Utc>) -> Result<bool> {
    let (waiting,): (i64,) = db
        .query(
            "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c
                     WHERE c.state = 'queued' AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = c.id AND o.state = 'open'))
                  + (SELECT CAST(COUNT(*) AS BIGINT) FROM offers o WHERE o.state = 'open' AND (o.expires_at <= $1 OR NOT EXISTS
                        (SELECT 1 FROM presence_seen p WHERE p.staff_id = o.staff_id AND p.seen_at > $2))) AS waiting",
        )
        .bind(now)
        .bind(heard_since)
        .fetch_one()
        .await?;
    Ok(waiting > 0)
}

/// Until the transaction ends, no other node makes offers.
pub async fn hold_line(tx: &mut Tx) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('line', '') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .execute()
    .await
}

/// Chats that wait and are not on offer, in the order of the line.
pub async fn unoffered(tx: &mut Tx) -> Result<Vec<Waiting>> {
    tx.query(
        "SELECT c.id AS chat, c.team_id AS team, c.tier,
                (SELECT k.owner_id FROM cases k
                 WHERE k.contact_id = c.contact_id AND k.status <> 'completed' AND k.owner_id IS NOT NULL
                 ORDER BY k.created_at DESC LIMIT 1) AS owner
         FROM chats c
         WHERE c.state = 'queued' AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = c.id AND o.state = 'open')
         ORDER BY c.severity, c.queued_at, c.id",
    )
    .fetch_all()
    .await
}

/// People to whom chats can be offered: online, heard from, with what they carry now. One row a team.
pub async fn candidates(tx: &mut Tx, heard_since: DateTime<Utc>) -> Result<Vec<Candidate>> {
    tx.query(
        "SELECT s.id AS staff, st.team_id AS team, s.tier, s.capacity, p.idle_since,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c WHERE c.agent_id = s.id AND c.state = 'active')
              + (SELECT CAST(COUNT(*) AS BIGINT) FROM offers o WHERE o.staff_id = s.id AND o.state = 'open') AS load
         FROM staff s JOIN presence_seen p ON p.staff_id = s.id JOIN staff_teams st ON st.staff_id = s.id
         WHERE s.active AND p.state = 'online' AND p.seen_at > $1 ORDER BY s.id",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// Who declined which of the chats that wait.
pub async fn declined(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid)>> {
    // From the few that wait to their offers: SQLite keeps the order of a CROSS JOIN.
    tx.query(
        "SELECT o.chat_id, o.staff_id FROM chats c CROSS JOIN offers o
         WHERE c.state = 'queued' AND o.chat_id = c.id AND o.state = 'declined'",
    )
    .fetch_all()
    .await
}

// Offers

/// Offers a chat; false: it is on offer already.
pub async fn insert_offer(
    tx: &mut Tx,
    id: Uuid,
    chat: Uuid,
    staff: Uuid,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<bool> {
    let inserted = tx
        .query(
            "INSERT INTO offers (id, chat_id, staff_id, state, offered_at, expires_at)
             VALUES ($1, $2, $3, 'open', $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(chat)
        .bind(staff)
        .bind(now)
        .bind(expires)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// Closes a person's open offer, before it runs out, as `state`; its chat.
pub async fn close_offer(tx: &mut Tx, id: Uuid, staff: Uuid, state: &str, now: DateTime<Utc>) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx
        .query("UPDATE offers SET state = $3 WHERE id = $1 AND staff_id = $2 AND state = 'open' AND expires_at > $4 RETURNING chat_id")
        .bind(id)
        .bind(staff)
        .bind(state.to_owned())
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| r.0))
}

/// Whether a person's offer was closed as `state`.
pub async fn was_closed(tx: &mut Tx, id: Uuid, staff: Uuid, state: &str) -> Result<bool> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT chat_id FROM offers WHERE id = $1 AND staff_id = $2 AND state = $3")
        .bind(id)
        .bind(staff)
        .bind(state.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// Closes the open offer of a chat that was taken, ended or put elsewhere.
pub async fn withdraw_offer(tx: &mut Tx, chat: Uuid) -> Result<u64> {
    tx.query("UPDATE offers SET state = 'withdrawn' WHERE chat_id = $1 AND state = 'open'").bind(chat).execute().await
}

/// Closes the open offers of a person who went away.
pub async fn withdraw_offers_to(tx: &mut Tx, staff: Uuid) -> Result<u64> {
    tx.query("UPDATE offers SET state = 'withdrawn' WHERE staff_id = $1 AND state = 'open'").bind(staff).execute().await
}

/// Closes the open offers of people whose console is gone: an empty chair has nothing to answer with.
pub async fn withdraw_offers_to_absent(tx: &mut Tx, heard_since: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE offers SET state = 'withdrawn' WHERE state = 'open'
         AND NOT EXISTS (SELECT 1 FROM presence_seen p WHERE p.staff_id = offers.staff_id AND p.seen_at > $1)",
    )
    .bind(heard_since)
    .execute()
    .await
}

/// Closes the offers that ran out; to whom they were made.
pub async fn expire_offers(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<(Uuid,)>> {
    tx.query("UPDATE offers SET state = 'expired' WHERE state = 'open' AND expires_at <= $1 RETURNING staff_id")
        .bind(now)
        .fetch_all()
        .await
}

/// The open offers: when each runs out, and when the person was last heard from.
pub async fn open_ends(db: &Db) -> Result<Vec<(DateTime<Utc>, DateTime<Utc>)>> {
    db.query("SELECT o.expires_at, p.seen_at FROM offers o JOIN presence_seen p ON p.staff_id = o.staff_id WHERE o.state = 'open'")
        .fetch_all()
        .await
}

// The board

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
}

/// All chats that wait or are served, in the order of the line.
pub async fn running_chats(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<BoardChat>> {
    db.query(
        "SELECT c.id, c.state, p.name AS customer, a.name AS account, COALESCE(g.name, '') AS category, c.team_id,
                COALESCE(t.name, '') AS team, c.tier, c.severity, c.question, c.queued_at, c.answered_at, c.agent_id,
                s.name AS agent, k.number AS case_number, COALESCE(n.seen_at > $1, FALSE) AS customer_here
         FROM chats c JOIN contacts p ON p.id = c.contact_id JOIN accounts a ON a.id = c.account_id
         LEFT JOIN categories g ON g.id = c.category_id LEFT JOIN teams t ON t.id = c.team_id
         LEFT JOIN staff s ON s.id = c.agent_id LEFT JOIN cases k ON k.chat_id = c.id
         LEFT JOIN nodes n ON n.id = c.customer_node_id
         WHERE c.state <> 'ended' AND c.state IN ('queued', 'active') ORDER BY c.severity, c.queued_at, c.id",
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
                s.name AS agent, k.number AS case_number, COALESCE(n.seen_at > $1, FALSE) AS customer_here
         FROM chats c JOIN contacts p ON p.id = c.contact_id JOIN accounts a ON a.id = c.account_id
         LEFT JOIN categories g ON g.id = c.category_id LEFT JOIN teams t ON t.id = c.team_id
         LEFT JOIN staff s ON s.id = c.agent_id LEFT JOIN cases k ON k.chat_id = c.id
         LEFT JOIN nodes n ON n.id = c.customer_node_id
         WHERE c.id = $2",
    )
    .bind(heard_since)
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
         WHERE o.state = 'open' AND o.expires_at > $1 ORDER BY o.offered_at, c.severity, c.queued_at, c.id",
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

/// The unread notices of everybody, newest first.
pub async fn unread_notices(db: &Db) -> Result<Vec<(Uuid, NoticeView)>> {
    #[derive(sqlx::FromRow)]
    struct ForStaff {
        staff_id: Uuid,
        #[sqlx(flatten)]
        notice: NoticeView,
    }
    let rows: Vec<ForStaff> = db.query("SELECT staff_id, id, at, text, case_number FROM notices WHERE read_at IS NULL ORDER BY at DESC, id DESC LIMIT 1000").fetch_all().await?;
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
