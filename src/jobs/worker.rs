//! The worker of a node: takes jobs that are due, does them outside of any transaction, and notes how that went. A job that was
//! taken is the taker's for a time; if nothing is heard until then, because the node was killed, another one takes it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    cases::{self, notice},
    channels::{email, webhook},
    error::Result,
    work::Work,
};

use super::{
    Failure, Job,
    queries::{self, Claimed},
};

/// How many jobs run at once on a node.
const AT_ONCE: usize = 4;
/// How long a job may take until it is taken from a node that says nothing more; each ends itself well before.
const LEASE: TimeDelta = TimeDelta::minutes(4);
/// How long after each failure it is tried again; after the last it is given up.
const PAUSES: [TimeDelta; 8] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(6),
    TimeDelta::hours(12),
    TimeDelta::hours(24),
    TimeDelta::hours(24),
];
/// What is older than this is not done any more: a desk that was off for weeks, or a backup that was restored, must not
/// surprise people with old mails.
const TOO_OLD: TimeDelta = TimeDelta::days(4);
/// How often it is looked although nobody rang.
const LOOK: TimeDelta = TimeDelta::seconds(60);
/// Admins hear of jobs that were given up at the most this often: when a mail server is gone, there are many.
const TELL_AGAIN: TimeDelta = TimeDelta::hours(1);
/// How often, and after which time, finished jobs are removed; so many at once.
const TIDY: TimeDelta = TimeDelta::hours(1);
const KEPT: TimeDelta = TimeDelta::days(30);
const TIDY_AT_ONCE: i64 = 1_000;
/// How long a stop waits for jobs that run; they are tried again after their lease.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut running = JoinSet::new();
    let mut tidy_at = app.clock.now() + TIDY;
    loop {
        let now = app.clock.now();
        if now >= tidy_at {
            tidy_at = now + TIDY;
            if let Err(error) = tidy(&app).await {
                tracing::warn!(%error, "finished jobs could not be removed; it is tried again");
            }
        }
        let look_again = match take(&app, &mut running).await {
            Ok(due) => due.unwrap_or(now + LOOK).min(now + LOOK),
            Err(error) => {
                tracing::warn!(%error, "jobs could not be taken; it is tried again");
                now + TimeDelta::seconds(5)
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.jobs.rung() => {}
            Some(_) = running.join_next() => {}
            () = app.clock.sleep_until(look_again) => {}
        }
    }
    if tokio::time::timeout(LAST_WORDS, async { while running.join_next().await.is_some() {} }).await.is_err() {
        tracing::info!(jobs = running.len(), "jobs that did not end in time are tried again later");
    }
}

/// Starts what is due, as far as there is room; when the next one is due, if there is room for it.
async fn take(app: &App, running: &mut JoinSet<()>) -> Result<Option<DateTime<Utc>>> {
    while running.try_join_next().is_some() {}
    let room = AT_ONCE.saturating_sub(running.len());
    let now = app.clock.now();
    if room == 0 {
        return Ok(None);
    }
    match queries::next_due(&app.db).await? {
        Some(due) if due <= now => {}
        other => return Ok(other),
    }
    let mut tx = app.db.begin().await?;
    let taken = queries::claim(&mut tx, now, now + LEASE, i64::try_from(room).unwrap_or(1)).await?;
    tx.commit().await?;
    for job in taken {
        running.spawn(run_one(app.clone(), job));
    }
    if running.len() >= AT_ONCE { Ok(None) } else { Ok(queries::next_due(&app.db).await?) }
}

/// Does one job and notes how it went.
async fn run_one(app: App, claimed: Claimed) {
    let job = serde_json::from_value(claimed.payload.0.clone());
    let kind = job.as_ref().map_or("unknown", Job::name);
    let outcome = match &job {
        Err(_) => Err(Failure::for_now("this version does not know such a job")),
        Ok(_) if app.clock.now() - claimed.created_at > TOO_OLD => Err(Failure::for_good("it was not done in time")),
        Ok(Job::Mail(mail)) => email::send(&app, claimed.id, claimed.created_at, mail).await,
        Ok(Job::Webhook(hook)) => webhook::send(&app, claimed.id, hook).await,
    };
    let problem = outcome.as_ref().err().map(|failure| failure.what.clone());
    let settled = match settle(&app, &claimed, kind, outcome).await {
        Ok(settled) => settled,
        Err(error) => {
            tracing::warn!(job = %claimed.id, %error, "how a job went could not be noted; it is done again");
            return;
        }
    };
    if let (true, Ok(Job::Mail(mail))) = (settled, &job)
        && let Err(error) = cases::mail::went(&app, claimed.id, mail, problem.as_deref()).await
    {
        tracing::warn!(job = %claimed.id, %error, "how a mail went could not be written on its case");
    }
}

/// Notes how a job went. Whether that is the end of it: done, or given up now.
async fn settle(app: &App, job: &Claimed, kind: &str, outcome: std::result::Result<(), Failure>) -> Result<bool> {
    let now = app.clock.now();
    let Err(failure) = outcome else {
        let mut tx = app.db.begin().await?;
        queries::set_done(&mut tx, job.id, job.tries, now).await?;
        tx.commit().await?;
        return Ok(true);
    };
    let pause = usize::try_from(job.tries - 1).ok().and_then(|tries| PAUSES.get(tries));
    if let Some(pause) = pause.filter(|_| !failure.for_good) {
        tracing::warn!(job = %job.id, kind, tries = job.tries, why = failure.what, "a job failed and is tried again");
        let mut tx = app.db.begin().await?;
        queries::set_due(&mut tx, job.id, job.tries, now + *pause, &failure.what).await?;
        tx.commit().await?;
        return Ok(false);
    }
    tracing::warn!(job = %job.id, kind, tries = job.tries, why = failure.what, "a job was given up");
    let mut work = Work::begin(app).await?;
    let told = queries::dead_since(&mut work.tx, now - TELL_AGAIN).await? > 0;
    let mine = queries::set_dead(&mut work.tx, job.id, job.tries, now, &failure.what).await? > 0;
    if mine && !told {
        let text = format!("A {kind} could not be delivered and was given up: {}", failure.what);
        for admin in queries::admins(&mut work.tx).await? {
            notice::insert(&mut work, admin, &text, None).await?;
        }
    }
    work.commit().await?;
    Ok(mine)
}

/// Removes jobs that were finished long ago.
async fn tidy(app: &App) -> Result<()> {
    let before = app.clock.now() - KEPT;
    loop {
        let mut tx = app.db.begin().await?;
        let gone = queries::forget(&mut tx, before, TIDY_AT_ONCE).await?;
        tx.commit().await?;
        if gone < TIDY_AT_ONCE.unsigned_abs() {
            return Ok(());
        }
    }
}
