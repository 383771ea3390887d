//! The task that makes offers: woken by every change of the desk and when an offer ends; a slow timer is the safety net.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;

use super::{offers, presence};

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        if let Err(error) = offers::make(&app).await {
            tracing::error!(%error, "routing failed; it is tried again");
        }
        let end = offers::next_end(&app).await.ok().flatten();
        let next_offer_ends = async {
            match end {
                Some(time) => app.clock.sleep_until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = next_offer_ends => {}
            () = tokio::time::sleep(Duration::from_secs(presence::RENEW_SECONDS.unsigned_abs())) => {}
        }
    }
}
