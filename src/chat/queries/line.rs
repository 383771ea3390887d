//! The SQL of the line: who waits, who can be offered what, offers.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    chat::routing::{Person, Waiting},
    desk::rules::Rules,
    store::{Db, Tx},
};

// Routing

/// Whether a chat waits unoffered, or an offer has run out or is made to somebody who is not there.
pub async fn anything_to_route(db: &Db, now: DateTime<Utc>, heard_since: DateTime<Utc>) -> Result<bool> {
    let (waiting,): (i64,) = db
        .query(
            "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c
                     WHERE c.state = 'queued' AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = c.id AND o.state = 'open'))
                  + (SELECT CAST(COUNT(*) AS BIGINT) FROM chat_transfers x
                     WHERE NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = x.chat_id AND o.state = 'open'))
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

/// Chats that wait and are not on offer, in no order.
pub async fn unoffered(tx: &mut Tx) -> Result<Vec<Waiting>> {
    // From the few that are handed on to their chats: SQLite keeps the order of a CROSS JOIN.
    tx.query(
        "SELECT c.id AS chat, c.severity, c.due_at, c.queued_at AS entered, c.waiting_since AS since, c.team_id AS team, c.tier,
                t.overflow_team_id AS overflow, c.language, c.told_at IS NOT NULL AS told,
                CAST(NULL AS UUID) AS held_by, CAST(NULL AS UUID) AS only,
                (SELECT k.owner_id FROM cases k
                 WHERE k.contact_id = c.contact_id AND k.closed_at IS NULL AND k.owner_id IS NOT NULL
                 ORDER BY k.created_at DESC LIMIT 1) AS owner
         FROM chats c LEFT JOIN teams t ON t.id = c.team_id
         WHERE c.state = 'queued' AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = c.id AND o.state = 'open')
         UNION ALL
         SELECT c.id, c.severity, c.due_at, c.queued_at, x.at, x.team_id, x.tier, t.overflow_team_id, c.language,
                c.told_at IS NOT NULL, x.by_id, x.to_id,
                (SELECT k.owner_id FROM cases k
                 WHERE k.contact_id = c.contact_id AND k.closed_at IS NULL AND k.owner_id IS NOT NULL
                 ORDER BY k.created_at DESC LIMIT 1)
         FROM chat_transfers x CROSS JOIN chats c LEFT JOIN teams t ON t.id = x.team_id
         WHERE c.id = x.chat_id AND c.state = 'active'
           AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = x.chat_id AND o.state = 'open')",
    )
    .fetch_all()
    .await
}

/// People to whom chats can be offered: there, heard from, with what they carry now.
pub async fn people_there(
    tx: &mut Tx,
    now: DateTime<Utc>,
    heard_since: DateTime<Utc>,
    rules: &Rules,
) -> Result<Vec<Person>> {
    let mut people: Vec<Person> = tx
        .query(
            "SELECT s.id AS staff, s.tier, s.capacity, p.state, p.idle_since, $3 * (
                    (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c WHERE c.agent_id = s.id AND c.state = 'active')
                  + (SELECT CAST(COUNT(*) AS BIGINT) FROM offers o WHERE o.staff_id = s.id AND o.state = 'open')
                  + (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c
                     WHERE c.wrap_up_until IS NOT NULL AND c.wrap_up_until > $2 AND c.agent_id = s.id))
                + $4 * (SELECT CAST(COUNT(*) AS BIGINT) FROM cases k WHERE k.worker_id = s.id AND k.closed_at IS NULL) AS load
             FROM staff s JOIN presence_seen p ON p.staff_id = s.id
             WHERE s.active AND p.state IN ('online', 'transfers_only') AND p.seen_at > $1 ORDER BY s.id",
        )
        .bind(heard_since)
        .bind(now)
        .bind(i64::from(rules.chat_weight))
        .bind(i64::from(rules.case_weight))
        .fetch_all()
        .await?;
    let teams: Vec<(Uuid, Uuid)> = tx
        .query("SELECT m.staff_id, m.team_id FROM presence p JOIN staff_teams m ON m.staff_id = p.staff_id")
        .fetch_all()
        .await?;
    let languages: Vec<(Uuid, String)> = tx.query("SELECT staff_id, language FROM staff_languages").fetch_all().await?;
    for person in &mut people {
        person.teams = teams.iter().filter(|(staff, _)| *staff == person.staff).map(|(_, team)| *team).collect();
        let spoken = languages.iter().filter(|(staff, _)| *staff == person.staff);
        person.languages = spoken.map(|(_, language)| language.clone()).collect();
    }
    Ok(people)
}

/// Who declined which of the chats that wait, since they wait where they are now.
pub async fn declined(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid)>> {
    // From the few that wait to their offers.
    tx.query(
        "SELECT o.chat_id, o.staff_id FROM chats c CROSS JOIN offers o
         WHERE c.state = 'queued' AND o.chat_id = c.id AND o.state = 'declined' AND o.offered_at >= c.waiting_since
         UNION ALL
         SELECT o.chat_id, o.staff_id FROM chat_transfers x CROSS JOIN offers o
         WHERE o.chat_id = x.chat_id AND o.state = 'declined' AND o.offered_at >= x.at",
    )
    .fetch_all()
    .await
}

/// Supervisors were told that nobody takes the chat.
pub async fn set_told(tx: &mut Tx, chat: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET told_at = $2 WHERE id = $1").bind(chat).bind(now).execute().await
}

/// The end of the next wrap-up.
pub async fn next_wrap_up_end(db: &Db, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = db
        .query(
            "SELECT wrap_up_until FROM chats WHERE wrap_up_until IS NOT NULL AND wrap_up_until > $1
             ORDER BY wrap_up_until LIMIT 1",
        )
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Chats whose specialist was last heard from before a time.
pub async fn with_lost_agents(db: &Db, heard_before: DateTime<Utc>) -> Result<Vec<(Uuid, Uuid)>> {
    db.query(
        "SELECT c.id, c.agent_id FROM presence_seen p CROSS JOIN chats c
         WHERE p.seen_at < $1 AND c.agent_id = p.staff_id AND c.state = 'active'",
    )
    .bind(heard_before)
    .fetch_all()
    .await
}

/// When the person who serves one of the chats was last heard from, at the earliest.
pub async fn first_heard_of_agents(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let (first,): (Option<DateTime<Utc>>,) = db
        .query(
            "SELECT MIN(p.seen_at) AS first FROM presence_seen p
             WHERE EXISTS (SELECT 1 FROM chats c WHERE c.agent_id = p.staff_id AND c.state = 'active')",
        )
        .fetch_one()
        .await?;
    Ok(first)
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

/// The chat that is offered.
pub async fn chat_of_offer(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx.query("SELECT chat_id FROM offers WHERE id = $1").bind(id).fetch_optional().await?;
    Ok(row.map(|row| row.0))
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
