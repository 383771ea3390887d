//! Between instants and the wall clock of a time zone, through every kind of clock change.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::GapInfo;
use serde::{Deserialize, Deserializer, de};

/// A time zone by its IANA name, such as `America/New_York` or `EST`.
pub type Zone = chrono_tz::Tz;

/// Reads a zone by its name, for serde.
///
/// # Errors
/// Says what a name looks like if there is no such zone.
pub(super) fn zone_by_name<'de, D: Deserializer<'de>>(source: D) -> Result<Zone, D::Error> {
    let name = String::deserialize(source)?;
    name.parse().map_err(|_| {
        de::Error::custom(format_args!(
            "there is no time zone \"{name}\"; give an IANA name such as \"America/New_York\""
        ))
    })
}

/// What the clock on the wall shows at an instant.
pub fn wall_clock(zone: Zone, at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    // Only within a day of the end of chrono's time, 260 000 years off, is there no local time.
    utc.checked_add_offset(offset).unwrap_or(utc)
}

/// The first instant at which the clock shows `wall` or, where a clock change skips that, more.
///
/// `None` only outside chrono's range of years.
pub fn first_at(zone: Zone, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    instants_of(zone, wall).earliest()
}

/// As [`first_at`], but the second of the two instants where the clock shows `wall` twice.
pub(super) fn last_at(zone: Zone, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    instants_of(zone, wall).latest()
}

fn instants_of(zone: Zone, wall: NaiveDateTime) -> MappedLocalTime<DateTime<Utc>> {
    let found = match zone.from_local_datetime(&wall) {
        MappedLocalTime::None => match GapInfo::new(&wall, &zone).and_then(|gap| gap.end) {
            Some(end) => MappedLocalTime::Single(end),
            None => MappedLocalTime::None,
        },
        found => found,
    };
    found.map(|at| at.with_timezone(&Utc))
}

/// Whether the zone had this date; some jumped the date line, as Samoa over 30 December 2011.
pub(super) fn has_date(zone: Zone, date: NaiveDate) -> bool {
    first_at(zone, date.and_time(NaiveTime::MIN)).is_some_and(|start| wall_clock(zone, start).date() == date)
}

/// The instant at which the clock will have run on by `run` since the whole second of `from`, or
/// the clock change that comes before: up to there the clock runs evenly.
///
/// `run` is at most a day, in which no zone changes its clock twice. `None` outside chrono's range.
pub(super) fn run_evenly(zone: Zone, from: DateTime<Utc>, run: TimeDelta) -> Option<DateTime<Utc>> {
    // Clock changes fall on whole seconds, so look at those alone.
    let start = from.timestamp();
    let end = start.checked_add(run.num_seconds())?;
    let offset = |timestamp: i64| -> Option<i32> {
        let utc = DateTime::from_timestamp(timestamp, 0)?.naive_utc();
        Some(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
    };
    let before = offset(start)?;
    if offset(end)? == before {
        return DateTime::from_timestamp(end, 0);
    }
    // Halve the span, keeping the old offset at its start and a new one at its end.
    let (mut old, mut new) = (start, end);
    while new - old > 1 {
        let middle = old + (new - old) / 2;
        if offset(middle)? == before {
            old = middle;
        } else {
            new = middle;
        }
    }
    DateTime::from_timestamp(new, 0)
}
/// A moment in words: "Friday 4 December 2026, 4:40 PM EST".
pub fn moment(zone: Zone, at: DateTime<Utc>) -> String {
    let there = at.with_timezone(&zone);
    format!("{} {}", wall_clock(zone, at).format("%A %-d %B %Y, %-I:%M %p"), there.format("%Z"))
}
