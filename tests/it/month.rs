//! A month of a desk: cases left, taken, sent through the tiers, waited for, solved, opened again, by chance and by
//! everybody, some at times of their own, through a clock change and holidays; then all that must be true of it is looked
//! for in the database. `DESKBELL_MONTH=2000` takes as many cases: `cargo test --test it -- month --nocapture`.

mod oracle;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
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
    support::{Agent, Browser, Customer, Engine, Server, Settings, actors::*, eventually},
};
use oracle::{PROMISED, PROMISED_THEN, Promised, WANTED, Wall, ZONE, compare, figures};

/// What somebody does with a case.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Claim,
    Escalate,
    HandBack,
    ToQueue,
    Assign,
    Release,
    AskInfo,
    AskAction,
    Answer,
    Comment,
    CustomerWrites,
    Interrupt,
    Resume,
    Provide,
    Confirm,
    NotSolved,
    NotSolvedByPhone,
    Resolve,
    Close(CaseStatus),
    Cancel,
    PassOwnership,
    Reopen,
    /// Nobody says anything until the case is closed.
    Silence,
}

/// What is done by chance, some of it more often.
const BY_CHANCE: [Deed; 30] = [
    Deed::Claim,
    Deed::Claim,
    Deed::Claim,
    Deed::Claim,
    Deed::Claim,
    Deed::Claim,
    Deed::Escalate,
    Deed::HandBack,
    Deed::ToQueue,
    Deed::Assign,
    Deed::Release,
    Deed::AskInfo,
    Deed::AskAction,
    Deed::Answer,
    Deed::Answer,
    Deed::Comment,
    Deed::CustomerWrites,
    Deed::CustomerWrites,
    Deed::CustomerWrites,
    Deed::Interrupt,
    Deed::Resume,
    Deed::Provide,
    Deed::Confirm,
    Deed::NotSolved,
    Deed::NotSolvedByPhone,
    Deed::Resolve,
    Deed::Close(CaseStatus::Redirected),
    Deed::Cancel,
    Deed::PassOwnership,
    Deed::Reopen,
];

/// A case of which each deed has its time: the day counts from a given one. What begins it is a message.
type Told = (&'static str, (i64, &'static str), &'static [(i64, &'static str, Deed)]);

