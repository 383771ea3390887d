//! The way of messages into the log on SQLite: judged by what is in memory, appended to the log's tail, and folded into the
//! database behind it.
//!
//! One process has the file, so memory can know what counts. Three rules keep it right: a chat is remembered as long as the tail
//! has messages of it; every other transaction that touches a log (`Work`) begins when the tail is folded and keeps new messages
//! out until it ends; whoever reads the log from the database folds first.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex as SyncMutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{Mutex, Notify, OwnedMutexGuard},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    planted,
    store::{Db, Tail, Tx},
};

use super::{
    admission::Verdict,
    journal::{Append, Written, event},
    log::Receipt,
    memory::Memory,
    protocol::{EventView, Outgoing},
    queries::{
        batch::{self, end_of},
        fold::{TailRow, fold},
    },
};

/// How long messages stay in the tail: the more are folded at once, the less each costs.
const FOLD_EVERY: Duration = Duration::from_secs(8);
/// How many messages are folded sooner than that: whoever needs them in the database shall not wait long.
const CROWD: usize = 8_192;
/// The pause after a fold that failed.
const RETRY: Duration = Duration::from_secs(1);
/// How many messages the tail may hold before new ones wait for it to be folded.
const MOST: u64 = 65_536;
/// How many chats are remembered.
const CHATS: usize = 16_384;
/// How many chats are looked at before their first message at once.
const AHEAD: usize = 64;

/// What is on the disk and not in the database, and what counts for the next message.
pub struct Ledger {
    db: Db,
    state: Arc<Mutex<State>>,
    /// Held while a share is folded; taken before `state`.
    folding: Mutex<()>,
    /// How many messages were brought to the tail, and how many of them to the database: the first ones.
    appended: AtomicU64,
    folded: AtomicU64,
    came: Notify,
    crowded: Notify,
    /// Chats that are watched since a moment, and may not be remembered yet.
    expected: SyncMutex<Vec<Uuid>>,
    watched: Notify,
}

/// Keeps new messages out until it is dropped; all before them are in the database.
pub struct Held(OwnedMutexGuard<State>);

struct State {
    tail: Tail,
    memory: Memory,
    /// In the tail's current file.
    fresh: Vec<TailRow>,
    /// In the other one, on their way into the database.
    leaving: Arc<Vec<TailRow>>,
    /// An append failed: memory knows of messages that are not there.
    astray: bool,
}

impl Ledger {
    /// The ledger of a desk on SQLite, once what its tail held is in the database; nothing on PostgreSQL.
    pub async fn open(db: &Db, desk: Uuid) -> Result<Option<Arc<Self>>> {
        let Some((tail, records)) = db.tail(desk)? else { return Ok(None) };
        if !records.is_empty() {
            planted!("recovered-without-sync", db.sync_commits(false).await);
            let mut tx = db.begin().await?;
            restore(&mut tx, records).await?;
            tx.commit().await?;
            planted!("recovered-without-sync", db.sync_commits(true).await);
        }
        let state =
            State { tail, memory: Memory::default(), fresh: Vec::new(), leaving: Arc::default(), astray: false };
        Ok(Some(Arc::new(Self {
            db: db.clone(),
            state: Arc::new(Mutex::new(state)),
            folding: Mutex::default(),
            appended: AtomicU64::new(0),
            folded: AtomicU64::new(0),
            came: Notify::new(),
            crowded: Notify::new(),
            expected: SyncMutex::default(),
            watched: Notify::new(),
        })))
    }

