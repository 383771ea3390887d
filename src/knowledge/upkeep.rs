//! Once a day: help that lies too far back counts no more, and what readers of the help pages did long ago is forgotten.

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use crate::{app::App, error::Result};

use super::{queries, shelf};

/// How long after the start, and from one time to the next.
const FIRST: TimeDelta = TimeDelta::minutes(10);
const THEN: TimeDelta = TimeDelta::days(1);
/// What readers of the help pages looked for and opened is kept for so long: the same month of the last year can be compared.
const KEPT: TimeDelta = TimeDelta::days(400);
/// So much is forgotten at once: others write in between.
const AT_ONCE: i64 = 1_000;

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut next = app.clock.now() + FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.clock.sleep_until(next) => {}
        }
        next = app.clock.now() + THEN;
        if let Err(error) = once(&app, &stop).await {
            tracing::error!(%error, "old readings could not be forgotten; it is tried again tomorrow");
        }
    }
}

async fn once(app: &App, stop: &CancellationToken) -> Result<()> {
    let now = app.clock.now();
    let help = queries::help(&app.db, now - shelf::LATELY).await?;
    app.knowledge.change(|shelf| shelf.help(&help));
    let mut forgotten = AT_ONCE.unsigned_abs();
    while forgotten >= AT_ONCE.unsigned_abs() && !stop.is_cancelled() {
        let mut tx = app.db.begin().await?;
        let visits = queries::forget_readings(&mut tx, now - KEPT, AT_ONCE).await?;
        let searches = queries::forget_searches(&mut tx, now - KEPT, AT_ONCE).await?;
        tx.commit().await?;
        forgotten = visits.max(searches);
    }
    Ok(())
}
