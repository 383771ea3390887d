//! The SQL of what editors should look at.

use chrono::{DateTime, Utc};
use sqlx::Result;

use crate::{
    knowledge::reports::{Figures, Looked},
    store::Db,
};

/// What was looked for after a time, the latest first, and whether anything was opened of it.
pub async fn searches(db: &Db, since: DateTime<Utc>, most: i64) -> Result<Vec<Looked>> {
    db.query(
        "SELECT q.at, q.place, q.text, q.shown,
                EXISTS (SELECT 1 FROM solution_visits v WHERE v.search_id = q.id)
                OR EXISTS (SELECT 1 FROM solution_visits v WHERE v.chat_id = q.chat_id) AS opened
         FROM solution_searches q WHERE q.at > $1 ORDER BY q.at DESC LIMIT $2",
    )
    .bind(since)
    .bind(most)
    .fetch_all()
    .await
}

/// The published solutions with what readers did with them after a time.
pub async fn figures(db: &Db, since: DateTime<Utc>) -> Result<Vec<Figures>> {
    db.query(
        "SELECT s.id, s.title, s.category_key AS category, s.product_version, s.updated_at, COALESCE(v.opened, 0) AS opened,
                CAST(COALESCE(v.solved, 0) AS BIGINT) AS solved, CAST(COALESCE(v.unsolved, 0) AS BIGINT) AS unsolved
         FROM solutions s LEFT JOIN (
             SELECT solution_id, COUNT(*) AS opened, SUM(CASE WHEN solved THEN 1 ELSE 0 END) AS solved,
                    SUM(CASE WHEN NOT solved THEN 1 ELSE 0 END) AS unsolved
             FROM (SELECT solution_id, solved FROM solution_visits WHERE opened_at > $1 ORDER BY opened_at DESC LIMIT 100000) late
             GROUP BY solution_id) v ON v.solution_id = s.id
         WHERE s.published ORDER BY s.title, s.id",
    )
    .bind(since)
    .fetch_all()
    .await
}

/// Of the visits after a time: how many a solution ended before anybody was asked, and in how many somebody was.
pub async fn self_service(db: &Db, since: DateTime<Utc>) -> Result<(i64, i64)> {
    db.query(
        "SELECT (SELECT COUNT(DISTINCT v.chat_id)
                 FROM (SELECT chat_id, solved FROM solution_visits WHERE opened_at > $1 ORDER BY opened_at DESC LIMIT 100000) v
                 JOIN chats c ON c.id = v.chat_id WHERE v.solved AND c.ended_why = 'self_service'),
                (SELECT COUNT(*) FROM chats WHERE queued_at IS NOT NULL AND queued_at > $1)",
    )
    .bind(since)
    .fetch_one()
    .await
}
