//! The SQL of what the desk's people do with a chat: handing on, taking over, joining, flags, drafts.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

// Handing on

/// A chat that is handed on.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Transfer {
    pub chat_id: Uuid,
    pub by_id: Uuid,
    pub to_id: Option<Uuid>,
    pub team_id: Uuid,
    pub tier: i16,
    pub at: DateTime<Utc>,
}

/// A chat is handed on; where it was handed to before no longer counts.
pub async fn set_transfer(tx: &mut Tx, transfer: &Transfer) -> Result<u64> {
    tx.query(
        "INSERT INTO chat_transfers (chat_id, by_id, to_id, team_id, tier, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (chat_id) DO UPDATE SET by_id = excluded.by_id, to_id = excluded.to_id, team_id = excluded.team_id,
            tier = excluded.tier, at = excluded.at",
    )
    .bind(transfer.chat_id)
    .bind(transfer.by_id)
    .bind(transfer.to_id)
    .bind(transfer.team_id)
    .bind(transfer.tier)
    .bind(transfer.at)
    .execute()
    .await
}

/// A chat's transfer.
pub async fn find_transfer(tx: &mut Tx, chat: Uuid) -> Result<Option<Transfer>> {
    tx.query("SELECT chat_id, by_id, to_id, team_id, tier, at FROM chat_transfers WHERE chat_id = $1")
        .bind(chat)
        .fetch_optional()
        .await
}

/// The chat is no longer handed on; 0: it was not.
pub async fn end_transfer(tx: &mut Tx, chat: Uuid) -> Result<u64> {
    tx.query("DELETE FROM chat_transfers WHERE chat_id = $1").bind(chat).execute().await
}

/// Transfers to one person who declined, let the offer run out or is not there to be asked: the chat and the person's name.
pub async fn failed_transfers(tx: &mut Tx, heard_since: DateTime<Utc>) -> Result<Vec<(Uuid, String)>> {
    tx.query(
        "SELECT x.chat_id, s.name FROM chat_transfers x JOIN staff s ON s.id = x.to_id
         WHERE NOT EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = x.chat_id AND o.state = 'open')
           AND (EXISTS (SELECT 1 FROM offers o WHERE o.chat_id = x.chat_id AND o.staff_id = x.to_id
                        AND o.state IN ('declined', 'expired') AND o.offered_at >= x.at)
                OR NOT EXISTS (SELECT 1 FROM presence_seen p WHERE p.staff_id = x.to_id
                               AND p.state IN ('online', 'transfers_only') AND p.seen_at > $1))",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// A team by its key, if it is in use.
pub async fn find_team(tx: &mut Tx, key: &str) -> Result<Option<(Uuid, String)>> {
    tx.query("SELECT id, name FROM teams WHERE key = $1 AND active").bind(key.to_owned()).fetch_optional().await
}

/// A team's name.
pub async fn team_name(tx: &mut Tx, id: Uuid) -> Result<String> {
    let row: Option<(String,)> = tx.query("SELECT name FROM teams WHERE id = $1").bind(id).fetch_optional().await?;
    Ok(row.map(|row| row.0).unwrap_or_default())
}

/// Whether people of a team may pick from the line.
pub async fn may_pick(tx: &mut Tx, team: Uuid) -> Result<bool> {
    let row: Option<(bool,)> = tx.query("SELECT picking FROM teams WHERE id = $1").bind(team).fetch_optional().await?;
    Ok(row.is_none_or(|row| row.0))
}

// Whose it is

/// Another person serves a running chat from now on, in a team and tier. Whoever stood beside is who serves it, or stays.
pub async fn set_agent(tx: &mut Tx, chat: Uuid, agent: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE chats SET state = 'active', agent_id = $2, answered_at = COALESCE(answered_at, $3),
                beside_id = CASE WHEN beside_id = $2 THEN NULL ELSE beside_id END
         WHERE id = $1 AND state IN ('queued', 'active')",
    )
    .bind(chat)
    .bind(agent)
    .bind(now)
    .execute()
    .await
}

/// The chat waits for a team and tier from now on, or is served there.
pub async fn set_place(tx: &mut Tx, chat: Uuid, team: Uuid, tier: i16) -> Result<u64> {
    tx.query("UPDATE chats SET team_id = $2, tier = $3 WHERE id = $1").bind(chat).bind(team).bind(tier).execute().await
}

/// The wait where it is now begins anew; its place in the line stays.
pub async fn wait_anew(tx: &mut Tx, chat: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET waiting_since = $2, told_at = NULL WHERE id = $1").bind(chat).bind(now).execute().await
}

/// A running chat goes back to the line; 0: it was not served by this person.
pub async fn requeue(tx: &mut Tx, chat: Uuid, agent: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE chats SET state = 'queued', agent_id = NULL, beside_id = NULL, waiting_since = $3, told_at = NULL
         WHERE id = $1 AND state = 'active' AND agent_id = $2",
    )
    .bind(chat)
    .bind(agent)
    .bind(now)
    .execute()
    .await
}

/// Whether a person was last heard from before a time.
pub async fn is_lost(tx: &mut Tx, staff: Uuid, heard_before: DateTime<Utc>) -> Result<bool> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT staff_id FROM presence_seen WHERE staff_id = $1 AND seen_at < $2")
        .bind(staff)
        .bind(heard_before)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// Whether a person's console is heard from, and the person is not away.