    /// Judges messages; those that are next are not written before `Judged::write`. Until then no other is judged.
    pub async fn judge(&self, batch: &[Append], now: DateTime<Utc>) -> Result<Judged<'_>> {
        if self.waiting() > MOST {
            self.fold().await?;
        }
        let mut state = self.state.clone().lock_owned().await;
        if state.astray || batch.iter().any(|append| state.memory.may_have(&append.message)) {
            // What is looked for may be in the tail: then it is in the database first.
            drop(state);
            state = self.hold().await?.0;
        }
        state.memory.learn(&self.db, batch).await?;
        // Memory runs ahead of the disk from here on.
        state.astray = true;
        let mut judged =
            Judged { ledger: self, state, written: Written::default(), rows: Vec::with_capacity(batch.len()) };
        for Append { author, message, .. } in batch {
            let outcome = match judged.state.memory.facts.append(author, message, now) {
                Ok(Verdict::Known(receipt)) => Ok(receipt),
                Ok(Verdict::Next { seq, prev }) => {
                    let event = event(author, message, seq, prev, now);
                    judged.rows.push(tail_row(&event, author.id.unwrap_or_default(), message));
                    judged.written.events.push(event);
                    Ok(Receipt { seq, at: now })
                }
                Err(refused) => Err(refused),
            };
            judged.written.outcomes.push(outcome);
        }
        judged.state.memory.settle();
        Ok(judged)
    }

    /// Answers when all that was acknowledged before is in the database.
    pub async fn fold(&self) -> Result<()> {
        let so_far = self.appended.load(Ordering::Acquire);
        while self.folded.load(Ordering::Acquire) < so_far {
            let _folding = self.folding.lock().await;
            // Whoever was before may have folded what this one waits for.
            if self.folded.load(Ordering::Acquire) < so_far {
                let share = self.state.lock().await.next_share();
                self.write(&share).await?;
                self.state.lock().await.left(self);
            }
        }
        Ok(())
    }

    /// Folds all, and keeps new messages out until the answer is dropped.
    pub async fn hold(&self) -> Result<Held> {
        let _folding = self.folding.lock().await;
        let mut state = self.state.clone().lock_owned().await;
        while self.waiting() > 0 {
            let share = state.next_share();
            self.write(&share).await?;
            state.left(self);
        }
        if std::mem::take(&mut state.astray) {
            state.memory = Memory::default();
        }
        Ok(Held(state))
    }

    /// How many messages are in the tail.
    fn waiting(&self) -> u64 {
        // Asked first, it is never the greater one.
        let folded = self.folded.load(Ordering::Acquire);
        self.appended.load(Ordering::Acquire) - folded
    }

    async fn write(&self, share: &[TailRow]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        fold(&mut tx, share).await?;
        Ok(tx.commit().await?)
    }

    /// Somebody watches a chat from now on: what counts for its first message is read before that comes.
    pub fn expect(&self, chat: Uuid) {
        self.expected().push(chat);
        self.watched.notify_one();
    }

    fn next_expected(&self) -> HashSet<Uuid> {
        let mut expected = self.expected();
        let rest = expected.len().saturating_sub(AHEAD);
        expected.drain(rest..).collect()
    }

    fn expected(&self) -> MutexGuard<'_, Vec<Uuid>> {
        // Nothing that holds it can panic half-way.
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what is to be done beside the journal until the server stops.
    pub async fn run(&self, stop: &CancellationToken) {
        tokio::join!(self.fold_what_comes(stop), self.look_ahead(stop));
    }

    /// Reads what will count for messages that are expected, not so much at once that others wait long.
    async fn look_ahead(&self, stop: &CancellationToken) {
        loop {
            let some = self.next_expected();
            if some.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.watched.notified() => continue,
                }
            }
            let mut state = self.state.lock().await;
            if state.memory.ids.len() + some.len() <= CHATS
                && let Err(error) = state.memory.expect(&self.db, some).await
            {
                // The message itself will say so.
                tracing::debug!(%error, "chats could not be looked at before their first message");
            }
        }
    }

    async fn fold_what_comes(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = async {
                    self.came.notified().await;
                    // Whichever comes first.
                    let _ = timeout(FOLD_EVERY, self.crowded.notified()).await;
                } => {}
            }
            if let Err(error) = self.fold().await {
                tracing::warn!(%error, "the log's tail could not be folded into the database; it is tried again");
                self.came.notify_one();
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(RETRY) => {}
                }
            }
        }
    }

    /// Folds the last messages; after it the tail's files are not needed any more.
    pub async fn close(&self) -> Result<()> {
        let held = self.hold().await?;
        Ok(held.0.tail.remove().map_err(sqlx::Error::Io)?)
    }
}

/// Messages with their verdicts, before they are on the disk.
pub struct Judged<'a> {
    ledger: &'a Ledger,
    state: OwnedMutexGuard<State>,
    /// What becomes of them once they are.
    pub written: Written,
    rows: Vec<TailRow>,
}

