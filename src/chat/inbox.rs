//! What waits for one socket: a bounded queue that holds no memory while it is empty, and the word that ends the connection.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Poll,
};

use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;
use uuid::Uuid;

use super::{log::Logged, protocol::Party, pulse::Pulse, seat::Ending};

/// How many deliveries may wait for one socket.
const MOST: usize = 256;

/// What reaches a connection from elsewhere.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// An event of a chat that it reads.
    Event(Arc<Logged>),
    /// The log of a chat that it reads may have come to this number, on whichever node.
    Changed {
        /// Which chat.
        chat: Uuid,
        /// Its last number.
        seq: i64,
    },
    /// A passing frame, encoded.
    Hint(Utf8Bytes),
    /// The answer to a message that was handed to the journal, encoded.
    Answer(Utf8Bytes),
}

/// That something wants a look, whenever. However often it is given before the look, it counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The server stops.
    Stop = 1,
    /// The board is another.
    Board = 2,
    /// The hours are others.
    Hours = 4,
    /// It is time to ask the client whether it is still there.
    Heartbeat = 8,
    /// The figures are others, for those who follow them.
    Figures = 16,
}

/// Signs that were given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs(u8);

impl Signs {
    /// Whether this one is among them.
    pub fn has(self, sign: Sign) -> bool {
        self.0 & sign as u8 != 0
    }
}

/// What waits for one connection. Thousands are open and idle: a channel would keep room for each, and each thing to wait for
/// besides would cost every one of them.
#[derive(Debug)]
pub struct Inbox {
    /// The connection's number on this node.
    pub connection: u64,
    /// Who is at the other end, once that is known.
    pub party: OnceLock<Party>,
    /// Whether the other end is still there.
    pub pulse: Pulse,
    waiting: Mutex<Waiting>,
    end: OnceLock<Ending>,
    task: AtomicWaker,
}

#[derive(Debug, Default)]
struct Waiting {
    deliveries: Vec<Delivery>,
    signs: Signs,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.signs == Signs::default()
    }

    /// Whether that a chat changed waits already; then the higher number counts. After a line was cut, hints come by thousands.
    fn knows(&mut self, delivery: &Delivery) -> bool {
        let Delivery::Changed { chat, seq } = *delivery else { return false };
        self.deliveries.iter_mut().any(|waits| match waits {
            Delivery::Changed { chat: other, seq: known } if *other == chat => {
                *known = seq.max(*known);
                true
            }
            _ => false,
        })
    }
}

impl Inbox {
    /// The inbox of a connection of whom nothing is known yet.
    pub fn new(connection: u64) -> Self {
        let (party, end) = (OnceLock::new(), OnceLock::new());
        Self { connection, party, pulse: Pulse::default(), waiting: Mutex::default(), end, task: AtomicWaker::new() }
    }

    /// Puts something in; false: it is full, and the delivery is lost.
    pub fn put(&self, delivery: Delivery) -> bool {
        let mut waiting = self.waiting();
        if waiting.knows(&delivery) {
            return true;
        }
        if waiting.deliveries.len() >= MOST {
            return false;
        }
        let first = waiting.is_empty();
        waiting.deliveries.push(delivery);
        drop(waiting);
        // Behind others nobody needs to be woken: the task sleeps only when it found nothing.
        if first {
            self.task.wake();
        }
        true
    }

    /// Gives a sign.
    pub fn sign(&self, sign: Sign) {
        let mut waiting = self.waiting();
        let first = waiting.is_empty();
        waiting.signs.0 |= sign as u8;
        drop(waiting);
        if first {
            self.task.wake();
        }
    }

    /// Ends the connection. The first reason counts.
    pub fn end(&self, why: Ending) {
        let _ = self.end.set(why);
        self.task.wake();
    }

