//! The SQL of the search of cases, and of the searches that people keep.

use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::search::{Filter, Found, Kept},
    store::{Db, Tx},
};

/// The newest cases that fit.
pub async fn find(db: &Db, filter: &Filter, number: i64, pattern: &str, most: i64) -> Result<Vec<Found>> {
    db.query(
        "SELECT k.number, k.subject, COALESCE(a.name, k.from_account) AS account, COALESCE(p.name, k.from_name) AS contact,
                COALESCE(g.name, '') AS category, COALESCE(t.name, '') AS team, k.tier, k.severity, k.status,
                COALESCE(o.name, '') AS owner, COALESCE(w.name, '') AS worker, k.created_at, k.updated_at, k.due_at, k.closed_at
         FROM cases k LEFT JOIN accounts a ON a.id = k.account_id LEFT JOIN contacts p ON p.id = k.contact_id
         LEFT JOIN categories g ON g.id = k.category_id LEFT JOIN teams t ON t.id = k.team_id
         LEFT JOIN staff o ON o.id = k.owner_id LEFT JOIN staff w ON w.id = k.worker_id
         WHERE k.number < $1
           AND ($2 = '%%' OR k.number = $3 OR LOWER(k.subject) LIKE $2 ESCAPE '\\' OR LOWER(k.description) LIKE $2 ESCAPE '\\'
                OR a.name_folded LIKE $2 ESCAPE '\\' OR p.name_folded LIKE $2 ESCAPE '\\' OR p.email_folded LIKE $2 ESCAPE '\\'
                OR LOWER(k.from_name) LIKE $2 ESCAPE '\\' OR LOWER(k.from_email) LIKE $2 ESCAPE '\\' OR LOWER(a.number) LIKE $2 ESCAPE '\\')
           AND ($4 = '' OR ($4 = 'is_open' AND k.closed_at IS NULL) OR ($4 = 'is_closed' AND k.closed_at IS NOT NULL) OR k.status = $4)
           AND ($5 = '' OR t.key = $5) AND ($6 = 0 OR k.tier = $6) AND ($7 = 0 OR k.severity = $7)
           AND ($8 OR k.owner_id = $9 OR k.worker_id = $9)
         ORDER BY k.number DESC LIMIT $10",
    )
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(pattern.to_owned())
    .bind(number)
    .bind(filter.status.clone())
    .bind(filter.team.clone())
    .bind(filter.tier)
    .bind(filter.severity)
    .bind(filter.person.is_none())
    .bind(filter.person.unwrap_or_default())
    .bind(most)
    .fetch_all()
    .await
}

/// The searches that a person keeps.
pub async fn kept(db: &Db, staff: Uuid) -> Result<Vec<Kept>> {
    db.query("SELECT id, name, query FROM saved_filters WHERE staff_id = $1 ORDER BY name")
        .bind(staff)
        .fetch_all()
        .await
}

/// How many those are.
pub async fn count_kept(tx: &mut Tx, staff: Uuid) -> Result<i64> {
    let (count,) = tx
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM saved_filters WHERE staff_id = $1")
        .bind(staff)
        .fetch_one()
        .await?;
    Ok(count)
}

/// Keeps a search.
pub async fn keep(tx: &mut Tx, id: Uuid, staff: Uuid, name: &str, query: &str) -> Result<u64> {
    tx.query("INSERT INTO saved_filters (id, staff_id, name, query) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(staff)
        .bind(name.to_owned())
        .bind(query.to_owned())
        .execute()
        .await
}

/// Removes a person's search of a name.
pub async fn forget_named(tx: &mut Tx, staff: Uuid, name: &str) -> Result<u64> {
    tx.query("DELETE FROM saved_filters WHERE staff_id = $1 AND name = $2")
        .bind(staff)
        .bind(name.to_owned())
        .execute()
        .await
}

/// Removes a person's search.
pub async fn forget(tx: &mut Tx, staff: Uuid, id: Uuid) -> Result<u64> {
    tx.query("DELETE FROM saved_filters WHERE staff_id = $1 AND id = $2").bind(staff).bind(id).execute().await
}
