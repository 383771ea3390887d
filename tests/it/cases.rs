//! Cases: whose they are, where they stand, what was promised, and why it falls due when it does.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Browser, Customer, Server, actors::*, eventually},
};

/// Somebody leaves a message; the case's number.
pub async fn left(server: &Server, text: &str) -> i64 {
    let body = json!({"id": new_id(), "site": "pub_demo", "name": "Zoë", "email": ZOE.0, "customer_number": ZOE.2, "text": text});
    let answer = Client::new().post(server.url("/widget/api/message")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["case"].as_i64().unwrap()
}

/// A verb that must be done; the case's page after it.
pub async fn act(agent: &Agent, number: i64, verb: &str, body: Value) -> Value {
    let (status, page) = agent.post(&format!("/api/cases/{number}/{verb}"), body).await;
    assert_eq!(status, StatusCode::OK, "{verb}: {page}");
    page
}

/// A verb that must be refused with this status; in which words.
pub async fn refused(agent: &Agent, number: i64, verb: &str, body: Value, with: u16) -> String {
    let (status, answer) = agent.post(&format!("/api/cases/{number}/{verb}"), body).await;
    assert_eq!(status, with, "{verb}: {answer}");
    answer["message"].as_str().unwrap().to_owned()
}

pub async fn page(agent: &Agent, number: i64) -> Value {
    agent.get(&format!("/api/cases/{number}")).await
}

/// A clock of a case's page.
fn clock<'a>(page: &'a Value, kind: &str) -> &'a Value {
    let clocks = page["clocks"].as_array().unwrap();
    clocks.iter().find(|clock| clock["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {clocks:?}"))
}

fn time(value: &Value) -> DateTime<Utc> {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no time"));
    minute(text.parse().unwrap())
}

/// The server's clock runs on while a test does; the seconds are of no interest here.
fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::minutes(1)).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The id of a colleague.
pub async fn person(agent: &Agent, first: &str) -> Value {
    let all = agent.get("/api/colleagues").await;
    let found = all.as_array().unwrap().iter().find(|one| one["name"].as_str().unwrap().starts_with(first));
    found.unwrap_or_else(|| panic!("no {first} in {all}"))["id"].clone()
}

/// Waits until somebody has a notice with these words about a case.
pub async fn noticed(agent: &mut Agent, number: i64, words: &str) {
    let told = |n: &Value| n["case_number"] == number && n["text"].as_str().unwrap().contains(words);
    agent.desk(|desk| desk["notices"].as_array().is_some_and(|all| all.iter().any(told))).await;
}

