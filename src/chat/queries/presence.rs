//! The SQL of presence: the nodes' leases, and who is connected to which node.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    identity::staff::Presence,
    store::{Db, Tx},
};

// Nodes

/// The node is there, and with it all who are connected to it.
pub async fn renew_node(tx: &mut Tx, node: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO nodes (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
    )
    .bind(node)
    .bind(now)
    .execute()
    .await
}

/// Forgets the nodes that were last heard from before a time; those who were there left then.
pub async fn forget_nodes(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    let forgotten: Vec<(Uuid, DateTime<Utc>)> =
        tx.query("DELETE FROM nodes WHERE seen_at < $1 RETURNING id, seen_at").bind(before).fetch_all().await?;
    for (node, seen) in forgotten {
        tx.query("UPDATE presence SET node_id = NULL, seen_at = $2 WHERE node_id = $1")
            .bind(node)
            .bind(seen)
            .execute()
            .await?;
        tx.query(
            "UPDATE chats SET customer_node_id = NULL, customer_seen_at = $2
             WHERE customer_node_id IS NOT NULL AND customer_node_id = $1",
        )
        .bind(node)
        .bind(seen)
        .execute()
        .await?;
    }
    Ok(())
}

/// When the first of those who count as there now was heard from; for this node itself its own heart answers.
pub async fn first_heard(db: &Db, node: Uuid, heard_since: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let (first,): (Option<DateTime<Utc>>,) = db
        .query(
            "SELECT MIN(heard.seen_at) AS first FROM (SELECT seen_at FROM nodes WHERE id <> $1 UNION ALL
                SELECT seen_at FROM presence WHERE node_id IS NULL) AS heard WHERE heard.seen_at > $2",
        )
        .bind(node)
        .bind(heard_since)
        .fetch_one()
        .await?;
    Ok(first)
}

/// How many people's consoles and how many customers' pages a node holds.
pub async fn count_held(db: &Db, node: Uuid) -> Result<(i64, i64)> {
    db.query(
        "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM presence WHERE node_id = $1) AS people,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM chats
                 WHERE customer_node_id IS NOT NULL AND customer_node_id = $1) AS customers",
    )
    .bind(node)
    .fetch_one()
    .await
}

// People

/// Sets the state of a person who is connected to a node; the time in state starts anew only when it changes.
pub async fn set_presence(tx: &mut Tx, staff: Uuid, state: Presence, node: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO presence (staff_id, state, since, idle_since, seen_at, node_id) VALUES ($1, $2, $3, $3, $3, $4)
         ON CONFLICT (staff_id) DO UPDATE SET
            since = CASE WHEN presence.state = excluded.state THEN presence.since ELSE excluded.since END,
            idle_since = CASE WHEN presence.state = excluded.state THEN presence.idle_since ELSE excluded.idle_since END,
            state = excluded.state, seen_at = excluded.seen_at, node_id = excluded.node_id",
    )
    .bind(staff)
    .bind(state)
    .bind(now)
    .bind(node)
    .execute()
    .await
}

/// Sets a person's state, wherever the person is.
pub async fn set_away(tx: &mut Tx, staff: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence SET state = 'away', since = $2, idle_since = $2 WHERE staff_id = $1 AND state <> 'away'")
        .bind(staff)
        .bind(now)
        .execute()
        .await
}

/// A person is connected to a node.
pub async fn hold_person(tx: &mut Tx, staff: Uuid, node: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence SET node_id = $2, seen_at = $3 WHERE staff_id = $1")
        .bind(staff)
        .bind(node)
        .bind(now)
        .execute()
        .await
}

/// A person's last console at a node was closed: there it was last heard from at `seen`.
pub async fn leave_node(tx: &mut Tx, staff: Uuid, node: Uuid, seen: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence SET node_id = NULL, seen_at = $3 WHERE staff_id = $1 AND node_id = $2")
        .bind(staff)
        .bind(node)
        .bind(seen)
        .execute()
        .await
}

/// The state that a person last chose, with when its console was heard from.
pub async fn find_presence(db: &Db, staff: Uuid) -> Result<Option<(Presence, DateTime<Utc>)>> {
    db.query("SELECT state, seen_at FROM presence_seen WHERE staff_id = $1").bind(staff).fetch_optional().await
}

/// A person has just been given or relieved of a chat, so idle time starts anew.
pub async fn reset_idle(tx: &mut Tx, staff: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence SET idle_since = $2 WHERE staff_id = $1").bind(staff).bind(now).execute().await
}

/// Who is connected to a node, or to one that was heard from since a time.
pub async fn held_people(db: &Db, node: Uuid, heard_since: DateTime<Utc>) -> Result<Vec<(Uuid, bool)>> {
    db.query(
        "SELECT p.staff_id, p.node_id = $1 AS here FROM presence p JOIN nodes n ON n.id = p.node_id
         WHERE n.seen_at > $2 OR p.node_id = $1",
    )
    .bind(node)
    .bind(heard_since)
    .fetch_all()
    .await
}

// Customers' pages

/// The customer's page came to a node.
pub async fn hold_customer(tx: &mut Tx, chat: Uuid, node: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET customer_node_id = $2, customer_seen_at = $3 WHERE id = $1")
        .bind(chat)
        .bind(node)
        .bind(now)
        .execute()
        .await
}

/// The customer's page left a node.
pub async fn leave_customer(tx: &mut Tx, chat: Uuid, node: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE chats SET customer_node_id = NULL, customer_seen_at = $3 WHERE id = $1 AND customer_node_id = $2")
        .bind(chat)
        .bind(node)
        .bind(now)
        .execute()
        .await
}

/// The chats whose customer's page is connected to a node, or to one that was heard from since a time.
pub async fn held_customers(db: &Db, node: Uuid, heard_since: DateTime<Utc>) -> Result<Vec<(Uuid, bool)>> {
    db.query(
        "SELECT c.id, c.customer_node_id = $1 AS here FROM chats c JOIN nodes n ON n.id = c.customer_node_id
         WHERE c.customer_node_id IS NOT NULL AND (n.seen_at > $2 OR c.customer_node_id = $1)",
    )
    .bind(node)
    .bind(heard_since)
    .fetch_all()
    .await
}

/// Running chats whose customer's page was last seen before a time: it left, or its node is gone.
pub async fn unseen_since(db: &Db, cutoff: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = db
        .query(
            "SELECT id FROM chats WHERE state <> 'ended' AND customer_node_id IS NULL AND customer_seen_at < $1
             UNION ALL
             SELECT c.id FROM nodes n CROSS JOIN chats c
             WHERE n.seen_at < $1 AND c.customer_node_id IS NOT NULL AND c.customer_node_id = n.id AND c.state <> 'ended'",
        )
        .bind(cutoff)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// Whether a chat is among them.
pub async fn is_unseen_since(tx: &mut Tx, chat: Uuid, cutoff: DateTime<Utc>) -> Result<bool> {
    let row: Option<(Uuid,)> = tx
        .query(
            "SELECT c.id FROM chats c LEFT JOIN nodes n ON n.id = c.customer_node_id
             WHERE c.id = $2 AND c.state <> 'ended' AND c.customer_seen_at < $1 AND COALESCE(n.seen_at < $1, TRUE)",
        )
        .bind(cutoff)
        .bind(chat)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}
