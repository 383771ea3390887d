//! A slow second opinion on opening hours: it looks at every minute and only reads wall clocks.
//!
//! Nothing here shares code with the calendar. A calendar is built from plain numbers through its
//! JSON, and each minute in UTC is open if the wall time it shows lies in a window of the date it
//! shows.

pub mod cases;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use deskbell::hours::calendar::Calendar;
use serde_json::{Value, json};

/// Windows of a day, in wall-clock minutes.
pub type Day = Vec<(u16, u16)>;

/// A calendar in plain numbers.
#[derive(Debug, Clone)]
pub struct Plain {
    pub zone: Tz,
    /// Monday first.
    pub week: Vec<Day>,
    pub observes: bool,
    pub days: BTreeMap<NaiveDate, Day>,
}

/// What each minute from `start` on shows on the wall, and whether that is open.
pub struct Timeline {
    pub start: DateTime<Utc>,
    pub wall: Vec<NaiveDateTime>,
    pub open: Vec<bool>,
}

pub const MINUTE: TimeDelta = TimeDelta::minutes(1);

impl Plain {
    pub fn calendar(&self) -> Calendar {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let day =
            |day: &Day| -> Value { day.iter().map(|(opens, closes)| json!([clock(*opens), clock(*closes)])).collect() };
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let weekly: BTreeMap<_, _> = names.into_iter().zip(self.week.iter().map(day)).collect();
        let days: BTreeMap<_, _> =
            self.days.iter().map(|(date, windows)| (date, json!({"name": "Rule", "windows": day(windows)}))).collect();
        serde_json::from_value(json!({
            "zone": self.zone.name(), "weekly": weekly, "observes_holidays": self.observes, "days": days,
        }))
        .unwrap()
    }

    pub fn shows_open(&self, wall: NaiveDateTime) -> bool {
        let minute = wall.hour() * 60 + wall.minute();
        let weekday = wall.weekday().num_days_from_monday() as usize;
        let rule = self.days.get(&wall.date()).filter(|_| self.observes);
        rule.unwrap_or(&self.week[weekday])
            .iter()
            .any(|(opens, closes)| u32::from(*opens) <= minute && minute < u32::from(*closes))
    }

    /// Whether any hour shows this date.
    pub fn has_date(&self, date: NaiveDate) -> bool {
        let midnight = date.and_time(NaiveTime::MIN).and_utc();
        let mut hours = (-24..48).map(|hour| midnight + TimeDelta::hours(hour));
        hours.any(|at| at.with_timezone(&self.zone).date_naive() == date)
    }

    pub fn business(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().num_days_from_monday() as usize;
        let holiday = self.observes && self.days.get(&date).is_some_and(Vec::is_empty);
        !holiday && !self.week[weekday].is_empty() && self.has_date(date)
    }

    pub fn timeline(&self, start: DateTime<Utc>, minutes: usize) -> Timeline {
        let wall: Vec<_> = std::iter::successors(Some(start), |at| Some(*at + MINUTE))
            .take(minutes)
            .map(|at| at.with_timezone(&self.zone).naive_local())
            .collect();
        let open = wall.iter().map(|wall| self.shows_open(*wall)).collect();
        Timeline { start, wall, open }
    }
}

impl Timeline {
    pub fn at(&self, minute: usize) -> DateTime<Utc> {
        self.start + MINUTE * i32::try_from(minute).unwrap()
    }

    /// For each minute the first later one with the other answer, if the timeline has it.
    pub fn changes(open: &[bool]) -> Vec<Option<usize>> {
        let mut changes = vec![None; open.len()];
        for minute in (1..open.len()).rev() {
            changes[minute - 1] = if open[minute] == open[minute - 1] { changes[minute] } else { Some(minute) };
        }
        changes
    }

    /// When `hours` of open minutes from the start on are over.
    pub fn after_open(&self, hours: u32) -> Option<DateTime<Utc>> {
        let open_minutes = (0..self.open.len()).filter(|minute| self.open[*minute]);
        let last = open_minutes.take(hours as usize * 60).collect::<Vec<_>>();
        (last.len() == hours as usize * 60).then(|| self.at(last[last.len() - 1] + 1))
    }

    /// When `hours` of business days from the start on are over: runs a wall clock on minute by
    /// minute as if no clock ever changed, then looks up when the real one shows that.
    pub fn after_business_days(&self, plain: &Plain, hours: u32) -> Option<DateTime<Utc>> {
        let mut known = BTreeMap::new();
        let mut business = |date| *known.entry(date).or_insert_with(|| plain.business(date));
        let mut wall = self.wall[0];
        let mut left = hours * 60;
        while left > 0 {
            if wall > *self.wall.last()? {
                return None;
            }
            if business(wall.date()) {
                left -= 1;
            }
            wall += MINUTE;
        }
        let shown = self.wall.iter().rposition(|shown| *shown == wall);
        let minute = shown.or_else(|| self.wall.iter().position(|shown| *shown > wall))?;
        Some(self.at(minute))
    }

    /// The first minute at which the clock shows `wall` or more.
    pub fn first_showing(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let minute = self.wall.iter().position(|shown| *shown >= wall)?;
        Some(self.at(minute))
    }
}

/// The clock changes of a zone from 2000 to 2030: the first minute with the new offset.
pub fn clock_changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let end = Utc.with_ymd_and_hms(2031, 1, 1, 0, 0, 0).unwrap();
    let mut at = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).unwrap();
    let mut changes = Vec::new();
    while at < end {
        let later = at + TimeDelta::hours(12);
        if offset(at) != offset(later) {
            let mut minute = at;
            while offset(minute) == offset(at) {
                minute += MINUTE;
            }
            changes.push(minute);
        }
        at = later;
    }
    changes
}
