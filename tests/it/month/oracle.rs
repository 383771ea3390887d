//! What each clock of a case must say, from its steps and a calendar on the wall, by counting minutes one by one. It goes
//! by `docs/cases.md` and knows nothing of `deskbell::hours`, nor of `deskbell::cases::sla`.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use deskbell::cases::lifecycle::CaseStatus;
use uuid::Uuid;

use super::{Cases, Dates, Event};
use crate::support::Server;

pub const ZONE: chrono_tz::Tz = chrono_tz::America::New_York;

/// The federal holidays of the months that are looked at and of those after them, from the calendar on the wall.
const HOLIDAYS: [(i32, u32, u32); 11] = [
    (2026, 2, 16),
    (2026, 5, 25),
    (2026, 6, 19),
    (2026, 7, 3),
    (2026, 10, 12),
    (2026, 11, 11),
    (2026, 11, 26),
    (2026, 12, 25),
    (2027, 1, 1),
    (2027, 1, 18),
    (2027, 2, 15),
];
/// The hours of live chat, from Monday to Friday.
const OPEN: std::ops::Range<u32> = 9..17;

const KINDS: [&str; 4] = ["acknowledgement", "first_answer", "next_answer", "resolution"];

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What an admin promises.
pub struct Promised {
    opening_hours_only: bool,
    /// The target, and the limit.
    acknowledge: (u32, u32),
    /// Answers and solutions by severity; 0: that is not promised.
    first_answer: [u32; 4],
    next_answer: [u32; 4],
    resolution: [u32; 4],
}

impl Promised {
    fn hours(&self, kind: &str, severity: i16) -> Option<(u32, u32)> {
        let of = match kind {
            "acknowledgement" => return Some(self.acknowledge),
            "first_answer" => self.first_answer,
            "next_answer" => self.next_answer,
            _ => self.resolution,
        };
        let hours = of[usize::try_from(severity).unwrap() - 1];
        (hours > 0).then_some((hours, hours))
    }

    /// The fields of the admin's form.
    pub fn form(&self) -> Vec<(String, String)> {
        let number = |hours: u32| if hours > 0 { hours.to_string() } else { String::new() };
        let mut form = vec![
            ("acknowledge_target".to_owned(), number(self.acknowledge.0)),
            ("acknowledge_breach".to_owned(), number(self.acknowledge.1)),
            ("silence_days".to_owned(), "5".to_owned()),
            ("unmoved_told".to_owned(), "72".to_owned()),
        ];
        if self.opening_hours_only {
            form.push(("opening_hours_only".to_owned(), "yes".to_owned()));
        }
        let rows = [self.first_answer, self.next_answer, self.resolution];
        for (name, row) in KINDS[1..].iter().zip(rows) {
            form.extend((1..).zip(row).map(|(severity, hours)| (format!("{name}-{severity}"), number(hours))));
        }
        form
    }
}

/// What the desk promises during the month.
pub const PROMISED: Promised = Promised {
    opening_hours_only: false,
    acknowledge: (24, 48),
    first_answer: [2, 8, 24, 0],
    next_answer: [4, 12, 24, 40],
    resolution: [24, 72, 120, 200],
};
/// What it promises after it: the clocks of open cases say so at once.
pub const PROMISED_THEN: Promised = Promised {
    opening_hours_only: true,
    acknowledge: (8, 20),
    first_answer: [1, 4, 0, 16],
    next_answer: [2, 5, 0, 12],
    resolution: [8, 30, 60, 120],
};

/// A clock as the database has it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Clock {
    case_id: Uuid,
    kind: String,
    since: DateTime<Utc>,
    warn_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    breach_at: Option<DateTime<Utc>>,
    left_seconds: Option<i64>,
    met_at: Option<DateTime<Utc>>,
}

/// Which minutes count, from a full one on.
pub struct Wall {
    from: DateTime<Utc>,
    of_business_days: Vec<bool>,
    of_opening_hours: Vec<bool>,
}

impl Wall {
    pub fn new(from: DateTime<Utc>, days: usize) -> Self {
        let (mut of_business_days, mut of_opening_hours) = (Vec::new(), Vec::new());
        for n in 0..days * 24 * 60 {
            let shown = (from + TimeDelta::minutes(n as i64)).with_timezone(&ZONE);
            let day = shown.date_naive();
            let holiday = HOLIDAYS.iter().any(|&(y, m, d)| NaiveDate::from_ymd_opt(y, m, d) == Some(day));
            let business = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holiday;
            of_business_days.push(business);
            of_opening_hours.push(business && OPEN.contains(&shown.hour()));
        }
        Self { from, of_business_days, of_opening_hours }
    }

