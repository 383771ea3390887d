//! Fan-out: who is connected to this node and who reads which chat. A reader's inbox is bounded; when it is full the reader is
//! told to come back.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use dashmap::DashMap;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, planted};

use super::{
    inbox::Inbox,
    log::Logged,
    protocol::{CloseCode, Party, ServerFrame, Visibility},
    pulse::{Pulse, TURN, Turns},
    seat::Ending,
};
pub use super::{
    inbox::{Delivery, Sign, Signs},
    pulse::TURNS,
};

/// How many connections look at something new at once, and the pause before the next ones do.
const AT_ONCE: usize = 32;
const PAUSE: Duration = Duration::from_millis(1);

/// The way to a connection.
#[derive(Debug, Clone)]
pub struct Reader(Arc<Inbox>);

/// A connection's own end; dropped, the connection is no longer known.
#[derive(Debug)]
pub struct Line {
    reader: Reader,
    token_hash: Arc<str>,
    person: Option<Uuid>,
    hub: Arc<Hub>,
}

/// A chat that is read here.
#[derive(Debug, Default)]
struct Watched {
    readers: Vec<Reader>,
    /// The highest number that is in the log for certain and that they were told of.
    seq: i64,
}

/// All readers of this node.
#[derive(Debug)]
pub struct Hub {
    chats: DashMap<Uuid, Watched>,
    /// The connections of each session, by its token's hash.
    sessions: DashMap<Arc<str>, Vec<Reader>>,
    /// How many connections each person has here.
    persons: DashMap<Uuid, usize>,
    /// How many consoles each person has open here.
    consoles: DashMap<Uuid, usize>,
    next: AtomicU64,
    turns: Turns,
    desk: watch::Sender<()>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            chats: DashMap::new(),
            sessions: DashMap::new(),
            persons: DashMap::new(),
            consoles: DashMap::new(),
            next: AtomicU64::new(1),
            turns: Turns::default(),
            desk: watch::Sender::new(()),
        }
    }
}

impl Hub {
    /// A place for a new connection of a session, whose end reaches it from now on.
    pub fn join(self: &Arc<Self>, token_hash: &str) -> Line {
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        let reader = Reader(Arc::new(Inbox::new(connection)));
        let token_hash: Arc<str> = token_hash.into();
        enter(&mut self.sessions.entry(token_hash.clone()).or_default(), &reader);
        self.turns.enter(connection, &reader.0);
        Line { reader, token_hash, person: None, hub: self.clone() }
    }

    /// From now on the line hears of a chat.
    pub fn subscribe(&self, chat: Uuid, line: &Line) {
        let mut watched = self.chats.entry(chat).or_default();
        if !watched.readers.iter().any(|r| r.is(&line.reader)) {
            enter(&mut watched.readers, &line.reader);
        }
    }

    /// The line no longer hears of a chat.
    pub fn unsubscribe(&self, chat: Uuid, line: &Line) {
        if let Some(mut watched) = self.chats.get_mut(&chat) {
            line.leave(&mut watched.readers);
        }
        self.chats.remove_if(&chat, |_, watched| watched.readers.is_empty());
    }

    /// A console of this person opened.
    pub fn console_opened(&self, staff: Uuid) {
        count_up(&self.consoles, staff);
    }

    /// A console of this person closed; whether it was the last one here.
    pub fn console_closed(&self, staff: Uuid) -> bool {
        count_down(&self.consoles, staff)
    }

    /// Whether a console of this person is connected here.
    pub fn console_here(&self, staff: Uuid) -> bool {
        self.consoles.contains_key(&staff)
    }

    /// The people whose consoles are connected here.
    pub fn people(&self) -> Vec<Uuid> {
        self.consoles.iter().map(|open| *open.key()).collect()
    }

    /// The sessions that are connected here, by their tokens' hashes.
    pub fn sessions(&self) -> Vec<String> {
        self.sessions.iter().map(|session| session.key().to_string()).collect()
    }

    /// The chats that somebody reads here.
    pub fn chats(&self) -> Vec<Uuid> {
        self.chats.iter().map(|chat| *chat.key()).collect()
    }

