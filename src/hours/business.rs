//! Business time: when a promise such as "within 24 business hours" falls due.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::wall;

/// What a channel means by a business hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Every business day counts 24 hours, from local midnight to local midnight, and on the day
    /// of a clock change too: 24 of them after Friday 16:40 is Monday 16:40.
    BusinessDays,
    /// Only time that the calendar is open counts, as it really passes.
    OpeningHours,
}

/// Why a day does not count as business time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCounted {
    /// Its weekday has no hours.
    Weekday,
    /// A day rule closes it; its name.
    Holiday(String),
}

/// How far ahead a promise may fall due; a longer one is taken for one that never does.
const FURTHEST: TimeDelta = TimeDelta::days(3660);

const DAY: TimeDelta = TimeDelta::days(1);

impl Calendar {
    /// The first instant by which `hours` of business time have passed since `at`.
    ///
    /// So hours that end with a day or a window are over right then, not when the next one starts.
    /// With [`Meaning::BusinessDays`] a moment's place in its day is what the clock shows: a due
    /// time the clock skips moves to the first instant after the gap, one it shows twice is the
    /// second, and a moment in the second pass of a repeated hour counts like one in the first.
    ///
    /// `None` if that lies ten years ahead or never comes, as in a calendar without windows.
    #[must_use]
    pub fn add_business(&self, at: DateTime<Utc>, hours: u32, meaning: Meaning) -> Option<DateTime<Utc>> {
        self.add_business_time(at, TimeDelta::try_hours(i64::from(hours))?, meaning)
    }

    /// The same for any length of time, as is left when a clock was stopped in between; what is not more than nothing is over
    /// at once.
    #[must_use]
    pub fn add_business_time(&self, at: DateTime<Utc>, time: TimeDelta, meaning: Meaning) -> Option<DateTime<Utc>> {
        if time <= TimeDelta::zero() {
            return Some(at);
        }
        let limit = at.checked_add_signed(FURTHEST)?;
        let due = match meaning {
            Meaning::BusinessDays => self.after_business_days(at, time, limit)?,
            Meaning::OpeningHours => self.after_opening_hours(at, time, limit)?,
        };
        (due <= limit).then_some(due)
    }

    /// How much business time passes from one instant to a later one; nothing if it is not later.
    ///
    /// It is what [`Calendar::add_business_time`] leads over, but where the clock repeats or skips an hour on a business day:
    /// there [`Meaning::BusinessDays`] goes by what the clock shows.
    #[must_use]
    pub fn business_between(&self, from: DateTime<Utc>, to: DateTime<Utc>, meaning: Meaning) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        match meaning {
            Meaning::BusinessDays => self.business_days_between(from, to),
            Meaning::OpeningHours => self.opening_hours_between(from, to),
        }
    }

    fn business_days_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let (from, to) = (wall::wall_clock(self.zone, from), wall::wall_clock(self.zone, to));
        let of_day = |wall: NaiveDateTime| match self.is_business_day(wall.date()) {
            true => wall.time().signed_duration_since(NaiveTime::MIN),
            false => TimeDelta::zero(),
        };
        let between = from.date().iter_days().take_while(|day| *day < to.date());
        let days = between.filter(|day| self.is_business_day(*day)).fold(TimeDelta::zero(), |sum, _| sum + DAY);
        (days + of_day(to) - of_day(from)).max(TimeDelta::zero())
    }

    fn opening_hours_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let (mut now, mut sum) = (from, TimeDelta::zero());
        while now < to {
            let edge = self.next_edge(now).map_or(to, |edge| edge.min(to));
            if self.is_open(now) {
                sum += edge - now;
            }
            now = edge;
        }
        sum
    }

    /// The days from one instant to another that do not count at all, with the reason: what a due time steps over.
    #[must_use]
    pub fn days_not_counted(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(NaiveDate, NotCounted)> {
        let (first, last) = (wall::wall_clock(self.zone, from).date(), wall::wall_clock(self.zone, to).date());
        let days = first.iter_days().take_while(|day| *day <= last).take(4_000);
        days.filter(|day| !self.is_business_day(*day))
            .map(|day| {
                let rule = self.rule_on(day).filter(|rule| rule.windows.is_empty());
                (day, rule.map_or(NotCounted::Weekday, |rule| NotCounted::Holiday(rule.name.clone())))
            })
            .collect()
    }

    fn after_business_days(&self, at: DateTime<Utc>, time: TimeDelta, limit: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let now = wall::wall_clock(self.zone, at);
        let last = wall::wall_clock(self.zone, limit).date();
        let (mut day, passed) = if self.is_business_day(now.date()) {
            let passed = now.time().signed_duration_since(NaiveTime::MIN);
            (now.date(), passed)
        } else {
            (self.next_business_day(now.date(), last)?, TimeDelta::zero())
        };
        let mut left = passed.checked_add(&time)?;
        while left > DAY {
            left = left.checked_sub(&DAY)?;
            day = self.next_business_day(day, last)?;
        }
        let due = day.and_time(NaiveTime::MIN).checked_add_signed(left)?;
        wall::last_at(self.zone, due)
    }

    /// The first business day after `day`, if there is one up to `last`.
    fn next_business_day(&self, day: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
        day.iter_days().skip(1).take_while(|day| *day <= last).find(|day| self.is_business_day(*day))
    }

    fn after_opening_hours(&self, at: DateTime<Utc>, time: TimeDelta, limit: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (mut now, mut left) = (at, time);
        while now <= limit {
            let edge = self.next_edge(now)?;
            if self.is_open(now) {
                let open = edge.signed_duration_since(now);
                if left <= open {
                    return now.checked_add_signed(left);
                }
                left = left.checked_sub(&open)?;
            }
            now = edge;
        }
        None
    }
}