pub async fn can_be_asked(tx: &mut Tx, staff: Uuid, heard_since: DateTime<Utc>) -> Result<bool> {
    let row: Option<(Uuid,)> = tx
        .query(
            "SELECT staff_id FROM presence_seen
             WHERE staff_id = $1 AND seen_at > $2 AND state IN ('online', 'transfers_only')",
        )
        .bind(staff)
        .bind(heard_since)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// A supervisor joins beside the specialist, or leaves.
pub async fn set_beside(tx: &mut Tx, chat: Uuid, staff: Option<Uuid>) -> Result<u64> {
    tx.query("UPDATE chats SET beside_id = $2 WHERE id = $1").bind(chat).bind(staff).execute().await
}

/// How urgent a chat is.
pub async fn set_severity(tx: &mut Tx, chat: Uuid, severity: i16, due_at: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET severity = $2, due_at = $3 WHERE id = $1")
        .bind(chat)
        .bind(severity)
        .bind(due_at)
        .execute()
        .await
}

/// What the specialist wants from a supervisor, and since when; nothing: it is settled.
pub async fn set_flag(tx: &mut Tx, chat: Uuid, flag: Option<(String, DateTime<Utc>)>) -> Result<u64> {
    let (flag, at) = flag.unzip();
    tx.query("UPDATE chats SET flag = $2, flagged_at = $3 WHERE id = $1").bind(chat).bind(flag).bind(at).execute().await
}

/// A person has written up an ended chat; 0: there is nothing to end.
pub async fn end_wrap_up(tx: &mut Tx, chat: Uuid, staff: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET wrap_up_until = $3 WHERE id = $1 AND agent_id = $2 AND wrap_up_until > $3")
        .bind(chat)
        .bind(staff)
        .bind(now)
        .execute()
        .await
}

/// All active people: id and name.
pub async fn names_of_people(tx: &mut Tx) -> Result<Vec<(Uuid, String)>> {
    tx.query("SELECT id, name FROM staff WHERE active ORDER BY id").fetch_all().await
}

/// The page on which a chat's customer is; 0: it is known already.
pub async fn set_page(tx: &mut Tx, chat: Uuid, url: &str, title: &str) -> Result<u64> {
    tx.query("UPDATE chats SET page_url = $2, page_title = $3 WHERE id = $1 AND (page_url <> $2 OR page_title <> $3)")
        .bind(chat)
        .bind(url.to_owned())
        .bind(title.to_owned())
        .execute()
        .await
}

// Tags and merging

/// A tag.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tag {
    pub id: Uuid,
    pub name: String,
    pub name_folded: String,
    pub active: bool,
}

/// All tags by name.
pub async fn all_tags(tx: &mut Tx) -> Result<Vec<Tag>> {
    tx.query("SELECT id, name, name_folded, active FROM tags ORDER BY name").fetch_all().await
}

/// The tags of a chat.
pub async fn tag_ids_of(tx: &mut Tx, chat: Uuid) -> Result<Vec<(Uuid,)>> {
    tx.query("SELECT tag_id FROM chat_tags WHERE chat_id = $1").bind(chat).fetch_all().await
}

/// Puts a tag on a chat.
pub async fn tag(tx: &mut Tx, chat: Uuid, tag: Uuid) -> Result<u64> {
    tx.query("INSERT INTO chat_tags (chat_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(chat)
        .bind(tag)
        .execute()
        .await
}

/// Takes a tag off a chat.
pub async fn untag(tx: &mut Tx, chat: Uuid, tag: Uuid) -> Result<u64> {
    tx.query("DELETE FROM chat_tags WHERE chat_id = $1 AND tag_id = $2").bind(chat).bind(tag).execute().await
}

/// A chat goes on in another one.
pub async fn set_merged(tx: &mut Tx, chat: Uuid, into: Uuid) -> Result<u64> {
    tx.query("UPDATE chats SET merged_into = $2 WHERE id = $1").bind(chat).bind(into).execute().await
}

// Drafts

/// A person's drafts in a chat: kind and text.
pub async fn drafts(db: &Db, staff: Uuid, chat: Uuid) -> Result<Vec<(String, String)>> {
    db.query("SELECT kind, text FROM drafts WHERE staff_id = $1 AND chat_id = $2 ORDER BY kind")
        .bind(staff)
        .bind(chat)
        .fetch_all()
        .await
}

/// Keeps a draft.
pub async fn keep_draft(
    tx: &mut Tx,
    staff: Uuid,
    chat: Uuid,
    kind: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO drafts (staff_id, chat_id, kind, text, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (staff_id, chat_id, kind) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at",
    )
    .bind(staff)
    .bind(chat)
    .bind(kind.to_owned())
    .bind(text.to_owned())
    .bind(now)
    .execute()
    .await
}

/// Throws a draft away.
pub async fn drop_draft(tx: &mut Tx, staff: Uuid, chat: Uuid, kind: &str) -> Result<u64> {
    tx.query("DELETE FROM drafts WHERE staff_id = $1 AND chat_id = $2 AND kind = $3")
        .bind(staff)
        .bind(chat)
        .bind(kind.to_owned())
        .execute()
        .await
}
