//! How a case is changed: its row is held, a move of its life is made, the step is written with where the case stands now, the
//! clocks are wound, and whom it concerns is told; all of it or nothing.

use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::{Party, Visibility},
    error::{Error, Result},
    identity::staff::{self, Staff},
    input, surveys,
    work::Work,
};

use super::{
    case::CaseRow,
    clocks,
    lifecycle::{Actor, CaseStatus, Move, Person, Place, Refusal},
    mail, notice, offers,
    queries::{self, NewCase, steps::NewStep},
};

/// Who does something to a case.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A member of the desk.
    Desk(&'a Staff),
    /// The customer, by this name.
    Customer(&'a str),
    /// The server.
    System,
}

impl By<'_> {
    /// The member of the desk, if one does it.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::Desk(staff) => Some(staff.id),
            Self::Customer(_) | Self::System => None,
        }
    }

    /// The name that the history shows.
    pub fn name(&self) -> &str {
        match self {
            Self::Desk(staff) => &staff.name,
            Self::Customer(name) => name,
            Self::System => "",
        }
    }

    fn party(&self) -> Party {
        match self {
            Self::Desk(_) => Party::Staff,
            Self::Customer(_) => Party::Customer,
            Self::System => Party::System,
        }
    }
}

/// A case that nobody else changes until this is over.
pub struct Held<'a> {
    /// The transaction.
    pub work: Work<'a>,
    /// The case as it was found.
    pub case: CaseRow,
    /// Where it stands now.
    pub place: Place,
    by: By<'a>,
    actor: Actor,
}

/// What happened, in words.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// What kind of step.
    pub kind: &'a str,
    /// In words.
    pub text: &'a str,
    /// Who may read it.
    pub to: Visibility,
}

/// Holds a case.
pub async fn hold<'a>(app: &'a App, by: By<'a>, number: i64) -> Result<Held<'a>> {
    hold_all(app, by, number, &[]).await
}

/// Holds a case and others beside it, in the order of their numbers, so that two who do so do not wait for each other.
pub async fn hold_all<'a>(app: &'a App, by: By<'a>, number: i64, others: &[i64]) -> Result<Held<'a>> {
    let teams = match by {
        By::Desk(staff) => staff::teams_of(&app.db, staff.id).await?,
        By::Customer(_) | By::System => Vec::new(),
    };
    let mut work = Work::begin(app).await?;
    let mut numbers: Vec<i64> = others.iter().copied().chain([number]).collect();
    numbers.sort_unstable();
    for number in numbers {
        queries::lock_case(&mut work.tx, number).await?;
    }
    held(work, by, number, &teams).await
}

/// A case that was made in this transaction, or is locked in it.
pub async fn held<'a>(mut work: Work<'a>, by: By<'a>, number: i64, teams: &[Uuid]) -> Result<Held<'a>> {
    let case = queries::find_case_in(&mut work.tx, number).await?.ok_or_else(|| no_case(number))?;
    let place = case.place();
    let actor = match by {
        By::Desk(staff) => actor(&case, staff, teams),
        By::Customer(_) => Actor::Customer,
        By::System => Actor::System,
    };
    Ok(Held { work, case, place, by, actor })
}

/// There is none with this number.
pub fn no_case(number: i64) -> Error {
    Error::not_found(format!("There is no case {number}."))
}

/// What a member of the desk is to a case.
pub fn actor(case: &CaseRow, staff: &Staff, teams: &[Uuid]) -> Actor {
    Actor::Desk {
        id: staff.id,
        tier: staff.tier,
        supervisor: staff.is_supervisor(),
        in_team: case.team_id.is_none_or(|team| teams.contains(&team)),
    }
}

/// Writes the first step of a new case and winds its clocks, and tells the customer. `owner` served the customer in the chat that it was
/// made from.
pub async fn made(work: &mut Work<'_>, case: &NewCase, owner: Option<Uuid>, by: &str, text: &str) -> Result<()> {
    made_untold(work, case, owner, by, text).await?;
    mail::made(work, case.source_id, by).await
}

/// The same where the customer is told something else.
pub async fn made_untold(work: &mut Work<'_>, case: &NewCase, owner: Option<Uuid>, by: &str, text: &str) -> Result<()> {
    let place =
        Place { status: CaseStatus::Open, team: case.team_id, tier: case.tier, owner: case.owner_id, worker: None };
    let (party, visibility) = (if owner.is_some() { Party::Staff } else { Party::System }, Visibility::Staff);
    let (id, at) = (work.app.clock.new_id(), work.now);
    let (by_name, kind) = (by, "made");
    let step = NewStep { id, case: case.id, at, party, by: owner, by_name, kind, text, visibility, place };
    queries::steps::insert(&mut work.tx, &step).await?;
    clocks::wind(work, case.id, case.severity).await?;
    work.desk_changed();
    work.case_made();
    Ok(())
}

