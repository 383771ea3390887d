//! Who uses the desk: customers and agents, each over HTTP and a socket like any other program.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

use super::{PATIENCE, Server};

/// Kim's e-mail address and PIN in the demo: a customer in good standing with one account.
pub const ZOE: (&str, &str, &str) = ("zoe.angstrom@harborstreet.example", "7306", "10023");
pub const MARCUS: (&str, &str, &str) = ("marcus.bellweather@harborstreet.example", "4829", "10023");
pub const TOMAS: (&str, &str, &str) = ("tomas.iturralde@cedarhollow.example", "2684", "10047");
pub const NADIA: (&str, &str, &str) = ("nadia.kowalczyk@harborstreet.example", "9051", "10023");
pub const LAYLA: (&str, &str, &str) = ("layla.haddad@cedarhollow.example", "6193", "10047");
pub const PRISCILLA: (&str, &str, &str) = ("priscilla.oyelaran@nineoaks.example", "8470", "10112");
/// Tier I of the claims team.
pub const PRIYA: (&str, &str) = ("priya.raman@ledgerleaf.example", "demo-priya");
pub const OWEN: (&str, &str) = ("owen.castellane@ledgerleaf.example", "demo-owen");
/// Tier I of the platform team.
pub const JONAH: (&str, &str) = ("jonah.whitlock@ledgerleaf.example", "demo-jonah");
/// Tier II of the claims team.
pub const HANNAH: (&str, &str) = ("hannah.brightwater@ledgerleaf.example", "demo-hannah");
pub const ROSALIND: (&str, &str) = ("rosalind.achterberg@ledgerleaf.example", "demo-rosalind");
pub const WILMA: (&str, &str) = ("wilma.pryce@ledgerleaf.example", "demo-wilma");

/// One socket, with what it has heard and nobody asked for yet.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: VecDeque<Value>,
    pub welcome: Value,
}

impl Socket {
    /// Connects and says hello; the welcome.
    pub async fn open(server: &Server, token: &str) -> Self {
        let mut socket = Self::raw(server).await;
        socket.send(json!({"type": "hello", "v": 1, "token": token})).await;
        socket.welcome = socket.hear("welcome").await;
        socket
    }

    /// Connects and says nothing.
    pub async fn raw(server: &Server) -> Self {
        let (stream, _) = connect_async(format!("ws://{}/live", server.address)).await.unwrap();
        Self { stream, heard: VecDeque::new(), welcome: Value::Null }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next frame of a type; others are kept for later.
    pub async fn hear(&mut self, kind: &str) -> Value {
        self.hear_where(kind, |_| true).await
    }

    /// The next frame of a type that fits; others are kept for later.
    pub async fn hear_where(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let wanted = |frame: &Value| frame["type"] == kind && fits(frame);
        if let Some(at) = self.heard.iter().position(wanted) {
            return self.heard.remove(at).unwrap();
        }
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.next()).await;
            let frame = next
                .unwrap_or_else(|_| panic!("no {kind} came; heard {:?}", self.heard))
                .unwrap_or_else(|code| panic!("closed with {code} while waiting for {kind}"));
            if wanted(&frame) {
                return frame;
            }
            self.heard.push_back(frame);
        }
    }

    /// The answer to a request of this number: any frame that carries it.
    pub async fn answer(&mut self, req: u32) -> Value {
        let carries = |frame: &Value| frame["req"] == req;
        if let Some(at) = self.heard.iter().position(carries) {
            return self.heard.remove(at).unwrap();
        }
        loop {
            let frame = timeout(PATIENCE, self.next()).await.expect("an answer").expect("an open socket");
            if carries(&frame) {
                return frame;
            }
            self.heard.push_back(frame);
        }
    }

    /// Sends a request and waits for its answer.
    pub async fn ask(&mut self, mut frame: Value) -> Value {
        let req = rand_req();
        frame["req"] = json!(req);
        self.send(frame).await;
        self.answer(req).await
    }

    /// The same, and the socket goes with it.
    pub async fn then_ask(mut self, frame: Value) -> Value {
        self.ask(frame).await
    }

    /// The next frame, or the code with which the server closed.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |f| f.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// Reads until the server closes; the code.
    pub async fn closed(&mut self) -> u16 {
        timeout(PATIENCE, async {
            loop {
                if let Err(code) = self.next().await {
                    return code;
                }
            }
        })
        .await
        .expect("the server closes")
    }

    /// Watches a chat; its events from `after` on and the `caught_up`.
    pub async fn watch(&mut self, chat: Uuid, after: i64) -> (Vec<Value>, Value) {
        self.send(json!({"type": "watch", "chat": chat, "after": after})).await;
        let mut events = Vec::new();
        loop {
            let frame = timeout(PATIENCE, self.next()).await.expect("a caught_up").expect("an open socket");
            match frame["type"].as_str() {
                Some("event") if frame["chat"] == json!(chat) => events.push(frame),
                Some("caught_up") if frame["chat"] == json!(chat) => return (events, frame),
                Some("error") => panic!("watch was refused: {frame}"),
                _ => self.heard.push_back(frame),
            }
        }
    }
}

fn rand_req() -> u32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// An id like a client makes them.
pub fn new_id() -> Uuid {
    Uuid::from_bytes(deskbell::clock::random_bytes())
}

