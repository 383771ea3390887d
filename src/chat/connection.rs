//! One socket: hello, then frames both ways until either side is done. All of a connection lives in its one task.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use chrono::TimeDelta;
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::broadcast;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    planted,
};

use super::{
    dispatch::{self, Reply},
    hub::{Delivery, encode},
    log::{self, Logged},
    presence,
    protocol::{ClientFrame, CloseCode, PING_SECONDS, Party, Request, ServerFrame, VERSION, Visibility, You},
    queries,
    seat::{Ending, Flow, PATIENCE, Principal, Seat, close, unreadable},
};

/// How many events are read from the log at once.
const PAGE: i64 = 200;

/// One socket with its seat.
struct Connection {
    seat: Seat,
    /// Answers that come after a commit; awaited beside everything else, so that a burst of messages shares its commits.
    receipts: FuturesUnordered<BoxFuture<'static, ServerFrame>>,
    socket: WebSocket,
    token_hash: String,
    last_desk: Utf8Bytes,
}

/// Serves a socket whose person is known until it ends; its token's hash tells when the session ends.
pub async fn serve(
    app: App,
    socket: WebSocket,
    who: Principal,
    token_hash: String,
    mut sessions: broadcast::Receiver<String>,
) {
    let party = match &who {
        Principal::Customer(..) => Party::Customer,
        Principal::Staff(..) => Party::Staff,
    };
    let line = app.hub.join(party);
    let mut connection = Connection {
        seat: Seat { app, who, line, reading: HashMap::new() },
        receipts: FuturesUnordered::new(),
        socket,
        token_hash,
        last_desk: Utf8Bytes::default(),
    };
    if let Principal::Staff(staff, _) = &connection.seat.who {
        connection.seat.app.hub.console_opened(staff.id);
    }
    let ending = match connection.welcome().await {
        Ok(()) => connection.run(&mut sessions).await,
        Err(ending) => ending,
    };
    connection.leave(ending).await;
    if let Some(ending) = ending {
        close(connection.socket, ending).await;
    }
}

