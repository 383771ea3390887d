//! Hand-checked opening hours: clock changes, overrides, holidays and what JSON says.

use crate::office::{NEW_YORK, all_week, date, office, utc};
use chrono::{DateTime, Utc};
use deskbell::hours::calendar::{Calendar, DayRule, Override, State};
use deskbell::hours::intakes::Intakes;
use deskbell::hours::weekly::Weekly;
use serde_json::json;

#[test]
fn hours_02_windows_in_the_hours_of_clock_changes() {
    // New York skips 2:00 to 3:00 on 8 March and repeats 1:00 to 2:00 on 1 November 2026.
    let early = all_week(NEW_YORK, "02:30", "05:00");
    assert_eq!(early.next_open(utc("2026-03-08T06:00:00Z")), Some(utc("2026-03-08T07:00:00Z")));
    let lost = all_week(NEW_YORK, "02:10", "02:50");
    assert_eq!(lost.next_open(utc("2026-03-08T06:00:00Z")), Some(utc("2026-03-09T06:10:00Z")));
    let twice = all_week(NEW_YORK, "01:15", "01:45");
    assert_eq!(twice.next_open(utc("2026-11-01T05:45:00Z")), Some(utc("2026-11-01T06:15:00Z")));
    let through = all_week(NEW_YORK, "00:30", "02:00");
    assert_eq!(through.closes_at(utc("2026-11-01T04:30:00Z")), Some(utc("2026-11-01T07:00:00Z")));
    // Lord Howe goes back half an hour at 2:00: 1:30 to 2:00 is shown twice, and open twice.
    let howe = all_week("Australia/Lord_Howe", "01:30", "02:00");
    assert_eq!(howe.closes_at(utc("2026-04-04T14:30:00Z")), Some(utc("2026-04-04T15:30:00Z")));
    // Fixed offsets: a quarter of an hour in Kathmandu, no summer time in EST.
    let nepal = all_week("Asia/Kathmandu", "09:00", "17:00");
    assert_eq!(nepal.next_open(utc("2026-07-01T00:00:00Z")), Some(utc("2026-07-01T03:15:00Z")));
    let est = all_week("EST", "09:00", "17:00");
    assert_eq!(est.next_open(utc("2026-07-01T00:00:00Z")), Some(utc("2026-07-01T14:00:00Z")));
}

#[test]
fn hours_04_an_override_ends_in_mid_window() {
    let office = office("EST");
    let by_hand = |state, from, until: Option<&str>, reason: &str| Override {
        state,
        from: utc(from),
        until: until.map(utc),
        reason: reason.to_owned(),
    };
    // Wednesday 14 January 2026, open 14:00 to 22:00 UTC.
    let drill = by_hand(State::Closed, "2026-01-14T15:00:00.5Z", Some("2026-01-14T16:00:00.5Z"), "drill");
    let status = office.status(utc("2026-01-14T15:00:00.4Z"), std::slice::from_ref(&drill));
    assert!(status.open && status.by_hand.is_none());
    assert_eq!(status.closes_at, Some(drill.from));
    let status = office.status(drill.from, std::slice::from_ref(&drill));
    assert_eq!((status.open, status.opens_at), (false, drill.until));
    assert_eq!(status.by_hand.as_deref(), Some("drill"));
    // An opening that ends within the window runs on into it; the later start outranks.
    let late = by_hand(State::Open, "2026-01-14T15:30:00Z", Some("2026-01-14T15:45:00Z"), "VIP");
    let both = [late.clone(), drill.clone()];
    assert_eq!(office.status(utc("2026-01-14T15:10:00Z"), &both).opens_at, Some(late.from));
    let status = office.status(utc("2026-01-14T15:40:00Z"), &both);
    assert_eq!((status.open, status.closes_at), (true, late.until));
    let run_on = by_hand(State::Open, "2026-01-14T10:00:00Z", Some("2026-01-14T15:00:00Z"), "early");
    let status = office.status(utc("2026-01-14T11:00:00Z"), &[run_on]);
    assert_eq!(status.closes_at, Some(utc("2026-01-14T22:00:00Z")));
    // Without an end there is nothing to look forward to.
    let storm = by_hand(State::Closed, "2026-01-14T15:00:00Z", None, "storm");
    let status = office.status(utc("2026-01-15T15:00:00Z"), &[storm]);
    assert_eq!((status.open, status.opens_at, status.closes_at), (false, None, None));
}

