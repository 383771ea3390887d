//! Somebody who stays: a client that talks in its chats, and comes back by itself whenever its socket closes, as the protocol says.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle, time::Instant};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use uuid::Uuid;

use super::actors::new_id;

/// How often something is said in each chat.
const PACE: Duration = Duration::from_millis(150);
/// How many messages may be on their way in a chat.
const ON_THEIR_WAY: usize = 6;

/// How somebody proves who they are.
#[derive(Clone)]
pub enum Proof {
    /// A token in `hello`, as the widget does.
    Token(String),
    /// The console's cookie, with the page's origin.
    Cookie { token: String, origin: String },
}

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Asks in a chat and talks.
    Customer,
    /// Takes what is offered and talks in all chats.
    Specialist,
    /// Looks on.
    Supervisor,
}

/// One chat as this person knows it.
pub struct Reading {
    /// All events that came, in the order in which they came.
    pub events: Vec<Value>,
    /// The ids of all messages, in the order in which they were said.
    pub said: Vec<Uuid>,
    /// What is not acknowledged.
    pub unacked: VecDeque<Value>,
    /// The longest time without news.
    pub gap: Duration,
    client: Uuid,
    last: i64,
    heard: Instant,
}

/// What happened to a person.
#[derive(Default)]
pub struct Book {
    pub chats: BTreeMap<Uuid, Reading>,
    /// How each socket closed.
    pub closes: Vec<u16>,
    /// What a person would have seen: refusals, sockets that could not be had, broken chains.
    pub wrong: Vec<String>,
    /// How often something was sent again because the server asked for it.
    pub retries: usize,
    /// The last desk.
    pub desk: Value,
    /// For supervisors: who seemed absent, after all were there for the first time.
    pub absent: Vec<String>,
    all_here: bool,
}

