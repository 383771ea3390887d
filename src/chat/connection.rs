//! One socket: hello, then frames both ways until either side is done. All of a connection lives in its one task.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    mem::take,
    sync::Arc,
};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{app::App, error::Error, planted};

use super::{
    conversation, dispatch,
    hub::{Delivery, Line, Sign, Signs, encode},
    journal::Append,
    log::{self, Logged},
    presence,
    protocol::{ClientFrame, CloseCode, Request, ServerFrame, VERSION, Visibility},
    seat::{Ending, Flow, PATIENCE, Principal, Seat, answer_close, close, patiently, unreadable},
};

/// How many events are read from the log at once.
const PAGE: i64 = 200;
/// How many deliveries are taken from the inbox at once, and share a write to the network.
const SHARE: usize = 64;
/// How many bytes may wait for that write.
const MOST_UNSENT: usize = 32 * 1024;

/// How a connection ends that cannot read a log now.
fn come_back(error: &Error) -> Option<Ending> {
    tracing::error!(%error, "a log could not be read");
    Some((CloseCode::TooSlow, "come back with the last number"))
}

/// One socket with its seat.
pub struct Connection {
    seat: Seat,
    socket: WebSocket,
    /// Bytes that wait for the next write to the network.
    unsent: usize,
    /// Messages that were handed to the journal and not answered yet.
    unanswered: usize,
    /// The hash of the board's last frame.
    last_desk: Option<u64>,
}

/// Takes a socket whose person is known, and greets; nothing: it is closed again.
pub async fn open(app: App, socket: WebSocket, who: Principal, mut line: Line) -> Option<Box<Connection>> {
    let (person, author) = match &who {
        Principal::Customer(visitor, _) => (visitor.contact.id, conversation::customer(visitor)),
        Principal::Staff(staff) => (staff.id, conversation::specialist(staff)),
    };
    if !line.identify(author.party, person, app.config.limits.connections_per_person) {
        close(socket, (CloseCode::TooMany, "too many connections of this person; close others first")).await;
        return None;
    }
    if let Principal::Staff(staff) = &who {
        app.hub.console_opened(staff.id);
    }
    let seat = Seat::new(app, who, author, line);
    let mut connection = Box::new(Connection { seat, socket, unsent: 0, unanswered: 0, last_desk: None });
    match connection.welcome().await {
        Ok(()) => Some(connection),
        Err(ending) => {
            connection.end(ending).await;
            None
        }
    }
}

impl Connection {
    /// Greets; an `Err` is how the connection ends.
    async fn welcome(&mut self) -> Flow {
        let you = match self.seat.you().await {
            Ok(you) => you,
            Err(error) => {
                tracing::error!(%error, "a socket could not be welcomed");
                return Err(Some((CloseCode::Silent, "try again")));
            }
        };
        let now = self.seat.app.clock.now();
        let hours = self.seat.app.hours.chat_view(now);
        let frame = ServerFrame::Welcome {
            v: VERSION,
            epoch: self.seat.app.epoch,
            you,
            now,
            clock_is_set: self.seat.app.clock.is_set_by_hand(),
            hours,
        };
        self.send(&frame)?;
        self.flush().await
    }

