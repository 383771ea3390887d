//! Durable work: what a verb wants done outside of its transaction (a mail, a webhook) is written in that transaction, so it
//! happens if and only if the verb happened. `worker` does it afterwards, at least once: each job has an id by which whoever
//! gets it twice can tell.

mod queries;
pub mod worker;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    app::App,
    channels::{email::Mail, webhook::Webhook},
    error::{Error, Result},
    store::Db,
    work::Work,
};

/// Something to be done.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Send a mail.
    Mail(Mail),
    /// Tell another program.
    Webhook(Webhook),
}

impl Job {
    /// What kind of job it is, for logs and people.
    fn name(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
        }
    }
}

/// Why a try at a job failed.
#[derive(Debug)]
pub struct Failure {
    /// In words, for the people who run the desk. It names no customer: it is logged.
    pub what: String,
    /// Trying again would not help.
    pub for_good: bool,
}

impl Failure {
    /// It may work later.
    pub fn for_now(what: impl ToString) -> Self {
        Self { what: what.to_string(), for_good: false }
    }

    /// It will not work later.
    pub fn for_good(what: impl ToString) -> Self {
        Self { what: what.to_string(), for_good: true }
    }
}

/// Writes a job in the caller's transaction; it is done soon after the commit. Its id.
pub async fn add(work: &mut Work<'_>, job: &Job) -> Result<Uuid> {
    let id = work.app.clock.new_id();
    let payload = serde_json::to_value(job).map_err(Error::internal)?;
    queries::insert(&mut work.tx, id, payload, work.now).await?;
    work.job_added();
    Ok(id)
}

pub use queries::NotDone;

/// Jobs that wait or were given up, newest first.
pub async fn not_done(db: &Db, most: i64) -> Result<Vec<NotDone>> {
    let mut rows = queries::given_up(db, most).await?;
    rows.extend(queries::waiting(db, most).await?);
    rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
    Ok(rows)
}

/// Makes a job that was given up wait again; false: it was not.
pub async fn revive(app: &App, id: Uuid) -> Result<bool> {
    let mut work = Work::begin(app).await?;
    let now = work.now;
    let revived = queries::revive(&mut work.tx, id, now).await? > 0;
    work.job_added();
    work.commit().await?;
    Ok(revived)
}

/// Wakes this node's worker.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// There may be a job.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    async fn rung(&self) {
        self.0.notified().await;
    }
}
