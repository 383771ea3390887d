//! Cases are offered by the routing of chats: to whoever has the most places free, one at a time, in their own line only.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    both,
    cases::{act, left, noticed, person},
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
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        let mut owen = Agent::online(&server, OWEN).await;
        noticed(&mut priya, number, "was offered to you and ran out").await;
        // Whoever let one run out is asked for none until they are there again; that one they are not asked for at all.
        let second = queued(&server, &rosalind, "A label is cut off.").await;
        has(&mut owen, second).await;
        priya.presence("away").await;
        priya.presence("online").await;
        let third = queued(&server, &rosalind, "The clock on the form is wrong.").await;
        has(&mut priya, third).await;
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
        let (first, second) = tokio::join!(queued(&server, &rosalind, "The first one."), queued(&server, &rosalind, "The second one."));
        numbers.extend([first, second]);
        numbers.sort_unstable();
        let mine = |desk: &Value| desk["case_offers"][0]["number"].as_i64();
        let one = mine(&priya.desk(|desk| mine(desk).is_some()).await).unwrap();
        let two = mine(&owen.desk(|desk| mine(desk).is_some()).await).unwrap();
        let mut found = [one, two];
        found.sort_unstable();
        assert_eq!(found.to_vec(), numbers, "each its own");
    }

    async fn agree_02_an_offer_ends_when_its_person_or_its_case_goes_elsewhere(engine) {
        let server = Server::start(engine).await;
        offered(&server, "50").await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let number = queued(&server, &rosalind, "The statement printed twice.").await;
        has(&mut priya, number).await;
        // Assigned to somebody else: the place for an offer is free again.
        let owen = person(&rosalind, "Owen").await;
        act(&rosalind, number, "assign", json!({"person": owen, "reason": "knows it"})).await;
        let next = queued(&server, &rosalind, "A label is cut off.").await;
        has(&mut priya, next).await;
        // Into another team while it is on offer: the offer ends by itself.
        let to = rosalind.address(&format!("/api/people/{}/teams", person(&rosalind, "Priya").await.as_str().unwrap()));
        let moved = rosalind.http.put(to).bearer_auth(&rosalind.token).json(&json!({"teams": ["platform"]})).send().await.unwrap();
        assert!(moved.status().is_success(), "{moved:?}");
        let mut again = Agent::sign_in(&server, PRIYA).await;
        has_none(&mut again).await;
        let mut owen = Agent::online(&server, OWEN).await;
        has(&mut owen, next).await;
    }
}
