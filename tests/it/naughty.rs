//! The Big List of Naughty Strings through every field that a stranger or a member of the desk can fill: nothing breaks, and
//! what is stored comes back as it was written, after the documented cleaning.

use chrono::{Days, NaiveDate};
use futures_util::{StreamExt, stream};
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    both,
    support::{Agent, Customer, Server, Settings, Socket, actors::*},
};

/// The list, and what it lacks: U+0000, which PostgreSQL cannot store.
fn list() -> Vec<String> {
    let mut list: Vec<String> = serde_json::from_str(include_str!("data/blns.json")).unwrap();
    list.extend(["\0", "a\0b", "\0\0 leading", "trailing\0", "\u{1}\u{7f}\u{85}", "\u{10ffff}"].map(str::to_owned));
    assert!(list.len() > 450);
    list
}

/// How a text is cleaned: trimmed, without U+0000.
fn text(written: &str) -> String {
    written.replace('\0', "").trim().to_owned()
}

/// How a line is cleaned: on one line, without control characters, trimmed.
fn line(written: &str) -> String {
    let flat: String =
        written.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control()).collect();
    flat.trim().to_owned()
}

/// What a field of `max` characters stores; nothing: it refuses.
fn fits(clean: String, max: usize) -> Option<String> {
    (1..=max).contains(&clean.chars().count()).then_some(clean)
}

/// No limits on tries: the list is longer than any of them.
fn unlimited() -> Settings {
    let change: fn(&mut deskbell::config::Config) = |config| {
        config.limits.messages_per_hour = i64::MAX;
        config.limits.connections_per_address = 5_000;
        let pin = &mut config.pin;
        (pin.in_a_row, pin.a_day, pin.in_30_days) = (usize::MAX, usize::MAX, usize::MAX);
        (pin.account_a_day, pin.address_a_day, pin.total_a_day) = (usize::MAX, usize::MAX, usize::MAX);
    };
    Settings { change, ..Settings::default() }
}

fn texts(events: &Value) -> Vec<&str> {
    events.as_array().unwrap().iter().filter_map(|e| e["body"]["text"].as_str()).collect()
}

/// A customer and a specialist say each string in a chat of its own, which becomes a case with it.
async fn talk(server: &Server, who: (&str, &str, &str), login: (&str, &str), strings: &[String]) {
    let mut customer = Customer::arrive(server, who).await;
    let mut agent = Agent::sign_in(server, login).await;
    for written in strings {
        customer.chat = Customer::open_conversation(server, &customer.token, who.2).await;
        customer.reconnect(server).await;
        (customer.client, customer.n) = (new_id(), 0);
        customer.socket.watch(customer.chat, 0).await;
        let mut ask = customer.outgoing("ask", "Which one?");
        ask["category"] = json!(written);
        assert_eq!(customer.socket.ask(ask).await["code"], "bad_category", "{written:?}");
        customer.n = 0;
        let stored = fits(text(written), 4_000);
        let mut expected = vec![stored.clone().unwrap_or("Something else".into())];
        if stored.is_none() {
            for kind in ["ask", "send"] {
                let mut empty = customer.outgoing(kind, written);
                empty["category"] = json!("claims");
                assert_eq!(customer.socket.ask(empty).await["code"], "empty", "{written:?}");
                customer.n = 0;
            }
        }
        customer.ask(stored.as_ref().map_or("Something else", |_| written), "claims").await;
        agent.socket = Socket::open(server, &agent.token).await;
        (agent.client, agent.n) = (new_id(), 0);
        let picked = agent.socket.ask(json!({"type": "pick", "chat": customer.chat})).await;
        assert_eq!(picked["type"], "ok", "{written:?}");
        if stored.is_some() {
            customer.say(written).await;
            agent.say(customer.chat, written).await;
            expected = vec![expected[0].clone(); 3];
        }
        let (events, _) = agent.socket.watch(customer.chat, 0).await;
        assert_eq!(texts(&json!(events)), expected, "{written:?}");

        let subject = fits(line(written), 120);
        let path = format!("/api/chats/{}/case", customer.chat);
        let draft = |subject: &str, description: &str| json!({"subject": subject, "description": description, "category": "claims", "severity": 3});
        let mut odd = draft("A subject", "A description");
        odd["category"] = json!(written);
        assert_eq!(agent.post(&path, odd).await.0, 422, "{written:?}");
        if subject.is_none() {
            assert_eq!(agent.post(&path, draft(written, "x")).await.0, 422, "{written:?}");
        }
        if stored.is_none() {
            assert_eq!(agent.post(&path, draft("x", written)).await.0, 422, "{written:?}");
        }
        let given = draft(subject.as_ref().map_or("x", |_| written), stored.as_ref().map_or("x", |_| written));
        let (status, made) = agent.post(&path, given).await;
        assert_eq!(status, 200, "{written:?}");
        let page = agent.get(&format!("/api/cases/{}", made["case"])).await;
        assert_eq!(page["subject"], subject.as_deref().unwrap_or("x"), "{written:?}");
        assert_eq!(page["description"], stored.as_deref().unwrap_or("x"), "{written:?}");
        assert_eq!(texts(&page["transcript"]), expected, "{written:?}");
        let ended = customer.socket.ask(json!({"type": "end", "chat": customer.chat, "solved": true})).await;
        assert_eq!(ended["type"], "ok", "{written:?}");
    }
}

