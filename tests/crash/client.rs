//! Who uses the desk: one connection after the other, reading chats and perhaps writing into them.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::watch,
    time::{Duration, Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use uuid::Uuid;

use crate::{
    ledger::{Event, Ledger, Violation},
    writer::Writer,
};

/// What the clients are told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// New messages, and connections that break at random.
    #[default]
    Write,
    /// Only what is left.
    Drain,
    /// Hang up and end.
    Stop,
}

/// How the clients behave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Orders {
    pub phase: Phase,
    /// Long texts as fast as it goes.
    pub flood: bool,
    /// Those who only read do not read at all.
    pub stall: bool,
    /// Rises whenever the network fails: all connections break.
    pub network: u64,
}

/// What all clients of an era share.
pub struct Shared {
    pub ledger: Ledger,
    pub nodes: Vec<SocketAddr>,
    pub orders: watch::Sender<Orders>,
}

/// One user.
pub struct Client {
    pub name: String,
    pub token: String,
    /// The last number held of each chat that is read.
    pub reading: HashMap<Uuid, i64>,
    pub writers: Vec<Writer>,
    pub rng: StdRng,
    pub shared: Arc<Shared>,
}

/// One connection.
pub struct Socket(WebSocketStream<TcpStream>);

/// The connection is over.
struct Gone;

impl Socket {
    /// Connects and says hello; the welcome. Nothing: nobody is there now. A slow one takes little at a time.
    pub async fn open(node: SocketAddr, token: &str, slow: bool) -> Option<(Self, Value)> {
        let opened = async {
            let tcp = TcpSocket::new_v4().ok()?;
            if slow {
                tcp.set_recv_buffer_size(4096).ok()?;
            }
            let stream = tcp.connect(node).await.ok()?;
            stream.set_nodelay(true).ok()?;
            let mut socket = Self(client_async(format!("ws://{node}/live"), stream).await.ok()?.0);
            socket.send(vec![json!({"type": "hello", "v": 1, "token": token})]).await.ok()?;
            let welcome = socket.next().await.ok()?;
            (welcome["type"] == "welcome").then_some((socket, welcome))
        };
        timeout(Duration::from_secs(8), opened).await.ok()?
    }

    async fn send(&mut self, frames: Vec<Value>) -> Result<(), Gone> {
        for frame in frames {
            self.0.feed(Message::text(frame.to_string())).await.map_err(|_| Gone)?;
        }
        timeout(Duration::from_secs(12), self.0.flush()).await.map_err(|_| Gone)?.map_err(|_| Gone)
    }

    async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |f| f.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// All events of a chat after a number.
    pub async fn read(&mut self, chat: Uuid, after: i64) -> Result<Vec<Event>, String> {
        self.send(vec![json!({"type": "watch", "chat": chat, "after": after})]).await.map_err(|_| "hung up")?;
        let mut events = Vec::new();
        loop {
            let frame = timeout(Duration::from_secs(10), self.next()).await.map_err(|_| "nothing came")?;
            let frame = frame.map_err(|code| format!("closed with {code}"))?;
            match frame["type"].as_str() {
                Some("event") if frame["chat"] == json!(chat) => events.push(Event::of(&frame)),
                Some("caught_up") if frame["chat"] == json!(chat) => return Ok(events),
                Some("error") => return Err(frame.to_string()),
                _ => {}
            }
        }
    }

    /// Sends one request and answers whether it was done.
    pub async fn done(&mut self, mut frame: Value) -> Result<(), Violation> {
        frame["req"] = json!(1);
        let id = frame["id"].clone();
        let refused = |story: String| Violation { check: "the desk is prepared", story };
        self.send(vec![frame.clone()]).await.map_err(|_| refused("hung up".into()))?;
        loop {
            let heard = self.next().await.map_err(|code| refused(format!("{frame}: closed with {code}")))?;
            if heard["type"] == "ok" || heard["type"] == "ack" && heard["id"] == id {
                return Ok(());
            } else if heard["type"] == "error" {
                return Err(refused(format!("{frame}: {heard}")));
            }
        }
    }
}

/// Asks for a chat; a refusal carries the number.
fn watch(chat: Uuid, after: i64) -> Value {
    json!({"type": "watch", "chat": chat, "after": after, "req": number(chat)})
}

fn number(chat: Uuid) -> u32 {
    u32::from_be_bytes(chat.as_bytes()[12..].try_into().unwrap())
}

/// The chat that a frame answers for, if it answers a `watch`.
fn watched(frame: &Value, reading: &HashMap<Uuid, i64>) -> Option<Uuid> {
    reading.keys().copied().find(|chat| frame["req"] == json!(number(*chat)))
}

impl Client {
    /// Connects again and again until told to stop.
    pub async fn run(mut self) {
        for chat in self.reading.keys() {
            self.shared.ledger.reads(&self.name, *chat);
        }
        let mut first = true;
        while self.orders().phase != Phase::Stop {
            let node = self.shared.nodes[self.rng.random_range(0..self.shared.nodes.len())];
            let opened = tokio::select! {
                opened = Socket::open(node, &self.token, self.writers.is_empty()) => opened,
                () = self.network_fails() => None,
            };
            let Some((socket, welcome)) = opened else {
                let pause = self.rng.random_range(10..60);
                sleep(Duration::from_millis(pause)).await;
                continue;
            };
            self.shared.ledger.known().counts.reconnects += u64::from(!std::mem::take(&mut first));
            self.shared.ledger.welcomed(welcome["epoch"].as_str().unwrap());
            let _ = self.session(socket).await;
        }
    }

