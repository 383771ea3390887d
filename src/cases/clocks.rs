//! The clocks of cases, kept in step: wound after each step of a case, wound anew for all open cases when hours or promises
//! change, and told of in time. What they say is worked out by `sla`; the database has a copy for lists.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::{Party, Visibility},
    desk::{
        change::mark,
        promises::{self, Promises},
    },
    error::Result,
    hours::{business::Meaning, calendar::Calendar, desk::Channel},
    work::Work,
};

use super::{
    ageing::{self, Stood},
    explain,
    lifecycle::{CaseStatus, Place},
    queries::{
        self,
        clocks::{self as rows, ClockRow},
        steps::ClockStep,
    },
    reminders,
    sla::{self, Clock, ClockKind, Policy, Promise, Standing, Step},
    steps::{self, By},
};

/// How long nothing is looked at if nothing is heard.
const PAUSE: TimeDelta = TimeDelta::seconds(60);

/// The calendar by which promises count: that of live chat, without what a supervisor opens or closes for a day.
pub fn calendar(app: &App) -> Calendar {
    app.hours.desk().calendar(Channel::Chat)
}

/// What a business hour is on this desk.
pub fn meaning(promises: &Promises) -> Meaning {
    if promises.opening_hours_only { Meaning::OpeningHours } else { Meaning::BusinessDays }
}

/// What is promised for a severity.
pub fn policy(promises: &Promises, severity: i16) -> Policy {
    let of = |hours: promises::BySeverity| {
        let index = usize::try_from(severity - 1).unwrap_or_default();
        hours.get(index).copied().flatten().map(|hours| Promise { target: hours, breach: hours })
    };
    let acknowledge = Promise { target: promises.acknowledge_target, breach: promises.acknowledge_breach };
    Policy {
        meaning: meaning(promises),
        promises: [Some(acknowledge), of(promises.first_answer), of(promises.next_answer), of(promises.resolution)],
    }
}

/// What the clocks make of a case's history.
pub fn read(history: &[ClockStep]) -> Vec<(DateTime<Utc>, Step)> {
    let mut read = Vec::new();
    let mut status = CaseStatus::Open;
    let mut worker = None;
    for step in history {
        let mut add = |what: Step| read.push((step.at, what));
        if step.kind == "made" {
            add(Step::Made);
            // Whom it was made from served the customer in a chat: somebody has it, and the customer heard so.
            if step.owner_id.is_some() {
                add(Step::Taken);
                add(Step::Answered);
            }
        }
        if step.worker_id.is_some() && step.worker_id != worker {
            add(Step::Taken);
        }
        worker = step.worker_id.or(worker);
        match (step.party, step.visibility) {
            (Party::Staff, Visibility::Everyone) if step.kind != "made" => add(Step::Answered),
            (Party::Customer, Visibility::Everyone) if step.kind != "made" => add(Step::CustomerWrote),
            _ => {}
        }
        // Before steps told where they left the case, only one kind closed it.
        let now = step.status.or((step.kind == "resolved").then_some(CaseStatus::Completed)).unwrap_or(status);
        if now != status {
            add(Step::Status(now));
            status = now;
        }
    }
    read
}

/// Where a case stood after each of its steps; older ones do not say, and such a case does not age.
pub(super) fn stood(history: &[ClockStep]) -> Option<Vec<Stood>> {
    let of = |step: &ClockStep| {
        let (kind, taken) = (step.kind.clone(), step.worker_id.is_some());
        Some(Stood { at: step.at, kind, status: step.status?, tier: step.tier?, taken })
    };
    history.iter().map(of).collect()
}

/// A clock for people, with what its time was made of.
#[derive(Debug, Clone, Serialize)]
pub struct ClockView {
    /// What was promised.
    pub kind: ClockKind,
    /// The same in words.
    pub name: &'static str,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When the target passes; nothing while it waits for the customer.
    pub due_at: Option<DateTime<Utc>>,
    /// When the promise breaks.
    pub breach_at: Option<DateTime<Utc>>,
    /// When it was kept, or done too late.
    pub met_at: Option<DateTime<Utc>>,
    /// True: it stands still.
    pub paused: bool,
    /// How it stands.
    pub level: Level,
    /// How the due time comes about, a sentence each.
    pub why: Vec<String>,
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In time.
    Fine,
    /// Less than a quarter of the time is left.
    Soon,
    /// The target has passed.
    Late,
    /// The promise is broken.
    Broken,
}

