//! In which state each person was from when to when: whenever the leases say another one than was noted last, the noted spell ends
//! and the next begins. Every node looks; whoever comes second changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, chat::presence::heard_since, error::Result, identity::staff::Presence};

use super::queries::{self, Changed};

/// The shortest time between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest: that a lease ran out is told by nobody.
const LOOK: Duration = Duration::from_secs(5);

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        if let Err(error) = look(&app).await {
            tracing::warn!(%error, "the time in a state could not be noted; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(PAUSE) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = sleep(LOOK) => {}
        }
    }
}

/// Notes what is another state than was noted.
async fn look(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut changed = queries::changed(&app.db, heard_since(now)).await?;
    // After the clock was set ahead, or the machine slept, this node's lease has not been renewed yet.
    changed.retain(|person| person.state != Presence::Offline || !app.hub.console_here(person.staff_id));
    if changed.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for person in changed {
        let at = begin_of(&person, now);
        if let Some(spell) = person.spell
            && queries::close_stay(&mut tx, spell, at).await? == 0
        {
            continue;
        }
        queries::open_stay(&mut tx, app.clock.new_id(), person.staff_id, person.state, at).await?;
    }
    Ok(tx.commit().await?)
}

/// When the new state began. Who comes back in the state of before has been in it for long, as the leases say: then it began
/// with the coming.
fn begin_of(person: &Changed, now: DateTime<Utc>) -> DateTime<Utc> {
    let after = |at: &DateTime<Utc>| person.started_at.is_none_or(|before| *at > before);
    let begin = [person.since, person.came_at].into_iter().find(after).unwrap_or(now).min(now);
    person.started_at.map_or(begin, |before| begin.max(before))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn live_13_a_state_begins_when_the_leases_say_or_when_the_person_came_back() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let person = |since, came, started: Option<i64>| Changed {
            staff_id: Uuid::nil(),
            state: Presence::Online,
            since: at(since),
            came_at: at(came),
            spell: started.map(|_| Uuid::nil()),
            started_at: started.map(at),
        };
        assert_eq!(begin_of(&person(5, 1, None), at(9)), at(5), "nothing was noted before");
        assert_eq!(begin_of(&person(5, 1, Some(3)), at(9)), at(5), "another state was chosen");
        assert_eq!(begin_of(&person(1, 7, Some(3)), at(9)), at(7), "back in the state of before");
        assert_eq!(begin_of(&person(1, 2, Some(3)), at(9)), at(9), "nobody knows when");
        assert_eq!(begin_of(&person(12, 1, None), at(9)), at(9), "another node's clock is ahead");
    }
}
