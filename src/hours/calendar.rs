//! When a channel is open: weekly windows, day rules and a supervisor's hand, on real time zones.
//!
//! One rule decides everything: a channel is open at an instant if the wall clock of its zone
//! then shows a minute inside a window of the date it shows. So where the clock skips an hour a
//! window opens with the first minute that exists, and where it repeats an hour the windows in
//! that hour are kept twice. Every other answer comes from walking along the moments at which
//! this can change, never from adding 24 hours.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::wall::{self, Zone};
use super::weekly::{Weekly, Windows};
use super::window::MinuteOfDay;

/// How far ahead a next opening or closing is looked for.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(400);

/// The hours of one date instead of those of its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayRule {
    /// What customers and staff call the day, such as "Thanksgiving Day".
    pub name: String,
    /// Its windows; none means closed all day.
    #[serde(default)]
    pub windows: Windows,
}

impl DayRule {
    /// A day that is closed throughout.
    #[must_use]
    pub fn closed(name: impl Into<String>) -> Self {
        Self { name: name.into(), windows: Windows::closed() }
    }
}

/// The opening hours of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The zone whose wall clock all windows mean.
    #[serde(deserialize_with = "wall::zone_by_name")]
    pub zone: Zone,
    /// The ordinary week.
    #[serde(default)]
    pub weekly: Weekly,
    /// Whether `days` count for this channel.
    #[serde(default)]
    pub observes_holidays: bool,
    /// Dates with hours of their own.
    #[serde(default)]
    pub days: BTreeMap<NaiveDate, DayRule>,
}

/// Whether an [`Override`] opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Open whatever the calendar says.
    Open,
    /// Closed whatever the calendar says.
    Closed,
}

/// An opening or closing by a supervisor's hand, in force from `from` up to but without `until`.
///
/// Of several in force the one that started last wins; of those, the last in the slice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// What it makes of the channel.
    pub state: State,
    /// When it starts.
    pub from: DateTime<Utc>,
    /// When it is over; `None` until somebody ends it.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
    /// Why, in the supervisor's words.
    pub reason: String,
}

impl Override {
    /// Whether it is in force at `at` (a later start may still outrank it).
    #[must_use]
    pub fn is_active(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// What to tell a customer about a channel at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether it is open now.
    pub open: bool,
    /// When it next closes, if it is open and will close within 400 days.
    pub closes_at: Option<DateTime<Utc>>,
    /// When it next opens, if it is closed and will open within 400 days.
    pub opens_at: Option<DateTime<Utc>>,
    /// The reason of the override that decides, if one does.
    pub by_hand: Option<String>,
    /// The name of today's day rule, if it closes the local day or takes away from its usual hours.
    pub holiday: Option<String>,
}

impl Calendar {
    /// Whether the calendar is open at `at`.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let wall = wall::wall_clock(self.zone, at);
        let minute = MinuteOfDay::shown_at(wall.time());
        self.windows_on(wall.date()).contains(minute)
    }

    /// The end of the open stretch that `at` lies in; windows that touch are one stretch.
    ///
    /// `None` if closed at `at`, or open for the next 400 days and more.
    #[must_use]
    pub fn closes_at(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.is_open(at).then(|| self.next_change(at, &[])).flatten()
    }

    /// `at` itself if open then, or else the start of the next open stretch.
    ///
    /// `None` if the calendar stays closed for the next 400 days.
    #[must_use]
    pub fn next_open(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(at) {
            return Some(at);
        }
        self.next_change(at, &[])
    }

    /// All there is to say about the moment `at`, overrides included.
    ///
    /// Overrides yet to start count towards the next closing and opening.
    #[must_use]
    pub fn status(&self, at: DateTime<Utc>, overrides: &[Override]) -> Status {
        let open = self.is_open_with(at, overrides);
        let change = self.next_change(at, overrides);
        let today = wall::wall_clock(self.zone, at).date();
        Status {
            open,
            closes_at: change.filter(|_| open),
            opens_at: change.filter(|_| !open),
            by_hand: deciding(overrides, at).map(|by_hand| by_hand.reason.clone()),
            holiday: self.holiday_on(today).map(|rule| rule.name.clone()),
        }
    }

    /// Whether `date` is a business day: its weekday has windows, no day rule closes it
    /// altogether, and the zone had such a date.
    #[must_use]
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        let closed = self.rule_on(date).is_some_and(|rule| rule.windows.is_empty());
        !closed && !self.weekly.on(date.weekday()).is_empty() && wall::has_date(self.zone, date)
    }

    /// A moment after `at` up to which nothing changes: the next edge of a window, clock change or
    /// midnight. `None` only at the end of chrono's time.
    pub(super) fn next_edge(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wall = wall::wall_clock(self.zone, at);
        let now = i64::from(wall.num_seconds_from_midnight());
        let edge = self
            .windows_on(wall.date())
            .as_slice()
            .iter()
            .flat_map(|window| [window.opens(), window.closes()])
            .chain([MinuteOfDay::END])
            .map(|minute| i64::from(minute.get()) * 60)
            .filter(|edge| *edge > now)
            .min()?;
        wall::run_evenly(self.zone, at, TimeDelta::seconds(edge - now))
    }

    fn next_change(&self, at: DateTime<Utc>, overrides: &[Override]) -> Option<DateTime<Utc>> {
        let open = self.is_open_with(at, overrides);
        let limit = at.checked_add_signed(LOOK_AHEAD)?;
        std::iter::successors(Some(at), |at| self.next_edge_with(*at, overrides))
            .take_while(|edge| *edge <= limit)
            .find(|edge| self.is_open_with(*edge, overrides) != open)
    }

    fn next_edge_with(&self, at: DateTime<Utc>, overrides: &[Override]) -> Option<DateTime<Utc>> {
        let by_hand = overrides
            .iter()
            .flat_map(|by_hand| [Some(by_hand.from), by_hand.until])
            .flatten()
            .filter(|edge| *edge > at);
        // While an override decides, the calendar's own edges change nothing.
        let own = match deciding(overrides, at) {
            Some(_) => None,
            None => self.next_edge(at),
        };
        by_hand.chain(own).min()
    }

    fn is_open_with(&self, at: DateTime<Utc>, overrides: &[Override]) -> bool {
        match deciding(overrides, at) {
            Some(by_hand) => by_hand.state == State::Open,
            None => self.is_open(at),
        }
    }

    fn windows_on(&self, date: NaiveDate) -> &Windows {
        match self.rule_on(date) {
            Some(rule) => &rule.windows,
            None => self.weekly.on(date.weekday()),
        }
    }

    pub(super) fn rule_on(&self, date: NaiveDate) -> Option<&DayRule> {
        self.days.get(&date).filter(|_| self.observes_holidays)
    }

    fn holiday_on(&self, date: NaiveDate) -> Option<&DayRule> {
        let usual = self.weekly.on(date.weekday());
        self.rule_on(date).filter(|rule| rule.windows.is_empty() || !rule.windows.cover(usual))
    }
}

/// The override that decides at `at`, if any does.
fn deciding(overrides: &[Override], at: DateTime<Utc>) -> Option<&Override> {
    overrides.iter().filter(|by_hand| by_hand.is_active(at)).max_by_key(|by_hand| by_hand.from)
}