    /// Waits for something and takes the signs and up to `most` deliveries; an `Err` is why the connection must end. For the
    /// connection's task alone: only the last one who waits is woken.
    pub async fn take(&self, most: usize) -> Result<(Vec<Delivery>, Signs), Ending> {
        poll_fn(|context| {
            // First, so that what comes while it looks wakes it.
            self.task.register(context.waker());
            if let Some(why) = self.end.get() {
                return Poll::Ready(Err(*why));
            }
            let mut waiting = self.waiting();
            if waiting.is_empty() {
                return Poll::Pending;
            }
            let deliveries = match waiting.deliveries.len() {
                few if few <= most => std::mem::take(&mut waiting.deliveries),
                _ => waiting.deliveries.drain(..most).collect(),
            };
            Poll::Ready(Ok((deliveries, std::mem::take(&mut waiting.signs))))
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that holds it can panic half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{task::yield_now, time::timeout};

    use super::*;
    use crate::chat::protocol::CloseCode;

    fn numbers((deliveries, signs): (Vec<Delivery>, Signs)) -> Vec<i64> {
        assert_eq!(signs, Signs::default());
        let number =
            |delivery| if let Delivery::Hint(seq) = delivery { seq.parse().unwrap() } else { panic!("{delivery:?}") };
        deliveries.into_iter().map(number).collect()
    }

    fn numbered(seq: usize) -> Delivery {
        Delivery::Hint(seq.to_string().into())
    }

    #[tokio::test]
    async fn live_08_that_a_chat_changed_takes_one_place() {
        let inbox = Inbox::new(1);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!((0..10_000).all(|seq| inbox.put(Delivery::Changed { chat: one, seq })));
        assert!(
            inbox.put(Delivery::Changed { chat: one, seq: 3 }) && inbox.put(Delivery::Changed { chat: other, seq: 4 })
        );
        let (deliveries, _) = inbox.take(9).await.unwrap();
        let seen = deliveries
            .iter()
            .map(|d| if let Delivery::Changed { chat, seq } = d { (*chat, *seq) } else { panic!("{d:?}") });
        assert!(seen.eq([(one, 9_999), (other, 4)]));
    }

    #[tokio::test]
    async fn live_08_an_inbox_keeps_the_order_up_to_its_limit() {
        let inbox = Inbox::new(1);
        assert!((0..MOST).all(|seq| inbox.put(numbered(seq))));
        assert!(!inbox.put(numbered(MOST)));
        let mut taken = numbers(inbox.take(100).await.unwrap());
        assert_eq!(taken.len(), 100);
        assert!(inbox.put(numbered(MOST)));
        while taken.len() <= MOST {
            taken.extend(numbers(inbox.take(100).await.unwrap()));
        }
        assert!(taken.into_iter().eq(0..=MOST as i64));
        inbox.end((CloseCode::TooSlow, "first"));
        inbox.end((CloseCode::Silent, "second"));
        assert_eq!(inbox.take(1).await.unwrap_err(), (CloseCode::TooSlow, "first"));
    }

    #[tokio::test]
    async fn live_08_a_sign_counts_once_and_wakes() {
        let inbox = Arc::new(Inbox::new(1));
        let reader = inbox.clone();
        let waits = tokio::spawn(async move { reader.take(9).await.unwrap() });
        yield_now().await;
        inbox.sign(Sign::Board);
        let (deliveries, signs) = timeout(std::time::Duration::from_secs(10), waits).await.unwrap().unwrap();
        assert!(deliveries.is_empty() && signs.has(Sign::Board) && !signs.has(Sign::Stop));
        inbox.sign(Sign::Hours);
        inbox.sign(Sign::Stop);
        inbox.sign(Sign::Hours);
        assert!(inbox.put(numbered(0)));
        let (deliveries, signs) = inbox.take(9).await.unwrap();
        assert!(deliveries.len() == 1 && signs.has(Sign::Hours) && signs.has(Sign::Stop));
        assert!(timeout(std::time::Duration::ZERO, inbox.take(9)).await.is_err(), "nothing more waits");
    }

    #[tokio::test]
    async fn live_08_whoever_waits_at_an_inbox_is_woken() {
        let inbox = Arc::new(Inbox::new(1));
        let reader = inbox.clone();
        let waits = tokio::spawn(async move {
            for seq in 0..3 {
                assert_eq!(numbers(reader.take(9).await.unwrap()), [seq]);
            }
            reader.take(9).await.unwrap_err()
        });
        for seq in 0..3 {
            yield_now().await;
            assert!(inbox.put(numbered(seq)));
        }
        yield_now().await;
        inbox.end((CloseCode::Silent, "done"));
        assert_eq!(timeout(std::time::Duration::from_secs(10), waits).await.unwrap().unwrap().1, "done");
    }
}
