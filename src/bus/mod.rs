//! What happened, told to everyone who listens. In one process the bus calls the hub directly; a signal is only a hint,
//! the truth is in the database, so a signal that is lost or repeated does no harm.

use std::sync::Arc;

use uuid::Uuid;

use crate::chat::{
    hub::{Hub, encode},
    log::Logged,
    protocol::{ServerFrame, Visibility},
};

/// Carries signals to the hub.
#[derive(Clone)]
pub struct Bus {
    hub: Arc<Hub>,
}

impl Bus {
    /// A bus within this process.
    pub fn local(hub: Arc<Hub>) -> Self {
        Self { hub }
    }

    /// Events that were committed.
    pub fn events(&self, events: Vec<Logged>) {
        for event in events {
            self.hub.deliver(&Arc::new(event));
        }
    }

    /// Something passing in a chat (typing, marks), for all readers but the connection that it came from.
    pub fn hint(&self, chat: Uuid, from: Option<u64>, visibility: Visibility, frame: &ServerFrame) {
        self.hub.hint(chat, from, visibility, &encode(frame));
    }

    /// The line, the people, the notices or the cases changed.
    pub fn desk_changed(&self) {
        self.hub.desk_changed();
    }

    /// A session ended: its sockets must close.
    pub fn session_ended(&self, token_hash: &str) {
        self.hub.session_ended(token_hash);
    }
}
