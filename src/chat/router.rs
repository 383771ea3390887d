//! The task that makes offers: woken by every change of the desk and when an offer ends; a slow timer is the safety net.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::{app::App, error::Result};

use super::{lost, offers, presence};

/// How often lost specialists are looked for at the most, in seconds, unless one is due.
const LOOK_SECONDS: i64 = 5;

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    let mut lost = Lost::default();
    loop {
        desk.borrow_and_update();
        let next = route(&app, &mut lost).await;
        let end = next.unwrap_or_else(|error| {
            tracing::error!(%error, "routing failed; it is tried again");
            None
        });
        let something_ends = async {
            match end {
                Some(time) => app.clock.sleep_until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = something_ends => {}
            () = tokio::time::sleep(Duration::from_secs(presence::RENEW_SECONDS.unsigned_abs())) => {}
        }
    }
}

/// When lost specialists were looked for, and when one may be lost next.
#[derive(Default)]
struct Lost {
    looked: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
}

/// Puts back what nobody holds, then offers what waits; when time changes something next.
async fn route(app: &App, lost: &mut Lost) -> Result<Option<DateTime<Utc>>> {
    let now = app.clock.now();
    // The desk changes many times a second; nobody is lost that fast.
    let due = lost.next.is_some_and(|next| next <= now);
    if due || now >= lost.looked + TimeDelta::seconds(LOOK_SECONDS) || now < lost.looked {
        *lost = Lost { looked: now, next: lost::put_back(app).await? };
    }
    let waits = offers::make(app).await?;
    let ends = offers::next_end(app).await?;
    // What is over and still there waits for something else than time.
    let now = app.clock.now();
    Ok(lost.next.into_iter().filter(|lost| *lost > now).chain(waits).chain(ends).min())
}
