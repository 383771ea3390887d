//! Two ordinary calendars, and short ways to write moments.

use chrono::{DateTime, NaiveDate, Utc};
use deskbell::hours::calendar::{Calendar, DayRule};
use deskbell::hours::holidays::us_federal;
use serde_json::json;

pub const NEW_YORK: &str = "America/New_York";

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Monday to Friday 9:00 to 17:00, closed on federal holidays.
pub fn office(zone: &str) -> Calendar {
    let day = json!([["09:00", "17:00"]]);
    let mut calendar: Calendar = serde_json::from_value(json!({
        "zone": zone,
        "weekly": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day},
        "observes_holidays": true,
    }))
    .unwrap();
    calendar.days = us_federal(2026).into_iter().map(|(date, name)| (date, DayRule::closed(name))).collect();
    calendar
}

pub fn all_week(zone: &str, opens: &str, closes: &str) -> Calendar {
    let day = json!([[opens, closes]]);
    serde_json::from_value(json!({
        "zone": zone,
        "weekly": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day},
    }))
    .unwrap()
}