/// A stranger leaves a message with the string in each field; a supervisor writes it into each field of the case.
async fn leave(server: &Server, agent: &Agent, http: &Client, written: &str) {
    let message = |field: &str, value: &str| {
        let mut message = json!({
            "id": new_id(), "site": "pub_demo", "name": "Somebody", "email": "somebody@naughty.example",
            "customer_number": "", "text": "Some text",
        });
        message[field] = json!(value);
        message
    };
    let post = |body: Value| async move {
        let answer = http.post(server.url("/widget/api/message")).json(&body).send().await.unwrap();
        let status = answer.status();
        (status, answer.json::<Value>().await.unwrap())
    };
    let (name, number, description) = (fits(line(written), 120), fits(line(written), 40), fits(text(written), 4_000));
    let local: String = written.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '@').collect();
    let address = format!("x{local}@naughty.example");
    let address = fits(address, 254);
    let mut all = message("text", description.as_ref().map_or("Some text", |_| written));
    for (field, stored) in [("name", &name), ("customer_number", &number)] {
        if stored.is_some() {
            all[field] = json!(written);
        } else if field == "name" || !written.trim().is_empty() {
            let (status, answer) = post(message(field, written)).await;
            assert_eq!(status, 422, "{field} {written:?}: {answer}");
        }
    }
    if description.is_none() {
        assert_eq!(post(message("text", written)).await.0, 422, "{written:?}");
    }
    all["email"] = json!(address.as_deref().unwrap_or("x@naughty.example"));
    // As an address of its own it is well formed or refused, and as a site it is unknown.
    let status = post(message("email", written)).await.0;
    assert!(status == 422 || status == 200, "{written:?}: {status}");
    assert_eq!(post(message("site", written)).await.0, 404, "{written:?}");
    assert_eq!(post(message("id", written)).await.0, 422, "{written:?}");

    let (status, made) = post(all).await;
    assert_eq!(status, 200, "{written:?}: {made}");
    let path = |verb: &str| format!("/api/cases/{}/{verb}", made["case"]);
    assert_eq!(agent.post(&path("claim"), json!({})).await.0, 200);
    let mut said = Vec::new();
    for (verb, field, kind, before) in [
        ("comment", "text", "comment", ""),
        ("escalate", "reason", "escalated", "Escalated to tier II: "),
        ("hand-back", "reason", "handed_back", "Handed back to Rosalind Achterberg: "),
        ("verify", "note", "verified", "Verified by call-back: "),
    ] {
        if let (None, "hand-back" | "escalate") = (&description, verb) {
            assert_eq!(agent.post(&path(verb), json!({field: written})).await.0, 422, "{verb} {written:?}");
            continue;
        }
        let (status, answer) = agent.post(&path(verb), json!({field: written})).await;
        assert_eq!(status == 200, description.is_some(), "{verb} {written:?}: {answer}");
        assert!(status == 200 || status == 422, "{verb} {written:?}: {answer}");
        said.extend(description.as_ref().map(|stored| (kind, format!("{before}{stored}"))));
    }
    let page = agent.get(&format!("/api/cases/{}", made["case"])).await;
    assert_eq!(page["description"], description.as_deref().unwrap_or("Some text"), "{written:?}");
    assert_eq!(page["contact"], name.as_deref().unwrap_or("Somebody"), "{written:?}");
    assert_eq!(page["account"], number.as_deref().unwrap_or_default(), "{written:?}");
    assert_eq!(page["email"], address.as_deref().unwrap_or("x@naughty.example"), "{written:?}");
    let mut steps: Vec<(&str, String)> = page["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["kind"].as_str().unwrap(), step["text"].as_str().unwrap().to_owned()))
        .filter(|(kind, _)| !["made", "claimed"].contains(kind))
        .collect();
    steps.sort();
    said.sort();
    assert_eq!(steps, said, "{written:?}");
}

