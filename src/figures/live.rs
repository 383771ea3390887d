//! The figures as supervisors follow them: read, encoded and told at most once a second, by one task for all of this node. While
//! nobody follows, nothing is read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        hub::{Reader, Sign, encode},
        presence::heard_since,
        protocol::ServerFrame,
    },
    desk::{rules, thresholds},
    error::Result,
    surveys::{self, figures::Sum},
};

use super::{
    day::{by_agent, now_figures, parts},
    facts::{ChatFacts, Counter, Targets},
    queries::{self, PersonRow},
    served::{Service, Span, worked},
    thresholds::Thresholds,
    today::{Today, day_around},
    view::{AgentView, FiguresView, SatisfactionView, acknowledgements, escalations, tiers},
};

/// The time from one reading to the next, and the time for which the desk may stay unread if nothing is heard of a change.
const PAUSE: Duration = Duration::from_secs(1);
/// The length of a chart's parts.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// Who follows on this node, and what they were told last.
#[derive(Debug, Default)]
pub struct Live {
    state: Mutex<State>,
    came: Notify,
    /// Held while a history is counted: one at a time, so that several years at once do not fill the memory.
    pub(super) counting: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    followers: Vec<Reader>,
    frame: Option<Utf8Bytes>,
}

/// Dropped, its connection follows no longer.
#[derive(Debug)]
pub struct Following {
    reader: Reader,
    live: Arc<Live>,
}

impl Live {
    /// From now on a connection follows.
    pub fn follow(self: &Arc<Self>, reader: Reader) -> Following {
        let mut state = self.state();
        state.followers.push(reader.clone());
        if state.frame.is_some() {
            reader.sign(Sign::Figures);
        }
        self.came.notify_one();
        Following { reader, live: self.clone() }
    }

    /// What those who follow were told last, as it goes over the wire.
    pub fn frame(&self) -> Option<Utf8Bytes> {
        self.state().frame.clone()
    }

    async fn somebody(&self) {
        while !self.is_followed() {
            self.came.notified().await;
        }
    }

    fn is_followed(&self) -> bool {
        !self.state().followers.is_empty()
    }

    fn show(&self, frame: Option<Utf8Bytes>) {
        let mut state = self.state();
        state.frame = frame;
        if state.frame.is_some() {
            state.followers.iter().for_each(|reader| reader.sign(Sign::Figures));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.live.state().followers.retain(|reader| !reader.is(&self.reader));
    }
}

/// Reads and tells while somebody follows, until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.figures.somebody() => {}
        }
        let mut today = Today::default();
        while app.figures.is_followed() {
            desk.borrow_and_update();
            match read(&app, &mut today).await {
                Ok(view) => app.figures.show(Some(encode(&ServerFrame::Figures(Box::new(view))))),
                Err(error) => {
                    tracing::warn!(%error, "the figures could not be read; it is tried again");
                    today = Today::default();
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(PAUSE) => {}
            }
            // A message tells the desk of nothing: while a first one is awaited, nobody waits for a change.
            let wait = async {
                if !today.must_look() {
                    sleep(PAUSE - Duration::from_millis(100)).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = desk.changed() => {}
                () = wait => {}
            }
        }
        // Old figures must not be the first that the next one sees.
        app.figures.show(None);
    }
}

/// The figures of this moment.
pub(super) async fn read(app: &App, today: &mut Today) -> Result<FiguresView> {
    let now = app.clock.now();
    today.look(app, now).await?;
    let targets = Targets::from(&rules::load(&app.db).await?);
    let people = queries::people(&app.db, heard_since(now)).await?;
    let flags = queries::flags(&app.db).await?;
    let (day, zone) = day_around(app, now);
    let of_today = today.chats().filter(|chat| chat.arrived >= day.0);
    let mut counter = Counter::default();
    of_today.clone().for_each(|chat| counter.add(chat, targets, now));
    today.solved().for_each(|_| counter.solved_by_itself());
    let so_far = (day.0, now + TimeDelta::milliseconds(1));
    let (escalations, escalated) = escalations(today.cases());
    Ok(FiguresView {
        as_of: now,
        day_from: day.0,
        zone: zone.name().to_owned(),
        targets,
        thresholds: Thresholds::from(thresholds::load(&app.db).await?.as_slice()),
        now: now_figures(today.chats(), now),
        today: counter.figures(),
        chart: parts(of_today.clone(), today.solved(), so_far, QUARTER, targets, now),
        agents: agents(people, today, of_today, (day, targets, now)),
        flags,
        escalations,
        escalated,
        cases: tiers(today.cases(), now),
        acknowledgements: acknowledgements(today.cases(), now),
        satisfaction: satisfaction(surveys::figures::short(&app.db, now).await?),
    })
}

fn satisfaction((asked, total): (i64, Sum)) -> SatisfactionView {
    let Sum { answers, mean, low, .. } = total;
    SatisfactionView { asked: u32::try_from(asked).unwrap_or(u32::MAX), answers, mean, low }
}

fn agents<'a>(
    people: Vec<PersonRow>,
    today: &Today,
    chats: impl Iterator<Item = &'a ChatFacts>,
    (day, targets, now): (Span, Targets, DateTime<Utc>),
) -> Vec<AgentView> {
    let figures = by_agent(chats, targets, now);
    let mut services: HashMap<Uuid, Vec<Service>> = HashMap::new();
    for service in today.services() {
        services.entry(service.staff).or_default().push(*service);
    }
    let view = |person: PersonRow| {
        let own = services.get(&person.id).map_or(&[][..], Vec::as_slice);
        let time = worked(person.id, own, today.stays(), day, now);
        let counted = figures.get(&person.id).map(Counter::figures).unwrap_or_default();
        AgentView {
            id: person.id,
            name: person.name,
            role: person.role,
            tier: person.tier,
            state: person.state,
            since: person.since,
            chats: person.chats,
            capacity: person.capacity,
            answered: counted.answered,
            handle_seconds: counted.handle_seconds,
            occupancy: time.occupancy,
            online_seconds: time.online_seconds,
        }
    };
    people.into_iter().map(view).collect()
}