/// From the Sunday on which the clock changes.
const AROUND_THE_CHANGE: [Told; 7] = [
    // It waits for the customer over the weekend, again, and still does.
    (
        "Urgent: the export stops",
        (-3, "10:00"),
        &[
            (-3, "11:00", Deed::Claim),
            (-2, "16:40", Deed::AskInfo),
            (1, "09:20", Deed::CustomerWrites),
            (1, "10:05", Deed::Answer),
            (2, "14:00", Deed::Provide),
            (3, "09:00", Deed::NotSolved),
            (3, "10:00", Deed::Answer),
            (4, "09:00", Deed::CustomerWrites),
            (4, "15:00", Deed::AskAction),
        ],
    ),
    // The customer writes twice while the clock changes; the time is over when the desk asks back.
    (
        "Nobody can print",
        (-2, "15:00"),
        &[
            (-2, "15:10", Deed::Claim),
            (-2, "15:30", Deed::Answer),
            (0, "01:30", Deed::CustomerWrites),
            (0, "03:30", Deed::CustomerWrites),
            (2, "12:00", Deed::Answer),
            (2, "13:00", Deed::Interrupt),
            (4, "09:00", Deed::Resume),
            (4, "10:00", Deed::AskInfo),
        ],
    ),
    // Nobody objects for five business days; then it comes back.
    (
        "How do I add a user?",
        (-4, "09:00"),
        &[
            (-4, "10:00", Deed::Provide),
            (3, "10:30", Deed::Silence),
            (4, "09:00", Deed::Reopen),
            (5, "09:00", Deed::CustomerWrites),
        ],
    ),
    // Nobody has it.
    ("The report is empty", (-3, "10:00"), &[]),
    // Up to development and back, solved, not solved.
    (
        "Totals are wrong",
        (-5, "09:00"),
        &[
            (-5, "09:30", Deed::Assign),
            (-5, "11:00", Deed::Answer),
            (-4, "09:00", Deed::Escalate),
            (-4, "17:30", Deed::Claim),
            (-3, "09:00", Deed::Escalate),
            (-2, "09:00", Deed::Escalate),
            (1, "08:00", Deed::Claim),
            (1, "12:00", Deed::HandBack),
            (1, "13:00", Deed::Resolve),
            (2, "09:00", Deed::NotSolved),
            (3, "09:00", Deed::Answer),
            (3, "16:00", Deed::CustomerWrites),
            (5, "10:00", Deed::Answer),
        ],
    ),
    // Called off over the weekend, and wanted after all.
    (
        "A label is too small",
        (-4, "12:00"),
        &[
            (-4, "13:00", Deed::Answer),
            (-2, "18:00", Deed::Cancel),
            (1, "10:00", Deed::Reopen),
            (2, "10:00", Deed::Answer),
            (2, "11:00", Deed::Resolve),
        ],
    ),
    // Closed without a word to anybody, which keeps the first promises for good.
    (
        "Urgent: the wrong department",
        (-3, "12:00"),
        &[
            (-3, "12:30", Deed::Close(CaseStatus::CompletedSilent)),
            (1, "09:00", Deed::Reopen),
            (2, "09:00", Deed::Answer),
            (3, "09:00", Deed::Close(CaseStatus::Error)),
        ],
    ),
];
/// From the holiday.
const AROUND_THE_HOLIDAY: [Told; 3] = [
    // The customer has to do something over the holiday.
    (
        "The import is slow",
        (-3, "09:30"),
        &[
            (-3, "10:00", Deed::Answer),
            (-1, "15:00", Deed::AskAction),
            (1, "09:30", Deed::CustomerWrites),
            (3, "09:00", Deed::Provide),
            (3, "11:00", Deed::Confirm),
            (4, "10:00", Deed::NotSolved),
            (5, "10:00", Deed::Provide),
        ],
    ),
    // The desk has to, and does not.
    (
        "The scanner is offline",
        (-2, "16:40"),
        &[
            (-1, "10:00", Deed::Answer),
            (0, "12:00", Deed::CustomerWrites),
            (3, "11:00", Deed::Claim),
            (3, "12:00", Deed::Answer),
            (3, "12:30", Deed::CustomerWrites),
            (3, "13:00", Deed::Answer),
            (4, "13:00", Deed::CustomerWrites),
        ],
    ),
    ("All users are locked out", (-2, "16:40"), &[(1, "18:00", Deed::Answer), (2, "09:00", Deed::Resolve)]),
];

