//! The SQL of the record.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::{
    desk::{audit::Subject, log::Row},
    identity::staff::Staff,
    store::{Db, Tx},
};

/// Adds a row to the record.
pub async fn insert_audit(
    tx: &mut Tx,
    id: Uuid,
    now: DateTime<Utc>,
    by: &Staff,
    subject: Subject<'_>,
    text: &str,
    changes: Value,
) -> Result<u64> {
    tx.query(
        "INSERT INTO audit_log (id, at, by_id, by_name, text, kind, subject, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(now)
    .bind(by.id)
    .bind(by.name.clone())
    .bind(text.to_owned())
    .bind(subject.kind.to_owned())
    .bind(subject.key.to_owned())
    .bind(Json(changes))
    .execute()
    .await
}

/// Rows before a place in the record, newest first.
pub async fn rows(db: &Db, (at, id): (DateTime<Utc>, Uuid), most: i64) -> Result<Vec<Row>> {
    db.query(
        "SELECT id, at, by_id, by_name, text, kind, subject, changes FROM audit_log WHERE (at, id) < ($1, $2)
         ORDER BY at DESC, id DESC LIMIT $3",
    )
    .bind(at)
    .bind(id)
    .bind(most)
    .fetch_all()
    .await
}

/// The same of one kind.
pub async fn rows_of_kind(db: &Db, kind: &str, (at, id): (DateTime<Utc>, Uuid), most: i64) -> Result<Vec<Row>> {
    db.query(
        "SELECT id, at, by_id, by_name, text, kind, subject, changes FROM audit_log WHERE kind = $4 AND (at, id) < ($1, $2)
         ORDER BY at DESC, id DESC LIMIT $3",
    )
    .bind(at)
    .bind(id)
    .bind(most)
    .bind(kind.to_owned())
    .fetch_all()
    .await
}

/// The same of one person.
pub async fn rows_by(db: &Db, by: Uuid, (at, id): (DateTime<Utc>, Uuid), most: i64) -> Result<Vec<Row>> {
    db.query(
        "SELECT id, at, by_id, by_name, text, kind, subject, changes FROM audit_log WHERE by_id = $4 AND (at, id) < ($1, $2)
         ORDER BY at DESC, id DESC LIMIT $3",
    )
    .bind(at)
    .bind(id)
    .bind(most)
    .bind(by)
    .fetch_all()
    .await
}

/// The same of one person and kind.
pub async fn rows_of_kind_by(
    db: &Db,
    kind: &str,
    by: Uuid,
    (at, id): (DateTime<Utc>, Uuid),
    most: i64,
) -> Result<Vec<Row>> {
    db.query(
        "SELECT id, at, by_id, by_name, text, kind, subject, changes FROM audit_log
         WHERE by_id = $5 AND kind = $4 AND (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3",
    )
    .bind(at)
    .bind(id)
    .bind(most)
    .bind(kind.to_owned())
    .bind(by)
    .fetch_all()
    .await
}

/// Where a row stands in the record.
pub async fn place_of(db: &Db, id: Uuid) -> Result<Option<(DateTime<Utc>, Uuid)>> {
    db.query("SELECT at, id FROM audit_log WHERE id = $1").bind(id).fetch_optional().await
}

/// How many rows there are of each kind.
pub async fn kinds(db: &Db) -> Result<Vec<(String, i64)>> {
    db.query("SELECT kind, CAST(COUNT(*) AS BIGINT) AS n FROM audit_log GROUP BY kind ORDER BY kind").fetch_all().await
}

/// Everybody who stands in the record, with how many rows.
pub async fn authors(db: &Db) -> Result<Vec<(Uuid, String, i64)>> {
    db.query(
        "SELECT s.id, s.name, a.n FROM (SELECT by_id, CAST(COUNT(*) AS BIGINT) AS n FROM audit_log GROUP BY by_id) a
         JOIN staff s ON s.id = a.by_id ORDER BY s.name, s.id",
    )
    .fetch_all()
    .await
}
