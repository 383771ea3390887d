//! One side's way of writing into one chat: several messages in flight, everything unacknowledged sent again in order.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use rand::{Rng, RngCore, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::ledger::{Ledger, Message};

/// How many acknowledged messages are remembered, to be sent again.
const REMEMBERED: usize = 50;

/// A writer into one chat.
pub struct Writer {
    pub chat: Uuid,
    client: Uuid,
    n: i64,
    /// How many messages may be in flight now.
    window: usize,
    flying: VecDeque<Message>,
    landed: VecDeque<Message>,
    /// When all that flies is sent again.
    again: Option<Instant>,
}

impl Writer {
    pub fn new(chat: Uuid, rng: &mut StdRng) -> Self {
        let (flying, landed) = (VecDeque::new(), VecDeque::new());
        Self { chat, client: random_id(rng), n: 0, window: 4, flying, landed, again: None }
    }

    /// New messages, as far as the window goes; some are lost on the way out and some arrive out of turn.
    pub fn more(&mut self, ledger: &Ledger, long: bool, rng: &mut StdRng) -> Vec<Value> {
        if rng.random_ratio(1, 200) {
            // A reload: a new client, and what flies goes on under the old name.
            (self.client, self.n) = (random_id(rng), 0);
            ledger.known().counts.reloads += 1;
        }
        if self.again.is_some() {
            return Vec::new();
        }
        let mut frames = Vec::new();
        for _ in self.flying.len()..if long { 16 } else { self.window } {
            self.n += 1;
            let id = random_id(rng);
            let text = words(self.client, self.n, long, rng);
            let message = Message { id, chat: self.chat, client: self.client, n: self.n, text };
            ledger.sending(&message);
            if rng.random_ratio(1, 300) {
                self.again_in(rng.random_range(20..200));
            } else {
                frames.push(frame(&message));
            }
            self.flying.push_back(message);
        }
        frames
    }

    /// All that flies, in order; before it, sometimes, what has landed.
    pub fn again(&mut self, ledger: &Ledger, rng: &mut StdRng) -> Vec<Value> {
        self.again = None;
        let from = self.landed.len() - if rng.random_ratio(1, 3) { rng.random_range(0..=self.landed.len()) } else { 0 };
        ledger.known().counts.resent += (self.flying.len() + self.landed.len() - from) as u64;
        self.landed.iter().skip(from).chain(&self.flying).map(frame).collect()
    }

    /// What is due to be sent again, if anything is.
    pub fn due(&mut self, ledger: &Ledger, rng: &mut StdRng) -> Vec<Value> {
        if self.again.is_some_and(|at| at <= Instant::now()) { self.again(ledger, rng) } else { Vec::new() }
    }

    /// Everything that flies must be sent again after a while.
    pub fn again_in(&mut self, ms: u64) {
        self.again.get_or_insert(Instant::now() + Duration::from_millis(ms));
    }

    /// Whether a message is or was this writer's.
    pub fn knows(&self, id: Uuid) -> bool {
        self.flying.iter().chain(&self.landed).any(|message| message.id == id)
    }

    /// An acknowledgement came.
    pub fn landed(&mut self, ledger: &Ledger, id: Uuid, seq: i64, at: DateTime<Utc>, rng: &mut StdRng) {
        ledger.acknowledged(id, seq, at);
        let Some(place) = self.flying.iter().position(|message| message.id == id) else { return };
        self.landed.extend(self.flying.remove(place));
        if self.landed.len() > REMEMBERED {
            self.landed.pop_front();
        }
        if rng.random_ratio(1, 8) {
            self.window = rng.random_range(1..=16);
        }
    }
}

fn frame(message: &Message) -> Value {
    let Message { id, chat, client, n, text } = message;
    json!({"type": "send", "id": id, "chat": chat, "client": client, "n": n, "text": text})
}

/// A text that nobody else writes.
fn words(client: Uuid, n: i64, long: bool, rng: &mut StdRng) -> String {
    if long {
        // What takes most room on the wire, to fill the buffers of those who do not read: six bytes a character.
        return format!("{client} {n}: {}.", "\u{1}".repeat(3_900));
    }
    let length = if rng.random_ratio(1, 60) { rng.random_range(1000..3500) } else { rng.random_range(0..120) };
    let letters: String =
        (0..length).map(|_| ['a', 'e', ' ', 'ö', '"', '\\', '\n', '語'][rng.random_range(0..8)]).collect();
    format!("{client} {n}: {letters}.")
}

/// An id as clients make them.
pub fn random_id(rng: &mut StdRng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
