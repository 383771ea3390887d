//! How soon a server knows what editors and cases teach it, and what it needs for that.

use std::{
    fs,
    time::{Duration, Instant},
};

use deskbell::{
    app::App,
    knowledge::solution::{self, Content, Solution},
};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::sleep};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

use crate::{arguments::Arguments, desk::Desk, drive::listening, process};

/// How often each is tried.
const TRIES: usize = 20;

/// Puts the solutions of a file into a desk: one JSON object a line with title and body.
pub async fn stock(app: &App, path: &str) {
    let mut tx = app.db.begin().await.unwrap();
    for line in fs::read_to_string(path).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let content =
            Content { title: text("title"), body: text("body"), category: "claims".into(), ..Content::default() };
        let content = Content { title: content.title.chars().take(200).collect(), ..content };
        let new = Solution { id: app.clock.new_id(), version: 1, updated_at: app.clock.now(), content };
        solution::insert(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A customer's socket.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(port: u16, token: &str) -> Self {
        let (socket, _) = connect_async(format!("ws://127.0.0.1:{port}/live")).await.unwrap();
        let mut socket = Self(socket);
        socket.say(json!({"type": "hello", "v": 1, "token": token})).await;
        socket.hear("welcome").await;
        socket
    }

    async fn say(&mut self, frame: Value) {
        self.0.send(Message::Text(frame.to_string().into())).await.unwrap();
    }

    async fn hear(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame["type"] == kind {
                    return frame;
                }
            }
        }
    }

    /// The title of the best solution for a text.
    async fn best(&mut self, text: &str) -> String {
        self.say(json!({"type": "suggest", "text": text})).await;
        self.hear("suggestions").await["items"][0]["title"].as_str().unwrap_or_default().to_owned()
    }

    /// How long until a text has this as its best.
    async fn until(&mut self, text: &str, title: &str) -> f64 {
        let start = Instant::now();
        while self.best(text).await != title {
            // Whoever asks without a pause takes the processor from what is measured.
            sleep(Duration::from_millis(1)).await;
            assert!(start.elapsed() < Duration::from_secs(30), "{title:?} never came first for {text:?}");
        }
        start.elapsed().as_secs_f64() * 1000.0
    }
}

struct Editor {
    http: Client,
    base: String,
    token: String,
}

impl Editor {
    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap_or(Value::Null)
    }
}

/// Runs it and prints a table.
pub async fn learn(arguments: &Arguments) {
    let desk = Desk::make(arguments, TRIES).await;
    let mut server = desk.serve();
    listening(desk.ports[0]).await;
    let pid = server[0].id();
    let megabytes = || process::memory(pid) as f64 / 1024.0;
    sleep(Duration::from_secs(2)).await;
    let at_rest = megabytes();
    let mut customer = Socket::open(desk.ports[0], &desk.people[0][0].token).await;
    customer.best("how do I begin").await;
    desk.all_read().await;
    let learned = megabytes();
    // The second start finds everything worked out.
    for child in &mut server {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut server = desk.serve();
    listening(desk.ports[0]).await;
    let mut customer = Socket::open(desk.ports[0], &desk.people[0][0].token).await;
    customer.best("how do I begin").await;
    sleep(Duration::from_secs(3)).await;
    let again = process::memory(server[0].id()) as f64 / 1024.0;

    let editor = desk.supervisor().await;
    let (mut edits, mut cases, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let editor = Editor { http: Client::new(), base: format!("http://127.0.0.1:{}", desk.ports[0]), token: editor };
    let word = |n: usize| format!("{}uokka", char::from(b'a' + n as u8));
    for n in 0..TRIES {
        let title = format!("Feed the {}", word(n));
        let body = format!("Give the {} leaves and water in the morning.", word(n));
        let made = editor
            .call(Method::POST, "/api/solutions", json!({"title": title, "body": body, "category": "claims"}))
            .await;
        let id = made["id"].as_str().unwrap().to_owned();
        editor.call(Method::POST, &format!("/api/solutions/{id}/publish"), json!({"edit": 1})).await;
        edits.push(customer.until(&format!("feed the {}", word(n)), &title).await);
        // What it means is worked out, too, before a case is closed with it.
        desk.all_read().await;

        let chat = desk.people[n][0].chat;
        let subject = format!("Our striped {} friend looks thin", word(n + 2));
        let draft = json!({"subject": subject, "category": "claims", "severity": 3, "description": subject});
        let case = editor.call(Method::POST, &format!("/api/chats/{chat}/case"), draft).await["case"].clone();
        // Nobody closes a case in the moment in which it is made.
        desk.all_read().await;
        let text = format!("striped friend thin {}", Uuid::nil().simple());
        let before = customer.best(&text).await;
        editor
            .call(Method::POST, &format!("/api/cases/{case}/resolve"), json!({"resolution": "Fed.", "solution": id}))
            .await;
        // The first one closed is the only one with these words.
        if before.is_empty() || n == 0 || before != title {
            let only = format!("our {} friend thin", word(n + 2));
            cases.push(customer.until(&only, &title).await);
            desk.all_read().await;
            alone.push(customer.until(&only, &title).await);
        }
    }
    for child in &mut server {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let told = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        format!("{:.1} | {:.1}", times[times.len() / 2], times[times.len() - 1])
    };
    println!("| | median ms | largest ms |\n| --- | ---: | ---: |");
    println!("| published until it is suggested first | {} |", told(edits));
    println!("| case closed until its solution is suggested first | {} |", told(cases));
    println!("| an answer by itself, after the same pause | {} |", told(alone));
    println!(
        "memory: {at_rest:.0} MB at rest, {learned:.0} MB when all was worked out, {again:.0} MB after the next start and a question"
    );
}
