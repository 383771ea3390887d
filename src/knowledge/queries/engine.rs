//! The SQL of what is suggested, and of what it is learned from.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    knowledge::{language::Language, solution::Audience},
    store::{Db, Tx},
};

use super::lock;

/// The next revision. Until the transaction ends nobody else gets one, so whoever sees a revision has seen all before it. Whoever locks
/// more than that does so in this order, and nobody waits for each other: chat or case, solution, revision.
pub async fn next_revision(tx: &mut Tx) -> Result<i64> {
    let row: (i64,) =
        tx.query("UPDATE knowledge SET revision = revision + 1 WHERE id = 1 RETURNING revision").fetch_one().await?;
    Ok(row.0)
}

/// The last revision that was given.
pub async fn revision(db: &Db) -> Result<i64> {
    let row: (i64,) = db.query("SELECT revision FROM knowledge WHERE id = 1").fetch_one().await?;
    Ok(row.0)
}

/// What is suggested changes by something that happened to a solution; 0: it is not there.
pub async fn touch(tx: &mut Tx, solution: Uuid) -> Result<u64> {
    if lock(tx, solution).await?.is_none() {
        return Ok(0);
    }
    let revision = next_revision(tx).await?;
    tx.query("UPDATE solutions SET revision = $2 WHERE id = $1").bind(solution).bind(revision).execute().await
}

/// A solution with all that counts for its rank but its cases.
#[derive(Debug, sqlx::FromRow)]
pub struct Ranked {
    /// Its id.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Its text, in Markdown.
    pub body: String,
    /// Key of its category.
    pub category_key: String,
    /// In which language.
    pub language: Language,
    /// Who may read it.
    pub audience: Audience,
    /// Whether anybody may.
    pub published: bool,
    /// When its text last changed.
    pub updated_at: DateTime<Utc>,
    /// The last change of anything that counts.
    pub revision: i64,
    /// What it means, if that was worked out.
    pub meaning: Option<Vec<u8>>,
    /// How often it was opened lately.
    pub opened: i64,
    /// How often it helped lately.
    pub helped: i64,
}

/// The solutions that changed after a revision, in the order of their changes, no more than `most`; visits count that came after
/// `lately`.
pub async fn changed_after(db: &Db, revision: i64, lately: DateTime<Utc>, most: i64) -> Result<Vec<Ranked>> {
    db.query(
        "SELECT s.id, s.title, s.body, s.category_key, s.language, s.audience, s.published, s.updated_at, s.revision,
                s.meaning,
                (SELECT COUNT(*) FROM solution_visits v WHERE v.solution_id = s.id AND v.opened_at > $2) AS opened,
                (SELECT COUNT(*) FROM solution_visits v WHERE v.solution_id = s.id AND v.opened_at > $2 AND v.solved) AS helped
         FROM solutions s WHERE s.revision > $1 ORDER BY s.revision, s.id LIMIT $3",
    )
    .bind(revision)
    .bind(lately)
    .bind(most)
    .fetch_all()
    .await
}

/// A closed case of a solution.
#[derive(Debug, sqlx::FromRow)]
pub struct Closed {
    /// The case.
    pub id: Uuid,
    /// The solution that closed it.
    pub solution_id: Uuid,
    /// What it was about.
    pub subject: String,
    /// What the customer wrote.
    pub description: String,
    /// What that means, if that was worked out.
    pub meaning: Option<Vec<u8>>,
}

/// The closed cases of all solutions, the latest of each first.
pub async fn closed_cases(db: &Db) -> Result<Vec<Closed>> {
    db.query(
        "SELECT id, solution_id, subject, description, meaning FROM cases
         WHERE solution_id IS NOT NULL AND status = 'completed' ORDER BY solution_id, updated_at DESC, id",
    )
    .fetch_all()
    .await
}

/// The latest closed cases of a solution.
pub async fn closed_with(db: &Db, solution: Uuid, most: i64) -> Result<Vec<Closed>> {
    db.query(
        "SELECT id, solution_id, subject, description, meaning FROM cases
         WHERE solution_id = $1 AND status = 'completed' ORDER BY updated_at DESC, id LIMIT $2",
    )
    .bind(solution)
    .bind(most)
    .fetch_all()
    .await
}

/// Solutions whose meaning is not known: id, title, text and when that last changed.
pub async fn unread_solutions(db: &Db, most: i64) -> Result<Vec<(Uuid, String, String, DateTime<Utc>)>> {
    db.query(
        "SELECT id, title, body, updated_at FROM solutions WHERE meaning IS NULL AND published ORDER BY id LIMIT $1",
    )
    .bind(most)
    .fetch_all()
    .await
}

/// Keeps what a solution means, unless its text has changed since.
pub async fn set_meaning(tx: &mut Tx, id: Uuid, read: DateTime<Utc>, meaning: Vec<u8>) -> Result<u64> {
    let revision = next_revision(tx).await?;
    tx.query("UPDATE solutions SET meaning = $3, revision = $4 WHERE id = $1 AND updated_at = $2 AND meaning IS NULL")
        .bind(id)
        .bind(read)
        .bind(meaning)
        .bind(revision)
        .execute()
        .await
}

/// Cases that a solution closed and whose meaning is not known: id, solution, what they were about, what the customer wrote.
pub async fn unread_cases(db: &Db, most: i64) -> Result<Vec<(Uuid, Uuid, String, String)>> {
    db.query(
        "SELECT id, solution_id, subject, description FROM cases
         WHERE meaning IS NULL AND solution_id IS NOT NULL ORDER BY id LIMIT $1",
    )
    .bind(most)
    .fetch_all()
    .await
}

/// Open cases whose meaning is not known: id, what they are about, what the customer wrote.
pub async fn unread_open_cases(db: &Db, most: i64) -> Result<Vec<(Uuid, String, String)>> {
    db.query(
        "SELECT id, subject, description FROM cases WHERE meaning IS NULL AND closed_at IS NULL ORDER BY id LIMIT $1",
    )
    .bind(most)
    .fetch_all()
    .await
}

/// Keeps what a case means.
pub async fn set_case_meaning(tx: &mut Tx, id: Uuid, meaning: Vec<u8>) -> Result<u64> {
    tx.query("UPDATE cases SET meaning = $2 WHERE id = $1").bind(id).bind(meaning).execute().await
}

/// Forgets all meanings that another version of the model made.
pub async fn forget_other_meanings(tx: &mut Tx, model: i16) -> Result<()> {
    let update = tx.query("UPDATE knowledge SET model = $1 WHERE id = 1 AND model <> $1").bind(model);
    if update.execute().await? > 0 {
        tx.query("UPDATE solutions SET meaning = NULL WHERE meaning IS NOT NULL").execute().await?;
        tx.query("UPDATE cases SET meaning = NULL WHERE solution_id IN (SELECT id FROM solutions)").execute().await?;
        tx.query("UPDATE cases SET meaning = NULL WHERE closed_at IS NULL").execute().await?;
    }
    Ok(())
}
