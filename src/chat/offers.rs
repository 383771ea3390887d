//! Offers: a waiting chat is offered to one specialist for a limited time; taking it is one conditional update.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    desk::rules::{self, Rules},
    error::{Error, Result},
    identity::staff::{self, Staff},
    work::Work,
};

use super::{
    conversation::{self, ChatState, specialist},
    log, presence,
    protocol::{EventBody, Visibility},
    queries::{self, ChatRow},
    routing::{self, Waiting},
    transfer,
};

/// Takes the offered chat. Whoever has it already, because the answer was lost, is told the same again.
pub async fn accept(app: &App, staff: &Staff, offer: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    // Chats are locked before offers, as everywhere: who picks the chat by hand has it already and wants the offer.
    if let Some(chat) = queries::chat_of_offer(&mut work.tx, offer).await? {
        conversation::lock(&mut work, chat).await?;
    }
    if let Some(chat) = close(&mut work, staff, offer, "taken").await? {
        take(&mut work, staff, chat).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Takes a waiting chat by hand, from the line or from a colleague who hands it on; whoever has it on offer loses the offer. To ask
/// again does no harm.
pub async fn pick(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let teams = staff::teams_of(&app.db, staff.id).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    if row.state == ChatState::Active && row.agent_id == Some(staff.id) {
        return Ok(());
    }
    let transfer = queries::find_transfer(&mut work.tx, chat).await?;
    let team = transfer.as_ref().map(|t| t.team_id).or(row.team_id);
    let for_another = transfer.as_ref().is_some_and(|t| t.to_id.is_some_and(|to| to != staff.id));
    let for_me = transfer.as_ref().is_some_and(|t| t.to_id == Some(staff.id));
    if !staff.is_supervisor() && !for_me {
        if for_another || !team.is_some_and(|team| teams.contains(&team)) {
            return Err(Error::forbidden("This chat waits for somebody else."));
        }
        if let Some(team) = team
            && !queries::may_pick(&mut work.tx, team).await?
        {
            return Err(Error::forbidden("In this team chats are only offered: please wait for your turn."));
        }
    }
    queries::withdraw_offer(&mut work.tx, chat).await?;
    take(&mut work, staff, chat).await?;
    work.commit().await
}

/// Gives a waiting chat to a person who takes it: from the line, or from the colleague who hands it on and leaves now.
async fn take(work: &mut Work<'_>, staff: &Staff, chat: Uuid) -> Result<()> {
    let row = conversation::lock(work, chat).await?;
    let transfer = queries::find_transfer(&mut work.tx, chat).await?;
    if row.state != ChatState::Queued && (row.state != ChatState::Active || transfer.is_none()) {
        return Err(Error::conflict("not_waiting", "This chat no longer waits."));
    }
    serve(work, staff, &row).await
}

/// A person serves a locked chat that runs from now on; who served it before leaves.
pub async fn serve(work: &mut Work<'_>, staff: &Staff, row: &ChatRow) -> Result<()> {
    if let Some(transfer) = queries::find_transfer(&mut work.tx, row.id).await? {
        queries::set_place(&mut work.tx, row.id, transfer.team_id, transfer.tier).await?;
        queries::end_transfer(&mut work.tx, row.id).await?;
    }
    queries::withdraw_offer(&mut work.tx, row.id).await?;
    if queries::set_agent(&mut work.tx, row.id, staff.id, work.now).await? == 0 {
        return Err(conversation::over());
    }
    log::append(work, row.id, &specialist(staff), Visibility::Everyone, EventBody::Joined {}).await?;
    if let Some(before) = row.agent_id.filter(|before| *before != staff.id) {
        leave(work, row.id, before).await?;
    }
    queries::reset_idle(&mut work.tx, staff.id, work.now).await?;
    Ok(())
}

/// Whoever served the chat leaves it.
async fn leave(work: &mut Work<'_>, chat: Uuid, before: Uuid) -> Result<()> {
    if let Some(before) = staff::find_in(&mut work.tx, before).await? {
        log::append(work, chat, &specialist(&before), Visibility::Everyone, EventBody::Left {}).await?;
    }
    queries::reset_idle(&mut work.tx, before, work.now).await?;
    Ok(())
}

/// Passes an offer on; the chat is not offered to this person again.
pub async fn decline(app: &App, staff: &Staff, offer: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    if close(&mut work, staff, offer, "declined").await?.is_some() {
        work.desk_changed();
        work.commit().await?;
    }
    Ok(())
}

/// Closes a person's offer as `state`; its chat. Nothing: the person did so before, and asks again because the answer went
/// with its socket.
async fn close(work: &mut Work<'_>, staff: &Staff, offer: Uuid, state: &str) -> Result<Option<Uuid>> {
    let chat = queries::close_offer(&mut work.tx, offer, staff.id, state, work.now).await?;
    if chat.is_none() && !queries::was_closed(&mut work.tx, offer, staff.id, state).await? {
        return Err(Error::conflict("offer_gone", "This offer has run out or was taken back."));
    }
    Ok(chat)
}

/// When time changes something by itself: an offer runs out, its person counts as gone, a wrap-up ends.
pub async fn next_end(app: &App) -> Result<Option<DateTime<Utc>>> {
    let ends = queries::open_ends(&app.db).await?;
    let offers = ends.into_iter().map(|(expires, seen)| expires.min(presence::lease_end(seen)));
    Ok(offers.chain(queries::next_wrap_up_end(&app.db, app.clock.now()).await?).min())
}

/// Closes offers that ran out, then offers what waits to who is free: one transaction, so two nodes cannot offer twice. When time
/// takes a chat that still waits further.
pub async fn make(app: &App) -> Result<Option<DateTime<Utc>>> {
    // Most changes of the desk are no business of the line: they must not queue for the write lock.
    let now = app.clock.now();
    if !queries::anything_to_route(&app.db, now, presence::heard_since(now)).await? {
        return Ok(None);
    }
    let mut work = Work::begin(app).await?;
    queries::hold_line(&mut work.tx).await?;
    let now = work.now;
    let heard_since = presence::heard_since(now);
    let closed = end_offers(&mut work, heard_since).await?;
    let rules = rules::load_in(&mut work.tx).await?;
    let mut waiting = queries::unoffered(&mut work.tx).await?;
    routing::order(&mut waiting);
    let people = presence::there(&mut work, &rules).await?;
    let declined = queries::declined(&mut work.tx).await?.into_iter().collect();
    let chosen = routing::assign(&waiting, &people, &declined, now, &rules, rules.chat_weight);
    let expires = now + TimeDelta::seconds(i64::from(app.config.chat.offer_seconds));
    for offer in &chosen {
        queries::insert_offer(&mut work.tx, app.clock.new_id(), offer.chat, offer.staff, now, expires).await?;
    }
    let left: Vec<&Waiting> = waiting.iter().filter(|w| chosen.iter().all(|offer| offer.chat != w.chat)).collect();
    let told = tell(&mut work, &left, &rules).await?;
    let next = left.iter().filter_map(|waiting| routing::next_step(waiting, now, &rules)).min();
    if closed || told || !chosen.is_empty() {
        work.desk_changed();
        work.commit().await?;
    }
    Ok(next)
}

/// Ends the transfers to one person that came to nothing, and closes the offers that ran out or wait for somebody who is gone. Chats
/// are locked before offers, as everywhere; a transfer whose offer is closed here ends the next time, which follows at once.
async fn end_offers(work: &mut Work<'_>, heard_since: DateTime<Utc>) -> Result<bool> {
    let failed = transfer::end_failed(work, heard_since).await?;
    let missed = queries::expire_offers(&mut work.tx, work.now).await?;
    for (staff,) in &missed {
        // Whoever lets an offer run out is not at the desk: away, until the person says otherwise.
        queries::set_away(&mut work.tx, *staff, work.now).await?;
        let text =
            "A chat that was offered to you ran out, so you were set to away. Set yourself online when you are back.";
        notice::insert(work, *staff, text, None).await?;
    }
    let absent = queries::withdraw_offers_to_absent(&mut work.tx, heard_since).await?;
    Ok(!missed.is_empty() || absent > 0 || failed)
}

/// Tells supervisors of chats that nobody takes, once.
async fn tell(work: &mut Work<'_>, left: &[&Waiting], rules: &Rules) -> Result<bool> {
    let due: Vec<&&Waiting> = left.iter().filter(|w| routing::is_to_be_told(w, work.now, rules)).collect();
    if due.is_empty() {
        return Ok(false);
    }
    let supervisors = crate::identity::staff::supervisors(&mut work.tx).await?;
    for waiting in due {
        let view = queries::names_of(&mut work.tx, waiting.chat).await?;
        let who = view.map_or_else(String::new, |(customer, team)| format!(" of {customer} ({team})"));
        let minutes = (work.now - waiting.since).num_minutes();
        let text = format!("The chat{who} has waited {minutes} min and nobody takes it.");
        for supervisor in &supervisors {
            notice::insert(work, *supervisor, &text, None).await?;
        }
        queries::set_told(&mut work.tx, waiting.chat, work.now).await?;
    }
    Ok(true)
}
