//! Solutions for the desk's people: who may ask what fits a chat, and how a case ends.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Customer, Server, actors::*},
};

/// A case out of a chat that this agent serves; its number.
async fn a_case(server: &Server, agent: &mut Agent) -> i64 {
    let mut zoe = Customer::arrive(server, ZOE).await;
    zoe.ask("claim rejected payer ID not found", "claims").await;
    let (chat, _) = agent.take().await;
    let draft = agent.get(&format!("/api/chats/{chat}/case-proposal")).await;
    let (_, made) = agent.post(&format!("/api/chats/{chat}/case"), draft).await;
    made["case"].as_i64().unwrap()
}

both! {
    async fn live_09_only_who_may_read_a_chat_is_told_what_fits_it(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (jonah, rosalind) = (Agent::sign_in(&server, JONAH).await, Agent::sign_in(&server, ROSALIND).await);
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let path = format!("/api/chats/{}/solutions", zoe.chat);
        assert_eq!(rosalind.get(&path).await, json!([]), "nothing was said yet");
        zoe.ask("claim rejected payer ID not found", "claims").await;
        priya.take().await;
        let found = priya.get(&path).await;
        assert!((1..=5).contains(&found.as_array().unwrap().len()), "{found}");
        assert_eq!(rosalind.get(&path).await, found, "a supervisor reads along");
        let of = async |path: &str, token: &str| priya.http.get(server.url(path)).bearer_auth(token).send().await.unwrap().status();
        assert_eq!(of(&path, &jonah.token).await, StatusCode::NOT_FOUND, "another team's specialist");
        assert_eq!(of(&path, &zoe.token).await, StatusCode::UNAUTHORIZED, "the customer");
        assert_eq!(of("/api/solutions/search?q=claim", &zoe.token).await, StatusCode::UNAUTHORIZED, "the customer");
    }

    async fn live_09_what_was_sent_does_not_end_inside_a_word(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("appoi", "claims").await;
        let (chat, _) = priya.take().await;
        assert!(!priya.get("/api/solutions/search?q=appoi").await.as_array().unwrap().is_empty(), "who types is helped");
        assert_eq!(priya.get(&format!("/api/chats/{chat}/solutions")).await, json!([]));
    }

    async fn live_09_a_resolution_that_is_refused_writes_nothing(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let owen = Agent::sign_in(&server, OWEN).await;
        let number = a_case(&server, &mut priya).await;
        let page = format!("/api/cases/{number}");
        let before = priya.get(&page).await;
        assert_eq!((&before["solution"], &before["made"], &before["can"]["resolve"]), (&Value::Null, &Value::Null, &json!(true)));
        let path = format!("{page}/resolve");
        let (status, _) = owen.post(&path, json!({"resolution": "Done", "solution": null})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "who has nothing to do with it");
        let (status, told) = priya.post(&path, json!({"resolution": "Done", "solution": new_id()})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{told}");
        let (status, told) = priya.post(&path, json!({"resolution": "  ", "solution": null})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert_eq!(priya.get(&page).await, before);

        // What was made from it may be what solved it, while it is still being written.
        let (_, made) = priya.post(&format!("{page}/solution"), json!({})).await;
        let (_, again) = owen.post(&format!("{page}/solution"), json!({})).await;
        assert_eq!(made["id"], again["id"], "one case, one solution");
        assert_eq!(priya.get(&page).await["made"]["id"], made["id"]);
        let (status, after) = priya.post(&path, json!({"resolution": "Done", "solution": made["id"]})).await;
        assert_eq!((status, &after["solution"]["id"], &after["status"]), (StatusCode::OK, &made["id"], &json!("completed")));
        let can = after["can"].as_object().unwrap().iter().filter(|(_, can)| **can == true).map(|(verb, _)| verb.as_str());
        assert_eq!(can.collect::<Vec<_>>(), ["not_solved", "reopen"], "nothing but opening it again");
        let (status, _) = priya.post(&path, json!({"resolution": "Again", "solution": null})).await;
        assert_eq!(status, StatusCode::CONFLICT, "only once");
    }
}