    /// The chats whose customer's page is connected here.
    pub fn customers(&self) -> Vec<Uuid> {
        self.chats.iter().filter(|chat| chat.customer_here()).map(|chat| *chat.key()).collect()
    }

    /// Whether the customer's page reads this chat on this node.
    pub fn customer_here(&self, chat: Uuid) -> bool {
        self.chats.get(&chat).is_some_and(|watched| watched.customer_here())
    }

    /// Hands an event to all readers of its chat; each one's connection decides whether its person may see it.
    pub fn deliver(&self, event: &Arc<Logged>) {
        if let Some(mut watched) = self.chats.get_mut(&event.chat) {
            watched.seq = watched.seq.max(event.seq);
            for reader in &watched.readers {
                reader.hand(Delivery::Event(event.clone()));
            }
        }
    }

    /// The log of a chat has come to a number, as the log itself says: readers who lack something read it.
    pub fn reached(&self, chat: Uuid, seq: i64) {
        if let Some(mut watched) = self.chats.get_mut(&chat)
            && watched.seq < seq
        {
            watched.seq = seq;
            watched.look(chat, seq);
        }
    }

    /// The log of a chat may have come to a number: readers who lack something look. This is not remembered: a hint can come
    /// before what it tells of, or be wrong, and must not hide what follows.
    pub fn changed(&self, chat: Uuid, seq: i64) {
        planted!("hint-as-data", return self.reached(chat, seq));
        if let Some(watched) = self.chats.get(&chat)
            && watched.seq < seq
        {
            watched.look(chat, seq);
        }
    }

    /// Hands a passing frame to the readers who may see it, but not to where it came from.
    pub fn hint(&self, chat: Uuid, from: Option<u64>, visibility: Visibility, frame: &Utf8Bytes) {
        let Some(watched) = self.chats.get(&chat) else { return };
        for reader in watched.readers.iter().filter(|r| Some(r.0.connection) != from) {
            if visibility == Visibility::Everyone || reader.is_of(Party::Staff) {
                reader.hand(Delivery::Hint(frame.clone()));
            }
        }
    }

    /// Wakes all that watch the desk.
    pub fn desk_changed(&self) {
        self.desk.send_modify(|()| {});
    }

    /// Follows changes of the desk.
    pub fn watch_desk(&self) -> watch::Receiver<()> {
        self.desk.subscribe()
    }

    /// A session ended: its connections end.
    pub fn session_ended(&self, token_hash: &str) {
        if let Some(readers) = self.sessions.get(token_hash) {
            for reader in readers.iter() {
                reader.0.end((CloseCode::Unauthorized, "the session has ended"));
            }
        }
    }

    /// Gives all connections a sign.
    pub fn sign(&self, sign: Sign) {
        self.each(|reader| reader.0.sign(sign));
    }

    /// Gives all consoles a sign, and the customers too if it is for them; not so many at once that others must wait.
    pub async fn sign_in_turn(&self, sign: Sign, customers: bool) {
        let mut concerned = Vec::new();
        self.each(|reader| {
            if customers || reader.is_of(Party::Staff) {
                concerned.push(reader.clone());
            }
        });
        for (turn, some) in concerned.chunks(AT_ONCE).enumerate() {
            if turn > 0 {
                sleep(PAUSE).await;
            }
            some.iter().for_each(|reader| reader.0.sign(sign));
        }
    }

    /// A heartbeat for the connections whose turn it is.
    pub fn heartbeat(&self, turn: u64) {
        self.turns.come(turn);
    }

    fn each(&self, mut act: impl FnMut(&Reader)) {
        for session in &self.sessions {
            session.iter().for_each(&mut act);
        }
    }
}

/// Gives all connections the signs that time, the hours and the stop bring: one task that waits, for all of them.
pub async fn signs(app: App, stop: CancellationToken) {
    let mut turns = interval(TURN);
    // After a halt of the machine nobody must be asked twice at once.
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hours = app.hours.watch();
    let mut turn = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return app.hub.sign(Sign::Stop),
            _ = turns.tick() => {
                turn += 1;
                app.hub.heartbeat(turn);
            }
            _ = hours.changed() => app.hub.sign(Sign::Hours),
        }
    }
}

