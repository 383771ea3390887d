//! The call-in PIN through the widget's own door.

use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Server, actors::*},
};

both! {
    async fn pin_03_no_hint_whether_person_or_pin_was_wrong(engine) {
        let server = Server::start(engine).await;
        let wrong_pin = verify(&server, ZOE.0, "0001").await;
        let nobody = verify(&server, "nobody@harborstreet.example", "0001").await;
        assert_eq!(wrong_pin.status(), nobody.status());
        assert_eq!(wrong_pin.text().await.unwrap(), nobody.text().await.unwrap());
        // Nobody locks as somebody does.
        for who in [ZOE.0, "nobody@harborstreet.example"] {
            verify(&server, who, "0002").await;
            assert_eq!(verify(&server, who, "0003").await.status(), 403);
            let locked = verify(&server, who, "0004").await;
            assert_eq!(locked.status(), 429);
            assert_eq!(locked.json::<Value>().await.unwrap()["code"], "locked");
        }
        assert_eq!(verify(&server, ZOE.0, ZOE.1).await.status(), 429, "the right one is not even compared while locked");
        server.advance(chrono::TimeDelta::minutes(31));
        assert_eq!(verify(&server, ZOE.0, ZOE.1).await.status(), 200);
    }

    async fn pin_03_a_thousand_tries_at_once_are_three(engine) {
        let server = Server::start(engine).await;
        let tries = (0..1000).map(|pin| {
            let pin = format!("{pin:04}");
            let server = &server;
            async move {
                // A thousand connections at once are more than one address may have; a few at a time are as parallel to the budget.
                verify(server, TOMAS.0, &pin).await.status().as_u16()
            }
        });
        use futures_util::StreamExt;
        let answers: Vec<u16> = futures_util::stream::iter(tries).buffer_unordered(100).collect().await;
        assert_eq!(answers.iter().filter(|s| **s == 403).count(), 3, "only three were compared");
        assert_eq!(answers.iter().filter(|s| **s == 429).count(), 997);
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        let desk = rosalind.desk(|d| d["pin_alerts"].as_array().is_some_and(|a| !a.is_empty())).await;
        assert!(desk["pin_alerts"][0]["text"].as_str().unwrap().contains("Tomás Iturralde"));
    }

    async fn pin_04_nobody_is_stuck(engine) {
        let server = Server::start(engine).await;
        for pin in ["0001", "0002", "0003", "0004"] {
            verify(&server, ZOE.0, pin).await;
        }
        let message = json!({"id": new_id(), "site": "pub_demo", "name": "Zoë", "email": ZOE.0, "text": "I am locked out of the chat. Please call me."});
        let leave = || async {
            let answer = reqwest::Client::new().post(server.url("/widget/api/message")).json(&message).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.json::<Value>().await.unwrap()["case"].as_i64().unwrap()
        };
        let number = leave().await;
        assert_eq!(leave().await, number, "sent twice, it is one case");
        let priya = Agent::sign_in(&server, PRIYA).await;
        let unverified = priya.get("/api/cases?view=unverified").await;
        assert_eq!(unverified[0]["number"], number);
        let (status, page) = priya.post(&format!("/api/cases/{number}/verify"), json!({"note": "called 555-0123"})).await;
        assert_eq!((status.as_u16(), &page["verified"]), (200, &json!(true)));
    }

    async fn pin_02_only_an_admin_makes_a_new_one_and_it_is_shown_once(engine) {
        let server = Server::start(engine).await;
        let mut zoe = crate::support::Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let (chat, _) = priya.take().await;
        let panel = priya.get(&format!("/api/chats/{chat}")).await;
        assert_eq!((&panel["account"]["number"], &panel["verified"]), (&json!("10023"), &json!(true)));
        let path = format!("/api/contacts/{}/pin", panel["contact"]["id"].as_str().unwrap());
        assert_eq!(priya.post(&path, json!({})).await.0, 403);
        let wilma = Agent::sign_in(&server, WILMA).await;
        let (status, answer) = wilma.post(&path, json!({})).await;
        assert_eq!(status, 200);
        let pin = answer["pin"].as_str().unwrap();
        assert_eq!(pin.len(), 4);
        if pin != ZOE.1 {
            assert_eq!(verify(&server, ZOE.0, ZOE.1).await.status(), 403);
        }
        assert_eq!(verify(&server, ZOE.0, pin).await.status(), 200);
    }
}