both! {
    async fn agree_01_a_case_that_waits_too_long_is_told_of_and_goes_to_the_next_tier_once(engine) {
        let server = Server::at(engine, "2026-12-07T10:00:00-05:00").await;
        let wilma = Browser::sign_in(&server, WILMA).await;
        let ageing = [("unclaimed_told", "24"), ("unclaimed_raised", "48"), ("unmoved_told", "72"), ("unmoved_raised", "")];
        let form = |ageing: [(&'static str, &'static str); 4]| {
            [("acknowledge_target", "240"), ("acknowledge_breach", "480"), ("silence_days", "5")].into_iter().chain(ageing).collect::<Vec<_>>()
        };
        wilma.refused("/admin/promises", &form([("unclaimed_told", "0"), ("unclaimed_raised", "x"), ("unmoved_told", ""), ("unmoved_raised", "")]), 422, &["#unclaimed_told", "#unclaimed_raised"]).await;
        wilma.send("/admin/promises", &form(ageing)).await.unwrap();
        let number = left(&server, "Nobody looks at this.").await;
        server.advance_to("2026-12-08T10:05:00-05:00");
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        noticed(&mut rosalind, number, "Nobody has taken it for 24 business hours.").await;
        assert_eq!(page(&rosalind, number).await["tier"], 1);
        server.advance_to("2026-12-09T10:05:00-05:00");
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        noticed(&mut rosalind, number, "Nobody has taken it for 48 business hours: it goes to tier II.").await;
        let raised = page(&rosalind, number).await;
        assert_eq!((&raised["tier"], &raised["status"], &raised["owner"]), (&json!(2), &json!("open"), &Value::Null));
        // Somebody takes it and does nothing: told of once.
        let owner = act(&rosalind, number, "claim", json!({})).await;
        assert_eq!(owner["owner"], "Rosalind Achterberg");
        server.advance_to("2026-12-14T10:30:00-05:00");
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        noticed(&mut rosalind, number, "Nothing has happened for 72 business hours.").await;
        server.advance_to("2026-12-18T10:30:00-05:00");
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let later = page(&rosalind, number).await;
        let kinds: Vec<&str> = later["timeline"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["made", "aged_unclaimed_told", "aged_unclaimed_raised", "claimed", "aged_unmoved_told"]);
        assert_eq!(later["tier"], 2);
    }

    async fn agree_03_a_closed_case_keeps_what_it_was_promised(engine) {
        let server = Server::at(engine, "2026-12-07T10:00:00-05:00").await;
        let [in_time, late] = [left(&server, "The statement printed twice.").await, left(&server, "It prints nothing.").await];
        let priya = Agent::sign_in(&server, PRIYA).await;
        act(&priya, in_time, "claim", json!({})).await;
        server.advance_to("2026-12-08T15:00:00-05:00");
        let priya = Agent::sign_in(&server, PRIYA).await;
        crate::support::eventually("the broken promise in the history", async || {
            let shown = page(&priya, late).await;
            let fits = |step: &Value| step["kind"] == "clock_late" && step["text"] == "Acknowledgement is late.";
            shown["timeline"].as_array().unwrap().iter().any(fits).then_some(())
        })
        .await;
        for (number, verb) in [(late, "claim"), (in_time, "resolve"), (late, "resolve")] {
            act(&priya, number, verb, json!({"resolution": "Turn it off and on."})).await;
        }
        let told = async |number: i64| {
            let clock = clock(&page(&priya, number).await, "acknowledgement").clone();
            (clock["due_at"].clone(), clock["level"].clone(), clock["why"][0].as_str().unwrap().to_owned())
        };
        let before = told(late).await;
        assert_eq!((time(&before.0), &before.1), (at("2026-12-08T15:00:00Z"), &json!("late")));
        assert!(before.2.starts_with("24 business hours"), "{}", before.2);
        let form = [("acknowledge_target", "10"), ("acknowledge_breach", "20"), ("silence_days", "5"), ("unclaimed_told", ""), ("unclaimed_raised", ""), ("unmoved_told", ""), ("unmoved_raised", "")];
        Browser::sign_in(&server, WILMA).await.send("/admin/promises", &form).await.unwrap();
        let after = told(late).await;
        assert_eq!((&after.0, &after.1), (&before.0, &before.1));
        assert_eq!(after.2, "Promised so until the case was closed; hours or promises have changed since.");
        // Nor does what is written on it later change that.
        act(&priya, late, "comment", json!({"text": "It was the driver."})).await;
        act(&priya, in_time, "link", json!({"to": late, "relation": "related_to"})).await;
        assert_eq!(told(late).await, after);
        assert_eq!(told(in_time).await, (Value::Null, json!("fine"), "Kept before it fell due.".to_owned()));
    }

    async fn agree_01_a_case_goes_up_and_back_and_its_owner_stays(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        let hannah = Agent::sign_in(&server, HANNAH).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let number = left(&server, "The statement printed twice.").await;
        let made = act(&priya, number, "claim", json!({})).await;
        assert_eq!((&made["owner"], &made["worker"], &made["status"]), (&json!("Priya Raman"), &json!("Priya Raman"), &json!("in_process")));
        assert_eq!(refused(&hannah, number, "claim", json!({}), 409).await, format!("Priya Raman works case {number} already."));

        // Up with a reference of development, each step with its reason, told to the owner.
        let up = act(&priya, number, "escalate", json!({"reason": "the print log is empty", "reference": "DEV-77"})).await;
        assert_eq!((&up["tier"], &up["owner"], &up["worker"], &up["reference"]), (&json!(2), &json!("Priya Raman"), &Value::Null, &json!("DEV-77")));
        assert!(refused(&priya, number, "escalate", json!({"reason": " "}), 422).await.contains("the reason"));
        rosalind.post(&format!("/api/cases/{number}/assign"), json!({"person": person(&rosalind, "Hannah").await, "reason": "knows printing"})).await;
        noticed(&mut priya, number, "Given to Hannah Brightwater: knows printing").await;
        let asked = act(&hannah, number, "ask", json!({"person": person(&hannah, "Owen").await, "text": "Which driver?"})).await;
        assert_eq!((&asked["worker"], &asked["tier"]), (&json!("Hannah Brightwater"), &json!(2)), "a question moves nothing");
        let owen = Agent::sign_in(&server, OWEN).await;
        assert!(refused(&owen, number, "answer", json!({"text": "Try this"}), 403).await.contains("Write a comment"));
        assert!(refused(&owen, number, "hand-back", json!({"reason": "x"}), 403).await.contains("Only the case’s owner"));
        let back = act(&hannah, number, "hand-back", json!({"reason": "the driver was old"})).await;
        assert_eq!((&back["worker"], &back["tier"], &back["owner"]), (&json!("Priya Raman"), &json!(1), &json!("Priya Raman")));

        // Only a supervisor passes the ownership on, for a reason, recorded.
        let to = person(&priya, "Owen").await;
        refused(&priya, number, "owner", json!({"person": to, "reason": "I leave"}), 403).await;
        let passed = act(&rosalind, number, "owner", json!({"person": to, "reason": "Priya leaves the company"})).await;
        assert_eq!((&passed["owner"], &passed["worker"]), (&json!("Owen Castellane"), &json!("Owen Castellane")));
        noticed(&mut priya, number, "Owen Castellane is the owner").await;
        let kinds: Vec<&str> = passed["timeline"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["made", "claimed", "escalated", "assigned", "asked", "handed_back", "ownership_passed"]);
        // The last step of the history says where the case stands, as the case itself does.
        let (rows,): (i64,) = server.app.db.query(
            "SELECT COUNT(*) FROM cases k JOIN case_events e ON e.case_id = k.id
             WHERE e.id = (SELECT l.id FROM case_events l WHERE l.case_id = k.id ORDER BY l.at DESC, l.id DESC LIMIT 1) AND k.number = $1
               AND e.status = k.status AND e.tier = k.tier AND e.owner_id = k.owner_id AND e.worker_id = k.worker_id",
        ).bind(number).fetch_one().await.unwrap();
        assert_eq!(rows, 1);
        assert!(refused(&rosalind, number, "juggle", json!({}), 404).await.contains("no such verb"));
        refused(&rosalind, 999_999, "claim", json!({}), 404).await;
    }

    async fn agree_03_hours_05_a_case_is_acknowledged_in_business_time_and_says_why(engine) {
        let server = Server::at(engine, "2026-12-04T16:40:00-05:00").await;
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        let number = left(&server, "The fee schedule is old.").await;
        let shown = page(&rosalind, number).await;
        let acknowledgement = clock(&shown, "acknowledgement");
        assert_eq!(time(&acknowledgement["due_at"]), at("2026-12-07T16:40:00-05:00"));
        assert_eq!(time(&acknowledgement["breach_at"]), at("2026-12-08T16:40:00-05:00"));
        assert_eq!(acknowledgement["why"], json!([
            "24 business hours (each business day counts 24) from Friday 4 December 2026, 4:40 PM EST end on Monday 7 December 2026, 4:40 PM EST.",
            "Not counted: Saturday 5 December and Sunday 6 December.",
        ]));
        assert_eq!(shown["due_at"], acknowledgement["due_at"]);

        // A holiday that is added later moves what is due; the wallboard says so too.
        let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 7).unwrap();
        let admin = deskbell::identity::staff::find_by_email(&server.app.db, WILMA.0).await.unwrap().unwrap();
        deskbell::hours::setup::save_holiday(&server.app, &admin, day, "Founders’ Day", Default::default()).await.unwrap();
        let moved = eventually("the clocks are wound anew", async || {
            let due: (Option<DateTime<Utc>>,) = server.app.db.query("SELECT due_at FROM cases WHERE number = $1").bind(number).fetch_one().await.unwrap();
            (due.0.map(minute) == Some(at("2026-12-08T16:40:00-05:00"))).then_some(())
        });
        moved.await;
        let shown = page(&rosalind, number).await;
        assert_eq!(clock(&shown, "acknowledgement")["why"][1], "Not counted: Saturday 5 December, Sunday 6 December and Monday 7 December (Founders’ Day).");

        // Warned before it is late, told when it is late and when the promise breaks, each once.
        let count = async || {
            let (count,): (i64,) = server.app.db.query("SELECT COUNT(*) FROM notices n JOIN staff s ON s.id = n.staff_id WHERE n.case_number = $1 AND s.email = $2")
                .bind(number).bind(ROSALIND.0.to_owned()).fetch_one().await.unwrap();
            count
        };
        assert_eq!(count().await, 0);
        for (n, (moment, words)) in [("2026-12-08T10:41:00-05:00", "due soon"), ("2026-12-08T16:41:00-05:00", "is late"), ("2026-12-09T16:41:00-05:00", "promised by now")].into_iter().enumerate() {
            server.advance_to(moment);
            // A session does not last so long.
            rosalind = Agent::sign_in(&server, ROSALIND).await;
            noticed(&mut rosalind, number, words).await;
            assert_eq!(count().await, i64::try_from(n).unwrap() + 1);
        }
        rosalind.socket.send(json!({"type": "follow_figures", "on": true})).await;
        let board = rosalind.socket.hear_where("figures", |f| f["acknowledgements"]["broken"] == 1).await;
        assert_eq!((&board["acknowledgements"]["late"], &board["acknowledgements"]["cases"][0]["number"]), (&json!(1), &json!(number)));

        // Who takes it acknowledges it, late as it is.
        let priya = Agent::sign_in(&server, PRIYA).await;
        let taken = act(&priya, number, "claim", json!({})).await;
        let acknowledgement = clock(&taken, "acknowledgement");
        assert_eq!((&acknowledgement["level"], time(&acknowledgement["met_at"])), (&json!("broken"), at("2026-12-09T16:41:00-05:00")));
        let board = rosalind.socket.hear_where("figures", |f| f["acknowledgements"]["late"] == 0).await;
        assert_eq!(board["acknowledgements"]["cases"], json!([]));
    }

    async fn agree_03_what_a_specialist_made_from_a_chat_is_acknowledged(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("Where is my claim?", "claims").await;
        let (chat, _) = priya.take().await;
        let draft = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        let (_, made) = priya.post(&format!("/api/chats/{chat}/case"), draft).await;
        let shown = page(&priya, made["case"].as_i64().unwrap()).await;
        assert_eq!(clock(&shown, "acknowledgement")["level"], "fine");
        assert_eq!(time(&clock(&shown, "acknowledgement")["met_at"]), minute(server.app.clock.now()));
    }

    async fn agree_04_a_solution_is_verified_given_and_confirmed_or_not(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        let number = left(&server, "Labels come out blank.").await;
        act(&priya, number, "claim", json!({})).await;
        act(&priya, number, "escalate", json!({"reason": "needs the driver"})).await;
        let hannah = Agent::sign_in(&server, HANNAH).await;
        act(&hannah, number, "claim", json!({})).await;
        assert!(refused(&hannah, number, "provide", json!({"resolution": "Turn the roll."}), 422).await.contains("Verify"));
        refused(&hannah, number, "confirm", json!({}), 409).await;
        let given = act(&hannah, number, "provide", json!({"resolution": "Turn the roll.", "verified": true})).await;
        assert_eq!((&given["status"], &given["can"]["confirm"]), (&json!("solution_provided"), &json!(true)));
        let last = given["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["kind"], &last["visibility"], &last["text"]), (&json!("solution_given"), &json!("everyone"), &json!("Turn the roll.")));

        // Not solved: back to the owner, in the owner's tier.
        let again = act(&hannah, number, "not-solved", json!({"text": "They are still blank."})).await;
        assert_eq!((&again["status"], &again["worker"], &again["tier"]), (&json!("in_process"), &json!("Priya Raman"), &json!(1)));
        noticed(&mut priya, number, "They are still blank").await;

        // Five business days of silence close it: given on Tuesday, closed on the next one.
        act(&priya, number, "provide", json!({"resolution": "Clean the sensor.", "verified": true})).await;
        assert_eq!(time(&page(&priya, number).await["silent_at"]), at("2026-12-08T10:00:00-05:00"));
        server.advance_to("2026-12-08T09:58:00-05:00");
        let priya = Agent::sign_in(&server, PRIYA).await;
        assert_eq!(page(&priya, number).await["status"], "solution_provided");
        server.advance(TimeDelta::minutes(3));
        let closed = eventually("silence closes it", async || {
            let shown = page(&priya, number).await;
            (shown["status"] == "completed").then_some(shown)
        })
        .await;
        assert_eq!(closed["timeline"].as_array().unwrap().last().unwrap()["by"], "");
        assert!(closed["closed_at"].is_string() && closed["silent_at"].is_null());
        assert!(!priya.get("/api/cases?view=all").await.as_array().unwrap().iter().any(|row| row["number"] == number));

        // A closed case is opened again for its owner, and closed for another reason.
        assert!(refused(&priya, number, "escalate", json!({"reason": "x"}), 409).await.contains("closed"));
        let open = act(&priya, number, "reopen", json!({"reason": "They called."})).await;
        assert_eq!((&open["status"], &open["closed_at"]), (&json!("in_process"), &Value::Null));
        refused(&priya, number, "close", json!({"status": "in_process", "reason": "x"}), 422).await;
        let closed = act(&priya, number, "close", json!({"status": "redirected", "reason": "The label maker’s vendor has it."})).await;
        assert_eq!(closed["status"], "redirected");
    }

    async fn ticket_06_the_clocks_stand_still_while_the_customer_is_waited_for(engine) {
        let server = Server::start(engine).await;
        let admin = deskbell::identity::staff::find_by_email(&server.app.db, WILMA.0).await.unwrap().unwrap();
        let promises = deskbell::desk::promises::Promises { resolution: [Some(48); 4], first_answer: [Some(8); 4], ..Default::default() };
        deskbell::desk::stored::save_seen(&server.app, &admin, &promises, None).await.unwrap();
        let priya = Agent::sign_in(&server, PRIYA).await;
        let number = left(&server, "The report is empty.").await;
        let shown = act(&priya, number, "claim", json!({})).await;
        assert_eq!(time(&clock(&shown, "resolution")["due_at"]), at("2026-12-03T10:00:00-05:00"));
        assert_eq!(time(&shown["due_at"]), at("2026-12-01T18:00:00-05:00"), "the first answer is due first");
        server.advance(TimeDelta::hours(2));
        let asked = act(&priya, number, "ask-customer", json!({"what": "info", "text": "Which report?"})).await;
        assert_eq!((&asked["status"], &asked["due_at"]), (&json!("additional_info"), &Value::Null));
        assert_eq!(clock(&asked, "first_answer")["level"], "fine", "the question was an answer");
        let resolution = clock(&asked, "resolution");
        assert_eq!((&resolution["paused"], &resolution["due_at"]), (&json!(true), &Value::Null));
        assert_eq!(resolution["why"][1], "It stands still until the customer answers; 1 day and 22 hours of business time are left.");
        server.advance(TimeDelta::days(1));
        let priya = Agent::sign_in(&server, PRIYA).await;
        deskbell::cases::comments::from_customer(&server.app, "Zoë", number, "The monthly one.").await.unwrap();
        let shown = page(&priya, number).await;
        assert_eq!((&shown["status"], &shown["worker"]), (&json!("in_process"), &json!("Priya Raman")));
        assert_eq!(time(&clock(&shown, "resolution")["due_at"]), at("2026-12-04T10:00:00-05:00"), "a day later");
        assert_eq!(clock(&shown, "resolution")["why"][1], "Not counted: 1 day that it waited for the customer.");
        // What others stop goes on.
        let stopped = act(&priya, number, "interrupt", json!({"reason": "the payer is down"})).await;
        assert_eq!(time(&clock(&stopped, "resolution")["due_at"]), at("2026-12-04T10:00:00-05:00"));
        let resumed = act(&priya, number, "resume", json!({"reason": "it is back"})).await;
        assert_eq!(resumed["status"], "in_process");
        let canceled = act(&priya, number, "cancel", json!({"reason": "The customer called."})).await;
        assert_eq!((&canceled["status"], &canceled["can"]["reopen"]), (&json!("canceled"), &json!(true)));
    }

    async fn agree_02_queues_go_by_severity_then_by_what_falls_due(engine) {
        let server = Server::start(engine).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let mut numbers = Vec::new();
        for text in ["The colour of the button is odd.", "Urgent: nothing can be printed at all.", "Where is the manual?"] {
            numbers.push(left(&server, text).await);
            server.advance(TimeDelta::minutes(1));
        }
        let rows = rosalind.get("/api/cases?view=all").await;
        let keys: Vec<(i64, String)> = rows.as_array().unwrap().iter().map(|row| (row["severity"].as_i64().unwrap(), row["due_at"].as_str().unwrap_or("9").to_owned())).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted);
        assert_eq!(rows[0]["number"], numbers[1], "the urgent one is the first");
    }
}
