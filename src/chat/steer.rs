//! What supervisors do with a chat, and how specialists call them: take over, give to somebody, join, whisper, move, flags.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    error::{Error, Result},
    identity::staff::{self, Staff, TOP_TIER},
    input,
    work::Work,
};

use super::{
    conversation::{self, ChatState, over, specialist},
    log, offers,
    protocol::{EventBody, RequeueWhy, Visibility},
    queries::{self, ChatRow},
    transfer,
};

/// The longest reason of a flag, in characters.
pub const MAX_REASON: usize = 300;

/// A supervisor serves the chat from now on; who served it leaves.
pub async fn take_over(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    staff.require_supervisor("take a chat over")?;
    give(app, staff, chat, staff).await
}

/// A supervisor gives the chat to somebody, whether it waits or is served. No offer is made.
pub async fn assign(app: &App, staff: &Staff, chat: Uuid, to: Uuid) -> Result<()> {
    staff.require_supervisor("give a chat to somebody")?;
    let to = staff::find(&app.db, to).await?.filter(|to| to.active);
    let to = to.ok_or_else(|| Error::not_found("There is no such person."))?;
    give(app, staff, chat, &to).await
}

async fn give(app: &App, by: &Staff, chat: Uuid, to: &Staff) -> Result<()> {
    let (mut work, row) = running(app, chat).await?;
    if row.agent_id == Some(to.id) {
        return Ok(());
    }
    let customer = queries::names_of(&mut work.tx, chat).await?.map(|(customer, _)| customer).unwrap_or_default();
    // Where it was handed to no longer counts: it stays in the team and tier in which it is.
    queries::end_transfer(&mut work.tx, chat).await?;
    offers::serve(&mut work, to, &row).await?;
    if to.id != by.id {
        notice::insert(&mut work, to.id, &format!("{} gave you the chat of {customer}.", by.name), None).await?;
    }
    if let Some(before) = row.agent_id.filter(|before| *before != by.id) {
        let text = format!("{} serves the chat of {customer} now; {} decided so.", to.name, by.name);
        notice::insert(&mut work, before, &text, None).await?;
    }
    work.commit().await
}

/// A supervisor joins beside the specialist: the customer sees it, and both can write.
pub async fn join(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    staff.require_supervisor("join a chat")?;
    let (mut work, row) = running(app, chat).await?;
    match row.beside_id {
        Some(beside) if beside == staff.id => return Ok(()),
        Some(_) => return Err(Error::conflict("joined", "Another supervisor has joined this chat already.")),
        None => {}
    }
    if row.state != ChatState::Active || row.agent_id == Some(staff.id) {
        return Err(Error::conflict("not_active", "Only a chat that somebody else serves can be joined."));
    }
    queries::set_beside(&mut work.tx, chat, Some(staff.id)).await?;
    log::append(&mut work, chat, &specialist(staff), Visibility::Everyone, EventBody::JoinedBeside {}).await?;
    work.commit().await
}

