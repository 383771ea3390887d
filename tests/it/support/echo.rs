//! A socket that gives back what it gets, behind the very settings of `/live`; only its messages may be larger.

use axum::{
    Extension, Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    routing::get,
};
use deskbell::web::{listener::Place, live};

/// Answers `/` with an echo of messages of at most `largest` bytes.
pub fn router(largest: usize) -> Router {
    Router::new().route(
        "/",
        get(async move |place: Option<Extension<Place>>, upgrade: WebSocketUpgrade| {
            live::configure(upgrade, largest).on_upgrade(async move |socket| {
                serve(socket).await;
                drop(place);
            })
        }),
    )
}

async fn serve(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let sent = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}
