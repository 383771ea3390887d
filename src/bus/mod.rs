//! What happened, told to everyone who listens: to the hub of this process directly, to other nodes over NATS. A signal is only
//! a hint, the truth is in the database: one that is lost or repeated does no harm, and `follow` looks each second besides.

pub mod follow;
mod nats;
pub mod signal;

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        hub::{Hub, encode},
        log::Logged,
        presence,
        protocol::{ServerFrame, Visibility},
    },
    knowledge::suggest::Knowledge,
};

use signal::Signal;

/// How many signals may wait for the network; more are dropped, as hints may be.
const WAITING: usize = 4_096;

/// Carries signals to the hub and to other nodes.
#[derive(Clone)]
pub struct Bus {
    hub: Arc<Hub>,
    knowledge: Arc<Knowledge>,
    others: Option<mpsc::Sender<Signal>>,
}

/// The signals on their way to other nodes, until the task that sends them runs.
pub struct Outgoing(Option<mpsc::Receiver<Signal>>);

impl Bus {
    /// A bus within this process and, if there are `others`, to them.
    pub fn new(hub: Arc<Hub>, knowledge: Arc<Knowledge>, others: bool) -> (Self, Outgoing) {
        let (sender, receiver) = mpsc::channel(WAITING);
        if others {
            (Self { hub, knowledge, others: Some(sender) }, Outgoing(Some(receiver)))
        } else {
            (Self { hub, knowledge, others: None }, Outgoing(None))
        }
    }

    /// Events that were committed.
    pub fn events(&self, events: Vec<Logged>) {
        for event in events {
            let signal = Signal::Changed { chat: event.chat, seq: event.seq };
            self.hub.deliver(&Arc::new(event));
            self.tell_others(signal);
        }
    }

    /// A chat's log has come to a number, by a commit whose outcome was unknown for a time.
    pub fn changed(&self, chat: Uuid, seq: i64) {
        self.hub.changed(chat, seq);
        self.tell_others(Signal::Changed { chat, seq });
    }

    /// Something passing in a chat (typing, marks), for all readers but the connection that it came from.
    pub fn hint(&self, chat: Uuid, from: Option<u64>, visibility: Visibility, frame: &ServerFrame) {
        let frame = encode(frame);
        self.hub.hint(chat, from, visibility, &frame);
        self.tell_others(Signal::Hint { chat, visibility, frame: frame.to_string() });
    }

    /// The line, the people, the notices or the cases changed.
    pub fn desk_changed(&self) {
        self.hub.desk_changed();
        self.tell_others(Signal::Desk);
    }

    /// A customer's page left this node, and that was noted: a node that it came to says otherwise.
    pub fn customer_left(&self, chat: Uuid) {
        self.tell_others(Signal::CustomerLeft { chat });
    }

    /// The desk's hours changed; this node has them already.
    pub fn hours_changed(&self) {
        self.tell_others(Signal::Hours);
    }

    /// What is suggested changed: this node and the others look.
    pub fn knowledge_changed(&self) {
        self.knowledge.look();
        self.tell_others(Signal::Knowledge);
    }

    /// A session ended: its sockets must close.
    pub fn session_ended(&self, token_hash: &str) {
        self.hub.session_ended(token_hash);
        self.tell_others(Signal::SessionEnded { token_hash: token_hash.to_owned() });
    }

    fn tell_others(&self, signal: Signal) {
        if let Some(others) = &self.others {
            // Full or gone: the other nodes find it by themselves.
            let _ = others.try_send(signal);
        }
    }
}

/// Does here what another node's signal says.
async fn heed(app: &App, signal: Signal) {
    match signal {
        Signal::Changed { chat, seq } => app.hub.changed(chat, seq),
        Signal::Hint { chat, visibility, frame } => app.hub.hint(chat, None, visibility, &Utf8Bytes::from(frame)),
        Signal::Desk => app.hub.desk_changed(),
        Signal::Knowledge => app.knowledge.look(),
        Signal::Hours => {
            if let Err(error) = app.hours.reload(app).await {
                tracing::warn!(%error, "the hours that another node changed could not be read; it is tried again");
            }
        }
        Signal::CustomerLeft { chat } if app.hub.customer_here(chat) => {
            if let Err(error) = presence::customer(app, chat, true).await {
                tracing::warn!(%error, "that a customer is here could not be noted; it is tried again");
            }
        }
        Signal::CustomerLeft { .. } => {}
        Signal::SessionEnded { token_hash } => app.hub.session_ended(&token_hash),
    }
}

impl Outgoing {
    /// Sends signals to other nodes and heeds theirs, until the server stops.
    pub async fn run(self, app: App, stop: CancellationToken) {
        if let (Some(signals), Some(url)) = (self.0, app.config.nats.clone()) {
            nats::run(app, signals, url.0, stop).await;
        }
    }
}
