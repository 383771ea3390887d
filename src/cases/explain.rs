//! Why a clock says what it says, in sentences: what was promised, what of the time in between did not count. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::hours::{
    business::{Meaning, NotCounted},
    calendar::Calendar,
    moment,
};

use super::sla::{Clock, Run, Standing};

/// The sentences, up to `now` where the clock still stands still.
pub fn why(calendar: &Calendar, meaning: Meaning, clock: &Clock, now: DateTime<Utc>) -> Vec<String> {
    let Some(first) = clock.runs.first() else { return Vec::new() };
    let hours = match meaning {
        Meaning::BusinessDays => "business hours (each business day counts 24)",
        Meaning::OpeningHours => "opening hours",
    };
    let mut told = vec![format!(
        "{} {hours} from {}{}.",
        clock.promise.target,
        moment(calendar.zone, first.from),
        clock.due_at.map(|due| format!(" end on {}", moment(calendar.zone, due))).unwrap_or_default()
    )];
    let end = clock.due_at.unwrap_or(now);
    if let Some(days) = days(&calendar.days_not_counted(first.from, end)) {
        told.push(format!("Not counted: {days}."));
    }
    if let Some(waited) = waited(clock, now) {
        told.push(format!("Not counted: {} for the customer.", waited));
    }
    if let Standing::Paused { left } = clock.standing {
        let left = if left > TimeDelta::zero() { length(left) } else { "nothing".to_owned() };
        told.push(format!("It stands still until the customer answers; {left} of business time are left."));
    }
    told
}

/// "Saturday 5 and Sunday 6 December 2026", with the names of holidays.
fn days(days: &[(NaiveDate, NotCounted)]) -> Option<String> {
    const MOST: usize = 12;
    if days.is_empty() {
        return None;
    }
    let mut told: Vec<String> = days
        .iter()
        .take(MOST)
        .map(|(day, why)| match why {
            NotCounted::Weekday => day.format("%A %-d %B").to_string(),
            NotCounted::Holiday(name) => format!("{} ({name})", day.format("%A %-d %B")),
        })
        .collect();
    if days.len() > MOST {
        told.push(format!("{} more days", days.len() - MOST));
    }
    Some(listed(&told))
}

/// "from … to … and from … to …": while it waited.
fn waited(clock: &Clock, now: DateTime<Utc>) -> Option<String> {
    let mut time = TimeDelta::zero();
    for pair in clock.runs.windows(2) {
        if let [Run { to: Some(from), .. }, Run { from: to, .. }] = pair {
            time += *to - *from;
        }
    }
    if let (Standing::Paused { .. }, Some(Run { to: Some(since), .. })) = (clock.standing, clock.runs.last()) {
        time += now - *since;
    }
    (time >= TimeDelta::minutes(1)).then(|| format!("{} that it waited", length(time)))
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn length(time: TimeDelta) -> String {
    // To the nearest minute: nobody counts seconds of business days.
    let time = time + TimeDelta::seconds(30);
    let (days, hours, minutes) = (time.num_days(), time.num_hours() % 24, time.num_minutes() % 60);
    let parts: Vec<String> = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() { "less than a minute".to_owned() } else { listed(&parts) }
}
