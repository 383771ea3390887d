//! Three processes behind nginx, configured as docs/operating.md says: restarted and killed under people who chat.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{
    Engine,
    cluster::{Cluster, Node},
    engine::Database,
    eventually,
    nats::Nats,
    roamer::{Part, Proof, Roamer},
    wire::Wire,
};

/// Who chats from the beginning.
const FIRST: usize = 4;
/// Who comes while nodes stop: one a stop.
const LATER: usize = 4;
const PASSWORD: &str = "a long password";

fn email(customer: usize) -> String {
    format!("customer-{customer}@oaks.example")
}

/// The desk, made beside running nodes; the site's token and the customers' PINs.
async fn fill(node: &Node) -> (String, Vec<String>) {
    node.admin(&["team", "claims", "Claims"], "").await;
    node.admin(&["category", "claims", "Claims", "--team", "claims"], "").await;
    for (name, role) in [("Ada Lane", "agent"), ("Bo Reyes", "agent"), ("Vi Stone", "admin")] {
        let address = format!("{}@desk.example", name.split(' ').next().unwrap());
        let arguments = ["staff", name, &address, "--role", role, "--team", "claims", "--capacity", "8"];
        node.admin(&arguments, PASSWORD).await;
    }
    node.admin(&["account", "77", "Seven Oaks"], "").await;
    let mut pins = Vec::new();
    for customer in 0..FIRST + LATER {
        let (name, address) = (format!("Customer {customer}"), email(customer));
        let said = node.admin(&["contact", "77", &name, &address], "").await;
        let (_, pin) = said.split_once("PIN is ").unwrap();
        pins.push(pin[..4].to_owned());
    }
    let said = node.admin(&["site", "Our desk", "--origin", "https://oaks.example"], "").await;
    let (_, token) = said.split_once("data-token=\"").unwrap();
    (token.split_once('"').unwrap().0.to_owned(), pins)
}

/// A browser's way to the desk: everything through nginx.
#[derive(Clone)]
struct Door {
    http: Client,
    base: String,
    site: String,
    talking: Arc<AtomicBool>,
    logs: Vec<PathBuf>,
}

impl Door {
    fn roamer(&self, proof: Proof, part: Part, chat: Option<Uuid>) -> Roamer {
        let url = format!("{}/live", self.base.replace("http:", "ws:"));
        Roamer::start(url, proof, part, chat, self.talking.clone())
    }

