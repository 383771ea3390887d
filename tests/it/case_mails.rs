//! What customers hear of their cases by mail, what they say by the links in them, and the survey after a resolution.

use chrono::TimeDelta;
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    both,
    cases::act,
    support::{
        Agent, Browser, Customer, Engine, Server, Settings,
        actors::*,
        smtp::{Mood, Received, Smtp},
    },
};

async fn desk(engine: Engine, smtp: &Smtp) -> Server {
    Server::with(engine, Settings { smtp: Some(smtp.url()), ..Settings::default() }).await
}

/// A verified customer leaves a message; the case's number.
async fn left(server: &Server, who: (&str, &str, &str), text: &str) -> i64 {
    let token = verify(server, who.0, who.1).await.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
    let body = json!({"id": new_id(), "site": "pub_demo", "name": "M", "email": who.0, "text": text});
    let answer =
        Client::new().post(server.url("/widget/api/message")).bearer_auth(token).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["case"].as_i64().unwrap()
}

/// The address behind a mail's link, on this server.
fn link(server: &Server, mail: &Received) -> String {
    let text = mail.part("text/plain");
    let at = text.find("/answer/").or_else(|| text.find("/survey/")).unwrap_or_else(|| panic!("no link in {text}"));
    server.url(text[at..].split_whitespace().next().unwrap())
}

