//! Presence: whether chats are offered to a person. It is a row with a lease, so a console that is gone is not "online".

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::{Presence, Staff},
};

use super::queries;

/// How often a connected console renews its lease, in seconds.
pub const RENEW_SECONDS: i64 = 10;
/// How long a console that is not heard from still counts as there, in seconds: a restart of the server is no absence.
pub const LEASE_SECONDS: i64 = 25;
/// How long a person counts as there after the last console on this node closed, in seconds: a reload is no absence, and a
/// console on another node renews the lease within that time.
const RELOAD_SECONDS: i64 = RENEW_SECONDS + 2;

/// A console connected: the state that the person chose last goes on; the first time, and after a night, it is away.
pub async fn arrive(app: &App, staff: &Staff) -> Result<Presence> {
    let state = match queries::find_presence(&app.db, staff.id).await? {
        Some((Presence::Online, seen)) if seen > app.clock.now() - TimeDelta::minutes(10) => Presence::Online,
        _ => Presence::Away,
    };
    set(app, staff, state).await?;
    Ok(state)
}

/// The person chose a state.
pub async fn choose(app: &App, staff: &Staff, state: Presence) -> Result<()> {
    if state == Presence::Offline {
        return Err(Error::invalid("bad_presence", "Choose online or away; offline is when no console is connected."));
    }
    set(app, staff, state).await
}

async fn set(app: &App, staff: &Staff, state: Presence) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::set_presence(&mut tx, staff.id, state, app.clock.now()).await?;
    if state != Presence::Online {
        queries::withdraw_offers_to(&mut tx, staff.id).await?;
    }
    tx.commit().await?;
    app.bus.desk_changed();
    Ok(())
}

/// The console is still connected.
pub async fn renew(app: &App, staff: &Staff) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::renew_presence(&mut tx, staff.id, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// The person's last console on this node closed. After a sign-out nothing is waited for.
pub async fn leave(app: &App, staff: Uuid, signed_out: bool) -> Result<()> {
    let grace = if signed_out { 0 } else { RELOAD_SECONDS };
    let mut tx = app.db.begin().await?;
    queries::shorten_presence(&mut tx, staff, heard_since(app.clock.now()) + TimeDelta::seconds(grace)).await?;
    tx.commit().await?;
    app.bus.desk_changed();
    Ok(())
}

/// When the lease of a person who was heard from then ends.
pub fn lease_end(seen: DateTime<Utc>) -> DateTime<Utc> {
    seen + TimeDelta::seconds(LEASE_SECONDS)
}

/// The time after which a console must have been heard from to count as there.
pub fn heard_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(LEASE_SECONDS)
}
