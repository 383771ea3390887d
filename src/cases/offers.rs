//! Cases that wait in a queue are offered to whoever has the most places free, by the rules by which chats are
//! (`chat::routing`): to one person at a time, one to each, for some minutes, and only within the queue's own team and tier. To
//! take one is to claim it. A desk that does not want that leaves them to be claimed.

use std::{
    collections::{HashMap, HashSet},
    slice,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        presence,
        routing::{self, Person, Waiting},
    },
    desk::rules::{self, Rules},
    error::{Error, Result},
    identity::staff::{Presence, Staff},
    work::Work,
};

use super::{
    lifecycle::Place,
    notice,
    queries::offers::{self as rows, Queued},
    steps::no_case,
};

/// The shortest time between two looks: the desk changes many times a second, and no case is that urgent.
const PAUSE: Duration = Duration::from_secs(1);
/// The same after a look at what waits that changed nothing: whoever could be asked has no place free.
const LONGER_PAUSE: Duration = Duration::from_secs(5);
/// How long nothing is looked at if nothing is heard.
const REFRESH: Duration = Duration::from_secs(30);

/// Offers what waits after each change of the desk and when an offer ends, until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        let pause = make(&app).await.unwrap_or_else(|error| {
            tracing::error!(%error, "cases could not be offered; it is tried again");
            LONGER_PAUSE
        });
        let end = rows::next_end(&app.db).await.unwrap_or_default();
        let an_offer_ends = async {
            match end {
                Some(time) => app.clock.sleep_until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = an_offer_ends => {}
            () = tokio::time::sleep(REFRESH) => {}
        }
    }
}

/// Closes the offers that are over and makes new ones, in one transaction, so that two nodes do not offer twice; how long to leave it at
/// that.
async fn make(app: &App) -> Result<Duration> {
    let rules = rules::load(&app.db).await?;
    let now = app.clock.now();
    // Looked at first: most changes of the desk are no business of the queues and must not wait for the write lock.
    if !rows::anything_to_do(&app.db, now, presence::heard_since(now), rules.offer_cases).await? {
        return Ok(PAUSE);
    }
    let mut work = Work::begin(app).await?;
    rows::hold_queues(&mut work.tx).await?;
    let mut people = if rules.offer_cases { presence::there(&mut work, &rules).await? } else { Vec::new() };
    people.retain(|person| person.state == Presence::Online);
    let mut changed = end(&mut work, &mut people).await?;
    let missed = rows::missed(&mut work.tx).await?;
    people.retain(|person| !missed.contains(&person.staff));
    let now = work.now;
    let expires = now + TimeDelta::seconds(i64::from(rules.case_offer_seconds));
    for (case, staff) in choose(&mut work, people, &rules).await? {
        rows::insert(&mut work.tx, app.clock.new_id(), case, staff, (now, expires)).await?;
        changed = true;
    }
    if !changed {
        return Ok(LONGER_PAUSE);
    }
    work.desk_changed();
    work.commit().await?;
    Ok(PAUSE)
}

/// Ends the offers to those who are gone or whose queue it is no more, and those that ran out; whoever has one on offer still is taken
/// out of `people`. Whether any ended.
async fn end(work: &mut Work<'_>, people: &mut Vec<Person>) -> Result<bool> {
    let mut ended = false;
    for offer in rows::open(&mut work.tx).await? {
        let here = people.iter().any(|person| person.staff == offer.staff_id);
        if !here || !offer.fits {
            // Not theirs to miss.
            rows::withdraw(&mut work.tx, offer.id).await?;
        } else if offer.expires_at <= work.now {
            rows::expire(&mut work.tx, &offer, work.now).await?;
            let number = offer.number;
            let text = format!(
                "Case {number} was offered to you and ran out. You get no more until you work on one, or come online again."
            );
            notice::insert(work, offer.staff_id, &text, Some(number)).await?;
        } else {
            people.retain(|person| person.staff != offer.staff_id);
            continue;
        }
        ended = true;
    }
    Ok(ended)
}

/// Whom which case is offered to now.
async fn choose(work: &mut Work<'_>, mut people: Vec<Person>, rules: &Rules) -> Result<Vec<(Uuid, Uuid)>> {
    let (mut waiting, mut passed, mut lines) = (HashMap::new(), HashSet::new(), HashSet::new());
    for person in &people {
        for team in &person.teams {
            let found = rows::waiting_for(&mut work.tx, person.staff, *team, person.tier).await?;
            waiting.extend(found.into_iter().map(|case| (case.id, case.into_waiting())));
            if lines.insert((*team, person.tier)) {
                passed.extend(rows::passed(&mut work.tx, *team, person.tier).await?);
            }
        }
    }
    let mut waiting: Vec<Waiting> = waiting.into_values().collect();
    routing::order(&mut waiting);
    let mut chosen = Vec::new();
    for case in &waiting {
        let found = routing::assign(slice::from_ref(case), &people, &passed, work.now, rules, rules.case_weight);
        if let Some(found) = found.first() {
            chosen.push((case.chat, found.staff));
            people.retain(|person| person.staff != found.staff);
        }
    }
    Ok(chosen)
}

impl Queued {
    fn into_waiting(self) -> Waiting {
        Waiting {
            chat: self.id,
            severity: self.severity,
            due_at: self.due_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
            entered: self.created_at,
            since: self.created_at,
            team: self.team_id,
            tier: self.tier,
            overflow: None,
            language: None,
            owner: self.owner_id,
            held_by: None,
            only: None,
            told: true,
            line_only: true,
        }
    }
}

/// Passes an offered case on to the next person; it is not offered to this one again while it waits where it is. To ask again does
/// no harm.
pub async fn pass(app: &App, staff: &Staff, number: i64) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let (case, state) = rows::of(&mut work.tx, number, staff.id).await?.ok_or_else(|| no_case(number))?;
    match state.as_deref() {
        Some("open") => {
            rows::pass(&mut work.tx, case, staff.id).await?;
            work.desk_changed();
            work.commit().await
        }
        Some("passed" | "expired") => Ok(()),
        _ => Err(Error::conflict("not_offered", format!("Case {number} is not on offer to you any more."))),
    }
}

/// A held case moved from one place to another: offers of it are over, and who put it back into its queue is not asked first.
pub(super) async fn moved(work: &mut Work<'_>, case: Uuid, before: &Place, after: &Place) -> Result<()> {
    let same_queue = (before.team, before.tier) == (after.team, after.tier);
    if same_queue && before.worker == after.worker && before.status.is_closed() == after.status.is_closed() {
        return Ok(());
    }
    rows::close(&mut work.tx, case).await?;
    match (before.worker, after.worker) {
        (Some(left), None) if same_queue => {
            let (id, now) = (work.app.clock.new_id(), work.now);
            rows::insert_passed(&mut work.tx, id, case, left, now).await?;
        }
        (before, Some(worker)) if before != Some(worker) => {
            presence::took_something(work, worker).await?;
            rows::took(&mut work.tx, worker).await?;
        }
        _ => {}
    }
    Ok(())
}
