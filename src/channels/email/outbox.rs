//! Mails that are still here: those that wait for their next try or were given up, and, where the demo has no mail server, all of them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    channels::queries,
    error::{Error, Result},
    jobs,
    store::Db,
};

use super::Mail;

/// How many are shown.
const MOST: i64 = 100;
/// For how long the demo keeps them.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A mail that the demo kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeptMail {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// To whom.
    pub name: String,
    /// The address.
    pub address: String,
    /// The subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
}

/// What has not left.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The job.
    pub id: Uuid,
    /// What it is: `mail` or `webhook`.
    pub kind: String,
    /// The address, or the host.
    pub to: String,
    /// A mail's subject.
    pub subject: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it is tried next; nothing: it was given up.
    pub next_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub tries: i32,
    /// Why the last try failed.
    pub problem: String,
}

/// Keeps a mail; the same one once.
pub async fn keep(app: &App, id: Uuid, at: DateTime<Utc>, mail: &Mail) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::keep_mail(&mut tx, id, at, mail).await?;
    queries::forget_mails(&mut tx, at - KEPT).await?;
    Ok(tx.commit().await?)
}

/// The last that were kept, newest first.
pub async fn kept(db: &Db) -> Result<Vec<KeptMail>> {
    Ok(queries::kept_mails(db, MOST).await?)
}

/// What waits or was given up, newest first.
pub async fn not_out(db: &Db) -> Result<Vec<Waiting>> {
    let view = |row: jobs::NotDone| {
        let of = |pointer: &str| row.payload.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
        // Programs like to put secrets into their addresses.
        let host = || of("/to/url").split('/').nth(2).unwrap_or_default();
        let to = if of("/kind") == "mail" { of("/address") } else { host() };
        Waiting {
            kind: of("/kind").to_owned(),
            to: to.to_owned(),
            subject: of("/subject").to_owned(),
            id: row.id,
            created_at: row.created_at,
            next_at: (row.state == "waiting").then_some(row.due_at),
            tries: row.tries,
            problem: row.problem,
        }
    };
    Ok(jobs::not_done(db, MOST).await?.into_iter().map(view).collect())
}

/// Tries one that was given up again, at once.
pub async fn try_again(app: &App, id: Uuid) -> Result<()> {
    if jobs::revive(app, id).await? {
        Ok(())
    } else {
        Err(Error::conflict("not_dead", "This one is on its way already."))
    }
}
