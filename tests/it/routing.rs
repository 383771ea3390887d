//! Who gets a chat when the line alone does not do: further circles, colleagues, lost specialists, supervisors.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    both,
    support::{Agent, Customer, Engine, Server, actors::*, eventually},
};

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

/// A desk view in which the chat is in one of the person's lists.
fn has(list: &'static str, chat: Uuid) -> impl Fn(&Value) -> bool {
    move |desk| desk[list].as_array().is_some_and(|chats| chats.iter().any(|c| c["id"] == json!(chat)))
}

/// The id of the person behind a socket.
fn me(agent: &Agent) -> Value {
    agent.socket.welcome["you"]["id"].clone()
}

/// A customer whose chat this specialist serves.
async fn served(server: &Server, agent: &mut Agent) -> (Customer, Uuid) {
    let mut zoe = Customer::arrive(server, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let (chat, _) = agent.take().await;
    assert_eq!(chat, zoe.chat);
    zoe.event("joined").await;
    (zoe, chat)
}

async fn done(agent: &Agent, chat: Uuid, verb: &str, body: Value) {
    let (status, answer) = agent.post(&format!("/api/chats/{chat}/{verb}"), body).await;
    assert!(status.is_success(), "{verb}: {status} {answer}");
}

async fn refused(agent: &Agent, chat: Uuid, verb: &str, body: Value) -> String {
    let (status, answer) = agent.post(&format!("/api/chats/{chat}/{verb}"), body).await;
    assert!(!status.is_success(), "{verb} was done");
    answer["code"].as_str().unwrap().to_owned()
}

both! {
    async fn live_06_what_nobody_takes_goes_to_the_next_tier_and_then_supervisors_are_told(engine) {
        let server = Server::start(engine).await;
        let mut hannah = Agent::online(&server, HANNAH).await;
        let mut wilma = Agent::sign_in(&server, WILMA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        hannah.desk(has("line", zoe.chat)).await;
        server.advance(seconds(61));
        assert_eq!(hannah.offer().await["chat"]["tier"], 1);
        hannah.presence("away").await;
        server.advance(seconds(130));
        let told = wilma.desk(|d| !d["notices"].as_array().unwrap().is_empty()).await;
        assert_eq!(told["notices"][0]["text"], "The chat of Zoë Ångström (Claims & Payments) has waited 3 min and nobody takes it.");
        // Told once, however long it waits.
        server.advance(seconds(60));
        zoe.say("Hello?").await;
        let mut again = crate::support::Socket::open(&server, &wilma.token).await;
        let desk = again.hear_where("desk", |d| !d["notices"].as_array().unwrap().is_empty()).await;
        assert_eq!(desk["notices"].as_array().unwrap().len(), 1, "{desk}");
    }

    async fn live_09_a_chat_is_handed_to_a_person_and_stays_until_it_is_taken(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (mut zoe, chat) = served(&server, &mut priya).await;
        let mut owen = Agent::sign_in(&server, OWEN).await;
        assert_eq!(refused(&priya, chat, "transfer", json!({"person": me(&owen)})).await, "not_there");
        // For transfers only is enough.
        owen.presence("transfers_only").await;
        done(&priya, chat, "transfer", json!({"person": me(&owen)})).await;
        let offer = owen.offer().await;
        assert_eq!(offer["chat"]["handed_to"], "Owen Castellane");
        priya.say(chat, "I am still here").await;
        // He declines: she has it still, and is told.
        assert_eq!(owen.socket.ask(json!({"type": "decline", "offer": offer["id"]})).await["type"], "ok");
        assert_eq!(priya.event("transfer_ended").await["body"]["why"], "Owen Castellane did not take the chat");
        priya.say(chat, "And still").await;
        // Once more, and he takes it.
        done(&priya, chat, "transfer", json!({"person": me(&owen)})).await;
        owen.take().await;
        assert_eq!(zoe.event("joined").await["name"], "Owen Castellane");
        assert_eq!(zoe.event("left").await["name"], "Priya Raman");
        owen.say(chat, "Here I am").await;
        assert_eq!(zoe.socket.hear_where("event", |e| e["body"]["text"] == "Here I am").await["name"], "Owen Castellane");
        priya.desk(|d| d["mine"].as_array().unwrap().is_empty()).await;
    }

    async fn live_09_a_chat_is_handed_to_a_tier_and_taken_back(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (_zoe, chat) = served(&server, &mut priya).await;
        done(&priya, chat, "transfer", json!({"tier": 2})).await;
        let mut hannah = Agent::online(&server, HANNAH).await;
        assert_eq!(hannah.offer().await["chat"]["handed_to"], "Claims & Payments, tier II");
        let taken_back = priya.http.delete(server.url(&format!("/api/chats/{chat}/transfer"))).bearer_auth(&priya.token);
        assert_eq!(taken_back.send().await.unwrap().status(), 204);
        hannah.desk(|d| d["offers"].as_array().unwrap().is_empty()).await;
        done(&priya, chat, "transfer", json!({"tier": 2})).await;
        hannah.take().await;
        let panel = hannah.get(&format!("/api/chats/{chat}")).await;
        assert_eq!((&panel["chat"]["tier"], &panel["chat"]["agent"]), (&json!(2), &json!("Hannah Brightwater")));
        assert_eq!(refused(&priya, chat, "transfer", json!({"tier": 3})).await, "forbidden");
    }

    async fn live_06_chats_of_a_lost_specialist_go_back_with_their_place(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (mut zoe, chat) = served(&server, &mut priya).await;
        let token = priya.token.clone();
        let entered = board(&server, &token, "mine", chat).await["since"].clone();
        drop(priya);
        server.advance(seconds(20));
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("Another claim is stuck", "claims").await;
        server.advance(seconds(90));
        assert_eq!(zoe.event("requeued").await["body"]["why"], "lost");
        // She was first, and is first again.
        assert_eq!(zoe.socket.hear("place").await["place"], 1);
        let mut owen = Agent::online(&server, OWEN).await;
        let offers = owen.desk(|d| d["offers"].as_array().unwrap().len() == 2).await;
        assert_eq!(offers["offers"][0]["chat"]["id"], json!(chat));
        assert!(offers["offers"][0]["chat"]["since"].as_str() <= entered.as_str());
    }

    async fn live_13_supervisors_take_over_assign_join_and_whisper(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (mut zoe, chat) = served(&server, &mut priya).await;
        let mut wilma = Agent::sign_in(&server, WILMA).await;
        let owen = Agent::sign_in(&server, OWEN).await;
        wilma.socket.watch(chat, 0).await;
        // Whispered: the specialist hears it, the customer never.
        let id = new_id();
        for _ in 0..2 {
            done(&wilma, chat, "whisper", json!({"id": id, "text": "Ask for the payer ID"})).await;
        }
        assert_eq!(priya.event("whisper").await["body"]["text"], "Ask for the payer ID");
        assert_eq!(refused(&priya, chat, "whisper", json!({"id": new_id(), "text": "No"})).await, "forbidden");
        // Joined: both can write.
        done(&wilma, chat, "join", json!({})).await;
        assert_eq!(zoe.event("joined_beside").await["name"], "Wilma Pryce");
        wilma.say(chat, "I am here, too").await;
        priya.say(chat, "So are we both").await;
        done(&wilma, chat, "leave", json!({})).await;
        assert_eq!(zoe.event("left").await["name"], "Wilma Pryce");
        // Given to somebody else, and taken over.
        done(&wilma, chat, "assign", json!({"to": me(&owen)})).await;
        assert_eq!(zoe.event("joined").await["name"], "Owen Castellane");
        done(&wilma, chat, "take-over", json!({})).await;
        assert_eq!(zoe.event("joined").await["name"], "Wilma Pryce");
        wilma.say(chat, "I have it now").await;
        for verb in ["take-over", "join", "requeue"] {
            assert_eq!(refused(&priya, chat, verb, json!({})).await, "forbidden");
        }
        done(&wilma, chat, "requeue", json!({})).await;
        zoe.event("requeued").await;
        // What the customer read has neither the whisper nor a gap.
        let (events, _) = zoe.socket.watch(chat, 0).await;
        assert!(events.iter().all(|event| event["body"]["kind"] != "whisper"));
        let mut last = 0;
        for event in &events {
            assert_eq!(event["prev"], json!(last));
            last = event["seq"].as_i64().unwrap();
        }
    }

    async fn live_13_a_supervisor_moves_a_person_to_another_team_at_once(engine) {
        let server = Server::start(engine).await;
        let mut owen = Agent::online(&server, OWEN).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("I cannot sign in", "signin").await;
        tomas.socket.hear("place").await;
        let unseen = owen.socket.ask(json!({"type": "watch", "chat": tomas.chat, "after": 0})).await;
        assert_eq!(unseen["code"], "not_found");
        let path = format!("/api/people/{}/teams", me(&owen).as_str().unwrap());
        let put = |by: &Agent, teams: Value| {
            by.http.put(server.url(&path)).bearer_auth(&by.token).json(&json!({"teams": teams})).send()
        };
        assert_eq!(put(&owen, json!(["platform"])).await.unwrap().status(), 403);
        assert_eq!(put(&rosalind, json!(["no such team"])).await.unwrap().status(), 422);
        assert_eq!(put(&rosalind, json!(["platform"])).await.unwrap().status(), 204);
        // On the very same socket.
        assert_eq!(owen.offer().await["chat"]["id"], json!(tomas.chat));
        owen.socket.watch(tomas.chat, 0).await;
        let people = rosalind.get("/api/people").await;
        let moved = people.as_array().unwrap().iter().find(|p| p["id"] == me(&owen)).unwrap();
        assert_eq!(moved["teams"], json!(["platform"]));
    }

    async fn live_13_a_chat_is_moved_made_urgent_and_flagged(engine) {
        let server = Server::start(engine).await;
        let mut wilma = Agent::sign_in(&server, WILMA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A statement prints in the wrong font", "claims").await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("A claim is stuck", "claims").await;
        done(&wilma, tomas.chat, "severity", json!({"severity": 1})).await;
        assert_eq!(tomas.socket.hear_where("place", |p| p["place"] == 1).await["place"], 1);
        done(&wilma, tomas.chat, "move", json!({"team": "platform"})).await;
        let mut jonah = Agent::online(&server, JONAH).await;
        let (chat, _) = jonah.take().await;
        assert_eq!(chat, tomas.chat);
        done(&jonah, chat, "flag", json!({"reason": "The customer wants a refund"})).await;
        let served = wilma.desk(|d| d["served"].as_array().unwrap().iter().any(|c| !c["flag"].is_null())).await;
        assert_eq!(served["served"][0]["flag"]["reason"], "The customer wants a refund");
        done(&wilma, chat, "unflag", json!({})).await;
        jonah.event("unflagged").await;
        assert_eq!(refused(&jonah, zoe.chat, "severity", json!({"severity": 1})).await, "forbidden");
    }

    async fn live_09_notes_mentions_tags_and_drafts_stay_among_the_desk(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (mut zoe, chat) = served(&server, &mut priya).await;
        let mut owen = Agent::sign_in(&server, OWEN).await;
        let id = new_id();
        for _ in 0..2 {
            done(&priya, chat, "notes", json!({"id": id, "text": "@Owen Castellane, have you seen this?"})).await;
        }
        let note = priya.event("note").await;
        assert_eq!((&note["visibility"], &note["body"]["mentions"]), (&json!("staff"), &json!(["Owen Castellane"])));
        let told = owen.desk(|d| !d["notices"].as_array().unwrap().is_empty()).await;
        assert_eq!((told["notices"].as_array().unwrap().len(), &told["notices"][0]["chat_id"]), (1, &json!(chat)));
        let draft = json!({"text": "What I have not said yet"});
        let put = |path: String, body: Value| priya.http.put(server.url(&path)).bearer_auth(&priya.token).json(&body).send();
        assert_eq!(put(format!("/api/chats/{chat}/drafts/reply"), draft).await.unwrap().status(), 204);
        assert_eq!(priya.get(&format!("/api/chats/{chat}/drafts")).await, json!({"reply": "What I have not said yet", "note": ""}));
        assert_eq!(owen.get(&format!("/api/chats/{chat}/drafts")).await, json!({"reply": "", "note": ""}));
        let unknown = put(format!("/api/chats/{chat}/tags"), json!({"tags": ["no such tag"]})).await.unwrap();
        assert_eq!(unknown.json::<Value>().await.unwrap()["code"], "no_tag");
        let (events, _) = zoe.socket.watch(chat, 0).await;
        assert!(events.iter().all(|event| event["visibility"] == "everyone"), "{events:?}");
    }

    async fn live_09_a_doubled_chat_is_brought_into_the_other(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (_zoe, chat) = served(&server, &mut priya).await;
        // The same practice, a second person about the same matter.
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        marcus.ask("The claim that Zoë asks about", "claims").await;
        priya.offer().await;
        done(&priya, chat, "merge", json!({"chat": marcus.chat})).await;
        assert_eq!(marcus.event("ended").await["body"]["why"], "merged");
        let merged = priya.event("merged").await;
        assert_eq!((&merged["body"]["chat"], &merged["visibility"]), (&json!(marcus.chat), &json!("staff")));
        // What was asked there is part of what this one's case says.
        let proposed = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        assert_eq!(proposed["description"], "A claim is stuck\n\nThe claim that Zoë asks about");
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("Another practice", "claims").await;
        assert_eq!(refused(&priya, chat, "merge", json!({"chat": tomas.chat})).await, "forbidden");
    }

    async fn live_06_an_ended_chat_is_load_until_it_is_written_up(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (_zoe, chat) = served(&server, &mut priya).await;
        assert_eq!(priya.socket.ask(json!({"type": "end", "chat": chat, "solved": true})).await["type"], "ok");
        let desk = priya.desk(|d| !d["wrapping"].as_array().unwrap().is_empty()).await;
        assert_eq!((&desk["wrapping"][0]["chat"], &desk["wrapping"][0]["customer"]), (&json!(chat), &json!("Zoë Ångström")));
        done(&priya, chat, "wrap-up-done", json!({})).await;
        priya.desk(|d| d["wrapping"].as_array().unwrap().is_empty()).await;
    }

    async fn live_07_the_desk_sees_the_page_and_what_is_typed(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (mut zoe, chat) = served(&server, &mut priya).await;
        let page = json!({"type": "page", "url": "https://harborstreet.example/claims?token=secret#top", "title": "Claims"});
        assert_eq!(zoe.socket.ask(page).await["type"], "ok");
        let desk = priya.desk(|d| !d["mine"][0]["page"].is_null()).await;
        assert_eq!(desk["mine"][0]["page"], json!({"url": "https://harborstreet.example/claims", "title": "Claims"}));
        zoe.socket.send(json!({"type": "typing", "chat": chat, "on": true, "text": "My pass"})).await;
        assert_eq!(priya.socket.hear("typing").await["text"], "My pass");
        // Her own second tab is not told what she types.
        let bad = json!({"type": "page", "url": "javascript:alert(1)", "title": "x"});
        assert_eq!(zoe.socket.ask(bad).await["type"], "ok");
        assert_eq!(priya.get(&format!("/api/chats/{chat}")).await["chat"]["page"], Value::Null);
    }
}

/// A chat as one of a person's lists shows it.
async fn board(server: &Server, token: &str, list: &'static str, chat: Uuid) -> Value {
    let mut socket = crate::support::Socket::open(server, token).await;
    let desk = socket.hear_where("desk", has(list, chat)).await;
    desk[list].as_array().unwrap().iter().find(|c| c["id"] == json!(chat)).unwrap().clone()
}

/// Sixty-four take the same chat at once, on two nodes, in every way that there is: one wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_06_sixty_four_takes_of_one_chat_on_two_nodes_and_one_wins() {
    let first = Server::start(Engine::Postgres).await;
    let second = first.beside().await;
    let mut priya = Agent::online(&first, PRIYA).await;
    let owen = Agent::sign_in(&second, OWEN).await;
    let wilma = Agent::sign_in(&second, WILMA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let (chat, offer) = (zoe.chat, priya.offer().await["id"].clone());
    let mut takes = Vec::new();
    for n in 0..64 {
        let (server, who, frame) = match n % 4 {
            0 => (&first, &priya, json!({"type": "accept", "offer": offer})),
            1 => (&second, &owen, json!({"type": "pick", "chat": chat})),
            2 => (&second, &wilma, json!({"type": "pick", "chat": chat})),
            _ => (&second, &priya, json!({"type": "accept", "offer": offer})),
        };
        takes.push(crate::support::Socket::open(server, &who.token).await.then_ask(frame));
    }
    let answers = futures_util::future::join_all(takes).await;
    let won = answers.iter().filter(|answer| answer["type"] == "ok").count();
    // Whoever has it is told the same again however often; all others are told that it is gone.
    assert!((16..=32).contains(&won), "{won} were told that they have it: {answers:?}");
    let (events, caught_up) = crate::support::Socket::open(&second, &zoe.token).await.watch(chat, 0).await;
    let joined: Vec<_> = events.iter().filter(|e| e["body"]["kind"] == "joined").collect();
    assert_eq!(joined.len(), 1, "one joined: {joined:?}");
    assert_eq!(joined[0]["name"], caught_up["agent"]);
}

/// A supervisor takes over while the specialist sends: every acknowledged message is there, and none is after the one that left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_13_taken_over_while_the_specialist_sends() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (zoe, chat) = served(&server, &mut priya).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let client = new_id();
        let ids: Vec<Uuid> = (0..120).map(|_| new_id()).collect();
        let message = |n: usize| {
            let (id, text) = (ids[n], n.to_string());
            json!({"type": "send", "chat": chat, "id": id, "client": client, "n": n + 1, "text": text})
        };
        for n in 0..50 {
            priya.socket.send(message(n)).await;
        }
        let mut acked = Vec::new();
        for id in &ids[..50] {
            priya.socket.hear_where("ack", |ack| ack["id"] == json!(id)).await;
            acked.push(*id);
        }
        let sends = async {
            for n in 50..120 {
                priya.socket.send(message(n)).await;
            }
        };
        tokio::join!(sends, done(&wilma, chat, "take-over", json!({})));
        for id in &ids[50..] {
            let answer = |f: &Value| f["id"] == json!(id) && (f["type"] == "ack" || f["type"] == "error");
            loop {
                let frame = priya.socket.next().await.unwrap();
                if answer(&frame) {
                    if frame["type"] == "ack" {
                        acked.push(*id);
                    }
                    break;
                }
            }
        }
        let (events, _) = crate::support::Socket::open(&server, &zoe.token).await.watch(chat, 0).await;
        let of_priya: Vec<Uuid> = events
            .iter()
            .filter(|e| e["body"]["kind"] == "message" && e["name"] == "Priya Raman")
            .map(|e| e["id"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(of_priya, acked, "what was acknowledged is there, in order");
        assert!((50..=120).contains(&acked.len()));
        let left = events.iter().position(|e| e["body"]["kind"] == "left").unwrap();
        let last = events.iter().rposition(|e| e["name"] == "Priya Raman").unwrap();
        assert_eq!(left, last, "nothing of hers is after the one that says that she left");
    }
}

/// The specialist's server is killed in mid-offer: the offer goes to the next on the other node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_06_a_specialist_who_dies_in_mid_offer_is_not_waited_for() {
    let first = Server::start(Engine::Postgres).await;
    let second = first.beside().await;
    let mut priya = Agent::online(&second, PRIYA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let offer = priya.offer().await;
    let mut owen = Agent::online(&first, OWEN).await;
    drop(priya);
    let taken = eventually("the offer goes to the next", || async {
        first.advance(seconds(5));
        second.advance(seconds(5));
        let found: Option<(String,)> = first
            .app
            .db
            .query("SELECT state FROM offers WHERE id = $1 AND state <> 'open'")
            .bind(offer["id"].as_str().unwrap().parse::<Uuid>().unwrap())
            .fetch_optional()
            .await
            .unwrap();
        found
    })
    .await;
    assert!(["withdrawn", "expired"].contains(&taken.0.as_str()), "{taken:?}");
    assert_eq!(owen.offer().await["chat"]["id"], offer["chat"]["id"]);
}