    /// Signs in on the page, as a browser does that sends nothing but `Origin`; the cookie's token.
    async fn sign_in(&self, who: &str) -> String {
        let form = [("email", format!("{who}@desk.example")), ("password", PASSWORD.into())];
        let request = self.http.post(format!("{}/login", self.base)).header("origin", &self.base).form(&form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{who} signs in through nginx");
        answer.headers()["set-cookie"].to_str().unwrap().split([';', '=']).nth(1).unwrap().to_owned()
    }

    async fn staff(&self, who: &str, part: Part) -> Roamer {
        let proof = Proof::Cookie { token: self.sign_in(who).await, origin: self.base.clone() };
        self.roamer(proof, part, None)
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).header("origin", &self.base);
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}\n{}", self.said());
        serde_json::from_str(&text).unwrap()
    }

    /// The last lines of all logs.
    fn said(&self) -> String {
        let tail = |log: &PathBuf| {
            let text = std::fs::read_to_string(log).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            format!("{}:\n{}\n", log.display(), lines[lines.len().saturating_sub(20)..].join("\n"))
        };
        self.logs.iter().map(tail).collect()
    }

    async fn customer(&self, customer: usize, pin: &str) -> Roamer {
        let claim = json!({"site": self.site, "email": email(customer), "pin": pin});
        let token = self.post("/widget/api/verify", "", claim).await["token"].as_str().unwrap().to_owned();
        let chat = self.post("/widget/api/conversation", &token, json!({"account": "77"})).await["chat"].clone();
        let chat = chat.as_str().unwrap().parse().unwrap();
        self.roamer(Proof::Token(token), Part::Customer, Some(chat))
    }

    /// Asks for pages all the time; what did not come is noted.
    async fn browse(self, token: String, wrong: Arc<Mutex<Vec<String>>>) {
        let frame = format!("/widget/frame?site={}", self.site);
        let site = format!("/widget/api/site?site={}", self.site);
        for path in ["/supervisor", "/widget.js", &frame, "/api/me", &site, "/login"].into_iter().cycle() {
            let cookie = format!("__Host-deskbell={token}");
            let answer = self.http.get(format!("{}{path}", self.base)).header("cookie", cookie).send().await;
            match answer {
                Ok(answer) if answer.status() == StatusCode::OK => {}
                other => wrong.lock().unwrap().push(format!("{path}: {other:?}")),
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// A forged address must not get anybody round the limit for an address, whichever node counts.
    async fn address_counts(&self) {
        for (turn, expected) in [200, 200, 429, 429].into_iter().enumerate() {
            let body = json!({"id": Uuid::from_u128(turn as u128 + 1), "site": self.site, "name": "Al", "email": "a@b.example", "text": "Hello?"});
            let request = self.http.post(format!("{}/widget/api/message", self.base)).json(&body);
            let answer = request.header("x-forwarded-for", format!("203.0.113.{turn}")).send().await.unwrap();
            assert_eq!(answer.status(), expected, "message {turn}: {}", answer.text().await.unwrap());
        }
    }
}

/// Waits until each of the customers is served and has said something.
async fn all_served(customers: &[Roamer]) {
    for customer in customers {
        eventually("a customer is served", || async {
            let book = customer.book();
            let reading = book.chats.values().next().unwrap();
            reading.events.iter().any(|e| e["body"]["kind"] == "joined").then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_nodes_behind_nginx_restart_and_die_and_nobody_notices() {
    let mut cluster = Cluster::start(Database::create(Engine::Postgres).await).await;
    let (site, pins) = fill(&cluster.nodes[0]).await;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let talking = Arc::new(AtomicBool::new(true));
    let door = Door { http, base: cluster.url(""), site, talking: talking.clone(), logs: cluster.logs() };
    let vi = door.sign_in("Vi").await;
    door.post("/api/hours/override", &vi, json!({"state": "open", "reason": "a test"})).await;
    door.address_counts().await;

    let supervisor = door.staff("Vi", Part::Supervisor).await;
    let staff = [door.staff("Ada", Part::Specialist).await, door.staff("Bo", Part::Specialist).await];
    let mut customers = Vec::new();
    for (customer, pin) in pins.iter().enumerate().take(FIRST) {
        customers.push(door.customer(customer, pin).await);
    }
    all_served(&customers).await;
    let wrong = Arc::new(Mutex::new(Vec::new()));
    let browsing = tokio::spawn(door.clone().browse(vi.clone(), wrong.clone()));

    // A rolling restart, and then the first node is killed; each time somebody arrives just then.
    let started = Instant::now();
    for turn in 0..LATER {
        let arriving = {
            let (door, pin) = (door.clone(), pins[FIRST + turn].clone());
            tokio::spawn(async move { door.customer(FIRST + turn, &pin).await })
        };
        let node = &mut cluster.nodes[turn % 3];
        if turn < 3 {
            node.stop().await;
            node.start().await;
            // As the manual says. nginx counts in whole seconds, and asks a node that failed only once in a while.
            tokio::time::sleep(Duration::from_secs(5)).await;
        } else {
            // While the PIN is compared, maybe there.
            tokio::time::sleep(Duration::from_millis(40)).await;
            node.kill().await;
        }
        customers.push(arriving.await.unwrap());
    }
    all_served(&customers).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    talking.store(false, Ordering::SeqCst);
    browsing.abort();

    // What was said is acknowledged, and everybody reads the same as the log has.
    let everybody: Vec<&Roamer> = customers.iter().chain(&staff).collect();
    for person in &everybody {
        let settled = || async { person.book().chats.values().all(|r| r.unacked.is_empty()).then_some(()) };
        eventually("all is acknowledged", settled).await;
    }
    let mut reader = Wire::open(cluster.public, &vi).await;
    let (mut messages, mut longest) = (0, Duration::ZERO);
    for customer in &customers {
        let chat = *customer.book().chats.keys().next().unwrap();
        reader
            .send(vec![tokio_tungstenite::tungstenite::Message::text(
                json!({"type": "watch", "chat": chat, "after": 0}).to_string(),
            )])
            .await;
        let heard = reader.until(|f| f["type"] == "caught_up").await;
        assert_eq!(heard.closed, None);
        let log: Vec<Value> =
            heard.frames.into_iter().filter(|f| f["type"] == "event" && f["chat"] == json!(chat)).collect();
        let mut readers = 0;
        for person in everybody.iter().filter(|p| p.book().chats.contains_key(&chat)) {
            let read_all = || async { (person.book().chats[&chat].events.len() >= log.len()).then_some(()) };
            eventually("a reader has the whole log", read_all).await;
            let book = person.book();
            let reading = &book.chats[&chat];
            assert!(reading.events == log, "a reader has {:#?}, the log {log:#?}", reading.events);
            let said: Vec<Uuid> = log
                .iter()
                .filter_map(|e| e["id"].as_str()?.parse().ok())
                .filter(|id| reading.said.contains(id))
                .collect();
            assert!(
                said == reading.said,
                "lost, doubled or out of order: said {:?}, in the log {said:?}",
                reading.said
            );
            messages += said.len();
            longest = longest.max(reading.gap);
            readers += 1;
        }
        assert_eq!(readers, 2, "a customer and a specialist");
    }

    let people: Vec<&Roamer> = everybody.iter().copied().chain([&supervisor]).collect();
    let closes: Vec<Vec<u16>> = people.iter().map(|p| p.book().closes.clone()).collect();
    let retries: usize = people.iter().map(|p| p.book().retries).sum();
    println!(
        "{messages} messages in {} chats, {:?}; closes {closes:?}; {retries} sent again; longest gap {longest:?}",
        customers.len(),
        started.elapsed()
    );
    assert!(messages > 200, "only {messages}: the test needs talk");
    for person in &people {
        let book = person.book();
        assert_eq!(book.wrong, Vec::<String>::new());
        // At most one for each stop, and one more for a node that was reached on its way down.
        assert!(book.closes.len() <= 2 * LATER, "{:?}", book.closes);
    }
    let restarts = closes.iter().flatten().filter(|code| **code == 1012).count();
    assert!(restarts >= 3, "the nodes that stopped had nobody: {closes:?}");
    assert!(longest < Duration::from_secs(6), "a reader had no news for {longest:?}");
    assert_eq!(supervisor.book().absent, Vec::<String>::new());
    assert_eq!(*wrong.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_nodes_start_at_once_on_an_empty_database() {
    let database = Database::create(Engine::Postgres).await;
    let nats = Nats::start().await;
    let public = ([127, 0, 0, 1], 9).into();
    let folders = [1, 2, 3].map(|n| database.folder.path().join(format!("node-{n}")));
    let mut nodes = folders.clone().map(|folder| Node::prepare(&folder, public, &database.url, &nats.url()));
    for (folder, node) in folders.iter().zip(&mut nodes) {
        std::fs::write(folder.join("pin.key"), [7; 32]).unwrap();
        node.launch();
    }
    for node in &nodes {
        node.ready().await;
    }
    for node in &mut nodes {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_a_node_without_the_desks_pin_key_is_refused() {
    let database = Database::create(Engine::Postgres).await;
    let nats = Nats::start().await;
    let public = ([127, 0, 0, 1], 9).into();
    let folders = [1, 2].map(|n| database.folder.path().join(format!("node-{n}")));
    let [mut first, mut second] =
        folders.clone().map(|folder| Node::prepare(&folder, public, &database.url, &nats.url()));
    let key = folders[1].join("pin.key");
    first.start().await;
    second.launch();
    assert!(!second.ended().await, "a node made a key of its own");
    assert!(second.said().contains("copy it from another node") && !key.exists(), "{}", second.said());
    std::fs::write(&key, [7; 32]).unwrap();
    second.launch();
    assert!(!second.ended().await, "a node has another key");
    assert!(second.said().contains("is not the one"), "{}", second.said());
    // The key is lost: the desk goes on with another one.
    first.stop().await;
    assert!(second.admin(&["new-pin-key"], "").await.contains("do not fit"));
    second.start().await;
    first.launch();
    assert!(!first.ended().await, "the old key counts no more");
    std::fs::copy(&key, folders[0].join("pin.key")).unwrap();
    first.start().await;
}
