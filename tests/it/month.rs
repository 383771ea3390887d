//! A month of a desk: cases left, taken, sent through the tiers, waited for, solved, opened again, by chance and by everybody, through a
//! clock change and holidays; then all that must be true of it is looked for in the database. `DESKBELL_MONTH=2000` takes as many cases,
//! `cargo test --release --test it -- month`.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use deskbell::{
    cases::{
        case, comments,
        left_message::{self, LeftMessage},
        lifecycle::CaseStatus,
        moves::{self, Asked},
        steps::By,
    },
    config::Mail,
    desk::people,
    error::{Error, Result},
    identity::{
        contact::{Claim, Contact},
        session::Visitor,
        staff::Staff,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use uuid::Uuid;

use crate::{
    both,
    support::{Agent, Engine, Server, Settings, actors::*, eventually},
};

/// The federal holidays of these months, from the calendar on the wall.
const HOLIDAYS: [(i32, u32, u32); 5] = [(2026, 2, 16), (2026, 5, 25), (2026, 10, 12), (2026, 11, 11), (2026, 11, 26)];
const ZONE: chrono_tz::Tz = chrono_tz::America::New_York;

struct Month {
    server: Server,
    staff: Vec<Staff>,
    customers: Vec<Contact>,
    random: StdRng,
    /// The cases that were made, with what the customer wrote.
    made: HashMap<i64, String>,
    /// How often something was done, and how often it was refused.
    done: usize,
    refused: usize,
}

impl Month {
    async fn begin(engine: Engine, start: &str, people: usize, seed: u64) -> Self {
        let change: fn(&mut deskbell::config::Config) = |config| {
            config.limits.messages_per_hour = 1_000_000;
            config.mail = Mail { from: "Desk <desk@ledgerleaf.example>".into(), keep: true, ..Mail::default() };
        };
        let settings = Settings { clock: start.parse().unwrap(), change, ..Settings::default() };
        let server = Server::with(engine, settings).await;
        // Colleagues of those whom the demo has: nobody of them signs in.
        let known = people::all(&server.app.db).await.unwrap();
        for n in known.len()..people {
            let like = &known[n % known.len()].staff;
            let mut tx = server.app.db.begin().await.unwrap();
            tx.query(
                "INSERT INTO staff (id, name, email, email_folded, password_hash, role, tier, capacity, active)
                 VALUES ($1, $2, $3, $3, '', $4, $5, $6, $7)",
            )
            .bind(new_id())
            .bind(format!("Colleague {n}"))
            .bind(format!("colleague{n}@ledgerleaf.example"))
            .bind(like.role)
            .bind(like.tier)
            .bind(like.capacity)
            .bind(true)
            .execute()
            .await
            .unwrap();
            tx.commit().await.unwrap();
        }
        let staff = people::all(&server.app.db).await.unwrap().into_iter().map(|person| person.staff).collect();
        let mut customers = Vec::new();
        for (email, ..) in [ZOE, MARCUS, TOMAS, LAYLA, PRISCILLA] {
            customers.push(Claim::Email(email.into()).resolve(&server.app.db).await.unwrap().unwrap());
        }
        let random = StdRng::seed_from_u64(seed);
        Self { server, staff, customers, random, made: HashMap::new(), done: 0, refused: 0 }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of.choose(&mut self.random).unwrap().clone()
    }

    async fn leave(&mut self) {
        let n = self.made.len();
        let text = format!(
            "Request {n}: {}",
            self.one(&["nothing prints", "all claims stopped, nobody can work", "a question", "the import is slow"])
        );
        let contact = self.one(&self.customers.clone());
        // One of six only says who they are.
        let visitor =
            (!n.is_multiple_of(6)).then(|| Visitor { token_hash: String::new(), contact: contact.clone(), chat: None });
        let message = LeftMessage {
            id: new_id(),
            name: contact.name,
            email: contact.email,
            customer_number: String::new(),
            text: text.clone(),
        };
        let number =
            left_message::leave(&self.server.app, &message, visitor.as_ref(), [10, 0, 0, 1].into()).await.unwrap();
        assert!(self.made.insert(number, text).is_none(), "case {number} is there twice");
    }

    /// Somebody does something with some case; what is refused changes nothing.
    async fn act(&mut self, number: i64) {
        let person = self.one(&self.staff.clone());
        let other = self.one(&self.staff.clone());
        let customer = self.one(&self.customers.clone()).name;
        let (app, staff, by) = (self.server.app.clone(), &person, By::Customer(&customer));
        let outcome: Result<()> = match self.random.random_range(0..24) {
            0..=5 => moves::claim(&app, staff, number).await,
            6 => moves::escalate(&app, staff, number, "it is beyond me", "").await,
            7 => moves::hand_back(&app, staff, number, "that was it").await,
            8 => moves::to_queue(&app, staff, number, "claims", 2, "theirs").await,
            9 => moves::assign(&app, staff, number, other.id, "knows it").await,
            10 => moves::release(&app, staff, number, "on holiday").await,
            11 => moves::ask_customer(&app, staff, number, Asked::Info, "Which model?").await,
            12 => moves::ask_customer(&app, staff, number, Asked::Action, "Please restart it.").await,
            13 => comments::answer(&app, staff, number, "We look at it.").await,
            14 => comments::comment(&app, staff, number, "Odd.").await,
            15 | 16 => comments::from_customer(&app, &customer, number, "It is the new one.").await,
            17 => moves::provide(&app, staff, number, "A new driver.", None, true).await,
            18 => moves::confirm(&app, by, number).await,
            19 => moves::not_solved(&app, by, number, "It came back.").await,
            20 => moves::resolve(&app, staff, number, "Solved on the phone.", None).await,
            21 => {
                let status = self.one(&[CaseStatus::Redirected, CaseStatus::CompletedSilent, CaseStatus::Error]);
                moves::close(&app, staff, number, status, "as agreed").await
            }
            22 => moves::pass_ownership(&app, staff, number, other.id, "leaves the company").await,
            _ => moves::reopen(&app, staff, number, "it came back").await,
        };
        match outcome {
            Ok(()) => self.done += 1,
            Err(Error::Refused(_)) => self.refused += 1,
            Err(fault) => panic!("case {number}: {fault}"),
        }
    }
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: Uuid,
    number: i64,
    status: CaseStatus,
    tier: i16,
    team_id: Option<Uuid>,
    owner_id: Option<Uuid>,
    worker_id: Option<Uuid>,
    contact_id: Option<Uuid>,
    verified: bool,
    description: String,
    created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Event {
    case_id: Uuid,
    at: DateTime<Utc>,
    kind: String,
    party: String,
    visibility: String,
    status: CaseStatus,
    tier: i16,
    team_id: Option<Uuid>,
    owner_id: Option<Uuid>,
    worker_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct Acknowledgement {
    case_id: Uuid,
    due_at: Option<DateTime<Utc>>,
    left_seconds: Option<i64>,
    met_at: Option<DateTime<Utc>>,
}

/// Whether each minute from a moment on counts: of a day from Monday to Friday that is no holiday, as the calendar on the wall says.
fn counting(from: DateTime<Utc>, minutes: usize) -> Vec<bool> {
    let counts = |n: usize| {
        let day = (from + TimeDelta::minutes(n as i64)).with_timezone(&ZONE).date_naive();
        let holiday = HOLIDAYS.iter().any(|&(y, m, d)| NaiveDate::from_ymd_opt(y, m, d) == Some(day));
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holiday
    };
    (0..minutes).map(counts).collect()
}

/// When the acknowledgement of a case was due by counting minutes: nothing while it is met or stands still.
fn acknowledgement_due(history: &[&Event], from: DateTime<Utc>, counts: &[bool]) -> Option<DateTime<Utc>> {
    let minute = |at: DateTime<Utc>| usize::try_from((at - from).num_minutes()).unwrap();
    let waits = |status: CaseStatus| {
        matches!(status, CaseStatus::CustomerAction | CaseStatus::AdditionalInfo | CaseStatus::SolutionProvided)
    };
    let mut left: i64 = 24 * 60;
    let mut at = minute(history[0].at);
    for (n, event) in history.iter().enumerate() {
        let taken = event.worker_id.is_some() || n > 0 && event.party == "staff" && event.visibility == "everyone";
        if taken || event.status.is_closed() {
            return None;
        }
        let end = history.get(n + 1).map_or(usize::MAX, |next| minute(next.at));
        while at < end {
            if left == 0 {
                return Some(from + TimeDelta::minutes(at as i64));
            }
            if !waits(event.status) {
                left -= i64::from(*counts.get(at)?);
            } else if end == usize::MAX {
                return None;
            }
            at += 1;
        }
    }
    None
}

async fn a_month(engine: Engine, start: &str, seed: u64) {
    let cases: usize = std::env::var("DESKBELL_MONTH").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let mut month = Month::begin(engine, start, if cases < 1_000 { 12 } else { 30 }, seed).await;
    // Thirty days in as many steps as there is something to do.
    let steps = cases * 10;
    let pause = TimeDelta::days(30) / i32::try_from(steps).unwrap();
    for step in 0..steps {
        if step % 10 == 0 {
            month.leave().await;
        } else {
            // The newer ones are worked more.
            let newest = 1012 + month.made.len() as i64;
            let numbers: Vec<i64> =
                (0..3).map(|_| month.random.random_range(newest - (month.made.len() as i64 - 1)..=newest)).collect();
            month.act(*numbers.iter().max().unwrap()).await;
        }
        let pause = pause * month.random.random_range(0..200) / 100;
        month.server.advance(pause);
    }
    // What is still due is told and done, then nothing happens any more.
    eventually("nothing is due any more", async || {
        let now = month.server.app.clock.now();
        let (due,): (i64,) = month.server.app.db.query(
            "SELECT CAST((SELECT COUNT(*) FROM cases WHERE silent_at <= $1 OR ages_at <= $1) + (SELECT COUNT(*) FROM case_clocks WHERE next_at <= $1) AS BIGINT)",
        ).bind(now).fetch_one().await.unwrap();
        (due == 0).then_some(())
    })
    .await;
    let mut rosalind = Agent::sign_in(&month.server, ROSALIND).await;
    assert_eq!(rosalind.socket.ask(json!({"type": "follow_figures", "on": true})).await["type"], "ok");
    let db = &month.server.app.db;
    let (open,): (i64,) =
        db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM cases WHERE closed_at IS NULL").fetch_one().await.unwrap();
    let sum = |frame: &serde_json::Value| -> i64 {
        let view = if frame["view"].is_object() { &frame["view"] } else { frame };
        view["cases"].as_array().map_or(-1, |tiers| tiers.iter().map(|tier| tier["open"].as_i64().unwrap()).sum())
    };
    // The supervisor's counts are those of the rows.
    rosalind.socket.hear_where("figures", |frame| sum(frame) == open).await;
    let rows: Vec<CaseRow> = db.query("SELECT id, number, status, tier, team_id, owner_id, worker_id, contact_id, verified, description, created_at FROM cases WHERE number > 1012 ORDER BY number").fetch_all().await.unwrap();
    let events: Vec<Event> = db.query("SELECT case_id, at, kind, party, visibility, status, tier, team_id, owner_id, worker_id FROM case_events WHERE status IS NOT NULL ORDER BY at, id").fetch_all().await.unwrap();
    let mut histories: HashMap<Uuid, Vec<&Event>> = HashMap::new();
    for event in &events {
        histories.entry(event.case_id).or_default().push(event);
    }
    // Nothing is lost.
    let kept: HashMap<i64, String> = rows.iter().map(|row| (row.number, row.description.clone())).collect();
    assert_eq!(kept, month.made);
    assert!(month.done > steps / 4, "{} of {steps} were done, {} refused", month.done, month.refused);

    let first = rows.iter().map(|row| row.created_at).min().unwrap();
    let from = first.with_second(0).unwrap().with_nanosecond(0).unwrap();
    let counts = counting(from, 60 * 24 * 60);
    let clocks: Vec<Acknowledgement> = db
        .query("SELECT case_id, due_at, left_seconds, met_at FROM case_clocks WHERE kind = 'acknowledgement'")
        .fetch_all()
        .await
        .unwrap();
    let clocks: HashMap<Uuid, _> = clocks.into_iter().map(|clock| (clock.case_id, clock)).collect();
    let mut compared = 0;
    for row in &rows {
        let history = &histories[&row.id];
        // Who was assigned first stays the owner, but for steps that pass the ownership on; the worker has an owner beside.
        for pair in history.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let passed = after.kind == "ownership_passed" || before.owner_id.is_none();
            assert!(
                passed || before.owner_id == after.owner_id,
                "case {}: the owner was lost by {}",
                row.number,
                after.kind
            );
            assert!(before.at <= after.at);
        }
        assert!(
            history.iter().all(|event| event.worker_id.is_none() || event.owner_id.is_some()),
            "case {}: worked without an owner",
            row.number
        );
        let last = history.last().unwrap();
        assert_eq!(
            (last.status, last.tier, last.team_id, last.owner_id, last.worker_id),
            (row.status, row.tier, row.team_id, row.owner_id, row.worker_id),
            "case {}: its last step says where it stands",
            row.number
        );
        let clock = &clocks[&row.id];
        if let (None, None, due) = (clock.left_seconds, clock.met_at, clock.due_at) {
            let expected = acknowledgement_due(history, from, &counts);
            let off = expected.zip(due).map(|(expected, due)| (expected - due).num_seconds().abs());
            assert!(off.is_some_and(|off| off <= 60), "case {}: due {due:?}, counted {expected:?}", row.number);
            compared += 1;
        }
    }
    assert!(compared > 0, "no clock of an acknowledgement runs any more");

    // Nobody was asked twice within 14 days, and everybody who could be asked was.
    let surveys: Vec<(Uuid, Uuid, DateTime<Utc>)> =
        db.query("SELECT contact_id, case_id, sent_at FROM surveys ORDER BY sent_at").fetch_all().await.unwrap();
    let mut last_asked: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
    let sent: HashSet<(Uuid, DateTime<Utc>)> = surveys.iter().map(|(contact, _, at)| (*contact, *at)).collect();
    let of: HashMap<Uuid, &CaseRow> = rows.iter().map(|row| (row.id, row)).collect();
    let mut before: HashMap<Uuid, CaseStatus> = HashMap::new();
    for event in &events {
        let was = before.insert(event.case_id, event.status);
        let Some(row) = of.get(&event.case_id) else { continue };
        let completed = event.status == CaseStatus::Completed && was != Some(CaseStatus::Completed);
        let (true, Some(contact), true) = (completed, row.contact_id, row.verified) else { continue };
        let rests = last_asked.get(&contact).is_some_and(|last| event.at - *last < TimeDelta::days(14));
        assert_eq!(sent.contains(&(contact, event.at)), !rests, "case {} completed at {}", row.number, event.at);
        if !rests {
            last_asked.insert(contact, event.at);
        }
    }
    assert!(!surveys.is_empty());
    let page = case::page(&month.server.app, &month.staff[0], rows[0].number).await.unwrap();
    assert_eq!(page.timeline.len(), histories[&rows[0].id].len());
}

both! {
    async fn agree_03_hours_05_a_month_into_summer_time_keeps_every_promise_of_its_cases(engine) {
        a_month(engine, "2026-02-20T09:00:00-05:00", 7).await;
    }

    async fn agree_03_hours_05_a_month_out_of_summer_time_keeps_every_promise_of_its_cases(engine) {
        a_month(engine, "2026-10-19T09:00:00-04:00", 11).await;
    }
}
