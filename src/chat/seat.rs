//! What a connection is made of: who is at the other end, what is read, how it ends.

use std::{collections::HashMap, pin::pin, sync::Arc, task::Poll, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, poll};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    figures::live::Following,
    identity::{session::Visitor, staff::Staff},
    knowledge::suggest::Typed,
};

use super::{
    board,
    hub::Line,
    log::Author,
    presence,
    protocol::{CloseCode, You},
};

/// How long a client may take for its `hello`, and the network for one frame.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Who is at the other end.
#[derive(Debug, Clone)]
pub enum Principal {
    /// A verified visitor, with the conversation that the token opened.
    Customer(Visitor, Uuid),
    /// A member of the desk.
    Staff(Staff),
}

/// Who is connected and what is read: all that the verbs need to know.
pub struct Seat {
    /// The parts of the server.
    pub app: App,
    /// Who.
    pub who: Principal,
    /// The same person, as the author of messages.
    pub author: Arc<Author>,
    /// The place in the hub.
    pub line: Line,
    /// What is being typed, so that only the last of it is looked for.
    pub typed: Typed,
    /// The chats that are read, each with the last number that was passed on.
    pub reading: HashMap<Uuid, i64>,
    /// It follows the figures.
    pub following: Option<Following>,
}

impl Seat {
    /// A seat from which nothing was done yet.
    pub fn new(app: App, who: Principal, author: Author, line: Line) -> Self {
        let (author, reading) = (Arc::new(author), HashMap::new());
        Self { app, who, author, line, typed: Typed::default(), reading, following: None }
    }

    /// The figures as they were told last, for one who follows them.
    pub fn figures(&self) -> Option<Utf8Bytes> {
        self.following.as_ref().and_then(|_| self.app.figures.frame())
    }

    /// How this side is greeted; a member of the desk is at the console from here on.
    pub async fn you(&self) -> Result<You> {
        Ok(match &self.who {
            Principal::Customer(visitor, chat) => {
                let (_, row) = board::find_view(&self.app, *chat).await?;
                You::Customer { name: visitor.contact.name.clone(), account: row.account, chat: *chat }
            }
            Principal::Staff(staff) => {
                let presence = presence::arrive(&self.app, staff).await?;
                You::Staff { id: staff.id, name: staff.name.clone(), role: staff.role, tier: staff.tier, presence }
            }
        })
    }
}

/// Why a connection ends, in code and words.
pub type Ending = (CloseCode, &'static str);

/// Going on, or how the connection ends; nothing: the other end is gone already.
pub type Flow = std::result::Result<(), Option<Ending>>;

/// Something came that is no frame of ours at all: too large, not UTF-8, or not WebSocket.
const UNREADABLE: Ending = (CloseCode::Protocol, "frames are UTF-8 text of at most 64 KiB");

/// How a connection ends after an error of its socket: only what came and could not be read is the client's fault. A line
/// that broke has nobody to tell, and whoever was behind it shall come back.
pub fn unreadable(error: axum::Error) -> Option<Ending> {
    let broken = match error.into_inner().downcast::<tungstenite::Error>() {
        Ok(error) => match *error {
            tungstenite::Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            ) => true,
            tungstenite::Error::Protocol(_) | tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => false,
            _ => true,
        },
        Err(_) => true,
    };
    (!broken).then_some(UNREADABLE)
}

/// Gives the network its time to send. Mostly it takes what it gets at once, and no clock is asked.
pub async fn patiently(sending: impl Future<Output = std::result::Result<(), axum::Error>>) -> Flow {
    let mut sending = pin!(sending);
    let sent = match poll!(&mut sending) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => timeout(PATIENCE, sending).await,
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some((CloseCode::TooSlow, "the network is too slow; come back"))),
    }
}

/// Ends a socket that the other end has closed: the answer to its close is ready, but leaves only with a flush.
pub async fn answer_close(mut socket: WebSocket) {
    // The other end may be gone already.
    let _ = timeout(Duration::from_secs(2), socket.flush()).await;
}

/// How long a socket stays open after what could not be read.
const LINGER: Duration = Duration::from_secs(1);

/// Closes a socket with a code that says whether to come back.
pub async fn close(mut socket: WebSocket, ending: Ending) {
    let (code, reason) = ending;
    let frame = CloseFrame { code: code as u16, reason: reason.into() };
    // The other end may be gone already; then there is nobody to tell.
    let sent = timeout(Duration::from_secs(2), socket.send(Message::Close(Some(frame)))).await;
    // Hanging up on bytes that were not read resets the connection: the client would never see why, and come back with the
    // same frame for ever.
    if ending == UNREADABLE && matches!(sent, Ok(Ok(()))) {
        sleep(LINGER).await;
    }
}
