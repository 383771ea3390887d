//! All cases as a page: found by whatever somebody remembers, kept searches, several at once, a table, a print.

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Browser, Server, actors::*},
};

async fn left(server: &Server, name: &str, email: &str, text: &str) -> i64 {
    let body = json!({"id": new_id(), "site": "pub_demo", "name": name, "email": email, "text": text});
    let answer = Client::new().post(server.url("/widget/api/message")).json(&body).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["case"].as_i64().unwrap()
}

/// The numbers of the cases on a page, as they stand there.
fn numbers(page: &str) -> Vec<i64> {
    page.split(r#"name="case" value=""#).skip(1).map(|part| part.split('"').next().unwrap().parse().unwrap()).collect()
}

both! {
    async fn ticket_06_cases_are_found_by_number_words_customer_and_where_they_stand(engine) {
        let server = Server::start(engine).await;
        let agent = Agent::sign_in(&server, PRIYA).await;
        let one = left(&server, "Nobody Known", "nobody@else.example", "The 50% discount is WRONG").await;
        let two = left(&server, "Zoë", ZOE.0, "=HYPERLINK(1) zigzags").await;
        agent.post(&format!("/api/cases/{two}/claim"), json!({})).await;
        let priya = Browser::of(&server, &agent);
        let found = async |query: &str| {
            let (status, page) = priya.page(&format!("/cases?{query}")).await;
            assert_eq!(status, 200, "{query}");
            numbers(&page)
        };
        assert!(found("").await.starts_with(&[two, one]), "the newest first");
        assert_eq!(found(&format!("q={one}")).await, [one]);
        assert_eq!(found(&format!("q=%23{one}")).await, [one]);
        assert_eq!(found("q=discount+is+wrong").await, [one]);
        assert_eq!(found("q=50%25+d").await, [one], "a sign of patterns is a sign");
        assert_eq!(found("q=5_%25").await, [] as [i64; 0]);
        let by_name = found("q=%C3%A5ngstr%C3%B6m").await;
        assert!(by_name.starts_with(&[two]) && !by_name.contains(&one), "by the contact’s name: {by_name:?}");
        assert_eq!(found("q=nobody%40else").await, [one]);
        assert_eq!(found("status=in_process&q=zigzags").await, [two]);
        assert_eq!((found("status=is_open&q=zigzags").await, found("status=open&q=zigzags").await), (vec![two], vec![]));
        assert_eq!(found("status=is_closed&q=zigzags").await, [] as [i64; 0]);
        assert_eq!(found("status=open&q=zigzags&severity=9").await, [] as [i64; 0]);
        assert!(found("status=nonsense").await.is_empty() && !found("tier=x&person=y&before=z").await.is_empty());
        let me = agent.get("/api/me").await["id"].as_str().unwrap().to_owned();
        assert!(found(&format!("person={me}")).await.contains(&two) && !found(&format!("person={me}")).await.contains(&one));
        assert!(found(&format!("before={two}")).await.starts_with(&[one]));
        let (_, all) = priya.page("/cases").await;
        assert!(all.contains("The 50% discount is WRONG") && all.contains("due "), "{all}");

        // A table that no spreadsheet takes for formulas.
        let csv = agent.http.get(server.url("/cases.csv?q=zigzags")).bearer_auth(&agent.token).header("cookie", format!("__Host-deskbell={}", agent.token));
        let csv = csv.send().await.unwrap();
        assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
        let csv = csv.text().await.unwrap();
        assert!(csv.starts_with("number,subject,account,") && csv.contains(&format!("\n{two},'=HYPERLINK(1) zigzags,Harbor Street Family Medicine,Zoë Ångström,")), "{csv}");
        assert_eq!(csv.lines().count(), 2);

        // On paper, with what is for the desk only marked.
        agent.post(&format!("/api/cases/{two}/comment"), json!({"text": "<b>call back</b>"})).await;
        let (status, paper) = priya.page(&format!("/cases/{two}/print")).await;
        assert!(status == 200 && paper.contains("for the desk only") && paper.contains("&#60;b&#62;call back"), "{paper}");
        assert_eq!(priya.page("/cases/999999/print").await.0, 404);
        let stranger = reqwest::get(server.url("/cases")).await.unwrap();
        assert!(stranger.url().path().starts_with("/login"), "{}", stranger.url());
    }

    async fn ticket_06_a_search_is_kept_and_several_cases_are_worked_at_once(engine) {
        let server = Server::start(engine).await;
        let (rosalind, priya) = (Agent::sign_in(&server, ROSALIND).await, Agent::sign_in(&server, PRIYA).await);
        let browser = Browser::of(&server, &rosalind);
        assert_eq!(browser.send("/cases?status=open&q=import", &[("do", "keep"), ("keep_name", "Imports <3")]).await.unwrap(), "/cases?status=open&q=import");
        browser.send("/cases?status=open&q=imports", &[("do", "keep"), ("keep_name", "Imports <3")]).await.unwrap();
        let (_, page) = browser.page("/cases").await;
        assert_eq!(page.matches(r#"<a href="/cases?status=open&#38;q=imports">Imports &#60;3</a>"#).count(), 1, "{page}");
        let (_, others) = Browser::of(&server, &priya).page("/cases").await;
        assert!(!others.contains("Imports"), "another’s searches are another’s");
        let id = page.split(r#"name="id" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
        browser.refused("/cases", &[("do", "keep"), ("keep_name", " ")], 422, &["a name for the search"]).await;
        browser.send("/cases", &[("do", "forget"), ("id", id.as_str())]).await.unwrap();
        assert!(!browser.page("/cases").await.1.contains("Imports"));

        let (a, b) = (left(&server, "A", "a@else.example", "One").await, left(&server, "B", "b@else.example", "Two").await);
        let (one, two) = (a.to_string(), b.to_string());
        let chosen = [("case", one.as_str()), ("case", two.as_str())];
        let with = |more: &[(&'static str, &'static str)]| chosen.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
        browser.refused("/cases", &with(&[("do", "move"), ("reason", "wrong team"), ("to_tier", "2")]), 422, &["choose a team"]).await;
        browser.refused("/cases", &with(&[("do", "move"), ("to_team", "claims"), ("to_tier", "2")]), 422, &["the reason"]).await;
        browser.refused("/cases", &[("do", "close"), ("to_status", "redirected"), ("reason", "x")], 422, &["Choose the cases first"]).await;
        let (status, done) = browser.send("/cases", &with(&[("do", "move"), ("to_team", "claims"), ("to_tier", "2"), ("reason", "wrong team")])).await.unwrap_err();
        assert!(status == 200 && done.contains("Done with 2 cases."), "{done}");
        let case = rosalind.get(&format!("/api/cases/{a}")).await;
        assert_eq!((&case["tier"], &case["timeline"][1]["by"]), (&json!(2), &json!("Rosalind Achterberg")), "{case}");
        // One that is closed already stops no other.
        let (status, closed) = rosalind.post(&format!("/api/cases/{a}/close"), json!({"status": "error", "reason": "a test"})).await;
        assert_eq!(status, 200, "{closed}");
        let (_, done) = browser.send("/cases", &with(&[("do", "close"), ("to_status", "redirected"), ("reason", "sales has it")])).await.unwrap_err();
        assert!(done.contains("Done with 1 case.") && done.contains(&format!("{a}: ")), "{done}");
        assert_eq!(rosalind.get(&format!("/api/cases/{b}")).await["status"], "redirected");
        // Who may not, does nothing.
        let (_, done) = Browser::of(&server, &priya).send("/cases", &with(&[("do", "close"), ("to_status", "error"), ("reason", "x")])).await.unwrap_err();
        assert!(done.contains("Done with 0 cases."), "{done}");
    }
}
