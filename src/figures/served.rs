//! People's time: who served a chat, in which state a person was, and how much of the time there was work. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::identity::staff::Presence;

use super::facts::in_seconds;

/// From a moment on, up to another.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// A person served a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Who.
    pub staff: Uuid,
    /// From joining it.
    pub from: DateTime<Utc>,
    /// To leaving it, or its end; nothing: still.
    pub to: Option<DateTime<Utc>>,
    /// Until when what was said is written up after the end.
    pub wrap_until: Option<DateTime<Utc>>,
}

/// A person was in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Who.
    pub staff: Uuid,
    /// In which.
    pub state: Presence,
    /// From.
    pub from: DateTime<Utc>,
    /// To; nothing: still.
    pub to: Option<DateTime<Utc>>,
}

impl Service {
    /// Talking and writing up, as far as it has come.
    pub fn busy(&self, now: DateTime<Utc>) -> Span {
        let to = self.to.unwrap_or(now);
        (self.from, self.wrap_until.map_or(to, |until| until.min(now).max(to)))
    }
}

/// How long a span is; one that runs backwards is none.
pub fn length((from, to): Span) -> TimeDelta {
    (to - from).max(TimeDelta::zero())
}

fn within((from, to): Span, range: Span) -> Span {
    (from.max(range.0), to.min(range.1))
}

/// Spans in order and without overlaps.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| length(*span) > TimeDelta::zero());
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    joined
}

fn total(spans: &[Span]) -> TimeDelta {
    spans.iter().map(|span| length(*span)).sum()
}

/// What both lists, each in order and without overlaps, have in common.
fn common(some: &[Span], others: &[Span]) -> TimeDelta {
    let (mut some, mut others) = (some.iter().peekable(), others.iter().peekable());
    let mut sum = TimeDelta::zero();
    while let (Some(one), Some(other)) = (some.peek(), others.peek()) {
        sum += length(within(**one, **other));
        if one.1 <= other.1 {
            some.next();
        } else {
            others.next();
        }
    }
    sum
}

/// What a person did with a range of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Worked {
    /// Seconds with a chat, or writing one up; two chats at once count once.
    pub busy_seconds: f64,
    /// Seconds online without one.
    pub idle_seconds: f64,
    /// Seconds online.
    pub online_seconds: f64,
    /// Seconds in which only chats that colleagues hand on were taken.
    pub transfers_only_seconds: f64,
    /// Seconds away.
    pub away_seconds: f64,
    /// Busy of busy and idle: 0 to 1. Absent: neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<f64>,
}

/// What one person did with a range, as far as it has come. The lists may hold others' time, too.
pub fn worked(staff: Uuid, services: &[Service], stays: &[Stay], range: Span, now: DateTime<Utc>) -> Worked {
    let range = (range.0, range.1.min(now));
    let own = services.iter().filter(|service| service.staff == staff);
    let busy = joined(own.map(|service| within(service.busy(now), range)).collect());
    let in_state = |state: Presence| {
        let own = stays.iter().filter(|stay| stay.staff == staff && stay.state == state);
        joined(own.map(|stay| within((stay.from, stay.to.unwrap_or(now)), range)).collect())
    };
    let online = in_state(Presence::Online);
    let (busy_time, online_time) = (total(&busy), total(&online));
    let idle = online_time - common(&busy, &online);
    let all = busy_time + idle;
    Worked {
        busy_seconds: in_seconds(busy_time),
        idle_seconds: in_seconds(idle),
        online_seconds: in_seconds(online_time),
        transfers_only_seconds: in_seconds(total(&in_state(Presence::TransfersOnly))),
        away_seconds: in_seconds(total(&in_state(Presence::Away))),
        occupancy: (all > TimeDelta::zero()).then(|| in_seconds(busy_time) / in_seconds(all)),
    }
}
