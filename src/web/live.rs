//! `GET /live`: from a request to a socket. The `Origin` of a browser must be our own; no cookie counts without it.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    chat::{handshake, protocol::MAX_FRAME},
    error::Error,
};

use super::{listener::Place, signed_in::cookie_token};

/// Upgrades to a socket.
pub async fn upgrade(
    State(app): State<App>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("?"));
    if origin.is_some_and(|origin| !is_own(&app, origin, &headers)) {
        return Error::forbidden("Pages of other origins cannot open this socket.").into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => {
            return Error::with_status(426, "upgrade_required", "This address speaks WebSocket only.").into_response();
        }
    };
    let cookie = origin.and_then(|_| cookie_token(&headers));
    let tracker = app.connections.clone();
    upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_FRAME * 4)
        .on_upgrade(move |socket| async move {
            // The tracker knows of the socket, so that a stop waits for it; the place is given back with it.
            let served = tracker.track_future(handshake::serve(app, socket, cookie));
            served.await;
            drop(place);
        })
}

/// Our own origin: the configured one, or the host that the request itself was sent to.
fn is_own(app: &App, origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    origin == app.config.origin() || origin.split_once("://").is_some_and(|(_, origin_host)| Some(origin_host) == host)
}
