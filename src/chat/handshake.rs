//! The first moments of a socket: its hello, and who it belongs to.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        hashing::token_hash,
        session::{self, Visitor},
        staff::{self, Staff},
    },
};

use super::{
    connection::{self, PATIENCE},
    protocol::{ClientFrame, CloseCode, Request, VERSION},
};

/// Who is at the other end.
#[derive(Debug, Clone)]
pub enum Principal {
    /// A verified visitor, with the conversation that the token opened.
    Customer(Visitor, Uuid),
    /// A member of the desk, with the person's teams.
    Staff(Staff, Vec<Uuid>),
}

/// Why a connection ends, in code and words.
pub type Ending = (CloseCode, &'static str);

/// Serves a socket until it ends. `cookie` is the console's, and only from a page of our own origin.
pub async fn serve(app: App, mut socket: WebSocket, cookie: Option<String>) {
    let greeted = tokio::select! {
        token = hello(&mut socket) => token,
        () = app.stop.cancelled() => Err(Some((CloseCode::Restart, "the server restarts"))),
    };
    let welcomed = match greeted {
        Ok(token) => identify(&app, token.or(cookie)).await.map_err(Some),
        Err(ending) => Err(ending),
    };
    match welcomed {
        Ok((who, token)) => connection::serve(app, socket, who, token_hash(&token)).await,
        Err(Some(ending)) => close(socket, ending).await,
        Err(None) => {}
    }
}

/// The token of the first frame; an `Err` is how the connection ends, nothing: the other end is gone.
async fn hello(socket: &mut WebSocket) -> std::result::Result<Option<String>, Option<Ending>> {
    let text = match timeout(PATIENCE, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(_))) => return Err(Some((CloseCode::Protocol, "the first frame must be a text frame with hello"))),
        Ok(_) => return Err(None),
        Err(_) => return Err(Some((CloseCode::Silent, "no hello came"))),
    };
    match serde_json::from_str::<Request>(&text) {
        Ok(Request { frame: ClientFrame::Hello { v: VERSION, token }, .. }) => Ok(token),
        Ok(Request { frame: ClientFrame::Hello { .. }, .. }) => {
            Err(Some((CloseCode::Protocol, "this server speaks version 1")))
        }
        _ => Err(Some((CloseCode::Protocol, "the first frame must be hello"))),
    }
}

async fn identify(app: &App, token: Option<String>) -> std::result::Result<(Principal, String), Ending> {
    let token = token.ok_or((CloseCode::Unauthorized, "sign in first"))?;
    match find(app, &token).await {
        Ok(who) => Ok((who, token)),
        Err(Error::Refused(_)) => Err((CloseCode::Unauthorized, "sign in again")),
        Err(error) => {
            tracing::error!(%error, "a socket could not be identified");
            Err((CloseCode::Silent, "try again"))
        }
    }
}

async fn find(app: &App, token: &str) -> Result<Principal> {
    match session::staff(app, token).await {
        Ok(staff) => {
            let teams = staff::teams_of(&app.db, staff.id).await?;
            Ok(Principal::Staff(staff, teams))
        }
        Err(Error::Refused(_)) => {
            let visitor = session::visitor(app, token).await?;
            let chat = visitor.chat.ok_or_else(Error::unauthorized)?;
            Ok(Principal::Customer(visitor, chat))
        }
        Err(fault) => Err(fault),
    }
}

/// Closes a socket with a code that says whether to come back.
pub async fn close(mut socket: WebSocket, (code, reason): Ending) {
    let frame = CloseFrame { code: code as u16, reason: reason.into() };
    // The other end may be gone already; then there is nobody to tell.
    let _ = timeout(Duration::from_secs(2), socket.send(Message::Close(Some(frame)))).await;
}
