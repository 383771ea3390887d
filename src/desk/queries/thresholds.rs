//! The SQL of thresholds.

use sqlx::Result;

use crate::store::{Db, Tx};

type Row = (String, Option<i64>, Option<i64>);

const THRESHOLDS: &str = "SELECT figure, warn, bad FROM thresholds";

/// What is stored.
pub async fn thresholds(db: &Db) -> Result<Vec<Row>> {
    db.query(THRESHOLDS).fetch_all().await
}

/// The same within a transaction.
pub async fn thresholds_in(tx: &mut Tx) -> Result<Vec<Row>> {
    tx.query(THRESHOLDS).fetch_all().await
}

/// Stores the threshold of a figure.
pub async fn upsert_threshold(tx: &mut Tx, figure: &str, warn: Option<i64>, bad: Option<i64>) -> Result<u64> {
    tx.query(
        "INSERT INTO thresholds (figure, warn, bad) VALUES ($1, $2, $3)
         ON CONFLICT (figure) DO UPDATE SET warn = excluded.warn, bad = excluded.bad",
    )
    .bind(figure.to_owned())
    .bind(warn)
    .bind(bad)
    .execute()
    .await
}