impl Connection {
    /// Greets; an `Err` is how the connection ends.
    async fn welcome(&mut self) -> Flow {
        let you = match self.you().await {
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
        self.send(&frame).await
    }

    async fn you(&mut self) -> Result<You> {
        Ok(match &self.seat.who {
            Principal::Customer(visitor, chat) => {
                let row = queries::find_board_chat(&self.seat.app.db, *chat).await?.ok_or_else(Error::unauthorized)?;
                You::Customer { name: visitor.contact.name.clone(), account: row.account, chat: *chat }
            }
            Principal::Staff(staff, _) => {
                let presence = presence::arrive(&self.seat.app, staff).await?;
                You::Staff { id: staff.id, name: staff.name.clone(), role: staff.role, tier: staff.tier, presence }
            }
        })
    }

    async fn run(&mut self, sessions: &mut broadcast::Receiver<String>) -> Option<Ending> {
        let mut ping =
            interval_at(Instant::now() + Duration::from_secs(PING_SECONDS), Duration::from_secs(PING_SECONDS));
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        let mut board = self.seat.app.board.subscribe();
        // The board may have been read between the welcome and now: it is shown once in any case.
        board.mark_changed();
        let mut hours = self.seat.app.hours.watch();
        hours.mark_unchanged();
        let mut renewal = self.seat.app.clock.now() + TimeDelta::seconds(presence::RENEW_SECONDS);
        let stop = self.seat.app.stop.clone();
        let overflow = self.seat.line.overflow.clone();
        loop {
            let app = self.seat.app.clone();
            let sent = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    self.last_receipts().await;
                    return Some((CloseCode::Restart, "the server restarts"));
                }
                () = overflow.cancelled() => return Some((CloseCode::TooSlow, "too much waited; come back with the last number")),
                ended = sessions.recv() => match ended {
                    Ok(hash) if hash == self.token_hash => return Some((CloseCode::Unauthorized, "signed out")),
                    _ => Ok(()),
                },
                Some(frame) = self.receipts.next(), if !self.receipts.is_empty() => self.send(&frame).await,
                Some(delivery) = self.seat.line.inbox.recv() => self.pass_on(delivery).await,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        unanswered = 0;
                        self.hear(&text).await
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        unanswered = 0;
                        Ok(())
                    }
                    Some(Ok(Message::Binary(_))) => return Some((CloseCode::Protocol, "frames are text")),
                    Some(Err(error)) => return unreadable(error),
                    Some(Ok(Message::Close(_))) | None => return None,
                },
                _ = board.changed() => {
                    let board = board.borrow_and_update().clone();
                    self.show_board(&board).await
                }
                _ = hours.changed() => {
                    let view = hours.borrow_and_update().clone();
                    self.send(&ServerFrame::Hours(view)).await
                }
                _ = ping.tick() => {
                    unanswered += 1;
                    if unanswered > 2 {
                        return Some((CloseCode::Silent, "nothing was heard"));
                    }
                    self.send_message(Message::Ping(Default::default())).await
                }
                () = app.clock.sleep_until(renewal) => {
                    renewal = self.seat.app.clock.now() + TimeDelta::seconds(presence::RENEW_SECONDS);
                    self.renew().await
                }
            };
            if let Err(ending) = sent {
                return ending;
            }
        }
    }

    /// The lease of a console's presence; a session that ran out or was revoked elsewhere ends here.
    async fn renew(&mut self) -> Flow {
        let Principal::Staff(staff, _) = &self.seat.who else { return Ok(()) };
        let still = queries::staff_session_lasts(&self.seat.app.db, &self.token_hash, self.seat.app.clock.now()).await;
        if matches!(still, Ok(false)) {
            return Err(Some((CloseCode::Unauthorized, "the session has ended")));
        }
        if let Err(error) = presence::renew(&self.seat.app, staff).await {
            tracing::warn!(%error, "presence could not be renewed");
        }
        Ok(())
    }

    async fn hear(&mut self, text: &str) -> Flow {
        let request: Request = match serde_json::from_str(text) {
            Ok(request) => request,
            Err(error) => {
                let refusal = Error::invalid("bad_frame", format!("This frame cannot be read: {error}."));
                return self.send(&dispatch::refusal(None, None, &refusal)).await;
            }
        };
        if let ClientFrame::Watch { chat, after } = request.frame {
            return self.watch(request.req, chat, after).await;
        }
        match dispatch::dispatch(&mut self.seat, request).await {
            Reply::Now(frame) => self.send(&frame).await,
            Reply::Later(receipt) => {
                self.receipts.push(receipt);
                Ok(())
            }
            Reply::Nothing => Ok(()),
        }
    }

    /// Sends what the client lacks of a chat, then lets the live flow through. The hub is asked first and the log second, so
    /// nothing falls between them; what comes twice is known by its number.
    async fn watch(&mut self, req: Option<u32>, chat: Uuid, after: i64) -> Flow {
        let last = match dispatch::may_read(&self.seat, chat).await {
            Ok(last) => last,
            Err(refusal) => return self.send(&dispatch::refusal(req, None, &refusal)).await,
        };
        self.seat.app.hub.subscribe(chat, &self.seat.line);
        // Nobody holds more than the log has: who says so reads from its end.
        self.seat.reading.insert(chat, after.clamp(0, last.max(0)));
        planted!("seam-one-late", self.seat.reading.insert(chat, (after + 1).clamp(0, last)));
        planted!("seam-log-first", self.seat.app.hub.unsubscribe(chat, &self.seat.line));
        self.catch_up(chat).await?;
        planted!(
            "seam-log-first",
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.seat.app.hub.subscribe(chat, &self.seat.line)
        );
        if matches!(self.seat.who, Principal::Customer(..)) {
            dispatch::customer_seen(&self.seat.app, chat).await;
        }
        match dispatch::caught_up(&self.seat.app, chat, self.seat.reading.get(&chat).copied().unwrap_or_default()).await
        {
            Ok(frame) => self.send(&frame).await,
            Err(error) => self.send(&dispatch::refusal(req, None, &error)).await,
        }?;
        let board = self.seat.app.board.borrow().clone();
        self.show_board(&board).await
    }

    /// Sends all events of a chat after the last number passed.
    async fn catch_up(&mut self, chat: Uuid) -> Flow {
        loop {
            let after = self.seat.reading.get(&chat).copied().unwrap_or_default();
            let page = match log::read_after(&self.seat.app.db, chat, after, PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(%error, "a log could not be read");
                    return Err(Some((CloseCode::TooSlow, "come back with the last number")));
                }
            };
            let last_page = i64::try_from(page.len()).is_ok_and(|n| n < PAGE);
            for event in page {
                self.seat.reading.insert(chat, event.seq);
                self.show(&Logged::from(event)).await?;
            }
            if last_page {
                return Ok(());
            }
        }
    }

    async fn pass_on(&mut self, delivery: Delivery) -> Flow {
        match delivery {
            Delivery::Hint(frame) => self.send_text(frame).await,
            Delivery::Event(event) => match self.seat.reading.get_mut(&event.chat) {
                Some(last) if event.seq == *last + 1 => {
                    *last = event.seq;
                    self.show(&event).await
                }
                // Signals may come out of order; the log never is.
                Some(last) if event.seq > *last => self.catch_up(event.chat).await,
                _ => Ok(()),
            },
        }
    }

    /// Sends an event if this side may see it.
    async fn show(&mut self, event: &Logged) -> Flow {
        let may_see = event.visibility == Visibility::Everyone || matches!(self.seat.who, Principal::Staff(..));
        if may_see { self.send_text(event.frame.clone()).await } else { Ok(()) }
    }

    async fn show_board(&mut self, board: &Arc<super::board::Board>) -> Flow {
        let frame = match &self.seat.who {
            Principal::Staff(staff, teams) => Some(ServerFrame::Desk(board.desk_view(staff, teams))),
            Principal::Customer(_, chat) => board.place(*chat, self.seat.app.clock.now()),
        };
        let Some(frame) = frame.map(|f| encode(&f)) else { return Ok(()) };
        if frame == self.last_desk {
            return Ok(());
        }
        self.last_desk = frame.clone();
        self.send_text(frame).await
    }

    /// Before a restart: what was handed to the journal is still acknowledged.
    async fn last_receipts(&mut self) {
        while let Ok(Some(frame)) = timeout(PATIENCE, self.receipts.next()).await {
            if self.send(&frame).await.is_err() {
                return;
            }
        }
    }

    /// Leaves the hub, and notes when the customer's page or the person's last console went.
    async fn leave(&mut self, ending: Option<Ending>) {
        for chat in std::mem::take(&mut self.seat.reading).into_keys() {
            // Noted first: between the two, the sweep for customers who are away must see one or the other.
            if matches!(self.seat.who, Principal::Customer(..)) {
                dispatch::customer_seen(&self.seat.app, chat).await;
            }
            self.seat.app.hub.unsubscribe(chat, &self.seat.line);
        }
        let Principal::Staff(staff, _) = &self.seat.who else { return };
        let last = self.seat.app.hub.console_closed(staff.id);
        // A restart is nobody's absence: the lease outlives it.
        if last && !self.seat.app.stop.is_cancelled() {
            let signed_out = matches!(ending, Some((CloseCode::Unauthorized, _)));
            if let Err(error) = presence::leave(&self.seat.app, staff.id, signed_out).await {
                tracing::warn!(%error, "a console's end could not be noted");
            }
        }
    }

    async fn send(&mut self, frame: &ServerFrame) -> Flow {
        self.send_text(encode(frame)).await
    }

    async fn send_text(&mut self, text: Utf8Bytes) -> Flow {
        self.send_message(Message::Text(text)).await
    }

    async fn send_message(&mut self, message: Message) -> Flow {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some((CloseCode::TooSlow, "the network is too slow; come back"))),
        }
    }
}
