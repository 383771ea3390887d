//! The board: what consoles, wallboards and waiting customers see of the desk, read once for all of them after a change.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    cases,
    error::Result,
    identity::staff::{Presence, Staff},
    input::snippet,
};

use super::{
    conversation::{ChatState, no_chat},
    hub::Sign,
    presence,
    protocol::{ChatView, DeskView, NoticeView, OfferView, PersonView, PinAlertView, ServerFrame},
    queries::{self, BoardChat, BoardOffer, BoardPerson},
    queue::{self, Waits},
};

pub use super::queries::{PastChat, past_chats};

/// The shortest time between two readings.
const PAUSE: Duration = Duration::from_millis(60);
/// How often the board is read though nothing changed: consoles that were lost show then.
const REFRESH: Duration = Duration::from_secs(5);

/// Everything on the board at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    /// In the order of the line.
    chats: Vec<BoardChat>,
    /// Where in `chats` those are that wait, each one, and those that each person serves; where in `people` each one is. Every
    /// connection asks after every change.
    queued_at: Vec<usize>,
    chat_at: HashMap<Uuid, usize>,
    served_at: HashMap<Uuid, Vec<usize>>,
    person_at: HashMap<Uuid, usize>,
    offers: Vec<BoardOffer>,
    people: Vec<BoardPerson>,
    notices: Vec<(Uuid, NoticeView)>,
    pin_alerts: Vec<PinAlertView>,
    waits: Waits,
    cases_changed: i64,
}

/// Reads the board after each change, until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        match read(&app).await {
            Ok(board) => {
                let board = Arc::new(board);
                let last = app.board.send_replace(board.clone());
                if last != board {
                    let line_moved = !last.queued().eq(board.queued()) || last.waits != board.waits;
                    drop(last);
                    app.hub.sign_in_turn(Sign::Board, line_moved).await;
                }
            }
            Err(error) => tracing::error!(%error, "the board could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = tokio::time::sleep(REFRESH) => {}
        }
    }
}

/// A board that nothing was read into yet.
pub fn empty() -> watch::Sender<Arc<Board>> {
    watch::Sender::new(Arc::new(Board::default()))
}

async fn read(app: &App) -> Result<Board> {
    app.journal.fold().await?;
    let (db, now) = (&app.db, app.clock.now());
    let mut chats = queries::running_chats(db).await?;
    for chat in &mut chats {
        chat.customer_here &= chat.customer_seen_at > presence::heard_since(now);
        // The lease is renewed all the time; the board must not count as changed for that.
        chat.customer_seen_at = DateTime::UNIX_EPOCH;
    }
    let mut people = queries::people(db).await?;
    for person in &mut people {
        if person.seen_at <= presence::heard_since(now) {
            person.state = Presence::Offline;
            person.since = person.seen_at;
        }
        person.seen_at = DateTime::UNIX_EPOCH;
    }
    let mut queued_at = Vec::new();
    let mut served_at: HashMap<Uuid, Vec<usize>> = HashMap::new();
    for (at, chat) in chats.iter().enumerate() {
        match chat.agent_id {
            _ if chat.state == ChatState::Queued => queued_at.push(at),
            Some(agent) if chat.state == ChatState::Active => served_at.entry(agent).or_default().push(at),
            _ => {}
        }
    }
    Ok(Board {
        chat_at: chats.iter().enumerate().map(|(at, chat)| (chat.id, at)).collect(),
        queued_at,
        served_at,
        chats,
        offers: queries::open_offers(db, now).await?,
        person_at: people.iter().enumerate().map(|(at, person)| (person.id, at)).collect(),
        people,
        notices: queries::unread_notices(db).await?,
        pin_alerts: queries::pin_alerts(db, now - TimeDelta::days(1)).await?,
        waits: Waits::new(queries::recent_waits(db, now - TimeDelta::hours(8)).await?),
        cases_changed: cases::last_change(app).await?,
    })
}

impl Board {
    fn chat(&self, id: Uuid) -> Option<&BoardChat> {
        self.chat_at.get(&id).and_then(|at| self.chats.get(*at))
    }

