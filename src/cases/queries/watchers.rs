//! The SQL of who watches a case.

use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::watching::Watcher,
    store::{Db, Tx},
};

/// Who watches a case and is still with the desk.
pub async fn of(tx: &mut Tx, case: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx
        .query("SELECT s.id FROM case_watchers w JOIN staff s ON s.id = w.staff_id WHERE w.case_id = $1 AND s.active")
        .bind(case)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The same with names.
pub async fn named(db: &Db, case: Uuid) -> Result<Vec<Watcher>> {
    db.query(
        "SELECT s.id, s.name FROM case_watchers w JOIN staff s ON s.id = w.staff_id
         WHERE w.case_id = $1 AND s.active ORDER BY s.name",
    )
    .bind(case)
    .fetch_all()
    .await
}

/// A person watches a case; to say it again does no harm.
pub async fn insert(tx: &mut Tx, case: Uuid, staff: Uuid) -> Result<u64> {
    tx.query("INSERT INTO case_watchers (case_id, staff_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(case)
        .bind(staff)
        .execute()
        .await
}

/// A person watches a case no more.
pub async fn delete(tx: &mut Tx, case: Uuid, staff: Uuid) -> Result<u64> {
    tx.query("DELETE FROM case_watchers WHERE case_id = $1 AND staff_id = $2").bind(case).bind(staff).execute().await
}