/// A case's clocks, explained. Of a closed case it counts what was promised until it was closed.
pub async fn view(app: &App, case: Uuid, severity: i16, is_closed: bool) -> Result<Vec<ClockView>> {
    let history = queries::steps::for_clocks_now(&app.db, case).await?;
    let promises = promises::load(&app.db).await?;
    let (calendar, now) = (calendar(app), app.clock.now());
    let clocks = sla::clocks(&calendar, &policy(&promises, severity), &read(&history));
    let mut views: Vec<ClockView> = clocks.iter().filter_map(|clock| shown(&calendar, &promises, clock, now)).collect();
    if is_closed {
        let kept = rows::of_case_now(&app.db, case).await?;
        views = kept.iter().map(|row| as_kept(row, &views)).collect();
    }
    Ok(views)
}

/// A closed case's clock as it was kept; with its reasons, unless it was promised otherwise than it would be now. Of one that was kept in
/// time nothing says what was promised.
fn as_kept(row: &ClockRow, views: &[ClockView]) -> ClockView {
    let same = |view: &&ClockView| {
        row.due_at.is_some()
            && (view.kind, view.since, view.due_at, view.breach_at) == (row.kind, row.since, row.due_at, row.breach_at)
    };
    if let Some(view) = views.iter().find(same) {
        return view.clone();
    }
    let at = row.met_at.unwrap_or(row.since);
    let why = match row.due_at {
        Some(_) => "Promised so until the case was closed; hours or promises have changed since.",
        None => "Kept before it fell due.",
    };
    ClockView {
        kind: row.kind,
        name: row.kind.name(),
        since: row.since,
        due_at: row.due_at,
        breach_at: row.breach_at,
        met_at: row.met_at,
        paused: row.left_seconds.is_some(),
        level: level((row.warn_at, row.due_at, row.breach_at), row.met_at, at),
        why: vec![why.into()],
    }
}

fn shown(calendar: &Calendar, promises: &Promises, clock: &Clock, now: DateTime<Utc>) -> Option<ClockView> {
    let met_at = match clock.standing {
        Standing::Met { at } => Some(at),
        Standing::Running | Standing::Paused { .. } => None,
    };
    let at = met_at.unwrap_or(now);
    Some(ClockView {
        kind: clock.kind,
        name: clock.kind.name(),
        since: clock.runs.first()?.from,
        due_at: clock.due_at,
        breach_at: clock.breach_at,
        met_at,
        paused: matches!(clock.standing, Standing::Paused { .. }),
        level: level((clock.warn_at, clock.due_at, clock.breach_at), met_at, at),
        why: explain::why(calendar, meaning(promises), clock, at),
    })
}

type Moment = Option<DateTime<Utc>>;

/// How a clock stands at a time, by when it warns, is due, and breaks.
fn level((warn, due, breach): (Moment, Moment, Moment), met: Moment, at: DateTime<Utc>) -> Level {
    let passed = |time: Moment| time.is_some_and(|time| time < at);
    match () {
        () if passed(breach) => Level::Broken,
        () if passed(due) => Level::Late,
        () if passed(warn) && met.is_none() => Level::Soon,
        () => Level::Fine,
    }
}

/// Works out a case's clocks and keeps what they say. Whether anything of it changed.
pub async fn wind(work: &mut Work<'_>, case: Uuid, severity: i16) -> Result<bool> {
    let now = work.now;
    let mut kept: BTreeMap<ClockKind, ClockRow> =
        rows::of_case(&mut work.tx, case).await?.into_iter().map(|row| (row.kind, row)).collect();
    let (mut due, mut changed) = (None::<DateTime<Utc>>, false);
    let history = queries::steps::for_clocks(&mut work.tx, case).await?;
    let (promises, calendar) = (promises::load_in(&mut work.tx).await?, calendar(work.app));
    for clock in sla::clocks(&calendar, &policy(&promises, severity), &read(&history)) {
        let before = kept.remove(&clock.kind);
        let Some(row) = row(&clock, before.as_ref(), now) else { continue };
        if clock.standing == Standing::Running {
            due = [due, row.due_at].into_iter().flatten().min();
        }
        if before.as_ref() != Some(&row) {
            rows::upsert(&mut work.tx, case, &row).await?;
            changed = true;
        }
    }
    for kind in kept.into_keys() {
        rows::delete(&mut work.tx, case, kind).await?;
        changed = true;
    }
    let ages = stood(&history).and_then(|history| ageing::next(&history, &promises, &calendar, meaning(&promises)));
    let moved = rows::set_due(&mut work.tx, case, due, ages.map(|(at, _)| at)).await? > 0;
    Ok(changed || moved)
}

