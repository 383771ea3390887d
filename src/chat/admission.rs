//! What becomes of a message that comes in: it is known, it is the next, or it is refused. Pure: facts in, verdict out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    planted,
};

use super::{
    conversation::{ChatState, no_chat, over},
    log::{Author, Receipt},
    protocol::{EventBody, Outgoing, Party},
};

/// What counts of a chat.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ChatFacts {
    /// The chat.
    pub id: Uuid,
    /// Its customer.
    pub contact_id: Uuid,
    /// Who serves it.
    pub agent_id: Option<Uuid>,
    /// The supervisor who joined.
    pub beside_id: Option<Uuid>,
    /// Where it stands.
    pub state: ChatState,
    /// The log's last number.
    pub last_seq: i64,
    /// The last number that everyone may read.
    pub last_public: i64,
}

/// An event that is in the log under the id of a message that came in.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct KnownEvent {
    /// The id.
    pub id: Uuid,
    /// Its chat.
    pub chat_id: Uuid,
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Whose it is.
    pub author_id: Option<Uuid>,
    /// What it says.
    pub body: Json<EventBody>,
}

/// How far a client counted in a chat.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Counter {
    /// The chat.
    pub chat_id: Uuid,
    /// The client.
    pub client: Uuid,
    /// Whose client it is.
    pub author_id: Uuid,
    /// The number of its last message.
    pub last_n: i64,
}

/// All that the database knows of a batch of messages, under the lock of their chats; kept up to date with each verdict, so
/// that messages of one batch can follow each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The chats, by id.
    pub chats: HashMap<Uuid, ChatFacts>,
    /// Events with the ids of the messages, by chat and id.
    pub known: HashMap<(Uuid, Uuid), KnownEvent>,
    /// The counters of the messages' clients, by chat and client.
    pub counters: HashMap<(Uuid, Uuid), Counter>,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is in the log already: the answer is the same as the first time.
    Known(Receipt),
    /// It is written under this number.
    Next {
        /// Its number.
        seq: i64,
        /// The last number before it that everyone may read.
        prev: i64,
    },
}

impl Facts {
    /// Judges a message into a running chat and, if it is the next one, takes its number.
    pub fn append(&mut self, author: &Author, message: &Outgoing, now: DateTime<Utc>) -> Result<Verdict> {
        let chat = self.chats.get(&message.chat).ok_or_else(no_chat)?;
        let author = author.id.filter(|id| match author.party {
            Party::Customer => chat.contact_id == *id,
            Party::Staff => chat.agent_id == Some(*id) || chat.beside_id == Some(*id),
            Party::System => false,
        });
        let author = author.ok_or_else(no_chat)?;
        // Known first: a message that arrived before the chat ended is acknowledged after it, too.
        if let Some(receipt) = self.known(author, message)? {
            planted!("wrong-number-again", return Ok(Verdict::Known(Receipt { seq: receipt.seq + 1, ..receipt })));
            return Ok(Verdict::Known(receipt));
        }
        match chat.state {
            ChatState::Queued | ChatState::Active => {}
            ChatState::Ended => return Err(over()),
            ChatState::Asking => return Err(Error::conflict("not_asked", "Please ask your question first.")),
        }
        self.count(author, message)?;
        let chat = self.chats.get_mut(&message.chat).ok_or_else(no_chat)?;
        planted!("sequence-from-memory", chat.last_seq = chat.last_seq.max(crate::planted::last(chat.id)));
        let prev = chat.last_public;
        chat.last_seq += 1;
        chat.last_public = chat.last_seq;
        let seq = chat.last_seq;
        planted!("sequence-from-memory", crate::planted::remember(chat.id, seq));
        let known = KnownEvent {
            id: message.id,
            chat_id: message.chat,
            seq,
            at: now,
            author_id: Some(author),
            body: Json(EventBody::Message { text: message.text.clone() }),
        };
        self.known.insert((message.chat, message.id), known);
        Ok(Verdict::Next { seq, prev })
    }

    /// The receipt of a message that is known; otherwise nothing, and its client's counter has gone on.
    pub fn admit(&mut self, author: Uuid, message: &Outgoing) -> Result<Option<Receipt>> {
        let known = self.known(author, message)?;
        if known.is_none() {
            self.count(author, message)?;
        }
        Ok(known)
    }

    /// The receipt of a message that is in the log; an id that was used for something else is refused.
    fn known(&self, author: Uuid, message: &Outgoing) -> Result<Option<Receipt>> {
        let Some(event) = self.known.get(&(message.chat, message.id)) else { return Ok(None) };
        let same_text = matches!(&event.body.0, EventBody::Message { text } if *text == message.text);
        if event.author_id == Some(author) && same_text {
            Ok(Some(Receipt { seq: event.seq, at: event.at }))
        } else {
            let words = "This message id was used for another message. Every message needs a new id.";
            Err(Error::conflict("id_reused", words))
        }
    }

    /// Counts a client on by one, or refuses what is not its next message.
    fn count(&mut self, author: Uuid, message: &Outgoing) -> Result<()> {
        let key = (message.chat, message.client);
        let held = self.counters.get(&key);
        let last = held.map_or(0, |counter| counter.last_n);
        planted!("no-counter", self.counters.entry(key).and_modify(|counter| counter.last_n = message.n); return Ok(()));
        planted!(
            "no-dedupe",
            if message.n <= last {
                return Ok(());
            }
        );
        if message.n != last + 1 || held.is_some_and(|counter| counter.author_id != author) {
            let words = format!(
                "Message number {} of this client came when number {} was expected. Send the missing ones first.",
                message.n,
                last + 1
            );
            return Err(Error::conflict("out_of_order", words));
        }
        let counter = Counter { chat_id: key.0, client: key.1, author_id: author, last_n: message.n };
        self.counters.insert(key, counter);
        Ok(())
    }
}
