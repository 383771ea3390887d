//! The clocks of a case, pure: what was promised, how much business time of it has passed, and when it falls due. Everything
//! follows from the case's steps, the calendar and the policy, so it can be worked out again whenever one of them changes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::hours::{business::Meaning, calendar::Calendar};

use super::lifecycle::CaseStatus;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ClockKind {
    /// That somebody of the desk has it.
    Acknowledgement,
    /// The first words of the desk to the customer.
    FirstAnswer,
    /// Words of the desk after the customer's.
    NextAnswer,
    /// A solution.
    Resolution,
}

impl ClockKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Acknowledgement, Self::FirstAnswer, Self::NextAnswer, Self::Resolution];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "Acknowledgement",
            Self::FirstAnswer => "First answer",
            Self::NextAnswer => "Next answer",
            Self::Resolution => "Resolution",
        }
    }
}

/// One promise, in business hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Until then it is in time.
    pub target: u32,
    /// After that it is broken.
    pub breach: u32,
}

/// What a desk promises for the cases of one severity. Nothing: that is not promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What a business hour is.
    pub meaning: Meaning,
    /// By [`ClockKind::ALL`].
    pub promises: [Option<Promise>; 4],
}

impl Policy {
    fn promise(&self, kind: ClockKind) -> Option<Promise> {
        self.promises.get(kind as usize).copied().flatten()
    }
}

/// What of a case's history clocks go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was made.
    Made,
    /// A specialist took it.
    Taken,
    /// The desk wrote to the customer.
    Answered,
    /// The customer wrote.
    CustomerWrote,
    /// It came to stand so.
    Status(CaseStatus),
}

/// A stretch of time that counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; nothing: it goes on.
    pub to: Option<DateTime<Utc>>,
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Running,
    /// It waits for the customer.
    Paused {
        /// Business time that is left until the target; less than nothing: it is over.
        left: TimeDelta,
    },
    /// The promise was kept, or was broken and then done.
    Met {
        /// When.
        at: DateTime<Utc>,
    },
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What it measures.
    pub kind: ClockKind,
    /// What was promised.
    pub promise: Promise,
    /// What counted.
    pub runs: Vec<Run>,
    /// How it stands.
    pub standing: Standing,
    /// When less than a quarter of the time until the target is left. Of a clock that waits only if that has been; the same goes
    /// for the next two.
    pub warn_at: Option<DateTime<Utc>>,
    /// When the target passes.
    pub due_at: Option<DateTime<Utc>>,
    /// When the promise breaks.
    pub breach_at: Option<DateTime<Utc>>,
}

/// All clocks of a case that its steps, oldest first, have started.
pub fn clocks(calendar: &Calendar, policy: &Policy, steps: &[(DateTime<Utc>, Step)]) -> Vec<Clock> {
    let clock = |kind: ClockKind| Some(wound(calendar, policy, kind, policy.promise(kind)?, &runs(kind, steps)?));
    ClockKind::ALL.into_iter().filter_map(clock).collect()
}

/// What a clock's hand did.
struct Hand {
    runs: Vec<Run>,
    met: Option<DateTime<Utc>>,
}

impl Hand {
    fn start(at: DateTime<Utc>) -> Self {
        Self { runs: vec![Run { from: at, to: None }], met: None }
    }

    fn pause(&mut self, at: DateTime<Utc>) {
        if let Some(run) = self.runs.last_mut().filter(|run| run.to.is_none()) {
            run.to = Some(at);
        }
    }

    fn go_on(&mut self, at: DateTime<Utc>) {
        if self.runs.last().is_some_and(|run| run.to.is_some()) {
            self.runs.push(Run { from: at, to: None });
        }
    }

    fn meet(&mut self, at: DateTime<Utc>) {
        self.pause(at);
        self.met = Some(at);
    }

    /// What a step does to a clock that has started.
    fn turn(&mut self, kind: ClockKind, at: DateTime<Utc>, step: Step) {
        let met = self.met.is_some();
        match (kind, step) {
            (ClockKind::Resolution, Step::Status(status)) if met && !status.is_closed() => {
                self.met = None;
                if !status.waits_for_customer() {
                    self.go_on(at);
                }
            }
            _ if met => {}
            (_, Step::Status(status)) if status.is_closed() => self.meet(at),
            (ClockKind::Acknowledgement, Step::Taken | Step::Answered)
            | (ClockKind::FirstAnswer | ClockKind::NextAnswer, Step::Answered) => self.meet(at),
            (ClockKind::Acknowledgement, _) => {}
            (_, Step::Status(status)) if status.waits_for_customer() => self.pause(at),
            (_, Step::Status(_)) => self.go_on(at),
            _ => {}
        }
    }
}

fn runs(kind: ClockKind, steps: &[(DateTime<Utc>, Step)]) -> Option<Hand> {
    let mut hand: Option<Hand> = None;
    let mut answered = false;
    for (at, step) in steps {
        let free = hand.as_ref().is_none_or(|hand| hand.met.is_some());
        let begins = match kind {
            // The first word that nobody has answered yet.
            ClockKind::NextAnswer => *step == Step::CustomerWrote && answered && free,
            _ => *step == Step::Made && hand.is_none(),
        };
        answered |= *step == Step::Answered;
        match &mut hand {
            _ if begins => hand = Some(Hand::start(*at)),
            Some(hand) => hand.turn(kind, *at, *step),
            None => {}
        }
    }
    hand
}

fn wound(calendar: &Calendar, policy: &Policy, kind: ClockKind, promise: Promise, hand: &Hand) -> Clock {
    let hours = |hours: u32| TimeDelta::hours(hours.into());
    let target = hours(promise.target);
    // When so much business time of the runs has passed; nothing: it has not, and nothing runs.
    let when = |time: TimeDelta| {
        let mut left = time;
        for run in &hand.runs {
            let end = calendar.add_business_time(run.from, left, policy.meaning);
            match run.to {
                None => return end,
                Some(to) if end.is_some_and(|end| end <= to) => return end,
                Some(to) => left -= calendar.business_between(run.from, to, policy.meaning),
            }
        }
        None
    };
    let standing = match (hand.met, hand.runs.last().and_then(|run| run.to)) {
        (Some(at), _) => Standing::Met { at },
        (None, None) => Standing::Running,
        (None, Some(_)) => {
            let spent = |run: &Run| run.to.map(|to| calendar.business_between(run.from, to, policy.meaning));
            Standing::Paused { left: hand.runs.iter().filter_map(spent).fold(target, |left, run| left - run) }
        }
    };
    Clock {
        kind,
        promise,
        runs: hand.runs.clone(),
        standing,
        warn_at: when(target * 3 / 4),
        due_at: when(target),
        breach_at: when(hours(promise.breach)),
    }
}
