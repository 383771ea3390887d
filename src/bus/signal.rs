//! What nodes tell each other, as it crosses the network: JSON.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chat::protocol::Visibility;

/// A hint that something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// The log of a chat has come to a number.
    Changed {
        /// The chat.
        chat: Uuid,
        /// The number.
        seq: i64,
    },
    /// Something passing in a chat: a frame for those who may see it.
    Hint {
        /// The chat.
        chat: Uuid,
        /// Who may see it.
        visibility: Visibility,
        /// The frame, as sockets get it.
        frame: String,
    },
    /// The line, the people, the notices or the cases changed.
    Desk,
    /// The desk's hours changed.
    Hours,
    /// A customer's page left a node, which noted that.
    CustomerLeft {
        /// The chat.
        chat: Uuid,
    },
    /// What is suggested changed.
    Knowledge,
    /// A session ended.
    SessionEnded {
        /// The hash of its token.
        token_hash: String,
    },
}

/// A signal with the node that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The node, by an id that it gave itself when it started.
    pub node: Uuid,
    /// The signal.
    #[serde(flatten)]
    pub signal: Signal,
}
