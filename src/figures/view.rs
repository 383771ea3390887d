//! The figures as they cross the socket.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::identity::staff::{Presence, StaffRole, TOP_TIER};

use super::{
    day::{NowFigures, Part},
    facts::{RangeFigures, Targets},
    queries::CaseRow,
    thresholds::Thresholds,
};

/// All figures of the wallboard at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FiguresView {
    /// The moment.
    pub as_of: DateTime<Utc>,
    /// When today began, by the desk's clock.
    pub day_from: DateTime<Utc>,
    /// The desk's zone, as an IANA name.
    pub zone: String,
    /// What the rules say that the figures depend on.
    pub targets: Targets,
    /// From where on figures are warnings, and from where on they are bad.
    pub thresholds: Thresholds,
    /// What is so at this moment.
    pub now: NowFigures,
    /// What today's chats come to.
    pub today: RangeFigures,
    /// Today in quarters of an hour, from its begin to now.
    pub chart: Vec<Part>,
    /// The people of the desk who ever signed in.
    pub agents: Vec<AgentView>,
    /// Running chats whose specialists ask for a supervisor, the longest wait first.
    pub flags: Vec<FlagView>,
    /// Open cases above tier I, the longest there first; fifty at the most.
    pub escalations: Vec<EscalationView>,
    /// How many there are.
    pub escalated: u32,
    /// Open cases by tier.
    pub cases: Vec<TierView>,
    /// The open cases that nobody has acknowledged.
    pub acknowledgements: AcknowledgementsView,
    /// What customers answered in surveys within the last 90 days.
    pub satisfaction: SatisfactionView,
}

/// What customers answered in surveys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SatisfactionView {
    /// How many were asked.
    pub asked: u32,
    /// How many answered.
    pub answers: u32,
    /// The mean of their answers, 1 (bad) to 5 (good).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// How many of them are 1 or 2.
    pub low: u32,
}

/// A person and what the person does today.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AgentView {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// What the person may do.
    pub role: StaffRole,
    /// 1 to 4.
    pub tier: i16,
    /// In which state.
    pub state: Presence,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Chats being served.
    pub chats: i64,
    /// How many at the most.
    pub capacity: i16,
    /// Chats of today that the person answered first.
    pub answered: u32,
    /// Mean seconds of the person's own talking and writing up, of today's chats that are over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle_seconds: Option<f64>,
    /// Busy of busy and idle: 0 to 1. Absent: neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<f64>,
    /// Seconds online today.
    pub online_seconds: f64,
}

/// A specialist asks for a supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct FlagView {
    /// In which chat.
    pub chat: Uuid,
    /// The contact's name.
    pub customer: String,
    /// The account's name.
    pub account: String,
    /// The specialist's name.
    pub agent: String,
    /// What for.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// An open case above tier I.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EscalationView {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// 2 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// Since when it is there.
    pub since: DateTime<Utc>,
    /// The specialist who answers the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who works on it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
}

/// The open cases of a tier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierView {
    /// 1 to 4.
    pub tier: i16,
    /// How many.
    pub open: u32,
    /// Of these, with nobody who works on them.
    pub unclaimed: u32,
    /// Younger than a day, than three days, than a week, and older ones.
    pub ages: [u32; 4],
    /// When the oldest was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<DateTime<Utc>>,
}

/// The open cases that nobody has acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AcknowledgementsView {
    /// In time still.
    pub due: u32,
    /// Of these, with less than a quarter of the time left.
    pub soon: u32,
    /// Past the target.
    pub late: u32,
    /// Of these, past the limit: the promise is broken.
    pub broken: u32,
    /// Which: what falls due first comes first; fifty at the most.
    pub cases: Vec<AcknowledgementView>,
}

/// An open case that nobody has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AcknowledgementView {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// When it is soon due.
    pub soon_at: DateTime<Utc>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// When the promise breaks.
    pub breach_at: DateTime<Utc>,
}

/// How many escalations are listed.
const MOST: usize = 50;

/// The open cases above tier I, the longest there first, and how many there are.
pub fn escalations(cases: &[CaseRow]) -> (Vec<EscalationView>, u32) {
    let view = |case: &CaseRow| EscalationView {
        number: case.number,
        subject: case.subject.clone(),
        tier: case.tier,
        severity: case.severity,
        since: case.escalated_at.unwrap_or(case.created_at),
        owner: case.owner.clone(),
        worker: case.worker.clone(),
    };
    let mut all: Vec<EscalationView> = cases.iter().filter(|case| case.tier > 1).map(view).collect();
    all.sort_by_key(|case| (case.since, case.number));
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    all.truncate(MOST);
    (all, count)
}

/// The open cases that nobody has acknowledged.
pub fn acknowledgements(cases: &[CaseRow], now: DateTime<Utc>) -> AcknowledgementsView {
    let mut view = AcknowledgementsView::default();
    for case in cases {
        let (Some(due_at), Some(breach_at)) = (case.acknowledge_at, case.acknowledge_last_at) else { continue };
        let soon_at = case.acknowledge_soon_at.unwrap_or(due_at);
        match now >= due_at {
            true => view.late += 1,
            false => view.due += 1,
        }
        view.soon += u32::from(now >= soon_at && now < due_at);
        view.broken += u32::from(now >= breach_at);
        let (number, severity) = (case.number, case.severity);
        let subject = case.subject.clone();
        view.cases.push(AcknowledgementView { number, subject, severity, soon_at, due_at, breach_at });
    }
    view.cases.sort_by_key(|case| (case.due_at, case.severity, case.number));
    view.cases.truncate(MOST);
    view
}

/// The open cases by tier and age; every tier has its row.
pub fn tiers(cases: &[CaseRow], now: DateTime<Utc>) -> Vec<TierView> {
    let mut tiers: HashMap<i16, TierView> = HashMap::new();
    for case in cases {
        let row = tiers.entry(case.tier).or_default();
        row.open += 1;
        row.unclaimed += u32::from(case.worker.is_none());
        row.oldest = row.oldest.into_iter().chain([case.created_at]).min();
        let [day, days, week, older] = &mut row.ages;
        let age = now - case.created_at;
        *(match age {
            _ if age < TimeDelta::days(1) => day,
            _ if age < TimeDelta::days(3) => days,
            _ if age < TimeDelta::days(7) => week,
            _ => older,
        }) += 1;
    }
    (1..=TOP_TIER).map(|tier| TierView { tier, ..tiers.remove(&tier).unwrap_or_default() }).collect()
}