fn with_segment(server: &Server, before: &str, segment: &str, after: &str) -> Url {
    let mut url: Url = server.url(before).parse().unwrap();
    let escaped: String = segment.bytes().map(|byte| format!("%{byte:02X}")).collect();
    url.set_path(&format!("{before}{escaped}{after}"));
    url
}

fn with_query(server: &Server, path: &str, fields: &[(&str, &str)]) -> Url {
    let mut url: Url = server.url(path).parse().unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url
}

/// Markup as a page shows it, back as text.
fn shown(html: &str) -> String {
    html.replace("&#60;", "<")
        .replace("&lt;", "<")
        .replace("&#62;", ">")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// In addresses: each is answered, never with a fault, and no page takes it for markup.
async fn look_up(http: &Client, server: &Server, token: &str, written: &str) {
    let get = |url: Url| http.get(url);
    let post = |url: Url| http.post(url).json(&json!({"reason": "x", "note": "x", "text": "x"}));
    let requests = [
        get(with_segment(server, "/", written, "")),
        get(with_segment(server, "/a/", written, &format!("/{written}"))),
        get(with_segment(server, "/api/chats/", written, "")),
        get(with_segment(server, "/api/chats/", written, "/case-proposal")),
        post(with_segment(server, "/api/chats/", written, "/case")),
        get(with_segment(server, "/api/cases/", written, "")),
        post(with_segment(server, "/api/cases/", written, "/claim")),
        post(with_segment(server, "/api/cases/", written, "/comment")),
        post(with_segment(server, "/api/notices/", written, "/read")),
        post(with_segment(server, "/api/contacts/", written, "/pin")),
        get(with_query(server, "/api/cases", &[("view", written)])),
        get(with_query(server, "/api/cases", &[("view", "all"), ("team", written)])),
        get(with_query(server, "/api/cases", &[("view", "all"), ("tier", written)])),
        get(with_query(server, "/widget/frame", &[("site", written)])),
        get(with_query(server, "/widget/api/site", &[("site", written)])),
        get(with_query(server, "/login", &[("next", written)])),
        get(with_query(server, "/admin/hours", &[("saved", written)])),
        get(with_query(server, "/admin/teams", &[("edit", written), ("done", written)])),
        get(with_query(server, "/admin/sites", &[("edit", written), ("remove", written)])),
        get(with_query(server, "/admin/people", &[("team", written), ("state", written)])),
        get(with_query(server, "/admin/log", &[("kind", written), ("by", written), ("before", written)])),
    ];
    for request in requests {
        let answer = request.bearer_auth(token).send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().clone());
        let body = answer.text().await.unwrap();
        assert!(!status.is_server_error() && !body.contains(r#""internal""#), "{url}: {status} {body}");
        if body.starts_with("<!") && written.len() > 4 && written.contains('<') {
            assert!(!body.contains(written), "{url}: {body}");
        }
    }
}

/// Signing in and the PIN. What costs a slow hash is done only when it is `due`.
async fn knock(http: &Client, server: &Server, written: &str) {
    let claim = |number: &str, contact: &str| json!({"site": "pub_demo", "customer_number": number, "contact": contact, "pin": "0000"});
    for (email, password) in [(written, "x"), (PRIYA.0, written)] {
        let form = [("email", email), ("password", password), ("next", written)];
        let answer = http.post(server.url("/login")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{form:?}");
        let page = shown(&answer.text().await.unwrap()).replace("\r\n", "\n");
        assert!(page.contains(&email.replace("\r\n", "\n")), "{form:?}: {page}");
    }
    for body in [
        json!({"site": "pub_demo", "email": ZOE.0, "pin": written}),
        json!({"site": written, "email": ZOE.0, "pin": "0000"}),
        json!({"site": "pub_demo", "email": written, "pin": "0000"}),
        claim(written, written),
        claim("10023", written),
    ] {
        let answer = http.post(server.url("/widget/api/verify")).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        let answer = answer.text().await.unwrap();
        assert!([403, 404, 422].contains(&status), "{body}: {status} {answer}");
    }
}

both! {
    async fn live_07_naughty_strings_in_a_chat_come_back_as_written(engine) {
        let server = Server::with(engine, unlimited()).await;
        // All of them in one chat, from both sides.
        let (mut marcus, mut priya) = (Customer::arrive(&server, MARCUS).await, Agent::online(&server, PRIYA).await);
        marcus.ask("Which of these?", "claims").await;
        let (chat, _) = priya.take().await;
        let mut expected = vec!["Which of these?".to_owned()];
        for written in list() {
            let suggested = marcus.socket.ask(json!({"type": "suggest", "text": written})).await;
            assert_eq!(suggested["type"], "suggestions", "{written:?}");
            if let Some(stored) = fits(text(&written), 4_000) {
                marcus.say(&written).await;
                priya.say(chat, &written).await;
                expected.extend([stored.clone(), stored]);
            }
        }
        let mut reader = Socket::open(&server, &marcus.token).await;
        assert_eq!(texts(&json!(reader.watch(chat, 0).await.0)), expected);
        assert_eq!(marcus.socket.ask(json!({"type": "end", "chat": chat, "solved": true})).await["type"], "ok");
        priya.presence("away").await;

        // And in chats of their own, as the question and as the case that it becomes.
        let list = list();
        let (first, rest) = list.split_at(list.len() / 3);
        let (second, third) = rest.split_at(rest.len() / 2);
        tokio::join!(
            talk(&server, ZOE, PRIYA, first),
            talk(&server, MARCUS, OWEN, second),
            talk(&server, TOMAS, ROSALIND, third),
        );
    }

    async fn pin_04_naughty_strings_in_a_case_come_back_as_written(engine) {
        let server = Server::with(engine, unlimited()).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let (http, list) = (Client::new(), list());
        stream::iter(&list).for_each_concurrent(4, |written| leave(&server, &rosalind, &http, written)).await;
        let all = rosalind.get("/api/cases?view=all").await;
        let names: std::collections::HashSet<&str> =
            all.as_array().unwrap().iter().map(|case| case["contact"].as_str().unwrap()).collect();
        for name in list.iter().filter_map(|written| fits(line(written), 120)) {
            assert!(names.contains(&*name), "{name:?} is not in the list");
        }
    }

    async fn run_06_naughty_strings_in_addresses_are_refused_in_words(engine) {
        let server = Server::with(engine, unlimited()).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let list = list();
        stream::iter(&list).for_each_concurrent(4, |written| look_up(&http, &server, &wilma.token, written)).await;
        for raw in ["%FF", "%C3%28", "%00", "%2e%2e%2f", "%", "%zz", "a%0d%0ab", "99999999999999999999", "-1", "1e3"] {
            for path in ["/", "/api/cases/", "/api/chats/", "/a/x/", "/login?next=", "/widget/frame?site=", "/api/cases?view="] {
                let answer = http.get(server.url(&format!("{path}{raw}"))).bearer_auth(&wilma.token).send().await.unwrap();
                assert!(!answer.status().is_server_error(), "{path}{raw}: {}", answer.status());
            }
        }
    }

    async fn pin_03_naughty_strings_open_no_door(engine) {
        let server = Server::with(engine, unlimited()).await;
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        for (turn, written) in list().iter().enumerate() {
            if turn % 8 == 0 {
                server.advance(chrono::TimeDelta::minutes(16));
            }
            knock(&http, &server, written).await;
        }
    }

    async fn hours_03_naughty_strings_in_the_hours_come_back_as_written(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let first: NaiveDate = "2030-01-01".parse().unwrap();
        let post = |path: &str, form: Vec<(&'static str, String)>| {
            http.post(server.url(path)).header("authorization", format!("Bearer {}", wilma.token)).form(&form).send()
        };
        let mut stored = Vec::new();
        for written in &list() {
            let form = vec![("day", "2029-01-01".into()), ("name", "x".into()), ("windows", written.clone())];
            let status = post("/admin/hours/holiday", form).await.unwrap().status();
            assert!(status == 422 || status == 303, "windows {written:?}: {status}");
            for (path, field) in [("/admin/hours/holiday", "day"), ("/admin/hours/holiday/remove", "day"), ("/admin/hours/federal", "year")] {
                let status = post(path, vec![(field, written.clone()), ("name", "x".into())]).await.unwrap().status();
                assert!([303, 422].contains(&status.as_u16()), "{path} {field} {written:?}: {status}");
            }
            let channel = |field: &'static str| {
                let mut form = vec![("channel", "phone".into()), ("zone", "America/New_York".into()), ("mon", "09:00-10:00".into())];
                form.retain(|(name, _)| *name != field);
                form.push((field, written.clone()));
                form
            };
            let fields = ["channel", "zone", "mon", "grace_minutes", "warn_minutes", "observes_holidays"];
            for field in fields {
                let status = post("/admin/hours/channel", channel(field)).await.unwrap().status();
                assert!([303, 422].contains(&status.as_u16()), "{field} {written:?}: {status}");
            }
            let (status, view) = wilma.post("/api/hours/override", json!({"state": "open", "reason": written})).await;
            match fits(line(written), 200) {
                Some(reason) => assert_eq!((status.as_u16(), &view["by_hand"]), (200, &json!(reason)), "{written:?}"),
                None => assert_eq!(status, 422, "{written:?}"),
            }
            for field in ["state", "until"] {
                let mut hand = json!({"state": "open", "reason": "x"});
                hand[field] = json!(written);
                assert_eq!(wilma.post("/api/hours/override", hand).await.0, 422, "{field} {written:?}");
            }
        }
        for (n, written) in list().iter().enumerate() {
            let day = (first + Days::new(n as u64)).to_string();
            let name = fits(line(written), 80);
            let form = vec![("day", day.clone()), ("name", written.clone()), ("windows", "10:00-11:00".into())];
            let status = post("/admin/hours/holiday", form).await.unwrap().status();
            assert_eq!(status, if name.is_some() { StatusCode::SEE_OTHER } else { StatusCode::UNPROCESSABLE_ENTITY }, "{written:?}");
            stored.extend(name);
        }
        let page = http.get(server.url("/admin/hours")).bearer_auth(&wilma.token).send().await.unwrap().text().await.unwrap();
        let page = shown(&page);
        for name in stored {
            assert!(page.contains(&name), "{name:?} is not on the page");
        }
    }

    async fn hours_03_days_and_times_of_other_ages_are_refused(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        for day in ["0000-01-01", "-0001-01-01", "-262143-01-01", "+262142-12-31", "+99999-01-01", "9999-12-31", "+10000-01-01", "1900-02-28"] {
            let form = [("day", day), ("name", "A day of another age")];
            let answer = http.post(server.url("/admin/hours/holiday")).bearer_auth(&wilma.token).form(&form).send().await.unwrap();
            assert!([303, 422].contains(&answer.status().as_u16()), "{day}: {}", answer.status());
            let shown = wilma.http.get(server.url("/admin/hours")).bearer_auth(&wilma.token).send().await.unwrap();
            assert_eq!(shown.status(), 200, "{day}");
        }
        for until in ["+262142-12-31T23:59:59Z", "+99999-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-12-01T18:00:60Z"] {
            let (status, view) = wilma.post("/api/hours/override", json!({"state": "closed", "until": until, "reason": "a test"})).await;
            assert!(status == 422 || status == 200 && view["open"] == false, "{until}: {status} {view}");
        }
        // What was accepted can be read again at the next start.
        let server = server.restart().await;
        let site = reqwest::get(server.url("/widget/api/site?site=pub_demo")).await.unwrap();
        assert_eq!(site.status(), 200);
    }
}