impl Judged<'_> {
    /// Brings them to the disk. An error means that nothing is known to be written.
    pub fn write(mut self) -> Result<Written> {
        let state = &mut *self.state;
        if !self.rows.is_empty() {
            planted!("acknowledged-before-commit", state.keep(self.rows, self.ledger); state.astray = false; return Ok(self.written));
            state.tail.append(&serde_json::to_string(&self.rows).map_err(Error::internal)?)?;
            state.keep(self.rows, self.ledger);
        }
        state.astray = false;
        Ok(self.written)
    }
}

fn tail_row(event: &EventView, author: Uuid, message: &Outgoing) -> TailRow {
    TailRow {
        chat: event.chat,
        seq: event.seq,
        prev: event.prev,
        id: event.id,
        at: event.at,
        party: event.party,
        author,
        name: event.name.clone(),
        body: event.body.clone(),
        client: message.client,
        n: message.n,
    }
}

impl Held {
    /// Another transaction begins: it may change any chat's row.
    pub fn forget_rows(&mut self) {
        self.0.memory.facts.chats.clear();
    }

    /// Another transaction writes an event.
    pub fn note(&mut self, chat: Uuid, id: Uuid) {
        if let Some(ids) = self.0.memory.ids.get_mut(&chat) {
            ids.insert(end_of(id));
        }
    }

    /// Another transaction counts a client on.
    pub fn forget(&mut self, chat: Uuid) {
        self.0.memory.ids.remove(&chat);
        self.0.memory.facts.counters.retain(|(of, _), _| *of != chat);
    }
}

impl State {
    /// The messages are on the disk.
    fn keep(&mut self, mut rows: Vec<TailRow>, ledger: &Ledger) {
        ledger.appended.fetch_add(rows.len() as u64, Ordering::Release);
        let before = self.fresh.len();
        self.fresh.append(&mut rows);
        ledger.came.notify_one();
        if before < CROWD && self.fresh.len() >= CROWD {
            ledger.crowded.notify_one();
        }
    }

    /// What is folded next: what a fold that failed left behind goes first. Each chat's messages are together: its place in the
    /// indexes is gone to once.
    fn next_share(&mut self) -> Arc<Vec<TailRow>> {
        if self.leaving.is_empty() && !self.fresh.is_empty() {
            let mut leaving = std::mem::take(&mut self.fresh);
            leaving.sort_unstable_by_key(|row| (row.chat, row.seq));
            self.leaving = Arc::new(leaving);
            self.tail.turn();
        }
        self.leaving.clone()
    }

    /// The share that was on its way is in the database.
    fn left(&mut self, ledger: &Ledger) {
        let left = std::mem::take(&mut self.leaving);
        ledger.folded.fetch_add(left.len() as u64, Ordering::Release);
        if self.memory.ids.len() > CHATS {
            let needed: HashSet<Uuid> = self.fresh.iter().map(|row| row.chat).collect();
            self.memory.ids.retain(|chat, _| needed.contains(chat));
            self.memory.facts.chats.retain(|chat, _| needed.contains(chat));
            self.memory.facts.counters.retain(|(chat, _), _| needed.contains(chat));
        }
    }
}

/// Brings records of a tail that was left behind into a SQLite database. What is there already changes nothing; what does not
/// follow what is there belongs to a later time than the database, and is left out.
pub async fn restore(tx: &mut Tx, records: Vec<String>) -> Result<()> {
    for record in records {
        let rows: Vec<TailRow> = serde_json::from_str(&record).map_err(Error::internal)?;
        let chats: Vec<Uuid> = rows.iter().map(|row| row.chat).collect();
        let mut last: HashMap<Uuid, i64> = batch::last_numbers_in(tx, &chats).await?.into_iter().collect();
        let follows = rows.iter().all(|row| {
            last.get_mut(&row.chat).is_some_and(|last| {
                let follows = row.seq <= *last + 1;
                *last = (*last).max(row.seq);
                follows
            })
        });
        if !follows {
            tracing::warn!("the log's tail is of a later time than the database; the rest of it is left out");
            return Ok(());
        }
        fold(tx, &rows).await?;
    }
    Ok(())
}
