//! Opening hours against a minute-by-minute oracle, with fixed seeds and around clock changes.

use std::collections::BTreeMap;

use crate::oracle::cases::{CHANGES, DAY_MINUTES, ODD_ZONES, ZONES, awkward_weeks, case, fixed};
use crate::oracle::{MINUTE, Plain, Timeline};
use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use deskbell::hours::business::Meaning;
use deskbell::hours::calendar::{Calendar, Override, State};
use deskbell::hours::intakes::Intakes;
use deskbell::hours::window::MinuteOfDay;
use proptest::collection::vec;
use proptest::prelude::*;

/// Compares the calendar with the oracle over a span: `is_open` in each minute, the next change
/// about every `stride` minutes and on both sides of every edge.
fn agrees(plain: &Plain, start: DateTime<Utc>, minutes: usize, stride: usize) {
    let calendar = plain.calendar();
    let timeline = plain.timeline(start, minutes);
    let changes = Timeline::changes(&timeline.open);
    for minute in 0..minutes {
        let (at, open) = (timeline.at(minute), timeline.open[minute]);
        assert_eq!(calendar.is_open(at), open, "is_open({at}) of {plain:?}");
        let edge = changes[minute] == Some(minute + 1) || minute > 0 && changes[minute - 1] == Some(minute);
        if edge || minute % stride == 0 {
            for at in [at, at + TimeDelta::milliseconds(59_999)] {
                assert_eq!(calendar.is_open(at), open, "is_open({at}) of {plain:?}");
                let answer = if open { calendar.closes_at(at) } else { calendar.next_open(at) };
                match changes[minute] {
                    Some(change) => assert_eq!(answer, Some(timeline.at(change)), "change after {at} of {plain:?}"),
                    None => assert!(
                        answer.is_none_or(|answer| answer >= timeline.at(minutes)),
                        "change after {at} of {plain:?}"
                    ),
                }
                let other = if open { calendar.next_open(at) } else { calendar.closes_at(at) };
                assert_eq!(other, open.then_some(at));
            }
        }
    }
}

#[test]
fn hours_02_agrees_with_the_oracle_around_every_clock_change() {
    for zone in ZONES {
        let own = &CHANGES[zone.name()];
        let changes = if own.is_empty() { &CHANGES["America/New_York"] } else { own };
        assert_eq!(changes.len(), 62, "two a year in {zone}");
        for (index, change) in changes.iter().enumerate() {
            // One of the weeks for each change: five is odd, so each week meets both kinds of change.
            let week = awkward_weeks()[index % 5].clone();
            let plain = Plain { zone, week, observes: false, days: BTreeMap::new() };
            agrees(&plain, *change - TimeDelta::hours(26), 52 * 60, 97);
        }
    }
}

#[test]
fn hours_02_agrees_with_the_oracle_where_clocks_change_oddly() {
    for zone in ODD_ZONES {
        for (index, change) in CHANGES[zone.name()].iter().enumerate() {
            let week = awkward_weeks()[index % 5].clone();
            let plain = Plain { zone, week, observes: false, days: BTreeMap::new() };
            agrees(&plain, *change - TimeDelta::hours(25), 50 * 60, 97);
        }
    }
}

#[test]
fn hours_02_looks_ahead_for_400_days_and_no_longer() {
    let start = Utc.with_ymd_and_hms(2023, 12, 1, 5, 0, 0).unwrap();
    for (later, found) in [(399, true), (400, true), (401, false)] {
        let date = start.date_naive() + Days::new(later);
        let mut plain = Plain {
            zone: Tz::America__New_York,
            week: vec![vec![]; 7],
            observes: true,
            days: BTreeMap::from([(date, vec![(0, 60)])]),
        };
        let change = Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN)) + TimeDelta::hours(5);
        assert_eq!(plain.calendar().next_open(start), found.then_some(change));
        plain.week = vec![vec![(0, 1440)]; 7];
        plain.days.insert(date, vec![]);
        assert_eq!(plain.calendar().closes_at(start), found.then_some(change));
    }
}

