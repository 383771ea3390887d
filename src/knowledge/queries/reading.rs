//! The SQL of what readers open, rate and look for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    knowledge::{
        reading::{Search, Visit},
        solution::Solution,
    },
    store::{Db, Tx},
};

/// A published solution.
pub async fn find_published(db: &Db, id: Uuid) -> Result<Option<Solution>> {
    db.query(
        "SELECT id, version, updated_at, title, body, category_key, language, audience, product_version, related
         FROM solutions WHERE id = $1 AND published",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// A solution was opened.
pub async fn insert_visit(tx: &mut Tx, id: Uuid, visit: &Visit, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO solution_visits (id, solution_id, chat_id, reader, search_id, opened_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(visit.solution)
    .bind(visit.chat)
    .bind(visit.reader.clone())
    .bind(visit.search)
    .bind(now)
    .execute()
    .await
}

/// Whether a reader opened a solution after a time.
pub async fn has_read(db: &Db, reader: &str, solution: Uuid, since: DateTime<Utc>) -> Result<bool> {
    let row: Option<(Uuid,)> = db
        .query("SELECT id FROM solution_visits WHERE reader = $1 AND solution_id = $2 AND opened_at > $3 LIMIT 1")
        .bind(reader.to_owned())
        .bind(solution)
        .bind(since)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// Whether the openings of a solution in a chat solved the question.
pub async fn rate_visit(tx: &mut Tx, chat: Uuid, solution: Uuid, solved: bool) -> Result<u64> {
    tx.query("UPDATE solution_visits SET solved = $3 WHERE chat_id = $1 AND solution_id = $2")
        .bind(chat)
        .bind(solution)
        .bind(solved)
        .execute()
        .await
}

/// Whether the openings of a solution by a reader since a time solved the question.
pub async fn rate_reading(
    tx: &mut Tx,
    reader: &str,
    solution: Uuid,
    since: DateTime<Utc>,
    solved: bool,
) -> Result<u64> {
    tx.query("UPDATE solution_visits SET solved = $4 WHERE reader = $1 AND solution_id = $2 AND opened_at > $3")
        .bind(reader.to_owned())
        .bind(solution)
        .bind(since)
        .bind(solved)
        .execute()
        .await
}

/// Keeps what was looked for and what came up, best first.
pub async fn insert_search(tx: &mut Tx, id: Uuid, search: &Search, now: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO solution_searches (id, at, place, chat_id, text, shown) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(now)
        .bind(search.place)
        .bind(search.chat)
        .bind(search.text.clone())
        .bind(search.shown.clone())
        .execute()
        .await
}

/// Whether something was looked for under this id.
pub async fn has_search(db: &Db, id: Uuid) -> Result<bool> {
    let row: Option<(Uuid,)> =
        db.query("SELECT id FROM solution_searches WHERE id = $1").bind(id).fetch_optional().await?;
    Ok(row.is_some())
}

/// The solutions with a place of their own among the top ones, in that order.
pub async fn pinned(db: &Db) -> Result<Vec<Solution>> {
    db.query(
        "SELECT id, version, updated_at, title, body, category_key, language, audience, product_version, related
         FROM solutions WHERE pinned IS NOT NULL AND published ORDER BY pinned, id",
    )
    .fetch_all()
    .await
}

/// How often each solution was opened after a time, and how often it helped.
pub async fn help(db: &Db, since: DateTime<Utc>) -> Result<HashMap<Uuid, (i64, i64)>> {
    let rows: Vec<(Uuid, i64, i64)> = db
        .query(
            "SELECT solution_id, COUNT(*), CAST(SUM(CASE WHEN solved THEN 1 ELSE 0 END) AS BIGINT)
             FROM (SELECT solution_id, solved FROM solution_visits WHERE opened_at > $1 ORDER BY opened_at DESC LIMIT 1000000) late
             GROUP BY solution_id",
        )
        .bind(since)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|(id, opened, helped)| (id, (opened, helped))).collect())
}

/// Forgets what readers of the help pages opened before a time, no more than `most`, the oldest; how many.
pub async fn forget_readings(tx: &mut Tx, before: DateTime<Utc>, most: i64) -> Result<u64> {
    tx.query(
        "DELETE FROM solution_visits WHERE id IN (
             SELECT id FROM solution_visits WHERE chat_id IS NULL AND opened_at < $1 ORDER BY opened_at LIMIT $2)",
    )
    .bind(before)
    .bind(most)
    .execute()
    .await
}

/// Forgets what they looked for before a time, unless something of it was opened since.
pub async fn forget_searches(tx: &mut Tx, before: DateTime<Utc>, most: i64) -> Result<u64> {
    tx.query(
        "DELETE FROM solution_searches WHERE id IN (
             SELECT q.id FROM solution_searches q WHERE q.place = 'help' AND q.at < $1
             AND NOT EXISTS (SELECT 1 FROM solution_visits v WHERE v.search_id = q.id) ORDER BY q.at LIMIT $2)",
    )
    .bind(before)
    .bind(most)
    .execute()
    .await
}

/// The published solutions of a category by title.
pub async fn of_category(db: &Db, category: &str, most: i64) -> Result<Vec<Solution>> {
    db.query(
        "SELECT id, version, updated_at, title, body, category_key, language, audience, product_version, related
         FROM solutions WHERE category_key = $1 AND published ORDER BY title, id LIMIT $2",
    )
    .bind(category.to_owned())
    .bind(most)
    .fetch_all()
    .await
}