/// Asks for a token with a PIN.
pub async fn verify(server: &Server, email: &str, pin: &str) -> Response {
    let body = json!({"site": "pub_demo", "email": email, "pin": pin});
    Client::new().post(server.url("/widget/api/verify")).json(&body).send().await.unwrap()
}

/// A verified customer with a conversation and a socket.
pub struct Customer {
    pub socket: Socket,
    pub token: String,
    pub chat: Uuid,
    pub client: Uuid,
    pub n: i64,
}

impl Customer {
    /// Gives the PIN, opens a conversation and watches it.
    pub async fn arrive(server: &Server, (email, pin, account): (&str, &str, &str)) -> Self {
        let verified = verify(server, email, pin).await;
        assert_eq!(verified.status(), StatusCode::OK);
        let token = verified.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
        let chat = Self::open_conversation(server, &token, account).await;
        let mut socket = Socket::open(server, &token).await;
        socket.watch(chat, 0).await;
        Self { socket, token, chat, client: new_id(), n: 0 }
    }

    pub async fn open_conversation(server: &Server, token: &str, account: &str) -> Uuid {
        let request = Client::new()
            .post(server.url("/widget/api/conversation"))
            .bearer_auth(token)
            .json(&json!({"account": account}));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json::<Value>().await.unwrap()["chat"].as_str().unwrap().parse().unwrap()
    }

    /// A second tab, or the same after a lost connection.
    pub async fn reconnect(&mut self, server: &Server) {
        self.socket = Socket::open(server, &self.token).await;
    }

    /// Asks the question; its ack.
    pub async fn ask(&mut self, text: &str, category: &str) -> Value {
        let mut frame = self.outgoing("ask", text);
        frame["category"] = json!(category);
        let id = frame["id"].clone();
        self.socket.send(frame).await;
        self.socket.hear_where("ack", |ack| ack["id"] == id).await
    }

    /// Says something; its ack.
    pub async fn say(&mut self, text: &str) -> Value {
        let frame = self.outgoing("send", text);
        let id = frame["id"].clone();
        self.socket.send(frame).await;
        self.socket.hear_where("ack", |ack| ack["id"] == id).await
    }

    /// The next message's frame.
    pub fn outgoing(&mut self, kind: &str, text: &str) -> Value {
        self.n += 1;
        json!({"type": kind, "chat": self.chat, "id": new_id(), "client": self.client, "n": self.n, "text": text})
    }

    /// The next event of a kind.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.socket.hear_where("event", |e| e["body"]["kind"] == kind).await
    }
}

/// A member of the desk with a token and a socket.
pub struct Agent {
    pub socket: Socket,
    pub token: String,
    pub http: Client,
    pub client: Uuid,
    pub n: i64,
    base: String,
}

impl Agent {
    /// Signs in, connects and goes online.
    pub async fn online(server: &Server, login: (&str, &str)) -> Self {
        let mut agent = Self::sign_in(server, login).await;
        agent.presence("online").await;
        agent
    }

    /// Signs in and connects.
    pub async fn sign_in(server: &Server, (email, password): (&str, &str)) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = [("email", email), ("password", password)];
        let answer = http.post(server.url("/login")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{email} signs in");
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let token = cookie.split([';', '=']).nth(1).unwrap().to_owned();
        let socket = Socket::open(server, &token).await;
        Self { socket, token, http, client: new_id(), n: 0, base: server.url("") }
    }

    pub async fn presence(&mut self, state: &str) {
        assert_eq!(self.socket.ask(json!({"type": "presence", "state": state})).await["type"], "ok");
    }

    /// Waits for an offer; the offer.
    pub async fn offer(&mut self) -> Value {
        let desk = self.socket.hear_where("desk", |d| d["offers"].as_array().is_some_and(|o| !o.is_empty())).await;
        desk["offers"][0].clone()
    }

    /// Waits for an offer, accepts it and watches the chat; its events. A board may still show one that was taken before, whose chat
    /// is over.
    pub async fn take(&mut self) -> (Uuid, Vec<Value>) {
        loop {
            let offer = self.offer().await;
            assert_eq!(self.socket.ask(json!({"type": "accept", "offer": offer["id"]})).await["type"], "ok");
            let chat = offer["chat"]["id"].as_str().unwrap().parse().unwrap();
            let (events, _) = self.socket.watch(chat, 0).await;
            if !events.iter().any(|event| event["body"]["kind"] == "ended") {
                return (chat, events);
            }
        }
    }

    /// Says something in a chat; its ack.
    pub async fn say(&mut self, chat: Uuid, text: &str) -> Value {
        self.n += 1;
        let id = new_id();
        self.socket
            .send(json!({"type": "send", "chat": chat, "id": id, "client": self.client, "n": self.n, "text": text}))
            .await;
        self.socket.hear_where("ack", |ack| ack["id"] == json!(id)).await
    }

    /// The next event of a kind.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.socket.hear_where("event", |e| e["body"]["kind"] == kind).await
    }

    /// Waits for a desk view that fits.
    pub async fn desk(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        self.socket.hear_where("desk", fits).await
    }

    /// An address on the agent's server.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.unwrap();
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// Posts JSON; status and answer.
    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let answer =
            self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(&body).send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }
}
