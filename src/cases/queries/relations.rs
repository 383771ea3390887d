//! The SQL of links between cases.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::lifecycle::CaseStatus,
    store::{Db, Tx},
};

/// A link as one side sees it.
#[derive(Debug, sqlx::FromRow)]
pub struct RelatedRow {
    pub kind: String,
    /// Written from this case's side.
    pub from_here: bool,
    pub number: i64,
    pub subject: String,
    pub status: CaseStatus,
}

/// The links of a case.
pub async fn of(db: &Db, case: Uuid) -> Result<Vec<RelatedRow>> {
    db.query(
        "SELECT l.kind, TRUE AS from_here, k.number, k.subject, k.status
         FROM case_relations l JOIN cases k ON k.id = l.other_id WHERE l.case_id = $1
         UNION ALL
         SELECT l.kind, FALSE, k.number, k.subject, k.status
         FROM case_relations l JOIN cases k ON k.id = l.case_id WHERE l.other_id = $1
         ORDER BY kind, number",
    )
    .bind(case)
    .fetch_all()
    .await
}

/// Until the transaction ends nobody else links cases: what is no circle now must not become one.
pub async fn hold_all(tx: &mut Tx) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('case_links', '') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .execute()
    .await
}

/// Whether two cases are linked so already. That they are related says the same from both sides.
pub async fn is_there(tx: &mut Tx, case: Uuid, other: Uuid, kind: &str) -> Result<bool> {
    let row: Option<(i32,)> = tx
        .query(
            "SELECT 1 FROM case_relations WHERE kind = $3
             AND (case_id = $1 AND other_id = $2 OR kind = 'related' AND case_id = $2 AND other_id = $1)",
        )
        .bind(case)
        .bind(other)
        .bind(kind.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// The case above one: what it is a duplicate or a child of.
pub async fn above(tx: &mut Tx, case: Uuid, kind: &str) -> Result<Option<(Uuid, i64)>> {
    tx.query(
        "SELECT k.id, k.number FROM case_relations l JOIN cases k ON k.id = l.other_id
         WHERE l.case_id = $1 AND l.kind = $2 LIMIT 1",
    )
    .bind(case)
    .bind(kind.to_owned())
    .fetch_optional()
    .await
}

/// Links two cases.
pub async fn insert(tx: &mut Tx, case: Uuid, other: Uuid, kind: &str, at: DateTime<Utc>) -> Result<u64> {
    tx.query("INSERT INTO case_relations (case_id, other_id, kind, at) VALUES ($1, $2, $3, $4)")
        .bind(case)
        .bind(other)
        .bind(kind.to_owned())
        .bind(at)
        .execute()
        .await
}

/// Removes the link of two cases, from whichever side it was written.
pub async fn delete(tx: &mut Tx, one: Uuid, other: Uuid) -> Result<u64> {
    tx.query("DELETE FROM case_relations WHERE case_id = $1 AND other_id = $2 OR case_id = $2 AND other_id = $1")
        .bind(one)
        .bind(other)
        .execute()
        .await
}
