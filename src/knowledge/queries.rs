//! The SQL of solutions and of what customers did with them.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

use super::solution::Solution;

/// Adds a published solution.
pub async fn insert_solution(tx: &mut Tx, solution: &Solution) -> Result<u64> {
    tx.query(
        "INSERT INTO solutions (id, title, body, category_key, published, updated_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(solution.id)
    .bind(solution.title.clone())
    .bind(solution.body.clone())
    .bind(solution.category_key.clone())
    .bind(true)
    .bind(solution.updated_at)
    .execute()
    .await
}

/// All published solutions, in a fixed order.
pub async fn published(db: &Db) -> Result<Vec<Solution>> {
    db.query("SELECT id, title, body, category_key, updated_at FROM solutions WHERE published ORDER BY id")
        .fetch_all()
        .await
}

/// A published solution.
pub async fn find_published(db: &Db, id: Uuid) -> Result<Option<Solution>> {
    db.query("SELECT id, title, body, category_key, updated_at FROM solutions WHERE id = $1 AND published")
        .bind(id)
        .fetch_optional()
        .await
}

/// A solution was opened in a chat.
pub async fn insert_visit(tx: &mut Tx, id: Uuid, solution: Uuid, chat: Uuid, now: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO solution_visits (id, solution_id, chat_id, opened_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(solution)
        .bind(chat)
        .bind(now)
        .execute()
        .await
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
