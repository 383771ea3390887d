//! Chats of a specialist who is lost: after a grace they go back to the line, at the place that they had.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    desk::rules::{self, Rules},
    error::Result,
    work::Work,
};

use super::{
    conversation, log,
    log::Author,
    presence,
    protocol::{EventBody, RequeueWhy, Visibility},
    queries,
};

/// Puts the chats of lost specialists back; when the next one may be lost.
pub async fn put_back(app: &App) -> Result<Option<DateTime<Utc>>> {
    let grace = grace(&rules::load(&app.db).await?);
    let cutoff = app.clock.now() - grace;
    // Who was heard from last before this server started had nowhere to be heard.
    if cutoff > app.started_at {
        for (chat, agent) in queries::with_lost_agents(&app.db, cutoff).await? {
            // After the clock was set ahead, or the machine slept, the lease of who is connected has not been renewed yet.
            if !app.hub.console_here(agent) {
                put_back_one(app, chat, agent, cutoff).await?;
            }
        }
    }
    let first = queries::first_heard_of_agents(&app.db).await?;
    // Those who are there are heard from again long before.
    Ok(first.map(|seen| seen.max(app.started_at) + grace + TimeDelta::milliseconds(1)))
}

fn grace(rules: &Rules) -> TimeDelta {
    TimeDelta::seconds(i64::from(rules.lost_after_seconds).max(presence::LEASE_SECONDS))
}

async fn put_back_one(app: &App, chat: Uuid, agent: Uuid, cutoff: DateTime<Utc>) -> Result<()> {
    let mut work = Work::begin(app).await?;
    conversation::lock(&mut work, chat).await?;
    let lost = queries::is_lost(&mut work.tx, agent, cutoff).await?;
    if !lost || app.stop.is_cancelled() || queries::requeue(&mut work.tx, chat, agent, work.now).await? == 0 {
        return Ok(());
    }
    queries::end_transfer(&mut work.tx, chat).await?;
    queries::withdraw_offer(&mut work.tx, chat).await?;
    let body = EventBody::Requeued { why: RequeueWhy::Lost };
    log::append(&mut work, chat, &Author::system(), Visibility::Everyone, body).await?;
    let customer = queries::names_of(&mut work.tx, chat).await?.map(|(customer, _)| customer).unwrap_or_default();
    let text = format!("Your connection was lost, so the chat of {customer} went back to the line.");
    notice::insert(&mut work, agent, &text, None).await?;
    work.commit().await
}
