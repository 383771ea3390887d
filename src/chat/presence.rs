//! Presence: whether chats are offered to a person, and whether a customer's page is there. Both are rows with a lease that
//! each node renews for those who are connected to it, so nobody who is gone counts as there, whichever node went down.

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
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

/// How many are renewed by one statement: others are served in between.
const SHARE: usize = 1_000;

/// Renews the leases of all who are connected to this node, and ends the connections of sessions that are over; one
/// transaction for all of them. Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut next = app.clock.now();
    loop {
        next += TimeDelta::seconds(RENEW_SECONDS);
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.clock.sleep_until(next) => {}
        }
        // A clock that was set ahead owes no renewals for the time between.
        next = next.max(app.clock.now() - TimeDelta::seconds(RENEW_SECONDS));
        if let Err(error) = renew(&app).await {
            tracing::warn!(%error, "presence could not be renewed; it is tried again");
        }
    }
}

async fn renew(app: &App) -> Result<()> {
    let now = app.clock.now();
    let (people, customers) = (app.hub.people(), app.hub.customers());
    if !people.is_empty() || !customers.is_empty() {
        let mut tx = app.db.begin().await?;
        for some in people.chunks(SHARE) {
            queries::batch::renew_presences(&mut tx, some, now).await?;
        }
        for some in customers.chunks(SHARE) {
            queries::batch::renew_customers(&mut tx, some, now).await?;
        }
        tx.commit().await?;
        // Who left while that was written must not count as there for a whole lease.
        for staff in people.into_iter().filter(|staff| !app.hub.console_here(*staff)) {
            leave(app, staff, false).await?;
        }
        for chat in customers.into_iter().filter(|chat| !app.hub.customer_here(*chat)) {
            customer(app, chat, false).await?;
        }
    }
    end_sessions(app).await
}

/// Ends the connections of sessions that ran out or were ended elsewhere.
pub async fn end_sessions(app: &App) -> Result<()> {
    for some in app.hub.sessions().chunks(SHARE) {
        let lasting = queries::batch::lasting_sessions(&app.db, some, app.clock.now()).await?;
        for token_hash in some.iter().filter(|hash| !lasting.contains(*hash)) {
            app.hub.session_ended(token_hash);
        }
    }
    Ok(())
}

/// The customer's page came to a chat, or the last one on this node left it.
pub async fn customer(app: &App, chat: Uuid, here: bool) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::set_customer_here(&mut tx, chat, here, app.clock.now()).await?;
    tx.commit().await?;
    if here {
        app.bus.desk_changed();
    } else {
        app.bus.customer_left(chat);
    }
    Ok(())
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