/// One more reader. Most lists have one or two, and there are thousands of lists: no room is kept for more.
fn enter(readers: &mut Vec<Reader>, reader: &Reader) {
    readers.reserve_exact(1);
    readers.push(reader.clone());
}

/// One more; how many there are now.
fn count_up(counts: &DashMap<Uuid, usize>, key: Uuid) -> usize {
    let mut count = counts.entry(key).or_default();
    *count += 1;
    *count
}

/// One less; whether it was the last.
fn count_down(counts: &DashMap<Uuid, usize>, key: Uuid) -> bool {
    if let Some(mut count) = counts.get_mut(&key) {
        *count = count.saturating_sub(1);
    }
    counts.remove_if(&key, |_, count| *count == 0).is_some()
}

impl Watched {
    fn look(&self, chat: Uuid, seq: i64) {
        for reader in &self.readers {
            reader.hand(Delivery::Changed { chat, seq });
        }
    }

    fn customer_here(&self) -> bool {
        self.readers.iter().any(|r| r.is_of(Party::Customer))
    }
}

impl Line {
    /// Says who is at the other end, before the line subscribes to anything; false: the person has more than `limit`
    /// connections here already.
    pub fn identify(&mut self, party: Party, person: Uuid, limit: usize) -> bool {
        // It is said once.
        let _ = self.reader.0.party.set(party);
        self.person = Some(person);
        count_up(&self.hub.persons, person) <= limit
    }

    /// The connection's number on this node.
    pub fn connection(&self) -> u64 {
        self.reader.0.connection
    }

    fn leave(&self, readers: &mut Vec<Reader>) {
        readers.retain(|r| !r.is(&self.reader));
    }

    /// What others deliver, up to `most` of it, and the signs; an `Err` is why the connection must end.
    pub async fn take(&self, most: usize) -> Result<(Vec<Delivery>, Signs), Ending> {
        self.reader.0.take(most).await
    }

    /// Gives the own connection a sign.
    pub fn sign(&self, sign: Sign) {
        self.reader.0.sign(sign);
    }

    /// Whether the other end is still there.
    pub fn pulse(&self) -> &Pulse {
        &self.reader.0.pulse
    }

    /// The way to this connection.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(mut readers) = self.hub.sessions.get_mut(&self.token_hash) {
            self.leave(&mut readers);
        }
        self.hub.sessions.remove_if(&self.token_hash, |_, readers| readers.is_empty());
        if let Some(person) = self.person {
            count_down(&self.hub.persons, person);
        }
    }
}

impl Reader {
    /// Whether both lead to the same connection.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn is_of(&self, party: Party) -> bool {
        self.0.party.get() == Some(&party)
    }

    /// Gives the connection a sign.
    pub fn sign(&self, sign: Sign) {
        self.0.sign(sign);
    }

    /// Hands something over; a reader whose inbox is full loses it, and is told to come back for all that it lacks.
    pub fn hand(&self, delivery: Delivery) {
        if !self.0.put(delivery) {
            planted!("outbox-drops", return);
            self.0.end((CloseCode::TooSlow, "too much waited; come back with the last number"));
        }
    }
}

/// A frame as it goes over the wire.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    thread_local! {
        /// Where frames are written before their size is known: what is kept of each has just its size.
        static DRAFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let encoded = DRAFT.with_borrow_mut(|draft| {
        draft.clear();
        serde_json::to_writer(&mut *draft, frame).map_err(|error| error.to_string())?;
        let text = std::str::from_utf8(draft).map(Utf8Bytes::from).map_err(|error| error.to_string());
        // Frames of this size are rare; the room of one is not kept for ever.
        draft.shrink_to(16 * 1024);
        text
    });
    match encoded {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "a frame could not be encoded");
            r#"{"type":"error","code":"internal","message":"Something went wrong on our side.","retry":true}"#.into()
        }
    }
}
