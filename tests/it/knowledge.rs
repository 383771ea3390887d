//! Suggestions through the socket: by what a text means, learning, on every node; and the command that measures them.

use std::{fs, process::Command};

use deskbell::knowledge::{
    Tier,
    solution::{self, Content, Solution},
};
use serde_json::{Value, json};

use crate::{
    both,
    support::{Customer, Server, Settings, actors::*, eventually},
};

/// The titles that are suggested for a text, best first.
pub async fn suggested(customer: &mut Customer, text: &str) -> Vec<String> {
    let found = customer.socket.ask(json!({"type": "suggest", "text": text})).await;
    let items = found["items"].as_array().unwrap_or_else(|| panic!("{found}"));
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a text suggests this solution first.
pub async fn comes_first(customer: &mut Customer, text: &str, title: &str) {
    let customer = tokio::sync::Mutex::new(customer);
    eventually(&format!("{title:?} first for {text:?}"), async || {
        let titles = suggested(*customer.lock().await, text).await;
        (titles.first().map(String::as_str) == Some(title)).then_some(())
    })
    .await;
}

async fn publish(server: &Server, title: &str, body: &str) {
    let app = &server.app;
    let new = Solution {
        id: app.clock.new_id(),
        version: 1,
        updated_at: app.clock.now(),
        content: Content { title: title.into(), body: body.into(), category: "claims".into(), ..Content::default() },
    };
    let mut tx = app.db.begin().await.unwrap();
    solution::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    app.bus.knowledge_changed();
}

both! {
    async fn live_03_what_a_text_means_is_suggested_and_kept(engine) {
        let settings = Settings { change: |config| config.suggestions = Tier::Full, ..Settings::default() };
        let server = Server::with(engine, settings).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        publish(&server, "Feed the office cat", "The cat gets its tin at nine. Fresh water stands by the window.").await;
        // No word of it is in the solution.
        let asked = "which pet must be given something to eat in the morning?";
        comes_first(&mut zoe, asked, "Feed the office cat").await;
        let unread = async || {
            let left: (i64,) = server.app.db.query("SELECT COUNT(*) FROM solutions WHERE meaning IS NULL").fetch_one().await.unwrap();
            (left.0 == 0).then_some(())
        };
        eventually("all solutions are read", unread).await;

        // What was worked out is kept: another node, or the same one after a restart, has it when it answers first.
        let mut server = server.restart().await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        assert_eq!(suggested(&mut tomas, asked).await[0], "Feed the office cat");
        assert_eq!(suggested(&mut tomas, "feed the offic").await[0], "Feed the office cat");
        server.stop().await;
    }

    async fn live_03_what_an_open_case_means_is_known_before_it_is_closed(engine) {
        let settings = Settings { change: |config| config.suggestions = Tier::Full, ..Settings::default() };
        let server = Server::with(engine, settings).await;
        let read = async || {
            let left: (i64,) = server
                .app
                .db
                .query("SELECT COUNT(*) FROM cases WHERE meaning IS NULL AND closed_at IS NULL")
                .fetch_one()
                .await
                .unwrap();
            (left.0 == 0).then_some(())
        };
        eventually("the open cases are read", read).await;
        let message = json!({"id": server.app.clock.new_id(), "site": "pub_demo", "name": "Ada", "email": "ada@ada.example", "text": "The wombat in the basement hums."});
        let left = reqwest::Client::new().post(server.url("/widget/api/message")).json(&message).send().await.unwrap();
        assert!(left.status().is_success(), "{}", left.text().await.unwrap());
        eventually("a new one is read as well", read).await;
    }

    async fn live_03_a_solution_is_suggested_as_soon_as_it_is_published_and_help_counts(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let asked = "the quokka printer";
        assert!(!suggested(&mut zoe, asked).await.iter().any(|title| title.contains("quokka")));
        publish(&server, "Reset the quokka printer", "Hold both buttons.").await;
        comes_first(&mut zoe, asked, "Reset the quokka printer").await;
        let found = zoe.socket.ask(json!({"type": "suggest", "text": asked})).await;
        let id = found["items"][0]["id"].clone();
        zoe.socket.ask(json!({"type": "open_solution", "solution": id})).await;
        let revision = async || -> i64 {
            let row: (i64,) = server.app.db.query("SELECT MAX(revision) FROM solutions").fetch_one().await.unwrap();
            row.0
        };
        let opened = revision().await;
        zoe.socket.ask(json!({"type": "rate_solution", "solution": id, "solved": true})).await;
        assert!(revision().await > opened, "who knows an older revision looks again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_03_a_solution_published_on_one_node_is_suggested_on_the_other() {
    let one = Server::start(crate::support::Engine::Postgres).await;
    let other = one.beside().await;
    let mut zoe = Customer::arrive(&other, ZOE).await;
    assert!(suggested(&mut zoe, "the quokka printer").await.iter().all(|title| !title.contains("quokka")));
    publish(&one, "Reset the quokka printer", "Hold both buttons.").await;
    comes_first(&mut zoe, "the quokka printer", "Reset the quokka printer").await;
}

#[test]
fn live_03_the_command_measures_the_engine_on_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, lines: &[Value]| {
        let path = folder.path().join(name);
        fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        path.display().to_string()
    };
    let kb = write(
        "kb.jsonl",
        &[
            json!({"id": "a", "tenant": "t", "title": "Reset your password", "body": "Choose Forgot password.", "category": "account"}),
            json!({"id": "b", "tenant": "t", "title": "Download an invoice", "body": "It is under Billing.", "category": "billing"}),
            json!({"id": "c", "tenant": "u", "title": "Reset your password elsewhere", "body": "", "category": ""}),
        ],
    );
    let queries = write(
        "queries.jsonl",
        &[json!({"id": "q", "tenant": "t", "text": "I forgot my login", "p30": "I for", "relevant": ["a"]})],
    );
    let history = write("history.jsonl", &[json!({"tenant": "t", "text": "the bill is missing", "solutions": ["b"]})]);
    let keystrokes = folder.path().join("keystrokes.txt");
    fs::write(&keystrokes, "re\nreset\n").unwrap();
    for tier in ["full", "static", "lexical"] {
        let out = Command::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["suggest-eval", "--kb", &kb, "--queries", &queries, "--history", &history, "--tier", tier])
            .arg("--keystrokes")
            .arg(&keystrokes)
            .output()
            .unwrap();
        let (run, figures) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
        assert!(out.status.success(), "{figures}");
        let lines: Vec<Value> = run.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let variants: Vec<&str> = lines.iter().map(|line| line["variant"].as_str().unwrap()).collect();
        assert_eq!(variants, ["p30", "text"]);
        assert!(figures.contains("2 keystrokes on 2 solutions") && figures.contains("p99"), "{figures}");
        if tier == "full" {
            assert_eq!(lines[1]["ranked"][0], "a");
        }
    }
    fs::write(folder.path().join("queries.jsonl"), "{\"id\": 1}\n").unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["suggest-eval", "--kb", &kb, "--queries", &queries, "--tier", "lexical"])
        .output()
        .unwrap();
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && told.contains("queries.jsonl, line 1"), "{told}");
}
