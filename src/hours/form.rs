//! Hours as people write them in a form, both ways: `09:00-17:00, 18:00-19:00`. Pure.

use chrono::Weekday;

use crate::chat::protocol::HoursView;

use super::{
    desk::{Channel, Plan, Schedule},
    weekly::{Weekly, Windows},
    window::{MinuteOfDay, Window},
};

/// The days of a week, as the form names them.
pub const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "Monday", Weekday::Mon),
    ("tue", "Tuesday", Weekday::Tue),
    ("wed", "Wednesday", Weekday::Wed),
    ("thu", "Thursday", Weekday::Thu),
    ("fri", "Friday", Weekday::Fri),
    ("sat", "Saturday", Weekday::Sat),
    ("sun", "Sunday", Weekday::Sun),
];

pub use crate::error::FieldError as FormError;

/// A channel as the form's fields name it.
pub fn channel_key(channel: Channel) -> &'static str {
    match channel {
        Channel::Chat => "chat",
        Channel::Phone => "phone",
        Channel::Email => "email",
        Channel::Portal => "portal",
    }
}

/// A channel as people call it.
pub fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Chat => "Live chat",
        Channel::Phone => "Phone",
        Channel::Email => "E-mail intake",
        Channel::Portal => "Self-service portal",
    }
}

/// A day of a schedule, as it is written in its field.
pub fn day_text(schedule: &Schedule, day: Weekday) -> String {
    match &schedule.plan {
        Plan::Weekly(weekly) => windows_text(weekly.on(day)),
        Plan::Intakes { weekdays, times } if weekdays.contains(&day) => {
            times.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Plan::Intakes { .. } => String::new(),
    }
}

/// Windows, as they are written in a field.
pub fn windows_text(windows: &Windows) -> String {
    windows.as_slice().iter().map(|w| format!("{}-{}", w.opens(), w.closes())).collect::<Vec<_>>().join(", ")
}

/// Windows from a field; empty is closed.
pub fn windows(text: &str) -> Result<Windows, String> {
    let window = |part: &str| {
        let (opens, closes) = part
            .split_once(['-', '–'])
            .ok_or_else(|| format!("“{}” is not a window: write it like 09:00-17:00.", part.trim()))?;
        Window::new(time(opens)?, time(closes)?).map_err(|e| e.to_string())
    };
    let windows: Result<Vec<_>, String> = text.split(',').filter(|part| !part.trim().is_empty()).map(window).collect();
    Windows::new(windows?).map_err(|e| e.to_string())
}

fn time(text: &str) -> Result<MinuteOfDay, String> {
    let text = text.trim();
    // People write 9:00.
    let padded = if text.len() == 4 { format!("0{text}") } else { text.to_owned() };
    padded.parse().map_err(|_| format!("“{text}” is not a time: write it like 09:00, or 24:00 for the end of the day."))
}

/// A schedule from its form; all that is wrong, each with its field.
pub fn schedule<'a>(
    channel: Channel,
    zone: &str,
    day: impl Fn(&str) -> &'a str,
    observes_holidays: bool,
    grace: &str,
    warn: &str,
) -> Result<Schedule, Vec<FormError>> {
    let mut errors = Vec::new();
    let id = |field: &str| format!("{}-{field}", channel_key(channel));
    let zone = zone.trim().parse::<chrono_tz::Tz>().map_err(|_| {
        errors.push(FormError {
            field: id("zone"),
            message: format!(
                "“{}” is not a time zone: write it like America/New_York, or EST for a fixed offset.",
                zone.trim()
            ),
        });
    });
    let mut minutes = |field: &str, text: &str| match text.trim() {
        "" => Ok(0),
        text => text.parse::<u16>().ok().filter(|m| *m <= 1440).ok_or_else(|| {
            errors.push(FormError { field: id(field), message: "Please give minutes from 0 to 1440.".into() });
        }),
    };
    let (grace_minutes, warn_minutes) = (minutes("grace_minutes", grace), minutes("warn_minutes", warn));
    let plan = if channel == Channel::Email { intakes(&id, &day, &mut errors) } else { weekly(&id, &day, &mut errors) };
    match (zone, grace_minutes, warn_minutes, plan, errors.is_empty()) {
        (Ok(zone), Ok(grace_minutes), Ok(warn_minutes), Some(plan), true) => {
            Ok(Schedule { channel, zone, plan, observes_holidays, grace_minutes, warn_minutes })
        }
        _ => Err(errors),
    }
}

