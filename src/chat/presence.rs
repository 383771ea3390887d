//! Presence: whether chats are offered to a person, and whether a customer's page is there. A row says to which node they are
//! connected, and each node renews a lease: nobody who is gone counts as there, whichever node went down.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    desk::rules::Rules,
    error::{Error, Result},
    identity::{
        session,
        staff::{Presence, Staff},
    },
    work::Work,
};

use super::{notes::Note, queries, routing::Person};

/// How often a node renews its lease, in seconds.
pub const RENEW_SECONDS: i64 = 10;
/// How long those who are connected to a node that is not heard from still count as there, in seconds: a restart of the server
/// is no absence.
pub const LEASE_SECONDS: i64 = 25;
/// How long a person counts as there after the last console on this node closed, in seconds: a reload is no absence, and
/// another node to which the person is connected sees it within that time.
const RELOAD_SECONDS: i64 = RENEW_SECONDS + 2;
/// Every so many turns all who are connected are compared with what is noted, though there are as many.
const WHOLE_EVERY: u32 = 6;

/// A console connected: the state that the person chose last goes on; the first time, and after a night, it is away.
pub async fn arrive(app: &App, staff: &Staff) -> Result<Presence> {
    let state = match queries::find_presence(&app.db, staff.id).await? {
        Some((state @ (Presence::Online | Presence::TransfersOnly), seen))
            if seen > app.clock.now() - TimeDelta::minutes(10) =>
        {
            state
        }
        _ => Presence::Away,
    };
    set(app, staff, state).await?;
    Ok(state)
}

/// The person chose a state.
pub async fn choose(app: &App, staff: &Staff, state: Presence) -> Result<()> {
    if state == Presence::Offline {
        return Err(Error::invalid(
            "bad_presence",
            "Choose online, transfers only or away; offline is when no console is connected.",
        ));
    }
    set(app, staff, state).await
}

async fn set(app: &App, staff: &Staff, state: Presence) -> Result<()> {
    app.notes.write(Note::Person(staff.id, state)).await
}

/// Renews this node's lease, mends who is connected to it, and ends the connections of sessions that are over. Runs until the
/// server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut next = app.clock.now();
    let mut looked = next;
    let mut turn: u32 = 0;
    loop {
        turn = turn.wrapping_add(1);
        if let Err(error) = renew(&app, turn.is_multiple_of(WHOLE_EVERY), &mut looked).await {
            tracing::warn!(%error, "presence could not be renewed; it is tried again");
        }
        next += TimeDelta::seconds(RENEW_SECONDS);
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.clock.sleep_until(next) => {}
        }
        // A clock that was set ahead owes no renewals for the time between.
        next = next.max(app.clock.now() - TimeDelta::seconds(RENEW_SECONDS));
    }
}

async fn renew(app: &App, whole: bool, looked: &mut DateTime<Utc>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    queries::renew_node(&mut tx, app.node, now).await?;
    queries::forget_nodes(&mut tx, now - TimeDelta::days(1)).await?;
    session::forget(&mut tx, now).await?;
    tx.commit().await?;
    end_sessions(app, looked).await?;
    let (people, customers) = (app.hub.people(), app.hub.customers());
    let held = queries::count_held(&app.db, app.node).await?;
    let as_many = |here: &[Uuid], held: i64| i64::try_from(here.len()).is_ok_and(|here| here == held);
    if whole || !as_many(&people, held.0) {
        mend_people(app, people, now).await?;
    }
    if whole || !as_many(&customers, held.1) {
        mend_customers(app, customers, now).await?;
    }
    if whole { compare_sessions(app).await } else { Ok(()) }
}

/// A person may be connected to several nodes and is held by one: when that one goes, another holds the person from then on,
/// before its lease ends. And what could not be noted when somebody came or left is noted now.
async fn mend_people(app: &App, here: Vec<Uuid>, now: DateTime<Utc>) -> Result<()> {
    let held = queries::held_people(&app.db, app.node, missed_a_turn(now)).await?;
    let (unheld, gone) = compare(here, held, |staff| app.hub.console_here(staff));
    try_join_all(unheld.into_iter().map(|staff| app.notes.write(Note::PersonThere(staff)))).await?;
    try_join_all(gone.into_iter().map(|staff| leave(app, staff, false))).await.map(drop)
}

/// The same for the customers' pages.
async fn mend_customers(app: &App, here: Vec<Uuid>, now: DateTime<Utc>) -> Result<()> {
    let held = queries::held_customers(&app.db, app.node, missed_a_turn(now)).await?;
    let (unheld, gone) = compare(here, held, |chat| app.hub.customer_here(chat));
    try_join_all(unheld.into_iter().map(|chat| customer(app, chat, true))).await?;
    try_join_all(gone.into_iter().map(|chat| customer(app, chat, false))).await.map(drop)
}

/// Of those who were here whom nobody holds, and of those whom this node holds (true) who is not here any more.
fn compare(here: Vec<Uuid>, held: Vec<(Uuid, bool)>, is_here: impl Fn(Uuid) -> bool) -> (Vec<Uuid>, Vec<Uuid>) {
    let held: HashMap<Uuid, bool> = held.into_iter().collect();
    let unheld = here.into_iter().filter(|id| !held.contains_key(id)).collect();
    let gone = held.iter().filter(|(id, by_us)| **by_us && !is_here(**id)).map(|(id, _)| *id).collect();
    (unheld, gone)
}

/// The time after which a node must have been heard from if it did not miss its turn to renew its lease.
fn missed_a_turn(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(RELOAD_SECONDS)
}

/// Ends the connections of sessions that ran out, or were ended elsewhere, since somebody `looked`.
pub async fn end_sessions(app: &App, looked: &mut DateTime<Utc>) -> Result<()> {
    let now = app.clock.now();
    for token_hash in session::ended_since(app, (*looked).min(now), now).await? {
        app.hub.session_ended(&token_hash);
    }
    *looked = now;
    Ok(())
}

/// How many sessions are asked for by one statement: others are served in between.
const SHARE: usize = 500;

/// Asks for each session that is connected whether it still counts: its row or its person may be gone, by whatever way.
async fn compare_sessions(app: &App) -> Result<()> {
    for some in app.hub.sessions().chunks(SHARE) {
        for token_hash in queries::batch::ended_sessions(&app.db, some, app.clock.now()).await? {
            app.hub.session_ended(&token_hash);
        }
    }
    Ok(())
}

/// The customer's page came to a chat, or the last one on this node left it.
pub async fn customer(app: &App, chat: Uuid, here: bool) -> Result<()> {
    app.notes.write(if here { Note::CustomerCame(chat) } else { Note::CustomerLeft(chat) }).await
}

/// The person's last console on this node closed. After a sign-out nothing is waited for.
pub async fn leave(app: &App, staff: Uuid, signed_out: bool) -> Result<()> {
    let grace = if signed_out { 0 } else { RELOAD_SECONDS };
    let seen = heard_since(app.clock.now()) + TimeDelta::seconds(grace);
    app.notes.write(Note::PersonLeft(staff, seen)).await
}

/// Who is there and can be offered something, with what each carries.
pub async fn there(work: &mut Work<'_>, rules: &Rules) -> Result<Vec<Person>> {
    let now = work.now;
    Ok(queries::people_there(&mut work.tx, now, heard_since(now), rules).await?)
}

/// A person was given a case: idle time starts anew.
pub async fn took_something(work: &mut Work<'_>, staff: Uuid) -> Result<()> {
    queries::reset_idle(&mut work.tx, staff, work.now).await?;
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
