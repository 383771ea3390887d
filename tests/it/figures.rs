//! The figures of the wallboard and their history, against a recount from the event log that shares nothing with them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    both,
    support::{Agent, Customer, Engine, Server, Settings, actors::*, eventually},
};

/// Who joined, when, and when that was over.
type Stint = (Uuid, DateTime<Utc>, Option<DateTime<Utc>>);

/// What an event log says of one chat.
#[derive(Default, Debug)]
struct Story {
    asked: Option<DateTime<Utc>>,
    replied: Option<(DateTime<Utc>, Uuid)>,
    ended: Option<(DateTime<Utc>, String)>,
    case: bool,
    stints: Vec<Stint>,
}

impl Story {
    fn hear(&mut self, at: DateTime<Utc>, party: &str, author: Option<Uuid>, body: &Value) {
        let leave = |stints: &mut Vec<Stint>, who: Option<Uuid>| {
            for stint in stints.iter_mut().filter(|s| s.2.is_none() && who.is_none_or(|who| who == s.0)) {
                stint.2 = Some(at);
            }
        };
        match body["kind"].as_str().unwrap() {
            "message" if party == "customer" && self.asked.is_none() => self.asked = Some(at),
            "message" if party == "staff" && self.replied.is_none() => self.replied = Some((at, author.unwrap())),
            "joined" => {
                leave(&mut self.stints, None);
                self.stints.push((author.unwrap(), at, None));
            }
            "left" => leave(&mut self.stints, author),
            "requeued" => leave(&mut self.stints, None),
            "case_made" => self.case = true,
            "ended" => {
                leave(&mut self.stints, None);
                self.ended = Some((at, body["why"].as_str().unwrap().to_owned()));
            }
            _ => {}
        }
    }
}

