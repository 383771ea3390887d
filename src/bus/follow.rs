//! Looking by oneself: where several nodes share a database, each looks every second at what it may not have been told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    chat::{self, presence},
    error::Result,
    planted,
    store::Db,
};

/// How often.
const LOOK: Duration = Duration::from_secs(1);
/// After how many looks the clock is compared with the database's.
const CLOCK_EVERY: u32 = 60;
/// How far it may be off, in seconds: leases outlive more, but not much more.
const CLOCK_OFF: i64 = 5;

/// Runs until the server stops; on SQLite, which has one node, not at all.
pub async fn run(app: App, stop: CancellationToken) {
    if matches!(app.db, Db::Sqlite { .. }) {
        return;
    }
    planted!("no-poll", return);
    let mut looked = app.clock.now();
    let mut looks: u32 = 0;
    loop {
        if looks.is_multiple_of(CLOCK_EVERY) {
            compare_clocks(&app).await;
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = look(&app, &mut looked).await {
            tracing::warn!(%error, "the other nodes could not be followed; it is tried again");
        }
    }
}

async fn look(app: &App, looked: &mut DateTime<Utc>) -> Result<()> {
    for (chat, seq) in chat::last_numbers(app, &app.hub.chats()).await? {
        app.hub.reached(chat, seq);
    }
    app.hub.desk_changed();
    presence::end_sessions(app, looked).await
}

/// Leases are written by one node's clock and judged by another's: who is far off makes people seem absent, or there.
async fn compare_clocks(app: &App) {
    // That the database does not answer is said elsewhere.
    let Ok(theirs) = app.db.now().await else { return };
    let off = (app.clock.now() - theirs).num_seconds();
    if off.abs() >= CLOCK_OFF {
        tracing::warn!(seconds = off, "this node's clock is off the database's: keep the clocks together");
    }
}
