//! A case, as lists and its page show it, and who may see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        log,
        protocol::{EventView, Party, Visibility},
    },
    desk::promises,
    error::{Error, Result},
    identity::staff::{self, Staff},
};

pub use super::queries::{LinkedSolution, OpenCase, open_cases_of};
use super::{
    clocks::{self, ClockView},
    files::CaseFile,
    lifecycle::{CaseStatus, Move, Person, Place},
    queries,
    relations::{self, Related},
    steps,
    watching::Watcher,
};

/// A case in a list.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct CaseRow {
    /// The server's id.
    #[serde(skip)]
    pub id: Uuid,
    /// The number that people say.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// The account's name, or the customer number that a left message claims.
    pub account: String,
    /// The contact's name, or the name that a left message gives.
    pub contact: String,
    /// The category's name.
    pub category: String,
    /// The team's name; empty when no team is chosen yet.
    pub team: String,
    /// The team.
    #[serde(skip)]
    pub team_id: Option<Uuid>,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// Where it stands.
    pub status: CaseStatus,
    /// The specialist first assigned, who stays.
    pub owner: Option<String>,
    /// The owner.
    #[serde(skip)]
    pub owner_id: Option<Uuid>,
    /// Who works it now.
    pub worker: Option<String>,
    /// The worker.
    #[serde(skip)]
    pub worker_id: Option<Uuid>,
    /// True: the person gave the right PIN, or was called back.
    pub verified: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// What falls due next of what was promised; nothing while it waits for the customer.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when a given solution waits for the customer's word.
    pub silent_at: Option<DateTime<Utc>>,
    /// What development calls it.
    pub reference: String,
    /// The chat that it came from.
    #[serde(skip)]
    pub chat_id: Option<Uuid>,
    /// What the customer wrote.
    #[serde(skip)]
    pub description: String,
    /// The address that a left message gives, or the contact's.
    #[serde(skip)]
    pub email: String,
}

/// One line of a case's history.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct TimelineEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; empty for the server.
    pub by: String,
    /// What kind of step.
    pub kind: String,
    /// In words.
    pub text: String,
    /// Which side took it.
    pub party: Party,
    /// Who may read it.
    pub visibility: Visibility,
    /// Where the case stood after it; older steps do not say.
    pub status: Option<CaseStatus>,
}

/// What the caller may do with a case.
#[derive(Debug, Clone, Serialize)]
pub struct Can {
    /// Work it.
    pub claim: bool,
    /// Give it to somebody.
    pub assign: bool,
    /// Put it back into its queue.
    pub release: bool,
    /// Send it to the next tier.
    pub escalate: bool,
    /// Send it to the queue of another team or tier.
    pub to_queue: bool,
    /// Give it back to its owner.
    pub hand_back: bool,
    /// Ask the customer to do or tell something.
    pub ask_customer: bool,
    /// Note that others stop it.
    pub interrupt: bool,
    /// Work it again.
    pub resume: bool,
    /// Write to the customer.
    pub answer: bool,
    /// Give the customer a solution.
    pub provide: bool,
    /// Note that the customer has confirmed the solution.
    pub confirm: bool,
    /// Note that the customer says it is not solved.
    pub not_solved: bool,
    /// Close it with what solved it.
    pub resolve: bool,
    /// Close it as something else.
    pub close: bool,
    /// Open it again.
    pub reopen: bool,
    /// Make somebody else its owner.
    pub pass_ownership: bool,
    /// Say that the person was called back and is verified.
    pub verify: bool,
}

/// A case's page.
#[derive(Debug, Serialize)]
pub struct CasePage {
    /// What the list shows.
    #[serde(flatten)]
    pub row: CaseRow,
    /// What the customer wrote.
    pub description: String,
    /// Where an answer goes.
    pub email: String,
    /// Its history, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The chat that it came from.
    pub transcript: Vec<EventView>,
    /// The solution that closed it.
    pub solution: Option<LinkedSolution>,
    /// The solution that was made from it, or is being written.
    pub made: Option<LinkedSolution>,
    /// What was promised, and how it stands.
    pub clocks: Vec<ClockView>,
    /// The files on it, oldest first.
    pub files: Vec<CaseFile>,
    /// The cases that it is linked with.
    pub related: Vec<Related>,
    /// Who is told of each step beside owner and worker.
    pub watchers: Vec<Watcher>,
    /// For so many business days a given solution waits for the customer's word.
    pub silence_days: u32,
    /// What the caller may do.
    pub can: Can,
}

