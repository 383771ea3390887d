//! The SQL of drafts, versions and pictures.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    knowledge::{
        catalog::{Row, VersionRow},
        editing::{Draft, DraftState},
        pictures::Picture,
        solution::{Content, Solution},
    },
    store::{Db, Query, Tx},
};

use super::next_revision;

/// Binds what an editor wrote as the next seven arguments.
fn bind<'q>(query: Query<'q>, content: &Content) -> Query<'q> {
    query
        .bind(content.title.clone())
        .bind(content.body.clone())
        .bind(content.category.clone())
        .bind(content.language)
        .bind(content.audience)
        .bind(content.product_version.clone())
        .bind(content.related.clone())
}

/// Adds a solution that is published at once as its first version: from the demo, or from files.
pub async fn insert_published(tx: &mut Tx, solution: &Solution) -> Result<()> {
    insert_solution(tx, solution.id, &solution.content, None, solution.updated_at).await?;
    publish(tx, solution, "", "").await
}

/// Adds a solution that nobody can read yet.
pub async fn insert_solution(
    tx: &mut Tx,
    id: Uuid,
    content: &Content,
    case: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let revision = next_revision(tx).await?;
    insert_solution_at(tx, revision, id, content, case, now).await
}

/// The same at a revision of the caller's.
pub async fn insert_solution_at(
    tx: &mut Tx,
    revision: i64,
    id: Uuid,
    content: &Content,
    case: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = tx.query(
        "INSERT INTO solutions (title, body, category_key, language, audience, product_version, related, id, published, updated_at,
                                revision, case_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    bind(query, content).bind(id).bind(false).bind(now).bind(revision).bind(case).execute().await
}

/// Keeps a version and makes it what readers see. What it means is to be worked out when its words are others.
pub async fn publish(tx: &mut Tx, solution: &Solution, author: &str, publisher: &str) -> Result<()> {
    insert_version(tx, solution, author, publisher).await?;
    let revision = next_revision(tx).await?;
    show_version(tx, revision, solution, true).await?;
    Ok(())
}

/// Keeps a version.
pub async fn insert_version(tx: &mut Tx, solution: &Solution, author: &str, publisher: &str) -> Result<u64> {
    let Solution { id, version, updated_at, content } = solution;
    let query = tx.query(
        "INSERT INTO solution_versions (title, body, category_key, language, audience, product_version, related, solution_id, version,
                                        author, publisher, published_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let query = bind(query, content).bind(*id).bind(*version).bind(author.to_owned()).bind(publisher.to_owned());
    query.bind(*updated_at).execute().await
}

/// Makes a version that was kept the solution's last one, which readers see or no longer see.
pub async fn show_version(tx: &mut Tx, revision: i64, solution: &Solution, published: bool) -> Result<u64> {
    let Solution { id, version, updated_at, content } = solution;
    let query = tx.query(
        "UPDATE solutions SET meaning = CASE WHEN title = $1 AND body = $2 THEN meaning END,
                title = $1, body = $2, category_key = $3, language = $4, audience = $5, product_version = $6, related = $7,
                version = $9, published = $10, updated_at = $11, revision = $12
         WHERE id = $8",
    );
    let query = bind(query, content).bind(*id).bind(*version).bind(published).bind(*updated_at).bind(revision);
    query.execute().await
}

/// Shows a solution to readers, or no longer; 0: it is so already, or was never published.
pub async fn set_published(tx: &mut Tx, id: Uuid, published: bool) -> Result<u64> {
    let revision = next_revision(tx).await?;
    tx.query("UPDATE solutions SET published = $2, revision = $3 WHERE id = $1 AND version > 0 AND published <> $2")
        .bind(id)
        .bind(published)
        .bind(revision)
        .execute()
        .await
}

/// Locks a solution until the transaction ends; its last version, and whether it is published.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<(i64, bool)>> {
    tx.query("UPDATE solutions SET version = version WHERE id = $1 RETURNING version, published")
        .bind(id)
        .fetch_optional()
        .await
}

/// Begins a draft.
pub async fn insert_draft(tx: &mut Tx, id: Uuid, content: &Content, editor: Uuid, now: DateTime<Utc>) -> Result<u64> {
    let query = tx.query(
        "INSERT INTO solution_drafts (title, body, category_key, language, audience, product_version, related, solution_id, state,
                                      edit, note, author_id, editor_id, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', 1, '', $9, $9, $10)",
    );
    bind(query, content).bind(id).bind(editor).bind(now).execute().await
}

/// Changes a draft.
pub async fn update_draft(
    tx: &mut Tx,
    id: Uuid,
    content: &Content,
    state: DraftState,
    editor: Uuid,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = tx.query(
        "UPDATE solution_drafts SET title = $1, body = $2, category_key = $3, language = $4, audience = $5, product_version = $6,
                related = $7, state = $9, edit = edit + 1, editor_id = $10, updated_at = $11
         WHERE solution_id = $8",
    );
    bind(query, content).bind(id).bind(state).bind(editor).bind(now).execute().await
}

/// Sends a draft to review, or back with a word.
pub async fn set_draft_state(tx: &mut Tx, id: Uuid, state: DraftState, note: &str) -> Result<u64> {
    tx.query("UPDATE solution_drafts SET state = $2, note = $3, edit = edit + 1 WHERE solution_id = $1")
        .bind(id)
        .bind(state)
        .bind(note.to_owned())
        .execute()
        .await
}

/// Ends a draft: it was published, or thrown away.
pub async fn delete_draft(tx: &mut Tx, id: Uuid) -> Result<u64> {
    tx.query("DELETE FROM solution_drafts WHERE solution_id = $1").bind(id).execute().await
}

/// Forgets a solution that was never published.
pub async fn delete_unpublished(tx: &mut Tx, id: Uuid) -> Result<u64> {
    tx.query("DELETE FROM solution_pictures WHERE solution_id = $1").bind(id).execute().await?;
    tx.query("DELETE FROM solutions WHERE id = $1 AND version = 0").bind(id).execute().await
}

const DRAFT: &str = "SELECT d.title, d.body, d.category_key, d.language, d.audience, d.product_version, d.related, d.state, d.edit, d.note,
            d.author_id, a.name AS author, e.name AS editor, d.updated_at
     FROM solution_drafts d JOIN staff a ON a.id = d.author_id JOIN staff e ON e.id = d.editor_id WHERE d.solution_id = $1";

/// A solution's draft.
pub async fn find_draft(db: &Db, id: Uuid) -> Result<Option<Draft>> {
    db.query(DRAFT).bind(id).fetch_optional().await
}

/// A solution's draft, within a transaction.
pub async fn find_draft_in(tx: &mut Tx, id: Uuid) -> Result<Option<Draft>> {
    tx.query(DRAFT).bind(id).fetch_optional().await
}

/// A published version of a solution, with all that an editor wrote.
pub async fn find_version(db: &Db, id: Uuid, version: i64) -> Result<Option<Solution>> {
    db.query(
        "SELECT solution_id AS id, version, published_at AS updated_at, title, body, category_key, language, audience, product_version,
                related
         FROM solution_versions WHERE solution_id = $1 AND version = $2",
    )
    .bind(id)
    .bind(version)
    .fetch_optional()
    .await
}

/// The versions of a solution, newest first.
pub async fn versions(db: &Db, id: Uuid) -> Result<Vec<VersionRow>> {
    db.query(
        "SELECT version, title, author, publisher, published_at FROM solution_versions WHERE solution_id = $1 ORDER BY version DESC",
    )
    .bind(id)
    .fetch_all()
    .await
}

/// Gives a solution a place among the top ones, or none; whoever had the place loses it.
pub async fn pin(tx: &mut Tx, id: Uuid, place: Option<i16>) -> Result<u64> {
    tx.query("UPDATE solutions SET pinned = NULL WHERE pinned = $1").bind(place).execute().await?;
    tx.query("UPDATE solutions SET pinned = $2 WHERE id = $1").bind(id).bind(place).execute().await
}

/// Solutions as lists show them, the latest change first: of a category and a state where these are not empty.
pub async fn list(db: &Db, category: &str, state: &str, most: i64) -> Result<Vec<Row>> {
    db.query(
        "SELECT s.id, COALESCE(d.title, s.title) AS title, COALESCE(d.category_key, s.category_key) AS category,
                COALESCE(d.language, s.language) AS language, COALESCE(d.audience, s.audience) AS audience,
                COALESCE(d.product_version, s.product_version) AS product_version, s.published, s.version, s.pinned,
                COALESCE(d.updated_at, s.updated_at) AS updated_at, d.state AS draft, e.name AS editor
         FROM solutions s LEFT JOIN solution_drafts d ON d.solution_id = s.id LEFT JOIN staff e ON e.id = d.editor_id
         WHERE ($1 = '' OR s.category_key = $1 OR d.category_key = $1)
           AND ($2 = '' OR ($2 = 'published' AND s.published) OR ($2 = 'retired' AND NOT s.published AND s.version > 0) OR d.state = $2)
         ORDER BY COALESCE(d.updated_at, s.updated_at) DESC, s.id LIMIT $3",
    )
    .bind(category.to_owned())
    .bind(state.to_owned())
    .bind(most)
    .fetch_all()
    .await
}

/// The solutions that are being written, and those that readers do not see, as lists show them.
pub async fn drafts(db: &Db) -> Result<Vec<Row>> {
    db.query(
        "SELECT s.id, COALESCE(d.title, s.title) AS title, COALESCE(d.category_key, s.category_key) AS category,
                COALESCE(d.language, s.language) AS language, COALESCE(d.audience, s.audience) AS audience,
                COALESCE(d.product_version, s.product_version) AS product_version, s.published, s.version, s.pinned,
                COALESCE(d.updated_at, s.updated_at) AS updated_at, d.state AS draft, e.name AS editor
         FROM solutions s LEFT JOIN solution_drafts d ON d.solution_id = s.id LEFT JOIN staff e ON e.id = d.editor_id
         WHERE d.solution_id IS NOT NULL OR NOT s.published ORDER BY COALESCE(d.updated_at, s.updated_at) DESC, s.id",
    )
    .fetch_all()
    .await
}

/// One solution as lists show it.
pub async fn find_row(db: &Db, id: Uuid) -> Result<Option<Row>> {
    db.query(
        "SELECT s.id, COALESCE(d.title, s.title) AS title, COALESCE(d.category_key, s.category_key) AS category,
                COALESCE(d.language, s.language) AS language, COALESCE(d.audience, s.audience) AS audience,
                COALESCE(d.product_version, s.product_version) AS product_version, s.published, s.version, s.pinned,
                COALESCE(d.updated_at, s.updated_at) AS updated_at, d.state AS draft, e.name AS editor
         FROM solutions s LEFT JOIN solution_drafts d ON d.solution_id = s.id LEFT JOIN staff e ON e.id = d.editor_id
         WHERE s.id = $1",
    )
    .bind(id)
    .fetch_optional()
    .await
}

/// A solution by its title, published or not.
pub async fn find_by_title(db: &Db, title: &str) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = db
        .query(
            "SELECT s.id FROM solutions s LEFT JOIN solution_drafts d ON d.solution_id = s.id
             WHERE s.title = $1 OR d.title = $1 ORDER BY s.published DESC, s.id LIMIT 1",
        )
        .bind(title.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// How many solutions there are in each state: published, retired, drafts, in review; and all.
pub async fn counts(db: &Db) -> Result<(i64, i64, i64, i64, i64)> {
    db.query(
        "SELECT (SELECT COUNT(*) FROM solutions WHERE published), (SELECT COUNT(*) FROM solutions WHERE NOT published AND version > 0),
                (SELECT COUNT(*) FROM solution_drafts WHERE state = 'draft'), (SELECT COUNT(*) FROM solution_drafts WHERE state = 'in_review'), (SELECT COUNT(*) FROM solutions)",
    )
    .fetch_one()
    .await
}

/// Keeps a picture.
pub async fn insert_picture(tx: &mut Tx, solution: Uuid, picture: &Picture, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO solution_pictures (id, solution_id, name, kind, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(picture.id)
    .bind(solution)
    .bind(picture.name.clone())
    .bind(picture.kind.clone())
    .bind(picture.data.clone())
    .bind(now)
    .execute()
    .await
}

/// A picture, with its solution.
pub async fn find_picture(db: &Db, id: Uuid) -> Result<Option<(Uuid, String, Vec<u8>)>> {
    db.query("SELECT solution_id, kind, data FROM solution_pictures WHERE id = $1").bind(id).fetch_optional().await
}

/// The pictures of a solution: id and name.
pub async fn pictures_of(db: &Db, solution: Uuid) -> Result<Vec<(Uuid, String)>> {
    db.query("SELECT id, name FROM solution_pictures WHERE solution_id = $1 ORDER BY id")
        .bind(solution)
        .fetch_all()
        .await
}

/// The solution that a case was made into.
pub async fn made_from(tx: &mut Tx, case: Uuid) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> =
        tx.query("SELECT id FROM solutions WHERE case_id = $1 ORDER BY id LIMIT 1").bind(case).fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// The case that a solution was made from is closed by it, unless another one did.
pub async fn link_its_case(tx: &mut Tx, solution: Uuid) -> Result<u64> {
    tx.query(
        "UPDATE cases SET solution_id = $1, meaning = NULL
         WHERE id = (SELECT case_id FROM solutions WHERE id = $1) AND solution_id IS NULL AND status = 'completed'",
    )
    .bind(solution)
    .execute()
    .await
}

/// Locks a case from which a solution is made; the key of its category.
pub async fn lock_its_case(tx: &mut Tx, case: Uuid) -> Result<Option<String>> {
    let row: Option<(String,)> = tx
        .query(
            "UPDATE cases SET category_id = category_id WHERE id = $1
             RETURNING (SELECT key FROM categories WHERE id = category_id)",
        )
        .bind(case)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| row.0))
}

/// Whether cases were closed with a solution.
pub async fn closes_cases(tx: &mut Tx, solution: Uuid) -> Result<bool> {
    let row: Option<(Uuid,)> =
        tx.query("SELECT id FROM cases WHERE solution_id = $1 LIMIT 1").bind(solution).fetch_optional().await?;
    Ok(row.is_some())
}
