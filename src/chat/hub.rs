//! Fan-out: who reads which chat on this node. A reader's queue is bounded; when it is full the reader is told to come back.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::planted;

use super::{
    log::Logged,
    protocol::{Party, ServerFrame, Visibility},
};

/// How many frames may wait for one socket.
const OUTBOX: usize = 256;

/// What reaches a connection from elsewhere.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// An event of a chat that it reads.
    Event(Arc<Logged>),
    /// A passing frame, encoded.
    Hint(Utf8Bytes),
}

/// One connection's place in the hub.
#[derive(Debug, Clone)]
struct Reader {
    connection: u64,
    party: Party,
    outbox: mpsc::Sender<Delivery>,
    overflow: CancellationToken,
}

/// A connection's own end.
#[derive(Debug)]
pub struct Line {
    /// The connection's number on this node.
    pub connection: u64,
    /// What others deliver.
    pub inbox: mpsc::Receiver<Delivery>,
    /// Cancelled when the inbox overflowed: frames were lost, the reader must come back.
    pub overflow: CancellationToken,
    reader: Reader,
}

/// All readers of this node.
#[derive(Debug)]
pub struct Hub {
    chats: DashMap<Uuid, Vec<Reader>>,
    /// How many consoles each person has open here.
    consoles: DashMap<Uuid, usize>,
    next: AtomicU64,
    desk: watch::Sender<u64>,
    sessions: broadcast::Sender<String>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            chats: DashMap::new(),
            consoles: DashMap::new(),
            next: AtomicU64::new(1),
            desk: watch::Sender::new(0),
            sessions: broadcast::Sender::new(64),
        }
    }
}

impl Hub {
    /// A place for a new connection.
    pub fn join(&self, party: Party) -> Line {
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        let overflow = CancellationToken::new();
        let reader = Reader { connection, party, outbox, overflow: overflow.clone() };
        Line { connection, inbox, overflow, reader }
    }

    /// From now on the line hears of a chat.
    pub fn subscribe(&self, chat: Uuid, line: &Line) {
        let mut readers = self.chats.entry(chat).or_default();
        if !readers.iter().any(|r| r.connection == line.connection) {
            readers.push(line.reader.clone());
        }
    }

    /// The line no longer hears of a chat.
    pub fn unsubscribe(&self, chat: Uuid, line: &Line) {
        if let Some(mut readers) = self.chats.get_mut(&chat) {
            readers.retain(|r| r.connection != line.connection);
        }
        self.chats.remove_if(&chat, |_, readers| readers.is_empty());
    }

    /// A console of this person opened.
    pub fn console_opened(&self, staff: Uuid) {
        *self.consoles.entry(staff).or_default() += 1;
    }

    /// A console of this person closed; whether it was the last one here.
    pub fn console_closed(&self, staff: Uuid) -> bool {
        if let Some(mut open) = self.consoles.get_mut(&staff) {
            *open = open.saturating_sub(1);
        }
        self.consoles.remove_if(&staff, |_, open| *open == 0).is_some()
    }

    /// Whether the customer's page reads this chat on this node.
    pub fn customer_here(&self, chat: Uuid) -> bool {
        self.chats.get(&chat).is_some_and(|readers| readers.iter().any(|r| r.party == Party::Customer))
    }

    /// Hands an event to all readers of its chat; each one's connection decides whether its person may see it.
    pub fn deliver(&self, event: &Arc<Logged>) {
        if let Some(readers) = self.chats.get(&event.chat) {
            for reader in readers.iter() {
                reader.hand(Delivery::Event(event.clone()));
            }
        }
    }

    /// Hands a passing frame to the readers who may see it, but not to where it came from.
    pub fn hint(&self, chat: Uuid, from: Option<u64>, visibility: Visibility, frame: &ServerFrame) {
        let Some(readers) = self.chats.get(&chat) else { return };
        let bytes = encode(frame);
        for reader in readers.iter().filter(|r| Some(r.connection) != from) {
            if visibility == Visibility::Everyone || reader.party == Party::Staff {
                reader.hand(Delivery::Hint(bytes.clone()));
            }
        }
    }

    /// Wakes all that watch the desk.
    pub fn desk_changed(&self) {
        self.desk.send_modify(|turn| *turn += 1);
    }

    /// Follows changes of the desk; the number only rises.
    pub fn watch_desk(&self) -> watch::Receiver<u64> {
        self.desk.subscribe()
    }

    /// Tells the sockets of a session that it ended.
    pub fn session_ended(&self, token_hash: &str) {
        // Nobody listening is no error: then there is no socket to close.
        let _ = self.sessions.send(token_hash.to_owned());
    }

    /// Follows ended sessions.
    pub fn watch_sessions(&self) -> broadcast::Receiver<String> {
        self.sessions.subscribe()
    }
}

impl Reader {
    fn hand(&self, delivery: Delivery) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.outbox.try_send(delivery) {
            planted!("outbox-drops", return);
            self.overflow.cancel();
        }
    }
}

/// A frame as it goes over the wire.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    match serde_json::to_string(frame) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "a frame could not be encoded");
            r#"{"type":"error","code":"internal","message":"Something went wrong on our side.","retry":true}"#.into()
        }
    }
}
