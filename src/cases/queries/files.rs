//! The SQL of files on cases.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    cases::files::CaseFile,
    chat::protocol::Visibility,
    store::{Db, Tx},
};

/// The files on a case, oldest first.
pub async fn of(db: &Db, case: Uuid) -> Result<Vec<CaseFile>> {
    db.query(
        "SELECT id, name, kind, size, by_name AS by, created_at AS at, visibility FROM case_files
         WHERE case_id = $1 ORDER BY created_at, id",
    )
    .bind(case)
    .fetch_all()
    .await
}

/// The file that came under a sender's id: its case and author, what it is, and what is in it.
pub async fn find_sent(tx: &mut Tx, sent: Uuid) -> Result<Option<(Uuid, Option<Uuid>, CaseFile, Vec<u8>)>> {
    #[derive(sqlx::FromRow)]
    struct Sent {
        case_id: Uuid,
        author_id: Option<Uuid>,
        #[sqlx(flatten)]
        file: CaseFile,
        data: Vec<u8>,
    }
    let row: Option<Sent> = tx
        .query(
            "SELECT case_id, author_id, id, name, kind, size, by_name AS by, created_at AS at, visibility, data FROM case_files
             WHERE sent_id = $1",
        )
        .bind(sent)
        .fetch_optional()
        .await?;
    Ok(row.map(|row| (row.case_id, row.author_id, row.file, row.data)))
}

/// How many files came on a case since a time, from its customer or from the desk.
pub async fn count_since(tx: &mut Tx, case: Uuid, since: DateTime<Utc>, from_customer: bool) -> Result<i64> {
    let (count,): (i64,) = tx
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM case_files
             WHERE case_id = $1 AND created_at > $2 AND (author_id IS NULL) = $3",
        )
        .bind(case)
        .bind(since)
        .bind(from_customer)
        .fetch_one()
        .await?;
    Ok(count)
}

/// Keeps a file: on which case, under which id of the sender, by whom.
pub async fn insert(
    tx: &mut Tx,
    file: &CaseFile,
    (case, sent, author): (Uuid, Uuid, Option<Uuid>),
    data: Vec<u8>,
) -> Result<u64> {
    tx.query(
        "INSERT INTO case_files (id, case_id, sent_id, author_id, by_name, name, kind, size, visibility, created_at, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(file.id)
    .bind(case)
    .bind(sent)
    .bind(author)
    .bind(file.by.clone())
    .bind(file.name.clone())
    .bind(file.kind.clone())
    .bind(file.size)
    .bind(file.visibility)
    .bind(file.at)
    .bind(data)
    .execute()
    .await
}

/// A file of a case: its name, who may have it, its bytes.
pub async fn find_data(db: &Db, number: i64, id: Uuid) -> Result<Option<(String, Visibility, Vec<u8>)>> {
    db.query(
        "SELECT f.name, f.visibility, f.data FROM case_files f JOIN cases k ON k.id = f.case_id
         WHERE f.id = $1 AND k.number = $2",
    )
    .bind(id)
    .bind(number)
    .fetch_optional()
    .await
}
