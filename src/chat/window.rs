//! What the close of the live-chat window does: waiting chats become cases at once, running ones when the grace is over;
//! and customers whose page stays away leave a case behind. Driven by what the database says, so a restart repeats nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, error::Result, work::Work};

use super::{
    conversation::{self, ChatState},
    protocol::{CaseWhy, EndWhy},
    queries,
};

/// How often customers who are away are looked for, in seconds.
const LOOK_SECONDS: u64 = 5;

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut hours = app.hours.watch();
    loop {
        hours.borrow_and_update();
        if let Err(error) = sweep(&app).await {
            tracing::error!(%error, "the sweep of chats failed; it is tried again");
        }
        let next = app.clock.now() + TimeDelta::seconds(i64::try_from(LOOK_SECONDS).unwrap_or(5));
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hours.changed() => {}
            () = app.clock.sleep_until(next) => {}
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
        }
    }
}

/// One look at everything that time ends.
pub async fn sweep(app: &App) -> Result<()> {
    if let Some(closed_at) = app.hours.chat_closed_since(app).await? {
        for chat in queries::in_state(&app.db, ChatState::Queued).await? {
            end_for(app, chat, ChatState::Queued, EndWhy::WindowClosed, CaseWhy::WindowClosed).await?;
        }
        let grace = TimeDelta::minutes(i64::from(app.hours.chat_grace_minutes()));
        if app.clock.now() >= closed_at + grace {
            for chat in queries::in_state(&app.db, ChatState::Active).await? {
                end_for(app, chat, ChatState::Active, EndWhy::WindowClosed, CaseWhy::WindowClosed).await?;
            }
        }
    }
    let cutoff = app.clock.now() - TimeDelta::minutes(i64::from(app.config.chat.abandon_minutes));
    if cutoff > app.started_at {
        for chat in queries::unseen_since(&app.db, cutoff).await? {
            abandon(app, chat, cutoff).await?;
        }
    }
    Ok(())
}

/// Ends a chat whose customer is still away, seen under the lock.
async fn abandon(app: &App, chat: Uuid, cutoff: DateTime<Utc>) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    // After the clock was set ahead, or the machine slept, the lease of who is connected has not been renewed yet.
    let away = !app.hub.customer_here(chat);
    let away = away && queries::is_unseen_since(&mut work.tx, chat, cutoff).await?;
    // While this server stops, everybody leaves it; looked at last, it explains an absence.
    if away && !app.stop.is_cancelled() {
        conversation::finish(&mut work, &row, EndWhy::Abandoned, Some(CaseWhy::Abandoned)).await?;
    }
    work.commit().await
}

/// Ends one chat if it is still in the state that the sweep saw.
async fn end_for(app: &App, chat: Uuid, seen: ChatState, why: EndWhy, case: CaseWhy) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    if row.state == seen {
        conversation::finish(&mut work, &row, why, Some(case)).await?;
    }
    work.commit().await
}