impl Held<'_> {
    /// Makes a move, or says why not.
    pub fn go(&mut self, step: Move) -> Result<()> {
        self.place = self.place.after(step, self.actor).map_err(|refusal| refused(step, refusal, &self.case))?;
        Ok(())
    }

    /// Its owner, with the tier that they have now.
    pub async fn owner(&mut self) -> Result<Option<Person>> {
        let Some(id) = self.place.owner else { return Ok(None) };
        let tier = staff::find_in(&mut self.work.tx, id).await?.map_or(1, |owner| owner.tier);
        Ok(Some(Person { id, tier }))
    }

    /// Writes the step and what it changed; more may follow before the commit.
    pub async fn write(&mut self, said: Said<'_>) -> Result<()> {
        let (now, case, place) = (self.work.now, &self.case, self.place);
        let silent = clocks::silent_at(&mut self.work, &place, case.silent_at).await?;
        queries::set_place(&mut self.work.tx, case.id, &place, silent, now).await?;
        offers::moved(&mut self.work, case.id, &case.place(), &place).await?;
        record(&mut self.work, self.by, case, &place, said).await?;
        let by_customer = matches!(self.by, By::Customer(_));
        if !by_customer {
            mail::step(&mut self.work, case, &place, self.by.name(), said, silent).await?;
        }
        if place.status == CaseStatus::Completed && case.status != CaseStatus::Completed {
            surveys::sending::after(&mut self.work, case.id).await?;
        }
        Ok(())
    }

    /// Writes a step of another case that is held beside this one, and that it does not move.
    pub async fn write_beside(&mut self, other: &CaseRow, said: Said<'_>) -> Result<()> {
        let (now, place) = (self.work.now, other.place());
        queries::set_place(&mut self.work.tx, other.id, &place, other.silent_at, now).await?;
        record(&mut self.work, self.by, other, &place, said).await
    }

    /// Whether who does this has a part in the case.
    pub fn involved(&self) -> bool {
        self.place.involves(self.actor)
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<()> {
        self.work.commit().await
    }
}

/// Writes a step down, winds the clocks and tells whom it concerns.
async fn record(work: &mut Work<'_>, by: By<'_>, case: &CaseRow, place: &Place, said: Said<'_>) -> Result<()> {
    let step = NewStep {
        id: work.app.clock.new_id(),
        case: case.id,
        at: work.now,
        party: by.party(),
        by: by.id(),
        by_name: by.name(),
        kind: said.kind,
        text: said.text,
        visibility: said.to,
        place: *place,
    };
    queries::steps::insert(&mut work.tx, &step).await?;
    // What was promised to a case that is closed is over, whatever is promised now.
    if !(case.status.is_closed() && place.status.is_closed()) {
        clocks::wind(work, case.id, case.severity).await?;
    }
    work.desk_changed();
    let who = if by.name().is_empty() { String::new() } else { format!(" ({})", by.name()) };
    let words = input::snippet(&format!("Case {}{who}: {}", case.number, said.text), 300);
    tell(work, by, case, place, &words).await
}

/// Writes down what happened to a case by itself: it moves nothing, and nobody is told.
pub async fn note(
    work: &mut Work<'_>,
    id: Uuid,
    (case, place): (Uuid, &Place),
    (kind, text): (&str, &str),
) -> Result<()> {
    let (at, place) = (work.now, *place);
    let (party, by, by_name, visibility) = (Party::System, None, "", Visibility::Staff);
    let step = NewStep { id, case, at, party, by, by_name, kind, text, visibility, place };
    queries::steps::insert(&mut work.tx, &step).await?;
    work.desk_changed();
    Ok(())
}

/// Tells the owner, who works it for the owner, and who watches it, unless it was their own doing.
async fn tell(work: &mut Work<'_>, by: By<'_>, case: &CaseRow, place: &Place, words: &str) -> Result<()> {
    // Who lost the ownership hears of it, too.
    let mut people: Vec<Uuid> = [place.owner, place.worker, case.owner_id].into_iter().flatten().collect();
    people.extend(queries::watchers::of(&mut work.tx, case.id).await?);
    people.sort_unstable();
    people.dedup();
    for person in people.into_iter().filter(|person| Some(*person) != by.id()) {
        notice::insert(work, person, words, Some(case.number)).await?;
    }
    Ok(())
}

/// The refusal in words that say what to do.
fn refused(step: Move, refusal: Refusal, case: &CaseRow) -> Error {
    let number = case.number;
    let words = match (step, refusal) {
        (Move::Claim, Refusal::NotNow) => match &case.worker {
            Some(worker) => format!("{worker} works case {number} already."),
            None => format!("Case {number} is closed. Reopen it first."),
        },
        (Move::Claim, Refusal::NotYours) => {
            format!("Case {number} waits for another team or tier. A supervisor can assign it to you.")
        }
        (Move::Assign(_) | Move::PassOwnership(_), Refusal::NotYours) => {
            "Only a supervisor can give a case to somebody.".to_owned()
        }
        (Move::Escalate, Refusal::NotNow) => {
            "Development is the last tier, and a closed case is escalated only after it was reopened.".to_owned()
        }
        (Move::HandBack(_), Refusal::NotNow) => {
            "Its owner works on this case already, or nobody owns it yet.".to_owned()
        }
        (Move::Confirm | Move::Silence, Refusal::NotNow) => {
            "Only a case whose solution was given can be confirmed.".to_owned()
        }
        (Move::Reopen(_) | Move::NotSolved(_), Refusal::NotNow) if !case.status.is_closed() => {
            "This case is open.".to_owned()
        }
        (Move::NotSolved(_) | Move::CustomerWrote, Refusal::NotNow) => {
            format!("Case {number} is closed ({}). Please begin a new one.", case.status.name())
        }
        (_, Refusal::NotYours) => {
            "Only the case’s owner, who works on it, or a supervisor can do that. Write a comment, or ask one of them."
                .to_owned()
        }
        (_, Refusal::NotNow) if case.status.is_closed() => {
            format!("Case {number} is closed ({}). Reopen it first.", case.status.name())
        }
        (_, Refusal::NotNow) => format!("Case {number} stands so already, or not where this can be done."),
    };
    match refusal {
        Refusal::NotYours => Error::forbidden(words),
        Refusal::NotNow => Error::conflict("not_now", words),
    }
}
