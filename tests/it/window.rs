//! The live-chat window: warned, closed, finished, made cases; holidays and short days.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Customer, Server, actors::*},
};

async fn site(server: &Server) -> Value {
    reqwest::get(server.url("/widget/api/site?site=pub_demo")).await.unwrap().json().await.unwrap()
}

both! {
    async fn hours_04_the_close_warns_finishes_and_makes_cases(engine) {
        let server = Server::at(engine, "2026-12-01T16:40:00-05:00").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        priya.presence("away").await;
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        marcus.ask("I wait for somebody", "claims").await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;

        server.advance_to("2026-12-01T16:45:00-05:00");
        for socket in [&mut zoe.socket, &mut marcus.socket, &mut priya.socket] {
            let hours = socket.hear("hours").await;
            assert_eq!((&hours["closing_soon"], &hours["open"]), (&json!(true), &json!(true)));
            assert_eq!(hours["closes_at"], "2026-12-01T22:00:00Z");
        }
        server.advance_to("2026-12-01T17:00:00-05:00");
        let hours = zoe.socket.hear_where("hours", |h| h["open"] == false).await;
        assert_eq!(hours["opens_at"], "2026-12-02T14:00:00Z");
        // LIVE-11: who waits is told the number; who talks may finish; who has not asked cannot any more.
        let made = marcus.event("case_made").await;
        assert_eq!(made["body"]["why"], "window_closed");
        assert_eq!(marcus.event("ended").await["body"]["why"], "window_closed");
        let mut question = tomas.outgoing("ask", "Too late?");
        question["category"] = json!("claims");
        assert_eq!(tomas.socket.ask(question).await["code"], "closed");
        zoe.say("still here").await;
        assert_eq!(priya.say(chat, "me too").await["type"], "ack");
        server.advance(TimeDelta::minutes(31));
        assert_eq!(zoe.event("case_made").await["body"]["why"], "window_closed");
        assert_eq!(zoe.event("ended").await["body"]["why"], "window_closed");
    }

    async fn hours_04_the_grace_goes_on_over_a_restart(engine) {
        let server = Server::at(engine, "2026-12-01T16:58:00-05:00").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        server.advance_to("2026-12-01T17:00:01-05:00");
        zoe.socket.hear_where("hours", |h| h["open"] == false).await;
        server.advance_to("2026-12-01T17:20:00-05:00");
        let server = server.restart().await;
        zoe.reconnect(&server).await;
        let (_, caught_up) = zoe.socket.watch(chat, 0).await;
        assert_eq!(caught_up["state"], "active");
        server.advance_to("2026-12-01T17:30:05-05:00");
        assert_eq!(zoe.event("ended").await["body"]["why"], "window_closed");
    }

    async fn hours_03_holidays_and_short_days_close_the_chat(engine) {
        let server = Server::at(engine, "2026-11-26T11:00:00-05:00").await;
        let seen = site(&server).await;
        assert_eq!((&seen["hours"]["open"], &seen["hours"]["holiday"]), (&json!(false), &json!("Thanksgiving Day")));
        assert_eq!(seen["hours"]["opens_at"], "2026-11-27T14:00:00Z");
        // An admin gives the day after short hours.
        let wilma = Agent::sign_in(&server, WILMA).await;
        let form = [("day", "2026-11-27"), ("name", "Day after Thanksgiving"), ("windows", "9:00-13:00")];
        let post = |path: &'static str| wilma.http.post(server.url(path)).header("cookie", format!("__Host-deskbell={}", wilma.token));
        let saved = post("/admin/hours/holiday").form(&form).send().await.unwrap();
        assert_eq!(saved.status(), 303);
        server.advance_to("2026-11-27T12:50:00-05:00");
        let seen = site(&server).await;
        assert_eq!((&seen["hours"]["open"], &seen["hours"]["closing_soon"]), (&json!(true), &json!(true)));
        assert_eq!(seen["hours"]["closes_at"], "2026-11-27T18:00:00Z");
        server.advance_to("2026-11-27T13:00:00-05:00");
        assert_eq!(site(&server).await["hours"]["opens_at"], "2026-11-30T14:00:00Z");
        // What is wrong is said beside its field, and nothing changes.
        let wilma = Agent::sign_in(&server, WILMA).await;
        let post = |path: &'static str| wilma.http.post(server.url(path)).header("cookie", format!("__Host-deskbell={}", wilma.token));
        let bad = [("day", "2026-11-30"), ("name", "x"), ("windows", "13-9")];
        let refused = post("/admin/hours/holiday").form(&bad).send().await.unwrap();
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("is not a time"));
        assert_eq!(site(&server).await["hours"]["opens_at"], "2026-11-30T14:00:00Z");
    }

    async fn hours_02_both_clock_changes_are_right(engine) {
        // Spring: Friday is EST, Monday EDT. Autumn: the other way round.
        for (friday_evening, opens) in [("2026-03-06T18:00:00-05:00", "2026-03-09T13:00:00Z"), ("2026-10-30T18:00:00-04:00", "2026-11-02T14:00:00Z")] {
            let server = Server::at(engine, friday_evening).await;
            assert_eq!(site(&server).await["hours"]["opens_at"], opens);
        }
    }

    async fn live_04_outside_the_window_a_message_becomes_a_case(engine) {
        let server = Server::at(engine, "2026-11-28T12:00:00-05:00").await;
        assert_eq!(site(&server).await["hours"]["open"], false);
        let message = json!({"id": new_id(), "site": "pub_demo", "name": "Sam", "email": "sam@elsewhere.example", "text": "Is anybody there?"});
        let left = reqwest::Client::new().post(server.url("/widget/api/message")).json(&message).send().await.unwrap();
        assert_eq!(left.status(), 200);
        assert!(left.json::<Value>().await.unwrap()["case"].as_i64().unwrap() > 1000);
    }

    async fn live_13_a_supervisor_opens_and_closes_by_hand(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let storm = json!({"state": "closed", "until": "2026-12-01T14:00:00-05:00", "reason": "Storm"});
        assert_eq!(priya.post("/api/hours/override", storm.clone()).await.0, 403);
        assert_eq!(rosalind.post("/api/hours/override", storm).await.0, 200);
        let hours = zoe.socket.hear("hours").await;
        assert_eq!((&hours["open"], &hours["by_hand"], &hours["opens_at"]), (&json!(false), &json!("Storm"), &json!("2026-12-01T19:00:00Z")));
        server.advance_to("2026-12-01T14:00:00-05:00");
        assert_eq!(zoe.socket.hear("hours").await["open"], true);
    }
}
