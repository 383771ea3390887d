//! Mails and webhooks: the transcript reaches its customer and nobody else, once, whatever happens on the way.

use std::{process::Stdio, sync::Arc};

use axum::{Router, http::HeaderMap, routing::post};
use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{
    channels::{self, Targets, webhook::Endpoint},
    chat::{
        conversation,
        log::{self, Author},
        protocol::{EventBody, Visibility},
    },
    work::Work,
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    sync::watch,
};
use uuid::Uuid;

use crate::{
    both,
    support::{
        Agent, Customer, Engine, PATIENCE, Server, Settings,
        actors::*,
        engine::Database,
        eventually,
        smtp::{Mood, Received, Smtp},
        wire::Wire,
    },
};

async fn desk(engine: Engine, smtp: &Smtp) -> Server {
    Server::with(engine, Settings { smtp: Some(smtp.url()), ..Settings::default() }).await
}

/// A customer asks for a chat's transcript; status and answer.
async fn ask_for(server: &Server, token: &str, chat: Uuid, when: &str) -> (StatusCode, Value) {
    let body = json!({"chat": chat, "when": when});
    let asked = Client::new().post(server.url("/widget/api/transcript")).bearer_auth(token).json(&body);
    let answer = asked.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Zoe and Priya in a chat.
async fn talking(server: &Server) -> (Customer, Agent) {
    let mut priya = Agent::online(server, PRIYA).await;
    let mut zoe = Customer::arrive(server, ZOE).await;
    zoe.ask("My first question <b>&", "claims").await;
    priya.take().await;
    (zoe, priya)
}

/// The first job: a chat that becomes a case meanwhile has mails of its own.
async fn job(server: &Server) -> (String, i32, DateTime<Utc>, String) {
    server
        .app
        .db
        .query("SELECT state, tries, due_at, problem FROM jobs ORDER BY created_at, id LIMIT 1")
        .fetch_one()
        .await
        .unwrap()
}

/// Waits until the first job is as it should be.
async fn job_is(
    server: &Server,
    what: &str,
    fits: impl Fn(&str, i32, DateTime<Utc>) -> bool,
) -> (String, i32, DateTime<Utc>, String) {
    eventually(what, async || {
        let job = job(server).await;
        fits(&job.0, job.1, job.2).then_some(job)
    })
    .await
}

/// These texts stand one after the other.
fn in_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("{part:?} does not follow in {text}"));
        from += at + part.len();
    }
}

