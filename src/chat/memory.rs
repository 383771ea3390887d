//! What is remembered of chats, so that a message is judged without asking the database.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::{error::Result, store::Db};

use super::{
    admission::Facts,
    journal::Append,
    protocol::Outgoing,
    queries::batch::{self, Wanted, end_of},
};

/// What counts for the next message of a chat.
#[derive(Default)]
pub struct Memory {
    /// The rows of chats, until another transaction changes some, and the counters of all remembered chats.
    pub facts: Facts,
    /// The ends of the ids in each log that is remembered.
    pub ids: HashMap<Uuid, HashSet<u64>>,
}

impl Memory {
    /// Whether the log may have this id already; false is sure if the chat is remembered.
    pub fn may_have(&self, message: &Outgoing) -> bool {
        self.ids.get(&message.chat).is_some_and(|ids| ids.contains(&end_of(message.id)))
    }

    /// Reads what is not remembered and counts for these messages. Of chats that are not remembered the tail has nothing.
    pub async fn learn(&mut self, db: &Db, batch: &[Append]) -> Result<()> {
        let mut wanted = Wanted::default();
        for Append { message, .. } in batch {
            if !self.facts.chats.contains_key(&message.chat) {
                wanted.chats.insert(message.chat);
            }
            if !self.ids.contains_key(&message.chat) {
                wanted.whole.insert(message.chat);
                wanted.known.insert((message.chat, message.id));
            } else if self.may_have(message) {
                wanted.known.insert((message.chat, message.id));
            }
        }
        self.read(db, wanted).await
    }

    /// Reads what is not remembered of these chats.
    pub async fn expect(&mut self, db: &Db, chats: HashSet<Uuid>) -> Result<()> {
        let wanted = Wanted {
            chats: chats.iter().copied().filter(|chat| !self.facts.chats.contains_key(chat)).collect(),
            whole: chats.iter().copied().filter(|chat| !self.ids.contains_key(chat)).collect(),
            ..Wanted::default()
        };
        self.read(db, wanted).await
    }

    async fn read(&mut self, db: &Db, wanted: Wanted) -> Result<()> {
        if wanted.chats.is_empty() && wanted.known.is_empty() && wanted.whole.is_empty() {
            return Ok(());
        }
        let whole = wanted.whole.clone();
        let (facts, ids) = batch::read_facts(db, wanted).await?;
        self.facts.chats.extend(facts.chats);
        self.facts.known.extend(facts.known);
        self.facts.counters.extend(facts.counters);
        // Whoever asks for chats that are not there shall not fill the memory.
        self.ids.extend(whole.into_iter().filter(|c| self.facts.chats.contains_key(c)).map(|c| (c, HashSet::new())));
        for (chat, ends) in ids {
            self.ids.entry(chat).or_default().extend(ends);
        }
        Ok(())
    }

    /// After a batch: of what was known and what is new the ids are kept.
    pub fn settle(&mut self) {
        for (chat, id) in std::mem::take(&mut self.facts.known).into_keys() {
            if let Some(ids) = self.ids.get_mut(&chat) {
                ids.insert(end_of(id));
            }
        }
    }
}
