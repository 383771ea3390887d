//! The life of a case, pure: its statuses, who may move it which way, and what of its place each move changes. The owner, once
//! there is one, stays through all of them but one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::staff::TOP_TIER;

/// Where a case stands. The names are those of the portal's list (TICKET-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CaseStatus {
    /// It waits in a queue; nobody works it.
    Open,
    /// A specialist works it.
    InProcess,
    /// The customer has to do something first.
    CustomerAction,
    /// The customer has a solution; it waits for the customer's word, or for their silence.
    SolutionProvided,
    /// Resolved and closed.
    Completed,
    /// The customer called it off.
    Canceled,
    /// Something outside of the desk and of the customer stops it.
    Interrupted,
    /// Closed: somebody else has it now, as the reason says.
    Redirected,
    /// Closed: it was opened by mistake.
    Error,
    /// Closed without a word to the customer.
    CompletedSilent,
    /// The customer has to tell something first.
    AdditionalInfo,
}

use CaseStatus as S;

impl CaseStatus {
    /// All of them, in the order of the portal's list.
    pub const ALL: [Self; 11] = [
        S::Open,
        S::InProcess,
        S::CustomerAction,
        S::SolutionProvided,
        S::Completed,
        S::Canceled,
        S::Interrupted,
        S::Redirected,
        S::Error,
        S::CompletedSilent,
        S::AdditionalInfo,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            S::Open => "Open",
            S::InProcess => "In Process",
            S::CustomerAction => "Customer Action",
            S::SolutionProvided => "Solution Provided",
            S::Completed => "Completed",
            S::Canceled => "Canceled (by Customer)",
            S::Interrupted => "Interrupted",
            S::Redirected => "Redirected",
            S::Error => "Error",
            S::CompletedSilent => "Completed (w/o E-Mail)",
            S::AdditionalInfo => "Additional Info",
        }
    }

    /// Nothing more is to be done, unless it is reopened.
    pub fn is_closed(self) -> bool {
        matches!(self, S::Completed | S::Canceled | S::Redirected | S::Error | S::CompletedSilent)
    }

    /// It waits for the customer: the desk's clocks stand still. (What is interrupted goes on: the customer was promised a time
    /// whoever else is late.)
    pub fn waits_for_customer(self) -> bool {
        matches!(self, S::CustomerAction | S::AdditionalInfo | S::SolutionProvided)
    }
}

/// What of a case its life moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where it stands.
    pub status: CaseStatus,
    /// Whose queue it is in, or was.
    pub team: Option<Uuid>,
    /// 1 to 4.
    pub tier: i16,
    /// The specialist first assigned.
    pub owner: Option<Uuid>,
    /// Who works it, or did when it was closed.
    pub worker: Option<Uuid>,
}

/// Who moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The customer.
    Customer,
    /// A member of the desk.
    Desk {
        /// Who.
        id: Uuid,
        /// 1 to 4.
        tier: i16,
        /// True: may what supervisors may.
        supervisor: bool,
        /// True: belongs to the case's team.
        in_team: bool,
    },
    /// The server.
    System,
}

/// A person of the desk to whom something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: Uuid,
    /// 1 to 4.
    pub tier: i16,
}

/// A move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Take it from the queue.
    Claim,
    /// Give it to somebody.
    Assign(Person),
    /// Back into its queue.
    Release,
    /// On to the next tier's queue.
    Escalate,
    /// The same, because it has waited too long.
    Age,
    /// Back to its owner, who is given.
    HandBack(Person),
    /// Into the queue of another team and tier.
    ToQueue {
        /// The team.
        team: Uuid,
        /// 1 to 4.
        tier: i16,
    },
    /// Wait for the customer's deed.
    AskForAction,
    /// Wait for the customer's words.
    AskForInfo,
    /// Wait for others.
    Interrupt,
    /// Work again.
    Resume,
    /// The solution goes to the customer.
    Provide,
    /// The customer says that it is solved.
    Confirm,
    /// The customer has said nothing for as long as the desk waits.
    Silence,
    /// The customer says that it is not solved; it goes to its owner, who is given if there is one.
    NotSolved(Option<Person>),
    /// The customer wrote.
    CustomerWrote,
    /// The customer needs it no more.
    Cancel,
    /// The desk does not help with its subject, and has said so.
    OutOfScope,
    /// Close it as this.
    Close(CaseStatus),
    /// Open it again, for its owner, who is given if there is one.
    Reopen(Option<Person>),
    /// The ownership passes on.
    PassOwnership(Person),
}

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This actor may not.
    NotYours,
    /// Not as the case stands.
    NotNow,
}