#[test]
fn hours_03_a_status_names_the_day_that_closes_or_shortens() {
    let mut office = office("EST");
    let rule = |text: &str| -> DayRule { serde_json::from_str(text).unwrap() };
    let eve = rule(r#"{"name": "Christmas Eve", "windows": [["09:00", "12:00"]]}"#);
    let fair = rule(r#"{"name": "Fair", "windows": [["08:00", "12:00"], ["12:00", "20:00"]]}"#);
    office.days.insert(date("2026-12-24"), eve);
    office.days.insert(date("2026-12-22"), fair);
    let holiday = |office: &Calendar, at: &str| office.status(utc(at), &[]).holiday;
    assert_eq!(holiday(&office, "2026-12-24T15:00:00Z").as_deref(), Some("Christmas Eve"));
    assert_eq!(holiday(&office, "2026-12-25T15:00:00Z").as_deref(), Some("Christmas Day"));
    // The 26th in UTC is still the 25th there.
    assert_eq!(holiday(&office, "2026-12-26T04:59:00Z").as_deref(), Some("Christmas Day"));
    assert_eq!(holiday(&office, "2026-12-22T15:00:00Z"), None, "longer hours take nothing away");
    assert_eq!(holiday(&office, "2026-12-23T15:00:00Z"), None);
    office.observes_holidays = false;
    assert_eq!(holiday(&office, "2026-12-25T15:00:00Z"), None);
}

#[test]
fn hours_01_intakes_at_fixed_times() {
    let mut mail: Intakes = serde_json::from_value(json!({
        "zone": NEW_YORK, "weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri"], "times": ["09:30", "15:30"],
        "observes_holidays": true,
        "days": {
            "2026-12-24": {"name": "Christmas Eve", "windows": [["09:00", "12:00"]]},
            "2026-12-25": {"name": "Christmas Day"},
        },
    }))
    .unwrap();
    let morning = utc("2026-12-24T09:30:00-05:00");
    assert_eq!(mail.latest_at_or_before(morning), Some(morning));
    assert_eq!(mail.next_after(morning), Some(utc("2026-12-28T09:30:00-05:00")));
    let sunday = utc("2026-12-27T12:00:00-05:00");
    assert_eq!(mail.latest_at_or_before(sunday), Some(morning));
    mail.observes_holidays = false;
    assert_eq!(mail.next_after(morning), Some(utc("2026-12-24T15:30:00-05:00")));
    mail.times.clear();
    assert_eq!((mail.next_after(morning), mail.latest_at_or_before(morning)), (None, None));
}

#[test]
fn hours_02_intakes_where_the_clock_or_the_date_jumps() {
    let daily = |zone: &str, time: &str| -> Intakes {
        let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        serde_json::from_value(json!({"zone": zone, "weekdays": weekdays, "times": [time]})).unwrap()
    };
    // Skipped at 2:00 to 3:00 on 8 March, repeated at 1:00 to 2:00 on 1 November 2026.
    let skipped = daily(NEW_YORK, "02:30").next_after(utc("2026-03-08T05:00:00Z"));
    assert_eq!(skipped, Some(utc("2026-03-08T07:00:00Z")));
    let once = daily(NEW_YORK, "01:30");
    let first = utc("2026-11-01T05:30:00Z");
    assert_eq!(once.latest_at_or_before(utc("2026-11-01T06:45:00Z")), Some(first));
    assert_eq!(once.next_after(first), Some(utc("2026-11-02T06:30:00Z")));
    // St John's went from 0:01 on 7 November 2010 back to 23:01 on the 6th: both had a midnight.
    let midnight = daily("America/St_Johns", "00:00");
    let first = utc("2010-11-07T02:30:00Z");
    assert_eq!(midnight.latest_at_or_before(utc("2010-11-07T02:45:00Z")), Some(first));
    assert_eq!(midnight.next_after(first), Some(utc("2010-11-08T03:30:00Z")));
    // Samoa had no 30 December 2011: no intake, and none held in its stead.
    let samoa = daily("Pacific/Apia", "09:00");
    let thursday = utc("2011-12-29T19:00:00Z");
    assert_eq!(samoa.next_after(thursday), Some(utc("2011-12-30T19:00:00Z")));
    assert_eq!(samoa.next_after(utc("2011-12-30T09:59:59Z")), Some(utc("2011-12-30T19:00:00Z")));
}

#[test]
fn hours_02_the_ends_of_time_are_no_reason_to_panic() {
    let office = office("Asia/Kathmandu");
    for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(office.is_open(at), office.status(at, &[]).open);
        assert!(office.closes_at(at).is_none_or(|closes| closes > at));
        assert!(office.next_open(at).is_none_or(|opens| opens >= at));
        let mail: Intakes = serde_json::from_value(json!({
            "zone": "America/New_York", "weekdays": ["Mon", "Sun", "Fri"], "times": ["00:00", "24:00"],
        }))
        .unwrap();
        assert!(mail.next_after(at).is_none_or(|next| next > at));
        assert!(mail.latest_at_or_before(at).is_none_or(|latest| latest <= at));
    }
}

#[test]
fn hours_01_json_is_readable_and_its_errors_say_what_to_do() {
    let text = r#"{"mon":[["09:00","12:00"],["12:00","24:00"]],"sun":[["00:00","00:01"]]}"#;
    let weekly: Weekly = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&weekly).unwrap(), text);
    let refused = |text: &str| serde_json::from_str::<Weekly>(text).unwrap_err().to_string();
    for (text, advice) in [
        (r#"{"mon": [["9:00", "17:00"]]}"#, "write HH:MM"),
        (r#"{"mon": [["09:60", "17:00"]]}"#, "write HH:MM"),
        (r#"{"mon": [["09:00", "24:01"]]}"#, "write HH:MM"),
        (r#"{"mon": [["+9:00", "17:00"]]}"#, "write HH:MM"),
        (r#"{"mon": [["22:00", "06:00"]]}"#, "put hours after midnight on the next day"),
        (r#"{"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}"#, "join those that overlap"),
        (r#"{"monday": []}"#, "expected one of `mon`"),
    ] {
        let error = refused(text);
        assert!(error.contains(advice), "{text}: {error}");
    }
    let error = serde_json::from_str::<Calendar>(r#"{"zone": "New York"}"#).unwrap_err().to_string();
    assert!(error.contains("give an IANA name"), "{error}");
}
