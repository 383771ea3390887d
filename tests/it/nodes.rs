//! Several nodes on one PostgreSQL database: whoever is connected to whichever of them talks to all.

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{chat::presence, store::Db};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Agent, Customer, Engine, Server, Settings, Socket, actors::*, engine::Database, nats::Nats};

/// Two nodes that know each other over NATS, or over the database only.
async fn two_nodes(nats: Option<&Nats>) -> (Server, Server) {
    let settings = Settings { nats: nats.map(Nats::url), ..Settings::default() };
    let first = Server::with(Engine::Postgres, settings).await;
    let second = first.beside().await;
    (first, second)
}

/// A customer on one node and the specialist on the other have a chat.
async fn talk(first: &Server, second: &Server) {
    let mut priya = Agent::online(second, PRIYA).await;
    let mut zoe = Customer::arrive(first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    assert_eq!(zoe.socket.hear("place").await["place"], 1);
    let (chat, _) = priya.take().await;
    assert_eq!(zoe.event("joined").await["name"], "Priya Raman");
    for round in 0..10 {
        zoe.say(&format!("from the first node, {round}")).await;
        priya.say(chat, &format!("from the second node, {round}")).await;
    }
    for socket in [&mut zoe.socket, &mut priya.socket] {
        let last = |e: &serde_json::Value| e["body"]["text"] == "from the second node, 9";
        socket.hear_where("event", last).await;
    }
    // Every reader has it in the same order, without a gap, on each node.
    let mut logs = Vec::new();
    for server in [first, second] {
        let (events, _) = Socket::open(server, &zoe.token).await.watch(chat, 0).await;
        let numbers: Vec<i64> = events.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=events.len() as i64).collect::<Vec<_>>());
        logs.push(events);
    }
    assert_eq!(logs[0], logs[1]);
    priya.socket.send(json!({"type": "end", "chat": chat, "solved": true})).await;
    assert_eq!(zoe.event("ended").await["body"]["why"], "specialist");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_two_nodes_are_one_desk() {
    let nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    talk(&first, &second).await;
    // Hints cross over, too; the supervisor on one node sees who is connected to the other.
    let mut priya = Agent::online(&second, PRIYA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("Another one", "claims").await;
    let (chat, events) = priya.take().await;
    zoe.socket.send(json!({"type": "typing", "chat": chat, "on": true})).await;
    assert_eq!(priya.socket.hear("typing").await["name"], "Zoë Ångström");
    let last = events.last().unwrap()["seq"].clone();
    priya.socket.send(json!({"type": "mark", "chat": chat, "delivered": last, "read": last})).await;
    zoe.socket.hear_where("mark", |mark| mark["party"] == "staff" && mark["read"] == last).await;
    let mut rosalind = Agent::sign_in(&first, ROSALIND).await;
    let desk = rosalind.desk(|desk| desk["served"][0]["customer_here"] == true).await;
    let person = desk["people"].as_array().unwrap().iter().find(|p| p["name"] == "Priya Raman").cloned().unwrap();
    assert_eq!((&person["presence"], &person["chats"]), (&json!("online"), &json!(1)));
    // Signed out on one node, the socket on the other closes.
    let answer =
        priya.http.post(first.url("/logout")).header("cookie", format!("__Host-deskbell={}", priya.token)).send();
    assert!(answer.await.unwrap().status().is_redirection());
    assert_eq!(priya.socket.closed().await, 4100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_without_nats_the_nodes_follow_each_second() {
    let mut nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    nats.kill().await;
    talk(&first, &second).await;
    let mut priya = Agent::online(&second, PRIYA).await;
    let answer =
        priya.http.post(first.url("/logout")).header("cookie", format!("__Host-deskbell={}", priya.token)).send();
    assert!(answer.await.unwrap().status().is_redirection());
    assert_eq!(priya.socket.closed().await, 4100);
    // And it is there again.
    nats.run().await;
    talk(&first, &second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_without_nats_at_all_the_nodes_follow_the_database() {
    let (first, second) = two_nodes(None).await;
    talk(&first, &second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_08_a_chat_goes_on_when_its_node_leaves() {
    let nats = Nats::start().await;
    let (mut first, second) = two_nodes(Some(&nats)).await;
    let mut priya = Agent::online(&second, PRIYA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let (chat, events) = priya.take().await;
    zoe.say("before").await;
    first.stop().await;
    assert_eq!(zoe.socket.closed().await, 1012);
    priya.say(chat, "meanwhile").await;
    zoe.reconnect(&second).await;
    let (missed, _) = zoe.socket.watch(chat, events.len() as i64).await;
    let said: Vec<_> = missed.iter().filter_map(|e| e["body"]["text"].as_str()).collect();
    assert_eq!(said, ["before", "meanwhile"]);
    zoe.say("after").await;
    assert_eq!(priya.socket.hear_where("event", |e| e["body"]["text"] == "after").await["chat"], json!(chat));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_06_two_nodes_offer_a_specialist_no_more_than_fits() {
    let nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    let mut rosalind = Agent::sign_in(&first, ROSALIND).await;
    let mut waiting = Vec::new();
    let mut priya = Agent::online(&second, PRIYA).await;
    let people = [ZOE, MARCUS, TOMAS, NADIA, LAYLA, PRISCILLA];
    for (turn, who) in people.into_iter().enumerate() {
        let mut customer = Customer::arrive(if turn % 2 == 0 { &first } else { &second }, who).await;
        customer.ask("A claim is stuck", "claims").await;
        waiting.push(customer);
    }
    let capacity = |desk: &Value| {
        let people = desk["people"].as_array().unwrap();
        people.iter().find(|p| p["name"] == "Priya Raman").map(|p| p["capacity"].as_u64().unwrap() as usize)
    };
    let desk = rosalind.desk(|desk| desk["line"].as_array().unwrap().len() == people.len()).await;
    let most = capacity(&desk).unwrap();
    assert!(most < people.len(), "the test needs more chats than {most}");
    // Every desk that she saw on the way counts.
    let mut seen = 0;
    loop {
        let desk = priya.desk(|_| true).await;
        let offers = desk["offers"].as_array().unwrap().len();
        assert!(offers <= most, "{offers} offers for {most} places");
        seen = seen.max(offers);
        if seen == most && desk["line"].as_array().unwrap().len() == people.len() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_a_customer_who_moved_to_another_node_is_not_gone() {
    let nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    let mut priya = Agent::online(&second, PRIYA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    priya.take().await;
    let here = |desk: &Value| desk["mine"][0]["customer_here"] == true;
    priya.desk(here).await;
    // The new socket is there before the first node hears that the old one is gone.
    let mut moved = Socket::open(&second, &zoe.token).await;
    moved.watch(zoe.chat, 0).await;
    drop(zoe.socket);
    // What the first node noted is corrected at once, long before the second renews what is its own.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(2);
    let mut last = Value::Null;
    while let Ok(frame) = tokio::time::timeout_at(deadline, priya.socket.next()).await {
        let frame = frame.expect("an open socket");
        if frame["type"] == "desk" {
            last = frame;
        }
    }
    assert!(last.is_null() || here(&last), "a customer who is here counts as gone: {last}");
}

/// A person is held by one node; when that one goes, another to which the person is connected holds on before anybody counts
/// as gone. And who was connected to the lost node only does count as gone when its lease ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_who_is_connected_to_two_nodes_stays_when_one_goes() {
    let nats = Nats::start().await;
    let (mut first, second) = two_nodes(Some(&nats)).await;
    let _here = Agent::sign_in(&second, PRIYA).await;
    let _there = Agent::online(&first, PRIYA).await;
    let _only_there = Agent::online(&first, JONAH).await;
    let mut rosalind = Agent::sign_in(&second, ROSALIND).await;
    let is = |desk: &Value, name: &str, state: &str| {
        let people = desk["people"].as_array().unwrap();
        people.iter().any(|p| p["name"] == name && p["presence"] == state)
    };
    rosalind.desk(|desk| is(desk, "Priya Raman", "online") && is(desk, "Jonah Whitlock", "online")).await;
    first.stop().await;
    let turn = TimeDelta::seconds(presence::RENEW_SECONDS + 1);
    for done in [
        "SELECT id FROM nodes WHERE id = $1 AND seen_at >= $2",
        "SELECT p.staff_id FROM presence p JOIN staff s ON s.id = p.staff_id JOIN nodes n ON n.id = p.node_id
         WHERE n.id = $1 AND n.seen_at >= $2 AND s.name = 'Priya Raman'",
    ] {
        let before = second.app.clock.now();
        second.advance(turn);
        while ids(&second, done, before).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    // The lost node's lease ends.
    second.advance(turn);
    let desk = rosalind.desk(|desk| is(desk, "Jonah Whitlock", "offline")).await;
    assert!(is(&desk, "Priya Raman", "online"), "{desk}");
}

async fn ids(server: &Server, sql: &'static str, since: DateTime<Utc>) -> Vec<(Uuid,)> {
    server.app.db.query(sql).bind(server.app.node).bind(since).fetch_all().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_one_of_several_nats_servers_is_enough() {
    let (mut away, nats) = (Nats::start().await, Nats::start().await);
    away.kill().await;
    let settings = Settings { nats: Some(format!("{}, {}", away.url(), nats.url())), ..Settings::default() };
    let first = Server::with(Engine::Postgres, settings).await;
    let second = first.beside().await;
    let mut priya = Agent::online(&second, PRIYA).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    priya.take().await;
    // Only NATS carries this; whichever of the two connected last hears it from then on.
    for _ in 0..100 {
        zoe.socket.send(json!({"type": "typing", "chat": zoe.chat, "on": true})).await;
        let heard = tokio::time::timeout(std::time::Duration::from_millis(100), priya.socket.hear("typing")).await;
        if let Ok(frame) = heard {
            assert_eq!(frame["name"], "Zoë Ångström");
            return;
        }
    }
    panic!("no NATS server was used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_08_what_is_sent_twice_at_once_shows_on_the_other_node() {
    let nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let mut tab = Socket::open(&second, &zoe.token).await;
    tab.watch(zoe.chat, 0).await;
    // The second and the third frame are mostly written in one transaction.
    for round in 0..30 {
        let [filler, message] = ["filler", "twice"].map(|text| {
            zoe.n += 1;
            let text = format!("{text} {round}");
            json!({"type": "send", "id": new_id(), "chat": zoe.chat, "client": zoe.client, "n": zoe.n, "text": text})
        });
        for frame in [filler, message.clone(), message.clone()] {
            zoe.socket.send(frame).await;
        }
        tab.hear_where("event", |event| event["id"] == message["id"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_08_a_hint_that_is_wrong_hides_nothing() {
    let nats = Nats::start().await;
    let (first, second) = two_nodes(Some(&nats)).await;
    let mut zoe = Customer::arrive(&first, ZOE).await;
    zoe.ask("A claim is stuck", "claims").await;
    let mut tab = Socket::open(&second, &zoe.token).await;
    tab.watch(zoe.chat, 0).await;
    let epoch: uuid::Uuid = tab.welcome["epoch"].as_str().unwrap().parse().unwrap();
    let hint = json!({"node": new_id(), "type": "changed", "chat": zoe.chat, "seq": 1_000_000});
    nats.publish(&format!("deskbell.{}", epoch.simple()), &hint.to_string()).await;
    let id = zoe.say("after it").await["id"].clone();
    tab.hear_where("event", |event| event["id"] == id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_02_a_node_that_vanished_holds_up_nobody_for_long() {
    let database = Database::create(Engine::Postgres).await;
    let (gone, here) = (Db::open(&database.url, 0).await.unwrap(), Db::open(&database.url, 0).await.unwrap());
    let lock = "UPDATE try_gate SET turns = turns + 1";
    // What a machine without power leaves behind at PostgreSQL: a transaction that nobody goes on with.
    let mut left = gone.begin().await.unwrap();
    left.query(lock).execute().await.unwrap();
    let mut next = here.begin().await.unwrap();
    let waited = tokio::time::timeout(std::time::Duration::from_secs(10), next.query(lock).execute()).await;
    waited.expect("the lock is free after a few seconds").unwrap();
    next.commit().await.unwrap();
    // A node that was only slow hears that its transaction is over, and does it again.
    let error = left.query(lock).execute().await.unwrap_err();
    assert!(deskbell::store::lost_connection(&error), "{error}");
}
