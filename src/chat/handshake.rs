//! The first moments of a socket: its hello, and who it belongs to.

use axum::extract::ws::{Message, WebSocket};
use tokio::time::timeout;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{hashing::token_hash, session},
};

use super::{
    connection::{self, Connection},
    hub::Line,
    protocol::{ClientFrame, CloseCode, Request, VERSION},
    seat::{Ending, PATIENCE, Principal, answer_close, close, unreadable},
};

/// Serves a socket until it ends, and drops its `place` then. `cookie` is the console's, and only from a page of our own origin.
pub fn serve(app: App, socket: WebSocket, cookie: Option<String>, place: impl Send) -> impl Future<Output = ()> + Send {
    // Boxed, and out of the future that lasts: the first moments and the last must not take room all the while between.
    let opened = Box::pin(open(app, socket, cookie));
    async move {
        if let Some(mut connection) = opened.await {
            let ending = connection.run().await;
            Box::pin(connection.end(ending)).await;
        }
        drop(place);
    }
}

async fn open(app: App, mut socket: WebSocket, cookie: Option<String>) -> Option<Box<Connection>> {
    let greeted = tokio::select! {
        token = hello(&mut socket) => token,
        () = app.stop.cancelled() => Err(Some((CloseCode::Restart, "the server restarts"))),
    };
    let welcomed = match greeted {
        Ok(token) => identify(&app, token.or(cookie)).await.map_err(Some),
        Err(ending) => Err(ending),
    };
    match welcomed {
        Ok((who, line)) => return connection::open(app, socket, who, line).await,
        Err(Some(ending)) => close(socket, ending).await,
        Err(None) => answer_close(socket).await,
    }
    None
}

/// The token of the first frame; an `Err` is how the connection ends, nothing: the other end is gone.
async fn hello(socket: &mut WebSocket) -> std::result::Result<Option<String>, Option<Ending>> {
    let text = match timeout(PATIENCE, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(Message::Close(_)))) => return Err(None),
        Ok(Some(Ok(_))) => return Err(Some((CloseCode::Protocol, "the first frame must be a text frame with hello"))),
        Ok(Some(Err(error))) => return Err(unreadable(error)),
        Ok(None) => return Err(None),
        Err(_) => return Err(Some((CloseCode::Silent, "no hello came"))),
    };
    read_hello(&text).map_err(Some)
}

/// The token of a `hello`; an `Err` is how the connection ends when the first frame is anything else.
pub fn read_hello(text: &str) -> std::result::Result<Option<String>, Ending> {
    match serde_json::from_str::<Request>(text) {
        Ok(Request { frame: ClientFrame::Hello { v: VERSION, token }, .. }) => Ok(token),
        Ok(Request { frame: ClientFrame::Hello { .. }, .. }) => {
            Err((CloseCode::Protocol, "this server speaks version 1"))
        }
        _ => Err((CloseCode::Protocol, "the first frame must be hello")),
    }
}

async fn identify(app: &App, token: Option<String>) -> std::result::Result<(Principal, Line), Ending> {
    let token = token.ok_or((CloseCode::Unauthorized, "sign in first"))?;
    // Known to the hub from here on: a session that is revoked while it is looked up must not slip through.
    let line = app.hub.join(&token_hash(&token));
    match find(app, &token).await {
        Ok(who) => Ok((who, line)),
        Err(Error::Refused(_)) => Err((CloseCode::Unauthorized, "sign in again")),
        Err(error) => {
            tracing::error!(%error, "a socket could not be identified");
            Err((CloseCode::Silent, "try again"))
        }
    }
}

async fn find(app: &App, token: &str) -> Result<Principal> {
    match session::staff(app, token).await {
        Ok(staff) => Ok(Principal::Staff(staff)),
        Err(Error::Refused(_)) => {
            let visitor = session::visitor(app, token).await?;
            let chat = visitor.chat.ok_or_else(Error::unauthorized)?;
            Ok(Principal::Customer(visitor, chat))
        }
        Err(fault) => Err(fault),
    }
}
