//! `GET /live`: from a request to a socket. The `Origin` of a browser must be our own; no cookie counts without it.

use std::future::ready;

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    chat::{handshake, protocol::MAX_FRAME},
    error::Error,
};

use super::{listener::Place, signed_in::page_token};

/// Upgrades to a socket.
pub async fn upgrade(
    State(app): State<App>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let cookie = match page_token(app.config.origin(), &headers) {
        Ok(cookie) => cookie,
        Err(foreign) => return foreign.into_response(),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => {
            return Error::with_status(426, "upgrade_required", "This address speaks WebSocket only.").into_response();
        }
    };
    configure(upgrade, MAX_FRAME).on_upgrade(move |socket| {
        // The task of the upgrade, with the room that it took, ends here. The tracker knows of the socket, so that a stop waits
        // for it; the place is given back with it. A future around this one would take its room once more.
        let tracker = app.connections.clone();
        tracker.spawn(handshake::serve(app, socket, cookie, place));
        ready(())
    })
}

/// The limits of a socket whose messages have at most `largest` bytes. What waits to be sent has none here: whoever writes
/// waits for the network before there is much of it, and one frame is never too large to be sent.
pub fn configure(upgrade: WebSocketUpgrade, largest: usize) -> WebSocketUpgrade {
    upgrade.max_message_size(largest).max_frame_size(largest).read_buffer_size(512).write_buffer_size(4 * 1024)
}