    fn at(&self, places: &[usize]) -> impl Iterator<Item = &BoardChat> {
        places.iter().filter_map(|at| self.chats.get(*at))
    }

    fn queued(&self) -> impl Iterator<Item = &BoardChat> {
        self.at(&self.queued_at)
    }

    /// What a member of the desk sees.
    pub fn desk_view(&self, staff: &Staff, teams: &[Uuid]) -> DeskView {
        let all = staff.is_supervisor();
        let me = self.person_at.get(&staff.id).and_then(|at| self.people.get(*at));
        let queued = |c: &&BoardChat| all || c.team_id.is_some_and(|t| teams.contains(&t));
        let offered = |offer: &&BoardOffer| offer.staff_id == staff.id;
        let offer = |offer: &BoardOffer| {
            let chat = self.chat(offer.chat_id)?;
            Some(OfferView { id: offer.id, expires_at: offer.expires_at, chat: view(chat) })
        };
        let person = |p: &BoardPerson| PersonView {
            id: p.id,
            name: p.name.clone(),
            tier: p.tier,
            presence: p.state,
            chats: p.chats,
            capacity: p.capacity,
            since: p.since,
        };
        DeskView {
            presence: me.map_or(Presence::Away, |p| p.state),
            offers: self.offers.iter().filter(offered).filter_map(offer).collect(),
            mine: self.at(self.served_at.get(&staff.id).map_or(&[], Vec::as_slice)).map(view).collect(),
            line: self.queued().filter(queued).map(view).collect(),
            served: if all {
                self.chats.iter().filter(|c| c.state == ChatState::Active).map(view).collect()
            } else {
                Vec::new()
            },
            people: if all { self.people.iter().map(person).collect() } else { Vec::new() },
            notices: self.notices.iter().filter(|(to, _)| *to == staff.id).map(|(_, n)| n.clone()).take(50).collect(),
            pin_alerts: if all { self.pin_alerts.clone() } else { Vec::new() },
            cases_changed: self.cases_changed,
        }
    }

    /// The place in line of a waiting chat, with the wait to expect.
    pub fn place(&self, chat: Uuid, now: DateTime<Utc>) -> Option<ServerFrame> {
        let waiting = self.chat(chat).filter(|c| c.state == ChatState::Queued)?;
        let waited = waiting.queued_at.map_or(TimeDelta::zero(), |since| now - since);
        let expected = waiting.team_id.and_then(|team| self.waits.expected(team, waiting.tier, waited));
        let wait_seconds = expected.and_then(|wait| u32::try_from(wait.num_seconds()).ok());
        Some(ServerFrame::Place { chat, place: queue::place(self.queued(), waiting), wait_seconds })
    }
}

fn view(chat: &BoardChat) -> ChatView {
    ChatView {
        id: chat.id,
        customer: chat.customer.clone(),
        account: chat.account.clone(),
        category: chat.category.clone(),
        team: chat.team.clone(),
        tier: chat.tier,
        severity: chat.severity,
        question: snippet(&chat.question, 160),
        since: chat.answered_at.or(chat.queued_at).unwrap_or_default(),
        agent: chat.agent.clone(),
        last_seq: chat.last_seq,
        staff_read: chat.staff_read,
        customer_here: chat.customer_here,
        case: chat.case_number,
    }
}

/// One chat's own row, whatever its state.
pub async fn find(app: &App, chat: Uuid) -> Result<queries::ChatRow> {
    queries::find_chat(&app.db, chat).await?.ok_or_else(no_chat)
}

/// One chat as lists show it, with its state, whatever that is.
pub async fn find_view(app: &App, chat: Uuid) -> Result<(ChatState, ChatView)> {
    app.journal.fold().await?;
    let mut row = queries::find_board_chat(&app.db, chat).await?.ok_or_else(no_chat)?;
    row.customer_here &= row.customer_seen_at > presence::heard_since(app.clock.now());
    Ok((row.state, view(&row)))
}