/// What is to be done at which time with the case of this message; nothing: the message comes.
type Due = (DateTime<Utc>, &'static str, Option<Deed>);

/// All that has its time, in the order of time.
fn diary(change: NaiveDate, holiday: NaiveDate) -> VecDeque<Due> {
    let at = |day: NaiveDate, days: i64, time: &str| {
        let wall = (day + TimeDelta::days(days)).and_time(time.parse::<NaiveTime>().unwrap());
        ZONE.from_local_datetime(&wall).earliest().unwrap().to_utc()
    };
    let mut diary = Vec::new();
    for (from, told) in [(change, &AROUND_THE_CHANGE[..]), (holiday, &AROUND_THE_HOLIDAY)] {
        for &(text, (days, time), deeds) in told {
            diary.push((at(from, days, time), text, None));
            diary.extend(deeds.iter().map(|&(days, time, deed)| (at(from, days, time), text, Some(deed))));
        }
    }
    diary.sort_by_key(|due| due.0);
    diary.into()
}

struct Month {
    server: Server,
    staff: Vec<Staff>,
    customers: Vec<Contact>,
    random: StdRng,
    /// What is still to be done at its time.
    diary: VecDeque<Due>,
    /// The cases that were made, with what the customer wrote.
    made: HashMap<i64, String>,
    /// Those with which things are done by chance.
    by_chance: Vec<i64>,
    /// How often something was done, and how often it was refused.
    done: usize,
    refused: usize,
}

impl Month {
    async fn begin(engine: Engine, dates: &Dates, people: usize, seed: u64) -> Self {
        let change: fn(&mut deskbell::config::Config) = |config| {
            config.limits.messages_per_hour = 1_000_000;
            config.mail = Mail { from: "Desk <desk@ledgerleaf.example>".into(), keep: true, ..Mail::default() };
        };
        let settings = Settings { clock: dates.start.parse().unwrap(), change, ..Settings::default() };
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
        let [change, holiday] = [dates.clock_change, dates.holiday].map(|day| day.parse().unwrap());
        Self {
            server,
            staff,
            customers,
            random: StdRng::seed_from_u64(seed),
            diary: diary(change, holiday),
            made: HashMap::new(),
            by_chance: Vec::new(),
            done: 0,
            refused: 0,
        }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of.choose(&mut self.random).unwrap().clone()
    }

    /// The admin says what is promised.
    async fn promise(&self, promised: &Promised) {
        let wilma = Browser::sign_in(&self.server, WILMA).await;
        let mut form = promised.form();
        form.push(("seen".to_owned(), wilma.hidden("/admin/promises", "seen").await));
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(wilma.send("/admin/promises", &form).await.unwrap(), "/admin/promises?done=saved");
    }

    /// A case that a specialist makes from a chat is theirs from the beginning.
    async fn chat(&mut self) {
        let mut priya = Agent::online(&self.server, PRIYA).await;
        let mut zoe = Customer::arrive(&self.server, ZOE).await;
        zoe.ask("Half of the claims are gone", "claims").await;
        let (chat, _) = priya.take().await;
        let path = format!("/api/chats/{chat}/case");
        let draft = priya.get(&format!("{path}-proposal")).await;
        let made = priya.post(&path, draft.clone()).await.1["case"].as_i64().unwrap();
        self.made.insert(made, draft["description"].as_str().unwrap().to_owned());
        self.by_chance.push(made);
        assert_eq!(priya.socket.ask(json!({"type": "end", "chat": chat})).await["type"], "ok");
    }

    async fn leave(&mut self, text: String) -> i64 {
        let n = self.made.len();
        let contact = self.one(&self.customers.clone());
        // One of six only says who they are.
        let visitor =
            (!n.is_multiple_of(6)).then(|| Visitor { token_hash: String::new(), contact: contact.clone(), chat: None });
        let message = LeftMessage {
            id: new_id(),
            name: contact.name,
            email: contact.email,
            customer_number: String::new(),
            category: String::new(),
            text: text.clone(),
        };
        let made = left_message::leave(&self.server.app, &message, visitor.as_ref(), [10, 0, 0, 1].into()).await;
        let number = made.unwrap().case;
        assert!(self.made.insert(number, text).is_none(), "case {number} is there twice");
        number
    }

    async fn leave_by_chance(&mut self) {
        let what = ["nothing prints", "all claims stopped, nobody can work", "urgent", "how do I print", "it is slow"];
        let text = format!("Request {}: {}", self.made.len(), self.one(&what));
        let number = self.leave(text).await;
        self.by_chance.push(number);
    }

    /// Somebody does something with some case, half of the time who has a part in it; what is refused changes nothing.
    async fn act(&mut self) {
        // The newer ones are worked more.
        let newest = (0..3).map(|_| self.random.random_range(0..self.by_chance.len())).max().unwrap();
        let number = self.by_chance[newest];
        let (deed, mut person) = (self.one(&BY_CHANCE), self.one(&self.staff.clone()));
        let (other, customer) = (self.one(&self.staff.clone()).id, self.one(&self.customers.clone()).name);
        if self.random.random() {
            let (involved,): (Option<Uuid>,) = self
                .server
                .app
                .db
                .query("SELECT COALESCE(worker_id, owner_id) FROM cases WHERE number = $1")
                .bind(number)
                .fetch_one()
                .await
                .unwrap();
            person = self.staff.iter().find(|person| Some(person.id) == involved).cloned().unwrap_or(person);
        }
        match self.go(deed, number, &person, other, &customer).await {
            Ok(()) => self.done += 1,
            Err(Error::Refused(_)) => self.refused += 1,
            Err(fault) => panic!("case {number}: {fault}"),
        }
    }

    async fn go(&self, deed: Deed, number: i64, staff: &Staff, other: Uuid, customer: &str) -> Result<()> {
        let (app, by) = (&self.server.app, By::Customer(customer));
        match deed {
            Deed::Claim => moves::claim(app, staff, number).await,
            Deed::Escalate => moves::escalate(app, staff, number, "it is beyond me", "").await,
            Deed::HandBack => moves::hand_back(app, staff, number, "that was it").await,
            Deed::ToQueue => moves::to_queue(app, staff, number, "claims", 2, "theirs").await,
            Deed::Assign => moves::assign(app, staff, number, other, "knows it").await,
            Deed::Release => moves::release(app, staff, number, "on holiday").await,
            Deed::AskInfo => moves::ask_customer(app, staff, number, Asked::Info, "Which model?").await,
            Deed::AskAction => moves::ask_customer(app, staff, number, Asked::Action, "Please restart it.").await,
            Deed::Answer => comments::answer(app, staff, number, "We look at it.").await,
            Deed::Comment => comments::comment(app, staff, number, "Odd.").await,
            Deed::CustomerWrites => comments::from_customer(app, customer, number, "It is the new one.").await,
            Deed::Interrupt => moves::interrupt(app, staff, number, "the payer is down").await,
            Deed::Resume => moves::resume(app, staff, number, "it is back").await,
            Deed::Provide => moves::provide(app, staff, number, "A new driver.", None, true).await,
            Deed::Confirm => moves::confirm(app, by, number).await,
            Deed::NotSolved => moves::not_solved(app, by, number, "It came back.").await,
            Deed::NotSolvedByPhone => moves::not_solved(app, By::Desk(staff), number, "It came back.").await,
            Deed::Resolve => moves::resolve(app, staff, number, "Solved on the phone.", None).await,
            Deed::Close(status) => moves::close(app, staff, number, status, "as agreed").await,
            Deed::Cancel => moves::cancel(app, by, number, "").await,
            Deed::PassOwnership => moves::pass_ownership(app, staff, number, other, "leaves the company").await,
            Deed::Reopen => moves::reopen(app, staff, number, "it came back").await,
            Deed::Silence => {
                eventually("the silence is taken for a yes", async || {
                    let found = self.server.app.db.query("SELECT closed_at FROM cases WHERE number = $1").bind(number);
                    found.fetch_one::<(Option<DateTime<Utc>>,)>().await.unwrap().0
                })
                .await;
                Ok(())
            }
        }
    }

    /// Time passes; what has its time in it is done then.
    async fn pass(&mut self, until: DateTime<Utc>) {
        while let Some((at, text, deed)) = self.diary.pop_front_if(|due| due.0 <= until) {
            self.server.advance((at - self.server.app.clock.now()).max(TimeDelta::zero()));
            let Some(deed) = deed else {
                self.leave(text.to_owned()).await;
                continue;
            };
            let number = *self.made.iter().find(|(_, made)| *made == text).unwrap().0;
            let [rosalind, priya] =
                [ROSALIND, PRIYA].map(|(email, _)| self.staff.iter().find(|person| person.email == email).unwrap());
            let gone = self.go(deed, number, rosalind, priya.id, "Zoë").await;
            gone.unwrap_or_else(|refused| panic!("{text}: {deed:?}: {refused}"));
        }
        self.server.advance((until - self.server.app.clock.now()).max(TimeDelta::zero()));
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
    severity: i16,
    due_at: Option<DateTime<Utc>>,
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

/// When a month begins, and its days that are not like others.
struct Dates {
    start: &'static str,
    clock_change: &'static str,
    holiday: &'static str,
}

/// All cases of the month with all of their steps.
struct Cases {
    rows: Vec<CaseRow>,
    events: Vec<Event>,
}

impl Cases {
    async fn load(server: &Server) -> Self {
        let db = &server.app.db;
        let rows = db.query(
            "SELECT id, number, status, tier, team_id, owner_id, worker_id, contact_id, verified, description,
                 severity, due_at FROM cases WHERE number > 1012 ORDER BY number",
        );
        let events = db.query(
            "SELECT case_id, at, kind, party, visibility, status, tier, team_id, owner_id, worker_id FROM case_events
             WHERE status IS NOT NULL ORDER BY at, id",
        );
        Self { rows: rows.fetch_all().await.unwrap(), events: events.fetch_all().await.unwrap() }
    }

    fn histories(&self) -> HashMap<Uuid, Vec<&Event>> {
        let mut histories: HashMap<Uuid, Vec<&Event>> = HashMap::new();
        for event in &self.events {
            histories.entry(event.case_id).or_default().push(event);
        }
        histories
    }
}

async fn a_month(engine: Engine, dates: Dates, seed: u64) {
    let cases: usize = std::env::var("DESKBELL_MONTH").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let mut month = Month::begin(engine, &dates, if cases < 1_000 { 12 } else { 30 }, seed).await;
    let start: DateTime<Utc> = dates.start.parse().unwrap();
    month.promise(&PROMISED).await;
    month.chat().await;
    // Thirty days in as many steps as there is something to do.
    let steps = cases * 10;
    let pause = TimeDelta::days(30) / i32::try_from(steps).unwrap();
    for step in 0..steps {
        if step % 10 == 0 {
            month.leave_by_chance().await;
        } else {
            month.act().await;
        }
        let pause = pause * month.random.random_range(0..200) / 100;
        month.pass(month.server.app.clock.now() + pause).await;
    }
    month.pass(start + TimeDelta::days(30)).await;
    assert!(month.diary.is_empty(), "not done: {:?}", month.diary);
    // What is still due is told and done, then nothing happens any more.
    eventually("nothing is due any more", async || {
        let now = month.server.app.clock.now();
        let (due,): (i64,) = month
            .server
            .app
            .db
            .query(
                "SELECT CAST((SELECT COUNT(*) FROM cases WHERE silent_at <= $1 OR ages_at <= $1)
                 + (SELECT COUNT(*) FROM case_clocks WHERE next_at <= $1) AS BIGINT)",
            )
            .bind(now)
            .fetch_one()
            .await
            .unwrap();
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
    let found = Cases::load(&month.server).await;
    let histories = found.histories();
    let Cases { rows, events } = &found;
    // Nothing is lost.
    let kept: HashMap<i64, String> = rows.iter().map(|row| (row.number, row.description.clone())).collect();
    assert_eq!(kept, month.made);
    assert!(month.done > steps / 4, "{} of {steps} were done, {} refused", month.done, month.refused);

    let wall = Wall::new(start, 150);
    let clocks = compare(&month.server, &wall, None).await.unwrap_or_else(|wrong| panic!("{wrong}"));
    let figures = figures(&clocks, &found, &dates, month.server.app.clock.now());
    println!("{engine:?}: {} cases, {} deeds, {} refused, {figures:#?}", rows.len(), month.done, month.refused);
    for wanted in WANTED {
        assert!(figures.contains_key(wanted), "no case of {wanted}: {figures:#?}");
    }
    for row in rows {
        let history = &histories[&row.id];
        // Who was assigned first stays the owner, but for steps that pass the ownership on; a worker has an owner beside.
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
    }

    // Nobody was asked twice within 14 days, and everybody who could be asked was.
    let surveys: Vec<(Uuid, Uuid, DateTime<Utc>)> =
        db.query("SELECT contact_id, case_id, sent_at FROM surveys ORDER BY sent_at").fetch_all().await.unwrap();
    let mut last_asked: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
    let sent: HashSet<(Uuid, DateTime<Utc>)> = surveys.iter().map(|(contact, _, at)| (*contact, *at)).collect();
    let of: HashMap<Uuid, &CaseRow> = rows.iter().map(|row| (row.id, row)).collect();
    let mut before: HashMap<Uuid, CaseStatus> = HashMap::new();
    for event in events {
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

    // Other promises, and only opening hours count: the clocks of open cases are wound anew.
    month.promise(&PROMISED_THEN).await;
    let changed_at = month.server.app.clock.now();
    for _ in 0..20 + cases / 20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if compare(&month.server, &wall, Some(changed_at)).await.is_ok() {
            return;
        }
    }
    compare(&month.server, &wall, Some(changed_at)).await.unwrap_or_else(|wrong| panic!("{wrong}"));
}

both! {
    async fn agree_03_hours_05_a_month_into_summer_time_keeps_every_promise_of_its_cases(engine) {
        let dates = Dates { start: "2026-02-12T09:00:00-05:00", clock_change: "2026-03-08", holiday: "2026-02-16" };
        a_month(engine, dates, 7).await;
    }

    async fn agree_03_hours_05_a_month_out_of_summer_time_keeps_every_promise_of_its_cases(engine) {
        let dates = Dates { start: "2026-10-19T09:00:00-04:00", clock_change: "2026-11-01", holiday: "2026-11-11" };
        a_month(engine, dates, 11).await;
    }
}
