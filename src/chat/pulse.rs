//! Whether the other end of a connection is still there: who was silent between two heartbeats is asked, who does not answer twice
//! is let go.

use std::{
    mem::take,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use super::{
    inbox::{Inbox, Sign},
    protocol::PING_SECONDS,
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

/// Gives a connection its heartbeat; false: it is gone.
fn beat(inbox: &Weak<Inbox>) -> bool {
    inbox.upgrade().is_some_and(|inbox| {
        inbox.sign(Sign::Heartbeat);
        true
    })
}

/// How often the other end is asked before it is given up.
const MOST: u8 = 2;

/// What is known of the other end since the last heartbeats.
#[derive(Debug)]
pub struct Pulse {
    heard: bool,
    spoke: bool,
    asked: u8,
}

/// What a heartbeat asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Beat {
    /// Something was heard, and something said: neither side, nor a proxy between them, has reason to doubt.
    Nothing,
    /// A ping.
    Ask,
    /// The end.
    GiveUp,
}

impl Default for Pulse {
    /// Of an end that has just said hello and was greeted.
    fn default() -> Self {
        Self { heard: true, spoke: true, asked: 0 }
    }
}

impl Pulse {
    /// Something came.
    pub fn hear(&mut self) {
        self.heard = true;
    }

    /// Something was sent.
    pub fn speak(&mut self) {
        self.spoke = true;
    }

    /// A heartbeat.
    pub fn beat(&mut self) -> Beat {
        let (heard, spoke) = (take(&mut self.heard), take(&mut self.spoke));
        if heard {
            self.asked = 0;
        }
        if heard && spoke {
            Beat::Nothing
        } else if self.asked == MOST {
            Beat::GiveUp
        } else {
            self.asked += 1;
            Beat::Ask
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_08_who_talks_is_not_asked_and_who_is_silent_is_asked_twice() {
        let mut pulse = Pulse::default();
        assert_eq!([pulse.beat(), pulse.beat()], [Beat::Nothing, Beat::Ask]);
        pulse.hear();
        pulse.speak();
        assert_eq!([pulse.beat(), pulse.beat(), pulse.beat()], [Beat::Nothing, Beat::Ask, Beat::Ask]);
        // It answers in the last moment; what only it says keeps no proxy's line to it open.
        pulse.hear();
        assert_eq!([pulse.beat(), pulse.beat(), pulse.beat()], [Beat::Ask, Beat::Ask, Beat::GiveUp]);
    }
}
