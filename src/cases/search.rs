//! All cases, open and closed: by number, words, customer, status, team, tier, severity and person; kept searches; several at once.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::{Db, like},
    work::Work,
};

use super::{
    lifecycle::CaseStatus,
    moves,
    queries::{self, search as rows},
};

/// How many a page shows.
pub const PAGE: i64 = 50;
/// How many a table for a spreadsheet has at most.
pub const MOST: i64 = 10_000;
/// How many searches a person keeps.
const MOST_KEPT: usize = 30;

/// What is looked for; what is empty or nothing is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A number, or words of the subject, the description or the customer.
    pub text: String,
    /// `is_open`, `is_closed`, or a status.
    pub status: String,
    /// A team's key.
    pub team: String,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// Whose it is, or who works on it.
    pub person: Option<Uuid>,
    /// Only with numbers below this one: the next page.
    pub before: Option<i64>,
}

/// A case that was found.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Found {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// The account's name, or the number that a left message claims.
    pub account: String,
    /// The contact's name, or the one that a left message gives.
    pub contact: String,
    /// The category's name.
    pub category: String,
    /// The team's name.
    pub team: String,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// Where it stands.
    pub status: CaseStatus,
    /// Who owns it.
    pub owner: String,
    /// Who works on it.
    pub worker: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// What falls due next.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// The newest that fit, `most` at the most.
pub async fn find(db: &Db, filter: &Filter, most: i64) -> Result<Vec<Found>> {
    let number: i64 = filter.text.trim().trim_start_matches('#').parse().unwrap_or_default();
    let pattern = like::containing(&input::fold(&filter.text.replace('\0', "")));
    Ok(rows::find(db, filter, number, &pattern, most).await?)
}

/// A search that a person keeps.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Kept {
    /// The server's id.
    pub id: Uuid,
    /// What the person calls it.
    pub name: String,
    /// The search, as it stands in the address.
    pub query: String,
}

/// The searches that a person keeps, by name.
pub async fn kept(db: &Db, staff: &Staff) -> Result<Vec<Kept>> {
    Ok(rows::kept(db, staff.id).await?)
}

/// Keeps a search; another one of the same name is replaced.
pub async fn keep(app: &App, staff: &Staff, name: &str, query: &str) -> Result<()> {
    let name = input::line("a name for the search", name, 60)?;
    let query = input::line("the search", query, 1_000)?;
    let mut work = Work::begin(app).await?;
    rows::forget_named(&mut work.tx, staff.id, &name).await?;
    if rows::count_kept(&mut work.tx, staff.id).await? >= MOST_KEPT.try_into().unwrap_or(i64::MAX) {
        let words = format!("You keep {MOST_KEPT} searches already. Remove one first.");
        return Err(Error::conflict("too_many", words));
    }
    rows::keep(&mut work.tx, app.clock.new_id(), staff.id, &name, &query).await?;
    work.commit().await
}

/// Removes a search of one's own.
pub async fn forget(app: &App, staff: &Staff, id: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    rows::forget(&mut work.tx, staff.id, id).await?;
    work.commit().await
}

/// What is done with several cases at once.
#[derive(Debug, Clone)]
pub enum Step {
    /// Given to somebody.
    Assign(Uuid),
    /// Into the queue of a team, by its key, and tier.
    Move(String, i16),
    /// Closed as something else than resolved.
    Close(CaseStatus),
}

/// What became of several cases.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How many it was done with.
    pub done: usize,
    /// The others, each with why not.
    pub refused: Vec<(i64, String)>,
}

/// Does the same with each case, for one reason; each is a step of its own, and one that is refused stops no other.
pub async fn all_at_once(app: &App, staff: &Staff, numbers: &[i64], step: &Step, reason: &str) -> Result<Outcome> {
    if numbers.is_empty() {
        return Err(Error::invalid("none", "Choose the cases first."));
    }
    let mut outcome = Outcome::default();
    for number in numbers {
        let done = match step {
            Step::Assign(person) => moves::assign(app, staff, *number, *person, reason).await,
            Step::Move(team, tier) => moves::to_queue(app, staff, *number, team, *tier, reason).await,
            Step::Close(status) => moves::close(app, staff, *number, *status, reason).await,
        };
        match done {
            Ok(()) => outcome.done += 1,
            // The words are missing for all of them.
            Err(error @ Error::Refused(_)) if error.refusal().status == 422 => return Err(error),
            Err(Error::Refused(refusal)) => outcome.refused.push((*number, refusal.message)),
            Err(fault) => return Err(fault),
        }
    }
    Ok(outcome)
}

/// The key of a team that cases can be searched by.
pub async fn is_team(db: &Db, key: &str) -> Result<bool> {
    Ok(queries::team_by_key(db, key).await?.is_some())
}