proptest! {
    #![proptest_config(fixed(1, 60))]

    #[test]
    fn hours_02_agrees_with_the_oracle_on_random_hours((plain, at) in case()) {
        agrees(&plain, at, 9 * DAY_MINUTES, 131);
    }

    #[test]
    fn hours_04_overrides_win_over_the_calendar(
        (plain, at) in case(),
        // State, start and length in minutes; no length lasts until ended.
        by_hand in vec((any::<bool>(), -2000..4000i64, prop::option::weighted(0.8, 0..2000i64)), 0..5),
    ) {
        let overrides: Vec<Override> = by_hand.iter().enumerate().map(|(index, (open, from, length))| {
            let from = at + TimeDelta::minutes(*from);
            Override {
                state: if *open { State::Open } else { State::Closed },
                from,
                until: length.map(|length| from + TimeDelta::minutes(length)),
                reason: index.to_string(),
            }
        }).collect();
        let mut timeline = plain.timeline(at, 4 * DAY_MINUTES);
        let mut deciding = Vec::new();
        for minute in 0..timeline.open.len() {
            let now = timeline.at(minute);
            let mut winner: Option<&Override> = None;
            for by_hand in &overrides {
                let active = by_hand.from <= now && by_hand.until.is_none_or(|until| now < until);
                if active && winner.is_none_or(|winner| winner.from <= by_hand.from) {
                    winner = Some(by_hand);
                }
            }
            if let Some(winner) = winner {
                timeline.open[minute] = winner.state == State::Open;
            }
            deciding.push(winner.map(|winner| winner.reason.clone()));
        }
        let changes = Timeline::changes(&timeline.open);
        let calendar = plain.calendar();
        for minute in (0..timeline.open.len()).step_by(37) {
            let now = timeline.at(minute) + TimeDelta::milliseconds(250);
            let status = calendar.status(now, &overrides);
            prop_assert_eq!(status.open, timeline.open[minute]);
            prop_assert_eq!(&status.by_hand, &deciding[minute]);
            let (change, other) = if status.open { (status.closes_at, status.opens_at) } else { (status.opens_at, status.closes_at) };
            prop_assert_eq!(other, None);
            match changes[minute] {
                Some(expected) => prop_assert_eq!(change, Some(timeline.at(expected))),
                None => prop_assert!(change.is_none_or(|change| change >= timeline.at(timeline.open.len()))),
            }
        }
    }

    #[test]
    fn hours_05_business_time_agrees_with_the_oracle((plain, at) in case(), hours in 1..80u32) {
        let calendar = plain.calendar();
        let timeline = plain.timeline(at, 20 * DAY_MINUTES);
        if let Some(due) = timeline.after_open(hours) {
            prop_assert_eq!(calendar.add_business(at, hours, Meaning::OpeningHours), Some(due));
        }
        if let Some(due) = timeline.after_business_days(&plain, hours) {
            prop_assert_eq!(calendar.add_business(at, hours, Meaning::BusinessDays), Some(due));
        }
    }

    #[test]
    fn hours_02_intakes_agree_with_the_oracle(
        (plain, at) in case(),
        weekdays in vec(any::<bool>(), 7),
        times in vec(prop_oneof![0..=1440u16, 0..=240u16], 0..4),
    ) {
        let names = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let intakes = Intakes {
            zone: plain.zone,
            weekdays: names.into_iter().zip(&weekdays).filter(|(_, held)| **held).map(|(name, _)| name).collect(),
            times: times.iter().map(|minute| MinuteOfDay::new(*minute).unwrap()).collect(),
            observes_holidays: plain.observes,
            days: plain.calendar().days,
        };
        let timeline = plain.timeline(at - TimeDelta::days(4), 8 * DAY_MINUTES);
        let first = timeline.wall[0].date();
        let mut held: Vec<DateTime<Utc>> = Vec::new();
        for date in first.iter_days().skip(1).take(6).filter(|date| plain.has_date(*date)) {
            let rule = plain.days.get(&date).filter(|_| plain.observes);
            for time in &times {
                let within = rule.is_none_or(|rule| rule.iter().any(|(opens, closes)| opens <= time && time < closes));
                if within && weekdays[date.weekday().num_days_from_monday() as usize] {
                    let wall = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(*time));
                    held.push(timeline.first_showing(wall).unwrap());
                }
            }
        }
        // At the moment itself, and on both sides of the intakes nearest to it.
        let near = held.iter().copied().filter(|held| (*held - at).abs() < TimeDelta::days(2));
        for now in near.chain([at]).flat_map(|at| [at, at - TimeDelta::nanoseconds(1), at + MINUTE]) {
            match held.iter().filter(|held| **held > now).min() {
                Some(next) => prop_assert_eq!(intakes.next_after(now), Some(*next)),
                None => prop_assert!(intakes.next_after(now).is_none_or(|next| next > at + TimeDelta::days(1))),
            }
            match held.iter().filter(|held| **held <= now).max() {
                Some(latest) => prop_assert_eq!(intakes.latest_at_or_before(now), Some(*latest)),
                None => prop_assert!(intakes.latest_at_or_before(now).is_none_or(|latest| latest < at - TimeDelta::days(1))),
            }
        }
    }

    #[test]
    fn hours_01_calendars_survive_json((plain, _) in case()) {
        let calendar = plain.calendar();
        let text = serde_json::to_string(&calendar).unwrap();
        prop_assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
    }
}

