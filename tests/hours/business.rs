//! Hand-checked business time: promises over weekends, holidays and clock changes.

use crate::office::{NEW_YORK, all_week, date, office, utc};
use chrono::{DateTime, Utc};
use deskbell::hours::business::Meaning::{BusinessDays, OpeningHours};
use deskbell::hours::weekly::Weekly;

/// calendar | since | business hours | meaning | due
const TABLE: &str = "
    Friday 16:40 to Monday 16:40: in winter, over both clock changes, and over Presidents' Day.
    office | 2026-01-09T16:40:00-05:00     | 24 | days | 2026-01-12T16:40:00-05:00
    office | 2026-03-06T16:40:00-05:00     | 24 | days | 2026-03-09T16:40:00-04:00
    office | 2026-10-30T16:40:00-04:00     | 24 | days | 2026-11-02T16:40:00-05:00
    office | 2026-02-13T16:40:00-05:00     | 24 | days | 2026-02-17T16:40:00-05:00
    Milliseconds stay.
    office | 2026-01-09T16:40:59.250-05:00 | 24 | days | 2026-01-12T16:40:59.250-05:00
    A weekend's message starts on Monday, or on Tuesday after Labor Day, and has that whole day.
    office | 2026-02-07T12:00:00-05:00     | 24 | days | 2026-02-10T00:00:00-05:00
    office | 2026-09-06T12:00:00-04:00     | 24 | days | 2026-09-09T00:00:00-04:00
    Before opening and after closing still belong to the business day.
    office | 2026-01-07T23:30:00-05:00     |  1 | days | 2026-01-08T00:30:00-05:00
    A whole day is over at its own midnight; begun a moment later it ends on the next business day.
    office | 2026-01-09T00:00:00-05:00     | 24 | days | 2026-01-10T00:00:00-05:00
    office | 2026-01-09T00:00:00.001-05:00 | 24 | days | 2026-01-12T00:00:00.001-05:00
    Days of 23 and 25 hours are 24 business hours; due times there may be skipped or shown twice.
    always | 2026-03-08T00:30:00-05:00     | 24 | days | 2026-03-09T00:30:00-04:00
    always | 2026-11-01T00:30:00-04:00     | 24 | days | 2026-11-02T00:30:00-05:00
    always | 2026-03-07T02:30:00-05:00     | 24 | days | 2026-03-08T03:00:00-04:00
    always | 2026-10-31T01:30:00-04:00     | 24 | days | 2026-11-01T01:30:00-05:00
    Opening hours: 20 minutes on Friday and the rest on Monday; over at closing time, not later.
    office | 2026-03-06T16:40:00-05:00     |  8 | open | 2026-03-09T16:40:00-04:00
    office | 2026-01-09T09:00:00-05:00     |  8 | open | 2026-01-09T17:00:00-05:00
    office | 2026-02-14T12:00:00-05:00     |  1 | open | 2026-02-17T10:00:00-05:00
    Time as it passes: a skipped hour is none, a repeated one is two.
    always | 2026-03-07T12:00:00-05:00     | 24 | open | 2026-03-08T13:00:00-04:00
    always | 2026-10-31T12:00:00-04:00     | 24 | open | 2026-11-01T11:00:00-05:00
    No time at all is over at once, whatever the day.
    office | 2026-02-07T12:00:00-05:00     |  0 | days | 2026-02-07T12:00:00-05:00
";

#[test]
fn hours_05_promises_fall_due_when_a_person_would_say() {
    let mut rows = 0;
    for row in TABLE.lines() {
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        let [calendar, at, hours, meaning, due] = columns[..] else {
            continue;
        };
        let calendar = match calendar {
            "office" => office(NEW_YORK),
            _ => all_week(NEW_YORK, "00:00", "24:00"),
        };
        let meaning = match meaning {
            "days" => BusinessDays,
            _ => OpeningHours,
        };
        let found = calendar.add_business(utc(at), hours.parse().unwrap(), meaning);
        assert_eq!(found, Some(utc(due)), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 20);
}

#[test]
fn hours_05_a_promise_that_never_falls_due_is_none() {
    let at = utc("2026-01-09T12:00:00Z");
    let mut never = office(NEW_YORK);
    never.weekly = Weekly::default();
    for meaning in [BusinessDays, OpeningHours] {
        assert_eq!(never.add_business(at, 1, meaning), None);
        assert_eq!(office("EST").add_business(at, u32::MAX, meaning), None);
        assert_eq!(office("EST").add_business(DateTime::<Utc>::MAX_UTC, 1, meaning), None);
    }
}

#[test]
fn hours_05_which_days_are_business_days() {
    let mut office = office(NEW_YORK);
    let short = r#"{"name": "Christmas Eve", "windows": [["09:00", "12:00"]]}"#;
    office.days.insert(date("2026-12-24"), serde_json::from_str(short).unwrap());
    office.days.insert(date("2026-12-26"), serde_json::from_str(short).unwrap());
    assert!(office.is_business_day(date("2026-12-24")), "short hours are a business day");
    assert!(!office.is_business_day(date("2026-12-25")));
    assert!(!office.is_business_day(date("2026-12-26")), "a Saturday opened for once is not");
    office.observes_holidays = false;
    assert!(office.is_business_day(date("2026-12-25")));
    // Samoa went from Thursday to Saturday.
    let apia = all_week("Pacific/Apia", "09:00", "17:00");
    assert!(!apia.is_business_day(date("2011-12-30")));
    let thursday = utc("2011-12-30T02:00:00Z"); // 16:00 on the 29th, ten hours behind
    assert_eq!(apia.add_business(thursday, 24, BusinessDays), Some(utc("2011-12-31T02:00:00Z")));
    assert_eq!(apia.add_business(thursday, 2, OpeningHours), Some(utc("2011-12-30T20:00:00Z")));
}