impl Place {
    /// The place after a move.
    pub fn after(self, step: Move, by: Actor) -> Result<Self, Refusal> {
        let now = |may: bool| if may { Ok(()) } else { Err(Refusal::NotNow) };
        let yours = |may: bool| if may { Ok(()) } else { Err(Refusal::NotYours) };
        let open = !self.status.is_closed();
        let supervisor = matches!(by, Actor::Desk { supervisor: true, .. });
        let customer = by == Actor::Customer;
        match step {
            Move::Claim => {
                let Actor::Desk { id, tier, in_team, .. } = by else { return Err(Refusal::NotYours) };
                now(open && self.worker.is_none())?;
                yours(supervisor || in_team && tier >= self.tier)?;
                Ok(self.worked_by(id, S::InProcess))
            }
            Move::Assign(to) => {
                yours(supervisor)?;
                now(open && self.worker != Some(to.id))?;
                Ok(self.worked_by(to.id, S::InProcess).in_tier(to.tier))
            }
            Move::Release => {
                yours(self.involves(by))?;
                now(open && self.worker.is_some())?;
                Ok(Self { status: S::Open, worker: None, ..self })
            }
            Move::Escalate => {
                yours(self.involves(by))?;
                now(open && self.tier < TOP_TIER)?;
                Ok(self.owned(by).in_queue(self.team, self.tier + 1))
            }
            Move::Age => {
                yours(by == Actor::System)?;
                now(open && !self.status.waits_for_customer() && self.tier < TOP_TIER)?;
                Ok(self.in_queue(self.team, self.tier + 1))
            }
            Move::ToQueue { team, tier } => {
                yours(self.involves(by))?;
                now(open && (self.worker.is_some() || self.team != Some(team) || self.tier != tier))?;
                now((1..=TOP_TIER).contains(&tier))?;
                Ok(self.in_queue(Some(team), tier))
            }
            Move::HandBack(owner) => {
                yours(self.involves(by))?;
                now(open && self.owner == Some(owner.id) && self.worker != Some(owner.id))?;
                Ok(self.worked_by(owner.id, S::InProcess).in_tier(owner.tier))
            }
            Move::AskForAction => self.worked(by, S::CustomerAction),
            Move::AskForInfo => self.worked(by, S::AdditionalInfo),
            Move::Interrupt => self.worked(by, S::Interrupted),
            Move::Provide => self.worked(by, S::SolutionProvided),
            Move::Resume => {
                yours(self.involves(by))?;
                now(self.status != S::Open && self.status != S::InProcess)?;
                self.worked(by, S::InProcess)
            }
            Move::Confirm => {
                yours(customer || self.involves(by))?;
                now(self.status == S::SolutionProvided)?;
                Ok(Self { status: S::Completed, ..self })
            }
            Move::Silence => {
                yours(by == Actor::System)?;
                now(self.status == S::SolutionProvided)?;
                Ok(Self { status: S::Completed, ..self })
            }
            Move::NotSolved(owner) => {
                yours(customer || self.involves(by))?;
                now(matches!(self.status, S::SolutionProvided | S::Completed | S::CompletedSilent))?;
                self.back_to(owner)
            }
            Move::Reopen(owner) => {
                yours(self.involves(by))?;
                now(!open)?;
                self.back_to(owner)
            }
            Move::CustomerWrote => {
                yours(customer)?;
                now(open)?;
                // Who writes while a solution waits has not said that it is solved: silence is over.
                let waited = self.status.waits_for_customer();
                let status = match self.worker {
                    Some(_) if waited => S::InProcess,
                    None if waited => S::Open,
                    _ => self.status,
                };
                Ok(Self { status, ..self })
            }
            Move::Cancel => {
                yours(customer || self.involves(by))?;
                now(open)?;
                Ok(Self { status: S::Canceled, ..self })
            }
            Move::OutOfScope => {
                yours(by == Actor::System)?;
                now(open && self.worker.is_none())?;
                Ok(Self { status: S::Redirected, ..self })
            }
            Move::Close(status) => {
                now(open && status.is_closed())?;
                yours(self.involves(by))?;
                Ok(Self { status, ..self.owned(by) })
            }
            Move::PassOwnership(to) => {
                yours(supervisor)?;
                now(self.owner != Some(to.id))?;
                // Who leaves works nothing any more: what they worked as the owner goes along.
                let worker = if self.worker.is_some() && self.worker == self.owner { Some(to.id) } else { self.worker };
                Ok(Self { owner: Some(to.id), worker, ..self })
            }
        }
    }

    /// Whether this actor has a part in the case.
    pub fn involves(&self, by: Actor) -> bool {
        match by {
            Actor::Desk { id, supervisor, .. } => supervisor || self.owner == Some(id) || self.worker == Some(id),
            Actor::Customer | Actor::System => false,
        }
    }

    /// What only those who work a case do; who is the first to do so in an unclaimed one takes it by that.
    fn worked(self, by: Actor, status: CaseStatus) -> Result<Self, Refusal> {
        let Actor::Desk { id, .. } = by else { return Err(Refusal::NotYours) };
        if !self.involves(by) {
            return Err(Refusal::NotYours);
        }
        if self.status.is_closed() || self.status == status {
            return Err(Refusal::NotNow);
        }
        Ok(self.worked_by(self.worker.unwrap_or(id), status))
    }

    fn worked_by(self, id: Uuid, status: CaseStatus) -> Self {
        Self { status, worker: Some(id), owner: self.owner.or(Some(id)), ..self }
    }

    /// Who escalates or closes what nobody owned has been its first specialist.
    fn owned(self, by: Actor) -> Self {
        match by {
            Actor::Desk { id, .. } => Self { owner: self.owner.or(Some(id)), ..self },
            Actor::Customer | Actor::System => self,
        }
    }

    fn in_queue(self, team: Option<Uuid>, tier: i16) -> Self {
        Self { status: S::Open, worker: None, team, tier, ..self }
    }

    fn in_tier(self, tier: i16) -> Self {
        Self { tier, ..self }
    }

    fn back_to(self, owner: Option<Person>) -> Result<Self, Refusal> {
        match owner {
            Some(owner) if self.owner == Some(owner.id) => {
                Ok(self.worked_by(owner.id, S::InProcess).in_tier(owner.tier))
            }
            // Nobody had it yet: it waits where it waited.
            None if self.owner.is_none() => Ok(self.in_queue(self.team, self.tier)),
            _ => Err(Refusal::NotNow),
        }
    }
}

#[cfg(test)]
mod tests;
