//! The SQL of what readers open, rate and look for.

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

/// The solutions that helped most after a time, and among these those opened most.
pub async fn helpful(db: &Db, since: DateTime<Utc>, most: i64) -> Result<Vec<Solution>> {
    db.query(
        "SELECT s.id, s.version, s.updated_at, s.title, s.body, s.category_key, s.language, s.audience, s.product_version, s.related
         FROM (SELECT solution_id, SUM(CASE WHEN solved THEN 10 ELSE 1 END) AS worth
               FROM (SELECT solution_id, solved FROM solution_visits WHERE opened_at > $1 ORDER BY opened_at DESC LIMIT 100000) late
               GROUP BY solution_id) v JOIN solutions s ON s.id = v.solution_id
         WHERE s.published ORDER BY v.worth DESC, s.id LIMIT $2",
    )
    .bind(since)
    .bind(most)
    .fetch_all()
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
