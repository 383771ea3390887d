//! What readers of the help pages do: how much of it counts, and for how long.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    both,
    knowledge::suggested,
    knowledge_base::Reader,
    support::{Agent, Customer, Server, Settings, actors::*, eventually},
};

async fn count(server: &Server, statement: &'static str) -> i64 {
    let row: (i64,) = server.app.db.query(statement).fetch_one().await.unwrap();
    row.0
}

const SEARCHES: &str = "SELECT COUNT(*) FROM solution_searches";
const VISITS: &str = "SELECT COUNT(*) FROM solution_visits";

both! {
    async fn portal_09_a_flood_of_searches_is_answered_and_does_not_count(engine) {
        let settings = Settings { change: |config| config.limits.readings_per_hour = 3, ..Settings::default() };
        let server = Server::with(engine, settings).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let id = wilma.get("/api/solutions?q=forgot%20password").await[0]["id"].as_str().unwrap().to_owned();
        for number in 0..5 {
            // Whoever floods forgets cookies, too.
            let reader = Reader::arrive(&server).await;
            let (status, page) = reader.get(&server, &format!("/help?q=forgot+password+{number}")).await;
            assert!(status == StatusCode::OK && page.contains(&id), "{page}");
        }
        assert_eq!(count(&server, SEARCHES).await, 3);
        let reader = Reader::arrive(&server).await;
        assert_eq!(reader.get(&server, &format!("/help/{id}")).await.0, StatusCode::OK);
        assert_eq!(reader.rate(&server, &id, "yes").await, format!("/help/{id}?q=a%20b&helped=yes"));
        assert_eq!(count(&server, VISITS).await, 0);
        server.advance(TimeDelta::hours(1));
        reader.get(&server, &format!("/help/{id}")).await;
        assert_eq!(count(&server, VISITS).await, 1);
    }

    async fn portal_06_help_counts_for_three_months_and_what_was_read_is_forgotten_after_a_year(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let id = wilma.get("/api/solutions?q=forgot%20password").await[0]["id"].as_str().unwrap().to_owned();
        let reader = Reader::arrive(&server).await;
        reader.get(&server, "/help?q=forgot+password").await;
        reader.get(&server, &format!("/help/{id}")).await;
        reader.rate(&server, &id, "yes").await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        suggested(&mut zoe, "claim rejected payer ID not found").await;
        zoe.ask("claim rejected payer ID not found", "claims").await;
        assert_eq!((count(&server, SEARCHES).await, count(&server, VISITS).await), (2, 1));
        let is_top = async || reader.get(&server, "/help").await.1.contains("id=\"top\"");
        eventually("it is a top solution", async || is_top().await.then_some(())).await;

        server.advance(TimeDelta::days(91));
        eventually("it helped too long ago", async || (!is_top().await).then_some(())).await;
        assert_eq!((count(&server, SEARCHES).await, count(&server, VISITS).await), (2, 1));
        server.advance(TimeDelta::days(310));
        // What belongs to a chat stays with it.
        eventually("it is forgotten", async || (count(&server, VISITS).await == 0 && count(&server, SEARCHES).await == 1).then_some(())).await;
    }

    async fn portal_09_a_long_text_of_any_script_is_saved_by_a_button(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let body = "密".repeat(60_000);
        let post = |body: &str| {
            let form = [("title", "A long one"), ("body", body), ("category", "devices"), ("do", "save"), ("edit", "0")];
            wilma.http.post(server.url("/knowledge/new")).bearer_auth(&wilma.token).form(&form).send()
        };
        let saved = post(&body).await.unwrap();
        let page = saved.url().path().to_owned();
        assert!(saved.status().is_success() || saved.status() == StatusCode::SEE_OTHER, "{page} {}", saved.status());
        let drafts = wilma.get("/api/solutions?state=draft").await;
        let id = drafts.as_array().unwrap().iter().find(|d| d["title"] == "A long one").unwrap()["id"].clone();
        let page = wilma.get(&format!("/api/solutions/{}", id.as_str().unwrap())).await;
        assert_eq!(page["writing"]["body"], json!(body));
        let refused = post(&"密".repeat(60_001)).await.unwrap();
        assert!(refused.text().await.unwrap().contains("60"), "what is too long is said, and still there");
    }
}
