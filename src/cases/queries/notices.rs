//! The SQL of notices.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::Tx;

/// Leaves a notice.
pub async fn insert_notice(
    tx: &mut Tx,
    id: Uuid,
    staff: Uuid,
    now: DateTime<Utc>,
    text: &str,
    case: Option<i64>,
) -> Result<u64> {
    tx.query("INSERT INTO notices (id, staff_id, at, text, case_number) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(staff)
        .bind(now)
        .bind(text.to_owned())
        .bind(case)
        .execute()
        .await
}

/// Leaves a notice about a chat.
pub async fn insert_chat_notice(
    tx: &mut Tx,
    id: Uuid,
    staff: Uuid,
    now: DateTime<Utc>,
    text: &str,
    chat: Uuid,
) -> Result<u64> {
    tx.query("INSERT INTO notices (id, staff_id, at, text, chat_id) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(staff)
        .bind(now)
        .bind(text.to_owned())
        .bind(chat)
        .execute()
        .await
}

/// A person has read a notice; 0: it was not there or not unread.
pub async fn mark_notice_read(tx: &mut Tx, id: Uuid, staff: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE notices SET read_at = $3 WHERE id = $1 AND staff_id = $2 AND read_at IS NULL")
        .bind(id)
        .bind(staff)
        .bind(now)
        .execute()
        .await
}