/// All chats as the event log tells them.
async fn stories(server: &Server) -> Vec<Story> {
    server.app.journal.fold().await.unwrap();
    type Event = (Uuid, DateTime<Utc>, String, Option<Uuid>, Json<Value>);
    let events: Vec<Event> = server
        .app
        .db
        .query("SELECT chat_id, at, party, author_id, body FROM chat_events ORDER BY chat_id, seq")
        .fetch_all()
        .await
        .unwrap();
    let mut stories: BTreeMap<Uuid, Story> = BTreeMap::new();
    for (chat, at, party, author, body) in events {
        stories.entry(chat).or_default().hear(at, &party, author, &body.0);
    }
    // Writing up is not in the log: who served a chat to its end has it for a while.
    let written_up: Vec<(Uuid, DateTime<Utc>)> = server
        .app
        .db
        .query("SELECT id, wrap_up_until FROM chats WHERE wrap_up_until IS NOT NULL ORDER BY id")
        .fetch_all()
        .await
        .unwrap();
    for (chat, until) in written_up {
        let story = stories.get_mut(&chat).unwrap();
        let ended = story.ended.as_ref().unwrap().0;
        for stint in story.stints.iter_mut().filter(|stint| stint.2 == Some(ended)) {
            stint.2 = Some(until);
        }
    }
    stories.into_values().collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn seconds(time: TimeDelta) -> f64 {
    time.num_milliseconds() as f64 / 1000.0
}

/// The same figures as JSON, from the stories alone.
fn recount(stories: &[Story]) -> Value {
    let asked: Vec<&Story> = stories.iter().filter(|s| s.asked.is_some()).collect();
    let wait = |s: &Story| s.replied.map(|(at, _)| seconds(at - s.asked.unwrap()));
    let waits: Vec<f64> = asked.iter().filter_map(|s| wait(s)).collect();
    let in_time = waits.iter().filter(|w| **w <= 60.0).count();
    let left = |s: &&&Story| {
        s.replied.is_none() && s.ended.as_ref().is_some_and(|(_, why)| why == "customer" || why == "abandoned")
    };
    let abandoned: Vec<&&Story> = asked.iter().filter(left).collect();
    let at_once = abandoned.iter().filter(|s| seconds(s.ended.as_ref().unwrap().0 - s.asked.unwrap()) <= 5.0).count();
    let handled: Vec<f64> = asked
        .iter()
        .filter(|s| s.ended.is_some() && !s.stints.is_empty())
        .map(|s| s.stints.iter().map(|(_, from, to)| seconds(to.unwrap() - *from)).sum())
        .collect();
    let mut figures = json!({
        "arrived": asked.len(), "answered": waits.len(), "answered_in_time": in_time, "abandoned": abandoned.len(),
        "left_at_once": at_once, "cases": asked.iter().filter(|s| s.case).count(), "handled": handled.len(),
        "self_service": stories.iter().filter(|s| s.ended.as_ref().is_some_and(|(_, why)| why == "self_service")).count(),
        "service_level": in_time as f64 / (asked.len() - at_once) as f64,
        "abandoned_share": abandoned.len() as f64 / asked.len() as f64,
    });
    for (name, value) in [
        ("answer_seconds", mean(&waits)),
        ("longest_answer_seconds", waits.iter().copied().reduce(f64::max)),
        ("handle_seconds", mean(&handled)),
    ] {
        if let Some(value) = value {
            figures[name] = json!(value);
        }
    }
    figures
}

/// Numbers that are the same but for how they were added up.
#[track_caller]
fn same(one: &Value, other: &Value) {
    let (a, b) = (one.as_object().unwrap(), other.as_object().unwrap());
    assert_eq!(a.keys().collect::<BTreeSet<_>>(), b.keys().collect::<BTreeSet<_>>(), "{one}\n{other}");
    for (name, value) in a {
        let (x, y) = (value.as_f64().unwrap(), b[name].as_f64().unwrap());
        assert!((x - y).abs() < 1e-6, "{name}: {x} and {y}\n{one}\n{other}");
    }
}

/// Milliseconds of a day in which something was so, one by one tenth of a second.
fn tenths(spans: &[(DateTime<Utc>, DateTime<Utc>)], from: DateTime<Utc>, to: DateTime<Utc>) -> BTreeSet<i64> {
    let mut all = BTreeSet::new();
    for (a, b) in spans {
        let (a, b) = ((*a).max(from).timestamp_millis(), (*b).min(to).timestamp_millis());
        all.extend((a.div_euclid(100)..b.div_euclid(100)).filter(|_| b > a));
    }
    all
}

/// The next frame with figures that fit.
async fn figures(supervisor: &mut Agent, fits: impl Fn(&Value) -> bool) -> Value {
    supervisor.socket.hear_where("figures", fits).await
}

async fn follow(server: &Server, login: (&str, &str)) -> Agent {
    let mut supervisor = Agent::sign_in(server, login).await;
    assert_eq!(supervisor.socket.ask(json!({"type": "follow_figures", "on": true})).await["type"], "ok");
    supervisor
}

async fn run(server: &Server, sql: &'static str) {
    let mut tx = server.app.db.begin().await.unwrap();
    tx.query(sql).execute().await.unwrap();
    tx.commit().await.unwrap();
}

/// Sets the clock ahead, and waits until all leases are renewed.
async fn later(server: &Server, seconds: i64) {
    server.advance(TimeDelta::seconds(seconds));
    eventually("the lease is renewed", async || {
        let (seen,): (DateTime<Utc>,) =
            server.app.db.query("SELECT MIN(seen_at) FROM nodes").fetch_one().await.unwrap();
        (seen > server.app.clock.now() - TimeDelta::seconds(20)).then_some(())
    })
    .await;
}

/// A day with one chat of each kind; who is still there.
async fn a_day(server: &Server, rosalind: &mut Agent) -> (Agent, Agent, Vec<Customer>) {
    // Answered in time.
    let mut zoe = Customer::arrive(server, ZOE).await;
    zoe.ask("The claims to one payer are rejected", "claims").await;
    let waiting = figures(rosalind, |f| f["now"]["waiting"] == 1).await;
    assert_eq!((&waiting["today"]["arrived"], &waiting["now"]["served"]), (&json!(1), &json!(0)));
    later(server, 30).await;
    let mut priya = Agent::online(server, PRIYA).await;
    let (of_zoe, _) = priya.take().await;
    let taken = figures(rosalind, |f| f["now"]["served"] == 1).await;
    assert_eq!((&taken["now"]["waiting"], &taken["today"]["answered"]), (&json!(0), &json!(0)), "no word was said yet");
    later(server, 10).await;
    priya.say(of_zoe, "Which payer is it?").await;
    let answered = figures(rosalind, |f| f["today"]["answered"] == 1).await;
    assert_eq!(answered["today"]["service_level"], 1.0);
    // Left at once.
    let mut marcus = Customer::arrive(server, MARCUS).await;
    priya.presence("away").await;
    marcus.ask("A question that is withdrawn", "claims").await;
    assert_eq!(marcus.socket.ask(json!({"type": "end", "chat": marcus.chat, "solved": true})).await["type"], "ok");
    // Left after a while: it becomes a case.
    let mut tomas = Customer::arrive(server, TOMAS).await;
    tomas.ask("The screen stays empty", "signin").await;
    figures(rosalind, |f| f["now"]["waiting"] == 1 && f["now"]["at_risk"] == 0).await;
    later(server, 100).await;
    figures(rosalind, |f| f["now"]["at_risk"] == 1).await;
    assert_eq!(tomas.socket.ask(json!({"type": "end", "chat": tomas.chat})).await["type"], "ok");
    // Answered late, by somebody of the other team.
    let mut layla = Customer::arrive(server, LAYLA).await;
    layla.ask("I cannot sign in", "signin").await;
    let mut jonah = Agent::online(server, JONAH).await;
    let (of_layla, _) = jonah.take().await;
    later(server, 200).await;
    jonah.say(of_layla, "I look into it").await;
    // Solved by a solution.
    let mut nadia = Customer::arrive(server, NADIA).await;
    let found = nadia.socket.ask(json!({"type": "suggest", "text": "reset the password"})).await;
    let solution = found["items"][0]["id"].clone();
    nadia.socket.ask(json!({"type": "open_solution", "solution": solution})).await;
    nadia.socket.ask(json!({"type": "rate_solution", "solution": solution, "solved": true})).await;
    // Over.
    assert_eq!(priya.socket.ask(json!({"type": "end", "chat": of_zoe, "solved": true})).await["type"], "ok");
    later(server, 50).await;
    assert_eq!(jonah.socket.ask(json!({"type": "end", "chat": of_layla})).await["type"], "ok");
    // Still waiting.
    let mut priscilla = Customer::arrive(server, PRISCILLA).await;
    priscilla.ask("A remittance is missing", "payments").await;
    (priya, jonah, vec![zoe, marcus, tomas, layla, nadia, priscilla])
}

both! {
    async fn live_13_the_figures_are_what_a_recount_of_the_log_says(engine) {
        let server = Server::start(engine).await;
        let mut rosalind = follow(&server, ROSALIND).await;
        let first = figures(&mut rosalind, |_| true).await;
        assert_eq!((&first["today"]["arrived"], &first["today"].get("service_level")), (&json!(0), &None), "no number is made up");
        assert_eq!(first["acknowledgements"]["due"], 0);
        let (priya, jonah, customers) = a_day(&server, &mut rosalind).await;
        // All is written up: from here on nobody's time goes on by itself.
        let chats: Vec<(Uuid,)> = server.app.db.query("SELECT id FROM chats WHERE wrap_up_until IS NOT NULL ORDER BY id").fetch_all().await.unwrap();
        assert!(!chats.is_empty(), "somebody had something to write up");
        for (chat,) in chats {
            for agent in [&priya, &jonah] {
                assert_eq!(agent.post(&format!("/api/chats/{chat}/wrap-up-done"), json!({})).await.0, 204);
            }
        }
        let written_up = server.app.clock.now();
        let last = figures(&mut rosalind, |f| f["as_of"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() > written_up && f["now"]["waiting"] == 1 && f["today"]["handled"] == 2 && f["today"]["self_service"] == 1).await;

        let stories = stories(&server).await;
        same(&last["today"], &recount(&stories));
        assert_eq!(last["now"]["longest_since"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), stories.iter().filter(|s| s.replied.is_none() && s.ended.is_none()).filter_map(|s| s.asked).min().unwrap());
        // The chart's parts come to the same.
        let chart = last["chart"].as_array().unwrap();
        for name in ["arrived", "answered", "abandoned", "cases", "handled", "self_service"] {
            let sum: i64 = chart.iter().map(|part| part[name].as_i64().unwrap()).sum();
            assert_eq!(json!(sum), last["today"][name], "{name}");
        }

        // People: answers, handle time and occupancy, counted one tenth of a second after the other.
        let as_of: DateTime<Utc> = last["as_of"].as_str().unwrap().parse().unwrap();
        let day: DateTime<Utc> = last["day_from"].as_str().unwrap().parse().unwrap();
        type Spell = (Uuid, String, DateTime<Utc>, Option<DateTime<Utc>>);
        let spells: Vec<Spell> = server.app.db.query("SELECT staff_id, state, started_at, ended_at FROM presence_spells ORDER BY staff_id, started_at").fetch_all().await.unwrap();
        for agent in last["agents"].as_array().unwrap() {
            let id: Uuid = agent["id"].as_str().unwrap().parse().unwrap();
            let name = agent["name"].as_str().unwrap();
            let answered = stories.iter().filter(|s| s.replied.is_some_and(|(_, by)| by == id)).count();
            assert_eq!(agent["answered"], json!(answered), "{name}");
            let stints: Vec<_> = stories.iter().flat_map(|s| &s.stints).filter(|(who, ..)| *who == id).map(|(_, from, to)| (*from, to.unwrap_or(as_of))).collect();
            let own: Vec<f64> = stints.iter().map(|(from, to)| seconds(*to - *from)).collect();
            assert_eq!(agent.get("handle_seconds").map(|v| (v.as_f64().unwrap() * 1000.0).round()), mean(&own).map(|v| (v * 1000.0).round()), "{name}");
            let online: Vec<_> = spells.iter().filter(|s| s.0 == id && s.1 == "online").map(|s| (s.2, s.3.unwrap_or(as_of))).collect();
            let (busy, online) = (tenths(&stints, day, as_of), tenths(&online, day, as_of));
            let all = busy.union(&online).count();
            assert!((agent["online_seconds"].as_f64().unwrap() - online.len() as f64 / 10.0).abs() < 1.0, "{name}");
            if all > 0 {
                let occupancy = agent["occupancy"].as_f64().unwrap();
                assert!((occupancy - busy.len() as f64 / all as f64).abs() < 0.01, "{name}: {occupancy}, {} of {all}", busy.len());
            } else {
                assert_eq!(agent.get("occupancy"), None, "{name}");
            }
        }
        assert!(last["agents"].as_array().unwrap().iter().any(|a| a["occupancy"].as_f64().is_some_and(|o| o > 0.0 && o < 1.0)));

        // The history is the same.
        let by_day = rosalind.get("/api/figures?from=2026-12-01&to=2026-12-01").await;
        same(&figures_of(&by_day["total"]), &last["today"]);
        same(&figures_of(&by_day["rows"][0]), &last["today"]);
        for by in ["hour", "team", "category"] {
            let cut = rosalind.get(&format!("/api/figures?from=2026-12-01&to=2026-12-01&by={by}")).await;
            same(&figures_of(&cut["total"]), &last["today"]);
            for name in ["arrived", "answered", "answered_in_time", "abandoned", "cases", "handled"] {
                let sum: i64 = cut["rows"].as_array().unwrap().iter().map(|row| row[name].as_i64().unwrap()).sum();
                assert_eq!(json!(sum), last["today"][name], "{by} {name}");
            }
        }
        let by_agent = rosalind.get("/api/figures?from=2026-12-01&to=2026-12-01&by=agent").await;
        for row in by_agent["rows"].as_array().unwrap() {
            let live = last["agents"].as_array().unwrap().iter().find(|a| a["id"] == row["key"]).unwrap();
            assert_eq!((&row["answered"], row.get("handle_seconds")), (&live["answered"], live.get("handle_seconds")), "{row}");
            let one = rosalind.get(&format!("/api/figures?from=2026-12-01&to=2026-12-01&agent={}", row["key"].as_str().unwrap())).await;
            same(&figures_of(&one["total"]), &figures_of(row));
        }
        let team = rosalind.get("/api/figures?from=2026-12-01&to=2026-12-01&team=platform").await;
        assert_eq!((&team["total"]["arrived"], &team["total"]["answered"]), (&json!(2), &json!(1)), "{team}");
        let before = rosalind.get("/api/figures?from=2026-11-01&to=2026-11-30").await;
        assert_eq!((before["rows"].as_array().unwrap().len(), &before["total"]["arrived"]), (30, &json!(0)));

        // Who no longer follows hears no more; who follows anew is told at once.
        assert_eq!(rosalind.socket.ask(json!({"type": "follow_figures", "on": false})).await["type"], "ok");
        assert_eq!(rosalind.socket.ask(json!({"type": "follow_figures", "on": true})).await["type"], "ok");
        let again = figures(&mut rosalind, |f| f["as_of"].as_str() > last["as_of"].as_str()).await;
        same(&again["today"], &last["today"]);
        drop((priya, jonah, customers));
    }

    async fn live_13_time_in_a_state_is_noted_without_gaps(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        for state in ["online", "transfers_only", "online"] {
            priya.presence(state).await;
            noted(&server, state).await;
        }
        drop(priya);
        // The lease runs out; a little later the person is back.
        later(&server, 60).await;
        noted(&server, "offline").await;
        let mut priya = Agent::online(&server, PRIYA).await;
        noted(&server, "online").await;
        let spells: Vec<(String, DateTime<Utc>, Option<DateTime<Utc>>)> = server.app.db.query("SELECT p.state, p.started_at, p.ended_at FROM presence_spells p JOIN staff s ON s.id = p.staff_id WHERE s.name = 'Priya Raman' ORDER BY p.started_at, p.id").fetch_all().await.unwrap();
        let states: Vec<&str> = spells.iter().map(|s| s.0.as_str()).filter(|state| *state != "away").collect();
        assert_eq!(states, ["online", "transfers_only", "online", "offline", "online"], "{spells:?}");
        assert!(spells.windows(2).all(|pair| pair[0].2 == Some(pair[1].1)), "one ends where the next begins: {spells:?}");
        assert_eq!(spells.last().unwrap().2, None);
        priya.presence("away").await;
        noted(&server, "away").await;
    }

    async fn live_13_history_as_a_page_and_as_csv_is_for_supervisors(engine) {
        let server = Server::start(engine).await;
        let mut rosalind = follow(&server, ROSALIND).await;
        let _day = a_day(&server, &mut rosalind).await;
        run(&server, "UPDATE staff SET name = '=HYPERLINK(1)' WHERE name = 'Priya Raman'").await;
        run(&server, "UPDATE teams SET name = '@claims, \"one\"' WHERE key = 'claims'").await;
        let text = async |path: &str, token: &str| {
            let answer = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
            let answer = answer.get(server.url(path)).header("cookie", format!("__Host-deskbell={token}")).send().await.unwrap();
            let kind = answer.headers().get("content-type").map(|k| k.to_str().unwrap().to_owned()).unwrap_or_default();
            (answer.status().as_u16(), kind, answer.text().await.unwrap())
        };
        let (status, kind, csv) = text("/supervisor/history.csv?by=agent", &rosalind.token).await;
        assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
        assert!(csv.starts_with("name,key,arrived,answered,"), "{csv}");
        assert!(csv.contains("\n'=HYPERLINK(1),"), "{csv}");
        let (_, _, teams) = text("/supervisor/history.csv?by=team", &rosalind.token).await;
        assert!(teams.contains("\n\"'@claims, \"\"one\"\"\",claims,"), "{teams}");
        assert!(csv.lines().chain(teams.lines()).flat_map(|line| line.split(',')).all(|cell| !cell.trim_start_matches('"').starts_with(['=', '+', '-', '@'])));
        let today = rosalind.get("/api/figures").await;
        let (_, _, days) = text("/supervisor/history.csv", &rosalind.token).await;
        let last = days.lines().last().unwrap();
        assert!(last.starts_with(&format!("Total,,{},{},", today["total"]["arrived"], today["total"]["answered"])), "{last}");
        let (status, kind, page) = text("/supervisor/history?by=hour", &rosalind.token).await;
        assert_eq!((status, kind.starts_with("text/html")), (200, true));
        assert!(page.contains("<svg class=\"chart\"") && page.contains("10:00") && page.contains("role=\"img\" aria-label=\"Chats that arrived"), "{page}");

        for (asked, words) in [("from=2026-12-09&to=2026-12-01", "The last day comes before the first."), ("from=2024-01-01&to=2026-12-01", "at most 400 days"), ("from=yesterday", "please give a date"), ("team=none", "There is no such team"), ("agent=x", "There is no such agent"), ("by=week", "one of the ways")] {
            let (status, _, page) = text(&format!("/supervisor/history?{asked}"), &rosalind.token).await;
            assert!(status == 422 && page.contains(words) && page.contains("<title>Error: "), "{asked}: {status}");
            let (status, _, answer) = text(&format!("/api/figures?{asked}"), &rosalind.token).await;
            assert!(status == 422 && answer.contains(words), "{asked}: {answer}");
        }
        let mut priya = Agent::sign_in(&server, OWEN).await;
        for path in ["/api/figures", "/supervisor/history.csv"] {
            assert_eq!(text(path, &priya.token).await.0, 403, "{path}");
        }
        assert_eq!(text("/supervisor/history", &priya.token).await.0, 303);
        assert_eq!(text("/api/figures", "nobody").await.0, 401);
        let refused = priya.socket.ask(json!({"type": "follow_figures", "on": true})).await;
        assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("forbidden")));
    }
}

