//! The board: what consoles, wallboards and waiting customers see of the desk, read once for all of them after a change.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    cases,
    desk::rules::{self, Rules},
    error::Result,
    identity::staff::{Presence, Staff, tier_name},
    input::snippet,
};

use super::{
    access::Hands,
    conversation::{ChatState, no_chat},
    hub::Sign,
    presence,
    protocol::{
        CallView, ChatView, DeskView, NoticeView, OfferView, PageView, PersonView, PinAlertView, ServerFrame,
        WrapUpView,
    },
    queries::{self, BoardCaseOffer, BoardChat, BoardOffer, BoardPerson, BoardWrapUp},
    queue::{self, Waits},
};

pub use super::queries::{Colleague, PastChat, past_chats};

/// The shortest time between two readings.
const PAUSE: Duration = Duration::from_millis(60);
/// A reading pauses for this many times what it took: on a large desk too, others have the processor and the disk. One that took
/// `LONG` pauses for twice as many. Nobody waits longer than `LONGEST` for the news, though.
const PAUSES: u32 = 8;
const LONG: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);
/// How long the board goes unread at the most.
const REFRESH: TimeDelta = TimeDelta::seconds(60);
/// How long it stays as it was after a reading that failed, if nothing is heard of a change.
const RETRY: TimeDelta = TimeDelta::seconds(5);

/// Everything on the board at one moment.
#[derive(Debug, Clone, Default)]
pub struct Board {
    shown: Shown,
    /// Where in `chats` those are that wait, each one, and those that each person serves; where in `people` each one is. Every
    /// connection asks after every change.
    queued_at: Vec<usize>,
    chat_at: HashMap<Uuid, usize>,
    served_at: HashMap<Uuid, Vec<usize>>,
    person_at: HashMap<Uuid, usize>,
}

/// What there is to be seen.
#[derive(Debug, Clone, Default, PartialEq)]
struct Shown {
    /// In the order of the line.
    chats: Vec<BoardChat>,
    offers: Vec<BoardOffer>,
    case_offers: Vec<BoardCaseOffer>,
    wrap_ups: Vec<BoardWrapUp>,
    people: Vec<BoardPerson>,
    /// The teams of each person.
    teams: HashMap<Uuid, Vec<Uuid>>,
    notices: Vec<(Uuid, NoticeView)>,
    pin_alerts: Vec<PinAlertView>,
    waits: Waits,
    rules: Rules,
    cases_changed: i64,
}

/// Reads the board after each change, and when a lease ends, until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        let started = Instant::now();
        let look_again = match show(&app).await {
            Ok(time) => time,
            Err(error) => {
                tracing::error!(%error, "the board could not be read; it is tried again");
                app.clock.now() + RETRY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(pause_after(started.elapsed())) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = app.clock.sleep_until(look_again) => {}
        }
    }
}

fn pause_after(took: Duration) -> Duration {
    (took * if took < LONG { PAUSES } else { 2 * PAUSES }).clamp(PAUSE, LONGEST.max(took))
}

/// Reads the board and shows it to whom it concerns; when it must be read again though nothing is heard of a change.
async fn show(app: &App) -> Result<DateTime<Utc>> {
    let (board, look_again) = read(app).await?;
    let board = Arc::new(board);
    let last = app.board.send_replace(board.clone());
    if last.shown != board.shown {
        let line_moved = !last.queued().eq(board.queued()) || last.shown.waits != board.shown.waits;
        drop(last);
        app.hub.sign_in_turn(Sign::Board, line_moved).await;
    }
    Ok(look_again)
}

/// A board that nothing was read into yet.
pub fn empty() -> watch::Sender<Arc<Board>> {
    watch::Sender::new(Arc::new(Board::default()))
}