/// The supervisor who joined leaves again.
pub async fn leave(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let (mut work, row) = running(app, chat).await?;
    if row.beside_id == Some(staff.id) {
        queries::set_beside(&mut work.tx, chat, None).await?;
        log::append(&mut work, chat, &specialist(staff), Visibility::Everyone, EventBody::Left {}).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Makes a chat more or less urgent.
pub async fn set_severity(app: &App, staff: &Staff, chat: Uuid, severity: i16) -> Result<()> {
    if !(1..=4).contains(&severity) {
        return Err(Error::invalid("bad_severity", "The severity is 1 to 4."));
    }
    let (mut work, row) = running(app, chat).await?;
    transfer::require_serving(&row, staff)?;
    if row.severity == severity {
        return Ok(());
    }
    let answer = queries::answer_seconds(&mut work.tx, severity).await?;
    let due_at = row.queued_at.unwrap_or(work.now) + TimeDelta::seconds(i64::from(answer));
    queries::set_severity(&mut work.tx, chat, severity, due_at).await?;
    let team = row.team_id.ok_or_else(over)?;
    rerouted(&mut work, staff, &row, team, row.tier, severity).await?;
    work.commit().await
}

/// Moves a waiting chat to another team's line or tier; one that is served is handed on there. What is not said stays.
pub async fn move_to(app: &App, staff: &Staff, chat: Uuid, to: &transfer::To) -> Result<()> {
    staff.require_supervisor("move a chat")?;
    let (mut work, row) = running(app, chat).await?;
    if row.state == ChatState::Active {
        drop(work);
        return transfer::begin(app, staff, chat, to).await;
    }
    let own = row.team_id.ok_or_else(over)?;
    let team = match to.team.as_deref() {
        Some(key) => queries::find_team(&mut work.tx, &key.replace('\0', "")).await?.map(|(id, _)| id),
        None => Some(own),
    };
    let team = team.ok_or_else(|| Error::not_found("There is no such team."))?;
    let tier = to.tier.unwrap_or(if team == own { row.tier } else { 1 });
    if !(1..=TOP_TIER).contains(&tier) {
        return Err(Error::invalid("bad_tier", "The tier is 1 to 4."));
    }
    if (team, tier) == (own, row.tier) {
        return Ok(());
    }
    queries::withdraw_offer(&mut work.tx, chat).await?;
    queries::set_place(&mut work.tx, chat, team, tier).await?;
    let now = work.now;
    queries::wait_anew(&mut work.tx, chat, now).await?;
    rerouted(&mut work, staff, &row, team, tier, row.severity).await?;
    work.commit().await
}

async fn rerouted(work: &mut Work<'_>, by: &Staff, row: &ChatRow, team: Uuid, tier: i16, severity: i16) -> Result<()> {
    let team = queries::team_name(&mut work.tx, team).await?;
    let body = EventBody::Rerouted { team, tier, severity };
    log::append(work, row.id, &specialist(by), Visibility::Staff, body).await?;
    Ok(())
}

/// A supervisor puts a chat that is served back in the line, where it keeps its place.
pub async fn requeue(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    staff.require_supervisor("put a chat back in the line")?;
    let (mut work, row) = running(app, chat).await?;
    let Some(agent) = row.agent_id.filter(|_| row.state == ChatState::Active) else { return Ok(()) };
    queries::end_transfer(&mut work.tx, chat).await?;
    queries::withdraw_offer(&mut work.tx, chat).await?;
    let now = work.now;
    queries::requeue(&mut work.tx, chat, agent, now).await?;
    queries::reset_idle(&mut work.tx, agent, now).await?;
    let body = EventBody::Requeued { why: RequeueWhy::BySupervisor };
    log::append(&mut work, chat, &specialist(staff), Visibility::Everyone, body).await?;
    let customer = queries::names_of(&mut work.tx, chat).await?.map(|(customer, _)| customer).unwrap_or_default();
    let text = format!("{} put the chat of {customer} back in the line.", staff.name);
    notice::insert(&mut work, agent, &text, None).await?;
    work.commit().await
}

/// The specialist asks for a supervisor.
pub async fn flag(app: &App, staff: &Staff, chat: Uuid, reason: &str) -> Result<()> {
    let reason = input::line("what you need", reason, MAX_REASON)?;
    let (mut work, row) = running(app, chat).await?;
    transfer::require_serving(&row, staff)?;
    if row.flag.as_deref() == Some(reason.as_str()) {
        return Ok(());
    }
    let now = work.now;
    queries::set_flag(&mut work.tx, chat, Some((reason.clone(), now))).await?;
    log::append(&mut work, chat, &specialist(staff), Visibility::Staff, EventBody::Flagged { reason }).await?;
    work.commit().await
}

/// What the specialist asked for is settled.
pub async fn unflag(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let (mut work, row) = running(app, chat).await?;
    transfer::require_serving(&row, staff)?;
    if row.flag.is_some() {
        queries::set_flag(&mut work.tx, chat, None).await?;
        log::append(&mut work, chat, &specialist(staff), Visibility::Staff, EventBody::Unflagged {}).await?;
        work.commit().await?;
    }
    Ok(())
}

/// The specialist has written up what was said, before the time for it is over.
pub async fn end_wrap_up(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let now = work.now;
    if queries::end_wrap_up(&mut work.tx, chat, staff.id, now).await? > 0 {
        queries::reset_idle(&mut work.tx, staff.id, now).await?;
        work.desk_changed();
        work.commit().await?;
    }
    Ok(())
}

/// A locked chat that waits or is served.
async fn running(app: &App, chat: Uuid) -> Result<(Work<'_>, ChatRow)> {
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    match row.state {
        ChatState::Queued | ChatState::Active => Ok((work, row)),
        ChatState::Asking => Err(Error::conflict("not_asked", "The customer has not asked yet.")),
        ChatState::Ended => Err(over()),
    }
}
