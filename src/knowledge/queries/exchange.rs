//! The SQL of solutions that go to files and come from files: all of them at once.

use sqlx::Result;
use uuid::Uuid;

use crate::{
    knowledge::exchange::desk::{Being, Known},
    store::{Db, Tx},
};

/// All solutions with what readers see of them, or saw last, and who wrote that; in the order of their ids.
pub async fn all_solutions(db: &Db) -> Result<Vec<Known>> {
    db.query(
        "SELECT s.id, s.version, s.published, s.title, s.body, s.category_key, s.language, s.audience, s.product_version, s.related,
                COALESCE(v.author, '') AS author
         FROM solutions s LEFT JOIN solution_versions v ON v.solution_id = s.id AND v.version = s.version ORDER BY s.id",
    )
    .fetch_all()
    .await
}

/// All drafts.
pub async fn all_drafts(db: &Db) -> Result<Vec<Being>> {
    db.query(
        "SELECT d.solution_id, d.edit, d.author_id, d.editor_id, e.name AS editor, d.title, d.body, d.category_key, d.language,
                d.audience, d.product_version, d.related
         FROM solution_drafts d JOIN staff e ON e.id = d.editor_id",
    )
    .fetch_all()
    .await
}

/// The ids of all pictures, each with its solution and its kind.
pub async fn all_pictures(db: &Db) -> Result<Vec<(Uuid, Uuid, String)>> {
    db.query("SELECT id, solution_id, kind FROM solution_pictures").fetch_all().await
}

/// The files of a solution's pictures.
pub async fn picture_files(db: &Db, solution: Uuid) -> Result<Vec<(Uuid, Vec<u8>)>> {
    db.query("SELECT id, data FROM solution_pictures WHERE solution_id = $1 ORDER BY id")
        .bind(solution)
        .fetch_all()
        .await
}

/// Gives all solutions of one revision another one.
pub async fn move_revision(tx: &mut Tx, from: i64, to: i64) -> Result<u64> {
    tx.query("UPDATE solutions SET revision = $2 WHERE revision = $1").bind(from).bind(to).execute().await
}
