//! What is known of a chat, and what a range of chats comes to. Pure: the definitions of docs/figures.md.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    chat::{conversation::ChatState, protocol::EndWhy},
    desk::rules::Rules,
};

use super::served::{Service, length};

/// A chat in which a question was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatFacts {
    /// Which.
    pub chat: Uuid,
    /// When the customer's first message came.
    pub arrived: DateTime<Utc>,
    /// When the first message of a specialist came, and whose it was.
    pub answered: Option<(DateTime<Utc>, Option<Uuid>)>,
    /// When it ended, and why.
    pub ended: Option<(DateTime<Utc>, EndWhy)>,
    /// Where it stands.
    pub state: ChatState,
    /// Who served it, from when to when.
    pub served: Vec<Service>,
    /// The team that it waits for or that serves it.
    pub team: Option<Uuid>,
    /// What it is about.
    pub category: Option<Uuid>,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// When it shall be answered at the latest.
    pub due: Option<DateTime<Utc>>,
    /// It became a case.
    pub case: bool,
    /// False: of a person who served it, but whom somebody else's answer came before; see [`ChatFacts::share_of`].
    pub first_hand: bool,
}

/// The rules that figures depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Targets {
    /// Within how many seconds a chat counts as answered in time.
    pub service_level_seconds: u32,
    /// Who leaves within so many seconds does not count for the service level.
    pub short_abandon_seconds: u32,
}

impl From<&Rules> for Targets {
    fn from(rules: &Rules) -> Self {
        Self { service_level_seconds: rules.service_level_seconds, short_abandon_seconds: rules.short_abandon_seconds }
    }
}

impl ChatFacts {
    /// It goes on in another chat of the same customer, which is the one that counts.
    fn goes_on_elsewhere(&self) -> bool {
        matches!(self.ended, Some((_, EndWhy::Merged)))
    }

    /// From the customer's first message to the specialist's first.
    pub fn wait(&self) -> Option<TimeDelta> {
        self.answered.map(|(at, _)| at - self.arrived)
    }

    /// Nobody has served it, and it still waits.
    pub fn waits(&self) -> bool {
        self.state == ChatState::Queued && self.served.is_empty() && self.answered.is_none()
    }

    /// It was served, and waits again.
    pub fn waits_again(&self) -> bool {
        self.state == ChatState::Queued && !self.waits()
    }

    /// It waits, and less than a quarter of its time to be answered is left, or none.
    pub fn at_risk(&self, now: DateTime<Utc>) -> bool {
        self.waits() && self.due.is_some_and(|due| (due - now) * 4 < due - self.arrived)
    }

    /// The customer left before a specialist wrote anything.
    pub fn abandoned(&self) -> bool {
        self.answered.is_none() && matches!(self.ended, Some((_, EndWhy::Customer | EndWhy::Abandoned)))
    }

    fn left_at_once(&self, targets: Targets) -> bool {
        self.abandoned()
            && self.ended.is_some_and(|(at, _)| at - self.arrived <= seconds(targets.short_abandon_seconds))
    }

    /// How long specialists talked and wrote up, once it has ended; nothing: nobody served it.
    pub fn handled(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        self.ended.filter(|_| !self.served.is_empty())?;
        Some(self.served.iter().map(|service| length(service.busy(now))).sum())
    }

    /// The chat as far as it is one person's: the own time, and the arrival with its wait only if nobody else answered first.
    /// Nothing: the person did not serve it.
    pub fn share_of(&self, staff: Uuid) -> Option<Self> {
        let served: Vec<Service> = self.served.iter().filter(|service| service.staff == staff).copied().collect();
        let answered_first = self.answered.is_some_and(|(_, by)| by == Some(staff));
        if served.is_empty() && !answered_first {
            return None;
        }
        Some(Self { served, first_hand: answered_first || self.answered.is_none(), ..self.clone() })
    }
}

/// Seconds as a length of time.
pub fn seconds(seconds: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(seconds))
}

/// What a range of chats comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct RangeFigures {
    /// Chats whose question was asked in the range.
    pub arrived: u32,
    /// Of these, with a message of a specialist.
    pub answered: u32,
    /// Of these, within the time that the rules say.
    pub answered_in_time: u32,
    /// Left by the customer before a specialist wrote anything.
    pub abandoned: u32,
    /// Of these, so soon that they do not count for the service level.
    pub left_at_once: u32,
    /// Became a case.
    pub cases: u32,
    /// Ended after a specialist had served them.
    pub handled: u32,
    /// Visits that a solution ended before anybody was asked.
    pub self_service: u32,
    /// Answered in time of all that arrived, without those that left at once: 0 to 1. Absent: none arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<f64>,
    /// Abandoned of all that arrived: 0 to 1. Absent: none arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abandoned_share: Option<f64>,
    /// Mean seconds from the first message to the answer, of those that were answered. Absent: none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_seconds: Option<f64>,
    /// The longest of these waits, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_answer_seconds: Option<f64>,
    /// Mean seconds of talking and writing up, of those that were handled. Absent: none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle_seconds: Option<f64>,
}

/// Counts chats one by one.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    figures: RangeFigures,
    waited: TimeDelta,
    longest: Option<TimeDelta>,
    worked: TimeDelta,
}

impl Counter {
    /// One more chat.
    pub fn add(&mut self, chat: &ChatFacts, targets: Targets, now: DateTime<Utc>) {
        if chat.goes_on_elsewhere() {
            return;
        }
        let figures = &mut self.figures;
        if chat.first_hand {
            figures.arrived += 1;
            figures.abandoned += u32::from(chat.abandoned());
            figures.left_at_once += u32::from(chat.left_at_once(targets));
            if let Some(wait) = chat.wait() {
                figures.answered += 1;
                figures.answered_in_time += u32::from(wait <= seconds(targets.service_level_seconds));
                self.waited += wait;
                self.longest = self.longest.max(Some(wait));
            }
        }
        figures.cases += u32::from(chat.case);
        if let Some(worked) = chat.handled(now) {
            figures.handled += 1;
            self.worked += worked;
        }
    }

    /// One more visit that a solution ended.
    pub fn solved_by_itself(&mut self) {
        self.figures.self_service += 1;
    }

    /// What it comes to.
    pub fn figures(&self) -> RangeFigures {
        let mut figures = self.figures;
        let counted = figures.arrived - figures.left_at_once.min(figures.arrived);
        figures.service_level = share(figures.answered_in_time, counted);
        figures.abandoned_share = share(figures.abandoned, figures.arrived);
        figures.answer_seconds = mean(self.waited, figures.answered);
        figures.longest_answer_seconds = self.longest.map(in_seconds);
        figures.handle_seconds = mean(self.worked, figures.handled);
        figures
    }
}

/// What the chats of a slice come to that arrived in a range: from `from` on, before `to`.
pub fn count(
    chats: &[ChatFacts],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    targets: Targets,
    now: DateTime<Utc>,
) -> RangeFigures {
    let mut counter = Counter::default();
    chats
        .iter()
        .filter(|chat| chat.arrived >= from && chat.arrived < to)
        .for_each(|chat| counter.add(chat, targets, now));
    counter.figures()
}

fn share(some: u32, all: u32) -> Option<f64> {
    (all > 0).then(|| f64::from(some) / f64::from(all))
}

fn mean(sum: TimeDelta, n: u32) -> Option<f64> {
    (n > 0).then(|| in_seconds(sum) / f64::from(n))
}

/// A length of time in seconds, to the millisecond.
pub fn in_seconds(time: TimeDelta) -> f64 {
    time.as_seconds_f64()
}