    /// Serves until either side is done; how the connection ends. Thousands of these wait at the same time, for two things only,
    /// and what is done rarely gets its room only when it is done: the boxes.
    pub async fn run(&mut self) -> Option<Ending> {
        // The board may have been read between the welcome and now: it is shown once in any case.
        self.seat.line.sign(Sign::Board);
        // The sign may have been given before the hub knew the line.
        if self.seat.app.stop.is_cancelled() {
            self.seat.line.sign(Sign::Stop);
        }
        loop {
            let done = tokio::select! {
                biased;
                taken = self.seat.line.take(SHARE) => match taken {
                    Ok(taken) => self.take(taken).await,
                    Err(why) => return Some(why),
                },
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        self.seat.line.pulse().hear();
                        self.hear(&text).await
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        self.seat.line.pulse().hear();
                        Ok(())
                    }
                    Some(Ok(Message::Binary(_))) => return Some((CloseCode::Protocol, "frames are text")),
                    Some(Err(error)) => return unreadable(error),
                    Some(Ok(Message::Close(_))) | None => return None,
                },
            };
            // What came at once leaves at once: one write for all of it.
            let flushed = match done {
                Ok(()) => self.flush().await,
                Err(ending) => Err(ending),
            };
            if let Err(ending) = flushed {
                return ending;
            }
        }
    }

    /// Passes on what came from elsewhere.
    async fn take(&mut self, (deliveries, signs): (Vec<Delivery>, Signs)) -> Flow {
        self.pass_on(deliveries).await?;
        if signs == Signs::default() { Ok(()) } else { Box::pin(self.look(signs)).await }
    }

    async fn look(&mut self, signs: Signs) -> Flow {
        if signs.has(Sign::Heartbeat) {
            self.put(Message::Ping(Default::default()))?;
        }
        if signs.has(Sign::Hours) {
            let view = self.seat.app.hours.announced();
            self.send(&ServerFrame::Hours(view))?;
        }
        if signs.has(Sign::Board) {
            let board = self.seat.app.board.borrow().clone();
            self.show_board(&board)?;
        }
        if signs.has(Sign::Figures)
            && let Some(frame) = self.seat.figures()
        {
            self.put_text(frame)?;
        }
        if signs.has(Sign::Stop) {
            self.last_answers().await;
            return Err(Some((CloseCode::Restart, "the server restarts")));
        }
        Ok(())
    }

    /// Does what a frame asks. Messages are most of what comes, and need no box.
    async fn hear(&mut self, text: &str) -> Flow {
        match Request::read(text) {
            Ok(Request { req, frame: ClientFrame::Send(message) }) => {
                let id = message.id;
                match dispatch::send(&self.seat, req, message) {
                    Ok(waits) => {
                        self.unanswered += 1;
                        match waits {
                            Some(append) => Box::pin(self.wait_for_room(append)).await,
                            None => Ok(()),
                        }
                    }
                    Err(error) => self.send(&dispatch::refusal(req, Some(id), &error)),
                }
            }
            Ok(request) => Box::pin(self.heed(request)).await,
            Err(error) => {
                let refusal = Error::invalid("bad_frame", format!("This frame cannot be read: {error}."));
                self.send(&dispatch::refusal(None, None, &refusal))
            }
        }
    }

    /// The journal answers after the commit, through the inbox.
    async fn wait_for_room(&mut self, append: Append) -> Flow {
        let (req, id) = (append.req, append.message.id);
        match self.seat.app.journal.wait_for_room(append).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.unanswered -= 1;
                self.send(&dispatch::refusal(req, Some(id), &error))
            }
        }
    }

    async fn heed(&mut self, request: Request) -> Flow {
        if let ClientFrame::Watch { chat, after } = request.frame {
            return self.watch(request.req, chat, after).await;
        }
        match dispatch::dispatch(&mut self.seat, request).await {
            Some(frame) => self.send(&frame),
            None => Ok(()),
        }
    }

    /// Sends what the client lacks of a chat, then lets the live flow through. The hub is asked first and the log second, so
    /// nothing falls between them; what comes twice is known by its number.
    async fn watch(&mut self, req: Option<u32>, chat: Uuid, after: i64) -> Flow {
        let last = match dispatch::may_read(&self.seat, chat).await {
            Ok(last) => last,
            Err(refusal) => return self.send(&dispatch::refusal(req, None, &refusal)),
        };
        self.seat.app.journal.expect(chat);
        self.seat.app.hub.subscribe(chat, &self.seat.line);
        self.seat.reading.insert(chat, log::resume_after(after, last));
        planted!("seam-one-late", self.seat.reading.insert(chat, (after + 1).clamp(0, last)));
        planted!("seam-log-first", self.seat.app.hub.unsubscribe(chat, &self.seat.line));
        self.catch_up(chat).await?;
        planted!(
            "seam-log-first",
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            self.seat.app.hub.subscribe(chat, &self.seat.line)
        );
        if matches!(self.seat.who, Principal::Customer(..)) {
            self.customer(chat, true).await;
        }
        match dispatch::caught_up(&self.seat.app, chat, self.seat.reading.get(&chat).copied().unwrap_or_default()).await
        {
            Ok(frame) => self.send(&frame)?,
            // A refusal would leave it half watched: who asks again while the live flow is on its way gets the same twice.
            Err(error) => return Err(come_back(&error)),
        }
        let board = self.seat.app.board.borrow().clone();
        self.show_board(&board)
    }

    /// Sends all events of a chat after the last number passed.
    async fn catch_up(&mut self, chat: Uuid) -> Flow {
        loop {
            let after = self.seat.reading.get(&chat).copied().unwrap_or_default();
            let page = match log::read_after(&self.seat.app, chat, after, PAGE).await {
                Ok(page) => page,
                Err(error) => return Err(come_back(&error)),
            };
            let last_page = i64::try_from(page.len()).is_ok_and(|n| n < PAGE);
            for event in page {
                self.seat.reading.insert(chat, event.seq);
                self.show(&Logged::from(event))?;
                self.make_room().await?;
            }
            if last_page {
                return Ok(());
            }
        }
    }

    async fn pass_on(&mut self, deliveries: Vec<Delivery>) -> Flow {
        for delivery in deliveries {
            match delivery {
                Delivery::Hint(frame) => self.put_text(frame)?,
                Delivery::Answer(frame) => {
                    self.unanswered = self.unanswered.saturating_sub(1);
                    self.put_text(frame)?;
                }
                Delivery::Changed { chat, seq } => {
                    if self.seat.reading.get(&chat).is_some_and(|last| seq > *last) {
                        Box::pin(self.catch_up(chat)).await?;
                    }
                }
                Delivery::Event(event) => match self.seat.reading.get_mut(&event.chat) {
                    Some(last) if event.seq == *last + 1 => {
                        *last = event.seq;
                        self.show(&event)?;
                    }
                    // Signals may come out of order; the log never is.
                    Some(last) if event.seq > *last => Box::pin(self.catch_up(event.chat)).await?,
                    _ => {}
                },
            }
            self.make_room().await?;
        }
        Ok(())
    }

    /// Sends an event if this side may see it.
    fn show(&mut self, event: &Logged) -> Flow {
        let may_see = event.visibility == Visibility::Everyone || matches!(self.seat.who, Principal::Staff(..));
        if may_see { self.put_text(event.frame.clone()) } else { Ok(()) }
    }

    fn show_board(&mut self, board: &Arc<super::board::Board>) -> Flow {
        let frame = match &self.seat.who {
            Principal::Staff(staff) => Some(ServerFrame::Desk(board.desk_view(staff))),
            Principal::Customer(_, chat) => board.place(*chat, self.seat.app.clock.now()),
        };
        let Some(frame) = frame.map(|f| encode(&f)) else { return Ok(()) };
        let mut hash = DefaultHasher::new();
        frame.hash(&mut hash);
        let hash = Some(hash.finish());
        if hash == self.last_desk {
            return Ok(());
        }
        self.last_desk = hash;
        self.put_text(frame)
    }

    /// Before a restart: what was handed to the journal is still acknowledged.
    async fn last_answers(&mut self) {
        while self.unanswered > 0 {
            let Ok(Ok((deliveries, _))) = timeout(PATIENCE, self.seat.line.take(SHARE)).await else { break };
            if self.pass_on(deliveries).await.is_err() {
                break;
            }
        }
        // Nobody is there to be told when this fails.
        let _ = self.flush().await;
    }

    /// Leaves, and closes the socket.
    pub async fn end(mut self: Box<Self>, ending: Option<Ending>) {
        self.leave(ending).await;
        match ending {
            Some(ending) => close(self.socket, ending).await,
            None => answer_close(self.socket).await,
        }
    }

    /// Leaves the hub, and notes when the customer's page or the person's last console went.
    async fn leave(&mut self, ending: Option<Ending>) {
        for chat in take(&mut self.seat.reading).into_keys() {
            self.seat.app.hub.unsubscribe(chat, &self.seat.line);
            // Another tab may be there; and a restart is nobody's absence.
            let customer = matches!(self.seat.who, Principal::Customer(..));
            if customer && !self.seat.app.stop.is_cancelled() && !self.seat.app.hub.customer_here(chat) {
                self.customer(chat, false).await;
            }
        }
        let Principal::Staff(staff) = &self.seat.who else { return };
        let last = self.seat.app.hub.console_closed(staff.id);
        // A restart is nobody's absence: the lease outlives it.
        if last && !self.seat.app.stop.is_cancelled() {
            let signed_out = matches!(ending, Some((CloseCode::Unauthorized, _)));
            if let Err(error) = presence::leave(&self.seat.app, staff.id, signed_out).await {
                tracing::warn!(%error, "a console's end could not be noted");
            }
        }
    }

    /// Notes that the customer's page came or went. A failure only makes an absence seem longer, so it is logged and no more.
    async fn customer(&mut self, chat: Uuid, here: bool) {
        if let Err(error) = presence::customer(&self.seat.app, chat, here).await {
            tracing::warn!(%error, "the customer's presence could not be noted");
        }
    }

    fn send(&mut self, frame: &ServerFrame) -> Flow {
        self.put_text(encode(frame))
    }

    fn put_text(&mut self, text: Utf8Bytes) -> Flow {
        self.unsent += text.len();
        self.put(Message::Text(text))
    }

    /// Puts a message behind those that wait for the next `flush`; an error means that the other end is gone.
    fn put(&mut self, message: Message) -> Flow {
        self.socket.start_send_unpin(message).map_err(|_| None)
    }

    /// Waits for the network when much waits to be sent.
    async fn make_room(&mut self) -> Flow {
        if self.unsent > MOST_UNSENT { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Flow {
        if take(&mut self.unsent) > 0 {
            self.seat.line.pulse().speak();
        }
        patiently(self.socket.flush()).await
    }
}
