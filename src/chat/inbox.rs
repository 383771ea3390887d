//! What waits for one socket: a bounded queue that holds no memory while it is empty, and the word that ends the connection.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Poll,
};

use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;
use uuid::Uuid;

use super::{log::Logged, seat::Ending};

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
    /// It is time to ask whether the client is still there.
    Heartbeat,
}

/// What waits for one connection. Thousands are open and idle: a channel would keep room for each.
#[derive(Debug, Default)]
pub struct Inbox {
    waiting: Mutex<Vec<Delivery>>,
    end: OnceLock<Ending>,
    task: AtomicWaker,
}

impl Inbox {
    /// Puts something in; false: it is full, and the delivery is lost.
    pub fn put(&self, delivery: Delivery) -> bool {
        let mut waiting = self.waiting();
        if waiting.len() >= MOST {
            return false;
        }
        waiting.push(delivery);
        let first = waiting.len() == 1;
        drop(waiting);
        // Behind others nobody needs to be woken: the task sleeps only when it found nothing.
        if first {
            self.task.wake();
        }
        true
    }

    /// Ends the connection. The first reason counts.
    pub fn end(&self, why: Ending) {
        let _ = self.end.set(why);
        self.task.wake();
    }

    /// Waits for something and takes up to `most` of it; an `Err` is why the connection must end. For the connection's task
    /// alone: only the last one who waits is woken.
    pub async fn take(&self, most: usize) -> Result<Vec<Delivery>, Ending> {
        poll_fn(|context| {
            // First, so that what comes while it looks wakes it.
            self.task.register(context.waker());
            if let Some(why) = self.end.get() {
                return Poll::Ready(Err(*why));
            }
            let mut waiting = self.waiting();
            match waiting.len() {
                0 => Poll::Pending,
                few if few <= most => Poll::Ready(Ok(std::mem::take(&mut *waiting))),
                _ => Poll::Ready(Ok(waiting.drain(..most).collect())),
            }
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Delivery>> {
        // Nothing that holds it can panic half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{task::yield_now, time::timeout};

    use super::*;
    use crate::chat::protocol::CloseCode;

    fn numbers(deliveries: Vec<Delivery>) -> Vec<i64> {
        let number = |delivery| if let Delivery::Changed { seq, .. } = delivery { seq } else { panic!("{delivery:?}") };
        deliveries.into_iter().map(number).collect()
    }

    fn numbered(seq: usize) -> Delivery {
        Delivery::Changed { chat: Uuid::nil(), seq: seq as i64 }
    }

    #[tokio::test]
    async fn live_08_an_inbox_keeps_the_order_up_to_its_limit() {
        let inbox = Inbox::default();
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
    async fn live_08_whoever_waits_at_an_inbox_is_woken() {
        let inbox = Arc::new(Inbox::default());
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