async fn read(app: &App) -> Result<(Board, DateTime<Utc>)> {
    let (db, now) = (&app.db, app.clock.now());
    let heard_since = presence::heard_since(now);
    let mut chats = queries::running_chats(db, heard_since).await?;
    let at: HashMap<Uuid, usize> = chats.iter().enumerate().map(|(at, chat)| (chat.id, at)).collect();
    for (chat, tag) in queries::tags_of_running(db).await? {
        if let Some(chat) = at.get(&chat).and_then(|at| chats.get_mut(*at)) {
            chat.tags.push(tag);
        }
    }
    let mut teams: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (staff, team) in queries::teams_of_people(db).await? {
        teams.entry(staff).or_default().push(team);
    }
    let shown = Shown {
        chats,
        teams,
        wrap_ups: queries::wrap_ups(db, now).await?,
        rules: rules::load(db).await?,
        offers: queries::open_offers(db, now).await?,
        case_offers: queries::open_case_offers(db, now).await?,
        people: queries::people(db, heard_since).await?,
        notices: queries::unread_notices(db).await?,
        pin_alerts: queries::pin_alerts(db, now - TimeDelta::days(1)).await?,
        waits: Waits::new(queries::recent_waits(db, now - TimeDelta::hours(8)).await?),
        cases_changed: cases::last_change(app).await?,
    };
    let refresh = shown.wrap_ups.first().map_or(now + REFRESH, |first| first.until.min(now + REFRESH));
    let first_heard = queries::first_heard(db, app.node, heard_since).await?;
    Ok((Board::new(shown), first_heard.map_or(refresh, |seen| presence::lease_end(seen).min(refresh))))
}

impl Board {
    fn new(shown: Shown) -> Self {
        let mut board = Self {
            chat_at: shown.chats.iter().enumerate().map(|(at, chat)| (chat.id, at)).collect(),
            person_at: shown.people.iter().enumerate().map(|(at, person)| (person.id, at)).collect(),
            shown,
            ..Self::default()
        };
        for (at, chat) in board.shown.chats.iter().enumerate() {
            match chat.agent_id {
                _ if chat.state == ChatState::Queued => board.queued_at.push(at),
                Some(agent) if chat.state == ChatState::Active => board.served_at.entry(agent).or_default().push(at),
                _ => {}
            }
        }
        board
    }

    fn chat(&self, id: Uuid) -> Option<&BoardChat> {
        self.chat_at.get(&id).and_then(|at| self.shown.chats.get(*at))
    }

    fn at(&self, places: &[usize]) -> impl Iterator<Item = &BoardChat> {
        places.iter().filter_map(|at| self.shown.chats.get(*at))
    }

    fn queued(&self) -> impl Iterator<Item = &BoardChat> {
        self.at(&self.queued_at)
    }

    /// The desk's rules as they were read last.
    pub fn rules(&self) -> &Rules {
        &self.shown.rules
    }

