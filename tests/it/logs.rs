//! The log, at its most talkative, tells nobody's words, PINs, passwords or tokens.

use std::{fmt::Write, net::SocketAddr, process::Stdio};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    both,
    support::{actors::*, engine::Database, wire::Wire},
};

/// A demo in a process of its own, whose log goes to a file.
struct Demo {
    child: Child,
    address: SocketAddr,
    log: std::path::PathBuf,
}

impl Demo {
    async fn start(database: &Database) -> Self {
        let log = database.folder.path().join("log.txt");
        let mut child = Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args([
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--site-listen",
                "127.0.0.1:0",
                "--log",
                "trace,tungstenite::protocol=trace",
            ])
            .args(["--clock", "2026-12-01T10:00:00-05:00", "--database", &database.url, "--data"])
            .arg(database.folder.path())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the demo says where it is");
            if let Some((_, url)) = line.split_once("http://") {
                break url.trim_end_matches('/').parse().unwrap();
            }
        };
        // It goes on printing, which must find somebody who reads.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, address, log }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The ways in which a text could be printed: as it is, and as bytes in hex, in numbers or in base64.
fn disguises(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let numbers = format!("{bytes:?}").trim_matches(['[', ']']).to_owned();
    vec![secret.to_owned(), hex.to_uppercase(), hex, numbers, STANDARD.encode(bytes).trim_end_matches('=').to_owned()]
}

/// Whether a PIN stands in a text by itself: four digits may well be part of a time or an id.
fn names_pin(log: &str, pin: &str) -> Option<String> {
    let part_of_more = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ':' | '-'));
    log.match_indices(pin)
        .find(|(at, _)| {
            !part_of_more(log[..*at].chars().next_back()) && !part_of_more(log[at + pin.len()..].chars().next())
        })
        .map(|(at, _)| log[..at].lines().next_back().unwrap_or_default().to_owned())
}

both! {
    async fn run_05_the_log_tells_no_words_pins_passwords_or_tokens(engine) {
        let database = Database::create(engine).await;
        let mut demo = Demo::start(&database).await;
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let words = |n: u8| format!("quokka{n}marzipan");
        // Right and wrong PINs, one of them of the wrong type; right and wrong passwords.
        let verify = |pin: Value| http.post(demo.url("/widget/api/verify")).json(&json!({"site": "pub_demo", "email": ZOE.0, "pin": pin})).send();
        assert_eq!(verify(json!("9481")).await.unwrap().status(), 403);
        assert_eq!(verify(json!(9482)).await.unwrap().status(), 422);
        assert_eq!(verify(json!("94839")).await.unwrap().status(), 422);
        let visitor: Value = verify(json!(ZOE.1)).await.unwrap().json().await.unwrap();
        let visitor = visitor["token"].as_str().unwrap().to_owned();
        let sign_in = |password: String| http.post(demo.url("/login")).form(&[("email", PRIYA.0.to_owned()), ("password", password)]).send();
        assert_eq!(sign_in(words(0)).await.unwrap().status(), 403);
        let cookie = sign_in(PRIYA.1.into()).await.unwrap().headers()["set-cookie"].to_str().unwrap().to_owned();
        let agent = cookie.split([';', '=']).nth(1).unwrap().to_owned();

        // A whole chat that becomes a case, and what can go wrong on the way.
        let opened = http.post(demo.url("/widget/api/conversation")).bearer_auth(&visitor).json(&json!({"account": "10023"}));
        let opened: Value = opened.send().await.unwrap().json().await.unwrap();
        let chat = opened["chat"].clone();
        let (mut customer, mut console) = (Wire::open(demo.address, &visitor).await, Wire::open(demo.address, &agent).await);
        let (by_customer, by_agent) = (new_id(), new_id());
        let say = |kind: &str, client, n: i64, text: String| json!({"type": kind, "chat": chat, "id": new_id(), "client": client, "n": n, "text": text, "category": "claims"});
        customer.ask(json!({"type": "watch", "chat": chat, "after": 0}), |f| f["type"] == "caught_up").await;
        customer.ask(json!({"type": "suggest", "text": words(1)}), |f| f["type"] == "suggestions").await;
        customer.ask(say("ask", by_customer, 1, words(2)), |f| f["type"] == "ack").await;
        console.ask(json!({"type": "pick", "chat": chat, "req": 1}), |f| f["req"] == 1).await;
        console.ask(json!({"type": "watch", "chat": chat, "after": 0}), |f| f["type"] == "caught_up").await;
        console.ask(say("send", by_agent, 1, words(3)), |f| f["type"] == "ack").await;
        console.ask(say("send", by_agent, 7, words(4)), |f| f["type"] == "error").await;
        console.ask(json!({"type": words(5), "text": words(5)}), |f| f["type"] == "error").await;
        let post = |path: String, body: Value| http.post(demo.url(&path)).bearer_auth(&agent).json(&body).send();
        let path = format!("/api/chats/{}/case", chat.as_str().unwrap());
        let draft = |severity: Value| json!({"subject": words(6), "description": words(7), "category": "claims", "severity": severity});
        assert_eq!(post(path.clone(), draft(json!(words(8)))).await.unwrap().status(), 422);
        let made: Value = post(path, draft(json!(3))).await.unwrap().json().await.unwrap();
        let case = &made["case"];
        assert!(post(format!("/api/cases/{case}/comment"), json!({"text": words(9)})).await.unwrap().status().is_success());
        assert!(post(format!("/api/cases/{case}/escalate"), json!({"reason": words(10)})).await.unwrap().status().is_success());
        let left = json!({"id": new_id(), "site": "pub_demo", "name": words(11), "email": format!("{}@x.example", words(12)), "text": words(13)});
        assert!(post("/widget/api/message".into(), left).await.unwrap().status().is_success());
        // Tokens that nobody has, in each place where one can stand.
        http.get(demo.url("/api/me")).bearer_auth(words(14)).send().await.unwrap();
        http.get(demo.url("/api/me")).header("cookie", format!("__Host-deskbell={}", words(15))).send().await.unwrap();
        let mut stranger = Wire::raw(demo.address).await;
        stranger.send(vec![tokio_tungstenite::tungstenite::Message::text(json!({"type": "hello", "v": 1, "token": words(16)}).to_string())]).await;
        assert_eq!(stranger.until(|_| false).await.closed, Some(4100));
        assert_eq!(http.post(demo.url("/logout")).header("cookie", format!("__Host-deskbell={agent}")).send().await.unwrap().status(), 303);
        assert_eq!(console.until(|_| false).await.closed, Some(4100));
        demo.child.kill().await.unwrap();

        let log = std::fs::read_to_string(&demo.log).unwrap();
        assert!(log.lines().count() > 50 && log.contains("TRACE") && log.contains("DEBUG"), "this log says too little to prove anything: {log:.2000}");
        let mut told = Vec::new();
        let secrets: Vec<String> = ["marzipan".to_owned(), PRIYA.1.to_owned(), visitor, agent].into_iter().flat_map(|s| disguises(&s)).collect();
        for line in log.lines() {
            if let Some(secret) = secrets.iter().find(|secret| line.contains(&**secret)) {
                told.push(format!("{secret}: {line:.300}"));
            }
        }
        for pin in [ZOE.1, "9481", "9482", "94839"] {
            told.extend(names_pin(&log, pin).map(|line| format!("{pin}: {line:.300}")));
        }
        assert!(told.is_empty(), "{} lines of the log tell secrets:\n{}", told.len(), told[..told.len().min(30)].join("\n"));
    }
}