fn weekly<'a>(
    id: &impl Fn(&str) -> String,
    day: &impl Fn(&str) -> &'a str,
    errors: &mut Vec<FormError>,
) -> Option<Plan> {
    let mut read = |key: &str| match windows(day(key)) {
        Ok(windows) => windows,
        Err(message) => {
            errors.push(FormError { field: id(key), message });
            Windows::closed()
        }
    };
    Some(Plan::Weekly(Weekly {
        mon: read("mon"),
        tue: read("tue"),
        wed: read("wed"),
        thu: read("thu"),
        fri: read("fri"),
        sat: read("sat"),
        sun: read("sun"),
    }))
}

fn intakes<'a>(
    id: &impl Fn(&str) -> String,
    day: &impl Fn(&str) -> &'a str,
    errors: &mut Vec<FormError>,
) -> Option<Plan> {
    let mut weekdays = Vec::new();
    let mut times: Vec<MinuteOfDay> = Vec::new();
    for (key, _, weekday) in DAYS {
        let read: Result<Vec<_>, String> =
            day(key).split(',').filter(|part| !part.trim().is_empty()).map(time).collect();
        match read {
            Ok(read) if read.is_empty() => {}
            Ok(read) if times.is_empty() || times == read => {
                times = read;
                weekdays.push(weekday);
            }
            Ok(_) => errors.push(FormError {
                field: id(key),
                message: "The intake times must be the same on every day that has any.".into(),
            }),
            Err(message) => errors.push(FormError { field: id(key), message }),
        }
    }
    Some(Plan::Intakes { weekdays, times })
}

/// The live-chat window in one sentence, in the desk's zone.
pub fn status_text(view: &HoursView) -> String {
    let zone: chrono_tz::Tz = view.zone.parse().unwrap_or(chrono_tz::UTC);
    let at = |time: chrono::DateTime<chrono::Utc>| time.with_timezone(&zone).format("%a %-d %b, %H:%M %Z").to_string();
    match (view.open, view.closes_at, view.opens_at) {
        (true, Some(closes), _) => format!("open until {}", at(closes)),
        (true, None, _) => "open".into(),
        (false, _, Some(opens)) => format!("closed, opens {}", at(opens)),
        (false, _, None) => "closed".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_01_windows_are_written_and_read_the_same() {
        let read = windows("9:00-12:00, 13:00–17:00").unwrap();
        assert_eq!(windows_text(&read), "09:00-12:00, 13:00-17:00");
        assert!(windows(" ").unwrap().is_empty());
        for bad in ["nine", "17:00-09:00", "09:00", "25:00-26:00", "09:00-12:00, 11:00-13:00"] {
            assert!(windows(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hours_01_each_wrong_field_is_named() {
        let day = |key: &str| if key == "tue" { "x" } else { "09:00-17:00" };
        let errors = schedule(Channel::Chat, "Mars/Base", day, true, "-1", "15").unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["chat-zone", "chat-grace_minutes", "chat-tue"]);
    }

    #[test]
    fn hours_01_email_has_intake_times() {
        let day = |key: &str| if key == "sat" || key == "sun" { "" } else { "9:30, 15:30" };
        let schedule = schedule(Channel::Email, "America/New_York", day, true, "", "").unwrap();
        assert_eq!(day_text(&schedule, Weekday::Mon), "09:30, 15:30");
        assert_eq!(day_text(&schedule, Weekday::Sun), "");
    }
}
