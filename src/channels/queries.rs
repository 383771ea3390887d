//! The SQL of mails that the demo keeps.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::store::{Db, Tx};

use super::email::{Mail, outbox::KeptMail};

/// Keeps a mail.
pub async fn keep_mail(tx: &mut Tx, id: Uuid, at: DateTime<Utc>, mail: &Mail) -> Result<u64> {
    tx.query(
        "INSERT INTO kept_mails (id, at, name, address, subject, text, html) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(at)
    .bind(mail.name.clone())
    .bind(mail.address.clone())
    .bind(mail.subject.clone())
    .bind(mail.text.clone())
    .bind(mail.html.clone())
    .execute()
    .await
}

/// Forgets those that were kept before a time.
pub async fn forget_mails(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.query("DELETE FROM kept_mails WHERE at < $1").bind(before).execute().await
}

/// The last that were kept, newest first.
pub async fn kept_mails(db: &Db, most: i64) -> Result<Vec<KeptMail>> {
    db.query("SELECT at, name, address, subject, text FROM kept_mails ORDER BY at DESC LIMIT $1")
        .bind(most)
        .fetch_all()
        .await
}
