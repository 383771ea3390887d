//! What the facts of chats come to now, and in each part of a day. Pure.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::facts::{ChatFacts, Counter, RangeFigures, Targets};

/// What is so at this moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NowFigures {
    /// Chats that nobody has served yet.
    pub waiting: u32,
    /// Since when the first of these waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_since: Option<DateTime<Utc>>,
    /// Chats that were served and wait again.
    pub waiting_again: u32,
    /// Waiting chats with less than a quarter of their time to be answered left, or none.
    pub at_risk: u32,
    /// Chats with a specialist.
    pub served: u32,
}

/// What is so at this moment.
pub fn now_figures<'a>(chats: impl Iterator<Item = &'a ChatFacts>, now: DateTime<Utc>) -> NowFigures {
    let mut figures = NowFigures::default();
    for chat in chats {
        if chat.waits() {
            figures.waiting += 1;
            figures.longest_since = figures.longest_since.into_iter().chain([chat.arrived]).min();
            figures.at_risk += u32::from(chat.at_risk(now));
        } else if chat.waits_again() {
            figures.waiting_again += 1;
        } else if chat.state == crate::chat::conversation::ChatState::Active {
            figures.served += 1;
        }
    }
    figures
}

/// A part of a day and what arrived in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// What arrived in it.
    #[serde(flatten)]
    pub figures: RangeFigures,
}

/// A range cut into parts of equal length, from `from` on, before `to`; visits that a solution ended count where they ended.
pub fn parts<'a>(
    chats: impl Iterator<Item = &'a ChatFacts>,
    solved: impl Iterator<Item = DateTime<Utc>>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    length: TimeDelta,
    targets: Targets,
    now: DateTime<Utc>,
) -> Vec<Part> {
    let length = length.num_milliseconds().max(1);
    let place = |at: DateTime<Utc>| {
        let inside = at >= from && at < to;
        inside.then(|| usize::try_from((at - from).num_milliseconds() / length).ok()).flatten()
    };
    let whole = (to - from).num_milliseconds().max(0);
    let count = usize::try_from((whole + length - 1) / length).unwrap_or_default();
    let mut counters = vec![Counter::default(); count];
    for chat in chats {
        if let Some(counter) = place(chat.arrived).and_then(|at| counters.get_mut(at)) {
            counter.add(chat, targets, now);
        }
    }
    for at in solved {
        if let Some(counter) = place(at).and_then(|at| counters.get_mut(at)) {
            counter.solved_by_itself();
        }
    }
    let starts = (0..).map(|n: i64| from + TimeDelta::milliseconds(n.saturating_mul(length)));
    starts.zip(counters).map(|(from, counter)| Part { from, figures: counter.figures() }).collect()
}

/// What each person's share of the chats comes to.
pub fn by_agent<'a>(
    chats: impl Iterator<Item = &'a ChatFacts>,
    targets: Targets,
    now: DateTime<Utc>,
) -> HashMap<Uuid, Counter> {
    let mut counters: HashMap<Uuid, Counter> = HashMap::new();
    for chat in chats {
        let answered = chat.answered.and_then(|(_, by)| by);
        let people: BTreeSet<Uuid> = chat.served.iter().map(|service| service.staff).chain(answered).collect();
        for person in people {
            if let Some(share) = chat.share_of(person) {
                counters.entry(person).or_default().add(&share, targets, now);
            }
        }
    }
    counters
}