/// The person, until dropped.
pub struct Roamer {
    book: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

impl Drop for Roamer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Roamer {
    /// Sets out. Customers ask in `chat`; messages are said while `talking`.
    pub fn start(url: String, proof: Proof, part: Part, chat: Option<Uuid>, talking: Arc<AtomicBool>) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        if let Some(chat) = chat {
            let mut held = book.lock().unwrap();
            held.enter(chat);
            held.say(chat, "ask", "A claim is stuck");
        }
        let walk = Walk { url, proof, part, talking, book: book.clone() };
        Self { book, task: tokio::spawn(walk.run()) }
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Book {
    fn enter(&mut self, chat: Uuid) {
        self.chats.insert(
            chat,
            Reading {
                events: Vec::new(),
                said: Vec::new(),
                unacked: VecDeque::new(),
                gap: Duration::ZERO,
                client: new_id(),
                last: 0,
                heard: Instant::now(),
            },
        );
    }

    /// The frame of the next message, which is not acknowledged yet.
    fn say(&mut self, chat: Uuid, kind: &str, text: &str) -> Value {
        let reading = self.chats.get_mut(&chat).unwrap();
        let (id, n) = (new_id(), reading.said.len() + 1);
        let mut frame = json!({"type": kind, "chat": chat, "id": id, "client": reading.client, "n": n, "text": format!("{text} {n}")});
        if kind == "ask" {
            frame["category"] = json!("claims");
        }
        reading.said.push(id);
        reading.unacked.push_back(frame.clone());
        frame
    }

    /// Watches all chats from where they were left, and sends all that is not acknowledged.
    fn resume(&self) -> Vec<Value> {
        let watches = self.chats.iter().map(|(chat, r)| json!({"type": "watch", "chat": chat, "after": r.last}));
        watches.chain(self.chats.values().flat_map(|r| r.unacked.iter().cloned())).collect()
    }

    fn event(&mut self, frame: Value, part: Part) {
        let chat: Uuid = frame["chat"].as_str().unwrap().parse().unwrap();
        let reading = self.chats.get_mut(&chat).unwrap();
        // A customer is not sent what is for the desk only.
        let before = if part == Part::Customer { &frame["prev"] } else { &json!(frame["seq"].as_i64().unwrap() - 1) };
        if *before != json!(reading.last) {
            self.wrong.push(format!("after {} came {frame}", reading.last));
        }
        reading.last = frame["seq"].as_i64().unwrap();
        if !reading.events.is_empty() {
            reading.gap = reading.gap.max(reading.heard.elapsed());
        }
        reading.heard = Instant::now();
        reading.events.push(frame);
    }

    fn ack(&mut self, frame: &Value) {
        for reading in self.chats.values_mut() {
            reading.unacked.retain(|sent| sent["id"] != frame["id"]);
        }
    }

    /// Takes what is offered and enters what is served.
    fn work(&mut self, accepted: &mut HashSet<String>) -> Vec<Value> {
        let mut frames = Vec::new();
        for offer in self.desk["offers"].as_array().unwrap().clone() {
            if accepted.insert(offer["id"].as_str().unwrap().to_owned()) {
                frames.push(json!({"type": "accept", "offer": offer["id"]}));
            }
        }
        for chat in self.desk["mine"].as_array().unwrap().clone() {
            let chat = chat["id"].as_str().unwrap().parse().unwrap();
            if !self.chats.contains_key(&chat) {
                self.enter(chat);
                frames.push(json!({"type": "watch", "chat": chat, "after": 0}));
            }
        }
        frames
    }

    /// Once everybody is there, nobody may seem absent.
    fn look_for_absence(&mut self) {
        let served = self.desk["served"].as_array().unwrap();
        let people = self.desk["people"].as_array().unwrap();
        let gone = served.iter().filter(|c| c["customer_here"] != true).map(|c| format!("{} is gone", c["customer"]));
        let away = people.iter().filter(|p| p["presence"] == "offline").map(|p| format!("{} is offline", p["name"]));
        let absent: Vec<String> = gone.chain(away).collect();
        if self.all_here {
            self.absent.extend(absent);
        } else {
            self.all_here = absent.is_empty() && !served.is_empty();
        }
    }
}

struct Walk {
    url: String,
    proof: Proof,
    part: Part,
    talking: Arc<AtomicBool>,
    book: Arc<Mutex<Book>>,
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Walk {
    async fn run(self) {
        loop {
            let mut request = self.url.as_str().into_client_request().unwrap();
            if let Proof::Cookie { token, origin } = &self.proof {
                request.headers_mut().insert("cookie", format!("__Host-deskbell={token}").parse().unwrap());
                request.headers_mut().insert("origin", origin.parse().unwrap());
            }
            let code = match connect_async(request).await {
                Ok((stream, _)) => self.stay(stream).await,
                Err(error) => {
                    self.note(|book| book.wrong.push(format!("no socket: {error}")));
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            self.note(|book| {
                book.closes.push(code);
                if !matches!(code, 1006 | 1012) {
                    book.wrong.push(format!("closed with {code}"));
                }
            });
            if code != 1012 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    fn note<T>(&self, what: impl FnOnce(&mut Book) -> T) -> T {
        what(&mut self.book.lock().unwrap())
    }

    /// Lives on one socket; the code with which it closed, 1006 for none.
    async fn stay(&self, mut stream: Stream) -> u16 {
        let token = if let Proof::Token(token) = &self.proof { json!(token) } else { Value::Null };
        let mut waiting = vec![json!({"type": "hello", "v": 1, "token": token})];
        let mut pace = tokio::time::interval(PACE);
        let mut accepted = HashSet::new();
        let mut welcomed = false;
        loop {
            for frame in waiting.drain(..) {
                // How it closed is read, not written.
                let _ = stream.send(Message::text(frame.to_string())).await;
            }
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        welcomed |= frame["type"] == "welcome";
                        waiting = self.note(|book| self.hear(book, frame, &mut accepted));
                    }
                    Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |f| f.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return 1006,
                },
                _ = pace.tick(), if welcomed => waiting = self.note(|book| self.talk(book)),
            }
        }
    }

    fn hear(&self, book: &mut Book, frame: Value, accepted: &mut HashSet<String>) -> Vec<Value> {
        match frame["type"].as_str().unwrap() {
            "welcome" if self.part == Part::Specialist && book.closes.is_empty() => {
                vec![json!({"type": "presence", "state": "online"})]
            }
            "welcome" => book.resume(),
            "event" => {
                book.event(frame, self.part);
                Vec::new()
            }
            "ack" => {
                book.ack(&frame);
                Vec::new()
            }
            "desk" => {
                book.desk = frame;
                if self.part == Part::Supervisor {
                    book.look_for_absence();
                    return Vec::new();
                }
                book.work(accepted)
            }
            // Not an error that anybody sees: it is sent again, in order.
            "error" if frame["retry"] == true || frame["code"] == "out_of_order" => {
                book.retries += 1;
                book.chats.values().flat_map(|r| r.unacked.iter().cloned()).collect()
            }
            "error" => {
                book.wrong.push(frame.to_string());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn talk(&self, book: &mut Book) -> Vec<Value> {
        // Asked with the book in hand: whoever looks into it after the end of the talk sees the last word.
        if !self.talking.load(Ordering::SeqCst) {
            return Vec::new();
        }
        let asked = |r: &Reading| r.unacked.front().is_none_or(|frame| frame["type"] != "ask");
        let free = book.chats.iter().filter(|(_, r)| r.unacked.len() < ON_THEIR_WAY && asked(r));
        let chats: Vec<Uuid> = free.map(|(chat, _)| *chat).collect();
        chats.into_iter().map(|chat| book.say(chat, "send", "Message")).collect()
    }
}