    /// What all clocks of a case must say.
    pub fn clocks(&self, promised: &Promised, severity: i16, history: &[&Event]) -> Vec<Clock> {
        let counts = if promised.opening_hours_only { &self.of_opening_hours } else { &self.of_business_days };
        let clock = |kind: &&str| {
            let (target, breach) = promised.hours(kind, severity)?;
            let target = i64::from(target) * HOUR;
            let stages = [target * 3 / 4, target, i64::from(breach) * HOUR];
            self.clock(kind, stages, history, counts)
        };
        KINDS.iter().filter_map(clock).collect()
    }

    fn clock(&self, kind: &str, stages: [i64; 3], history: &[&Event], counts: &[bool]) -> Option<Clock> {
        let mut hand: Option<Hand> = None;
        let mut answered = false;
        for (n, step) in history.iter().enumerate() {
            let wrote = |party: &str| n > 0 && step.party == party && step.visibility == "everyone";
            // Who made it from a chat has served the customer.
            let desk_wrote = wrote("staff") || n == 0 && step.owner_id.is_some();
            let begins = match kind {
                "next_answer" => answered && wrote("customer") && hand.as_ref().is_none_or(|hand| hand.met.is_some()),
                _ => n == 0,
            };
            answered |= desk_wrote;
            if begins {
                hand = Some(Hand { since: step.at, spent: 0, passed: [None; 3], met: None, waits: false });
            }
            let Some(hand) = &mut hand else { continue };
            let done = match kind {
                "acknowledgement" => desk_wrote || step.worker_id.is_some(),
                "resolution" => false,
                _ => desk_wrote,
            };
            if done || closed(step.status) {
                hand.met.get_or_insert(step.at);
            } else if kind == "resolution" {
                hand.met = None;
            }
            hand.waits = waits(step.status);
            if hand.met.is_none() && !hand.waits {
                let to = history.get(n + 1).map(|next| (next.at - self.from).num_milliseconds());
                hand.count(self.from, (step.at - self.from).num_milliseconds(), to, stages, counts);
            }
        }
        let hand = hand?;
        let [warn_at, due_at, breach_at] = hand.passed;
        let left_seconds = (hand.met.is_none() && hand.waits).then(|| (stages[1] - hand.spent) / 1_000);
        let (case_id, kind) = (history[0].case_id, kind.to_owned());
        Some(Clock { case_id, kind, since: hand.since, warn_at, due_at, breach_at, left_seconds, met_at: hand.met })
    }
}

struct Hand {
    since: DateTime<Utc>,
    /// Business time in milliseconds, as all times here.
    spent: i64,
    /// When so much of it was spent as each stage has.
    passed: [Option<DateTime<Utc>>; 3],
    met: Option<DateTime<Utc>>,
    waits: bool,
}

impl Hand {
    /// Counts on, minute by minute; without an end until all stages have passed.
    fn count(&mut self, zero: DateTime<Utc>, from: i64, to: Option<i64>, stages: [i64; 3], counts: &[bool]) {
        let mut at = from;
        while to.map_or(self.passed.contains(&None), |to| at < to) {
            let minute = usize::try_from(at / MINUTE).unwrap();
            let next = (at / MINUTE + 1) * MINUTE;
            let next = to.map_or(next, |to| to.min(next));
            if *counts.get(minute).expect("the calendar on the wall is long enough") {
                self.spent += next - at;
                for (passed, stage) in self.passed.iter_mut().zip(stages) {
                    if passed.is_none() && self.spent >= stage {
                        *passed = Some(zero + TimeDelta::milliseconds(next - (self.spent - stage)));
                    }
                }
            }
            at = next;
        }
    }
}

/// The clocks stand still.
fn waits(status: CaseStatus) -> bool {
    matches!(status, CaseStatus::CustomerAction | CaseStatus::AdditionalInfo | CaseStatus::SolutionProvided)
}

/// Nobody does anything any more.
fn closed(status: CaseStatus) -> bool {
    !waits(status) && !matches!(status, CaseStatus::Open | CaseStatus::InProcess | CaseStatus::Interrupted)
}

