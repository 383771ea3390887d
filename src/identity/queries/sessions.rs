//! The SQL of sessions.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::identity::contact::Contact;
use crate::identity::staff::Staff;
use crate::store::{Db, Tx};

/// Adds a session of the desk.
pub async fn insert_staff_session(
    tx: &mut Tx,
    token_hash: &str,
    staff: Uuid,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<u64> {
    tx.query("INSERT INTO staff_sessions (token_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash.to_owned())
        .bind(staff)
        .bind(now)
        .bind(expires)
        .execute()
        .await
}

/// Whose session it is, while it lasts and the person is active.
pub async fn find_staff_session(db: &Db, token_hash: &str, now: DateTime<Utc>) -> Result<Option<Staff>> {
    db.query(
        "SELECT s.id, s.name, s.email, s.role, s.tier, s.capacity, s.active FROM staff_sessions t
         JOIN staff s ON s.id = t.staff_id WHERE t.token_hash = $1 AND t.expires_at > $2 AND s.active",
    )
    .bind(token_hash.to_owned())
    .bind(now)
    .fetch_optional()
    .await
}

/// Ends a session of the desk at a time.
pub async fn end_staff_session(tx: &mut Tx, token_hash: &str, ended: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE staff_sessions SET expires_at = $2 WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash.to_owned())
        .bind(ended)
        .execute()
        .await
}

/// The sessions that ran out or were ended after a time, up to another one, by their tokens' hashes.
pub async fn sessions_ended(db: &Db, after: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query(
            "SELECT token_hash FROM staff_sessions WHERE expires_at > $1 AND expires_at <= $2
         UNION ALL SELECT token_hash FROM visitor_sessions WHERE expires_at > $1 AND expires_at <= $2",
        )
        .bind(after)
        .bind(until)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// Removes the sessions that were over before a time.
pub async fn forget_sessions(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    tx.query("DELETE FROM staff_sessions WHERE expires_at < $1").bind(before).execute().await?;
    tx.query("DELETE FROM visitor_sessions WHERE expires_at < $1").bind(before).execute().await.map(drop)
}

/// Adds a session of a visitor.
pub async fn insert_visitor_session(
    tx: &mut Tx,
    token_hash: &str,
    contact: Uuid,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<u64> {
    tx.query("INSERT INTO visitor_sessions (token_hash, contact_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(token_hash.to_owned())
        .bind(contact)
        .bind(now)
        .bind(expires)
        .execute()
        .await
}

/// Whose session it is, with its conversation.
pub async fn find_visitor_session(
    db: &Db,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Contact, Option<Uuid>)>> {
    #[derive(sqlx::FromRow)]
    struct WithChat {
        #[sqlx(flatten)]
        contact: Contact,
        chat_id: Option<Uuid>,
    }
    let row: Option<WithChat> = db
        .query(
            "SELECT c.id, c.name, c.email, t.chat_id FROM visitor_sessions t
             JOIN contacts c ON c.id = t.contact_id WHERE t.token_hash = $1 AND t.expires_at > $2",
        )
        .bind(token_hash.to_owned())
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(row.map(|r| (r.contact, r.chat_id)))
}

/// The session's conversation from now on.
pub async fn set_visitor_chat(tx: &mut Tx, token_hash: &str, chat: Uuid) -> Result<u64> {
    tx.query("UPDATE visitor_sessions SET chat_id = $2 WHERE token_hash = $1")
        .bind(token_hash.to_owned())
        .bind(chat)
        .execute()
        .await
}