/// A page as a customer's browser gets it.
async fn open(url: &str) -> (u16, String) {
    let answer = Client::new().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A button of such a page; the status, and where it leads to or the page.
async fn press(url: &str, form: &[(&str, &str)]) -> (u16, String) {
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = http.post(url).form(form).send().await.unwrap();
    let status = answer.status().as_u16();
    let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    (status, to.unwrap_or(answer.text().await.unwrap()))
}

async fn surveys(server: &Server) -> i64 {
    let (count,): (i64,) =
        server.app.db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM surveys").fetch_one().await.unwrap();
    count
}

/// Waits until a case's history has a step of a kind that begins so.
async fn in_history(agent: &Agent, number: i64, kind: &str, words: &str) {
    crate::support::eventually("the mail in the history", async || {
        let page = agent.get(&format!("/api/cases/{number}")).await;
        let fits = |step: &Value| step["kind"] == kind && step["text"].as_str().unwrap().starts_with(words);
        page["timeline"].as_array().unwrap().iter().any(fits).then_some(())
    })
    .await;
}

both! {
    async fn agree_03_agree_04_the_customer_hears_by_mail_and_answers_by_its_link(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        // Who only says who they are reads the number and nothing of what was written.
        let body = json!({"id": new_id(), "site": "pub_demo", "name": "Zoë", "email": "stranger@else.example", "text": "BUY THIS"});
        Client::new().post(server.url("/widget/api/message")).json(&body).send().await.unwrap();
        let mails = smtp.has(1).await;
        let text = mails[0].part("text/plain");
        assert!(text.contains("It is case ") && text.contains("Somebody takes it by ") && !text.contains("BUY") && !text.contains("http"), "{text}");

        let number = left(&server, MARCUS, "The label printer prints nothing.").await;
        let mails = smtp.has(2).await;
        let received = &mails[1];
        assert_eq!(received.header("Subject"), format!("Case {number}: The label printer prints nothing."));
        let page = link(&server, received);
        act(&priya, number, "claim", json!({})).await;
        act(&priya, number, "comment", json!({"text": "he is rude"})).await;
        act(&priya, number, "ask-customer", json!({"what": "info", "text": "Which model <b>is</b> it?"})).await;
        let mails = smtp.has(3).await;
        let asked = &mails[2];
        assert!(asked.part("text/plain").contains("Priya Raman needs to know something from you to go on:\n\nWhich model <b>is</b> it?"), "{}", asked.part("text/plain"));
        assert!(asked.part("text/html").contains("Which model &#60;b&#62;is&#60;/b&#62; it?"));
        assert_eq!(received.header("References"), asked.header("References"), "one conversation");
        assert!(asked.header("References").starts_with("<case-") && asked.header("References") == asked.header("In-Reply-To"));

        // The page shows what the customer may read, the oldest link as well as the newest, and nobody else has one.
        let (status, shown) = open(&page).await;
        assert!(status == 200 && shown.contains("Which model &#60;b&#62;is") && !shown.contains("he is rude"), "{shown}");
        assert_eq!(open(&server.url("/answer/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).await.0, 404);
        let (status, refused) = press(&page, &[("text", " ")]).await;
        assert!(status == 422 && refused.contains("<title>Error: ") && refused.contains("your message"), "{refused}");
        assert!(press(&link(&server, asked), &[("text", "The Q-80.")]).await.1.ends_with("?done=written"));
        let case = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!(case["status"], "in_process", "{case}");
        let told = |n: &Value| n["text"].as_str().unwrap().contains("(Marcus Bellweather): The Q-80.");
        priya.desk(|desk| desk["notices"].as_array().is_some_and(|all| all.iter().any(told))).await;

        // The case's history has its mails, as they left.
        in_history(&priya, number, "mail_sent", &format!("Mail to {}: Case {number}: The label printer prints nothing.", MARCUS.0)).await;
        // A solution waits for the customer, who says no, then yes: opening the link says neither.
        act(&priya, number, "provide", json!({"resolution": "Update the driver.", "verified": true})).await;
        let mails = smtp.has(4).await;
        assert!(mails[3].part("text/plain").contains("If we hear nothing by "), "{}", mails[3].part("text/plain"));
        let page = link(&server, &mails[3]);
        let (_, shown) = open(&page).await;
        assert!(shown.contains("Did this solve it?") && shown.contains("Update the driver."), "{shown}");
        assert_eq!(priya.get(&format!("/api/cases/{number}")).await["status"], "solution_provided");
        assert!(press(&page, &[("do", "not-solved"), ("text", "Still nothing.")]).await.1.ends_with("?done=not-solved"));
        let case = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!((&case["status"], &case["worker"]), (&json!("in_process"), &json!("Priya Raman")));
        act(&priya, number, "provide", json!({"resolution": "Use the other cable.", "verified": true})).await;
        let mails = smtp.has(5).await;
        let page = link(&server, &mails[4]);
        assert!(press(&page, &[("do", "solved")]).await.1.ends_with("?done=solved"));
        assert_eq!(priya.get(&format!("/api/cases/{number}")).await["status"], "completed");
        let (status, again) = press(&page, &[("do", "solved")]).await;
        assert!(status == 409 && again.contains("Only a case whose solution was given"), "{again}");
        // Closed, and not solved after all.
        assert!(open(&page).await.1.contains("Open it again"));
        press(&page, &[("do", "not-solved"), ("text", "It came back.")]).await;
        let case = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!((&case["status"], &case["owner"]), (&json!("in_process"), &json!("Priya Raman")));
    }

    async fn pin_01_who_is_not_verified_enters_the_pin_on_a_page_and_never_in_a_mail(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let by_stranger = async |email: &str, text: &str, before: usize| {
            let body = json!({"id": new_id(), "site": "pub_demo", "name": "x", "email": email, "text": text, "category": "claims"});
            let answer = Client::new().post(server.url("/widget/api/message")).json(&body).send().await.unwrap();
            let number = answer.json::<Value>().await.unwrap()["case"].as_i64().unwrap();
            let mails = smtp.has(before + 1).await;
            (number, link(&server, &mails[before]), mails[before].part("text/plain"))
        };
        let (number, page, text) = by_stranger(MARCUS.0, "The label printer prints nothing.", 0).await;
        assert!(text.contains("Enter your PIN to read it and to go on: http") && !text.contains("label printer"), "{text}");
        let (status, shown) = open(&page).await;
        assert!(status == 200 && shown.contains("Enter your PIN") && !shown.contains("label printer"), "{shown}");
        let (status, shown) = press(&page, &[("text", "It is the Q-80.")]).await;
        assert!(status == 403 && shown.contains("Please enter your PIN first") && !shown.contains("label printer"), "{shown}");
        let enter = format!("{page}/pin");
        let (status, shown) = press(&enter, &[("pin", "12")]).await;
        assert!(status == 422 && shown.contains("four digits"), "{shown}");
        let (status, shown) = press(&enter, &[("pin", "0000")]).await;
        assert!(status == 403 && shown.contains("do not match") && shown.contains("<title>Error: "), "{shown}");
        assert_eq!(priya.get(&format!("/api/cases/{number}")).await["verified"], false);
        let (_, to) = press(&enter, &[("pin", MARCUS.1)]).await;
        assert!(to.ends_with("?done=verified"), "{to}");
        assert!(open(&page).await.1.contains("The label printer prints nothing."));
        assert!(press(&page, &[("text", "It is the Q-80.")]).await.1.ends_with("?done=written"));
        let case = priya.get(&format!("/api/cases/{number}")).await;
        assert_eq!((&case["verified"], &case["team"]), (&json!(true), &json!("Claims & Payments")));
        let verified = case["timeline"].as_array().unwrap().iter().find(|step| step["kind"] == "verified").unwrap();
        assert_eq!((&verified["by"], &verified["visibility"]), (&json!("Marcus Bellweather"), &json!("staff")));

        // Whose account gets no support is told so, with the PIN, and the case stays as it was.
        let (number, page, _) = by_stranger("gwen.abernathy@tidewell.example", "Hello?", smtp.mails().len()).await;
        let (status, shown) = press(&format!("{page}/pin"), &[("pin", "5217")]).await;
        assert!(status == 403 && shown.contains("not in good standing"), "{shown}");
        assert_eq!(priya.get(&format!("/api/cases/{number}")).await["verified"], false);

        // Guessing ends after three, as everywhere.
        let (_, page, _) = by_stranger(TOMAS.0, "Hello?", smtp.mails().len()).await;
        for _ in 0..3 {
            assert_eq!(press(&format!("{page}/pin"), &[("pin", "0000")]).await.0, 403);
        }
        let (status, shown) = press(&format!("{page}/pin"), &[("pin", TOMAS.1)]).await;
        assert!(status == 429 && shown.contains("Too many PINs"), "{shown}");
    }

    async fn agree_05_a_survey_goes_out_after_a_resolution_and_never_twice_in_14_days(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let resolve = async |agent: &Agent, number: i64| {
            act(agent, number, "claim", json!({})).await;
            act(agent, number, "resolve", json!({"resolution": "Done."})).await;
        };
        let first = left(&server, MARCUS, "One.").await;
        resolve(&rosalind, first).await;
        let mails = smtp.has(3).await;
        let survey = mails.iter().find(|mail| mail.header("Subject").starts_with("How did we do")).unwrap();
        assert_eq!(survey.header("Subject"), "How did we do: One.");
        // Closed without a word to the customer: no survey. Another person: one.
        let silent = left(&server, TOMAS, "Two.").await;
        act(&rosalind, silent, "claim", json!({})).await;
        act(&rosalind, silent, "close", json!({"status": "completed_silent", "reason": "a doublet"})).await;
        assert_eq!(surveys(&server).await, 1);
        let other = left(&server, TOMAS, "Three.").await;
        resolve(&rosalind, other).await;
        assert_eq!(surveys(&server).await, 2);

        // Answered once; a low one reaches the supervisors.
        let page = link(&server, survey);
        let (status, shown) = open(&page).await;
        assert!(status == 200 && shown.contains("How satisfied are you") && shown.contains("Rosalind Achterberg looked after it"), "{shown}");
        assert_eq!(open(&page).await.0, 200, "opening is not answering");
        let (status, again) = press(&page, &[("comment", "<b>slow</b>")]).await;
        assert!(status == 422 && again.contains("Please choose one of the five") && again.contains("&#60;b&#62;slow"), "{again}");
        let mut supervisor = Agent::sign_in(&server, ROSALIND).await;
        let (a, b) = tokio::join!(press(&page, &[("score", "1"), ("comment", "<b>slow</b>")]), press(&page, &[("score", "5")]));
        let mut statuses = [a.0, b.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{a:?} {b:?}");
        assert_eq!(press(&page, &[("score", "5")]).await.0, 409);
        assert_eq!(open(&server.url("/survey/nothing")).await.0, 404);
        let low = a.0 == 200;
        if low {
            let told = format!("Survey: 1 of 5 for case {first} (Rosalind Achterberg): <b>slow</b>");
            supervisor.desk(|desk| desk["notices"].as_array().is_some_and(|all| all.iter().any(|n| n["text"] == told.as_str()))).await;
        }
        let browser = Browser::sign_in(&server, ROSALIND).await;
        let (_, report) = browser.page("/supervisor/surveys").await;
        assert!(report.contains("2 asked, 1 answered") && report.contains(if low { "&#60;b&#62;slow" } else { "5 of 5" }), "{report}");
        assert_eq!(Browser::sign_in(&server, PRIYA).await.page("/supervisor/surveys").await.0, 403);
        assert_eq!(supervisor.socket.ask(json!({"type": "follow_figures", "on": true})).await["type"], "ok");
        supervisor.socket.hear_where("figures", |frame| frame["view"]["satisfaction"]["answers"] == 1 || frame["satisfaction"]["answers"] == 1).await;

        // A minute before the fourteen days are over there is none, a minute after them there is.
        server.advance(TimeDelta::days(14) - TimeDelta::minutes(1));
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let soon = left(&server, MARCUS, "Four.").await;
        resolve(&rosalind, soon).await;
        assert_eq!(surveys(&server).await, 2);
        server.advance(TimeDelta::minutes(2));
        let late = left(&server, MARCUS, "Five.").await;
        resolve(&rosalind, late).await;
        assert_eq!(surveys(&server).await, 3);
        server.advance(TimeDelta::days(31));
        let mails = smtp.has(3).await;
        let last = mails.iter().rfind(|mail| mail.header("Subject") == "How did we do: Three.").unwrap();
        let (status, over) = open(&link(&server, last)).await;
        assert!(status == 410 && over.contains("This survey is over"), "{over}");
    }

    async fn agree_05_of_resolutions_at_once_on_two_nodes_one_asks(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let other = if matches!(engine, Engine::Postgres) { Some(server.beside().await) } else { None };
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let elsewhere = match &other {
            Some(other) => Agent::sign_in(other, ROSALIND).await,
            None => Agent::sign_in(&server, ROSALIND).await,
        };
        let mut cases = Vec::new();
        for n in 0..6 {
            let number = left(&server, MARCUS, &format!("Number {n}.")).await;
            act(&rosalind, number, "claim", json!({})).await;
            cases.push(number);
        }
        let resolve = |agent: &Agent, number: i64| {
            let (http, token, url) = (agent.http.clone(), agent.token.clone(), agent.address(&format!("/api/cases/{number}/resolve")));
            async move {
                let body = json!({"resolution": "Done."});
                http.post(url).bearer_auth(token).json(&body).send().await.unwrap().status().as_u16()
            }
        };
        let tries: Vec<_> = cases.iter().enumerate().map(|(n, number)| tokio::spawn(resolve(if n % 2 == 0 { &rosalind } else { &elsewhere }, *number))).collect();
        for one in tries {
            assert_eq!(one.await.unwrap(), 200);
        }
        assert_eq!(surveys(&server).await, 1);
    }

    async fn run_04_what_was_given_up_is_seen_by_admins_and_tried_again(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        smtp.be(Mood::SaysNever);
        let number = left(&server, MARCUS, "Hello?").await;
        smtp.has_missed(1).await;
        let mut rosalind = Agent::sign_in(&server, ROSALIND).await;
        in_history(&rosalind, number, "mail_failed", &format!("A mail to {} could not be delivered: ", MARCUS.0)).await;
        let told = |n: &Value| n["case_number"] == number && n["text"].as_str().unwrap().contains("could not be delivered");
        rosalind.desk(|desk| desk["notices"].as_array().is_some_and(|all| all.iter().any(told))).await;
        let wilma = Browser::sign_in(&server, WILMA).await;
        let page = crate::support::eventually("the mail in the outbox", async || {
            let (_, page) = wilma.page("/admin/outbox").await;
            page.contains("Given up").then_some(page)
        }).await;
        assert!(page.contains(MARCUS.0) && page.contains("Hello?"), "{page}");
        smtp.be(Mood::Takes);
        let (_, rest) = page.split_once(r#"name="id" value=""#).unwrap();
        let id = rest.split('"').next().unwrap().to_owned();
        assert_eq!(wilma.send("/admin/outbox", &[("id", id.as_str())]).await.unwrap(), "/admin/outbox?done=tried");
        assert_eq!(smtp.has(1).await.len(), 1);
        in_history(&rosalind, number, "mail_sent", "Mail to ").await;
        wilma.refused("/admin/outbox", &[("id", id.as_str())], 409, &["on its way already"]).await;
        assert_eq!(Browser::sign_in(&server, ROSALIND).await.page("/admin/outbox").await.0, 403);
    }

    async fn agree_03_a_case_of_a_chat_is_read_back_by_mail(engine) {
        let smtp = Smtp::start().await;
        let server = desk(engine, &smtp).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("The remittance file is refused", "claims").await;
        let (chat, _) = priya.take().await;
        let draft = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        let (status, made) = priya.post(&format!("/api/chats/{chat}/case"), draft).await;
        assert!(status.is_success(), "{made}");
        let mails = smtp.has(1).await;
        assert!(mails[0].part("text/plain").contains("Priya Raman has made case ") && mails[0].part("text/plain").contains("/answer/"), "{}", mails[0].part("text/plain"));
    }
}