/// Which cases a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseList {
    /// Waiting for the caller's teams and tier, worked by nobody.
    Queue,
    /// Owned by the caller.
    Owned,
    /// Worked by the caller.
    Working,
    /// From people whom nobody verified yet.
    Unverified,
    /// All that are open.
    All,
}

impl CaseRow {
    /// What of it its life moves.
    pub fn place(&self) -> Place {
        Place { status: self.status, team: self.team_id, tier: self.tier, owner: self.owner_id, worker: self.worker_id }
    }
}

/// What the caller may do with a case.
pub fn can(case: &CaseRow, staff: &Staff, teams: &[Uuid]) -> Can {
    let (place, actor) = (case.place(), steps::actor(case, staff, teams));
    let may = |step: Move| place.after(step, actor).is_ok();
    let owner = place.owner.map(|id| Person { id, tier: 1 });
    // Somebody who has nothing to do with it yet.
    let another = Person { id: Uuid::nil(), tier: 1 };
    Can {
        claim: may(Move::Claim),
        assign: may(Move::Assign(another)),
        release: may(Move::Release),
        escalate: may(Move::Escalate),
        to_queue: may(Move::ToQueue { team: Uuid::nil(), tier: 1 }),
        hand_back: owner.is_some_and(|owner| may(Move::HandBack(owner))),
        ask_customer: may(Move::AskForAction) || may(Move::AskForInfo),
        interrupt: may(Move::Interrupt),
        resume: may(Move::Resume),
        answer: place.involves(actor) && !place.status.is_closed(),
        provide: may(Move::Provide),
        confirm: may(Move::Confirm),
        not_solved: may(Move::NotSolved(owner)),
        resolve: may(Move::Close(CaseStatus::Completed)),
        close: may(Move::Close(CaseStatus::Redirected)),
        reopen: may(Move::Reopen(owner)),
        pass_ownership: may(Move::PassOwnership(another)),
        verify: !case.verified && !case.status.is_closed(),
    }
}

/// Whether a case waits in a queue: of its team, or, if it has none yet, of everybody's. Who is not verified waits elsewhere.
fn queued(case: &CaseRow) -> bool {
    case.team_id.is_some() || case.verified
}

/// A list of open cases: by severity, then by what falls due next.
pub async fn list(
    app: &App,
    staff: &Staff,
    list: CaseList,
    team: Option<&str>,
    tier: Option<i16>,
) -> Result<Vec<CaseRow>> {
    let teams = staff::teams_of(&app.db, staff.id).await?;
    let mut rows = queries::open_cases(&app.db).await?;
    rows.retain(|case| match list {
        // A supervisor's queue is everybody's.
        CaseList::Queue if staff.is_supervisor() => case.worker_id.is_none() && queued(case),
        CaseList::Queue => {
            case.worker_id.is_none()
                && case.tier == staff.tier
                && queued(case)
                && case.team_id.is_none_or(|team| teams.contains(&team))
        }
        CaseList::Owned => case.owner_id == Some(staff.id),
        CaseList::Working => case.worker_id == Some(staff.id),
        CaseList::Unverified => !case.verified,
        CaseList::All => true,
    });
    if let Some(key) = team {
        let team =
            queries::team_by_key(&app.db, key).await?.ok_or_else(|| Error::not_found("There is no such team."))?;
        rows.retain(|case| case.team_id == Some(team.0));
    }
    if let Some(tier) = tier {
        rows.retain(|case| case.tier == tier);
    }
    Ok(rows)
}

/// A case's page for a member of the desk.
pub async fn page(app: &App, staff: &Staff, number: i64) -> Result<CasePage> {
    let row = queries::find_case(&app.db, number).await?.ok_or_else(|| steps::no_case(number))?;
    let teams = staff::teams_of(&app.db, staff.id).await?;
    let transcript = match row.chat_id {
        Some(chat) => log::read_after(app, chat, 0, 10_000).await?,
        None => Vec::new(),
    };
    Ok(CasePage {
        can: can(&row, staff, &teams),
        description: row.description.clone(),
        email: row.email.clone(),
        timeline: queries::steps::timeline(&app.db, row.id).await?,
        solution: queries::solution_of(&app.db, row.id).await?,
        made: queries::solution_made_from(&app.db, row.id).await?,
        clocks: clocks::view(app, row.id, row.severity, row.status.is_closed()).await?,
        files: queries::files::of(&app.db, row.id).await?,
        related: relations::of(app, row.id).await?,
        watchers: queries::watchers::named(&app.db, row.id).await?,
        silence_days: promises::load(&app.db).await?.silence_days,
        transcript,
        row,
    })
}