    /// Waits until all connections break, those that are being made too.
    async fn network_fails(&self) {
        let mut orders = self.shared.orders.subscribe();
        let network = orders.borrow().network;
        orders.wait_for(|orders| orders.network != network).await.unwrap();
    }

    fn orders(&self) -> Orders {
        *self.shared.orders.borrow()
    }

    async fn session(&mut self, mut socket: Socket) -> Result<(), Gone> {
        let mut orders = self.shared.orders.subscribe();
        let Orders { network, phase, .. } = *orders.borrow_and_update();
        if phase == Phase::Stop {
            return Ok(());
        }
        // What this connection has read: it may start before what is held, and then gets the same again.
        let mut reading = self.reading.clone();
        let mut hello = Vec::new();
        for (chat, held) in &mut reading {
            if self.rng.random_ratio(1, 3) {
                // Mostly a little before; the whole log now and then.
                let from = if self.rng.random_ratio(1, 20) { 0 } else { (*held - 40).max(0) };
                *held = self.rng.random_range(from..=*held);
            }
            hello.push(watch(*chat, *held));
        }
        for writer in &mut self.writers {
            hello.extend(writer.again(&self.shared.ledger, &mut self.rng));
        }
        socket.send(hello).await?;
        let mut refused = HashSet::new();
        let mut act = Instant::now();
        loop {
            tokio::select! {
                frame = socket.next(), if !(orders.borrow().stall && self.writers.is_empty()) => {
                    let frame = frame.map_err(|code| {
                        self.shared.ledger.known().counts.too_slow += u64::from(code == 4000);
                        Gone
                    })?;
                    if frame["type"] == "error" && frame["retry"] == true && let Some(chat) = watched(&frame, &reading) {
                        refused.insert(chat);
                    } else {
                        self.hear(&frame, &mut reading);
                    }
                }
                _ = orders.changed() => {
                    let orders = *orders.borrow_and_update();
                    if orders.phase == Phase::Stop || orders.network != network {
                        return Err(Gone);
                    }
                }
                () = sleep_until(act) => {
                    let pause = if self.orders().flood { 0 } else { self.rng.random_range(2..30) };
                    act = Instant::now() + Duration::from_millis(pause);
                    socket.send(refused.drain().map(|chat| watch(chat, reading[&chat])).collect()).await?;
                    self.act(&mut socket).await?;
                    if self.writers.is_empty() {
                        act += Duration::from_millis(50);
                    }
                }
            }
        }
    }

    async fn act(&mut self, socket: &mut Socket) -> Result<(), Gone> {
        let orders = self.orders();
        let mut frames = Vec::new();
        for writer in &mut self.writers {
            frames.extend(writer.due(&self.shared.ledger, &mut self.rng));
            if orders.phase == Phase::Write {
                frames.extend(writer.more(&self.shared.ledger, orders.flood, &mut self.rng));
                if self.rng.random_ratio(1, 400) {
                    // Needlessly: all that is not acknowledged yet, and perhaps what is.
                    frames.extend(writer.again(&self.shared.ledger, &mut self.rng));
                }
            }
        }
        if !frames.is_empty() {
            socket.send(frames).await?;
        }
        // The line breaks, often with answers on their way.
        let often = if self.writers.is_empty() { 12 } else { 60 };
        if orders.phase == Phase::Write && !orders.stall && self.rng.random_ratio(1, often) {
            Err(Gone)
        } else {
            Ok(())
        }
    }

    fn hear(&mut self, frame: &Value, reading: &mut HashMap<Uuid, i64>) {
        let ledger = &self.shared.ledger;
        let chat = frame["chat"].as_str().and_then(|chat| chat.parse::<Uuid>().ok());
        let id = frame["id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        match frame["type"].as_str() {
            Some("event") => {
                let (chat, event) = (chat.unwrap(), Event::of(frame));
                let place = reading.get_mut(&chat).unwrap();
                let seq = event.seq;
                ledger.saw(&self.name, chat, *place, event);
                *place = seq;
                let held = self.reading.get_mut(&chat).unwrap();
                *held = seq.max(*held);
            }
            Some("caught_up") => {
                let (chat, seq) = (chat.unwrap(), frame["seq"].as_i64().unwrap());
                if reading[&chat] != seq {
                    let story = format!("{} was told {seq} of chat {chat} and has {}", self.name, reading[&chat]);
                    ledger.broken("in order, without a gap", story);
                }
            }
            Some("ack") => {
                let at: DateTime<Utc> = frame["at"].as_str().unwrap().parse().unwrap();
                let id = id.unwrap();
                match self.writers.iter_mut().find(|writer| writer.knows(id)) {
                    Some(writer) => writer.landed(ledger, id, frame["seq"].as_i64().unwrap(), at, &mut self.rng),
                    None => ledger.acknowledged(id, frame["seq"].as_i64().unwrap(), at),
                }
            }
            Some("error") => self.refused(frame, id),
            _ => {}
        }
    }

    /// A message was refused: all that flies is sent again in order, unless it can never succeed.
    fn refused(&mut self, frame: &Value, id: Option<Uuid>) {
        let code = frame["code"].as_str().unwrap_or_default();
        let mut known = self.shared.ledger.known();
        match code {
            "disk_full" => known.counts.disk_full += 1,
            "out_of_order" => known.counts.out_of_order += 1,
            "unavailable" | "internal" => {}
            _ => {
                drop(known);
                return self.shared.ledger.broken("no refusal", format!("{} got {frame}", self.name));
            }
        }
        drop(known);
        if let Some(writer) = id.and_then(|id| self.writers.iter_mut().find(|writer| writer.knows(id))) {
            writer.again_in(self.rng.random_range(5..80));
        }
    }
}