/// Compares every clock of every case with those that were counted: the clocks, or where they differ. What was closed
/// before the promises changed keeps what it had.
pub async fn compare(server: &Server, wall: &Wall, changed_at: Option<DateTime<Utc>>) -> Result<Vec<Clock>, String> {
    let cases = Cases::load(server).await;
    let clocks = server.app.db.query(
        "SELECT case_id, kind, since, warn_at, due_at, breach_at, left_seconds, met_at FROM case_clocks ORDER BY kind",
    );
    let mut found: HashMap<Uuid, Vec<Clock>> = HashMap::new();
    for clock in clocks.fetch_all::<Clock>().await.unwrap() {
        found.entry(clock.case_id).or_default().push(clock);
    }
    let (histories, mut all) = (cases.histories(), Vec::new());
    for row in &cases.rows {
        let history = &histories[&row.id];
        let last = history.last().unwrap();
        let then = changed_at.is_some_and(|at| !closed(row.status) || last.at >= at);
        let counted = wall.clocks(if then { &PROMISED_THEN } else { &PROMISED }, row.severity, history);
        let found = found.remove(&row.id).unwrap_or_default();
        for kind in KINDS {
            let [counted, found] = [&counted, &found].map(|clocks| clocks.iter().find(|clock| clock.kind == kind));
            if counted != found {
                let steps: Vec<_> = history.iter().map(|step| (step.at, &step.kind, step.status)).collect();
                let case = format!("case {} of severity {}: {steps:#?}", row.number, row.severity);
                return Err(format!("{kind}: counted {counted:#?}, found {found:#?}, {case}"));
            }
        }
        let running = counted.iter().filter(|clock| clock.met_at.is_none() && clock.left_seconds.is_none());
        let due = running.filter_map(|clock| clock.due_at).min();
        if due != row.due_at {
            return Err(format!("case {}: due {:?}, counted {due:?}", row.number, row.due_at));
        }
        all.extend(counted);
    }
    Ok(all)
}

/// How the clocks stand, and what the cases went through: how many of each.
pub fn figures(clocks: &[Clock], cases: &Cases, dates: &Dates, now: DateTime<Utc>) -> BTreeMap<String, usize> {
    let mut figures = BTreeMap::new();
    let mut add = |what: String| *figures.entry(what).or_default() += 1;
    for clock in clocks {
        let until = clock.met_at.unwrap_or(now);
        let passed = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at < until);
        let standing = match (clock.met_at, clock.left_seconds) {
            (Some(_), _) => "met",
            (None, Some(_)) => "waits",
            (None, None) => "runs",
        };
        let level = match () {
            () if passed(clock.breach_at) => "broken",
            () if passed(clock.due_at) => "late",
            () => "in time",
        };
        add(format!("{} {standing} {level}", clock.kind));
    }
    // Noon of the days that are not like others.
    let noon = |day: &str, days: i64| {
        let day = day.parse::<NaiveDate>().unwrap() + TimeDelta::days(days);
        ZONE.from_local_datetime(&day.and_hms_opt(12, 0, 0).unwrap()).unwrap().to_utc()
    };
    let (saturday, sunday) = (noon(dates.clock_change, -1), noon(dates.clock_change, 0));
    let holiday = noon(dates.holiday, 0);
    let histories = cases.histories();
    for history in cases.rows.iter().map(|row| &histories[&row.id]) {
        let until = |n: usize| history.get(n + 1).map_or(now, |next: &&Event| next.at);
        let waited = |from, to| {
            let steps = history.iter().enumerate();
            steps.filter(|(_, step)| waits(step.status)).any(|(n, step)| step.at < from && to < until(n))
        };
        let count = |fits: &dyn Fn(&Event) -> bool| history.iter().filter(|step| fits(step)).count();
        let answers = count(&|step| step.party == "staff" && step.visibility == "everyone");
        let opened = history.windows(2).filter(|two| closed(two[0].status) && !closed(two[1].status));
        for (what, is) in [
            ("waited over a clock change", waited(saturday, sunday)),
            ("waited over a holiday", waited(holiday, holiday)),
            ("waited twice", count(&|step| waits(step.status)) > 1),
            ("reopened", opened.count() > 0),
            ("answered three times", answers >= 3),
            ("escalated", count(&|step| step.kind == "escalated") > 0),
            ("not solved", count(&|step| step.kind == "not_solved") > 0),
            ("closed by silence", count(&|step| step.kind == "silent") > 0),
            ("made from a chat", history[0].owner_id.is_some()),
        ] {
            if is {
                add(what.to_owned());
            }
        }
    }
    figures
}

/// What a month must have had, so that what is compared says something.
pub const WANTED: [&str; 23] = [
    "acknowledgement met in time",
    "acknowledgement met late",
    "acknowledgement runs broken",
    "acknowledgement runs in time",
    "first_answer met broken",
    "first_answer met in time",
    "first_answer runs broken",
    "next_answer met broken",
    "next_answer met in time",
    "next_answer runs broken",
    "resolution met in time",
    "resolution runs broken",
    "resolution waits broken",
    "resolution waits in time",
    "waited over a clock change",
    "waited over a holiday",
    "waited twice",
    "reopened",
    "answered three times",
    "escalated",
    "not solved",
    "closed by silence",
    "made from a chat",
];