both! {
    async fn live_12_the_customer_gets_what_everyone_could_read_once_and_in_order(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let site: Value = reqwest::get(server.url("/widget/api/site?site=pub_demo")).await.unwrap().json().await.unwrap();
        assert_eq!(site["transcripts"], true);
        let (mut zoe, mut priya) = talking(&server).await;
        let mut work = Work::begin(&server.app).await.unwrap();
        conversation::lock(&mut work, zoe.chat).await.unwrap();
        let note = EventBody::Note { text: "quokka marzipan".into(), mentions: vec![] };
        log::append(&mut work, zoe.chat, &Author::system(), Visibility::Staff, note).await.unwrap();
        work.commit().await.unwrap();
        priya.say(zoe.chat, "An answer:\nüber alles 😀").await;
        zoe.say("Bcc: somebody@else.example\n.\nQUIT").await;
        // What was acknowledged a moment ago is in it.
        zoe.say("the last word").await;
        let (status, answer) = ask_for(&server, &zoe.token, zoe.chat, "now").await;
        assert_eq!((status, &answer["at_end"]), (StatusCode::OK, &json!(false)), "{answer}");
        let mails = smtp.has(1).await;
        let mail = &mails[0];
        assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("support@ledgerleaf.example", [ZOE.0.to_owned()].as_slice()));
        assert_eq!(mail.header("To"), format!("=?utf-8?b?Wm/DqyDDhW5nc3Ryw7Zt?= <{}>", ZOE.0));
        assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
        assert_eq!(mail.header("Subject"), "Your support chat of 1 December 2026");
        assert!(mail.header("Message-ID").ends_with("@ledgerleaf.example>") && mail.header("Date").starts_with("Tue, 01 Dec 2026 15:"));
        for kind in ["text/plain", "text/html"] {
            let text = mail.part(kind);
            in_order(&text, &["Zoë Ångström", "Tuesday, 1 December 2026", "AM EST", "My first question", "Priya Raman joined the chat", "An answer:", "über alles 😀", "Bcc: somebody@else.example", "QUIT", "the last word"]);
            assert!(!text.contains("quokka"), "{text}");
            assert_eq!(text.matches("the last word").count(), 1);
        }
        assert!(mail.part("text/plain").contains("My first question <b>&") && mail.part("text/html").contains("My first question &#60;b&#62;&#38;"));

        // Again only after a while; the desk sees that it was sent.
        let (status, refused) = ask_for(&server, &zoe.token, zoe.chat, "now").await;
        assert_eq!((status, &refused["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_soon")));
        assert_eq!(priya.get(&format!("/api/chats/{}", zoe.chat)).await["transcript"]["sent_at"], answer["sent_at"]);
        assert_eq!(smtp.mails().len(), 1);
        server.advance(TimeDelta::minutes(5));
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "now").await.0, StatusCode::OK);
        let mails = smtp.has(2).await;
        assert_ne!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
        // What a mail said is not kept when it has gone out.
        let payload: (sqlx::types::Json<Value>,) = eventually("both are done", async || {
            let rows: Vec<(sqlx::types::Json<Value>,)> = server.app.db.query("SELECT payload FROM jobs WHERE state = 'done'").fetch_all().await.unwrap();
            (rows.len() == 2).then(|| rows[0].clone())
        }).await;
        assert_eq!(payload.0.0, json!({}));
    }

    async fn live_12_it_comes_when_the_chat_ends_if_the_customer_wants_that(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let (mut zoe, mut priya) = talking(&server).await;
        for _ in 0..2 {
            let (status, answer) = ask_for(&server, &zoe.token, zoe.chat, "at_end").await;
            assert_eq!((status, answer), (StatusCode::OK, json!({"sent_at": null, "at_end": true})));
        }
        priya.say(zoe.chat, "Goodbye").await;
        assert!(smtp.mails().is_empty());
        zoe.socket.ask(json!({"type": "end", "chat": zoe.chat, "solved": true})).await;
        let mail = &smtp.has(1).await[0];
        in_order(&mail.part("text/plain"), &["My first question", "Goodbye", "The chat ended"]);
        // Sent is sent: asking again at once gets no second one.
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "at_end").await.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(smtp.mails().len(), 1);
    }

    async fn live_12_nobody_gets_somebody_elses(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let (mut zoe, priya) = talking(&server).await;
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        let (status, refused) = ask_for(&server, &marcus.token, zoe.chat, "now").await;
        assert_eq!((status, &refused["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
        assert_eq!(ask_for(&server, "nobody", zoe.chat, "now").await.0, StatusCode::UNAUTHORIZED);
        // Before something was asked there is nothing to send.
        assert_eq!(ask_for(&server, &marcus.token, marcus.chat, "now").await.1["code"], "nothing_said");
        marcus.ask("Another question", "claims").await;
        let path = format!("/api/chats/{}/transcript", zoe.chat);
        let owen = Agent::sign_in(&server, OWEN).await;
        assert_eq!(owen.post(&path, json!({"when": "now"})).await.0, StatusCode::FORBIDDEN);
        // Who serves the chat sends it, but to its customer only, whatever else is asked for.
        let (status, _) = priya.post(&path, json!({"when": "now", "email": "else@where.example", "address": "else@where.example"})).await;
        assert_eq!(status, StatusCode::OK);
        let mails = smtp.has(1).await;
        assert_eq!(mails[0].to, [ZOE.0]);
        assert!(mails[0].part("text/plain").contains("Your specialist sent you this transcript."));
        zoe.socket.ask(json!({"type": "end", "chat": zoe.chat, "solved": true})).await;
        assert_eq!(smtp.mails().len(), 1);
    }

    async fn live_12_a_name_adds_no_header_and_no_recipient(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let (zoe, _priya) = talking(&server).await;
        let mut tx = server.app.db.begin().await.unwrap();
        let evil = "Zoe\"\r\nBcc: victim@else.example\r\nSubject: Won!\r\n\r\n<h1>Hi</h1>, <victim@else.example>";
        tx.query("UPDATE contacts SET name = $1 WHERE email = $2").bind(evil).bind(ZOE.0).execute().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "now").await.0, StatusCode::OK);
        let mail = &smtp.has(1).await[0];
        assert_eq!(mail.to, [ZOE.0]);
        assert_eq!(mail.header("Subject"), "Your support chat of 1 December 2026");
        assert!(!mail.headers().lines().any(|line| line.to_lowercase().starts_with("bcc")), "{}", mail.headers());
        assert!(mail.part("text/html").contains("&#60;h1&#62;Hi") && !mail.part("text/html").contains("<h1>Hi"));
    }

    async fn live_12_a_desk_without_a_mail_server_says_so(engine) {
        let server = Server::start(engine).await;
        let site: Value = reqwest::get(server.url("/widget/api/site?site=pub_demo")).await.unwrap().json().await.unwrap();
        assert_eq!(site["transcripts"], false);
        let (zoe, _priya) = talking(&server).await;
        let (status, refused) = ask_for(&server, &zoe.token, zoe.chat, "now").await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("no_mail")));
    }

    async fn live_12_a_mail_server_that_says_later_gets_it_later(engine) {
        let smtp = Smtp::start().await;
        smtp.be(Mood::SaysLater);
        let server = desk(engine, &smtp).await;
        let (zoe, _priya) = talking(&server).await;
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "now").await.0, StatusCode::OK);
        smtp.has_missed(1).await;
        let (state, _, _, problem) = job_is(&server, "the failure is noted", |_, _, due| due > server.app.clock.now() && due < server.app.clock.now() + TimeDelta::minutes(2)).await;
        assert!(state == "waiting" && problem.contains("451") && !problem.contains(ZOE.0), "{problem}");
        // A restart forgets nothing.
        let server = server.restart().await;
        smtp.be(Mood::Takes);
        assert!(smtp.mails().is_empty());
        server.advance(TimeDelta::seconds(61));
        assert_eq!(smtp.has(1).await[0].to, [ZOE.0]);
        job_is(&server, "it is done", |state, tries, _| state == "done" && tries == 2).await;
    }

    async fn live_12_what_cannot_be_delivered_is_given_up_and_admins_are_told(engine) {
        let smtp = Smtp::start().await;
        smtp.be(Mood::SaysLater);
        let server = desk(engine, &smtp).await;
        let (zoe, _priya) = talking(&server).await;
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "now").await.0, StatusCode::OK);
        let begun = server.app.clock.now();
        for (tries, minutes) in (1..).zip([1, 5, 30, 120, 360, 720, 1440, 1440]) {
            smtp.has_missed(tries).await;
            let pause = TimeDelta::minutes(minutes);
            job_is(&server, "the next try is planned", |_, n, due| {
                usize::try_from(n) == Ok(tries) && (due - server.app.clock.now() - pause).abs() < TimeDelta::seconds(30)
            })
            .await;
            server.advance(pause);
        }
        let (_, tries, _, problem) = job_is(&server, "it is given up", |state, _, _| state == "dead").await;
        assert!(tries == 9 && problem.contains("451"), "{tries} {problem}");
        let took = server.app.clock.now() - begun;
        assert!(took > TimeDelta::hours(60) && took < TimeDelta::hours(80), "{took}");
        let told = told(&server).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].0 == WILMA.0 && told[0].1.contains("given up") && !told[0].1.contains(ZOE.0), "{told:?}");
    }

    async fn live_12_a_recipient_that_does_not_exist_is_given_up_at_once(engine) {
        let smtp = Smtp::start().await;
        smtp.be(Mood::SaysNever);
        let server = desk(engine, &smtp).await;
        let (zoe, priya) = talking(&server).await;
        assert_eq!(ask_for(&server, &zoe.token, zoe.chat, "now").await.0, StatusCode::OK);
        let (_, tries, _, problem) = job_is(&server, "it is given up", |state, _, _| state == "dead").await;
        assert!(tries == 1 && problem.contains("550"), "{tries} {problem}");
        // A second one within the hour is not told again.
        server.advance(TimeDelta::minutes(5));
        let path = format!("/api/chats/{}/transcript", zoe.chat);
        assert_eq!(priya.post(&path, json!({"when": "now"})).await.0, StatusCode::OK);
        eventually("both are given up", async || {
            let dead: Vec<(Uuid,)> = server.app.db.query("SELECT id FROM jobs WHERE state = 'dead'").fetch_all().await.unwrap();
            (dead.len() == 2).then_some(())
        })
        .await;
        assert_eq!(told(&server).await.len(), 1);
    }

    async fn live_12_a_killed_node_leaves_its_mail_to_the_next(engine) {
        let smtp = Smtp::start().await;
        smtp.be(Mood::Silent);
        let database = Database::create(engine).await;
        let mut node = Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["demo", "--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0", "--suggestions", "lexical"])
            .args(["--clock", "2026-12-01T10:00:00-05:00", "--database", &database.url, "--smtp", &smtp.url(), "--data"])
            .arg(database.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(node.stdout.take().unwrap()).lines();
        let address: std::net::SocketAddr = loop {
            let line = lines.next_line().await.unwrap().expect("the demo says where it is");
            if let Some((_, url)) = line.split_once("http://") {
                break url.trim_end_matches('/').parse().unwrap();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let http = Client::new();
        let post = async |path: &str, token: &str, body: Value| -> Value {
            let asked = http.post(format!("http://{address}{path}")).bearer_auth(token).json(&body).send().await.unwrap();
            assert_eq!(asked.status(), StatusCode::OK, "{path}");
            asked.json().await.unwrap()
        };
        let verified = post("/widget/api/verify", "", json!({"site": "pub_demo", "email": ZOE.0, "pin": ZOE.1})).await;
        let token = verified["token"].as_str().unwrap();
        let chat = post("/widget/api/conversation", token, json!({"account": ZOE.2})).await["chat"].clone();
        let mut wire = Wire::open(address, token).await;
        let ask = json!({"type": "ask", "chat": chat, "id": new_id(), "client": new_id(), "n": 1, "text": "Is it kept?", "category": "claims"});
        wire.ask(ask, |frame| frame["type"] == "ack").await;
        post("/widget/api/transcript", token, json!({"chat": chat, "when": "now"})).await;
        // The node has taken the job, and the mail server has read the mail, when the node is killed.
        smtp.has_missed(1).await;
        node.kill().await.unwrap();
        smtp.be(Mood::Takes);

        let settings = Settings { smtp: Some(smtp.url()), ..Settings::default() };
        let server = Server::over_with(&database, settings).await;
        let (state, tries, due, _) = job(&server).await;
        assert_eq!((state.as_str(), tries), ("waiting", 1));
        assert!(due > server.app.clock.now() + TimeDelta::minutes(2), "it is the killed node's for now");
        assert!(smtp.mails().is_empty());
        server.advance(TimeDelta::minutes(6));
        job_is(&server, "it is done", |state, tries, _| state == "done" && tries == 2).await;
        let mails: Vec<Received> = smtp.mails().into_iter().filter(|mail| mail.header("Subject").starts_with("Your support chat")).collect();
        assert!(mails.len() == 1 && mails[0].part("text/plain").contains("Is it kept?"), "{mails:?}");
    }

    async fn run_06_an_alert_is_mailed_and_posted_signed_until_it_is_taken(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let hook = Hook::start(&[StatusCode::INTERNAL_SERVER_ERROR, StatusCode::TEMPORARY_REDIRECT, StatusCode::OK]).await;
        let secret = "an agreed secret";
        let endpoint = Endpoint { url: hook.url.clone(), secret: secret.into() };
        endpoint.check().unwrap();
        let to = Targets { mail: vec!["boss@ledgerleaf.example".into()], webhooks: vec![endpoint] };
        let details = json!({"waiting": 12, "team": "Claims"});
        // What was rolled back is told to nobody.
        let mut work = Work::begin(&server.app).await.unwrap();
        channels::alert(&mut work, &to, "Rolled back", &details).await.unwrap();
        drop(work);
        let mut work = Work::begin(&server.app).await.unwrap();
        channels::alert(&mut work, &to, "12 chats wait", &details).await.unwrap();
        work.commit().await.unwrap();

        let first = hook.has(1).await.remove(0);
        eventually("the mail is done", async || {
            let done: Vec<(Uuid,)> =
                server.app.db.query("SELECT id FROM jobs WHERE state = 'done'").fetch_all().await.unwrap();
            (done.len() == 1).then_some(())
        })
        .await;
        assert_eq!(first.body["type"], "alert");
        assert_eq!((&first.body["text"], &first.body["details"]), (&json!("12 chats wait"), &details));
        for (tries, pause) in [(1, 61), (2, 301)] {
            hook.has(tries).await;
            let due: Vec<(DateTime<Utc>,)> = eventually("the next try is planned", async || {
                let due: Vec<(DateTime<Utc>,)> = server.app.db
                    .query("SELECT due_at FROM jobs WHERE state = 'waiting' AND problem LIKE '%webhook at 127.0.0.1%'").fetch_all().await.unwrap();
                (due.len() == 1 && due[0].0 - server.app.clock.now() < TimeDelta::seconds(pause)).then_some(due)
            })
            .await;
            assert_eq!(due.len(), 1);
            server.advance(TimeDelta::seconds(pause));
        }
        let tries = hook.has(3).await;
        eventually("all is done", async || {
            let open: Vec<(Uuid,)> = server.app.db.query("SELECT id FROM jobs WHERE state <> 'done'").fetch_all().await.unwrap();
            open.is_empty().then_some(())
        })
        .await;
        for one in &tries {
            assert_eq!(one.headers["deskbell-delivery"], first.headers["deskbell-delivery"]);
            let signature = one.headers["deskbell-signature"].to_str().unwrap();
            let (at, sum) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(format!("{at}.{}", one.text).as_bytes());
            let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(sum, hex);
        }
        // The redirect led to nowhere, and three tries were all.
        assert_eq!(hook.seen().len(), 3);
        let mails = smtp.has(1).await;
        assert_eq!((mails.len(), mails[0].header("Subject")), (1, "Alert: 12 chats wait".to_owned()));
        in_order(&mails[0].part("text/plain"), &["12 chats wait", "team: Claims", "waiting: 12"]);
    }
}

/// Who was told what, by a notice.
async fn told(server: &Server) -> Vec<(String, String)> {
    let notices =
        server.app.db.query("SELECT s.email, n.text FROM notices n JOIN staff s ON s.id = n.staff_id WHERE n.case_number IS NULL ORDER BY n.at");
    notices.fetch_all().await.unwrap()
}

/// A delivery as it came.
#[derive(Clone)]
struct Delivery {
    headers: HeaderMap,
    text: String,
    body: Value,
}

/// A program that is told; it answers with these, one after the other.
struct Hook {
    url: String,
    seen: watch::Receiver<Vec<Delivery>>,
}

impl Hook {
    async fn start(answers: &[StatusCode]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
        let (keep, seen) = watch::channel(Vec::new());
        let (keep, answers) = (Arc::new(keep), answers.to_vec());
        let hear = move |headers: HeaderMap, text: String| async move {
            let delivery = Delivery { headers, body: serde_json::from_str(&text).unwrap(), text };
            let mut count = 0;
            keep.send_modify(|seen| {
                count = seen.len();
                seen.push(delivery);
            });
            (answers[count.min(answers.len() - 1)], [("location", "/elsewhere")])
        };
        let app = Router::new().route("/hook", post(hear.clone())).route("/elsewhere", post(hear));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<Delivery> {
        self.seen.borrow().clone()
    }

    async fn has(&self, count: usize) -> Vec<Delivery> {
        let mut seen = self.seen.clone();
        let there = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| seen.len() >= count)).await;
        there.expect("deliveries").unwrap().clone()
    }
}

/// Two nodes that both look for jobs never do the same one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_two_nodes_share_the_jobs() {
    let smtp = Smtp::start().await;
    let one = desk(Engine::Postgres, &smtp).await;
    let other = one.beside().await;
    let to = Targets { mail: (0..40).map(|n| format!("p{n}@ledgerleaf.example")).collect(), webhooks: Vec::new() };
    for server in [&one, &other] {
        let mut work = Work::begin(&server.app).await.unwrap();
        channels::alert(&mut work, &to, "Look", &json!({})).await.unwrap();
        work.commit().await.unwrap();
    }
    smtp.has(80).await;
    eventually("all is done", async || {
        let open: Vec<(Uuid,)> =
            one.app.db.query("SELECT id FROM jobs WHERE state <> 'done' OR tries <> 1").fetch_all().await.unwrap();
        open.is_empty().then_some(())
    })
    .await;
    let mut ids: Vec<String> = smtp.mails().iter().map(|mail: &Received| mail.header("Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), smtp.mails().len()), (80, 80));
}
