//! Channels that are processed at fixed times, such as e-mail at 9:30 and 15:30.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::calendar::DayRule;
use super::wall::{self, Zone};
use super::window::MinuteOfDay;

/// How many dates ahead or back an intake is looked for: 400, and those around the moment itself.
const LOOK_DAYS: usize = 402;

/// The fixed times at which a channel is processed.
///
/// An intake whose time the clock skips is held at the first instant after the gap, and one whose
/// time the clock shows twice is held once, the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intakes {
    /// The zone whose wall clock `times` mean.
    #[serde(deserialize_with = "wall::zone_by_name")]
    pub zone: Zone,
    /// The weekdays with intakes; in JSON `["Mon", "Tue", …]`.
    pub weekdays: Vec<Weekday>,
    /// The times of day, in any order.
    pub times: Vec<MinuteOfDay>,
    /// Whether `days` count for this channel.
    #[serde(default)]
    pub observes_holidays: bool,
    /// Dates with hours of their own: of the usual times only those within their windows are held.
    #[serde(default)]
    pub days: BTreeMap<NaiveDate, DayRule>,
}

impl Intakes {
    /// The first intake strictly after `at`; `None` if there is none in the next 400 days.
    #[must_use]
    pub fn next_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = wall::wall_clock(self.zone, at).date();
        today.iter_days().take(LOOK_DAYS).find_map(|date| self.on(date).filter(|intake| *intake > at).min())
    }

    /// The last intake at or before `at`; `None` if there was none in the 400 days before.
    #[must_use]
    pub fn latest_at_or_before(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = wall::wall_clock(self.zone, at).date();
        // Where the clock was set back over midnight, intakes of tomorrow may be over already.
        let tomorrow = today.succ_opt().unwrap_or(today);
        std::iter::successors(Some(tomorrow), NaiveDate::pred_opt)
            .take(LOOK_DAYS)
            .find_map(|date| self.on(date).filter(|intake| *intake <= at).max())
    }

    /// The intakes of one local date, in no order. They never come before those of an earlier date.
    fn on(&self, date: NaiveDate) -> impl Iterator<Item = DateTime<Utc>> {
        let rule = self.days.get(&date).filter(|_| self.observes_holidays);
        let usual = self.weekdays.contains(&date.weekday()) && wall::has_date(self.zone, date);
        self.times
            .iter()
            .filter(move |_| usual)
            .filter(move |time| rule.is_none_or(|rule| rule.windows.contains(**time)))
            .filter_map(move |time| {
                let since_midnight = TimeDelta::minutes(i64::from(time.get()));
                let wall = date.and_time(NaiveTime::MIN);
                wall::first_at(self.zone, wall.checked_add_signed(since_midnight)?)
            })
    }
}