/// A row without what it is about.
fn figures_of(row: &Value) -> Value {
    let mut row = row.clone();
    for name in ["key", "name", "time"] {
        row.as_object_mut().unwrap().remove(name);
    }
    row
}

/// Waits until this is the state of Priya's spell.
async fn noted(server: &Server, state: &str) {
    eventually(state, async || {
        let now: Option<(String,)> = server
            .app
            .db
            .query("SELECT p.state FROM presence_spells p JOIN staff s ON s.id = p.staff_id WHERE p.ended_at IS NULL AND s.name = 'Priya Raman'")
            .fetch_optional()
            .await
            .unwrap();
        (now?.0 == state).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_13_what_happens_on_one_node_is_in_the_figures_of_the_other_and_spells_are_noted_once() {
    let one = Server::with(Engine::Postgres, Settings::default()).await;
    let other = one.beside().await;
    let mut rosalind = follow(&other, ROSALIND).await;
    let mut priya = Agent::online(&one, PRIYA).await;
    noted(&one, "online").await;
    let mut zoe = Customer::arrive(&one, ZOE).await;
    zoe.ask("The claims to one payer are rejected", "claims").await;
    figures(&mut rosalind, |f| f["today"]["arrived"] == 1).await;
    let (chat, _) = priya.take().await;
    priya.say(chat, "Which payer?").await;
    let answered = figures(&mut rosalind, |f| f["today"]["answered"] == 1).await;
    assert_eq!(answered["now"]["served"], 1);
    let doubled: Vec<(Uuid,)> = one
        .app
        .db
        .query("SELECT a.id FROM presence_spells a JOIN presence_spells b ON b.staff_id = a.staff_id AND b.id <> a.id WHERE b.started_at <= a.started_at AND (b.ended_at IS NULL OR b.ended_at > a.started_at)")
        .fetch_all()
        .await
        .unwrap();
    assert!(doubled.is_empty(), "{doubled:?}");
}
