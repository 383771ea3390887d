//! Handing a chat on: to a person, a team or a tier. The specialist stays until somebody takes it, and keeps it when nobody does.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    error::{Error, Result},
    identity::staff::{self, Staff, TOP_TIER, tier_name},
    work::Work,
};

use super::{
    conversation::{self, ChatState, specialist},
    log::{self, Author},
    presence,
    protocol::{EventBody, Visibility},
    queries::{self, ChatRow, Transfer},
};

/// Where a chat is handed to: a person, or a team and tier; what is not said stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct To {
    /// The person.
    #[serde(default)]
    pub person: Option<Uuid>,
    /// The team's key.
    #[serde(default)]
    pub team: Option<String>,
    /// 1 to 4.
    #[serde(default)]
    pub tier: Option<i16>,
}

/// Hands a chat on. Asked again, it is handed on anew.
pub async fn begin(app: &App, staff: &Staff, chat: Uuid, to: &To) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    require_serving(&row, staff)?;
    let holder = row.agent_id.filter(|_| row.state == ChatState::Active);
    let holder =
        holder.ok_or_else(|| Error::conflict("not_active", "Only a chat that is being served can be handed on."))?;
    let (transfer, words) = aim(&mut work, &row, holder, to).await?;
    queries::withdraw_offer(&mut work.tx, chat).await?;
    queries::set_transfer(&mut work.tx, &transfer).await?;
    log::append(&mut work, chat, &specialist(staff), Visibility::Staff, EventBody::Transferring { to: words }).await?;
    work.commit().await
}

/// Where it goes, and that in words.
async fn aim(work: &mut Work<'_>, row: &ChatRow, holder: Uuid, to: &To) -> Result<(Transfer, String)> {
    let own_team = row.team_id.ok_or_else(|| Error::conflict("no_team", "This chat has no team yet."))?;
    if let Some(person) = to.person {
        let person = staff::find_in(&mut work.tx, person).await?.filter(|person| person.active);
        let person = person.ok_or_else(|| Error::not_found("There is no such person."))?;
        if person.id == holder {
            return Err(Error::conflict("same_person", "The chat is with this person already."));
        }
        if !queries::can_be_asked(&mut work.tx, person.id, presence::heard_since(work.now)).await? {
            let words = format!("{} is not there now. Choose somebody else, or a team.", person.name);
            return Err(Error::conflict("not_there", words));
        }
        let (team_id, tier) = (own_team, row.tier);
        return Ok((transfer(work, row, holder, Some(person.id), team_id, tier), person.name));
    }
    let (team_id, team) = match to.team.as_deref() {
        Some(key) => queries::find_team(&mut work.tx, &key.replace('\0', ""))
            .await?
            .ok_or_else(|| Error::not_found("There is no such team."))?,
        None => (own_team, queries::team_name(&mut work.tx, own_team).await?),
    };
    // Another team begins at its first tier, unless somebody says otherwise.
    let tier = to.tier.unwrap_or(if team_id == own_team { row.tier } else { 1 });
    if !(1..=TOP_TIER).contains(&tier) {
        return Err(Error::invalid("bad_tier", "The tier is 1 to 4."));
    }
    Ok((transfer(work, row, holder, None, team_id, tier), format!("{team}, {}", tier_name(tier))))
}

fn transfer(work: &Work<'_>, row: &ChatRow, holder: Uuid, to_id: Option<Uuid>, team_id: Uuid, tier: i16) -> Transfer {
    Transfer { chat_id: row.id, by_id: holder, to_id, team_id, tier, at: work.now }
}

/// Takes it back before anybody took it.
pub async fn take_back(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    require_serving(&row, staff)?;
    if queries::end_transfer(&mut work.tx, chat).await? > 0 {
        queries::withdraw_offer(&mut work.tx, chat).await?;
        let why = format!("{} keeps the chat", staff.name);
        log::append(&mut work, chat, &specialist(staff), Visibility::Staff, EventBody::TransferEnded { why }).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Ends the transfers to one person who did not take the chat: who has it keeps it, and is told.
pub async fn end_failed(work: &mut Work<'_>, heard_since: DateTime<Utc>) -> Result<bool> {
    let failed = queries::failed_transfers(&mut work.tx, heard_since).await?;
    for (chat, name) in &failed {
        let row = conversation::lock(work, *chat).await?;
        if queries::end_transfer(&mut work.tx, *chat).await? == 0 {
            continue;
        }
        let why = format!("{name} did not take the chat");
        log::append(work, *chat, &Author::system(), Visibility::Staff, EventBody::TransferEnded { why }).await?;
        if let Some(agent) = row.agent_id {
            notice::insert(
                work,
                agent,
                &format!("{name} did not take the chat that you handed on. You still have it."),
                None,
            )
            .await?;
        }
    }
    Ok(!failed.is_empty())
}

/// Refuses whoever neither serves the chat nor is a supervisor.
pub fn require_serving(row: &ChatRow, staff: &Staff) -> Result<()> {
    if row.agent_id == Some(staff.id) || staff.is_supervisor() {
        Ok(())
    } else {
        Err(Error::forbidden("Only the specialist who serves this chat or a supervisor can do this."))
    }
}
