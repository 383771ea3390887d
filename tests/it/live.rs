//! The main job: a chat from the question to a case in the right queue.

use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Customer, Server, Settings, Socket, actors::*, eventually},
};

/// Numbers of a list of events.
fn numbers(events: &[Value]) -> Vec<i64> {
    events.iter().map(|e| e["seq"].as_i64().unwrap()).collect()
}

fn texts(events: &[Value]) -> Vec<String> {
    events.iter().filter_map(|e| e["body"]["text"].as_str().map(str::to_owned)).collect()
}

both! {
    async fn live_02_nobody_talks_to_an_agent_without_the_pin(engine) {
        let server = Server::start(engine).await;
        let mut socket = Socket::raw(&server).await;
        socket.send(json!({"type": "hello", "v": 1, "token": "made up"})).await;
        assert_eq!(socket.closed().await, 4100);
        let refused = verify(&server, ZOE.0, "0000").await;
        assert_eq!(refused.status(), 403);
        let by_number = json!({"site": "pub_demo", "customer_number": "10023", "contact": "zoë  ångström", "pin": ZOE.1});
        let verified = reqwest::Client::new().post(server.url("/widget/api/verify")).json(&by_number).send().await.unwrap();
        assert_eq!(verified.status(), 200);
    }

    async fn live_03_suggestions_open_and_solve(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let found = zoe.socket.ask(json!({"type": "suggest", "text": "claim rejected payer id not fou"})).await;
        let items = found["items"].as_array().unwrap();
        assert!((1..=10).contains(&items.len()), "{found}");
        assert_eq!(items[0]["title"], "Claim rejected: payer ID not found");
        let id = items[0]["id"].clone();
        let shown = zoe.socket.ask(json!({"type": "open_solution", "solution": id})).await;
        assert!(shown["text"].to_string().contains(r#""tag":"ol""#));
        assert_eq!(zoe.event("solution_opened").await["body"]["solution"], id);
        let rated = zoe.socket.ask(json!({"type": "rate_solution", "solution": id, "solved": false})).await;
        assert_eq!(rated["type"], "ok");
        zoe.ask("Our claims bounce with a payer ID message", "claims").await;

        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.socket.ask(json!({"type": "open_solution", "solution": id})).await;
        tomas.socket.ask(json!({"type": "rate_solution", "solution": id, "solved": true})).await;
        assert_eq!(tomas.event("ended").await["body"]["why"], "self_service");
    }

    async fn live_05_the_chat_waits_in_the_line_of_its_team(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        zoe.ask("A statement prints in the wrong font", "claims").await;
        let queued = zoe.event("queued").await;
        assert_eq!((&queued["body"]["team"], &queued["body"]["tier"]), (&json!("Claims & Payments"), &json!(1)));
        assert_eq!(zoe.socket.hear("place").await["place"], 1);
        tomas.ask("Our whole system is down, nobody can work", "claims").await;
        assert_eq!(tomas.socket.hear("place").await["place"], 1, "the worse severity goes first");
        assert_eq!(zoe.socket.hear("place").await["place"], 2);
        // The platform team is not offered what waits for the claims team.
        let mut jonah = Agent::online(&server, JONAH).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let offer = priya.offer().await;
        assert_eq!(offer["chat"]["customer"], "Tomás Iturralde");
        let desk = jonah.desk(|_| true).await;
        assert_eq!((desk["offers"].as_array().unwrap().len(), desk["line"].as_array().unwrap().len()), (0, 0));
    }

    async fn live_06_an_offer_that_is_not_taken_goes_to_the_next(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let first = priya.offer().await;
        let mut owen = Agent::online(&server, OWEN).await;
        server.advance(chrono::TimeDelta::seconds(31));
        let second = owen.offer().await;
        assert_eq!(second["chat"]["id"], first["chat"]["id"]);
        let late = priya.socket.ask(json!({"type": "accept", "offer": first["id"]})).await;
        assert_eq!(late["code"], "offer_gone");
        assert_eq!(owen.socket.ask(json!({"type": "accept", "offer": second["id"]})).await["type"], "ok");
        assert_eq!(zoe.event("joined").await["name"], "Owen Castellane");
    }

    async fn live_06_an_empty_chair_is_not_waited_for(engine) {
        let patient = Settings { change: |config| config.chat.offer_seconds = 600, ..Settings::default() };
        let server = Server::with(engine, patient).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let first = priya.offer().await;
        let mut owen = Agent::online(&server, OWEN).await;
        // A second console of the same person keeps the chair: closing the first one changes nothing.
        let mut second = Socket::open(&server, &priya.token).await;
        drop(priya.socket);
        server.advance(chrono::TimeDelta::seconds(13));
        let desk = second.hear_where("desk", |d| !d["offers"].as_array().unwrap().is_empty()).await;
        assert_eq!(desk["offers"][0]["id"], first["id"], "still on offer");
        // The last one closes: past the time of a reload, and minutes before the offer runs out, it goes to the next.
        drop(second);
        server.advance(chrono::TimeDelta::seconds(13));
        let offer = owen.offer().await;
        assert_eq!(offer["chat"]["id"], first["chat"]["id"]);
        let late = owen.socket.ask(json!({"type": "accept", "offer": first["id"]})).await;
        assert_eq!(late["code"], "offer_gone");
        assert_eq!(owen.socket.ask(json!({"type": "accept", "offer": offer["id"]})).await["type"], "ok");
    }

    async fn live_06_the_owner_of_the_open_case_is_asked_first(engine) {
        let server = Server::start(engine).await;
        let mut owen = Agent::online(&server, OWEN).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = owen.take().await;
        let case = json!({"subject": "A claim is stuck", "category": "claims", "severity": 3, "description": "A claim is stuck."});
        assert!(owen.post(&format!("/api/chats/{chat}/case"), case).await.0.is_success());
        assert_eq!(owen.socket.ask(json!({"type": "end", "chat": chat})).await["type"], "ok");
        // Priya has room for more, and was not given a chat for longer.
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("It is me again", "claims").await;
        let offer = owen.offer().await;
        assert_ne!(offer["chat"]["id"], json!(chat));
        assert_eq!(owen.socket.ask(json!({"type": "decline", "offer": offer["id"]})).await["type"], "ok");
        assert_eq!(priya.offer().await["chat"]["id"], offer["chat"]["id"]);
    }

    async fn live_06_a_declined_offer_goes_to_the_next(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let offer = priya.offer().await;
        assert_eq!(priya.socket.ask(json!({"type": "decline", "offer": offer["id"]})).await["type"], "ok");
        let mut owen = Agent::online(&server, OWEN).await;
        assert_eq!(owen.offer().await["chat"]["id"], offer["chat"]["id"]);
        // Picked by hand after all: the offer to the other one is gone.
        assert_eq!(priya.socket.ask(json!({"type": "pick", "chat": offer["chat"]["id"]})).await["type"], "ok");
        assert_eq!(zoe.event("joined").await["name"], "Priya Raman");
    }

    async fn live_06_who_asks_again_because_the_answer_was_lost_is_told_the_same(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let chat = zoe.chat;
        zoe.ask("A claim is stuck", "claims").await;
        let declined = json!({"type": "decline", "offer": priya.offer().await["id"]});
        assert_eq!(priya.socket.ask(declined.clone()).await["type"], "ok");
        let mut owen = Agent::online(&server, OWEN).await;
        let accepted = json!({"type": "accept", "offer": owen.offer().await["id"]});
        assert_eq!(owen.socket.ask(accepted.clone()).await["type"], "ok");
        // They come back to the same frame on another socket.
        let mut priya = Socket::open(&server, &priya.token).await;
        let mut owen = Socket::open(&server, &owen.token).await;
        assert_eq!(owen.ask(accepted.clone()).await["type"], "ok");
        assert_eq!(owen.ask(json!({"type": "pick", "chat": chat})).await["type"], "ok");
        assert_eq!(priya.ask(declined.clone()).await["type"], "ok");
        // What another did is not theirs to repeat.
        assert_eq!(priya.ask(accepted).await["code"], "offer_gone");
        assert_eq!(owen.ask(declined).await["code"], "offer_gone");
        assert_eq!(priya.ask(json!({"type": "pick", "chat": chat})).await["code"], "not_waiting");
        let joined = zoe.event("joined").await;
        assert_eq!(joined["name"], "Owen Castellane");
        assert_eq!(owen.ask(json!({"type": "end", "chat": chat, "solved": true})).await["type"], "ok");
        assert_eq!(zoe.event("ended").await["prev"], joined["seq"], "it was entered once");
    }

    async fn live_07_messages_marks_and_typing_go_both_ways(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, events) = priya.take().await;
        assert_eq!(texts(&events), ["A claim is stuck"]);
        zoe.event("joined").await;
        zoe.socket.send(json!({"type": "typing", "chat": chat, "on": true})).await;
        assert_eq!(priya.socket.hear("typing").await["name"], "Zoë Ångström");
        let ack = zoe.say("It says \"duplicate\" <b>").await;
        let heard = priya.socket.hear_where("event", |e| e["seq"] == ack["seq"]).await;
        assert_eq!(heard["body"]["text"], "It says \"duplicate\" <b>");
        // Delivered and read are what the other side says, and nothing else.
        priya.socket.send(json!({"type": "mark", "chat": chat, "delivered": ack["seq"], "read": 0})).await;
        let mark = zoe.socket.hear_where("mark", |m| m["party"] == "staff").await;
        assert_eq!((&mark["delivered"], &mark["read"]), (&ack["seq"], &json!(0)));
        priya.socket.send(json!({"type": "mark", "chat": chat, "delivered": ack["seq"], "read": ack["seq"]})).await;
        let mark = zoe.socket.hear_where("mark", |m| m["read"] == ack["seq"]).await;
        assert_eq!(mark["party"], "staff");
        let reply = priya.say(chat, "Let me look.").await;
        assert_eq!(zoe.socket.hear_where("event", |e| e["seq"] == reply["seq"]).await["name"], "Priya Raman");
        // A mark beyond the log says no more than the log holds.
        zoe.socket.send(json!({"type": "mark", "chat": chat, "delivered": 1_000_000, "read": 0})).await;
        let mark = priya.socket.hear_where("mark", |m| m["party"] == "customer" && m["delivered"].as_i64() > Some(0)).await;
        assert_eq!(mark["delivered"], reply["seq"]);
    }

    async fn live_08_resends_are_stored_once_and_in_order(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        let frames: Vec<Value> = (1..=50).map(|i| zoe.outgoing("send", &format!("message {i}"))).collect();
        for frame in &frames {
            zoe.socket.send(frame.clone()).await;
        }
        // The connection breaks before any answer is read; everything is sent again, twice, over another one.
        zoe.reconnect(&server).await;
        for _ in 0..2 {
            for frame in &frames {
                zoe.socket.send(frame.clone()).await;
            }
        }
        for frame in &frames {
            let ack = zoe.socket.hear_where("ack", |a| a["id"] == frame["id"]).await;
            assert!(ack["seq"].as_i64().unwrap() > 0);
        }
        let (events, caught_up) = zoe.socket.watch(chat, 0).await;
        assert_eq!(texts(&events)[1..], (1..=50).map(|i| format!("message {i}")).collect::<Vec<_>>());
        assert_eq!(numbers(&events), (1..=caught_up["seq"].as_i64().unwrap()).collect::<Vec<_>>());
        // The agent, who was connected all the time, has seen each once and in order.
        let mut seen = Vec::new();
        while seen.len() < 50 {
            seen.push(priya.event("message").await["body"]["text"].as_str().unwrap().to_owned());
        }
        assert_eq!(seen, (1..=50).map(|i| format!("message {i}")).collect::<Vec<_>>());
    }

    async fn live_08_a_message_out_of_order_or_with_a_used_id_is_refused(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let first = zoe.outgoing("send", "one");
        let second = zoe.outgoing("send", "two");
        let refused = zoe.socket.ask(second.clone()).await;
        assert_eq!(refused["code"], "out_of_order");
        assert_eq!(refused["id"], second["id"]);
        zoe.socket.send(first.clone()).await;
        zoe.socket.hear_where("ack", |a| a["id"] == first["id"]).await;
        let mut other = zoe.outgoing("send", "another text under the same id");
        other["id"] = first["id"].clone();
        assert_eq!(zoe.socket.ask(other).await["code"], "id_reused");
        zoe.socket.send(second.clone()).await;
        zoe.socket.hear_where("ack", |a| a["id"] == second["id"]).await;
    }

    async fn live_08_a_restart_loses_nothing(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        zoe.say("before").await;
        let server = server.restart().await;
        assert_eq!(zoe.socket.closed().await, 1012);
        assert_eq!(priya.socket.closed().await, 1012);
        zoe.reconnect(&server).await;
        let (events, caught_up) = zoe.socket.watch(chat, 0).await;
        assert_eq!(texts(&events), ["A claim is stuck", "before"]);
        assert_eq!(caught_up["state"], "active");
        zoe.say("after").await;
        priya.socket = Socket::open(&server, &priya.token.clone()).await;
        assert_eq!(priya.socket.welcome["you"]["presence"], "online", "who was online is so after a restart");
        let (events, _) = priya.socket.watch(chat, 0).await;
        assert_eq!(texts(&events), ["A claim is stuck", "before", "after"]);
    }

    async fn live_08_one_customer_never_sees_anothers_chat(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        zoe.ask("A secret about a claim", "claims").await;
        for frame in [
            json!({"type": "watch", "chat": zoe.chat, "after": 0}),
            json!({"type": "send", "chat": zoe.chat, "id": new_id(), "client": new_id(), "n": 1, "text": "hi"}),
            json!({"type": "ask", "chat": zoe.chat, "id": new_id(), "client": new_id(), "n": 1, "text": "hi", "category": "claims"}),
            json!({"type": "end", "chat": zoe.chat, "solved": true}),
            json!({"type": "mark", "chat": zoe.chat, "delivered": 1, "read": 1}),
            json!({"type": "typing", "chat": zoe.chat, "on": true}),
        ] {
            let refused = tomas.socket.ask(frame.clone()).await;
            assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("not_found")), "{frame}");
        }
        // A specialist of the other team does not see it either.
        let mut jonah = Agent::online(&server, JONAH).await;
        let refused = jonah.socket.ask(json!({"type": "watch", "chat": zoe.chat, "after": 0})).await;
        assert_eq!(refused["code"], "not_found");
        let (status, _) = jonah.post(&format!("/api/chats/{}/case", zoe.chat), json!({"subject": "x", "category": "claims", "severity": 3, "description": "x"})).await;
        assert_eq!(status, 403);
    }

    async fn live_10_a_chat_becomes_a_case_with_its_owner_and_goes_up_the_tiers(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("Urgent: all claims to one payer are rejected. It began this morning.", "claims").await;
        let (chat, _) = priya.take().await;
        zoe.say("The message is payer ID unknown").await;
        let draft = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        assert_eq!(draft["subject"], "Urgent: all claims to one payer are rejected.");
        assert_eq!((&draft["category"], &draft["severity"]), (&json!("claims"), &json!(2)));
        assert!(draft["description"].as_str().unwrap().contains("payer ID unknown"));
        let (status, made) = priya.post(&format!("/api/chats/{chat}/case"), draft.clone()).await;
        assert_eq!(status, 200);
        let number = made["case"].as_i64().unwrap();
        assert_eq!(zoe.event("case_made").await["body"]["number"], number);
        let (_, again) = priya.post(&format!("/api/chats/{chat}/case"), draft).await;
        assert_eq!(again["case"], number, "once per chat");

        let queue = priya.get("/api/cases?view=queue").await;
        let row = queue.as_array().unwrap().iter().find(|c| c["number"] == number).expect("in the queue of tier I").clone();
        assert_eq!((&row["owner"], &row["worker"], &row["tier"]), (&json!("Priya Raman"), &Value::Null, &json!(1)));
        let page = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!(texts(page["transcript"].as_array().unwrap()).len(), 2);

        // AGREE-01: up the tiers, the owner stays and is told.
        let (status, page) = priya.post(&format!("/api/cases/{number}/escalate"), json!({"reason": "needs the clearinghouse log"})).await;
        assert_eq!((status.as_u16(), &page["tier"], &page["owner"]), (200, &json!(2), &json!("Priya Raman")));
        let mut hannah = Agent::online(&server, HANNAH).await;
        let queue = hannah.get("/api/cases?view=queue").await;
        assert!(queue.as_array().unwrap().iter().any(|c| c["number"] == number));
        let (status, page) = hannah.post(&format!("/api/cases/{number}/claim"), json!({})).await;
        assert_eq!((status.as_u16(), &page["worker"], &page["owner"]), (200, &json!("Hannah Brightwater"), &json!("Priya Raman")));
        let told = priya.desk(|d| d["notices"].as_array().is_some_and(|n| n.iter().any(|n| n["case_number"] == number))).await;
        assert!(told["notices"][0]["text"].as_str().unwrap().contains("Hannah Brightwater"));
        let (status, page) = hannah.post(&format!("/api/cases/{number}/hand-back"), json!({"reason": "routing entry corrected"})).await;
        assert_eq!((status.as_u16(), &page["worker"], &page["tier"]), (200, &json!("Priya Raman"), &json!(1)));
        let (status, _) = hannah.post(&format!("/api/cases/{number}/escalate"), json!({"reason": "not mine"})).await;
        assert_eq!(status, 403);
        let _ = hannah.desk(|_| true).await;
    }

    async fn live_11_what_was_asked_becomes_a_case_by_itself(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        // Ended unsolved by the customer while it waits or is served.
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("First: a claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        zoe.say("more words").await;
        assert_eq!(zoe.socket.ask(json!({"type": "end", "chat": chat})).await["type"], "ok");
        let number = zoe.event("case_made").await["body"]["number"].as_i64().unwrap();
        assert_eq!(zoe.event("ended").await["body"]["why"], "customer");
        let page = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!(page["owner"], "Priya Raman");
        assert_eq!(page["description"], "First: a claim is stuck\n\nmore words");
        // Ended as solved: no case.
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        marcus.ask("Second", "claims").await;
        let (chat, _) = priya.take().await;
        assert_eq!(priya.socket.ask(json!({"type": "end", "chat": chat, "solved": true})).await["type"], "ok");
        assert_eq!(marcus.event("ended").await["body"]["why"], "specialist");
        let all = priya.get("/api/cases?view=all").await;
        assert!(all.as_array().unwrap().iter().all(|c| c["subject"] != "Second"));
        let after = marcus.outgoing("send", "too late");
        assert_eq!(marcus.socket.ask(after).await["code"], "ended");
        // Left while waiting.
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        tomas.ask("Third: nobody is here", "signin").await;
        drop(tomas);
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        rosalind.desk(|desk| desk["line"][0]["customer_here"] == false).await;
        server.advance(chrono::TimeDelta::minutes(6));
        let case = eventually("the abandoned chat is a case", || async {
            let all = priya.get("/api/cases?view=all").await;
            all.as_array().unwrap().iter().find(|c| c["subject"] == "Third: nobody is here").cloned()
        });
        assert_eq!(case.await["owner"], Value::Null);
    }
}
