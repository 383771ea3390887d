//! Who of the desk may read a chat.

use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    identity::staff::{self, Staff},
};

use super::{conversation::no_chat, queries};

/// In whose hands a chat is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Hands {
    /// The team that it waits for or that serves it.
    pub team_id: Option<Uuid>,
    /// Who serves it.
    pub agent_id: Option<Uuid>,
    /// The supervisor who joined.
    pub beside_id: Option<Uuid>,
    /// The team to which it is handed on.
    pub to_team: Option<Uuid>,
    /// The person to whom it is handed on.
    pub to_person: Option<Uuid>,
    /// Its customer.
    pub contact_id: Uuid,
    /// It has ended.
    pub is_over: bool,
}

/// Refuses whoever of the desk may not read a chat; to them it does not exist.
pub async fn check(app: &App, staff: &Staff, hands: &Hands) -> Result<()> {
    if reads(app, staff, hands).await? { Ok(()) } else { Err(no_chat()) }
}

/// Whether a person of the desk may read a chat. Whoever serves a customer reads what was before, whichever team had it.
pub async fn reads(app: &App, staff: &Staff, hands: &Hands) -> Result<bool> {
    // The teams as they are now: whoever is moved need not sign in anew.
    let teams = staff::teams_of(&app.db, staff.id).await?;
    Ok(may_read(staff, &teams, hands)
        || hands.is_over && queries::serves_customer(&app.db, staff.id, hands.contact_id).await?)
}

/// Supervisors read all chats, the others those of their teams, their own, and what is handed on to them.
fn may_read(staff: &Staff, teams: &[Uuid], hands: &Hands) -> bool {
    let of_mine = |team: Option<Uuid>| team.is_some_and(|team| teams.contains(&team));
    staff.is_supervisor()
        || hands.agent_id == Some(staff.id)
        || hands.to_person == Some(staff.id)
        || of_mine(hands.team_id)
        || of_mine(hands.to_team)
}
