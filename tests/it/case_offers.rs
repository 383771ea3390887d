//! Cases are offered by the routing of chats: to whoever has the most places free, one at a time, in their own line only.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    both,
    cases::{act, left},
    support::{Agent, Browser, Customer, Server, actors::*},
};

/// What an admin sets: a case counts so many hundredths of a place, and is offered to one person for five minutes.
async fn offered(server: &Server, case_weight: &str) {
    let form = [
        ("wider_after_seconds", "60"),
        ("overflow_after_seconds", "120"),
        ("tell_after_seconds", "180"),
        ("lost_after_seconds", "60"),
        ("wrap_up_seconds", "0"),
        ("chat_weight", "100"),
        ("case_weight", case_weight),
        ("case_offer_seconds", "300"),
        ("service_level_seconds", "60"),
        ("short_abandon_seconds", "5"),
        ("offer_cases", "yes"),
    ];
    Browser::sign_in(server, WILMA).await.send("/admin/rules", &form).await.unwrap();
}

/// A case in the queue of the claims team's first tier.
async fn queued(server: &Server, rosalind: &Agent, text: &str) -> i64 {
    let number = left(server, text).await;
    act(rosalind, number, "move", json!({"team": "claims", "tier": 1, "reason": "it is theirs"})).await;
    number
}

/// Waits until a case is on offer to somebody; the offer.
async fn has(agent: &mut Agent, number: i64) -> Value {
    let desk = agent.desk(|desk| desk["case_offers"][0]["number"] == number).await;
    assert_eq!(desk["case_offers"].as_array().unwrap().len(), 1, "one at a time");
    desk["case_offers"][0].clone()
}

async fn has_none(agent: &mut Agent) {
    agent.desk(|desk| desk["case_offers"] == json!([])).await;
}

both! {
    async fn agree_02_cases_are_offered_to_one_person_at_a_time_who_takes_them_or_passes_them_on(engine) {
        let server = Server::start(engine).await;
        offered(&server, "50").await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        // Priya has four places, Owen three.
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut owen = Agent::online(&server, OWEN).await;
        let number = queued(&server, &rosalind, "The statement printed twice.").await;
        let offer = has(&mut priya, number).await;
        assert_eq!((&offer["subject"], &offer["customer"], &offer["severity"]), (&json!("The statement printed twice."), &json!("Zoë Ångström"), &json!(3)));
        let (status, refused) = owen.post(&format!("/api/cases/{number}/pass"), json!({})).await;
        assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("not_offered")));
        for _ in 0..2 {
            act(&priya, number, "pass", json!({})).await;
        }
        has(&mut owen, number).await;
        has_none(&mut priya).await;
        let page = act(&owen, number, "claim", json!({})).await;
        assert_eq!((&page["owner"], &page["worker"]), (&json!("Owen Castellane"), &json!("Owen Castellane")));
        has_none(&mut owen).await;

        // Put back, it goes to those who did not put it back; whom it ran out for is not asked again.
        act(&owen, number, "release", json!({"reason": "no time today"})).await;
        has(&mut priya, number).await;
        server.advance(TimeDelta::minutes(6));
        let mut priya = Agent::online(&server, PRIYA).await;
        has_none(&mut priya).await;
        let mut hannah = Agent::online(&server, HANNAH).await;
        // In the next tier it is offered to that one's people; its owner stays.
        act(&owen, number, "escalate", json!({"reason": "the print log is empty"})).await;
        has(&mut hannah, number).await;
        hannah.presence("away").await;
        // On a connection of its own: this one has heard of an empty list before.
        let mut hannah = Agent::sign_in(&server, HANNAH).await;
        has_none(&mut hannah).await;
        hannah.presence("online").await;
        has(&mut hannah, number).await;
        let page = act(&hannah, number, "claim", json!({})).await;
        assert_eq!((&page["owner"], &page["worker"]), (&json!("Owen Castellane"), &json!("Hannah Brightwater")));
    }

    async fn agree_02_worst_first_and_chats_and_cases_both_count(engine) {
        let server = Server::start(engine).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let later = queued(&server, &rosalind, "A label is cut off.").await;
        let worse = queued(&server, &rosalind, "Nobody can sign in, everything is down.").await;
        let mut owen = Agent::sign_in(&server, OWEN).await;
        offered(&server, "100").await;
        owen.presence("online").await;
        let first = has(&mut owen, worse).await;
        assert!(first["severity"].as_i64().unwrap() < 3, "{first}");
        act(&owen, worse, "claim", json!({})).await;
        has(&mut owen, later).await;
        act(&owen, later, "claim", json!({})).await;
        // Two of the three places are taken by cases, the third by a chat: nothing more is offered, neither chat nor case.
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("Where is my remittance?", "claims").await;
        let (chat, _) = owen.take().await;
        let waits = queued(&server, &rosalind, "The clock on the form is wrong.").await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("My deposits are missing.", "claims").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        // Whoever has places gets both; Owen, who has none, was asked for neither.
        let (other, _) = priya.take().await;
        assert_ne!(other, chat);
        has(&mut priya, waits).await;
        let held = owen.desk(|desk| desk["mine"].as_array().is_some_and(|mine| mine.len() == 1)).await;
        assert_eq!((&held["case_offers"], &held["offers"]), (&json!([]), &json!([])));
        act(&priya, waits, "pass", json!({})).await;
        act(&owen, later, "resolve", json!({"resolution": "The label was set anew."})).await;
        has(&mut owen, waits).await;
    }

    async fn agree_02_two_nodes_offer_a_case_once(engine) {
        let server = Server::start(engine).await;
        offered(&server, "50").await;
        let other = if engine == crate::support::Engine::Sqlite { None } else { Some(server.beside().await) };
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut owen = Agent::online(other.as_ref().unwrap_or(&server), OWEN).await;
        let mut numbers = Vec::new();
        for text in ["The first one.", "The second one."] {
            numbers.push(queued(&server, &rosalind, text).await);
        }
        let mine = |desk: &Value| desk["case_offers"][0]["number"].as_i64();
        let one = mine(&priya.desk(|desk| mine(desk).is_some()).await).unwrap();
        let two = mine(&owen.desk(|desk| mine(desk).is_some()).await).unwrap();
        let mut found = [one, two];
        found.sort_unstable();
        assert_eq!(found.to_vec(), numbers, "each its own");
    }
}