proptest! {
    #![proptest_config(fixed(2, 300))]

    #[test]
    fn hours_05_business_time_never_runs_backwards(
        (plain, at) in case(),
        (fewer, more) in (0..200u32, 0..200u32),
        later in 0..4 * 1440i64,
    ) {
        let calendar = plain.calendar();
        let wall = |at: DateTime<Utc>| at.with_timezone(&plain.zone).naive_local();
        let later = at + TimeDelta::minutes(later);
        for meaning in [Meaning::BusinessDays, Meaning::OpeningHours] {
            let due = |at, hours| calendar.add_business(at, hours, meaning);
            let Some(all) = due(at, fewer + more) else { continue };
            let first = due(at, fewer).unwrap();
            prop_assert!(at <= first && first <= all);
            // A moment in the second pass of a repeated hour counts like one in the first.
            if meaning == Meaning::OpeningHours || wall(at) <= wall(later) {
                prop_assert!(due(later, more).is_none_or(|later| due(at, more).unwrap() <= later));
            }
            // In two steps or in one is the same, unless the first step ends where the clock skips.
            let skips = wall(first) - wall(first - MINUTE) != MINUTE;
            if meaning == Meaning::OpeningHours || !skips {
                prop_assert_eq!(due(first, more), Some(all));
            }
        }
    }

    #[test]
    fn hours_05_the_time_between_is_what_was_added((plain, at) in case(), minutes in 0..6 * 1440i64) {
        let calendar = plain.calendar();
        let time = TimeDelta::minutes(minutes) + TimeDelta::milliseconds(1_234);
        let wall = |at: DateTime<Utc>| at.with_timezone(&plain.zone).naive_local();
        for meaning in [Meaning::BusinessDays, Meaning::OpeningHours] {
            prop_assert_eq!(calendar.business_between(at, at - time, meaning), TimeDelta::zero());
            let Some(due) = calendar.add_business_time(at, time, meaning) else { continue };
            let skips = wall(due) - wall(due - MINUTE) != MINUTE;
            if meaning == Meaning::OpeningHours || !skips {
                prop_assert_eq!(calendar.business_between(at, due, meaning), time);
                // Not a moment sooner.
                prop_assert!(calendar.business_between(at, due - TimeDelta::milliseconds(1), meaning) < time);
            }
        }
    }

    #[test]
    fn hours_05_the_time_between_is_what_the_oracle_counts((plain, at) in case(), minutes in 0..6 * 1440usize) {
        let calendar = plain.calendar();
        let timeline = plain.timeline(at, minutes);
        let open = timeline.open.iter().take(minutes).filter(|open| **open).count();
        let to = timeline.at(minutes);
        prop_assert_eq!(calendar.business_between(timeline.at(0), to, Meaning::OpeningHours).num_minutes(), open as i64);
        let not_counted = calendar.days_not_counted(timeline.at(0), to);
        let wall = |at: DateTime<Utc>| at.with_timezone(&plain.zone).naive_local();
        let days = wall(timeline.at(0)).date().iter_days().take_while(|day| *day <= wall(to).date());
        let expected: Vec<_> = days.filter(|day| !plain.business(*day)).collect();
        prop_assert_eq!(not_counted.into_iter().map(|(day, _)| day).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn hours_05_whole_business_days_keep_the_time_on_the_clock((plain, at) in case(), days in 1..9u32) {
        let calendar = plain.calendar();
        let at = at + TimeDelta::milliseconds(1_234);
        let wall = |at: DateTime<Utc>| at.with_timezone(&plain.zone).naive_local();
        let Some(due) = calendar.add_business(at, days * 24, Meaning::BusinessDays) else { return Ok(()) };
        if plain.business(wall(at).date()) {
            let skipped = wall(due).time() != wall(at).time();
            prop_assert!(plain.business(wall(due).date()));
            // Only a time that does not exist moves, to the end of the gap.
            prop_assert!(!skipped || wall(due) - wall(due - TimeDelta::nanoseconds(1)) > MINUTE);
            let between = wall(at).date().iter_days().skip(1).take_while(|date| *date <= wall(due).date());
            prop_assert_eq!(between.filter(|date| plain.business(*date)).count(), days as usize);
        }
    }
}