fn row(clock: &Clock, before: Option<&ClockRow>, now: DateTime<Utc>) -> Option<ClockRow> {
    let since = clock.runs.first()?.from;
    let stages = [clock.warn_at, clock.due_at, clock.breach_at];
    let reached = (1..).zip(stages).filter(|(_, at)| at.is_some_and(|at| at <= now)).map(|(stage, _)| stage).max();
    // Another question is told of anew; a moment that moved on is told of when it comes again.
    let told = before.filter(|row| row.since == since).map_or(0, |row| row.told.min(reached.unwrap_or(0)));
    let (left_seconds, met_at) = match clock.standing {
        Standing::Running => (None, None),
        Standing::Paused { left } => (Some(left.num_seconds()), None),
        Standing::Met { at } => (None, Some(at)),
    };
    let next_at = (clock.standing == Standing::Running)
        .then(|| (1..).zip(stages).find(|(stage, at)| *stage > told && at.is_some()).and_then(|(_, at)| at))
        .flatten();
    Some(ClockRow {
        kind: clock.kind,
        since,
        warn_at: clock.warn_at,
        due_at: clock.due_at,
        breach_at: clock.breach_at,
        left_seconds,
        met_at,
        told,
        next_at,
    })
}

/// Until when a given solution waits for the customer's word; a step that is not about it leaves that as it was.
pub async fn silent_at(
    work: &mut Work<'_>,
    place: &Place,
    before: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>> {
    if place.status != CaseStatus::SolutionProvided {
        return Ok(None);
    }
    if before.is_some() {
        return Ok(before);
    }
    let promises = promises::load_in(&mut work.tx).await?;
    Ok(calendar(work.app).add_business(work.now, promises.silence_days * 24, Meaning::BusinessDays))
}

/// Keeps all clocks in step until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    let mut wound_by = String::new();
    loop {
        desk.borrow_and_update();
        let next = match look(&app, &mut wound_by).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "the clocks of cases could not be read; it is tried again");
                app.clock.now() + PAUSE / 12
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
}

/// Does what is to be done now; when to look again.
async fn look(app: &App, wound_by: &mut String) -> Result<DateTime<Utc>> {
    let promises = promises::load(&app.db).await?;
    let by = mark(&(promises, calendar(app)));
    if *wound_by != by {
        wind_all(app).await?;
        *wound_by = by;
    }
    let now = app.clock.now();
    for number in rows::to_tell(&app.db, now).await? {
        reminders::tell(app, number).await?;
    }
    for number in rows::to_age(&app.db, now).await? {
        if let Err(error) = reminders::age(app, number).await {
            tracing::warn!(%error, case = number, "a case could not age; it is tried again");
        }
    }
    for number in queries::silent(&app.db, now).await? {
        super::moves::close_silent(app, number).await?;
    }
    if queries::links::next_to_forget(&app.db).await?.is_some_and(|at| at < now) {
        let mut tx = app.db.begin().await?;
        queries::links::forget(&mut tx, now).await?;
        tx.commit().await?;
    }
    let next = [
        rows::next(&app.db).await?,
        rows::next_to_age(&app.db).await?,
        queries::next_silent(&app.db).await?,
        Some(now + PAUSE),
    ];
    Ok(next.into_iter().flatten().min().unwrap_or(now + PAUSE))
}

/// Winds the clocks of all open cases: hours or promises changed, or this server has just started and does not know.
async fn wind_all(app: &App) -> Result<()> {
    let mut last = 0;
    loop {
        let numbers = rows::open_after(&app.db, last).await?;
        let Some(end) = numbers.last() else { return Ok(()) };
        last = *end;
        for number in numbers {
            let mut held = steps::hold(app, By::System, number).await?;
            if wind(&mut held.work, held.case.id, held.case.severity).await? {
                held.work.desk_changed();
                held.commit().await?;
            }
        }
    }
}
