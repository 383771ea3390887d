//! The one place where time, ids and random come in; nothing else reads the system's.

#![expect(clippy::disallowed_methods, reason = "this is the module that the rule sends everyone to")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{Rng, RngCore};
use tokio::sync::watch;
use uuid::{ContextV7, Uuid};

/// The server's clock: the system's, or one that was set by hand and runs on from there.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What is added to the system's time.
    offset: Arc<watch::Sender<TimeDelta>>,
    set_by_hand: bool,
    /// Counts within a millisecond, so that ids are in the order in which they were made.
    ids: Arc<Mutex<ContextV7>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::ahead_by(TimeDelta::zero(), false)
    }

    /// A clock that shows `start` now and runs on. For demo and tests only; every page shows that it is set.
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        Self::ahead_by(start - Utc::now(), true)
    }

    fn ahead_by(offset: TimeDelta, set_by_hand: bool) -> Self {
        let ids = Arc::new(Mutex::new(ContextV7::new()));
        Self { offset: Arc::new(watch::Sender::new(offset)), set_by_hand, ids }
    }

    /// True: the clock does not show the real time.
    pub fn is_set_by_hand(&self) -> bool {
        self.set_by_hand
    }

    /// Now, to the millisecond: both engines keep that exactly.
    pub fn now(&self) -> DateTime<Utc> {
        (Utc::now() + *self.offset.borrow()).trunc_subsecs(3)
    }

    /// Sets the clock ahead and wakes all that wait for a time. For tests.
    pub fn advance(&self, by: TimeDelta) {
        self.offset.send_modify(|offset| *offset += by);
    }

    /// Waits until the clock shows `time`.
    pub async fn sleep_until(&self, time: DateTime<Utc>) {
        let mut offset = self.offset.subscribe();
        loop {
            offset.borrow_and_update();
            let Ok(left) = (time - self.now()).to_std() else { return };
            if left.is_zero() {
                return;
            }
            // A day at a time, so that a far date cannot overflow the timer; a millisecond more, since `now` is cut.
            let nap = left.min(Duration::from_secs(86_400)) + Duration::from_millis(1);
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                changed = offset.changed() => if changed.is_err() { return },
            }
        }
    }

    /// A new id; ids made one after the other by this process are in that order (UUID version 7).
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(&*self.ids, seconds, now.timestamp_subsec_nanos()))
    }
}

/// Random bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A random number below `end`, each equally likely.
pub fn random_below(end: u32) -> u32 {
    rand::rng().random_range(0..end)
}