    /// What a member of the desk sees.
    pub fn desk_view(&self, staff: &Staff) -> DeskView {
        let all = staff.is_supervisor();
        let teams = self.shown.teams.get(&staff.id).map_or(&[][..], Vec::as_slice);
        let me = self.person_at.get(&staff.id).and_then(|at| self.shown.people.get(*at));
        let of_mine = |team: Option<Uuid>| team.is_some_and(|team| teams.contains(&team));
        // What is handed on waits with those who may take it, too.
        let handed = |c: &BoardChat| match c.to_id {
            Some(to) => to == staff.id,
            None => all || of_mine(c.to_team_id),
        };
        let waits = |c: &&BoardChat| match c.state {
            ChatState::Queued => all || of_mine(c.team_id),
            _ => c.to_tier.is_some() && c.agent_id != Some(staff.id) && handed(c),
        };
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
            offers: self.shown.offers.iter().filter(offered).filter_map(offer).collect(),
            case_offers: self
                .shown
                .case_offers
                .iter()
                .filter(|o| o.staff_id == staff.id)
                .map(|o| o.view.clone())
                .collect(),
            mine: self.at(self.served_at.get(&staff.id).map_or(&[], Vec::as_slice)).map(view).collect(),
            wrapping: self.shown.wrap_ups.iter().filter(|w| w.agent_id == staff.id).map(wrap_up).collect(),
            line: self.shown.chats.iter().filter(waits).map(view).collect(),
            served: if all {
                self.shown.chats.iter().filter(|c| c.state == ChatState::Active).map(view).collect()
            } else {
                Vec::new()
            },
            people: if all { self.shown.people.iter().map(person).collect() } else { Vec::new() },
            notices: self
                .shown
                .notices
                .iter()
                .filter(|(to, _)| *to == staff.id)
                .map(|(_, n)| n.clone())
                .take(50)
                .collect(),
            pin_alerts: if all { self.shown.pin_alerts.clone() } else { Vec::new() },
            cases_changed: self.shown.cases_changed,
        }
    }

    /// The place in line of a waiting chat, with the wait to expect.
    pub fn place(&self, chat: Uuid, now: DateTime<Utc>) -> Option<ServerFrame> {
        let waiting = self.chat(chat).filter(|c| c.state == ChatState::Queued)?;
        let waited = waiting.queued_at.map_or(TimeDelta::zero(), |since| now - since);
        let expected = waiting.team_id.and_then(|team| self.shown.waits.expected(team, waiting.tier, waited));
        let wait_seconds = expected.and_then(|wait| u32::try_from(wait.num_seconds()).ok());
        Some(ServerFrame::Place { chat, place: queue::place(self.queued(), waiting), wait_seconds })
    }
}

fn wrap_up(wrap_up: &BoardWrapUp) -> WrapUpView {
    WrapUpView { chat: wrap_up.chat_id, customer: wrap_up.customer.clone(), until: wrap_up.until }
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
        since: chat.answered_at.filter(|_| chat.state != ChatState::Queued).or(chat.queued_at).unwrap_or_default(),
        agent: chat.agent.clone(),
        customer_here: chat.customer_here,
        due_at: chat.due_at,
        language: chat.language.clone(),
        page: (!chat.page_url.is_empty())
            .then(|| PageView { url: chat.page_url.clone(), title: chat.page_title.clone() }),
        flag: chat.flag.clone().zip(chat.flagged_at).map(|(reason, at)| CallView { reason, at }),
        handed_to: handed_to(chat),
        beside: chat.beside.clone(),
        tags: chat.tags.clone(),
        case: chat.case_number,
    }
}

fn handed_to(chat: &BoardChat) -> Option<String> {
    let tier = chat.to_tier?;
    Some(
        chat.to_name
            .clone()
            .unwrap_or_else(|| format!("{}, {}", chat.to_team.as_deref().unwrap_or_default(), tier_name(tier))),
    )
}

/// One chat's own row, whatever its state.
pub async fn find(app: &App, chat: Uuid) -> Result<queries::ChatRow> {
    queries::find_chat(&app.db, chat).await?.ok_or_else(no_chat)
}

/// All colleagues, with who is there.
pub async fn colleagues(app: &App) -> Result<Vec<Colleague>> {
    Ok(queries::colleagues(&app.db, presence::heard_since(app.clock.now())).await?)
}

/// In whose hands a chat is.
pub async fn hands(app: &App, chat: Uuid) -> Result<Hands> {
    queries::find_hands(&app.db, chat).await?.ok_or_else(no_chat)
}

/// One chat as lists show it, with its state, whatever that is.
pub async fn find_view(app: &App, chat: Uuid) -> Result<(ChatState, ChatView)> {
    let heard_since = presence::heard_since(app.clock.now());
    let mut row = queries::find_board_chat(&app.db, chat, heard_since).await?.ok_or_else(no_chat)?;
    row.tags = queries::tags_of(&app.db, chat).await?;
    Ok((row.state, view(&row)))
}
