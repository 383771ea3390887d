//! The SQL of tags.

use sqlx::Result;

use crate::{
    desk::tags::Tag,
    input::fold,
    store::{Db, Tx},
};

const TAGS: &str = "SELECT id, name, active FROM tags ORDER BY active DESC, name_folded";

/// All tags: those in use first.
pub async fn tags(db: &Db) -> Result<Vec<Tag>> {
    db.query(TAGS).fetch_all().await
}

/// The same within a transaction.
pub async fn tags_in(tx: &mut Tx) -> Result<Vec<Tag>> {
    tx.query(TAGS).fetch_all().await
}

/// Stores a tag.
pub async fn upsert_tag(tx: &mut Tx, tag: &Tag) -> Result<u64> {
    tx.query(
        "INSERT INTO tags (id, name, name_folded, active) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_folded = excluded.name_folded, active = excluded.active",
    )
    .bind(tag.id)
    .bind(tag.name.clone())
    .bind(fold(&tag.name))
    .bind(tag.active)
    .execute()
    .await
}
