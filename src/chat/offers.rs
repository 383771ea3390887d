//! Offers: a waiting chat is offered to one specialist for a limited time; taking it is one conditional update.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::{self, Staff},
    work::Work,
};

use super::{
    conversation::{self, ChatState, specialist},
    log, presence,
    protocol::{EventBody, Visibility},
    queries, routing,
};

/// Takes the offered chat. Whoever has it already, because the answer was lost, is told the same again.
pub async fn accept(app: &App, staff: &Staff, offer: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    if let Some(chat) = close(&mut work, staff, offer, "taken").await? {
        join(&mut work, staff, chat).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Takes a waiting chat from the line by hand; whoever has it on offer loses the offer. To ask again does no harm.
pub async fn pick(app: &App, staff: &Staff, chat: Uuid) -> Result<()> {
    let teams = staff::teams_of(&app.db, staff.id).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    if !staff.is_supervisor() && !row.team_id.is_some_and(|team| teams.contains(&team)) {
        return Err(Error::forbidden("This chat waits for another team."));
    }
    if row.state == ChatState::Active && row.agent_id == Some(staff.id) {
        return Ok(());
    }
    queries::withdraw_offer(&mut work.tx, chat).await?;
    join(&mut work, staff, chat).await?;
    work.commit().await
}

async fn join(work: &mut Work<'_>, staff: &Staff, chat: Uuid) -> Result<()> {
    let row = conversation::lock(work, chat).await?;
    if row.state != ChatState::Queued || queries::set_active(&mut work.tx, chat, staff.id, work.now).await? == 0 {
        return Err(Error::conflict("not_waiting", "This chat no longer waits."));
    }
    log::append(work, chat, &specialist(staff), Visibility::Everyone, EventBody::Joined {}).await?;
    queries::reset_idle(&mut work.tx, staff.id, work.now).await?;
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

/// When the next open offer runs out, or its person counts as gone.
pub async fn next_end(app: &App) -> Result<Option<DateTime<Utc>>> {
    let ends = queries::open_ends(&app.db).await?;
    Ok(ends.into_iter().map(|(expires, seen)| expires.min(presence::lease_end(seen))).min())
}

/// Closes offers that ran out, then offers what waits to who is free: one transaction, so two nodes cannot offer twice.
pub async fn make(app: &App) -> Result<()> {
    // Most changes of the desk are no business of the line: they must not queue for the write lock.
    let now = app.clock.now();
    if !queries::anything_to_route(&app.db, now, presence::heard_since(now)).await? {
        return Ok(());
    }
    let mut work = Work::begin(app).await?;
    queries::hold_line(&mut work.tx).await?;
    let now = work.now;
    let missed = queries::expire_offers(&mut work.tx, now).await?;
    for (staff,) in &missed {
        // Whoever lets an offer run out is not at the desk: away, until the person says otherwise.
        queries::set_away(&mut work.tx, *staff, now).await?;
        let text =
            "A chat that was offered to you ran out, so you were set to away. Set yourself online when you are back.";
        crate::cases::notice::insert(&mut work, *staff, text, None).await?;
    }
    let heard_since = presence::heard_since(now);
    let closed = missed.len() as u64 + queries::withdraw_offers_to_absent(&mut work.tx, heard_since).await?;
    let waiting = queries::unoffered(&mut work.tx).await?;
    if waiting.is_empty() && closed == 0 {
        return Ok(());
    }
    let candidates = queries::candidates(&mut work.tx, heard_since).await?;
    let declined = queries::declined(&mut work.tx).await?;
    let chosen = routing::assign(&waiting, &candidates, &declined);
    if chosen.is_empty() && closed == 0 {
        return Ok(());
    }
    let expires = now + TimeDelta::seconds(i64::from(app.config.chat.offer_seconds));
    for offer in &chosen {
        queries::insert_offer(&mut work.tx, app.clock.new_id(), offer.chat, offer.staff, now, expires).await?;
    }
    work.desk_changed();
    work.commit().await
}
