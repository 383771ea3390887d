//! What was sent, what was acknowledged and what readers saw; whatever contradicts itself is noticed here at once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

/// A promise that was broken.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which one.
    pub check: &'static str,
    /// With chat and ids.
    pub story: String,
}

/// A message as its client made it.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: Uuid,
    pub chat: Uuid,
    pub client: Uuid,
    pub n: i64,
    pub text: String,
}

/// An event, from a frame or from the database.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub seq: i64,
    pub prev: i64,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub party: String,
    pub name: String,
    pub body: Value,
}

impl Event {
    /// From an `event` frame.
    pub fn of(frame: &Value) -> Self {
        Self {
            seq: frame["seq"].as_i64().unwrap(),
            prev: frame["prev"].as_i64().unwrap(),
            id: frame["id"].as_str().unwrap().parse().unwrap(),
            at: frame["at"].as_str().unwrap().parse().unwrap(),
            party: frame["party"].as_str().unwrap().to_owned(),
            name: frame["name"].as_str().unwrap().to_owned(),
            body: frame["body"].clone(),
        }
    }
}

/// A message with its acknowledgement.
#[derive(Debug, Clone)]
pub struct Sent {
    pub message: Message,
    pub ack: Option<(i64, DateTime<Utc>)>,
}

/// What is known of one chat.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What readers saw, by number.
    pub events: BTreeMap<i64, Event>,
    /// Which message was acknowledged with which number.
    pub acknowledged: BTreeMap<i64, Uuid>,
}

/// All that is known of an era.
#[derive(Debug, Default)]
pub struct Known {
    pub sent: HashMap<Uuid, Sent>,
    pub chats: HashMap<Uuid, Seen>,
    pub epoch: Option<String>,
    pub violation: Option<Violation>,
    /// How far each reader got in each chat.
    readers: HashMap<(String, Uuid), i64>,
    unacknowledged: usize,
    pub counts: Counts,
}

/// How often what happened to the clients.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub acknowledged: u64,
    pub resent: u64,
    pub known: u64,
    pub reconnects: u64,
    pub reloads: u64,
    pub disk_full: u64,
    pub out_of_order: u64,
    pub too_slow: u64,
    pub events: u64,
}

/// Shared by all clients of an era.
pub struct Ledger {
    known: Mutex<Known>,
    turn: watch::Sender<()>,
}

impl Ledger {
    /// Nothing known of these chats yet.
    pub fn new(chats: &[Uuid]) -> Self {
        let chats = chats.iter().map(|chat| (*chat, Seen::default())).collect();
        Self { known: Mutex::new(Known { chats, ..Known::default() }), turn: watch::Sender::new(()) }
    }

    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    /// Notes a broken promise; the first one counts.
    pub fn broken(&self, check: &'static str, story: impl Into<String>) {
        self.known().violation.get_or_insert(Violation { check, story: story.into() });
        self.turn.send_replace(());
    }

    /// Fails once a promise was broken.
    pub fn whole(&self) -> Result<(), Violation> {
        self.known().violation.clone().map_or(Ok(()), Err)
    }

    /// A client is about to send a new message.
    pub fn sending(&self, message: &Message) {
        let mut known = self.known();
        known.unacknowledged += 1;
        known.sent.insert(message.id, Sent { message: message.clone(), ack: None });
    }

    /// An acknowledgement came.
    pub fn acknowledged(&self, id: Uuid, seq: i64, at: DateTime<Utc>) {
        // Apart from the `if`, which would hold the lock.
        let noted = self.known().acknowledge(id, seq, at);
        if let Err(story) = noted {
            self.broken("the same acknowledgement", story);
        }
        self.turn.send_replace(());
    }

    /// A reader that held `after` got an event.
    pub fn saw(&self, reader: &str, chat: Uuid, after: i64, event: Event) {
        let (seq, prev) = (event.seq, event.prev);
        if prev != after || seq != after + 1 {
            let story = format!("{reader} held number {after} of chat {chat} and got {seq} (prev {prev})");
            return self.broken("in order, without a gap", story);
        }
        let mut known = self.known();
        known.counts.events += 1;
        let place = known.readers.entry((reader.to_owned(), chat)).or_default();
        *place = seq.max(*place);
        let chat_seen = known.chats.get_mut(&chat).unwrap();
        let first = chat_seen.events.entry(seq).or_insert_with(|| event.clone());
        let same = *first == event;
        let story = format!("number {seq} of chat {chat} was {first:?} to the first reader and {event:?} to {reader}");
        drop(known);
        if !same {
            self.broken("the same to all readers", story);
        }
        self.turn.send_replace(());
    }

    /// A welcome told the epoch.
    pub fn welcomed(&self, epoch: &str) {
        let mut known = self.known();
        let first = known.epoch.get_or_insert_with(|| epoch.to_owned()).clone();
        drop(known);
        if first != epoch {
            self.broken("the epoch stays", format!("it was {first} and is {epoch}"));
        }
    }

    /// A reader takes part in a chat from now on.
    pub fn reads(&self, reader: &str, chat: Uuid) {
        self.known().readers.entry((reader.to_owned(), chat)).or_default();
    }

    /// Waits until all that was sent is acknowledged and every reader has seen it, or a promise is broken.
    pub async fn drained(&self) {
        let mut turn = self.turn.subscribe();
        while !self.known().is_drained() && self.whole().is_ok() {
            turn.changed().await.unwrap();
        }
    }

    /// What is missing, in words.
    pub fn missing(&self) -> String {
        let known = self.known();
        let mut lines = Vec::new();
        let waiting: Vec<_> = known.sent.values().filter(|sent| sent.ack.is_none()).collect();
        if let Some(first) = waiting.iter().min_by_key(|sent| sent.message.n) {
            let Message { id, chat, client, n, .. } = &first.message;
            lines.push(format!(
                "{} not acknowledged, such as {id} (client {client}, n {n}) of chat {chat}",
                waiting.len()
            ));
        }
        for ((reader, chat), last) in &known.readers {
            let end = known.chats[chat].last();
            if *last < end {
                lines.push(format!("{reader} has {last} of {end} of chat {chat}"));
            }
        }
        lines.join("; ")
    }
}

impl Known {
    fn acknowledge(&mut self, id: Uuid, seq: i64, at: DateTime<Utc>) -> Result<(), String> {
        let Some(sent) = self.sent.get_mut(&id) else { return Err(format!("an ack for {id}, which nobody sent")) };
        let chat = sent.message.chat;
        match sent.ack.replace((seq, at)) {
            Some(first) if first == (seq, at) => {
                self.counts.known += 1;
                return Ok(());
            }
            Some(first) => {
                return Err(format!("{id} of chat {chat} was acknowledged as {first:?}, then as {:?}", (seq, at)));
            }
            None => {}
        }
        self.counts.acknowledged += 1;
        self.unacknowledged -= 1;
        match self.chats.get_mut(&chat).unwrap().acknowledged.insert(seq, id) {
            Some(other) => Err(format!("{other} and {id} of chat {chat} were both acknowledged as {seq}")),
            None => Ok(()),
        }
    }

    fn is_drained(&self) -> bool {
        self.unacknowledged == 0 && self.readers.iter().all(|((_, chat), last)| *last >= self.chats[chat].last())
    }
}

impl Seen {
    /// The last number that anybody knows of.
    pub fn last(&self) -> i64 {
        let number = |found: Option<&i64>| found.copied().unwrap_or_default();
        number(self.events.keys().next_back()).max(number(self.acknowledged.keys().next_back()))
    }
}
