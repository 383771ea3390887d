//! The setup: every verb through its page or its address, what it refuses, and what the record says of it.

use deskbell::{desk::thresholds, identity::staff::Staff};
use serde_json::{Value, json};
use sqlx::types::Json;

use crate::{
    both,
    support::{Agent, Browser, Customer, Engine, Server, Settings, actors::*, eventually, smtp::Smtp},
};

fn borrowed(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The last row of the record: who, what, what changed.
async fn last(server: &Server) -> (String, String, Value) {
    let sql = "SELECT by_name, text, changes FROM audit_log ORDER BY at DESC, id DESC LIMIT 1";
    let (by, text, changes): (String, String, Json<Value>) = server.app.db.query(sql).fetch_one().await.unwrap();
    (by, text, changes.0)
}

async fn rows(server: &Server) -> i64 {
    server.app.db.query("SELECT COUNT(*) FROM audit_log").fetch_one::<(i64,)>().await.unwrap().0
}

async fn id_of(server: &Server, sql: &'static str, name: &str) -> String {
    let (id,): (uuid::Uuid,) = server.app.db.query(sql).bind(name.to_owned()).fetch_one().await.unwrap();
    id.to_string()
}

const TEAM: &str = "SELECT id FROM teams WHERE name = $1";
const PERSON: &str = "SELECT id FROM staff WHERE email = $1";
const CATEGORY: &str = "SELECT id FROM categories WHERE name = $1";
const TAG: &str = "SELECT id FROM tags WHERE name = $1";
const REPLY: &str = "SELECT id FROM canned_replies WHERE shortcut = $1";

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

both! {
    async fn run_05_teams_are_added_changed_and_retired(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let admin = Browser::of(&server, &wilma);
        let add = [("name", "Onboarding"), ("picking", "yes"), ("overflow", "claims")];
        assert_eq!(admin.send("/admin/teams", &add).await.unwrap(), "/admin/teams?done=added");
        let (by, text, changes) = last(&server).await;
        assert_eq!((by.as_str(), text.as_str()), ("Wilma Pryce", "Added the team Onboarding."));
        assert_eq!(changes["overflow_team"], json!([null, "Claims & Payments"]));
        assert!(names(&wilma.get("/api/teams").await).contains(&"Onboarding"));
        admin.refused("/admin/teams", &add, 422, &["There is a team Onboarding already."]).await;
        admin.refused("/admin/teams", &[("name", " "), ("overflow", "nobody")], 422, &["Please fill in: the name.", "Please choose an overflow team"]).await;

        let id = id_of(&server, TEAM, "Onboarding").await;
        let seen = admin.hidden(&format!("/admin/teams?edit={id}"), "seen").await;
        // claims leans on platform already: platform on Onboarding would be a circle of three.
        let platform = id_of(&server, TEAM, "Platform & Access").await;
        let circle = [("id", platform.as_str()), ("name", "Platform & Access"), ("overflow", "onboarding")];
        admin.refused("/admin/teams", &circle, 422, &["a chat would go in a circle"]).await;
        let change = [("id", id.as_str()), ("seen", &seen), ("name", "First steps"), ("overflow", "")];
        admin.send("/admin/teams", &change).await.unwrap();
        let (_, text, changes) = last(&server).await;
        assert_eq!(text, "Changed the team Onboarding.");
        assert_eq!(changes, json!({"name": ["Onboarding", "First steps"], "picking": [true, false], "overflow_team": ["Claims & Payments", ""]}));
        // Who read it before that is told, and what was typed is kept.
        let late = [("id", id.as_str()), ("seen", &seen), ("name", "Late change"), ("picking", "yes")];
        admin.refused("/admin/teams", &late, 409, &["Somebody else changed this while you had it open."]).await;
        assert!(admin.send("/admin/teams", &late).await.unwrap_err().1.contains(r#"value="Late change""#));

        let before = rows(&server).await;
        let claims = id_of(&server, TEAM, "Claims & Payments").await;
        admin.refused("/admin/teams", &[("id", &claims), ("do", "retire")], 409, &["Claims &#38; rejections", "Give them another team first."]).await;
        assert_eq!(rows(&server).await, before, "what is refused is not in the record");
        admin.send("/admin/teams", &[("id", &id), ("do", "retire")]).await.unwrap();
        assert_eq!(last(&server).await.2, json!({"active": [true, false]}));
        assert!(!names(&wilma.get("/api/teams").await).contains(&"First steps"));
        admin.send("/admin/teams", &[("id", &id), ("do", "restore")]).await.unwrap();
        assert!(names(&wilma.get("/api/teams").await).contains(&"First steps"));
    }

    async fn run_05_people_are_added_changed_and_deactivated(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let admin = Browser::of(&server, &wilma);
        let bad = [("name", ""), ("email", "nobody"), ("role", "king"), ("tier", "5"), ("capacity", "21"), ("teams", "x"), ("languages", "english"), ("password", "short")];
        let words = ["the name", "e-mail address like", "Please choose what the person may do", "from 1 to 4", "from 0 to 20", "choose teams", "“english” is no code", "10 to 200 characters"];
        admin.refused("/admin/people/new", &bad, 422, &words).await;
        let new = [("name", "Nora Vance"), ("email", "nora@ledgerleaf.example"), ("role", "agent"), ("tier", "2"), ("capacity", "0"), ("teams", "claims"), ("teams", "platform"), ("languages", "es, en"), ("password", "a long password")];
        let page = admin.send("/admin/people/new", &new).await.unwrap();
        let id = id_of(&server, PERSON, "nora@ledgerleaf.example").await;
        assert_eq!(page, format!("/admin/people/{id}?done=added"));
        let (_, text, changes) = last(&server).await;
        assert_eq!((text.as_str(), &changes["teams"]), ("Added Nora Vance.", &json!([null, ["claims", "platform"]])));
        assert!(!changes.to_string().contains("a long password") && changes.get("password_hash").is_none());
        admin.refused("/admin/people/new", &new, 422, &["Nora Vance has this address already."]).await;
        let people = wilma.get("/api/people").await;
        let nora = people.as_array().unwrap().iter().find(|p| p["name"] == "Nora Vance").unwrap();
        assert_eq!(*nora, json!({"id": id, "name": "Nora Vance", "role": "agent", "tier": 2, "teams": ["claims", "platform"], "languages": ["en", "es"]}));

        let login = ("nora@ledgerleaf.example", "a long password");
        let mut at_desk = Agent::sign_in(&server, login).await;
        let address = format!("/admin/people/{id}");
        let seen = admin.hidden(&address, "seen").await;
        let change = [("seen", seen.as_str()), ("name", "Nora Vance"), ("email", "n.vance@ledgerleaf.example"), ("role", "agent"), ("tier", "1"), ("capacity", "4"), ("teams", "claims"), ("languages", "")];
        admin.send(&address, &change).await.unwrap();
        let (_, _, changes) = last(&server).await;
        assert_eq!(changes, json!({"email": ["nora@ledgerleaf.example", "n.vance@ledgerleaf.example"], "tier": ["tier II", "tier I"], "capacity": [0, 4], "teams": [["claims", "platform"], ["claims"]], "languages": [["en", "es"], []]}));
        admin.refused(&address, &change, 409, &["Somebody else changed this"]).await;
        assert_eq!(at_desk.get("/api/me").await["tier"], 1, "the session goes on");

        // A new password ends the sessions, and the old one is none any more.
        admin.refused(&address, &[("do", "password"), ("password", "123")], 422, &["10 to 200 characters"]).await;
        admin.send(&address, &[("do", "password"), ("password", "another password")]).await.unwrap();
        assert_eq!(at_desk.socket.closed().await, 4100);
        assert_eq!(last(&server).await.2, json!({"password": [null, "another one"]}));
        let login = ("n.vance@ledgerleaf.example", "another password");
        let mut at_desk = Agent::sign_in(&server, login).await;
        // Whoever is deactivated is out at once, everywhere.
        admin.send(&address, &[("do", "deactivate")]).await.unwrap();
        assert_eq!(at_desk.socket.closed().await, 4100);
        let me = at_desk.http.get(server.url("/api/me")).bearer_auth(&at_desk.token).send().await.unwrap();
        assert_eq!(me.status(), 401);
        assert_eq!(last(&server).await.2, json!({"active": [true, false]}));
        assert!(!names(&wilma.get("/api/people").await).contains(&"Nora Vance"));
        let form = [("email", login.0), ("password", login.1)];
        assert_eq!(at_desk.http.post(server.url("/login")).form(&form).send().await.unwrap().status(), 403);
        admin.send(&address, &[("do", "restore")]).await.unwrap();
        let back = Agent::sign_in(&server, login).await;
        assert_eq!(back.get("/api/me").await["name"], "Nora Vance", "and the session that had ended stays so");
        let me = at_desk.http.get(server.url("/api/me")).bearer_auth(&at_desk.token).send().await.unwrap();
        assert_eq!(me.status(), 401);
        assert_eq!(admin.page(&format!("/admin/people/{}", new_id())).await.0, 404);
    }

    async fn run_05_there_is_always_an_admin(engine) {
        let server = Server::start(engine).await;
        let wilma = Browser::sign_in(&server, WILMA).await;
        let id = id_of(&server, PERSON, WILMA.0).await;
        let address = format!("/admin/people/{id}");
        let demote = [("name", "Wilma Pryce"), ("email", WILMA.0), ("role", "supervisor"), ("tier", "3"), ("capacity", "0")];
        wilma.refused(&address, &demote, 422, &[r##"href="#role""##, "Wilma Pryce is the last admin."]).await;
        wilma.refused(&address, &[("do", "deactivate")], 422, &["the last admin"]).await;
        let rosalind = id_of(&server, PERSON, ROSALIND.0).await;
        let promote = [("name", "Rosalind Achterberg"), ("email", ROSALIND.0), ("role", "admin"), ("tier", "3"), ("capacity", "0")];
        let mut console = Agent::sign_in(&server, ROSALIND).await;
        wilma.send(&format!("/admin/people/{rosalind}"), &promote).await.unwrap();
        // With other rights one signs in anew.
        assert_eq!(console.socket.closed().await, 4100);
        let rosalind = Browser::sign_in(&server, ROSALIND).await;
        // Two admins who send each other away at once: one of them stays.
        let other = id_of(&server, PERSON, ROSALIND.0).await;
        let there = format!("/admin/people/{other}");
        let (a, b) = tokio::join!(
            wilma.send(&there, &[("do", "deactivate")]),
            rosalind.send(&address, &[("do", "deactivate")]),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let left: Vec<Staff> = server.app.db.query("SELECT id, name, email, role, tier, capacity, active FROM staff WHERE role = 'admin' AND active").fetch_all().await.unwrap();
        assert_eq!(left.len(), 1);
    }

    async fn live_05_categories_and_their_routes(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let admin = Browser::of(&server, &wilma);
        let site = || async { reqwest::get(server.url("/widget/api/site?site=pub_demo")).await.unwrap().json::<Value>().await.unwrap() };
        let add = [("name", "Faxes"), ("team", "claims"), ("route-team-1", "platform"), ("route-tier-1", "3"), ("route-team-3", ""), ("route-tier-3", "2"), ("route-tier-4", "1")];
        admin.refused("/admin/categories", &[("name", "Faxes"), ("team", "x"), ("route-team-2", "y"), ("route-tier-2", "9")], 422, &["choose a team", "route-team-2", "from 1 to 4"]).await;
        admin.send("/admin/categories", &add).await.unwrap();
        let (_, text, changes) = last(&server).await;
        assert_eq!(text, "Added the category Faxes.");
        assert_eq!(changes["severity_1_goes_to"], json!([null, "Platform & Access, tier III"]));
        assert_eq!(changes["severity_3_goes_to"], json!([null, "Claims & Payments, tier II"]));
        assert!(changes.get("severity_4_goes_to").is_none(), "tier I of its own team is no route");
        assert_eq!(names(&site().await["categories"]).last(), Some(&"Faxes"));

        // A chat goes to its team, the case that it becomes by the route.
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        zoe.ask("No fax goes out", "faxes").await;
        let (chat, _) = priya.take().await;
        let mut draft = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        draft["severity"] = json!(1);
        let (status, made) = priya.post(&format!("/api/chats/{chat}/case"), draft).await;
        assert_eq!(status, 200, "{made}");
        let case = wilma.get(&format!("/api/cases/{}", made["case"])).await;
        assert_eq!((&case["team"], &case["tier"], &case["category"]), (&json!("Platform & Access"), &json!(3), &json!("Faxes")));

        let id = id_of(&server, CATEGORY, "Faxes").await;
        admin.send("/admin/categories", &[("id", &id), ("do", "up")]).await.unwrap();
        let order = site().await["categories"].clone();
        assert_eq!(names(&order).iter().rev().nth(1), Some(&"Faxes"), "{order}");
        assert_eq!(last(&server).await.1, "Moved the category Faxes up.");
        let seen = admin.hidden(&format!("/admin/categories?edit={id}"), "seen").await;
        let change = [("id", id.as_str()), ("seen", &seen), ("name", "Fax & mail"), ("team", "platform")];
        admin.send("/admin/categories", &change).await.unwrap();
        let changes = last(&server).await.2;
        assert_eq!((&changes["name"], &changes["severity_1_goes_to"]), (&json!(["Faxes", "Fax & mail"]), &json!(["Platform & Access, tier III", null])));
        admin.refused("/admin/categories", &change, 409, &["Somebody else changed this"]).await;
        admin.send("/admin/categories", &[("id", &id), ("do", "retire")]).await.unwrap();
        assert_eq!(last(&server).await.2, json!({"active": [true, false]}));
        assert!(!names(&site().await["categories"]).contains(&"Fax & mail"));
        assert!(!names(&wilma.get("/api/categories").await).contains(&"Fax & mail"));
        let case = wilma.get(&format!("/api/cases/{}", made["case"])).await;
        assert_eq!(case["category"], "Fax & mail", "the old case keeps it");
        // A team that a retired category needs can be retired, and the category does not come back without it.
        admin.send("/admin/teams", &[("name", "Short-lived")]).await.unwrap();
        admin.send("/admin/categories", &[("name", "Of a short life"), ("team", "short-lived")]).await.unwrap();
        let (short, team) = (id_of(&server, CATEGORY, "Of a short life").await, id_of(&server, TEAM, "Short-lived").await);
        admin.send("/admin/categories", &[("id", &short), ("do", "retire")]).await.unwrap();
        admin.send("/admin/teams", &[("id", &team), ("do", "retire")]).await.unwrap();
        admin.refused("/admin/categories", &[("id", &short), ("do", "restore")], 409, &["which is retired"]).await;
    }

    async fn agree_02_severities_have_definitions_that_admins_edit(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let admin = Browser::of(&server, &wilma);
        let seen = admin.hidden("/admin/severities", "seen").await;
        let mut form = vec![("seen".to_owned(), seen)];
        for level in 1..=4 {
            form.push((format!("name-{level}"), format!("Level {level}")));
            form.push((format!("definition-{level}"), "When it applies.".to_owned()));
            form.push((format!("answer_seconds-{level}"), (level * 30).to_string()));
        }
        let mut bad = form.clone();
        bad.retain(|(name, _)| name != "name-2" && name != "answer_seconds-3");
        bad.push(("answer_seconds-3".into(), "0".into()));
        let (status, page) = admin.send("/admin/severities", &borrowed(&bad)).await.unwrap_err();
        assert_eq!(status, 422);
        assert!(page.contains(r##"href="#name-2""##) && page.contains(r##"href="#answer_seconds-3""##), "{page}");
        admin.send("/admin/severities", &borrowed(&form)).await.unwrap();
        assert_eq!(wilma.get("/api/severities").await[3], json!({"level": 4, "name": "Level 4", "definition": "When it applies."}));
        let (_, text, changes) = last(&server).await;
        assert_eq!((text.as_str(), &changes["3_answer_seconds"]), ("Changed the severities.", &json!([60, 90])), "{changes}");
        assert_eq!(admin.send("/admin/severities", &borrowed(&form)).await.unwrap_err().0, 409);
    }

    async fn live_09_canned_replies_are_shared_or_ones_own(engine) {
        let server = Server::start(engine).await;
        let (priya, owen, rosalind) = (Agent::sign_in(&server, PRIYA).await, Agent::sign_in(&server, OWEN).await, Agent::sign_in(&server, ROSALIND).await);
        let reply = |shortcut: &str, text: &str| json!({"shortcut": shortcut, "title": "A title", "text": text});
        let (status, mine) = priya.post("/api/canned-replies", reply("/Payer-ID", "Hello {{customer}}, case {{case}}.")).await;
        assert_eq!((status.as_u16(), &mine["shortcut"], &mine["shared"]), (200, &json!("payer-id"), &json!(false)));
        assert_eq!(last(&server).await.1, "Added an own reply /payer-id.");
        assert_eq!(priya.post("/api/canned-replies", reply("payer-id", "again")).await.1["code"], "taken");
        assert_eq!(owen.post("/api/canned-replies", reply("payer-id", "His own")).await.0, 200);
        let (status, refused) = priya.post("/api/canned-replies", reply("x", "Dear {{name}}")).await;
        assert_eq!((status.as_u16(), &refused["code"]), (422, &json!("unknown_variable")));
        assert!(refused["message"].as_str().unwrap().contains("{{customer}}, {{account}}, {{agent}}, {{case}}"));
        for (shortcut, text, code) in [("two words", "x", "bad_shortcut"), ("y", " ", "empty"), ("y", "x".repeat(4_001).as_str(), "too_long")] {
            assert_eq!(priya.post("/api/canned-replies", reply(shortcut, text)).await.1["code"], code);
        }
        let mut shared = reply("hours", "We are here from 9 to 5.");
        shared["shared"] = json!(true);
        assert_eq!(priya.post("/api/canned-replies", shared.clone()).await.0, 403);
        let (status, made) = rosalind.post("/api/canned-replies", shared).await;
        assert_eq!(status, 200);
        let seen = priya.get("/api/canned-replies").await;
        let shortcuts: Vec<_> = seen.as_array().unwrap().iter().map(|r| (r["shortcut"].as_str().unwrap(), r["shared"] == true)).collect();
        assert_eq!(shortcuts[0], ("payer-id", false));
        assert!(shortcuts.contains(&("hours", true)) && shortcuts.contains(&("hello", true)), "{shortcuts:?}");

        let put = |agent: &Agent, id: &Value, body: Value| {
            agent.http.put(server.url(&format!("/api/canned-replies/{}", id.as_str().unwrap()))).bearer_auth(&agent.token).json(&body).send()
        };
        let delete = |agent: &Agent, id: &Value| {
            agent.http.delete(server.url(&format!("/api/canned-replies/{}", id.as_str().unwrap()))).bearer_auth(&agent.token).send()
        };
        assert_eq!(put(&owen, &mine["id"], reply("mine", "x")).await.unwrap().status(), 404, "nobody else's");
        assert_eq!(delete(&rosalind, &mine["id"]).await.unwrap().status(), 404, "not a supervisor's either");
        assert_eq!(put(&priya, &made["id"], reply("hours", "x")).await.unwrap().status(), 403);
        assert_eq!(delete(&priya, &made["id"]).await.unwrap().status(), 403);
        assert_eq!(put(&priya, &mine["id"], reply("payer", "Changed")).await.unwrap().status(), 200);
        assert_eq!(last(&server).await.2["shortcut"], json!(["payer-id", "payer"]));
        assert_eq!(delete(&priya, &mine["id"]).await.unwrap().status(), 204);
        assert_eq!(last(&server).await.2["text"], json!(["Changed", null]));

        // The same by the pages: everybody has the own ones, supervisors the shared ones.
        let page = Browser::of(&server, &priya);
        page.send("/replies", &[("shortcut", "soon"), ("title", "Soon"), ("text", "One\r\nmoment, {{customer}}.")]).await.unwrap();
        page.refused("/replies", &[("shortcut", "später"), ("title", ""), ("text", "{{x}}")], 422, &["#shortcut", "#title", "#text"]).await;
        let text: (String,) = server.app.db.query("SELECT text FROM canned_replies WHERE shortcut = 'soon'").fetch_one().await.unwrap();
        assert_eq!(text.0, "One\nmoment, {{customer}}.");
        let (status, told) = page.page("/admin/replies").await;
        assert_eq!(status, 403);
        assert!(told.contains("ask Wilma Pryce") && told.contains(r#"href="/console""#), "{told}");
        let supervisor = Browser::of(&server, &rosalind);
        let id = id_of(&server, REPLY, "hours").await;
        let seen = supervisor.hidden(&format!("/admin/replies?edit={id}"), "seen").await;
        let change = [("id", id.as_str()), ("seen", &seen), ("shortcut", "hours"), ("title", "Hours"), ("text", "From 9 to 5.")];
        supervisor.send("/admin/replies", &change).await.unwrap();
        supervisor.refused("/admin/replies", &change, 409, &["Somebody else changed this"]).await;
        supervisor.send("/admin/replies", &[("id", &id), ("do", "remove")]).await.unwrap();
        assert_eq!(last(&server).await.1, "Removed the shared reply /hours.");
    }

    async fn live_09_tags_are_supervisors_matter(engine) {
        let server = Server::start(engine).await;
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let page = Browser::of(&server, &rosalind);
        page.send("/admin/tags", &[("name", "Refund")]).await.unwrap();
        assert_eq!(last(&server).await, ("Rosalind Achterberg".into(), "Added the tag Refund.".into(), json!({"name": [null, "Refund"], "active": [null, true]})));
        page.refused("/admin/tags", &[("name", " refund ")], 422, &["There is a tag Refund already."]).await;
        let id = id_of(&server, TAG, "Refund").await;
        let seen = page.hidden(&format!("/admin/tags?edit={id}"), "seen").await;
        let rename = [("id", id.as_str()), ("seen", &seen), ("name", "Refunds")];
        page.send("/admin/tags", &rename).await.unwrap();
        page.refused("/admin/tags", &rename, 409, &["Somebody else changed this"]).await;
        assert!(names(&rosalind.get("/api/tags").await).contains(&"Refunds"));
        page.send("/admin/tags", &[("id", &id), ("do", "retire")]).await.unwrap();
        assert_eq!(last(&server).await.1, "Retired the tag Refunds.");
        assert!(!names(&rosalind.get("/api/tags").await).contains(&"Refunds"));
        page.refused("/admin/tags", &[("name", "Refunds")], 422, &["It is retired: bring it back instead."]).await;
        page.send("/admin/tags", &[("id", &id), ("do", "restore")]).await.unwrap();
        page.refused("/admin/tags", &[("id", &new_id().to_string()), ("name", "x")], 404, &["There is no such tag."]).await;
        let priya = Browser::sign_in(&server, PRIYA).await;
        assert_eq!(priya.page("/admin/tags").await.0, 403);
        assert_eq!(priya.send("/admin/tags", &[("name", "Mine")]).await.unwrap_err().0, 403);
    }

    async fn agree_03_admins_set_what_is_promised(engine) {
        let server = Server::start(engine).await;
        let admin = Browser::sign_in(&server, WILMA).await;
        let seen = admin.hidden("/admin/promises", "seen").await;
        let form = [("seen", seen.as_str()), ("opening_hours_only", "yes"), ("acknowledge_target", "8"), ("acknowledge_breach", "16"), ("silence_days", "3"), ("resolution-1", "24"), ("first_answer-4", "")];
        assert_eq!(admin.send("/admin/promises", &form).await.unwrap(), "/admin/promises?done=saved");
        let kept = deskbell::desk::promises::load(&server.app.db).await.unwrap();
        assert_eq!((kept.opening_hours_only, kept.acknowledge_target, kept.resolution, kept.first_answer), (true, 8, [Some(24), None, None, None], [None; 4]));
        let (_, text, changes) = last(&server).await;
        assert_eq!((text.as_str(), &changes["acknowledge_target"]), ("Changed what the desk promises.", &json!([24, 8])));
        admin.refused("/admin/promises", &form, 409, &["Somebody else changed this"]).await;
        let bad = [("acknowledge_target", "0"), ("acknowledge_breach", "many"), ("silence_days", "61"), ("next_answer-2", "-1")];
        admin.refused("/admin/promises", &bad, 422, &["#acknowledge_target", "#acknowledge_breach", "#silence_days", "#next_answer-2"]).await;
        let bad = [("acknowledge_target", "48"), ("acknowledge_breach", "24"), ("silence_days", "5")];
        admin.refused("/admin/promises", &bad, 422, &["#acknowledge_breach", "not smaller than the first"]).await;
        let priya = Browser::sign_in(&server, PRIYA).await;
        assert_eq!(priya.page("/admin/promises").await.0, 403);
    }

    async fn live_13_rules_and_thresholds(engine) {
        let server = Server::start(engine).await;
        let admin = Browser::sign_in(&server, WILMA).await;
        let rules = ["wider_after_seconds", "overflow_after_seconds", "tell_after_seconds", "lost_after_seconds", "wrap_up_seconds", "chat_weight", "case_weight", "case_offer_seconds", "service_level_seconds", "short_abandon_seconds"];
        let seen = admin.hidden("/admin/rules", "seen").await;
        let mut form: Vec<(&str, &str)> = rules.iter().map(|rule| (*rule, "45")).collect();
        form.push(("seen", &seen));
        admin.send("/admin/rules", &form).await.unwrap();
        let (_, text, changes) = last(&server).await;
        assert_eq!((text.as_str(), &changes["wrap_up_seconds"], &changes["typing_preview"]), ("Changed the desk's rules.", &json!([30, 45]), &json!([true, false])));
        let kept = deskbell::desk::rules::load(&server.app.db).await.unwrap();
        assert_eq!((kept.chat_weight, kept.tell_after_seconds), (45, 45));
        admin.refused("/admin/rules", &form, 409, &["Somebody else changed this"]).await;
        let bad = [("chat_weight", "0"), ("wrap_up_seconds", "86401"), ("case_weight", "many")];
        admin.refused("/admin/rules", &bad, 422, &["#chat_weight", "#wrap_up_seconds", "#case_weight", "#tell_after_seconds"]).await;
        let endless: Vec<(&str, &str)> = rules.iter().map(|rule| (*rule, if *rule == "case_weight" { "0" } else { "45" })).chain([("offer_cases", "yes")]).collect();
        admin.refused("/admin/rules", &endless, 422, &["#case_weight", "offered without an end"]).await;

        let seen = {
            let (_, page) = admin.page("/admin/rules").await;
            let (_, rest) = page.split_once("h-thresholds").unwrap();
            rest.split_once(r#"name="seen" value=""#).unwrap().1.split('"').next().unwrap().to_owned()
        };
        let form = [("seen", seen.as_str()), ("waiting_now-warn", "2"), ("waiting_now-bad", ""), ("handle_time-warn", "10"), ("handle_time-bad", "20"), ("service_level-warn", "95"), ("service_level-bad", "85"), ("emails", "a@ledgerleaf.example\nb@ledgerleaf.example"), ("webhook", "https://hooks.example/desk")];
        admin.send("/admin/rules/thresholds", &form).await.unwrap();
        let of = |key: &str, all: &[thresholds::Threshold]| all.iter().find(|t| t.figure.key == key).map(|t| (t.warn, t.bad)).unwrap();
        let kept = thresholds::load(&server.app.db).await.unwrap();
        assert_eq!(of("waiting_now", &kept), (Some(2), None));
        assert_eq!(of("handle_time", &kept), (Some(600), Some(1_200)), "minutes are kept in seconds");
        assert_eq!(of("longest_wait", &kept), (None, None), "empty: no threshold");
        let alerts = thresholds::alerts(&server.app.db).await.unwrap();
        assert_eq!((alerts.emails.len(), alerts.webhook.as_str()), (2, "https://hooks.example/desk"));
        assert_eq!(last(&server).await.2["handle_time_warn"], json!([900, 600]));
        let again: Vec<_> = form.iter().filter(|(name, _)| *name != "seen").copied().chain([("seen", seen.as_str())]).collect();
        admin.refused("/admin/rules/thresholds", &again, 409, &["Somebody else changed this"]).await;
        let bad = [("waiting_now-warn", "9"), ("waiting_now-bad", "3"), ("service_level-warn", "80"), ("service_level-bad", "90"), ("at_risk-warn", "-1"), ("emails", "nobody"), ("webhook", "http://hooks.example")];
        admin.refused("/admin/rules/thresholds", &bad, 422, &["#waiting_now-bad", "#service_level-bad", "#at_risk-warn", "#emails", "begins with https://"]).await;
    }

    async fn live_13_an_alert_goes_out_once_when_a_figure_crosses_its_threshold(engine) {
        let smtp = Smtp::start().await;
        let server = Server::with(engine, Settings { smtp: Some(smtp.url()), ..Settings::default() }).await;
        let _other = if matches!(engine, Engine::Postgres) { Some(server.beside().await) } else { None };
        let admin = Browser::sign_in(&server, WILMA).await;
        let seen = {
            let (_, page) = admin.page("/admin/rules").await;
            let (_, rest) = page.split_once("h-thresholds").unwrap();
            rest.split_once(r#"name="seen" value=""#).unwrap().1.split('"').next().unwrap().to_owned()
        };
        let form = [("seen", seen.as_str()), ("waiting_now-warn", "2"), ("waiting_now-bad", "3"), ("emails", "boss@ledgerleaf.example")];
        admin.send("/admin/rules/thresholds", &form).await.unwrap();
        let level = async || {
            let rows: Vec<(String,)> = server.app.db.query("SELECT value FROM settings WHERE key = 'alerted'").fetch_all().await.unwrap();
            rows.first().and_then(|row| serde_json::from_str::<Value>(&row.0).ok()).map(|all| all["waiting_now"].clone())
        };
        let stands = async |word: &str| eventually("the figure's level", async || (level().await == Some(json!(word))).then_some(())).await;
        let subjects = || smtp.mails().iter().map(|mail| mail.header("Subject")).collect::<Vec<_>>();

        let mut waiting = Vec::new();
        for who in [ZOE, MARCUS] {
            let mut customer = Customer::arrive(&server, who).await;
            customer.ask("Where is my claim?", "claims").await;
            waiting.push(customer);
        }
        let mails = smtp.has(1).await;
        assert_eq!(mails[0].to, ["boss@ledgerleaf.example"]);
        assert_eq!(subjects(), ["Alert: Waiting now: 2 (limit 2), late"]);
        let mut nadia = Customer::arrive(&server, NADIA).await;
        nadia.ask("Where is mine?", "claims").await;
        smtp.has(2).await;
        assert_eq!(subjects()[1], "Alert: Waiting now: 3 (limit 3), bad");

        // Better is no alert; worse again is one.
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut taken = Vec::new();
        while taken.len() < 3 {
            let (chat, _) = priya.take().await;
            (priya.client, priya.n) = (new_id(), 0);
            priya.say(chat, "Here I am").await;
            // The board may show an offer that was just taken once more.
            if !taken.contains(&chat) {
                taken.push(chat);
            }
        }
        stands("fine").await;
        priya.presence("away").await;
        for who in [TOMAS, LAYLA] {
            let mut customer = Customer::arrive(&server, who).await;
            customer.ask("And mine?", "claims").await;
            waiting.push(customer);
        }
        stands("warn").await;
        smtp.has(3).await;
        assert_eq!(subjects()[2..], ["Alert: Waiting now: 2 (limit 2), late"]);
    }

    async fn live_01_sites_are_added_changed_and_removed(engine) {
        let server = Server::start(engine).await;
        let admin = Browser::sign_in(&server, WILMA).await;
        let bad = [("name", ""), ("origins", "https://a.example/path"), ("greeting", ""), ("color", "green")];
        admin.refused("/admin/sites", &bad, 422, &["#name", "is not an origin", "#greeting", "written like #1f6f5c"]).await;
        let new = [("name", "Second Desk"), ("origins", "https://www.second.example/\nhttp://localhost:9000"), ("greeting", "Welcome"), ("color", "#AA3300")];
        admin.send("/admin/sites", &new).await.unwrap();
        let (token,): (String,) = server.app.db.query("SELECT token FROM sites WHERE name = 'Second Desk'").fetch_one().await.unwrap();
        assert!(token.starts_with("pub_") && token.len() == 20, "{token}");
        assert_eq!(last(&server).await.2["origins"], json!([null, ["https://www.second.example", "http://localhost:9000"]]));
        let (_, page) = admin.page("/admin/sites").await;
        let line = format!("&#60;script async src=&#34;{}/widget.js&#34; data-token=&#34;{token}&#34;&#62;&#60;/script&#62;", server.url(""));
        assert!(page.contains(&line), "the line to paste is not on the page: {page}");
        let site = || async { reqwest::get(server.url(&format!("/widget/api/site?site={token}"))).await.unwrap() };
        assert_eq!(site().await.json::<Value>().await.unwrap()["color"], "#aa3300");
        let frame = reqwest::get(server.url(&format!("/widget/frame?site={token}"))).await.unwrap();
        assert!(frame.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors https://www.second.example http://localhost:9000"));

        let seen = admin.hidden(&format!("/admin/sites?edit={token}"), "seen").await;
        let change = [("id", token.as_str()), ("seen", &seen), ("name", "Second Desk"), ("origins", "https://second.example"), ("greeting", "Hello"), ("color", "#aa3300")];
        admin.send("/admin/sites", &change).await.unwrap();
        assert_eq!(last(&server).await.2["greeting"], json!(["Welcome", "Hello"]));
        admin.refused("/admin/sites", &change, 409, &["Somebody else changed this"]).await;
        assert!(admin.page(&format!("/admin/sites?remove={token}")).await.1.contains("Remove Second Desk?"));
        admin.send("/admin/sites", &[("id", &token), ("do", "remove")]).await.unwrap();
        assert_eq!(site().await.status(), 404);
        assert_eq!(last(&server).await.1, "Removed the site Second Desk.");
    }

    async fn run_05_hours_are_in_the_record_too(engine) {
        let server = Server::start(engine).await;
        let (wilma, rosalind) = (Agent::sign_in(&server, WILMA).await, Agent::sign_in(&server, ROSALIND).await);
        let admin = Browser::of(&server, &wilma);
        let seen = admin.hidden("/admin/hours", "seen").await;
        let form = [("channel", "chat"), ("seen", &seen), ("zone", "America/New_York"), ("mon", "10:00-12:00"), ("tue", "09:00-17:00"), ("wed", "09:00-17:00"), ("thu", "09:00-17:00"), ("fri", "09:00-17:00"), ("grace_minutes", "30"), ("warn_minutes", "15"), ("observes_holidays", "true")];
        admin.send("/admin/hours/channel", &form).await.unwrap();
        assert_eq!(last(&server).await, ("Wilma Pryce".into(), "Changed the hours of Live chat.".into(), json!({"Monday": ["09:00-17:00", "10:00-12:00"]})));
        admin.refused("/admin/hours/channel", &form, 409, &["Somebody else changed this"]).await;
        let day = [("day", "2026-12-24"), ("name", "Christmas Eve"), ("windows", "09:00-13:00")];
        admin.send("/admin/hours/holiday", &day).await.unwrap();
        assert_eq!(last(&server).await.2, json!({"name": [null, "Christmas Eve"], "hours": [null, "09:00-13:00"]}));
        admin.send("/admin/hours/holiday", &[("day", "2026-12-24"), ("name", "Christmas Eve")]).await.unwrap();
        assert_eq!(last(&server).await.2, json!({"hours": ["09:00-13:00", "closed"]}));
        admin.send("/admin/hours/holiday/remove", &day).await.unwrap();
        assert_eq!(last(&server).await.1, "Removed the holiday Christmas Eve, 2026-12-24.");
        admin.send("/admin/hours/federal", &[("year", "2030")]).await.unwrap();
        assert_eq!(last(&server).await.2["2030-07-04"], json!([null, "Independence Day"]));
        let storm = json!({"state": "closed", "reason": "Storm"});
        assert_eq!(rosalind.post("/api/hours/override", storm).await.0, 200);
        let (by, text, changes) = last(&server).await;
        assert_eq!((by.as_str(), text.as_str()), ("Rosalind Achterberg", "Closed live chat by hand."));
        assert_eq!(changes["reason"], json!([null, "Storm"]));
        let cleared = rosalind.http.delete(server.url("/api/hours/override")).bearer_auth(&rosalind.token).send().await.unwrap();
        assert_eq!(cleared.status(), 200);
        assert_eq!(last(&server).await.2["live_chat"], json!(["closed", "by the calendar"]));
    }

    async fn run_05_the_record_is_read_newest_first_filtered_and_in_pages(engine) {
        let server = Server::start(engine).await;
        let (wilma, rosalind) = (Browser::sign_in(&server, WILMA).await, Browser::sign_in(&server, ROSALIND).await);
        rosalind.send("/admin/tags", &[("name", "By Rosalind")]).await.unwrap();
        for n in 0..55 {
            wilma.send("/admin/tags", &[("name", &format!("Tag number {n}"))]).await.unwrap();
        }
        wilma.send("/admin/teams", &[("name", "The newest")]).await.unwrap();
        let (_, page) = wilma.page("/admin/log").await;
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is not on the page"));
        assert!(at("Added the team The newest.") < at("Added the tag Tag number 54."));
        assert!(!page.contains("By Rosalind"), "that is on the next page");
        let older = page.split("href=\"").find(|rest| rest.starts_with("/admin/log?before=")).unwrap().split('"').next().unwrap();
        let (_, second) = wilma.page(older).await;
        assert!(second.contains("Added the tag By Rosalind.") && second.contains("Tag number 0.") && !second.contains("Tag number 54."));
        let (_, teams) = wilma.page("/admin/log?kind=team").await;
        assert!(teams.contains("The newest") && !teams.contains("Tag number"));
        let by = id_of(&server, PERSON, ROSALIND.0).await;
        let (_, hers) = wilma.page(&format!("/admin/log?by={by}")).await;
        assert!(hers.contains("By Rosalind") && !hers.contains("Tag number"));
        let (_, none) = wilma.page(&format!("/admin/log?by={by}&kind=team")).await;
        assert!(none.contains("Nothing was changed yet."));
        assert_eq!(rosalind.page("/admin/log").await.0, 403);
        assert_eq!(wilma.page("/admin").await.0, 200);
    }
}
