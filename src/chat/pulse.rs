//! Whether the other end of a connection is still there: who was silent between two heartbeats is asked, who does not answer twice
//! is let go.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU8, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{
    inbox::{Inbox, Sign},
    protocol::{CloseCode, PING_SECONDS},
};

/// In how many turns all connections get their heartbeats, each one in `PING_SECONDS`: not all at once, and nobody looks through
/// all of them to find whose turn it is.
pub const TURNS: u64 = 250;
/// The time from one turn to the next.
pub const TURN: Duration = Duration::from_millis(PING_SECONDS * 1_000 / TURNS);

/// The connections of each turn.
#[derive(Debug)]
pub struct Turns([Mutex<Vec<Weak<Inbox>>>; TURNS as usize]);

impl Default for Turns {
    fn default() -> Self {
        Self([const { Mutex::new(Vec::new()) }; TURNS as usize])
    }
}

impl Turns {
    /// A connection gets heartbeats from now on, for as long as its inbox is there.
    pub fn enter(&self, connection: u64, inbox: &Arc<Inbox>) {
        self.with(connection, |some| some.push(Arc::downgrade(inbox)));
    }

    /// A turn has come.
    pub fn come(&self, turn: u64) {
        self.with(turn, |some| some.retain(beat));
    }

    fn with(&self, number: u64, act: impl FnOnce(&mut Vec<Weak<Inbox>>)) {
        if let Some(turn) = self.0.get((number % TURNS) as usize) {
            // Nothing that holds it can panic half-way.
            act(&mut turn.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// Gives a connection its heartbeat; false: it is gone. Who talks is left alone: thousands need not be woken for nothing.
fn beat(inbox: &Weak<Inbox>) -> bool {
    let Some(inbox) = inbox.upgrade() else { return false };
    match inbox.pulse.beat() {
        Beat::Nothing => {}
        Beat::Ask => inbox.sign(Sign::Heartbeat),
        Beat::GiveUp => inbox.end((CloseCode::Silent, "nothing was heard")),
    }
    true
}

/// How often the other end is asked before it is given up.
const MOST: u8 = 2;

/// What is known of the other end since the last heartbeats. The connection's task notes it, and another one gives the beats.
#[derive(Debug)]
pub struct Pulse {
    heard: AtomicBool,
    spoke: AtomicBool,
    asked: AtomicU8,
}

/// What a heartbeat asks for.
#[derive(Debug, PartialEq, Eq)]
enum Beat {
    /// Something was heard, and something said: neither side, nor a proxy between them, has reason to doubt.
    Nothing,
    /// A ping.
    Ask,
    /// The end.
    GiveUp,
}

impl Default for Pulse {
    /// Of an end that has just said hello and is greeted.
    fn default() -> Self {
        Self { heard: AtomicBool::new(true), spoke: AtomicBool::new(true), asked: AtomicU8::new(0) }
    }
}

impl Pulse {
    /// Something came.
    pub fn hear(&self) {
        self.heard.store(true, Relaxed);
    }

    /// Something was sent.
    pub fn speak(&self) {
        self.spoke.store(true, Relaxed);
    }

    /// A heartbeat; one after the other.
    fn beat(&self) -> Beat {
        let (heard, spoke) = (self.heard.swap(false, Relaxed), self.spoke.swap(false, Relaxed));
        let asked = if heard { 0 } else { self.asked.load(Relaxed) };
        let beat = match asked {
            _ if heard && spoke => Beat::Nothing,
            MOST => Beat::GiveUp,
            _ => Beat::Ask,
        };
        self.asked.store(asked + u8::from(beat == Beat::Ask), Relaxed);
        beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_08_who_talks_is_not_asked_and_who_is_silent_is_asked_twice() {
        let pulse = Pulse::default();
        assert_eq!([pulse.beat(), pulse.beat()], [Beat::Nothing, Beat::Ask]);
        pulse.hear();
        pulse.speak();
        assert_eq!([pulse.beat(), pulse.beat(), pulse.beat()], [Beat::Nothing, Beat::Ask, Beat::Ask]);
        // It answers in the last moment; what only it says keeps no proxy's line to it open.
        pulse.hear();
        assert_eq!([pulse.beat(), pulse.beat(), pulse.beat()], [Beat::Ask, Beat::Ask, Beat::GiveUp]);
    }
}
