//! HTTP under hostile hands: bodies, methods, other sites' pages, slow clients, and who may do what.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};

use crate::{
    both,
    support::{Agent, Customer, Engine, Server, Settings, Socket, actors::*, eventually},
};

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Every route that changes something, as the router's page has them, with ids of nobody.
fn changing_routes() -> Vec<(Method, String)> {
    let router = include_str!("../../src/web/mod.rs");
    let routes: Vec<_> = router
        .split(".route(")
        .skip(1)
        .flat_map(|route| {
            let (_, rest) = route.split_once('"').unwrap();
            let (path, handlers) = rest.split_once('"').unwrap();
            let handlers = handlers.split(';').next().unwrap();
            let path = path.replace("{id}", "01a2321e-b778-75dd-91ed-78a554e9204c").replace("{number}", "1001");
            let methods = [
                ("post(", Method::POST),
                ("delete(", Method::DELETE),
                ("put(", Method::PUT),
                ("patch(", Method::PATCH),
            ];
            methods
                .into_iter()
                .filter(|(call, _)| handlers.contains(call))
                .map(|(_, method)| (method, path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(routes.len() >= 20, "{routes:?}");
    routes
}

/// A request with the console's cookie, as a browser sends it.
fn with_cookie(http: &Client, method: Method, url: &str, token: &str) -> RequestBuilder {
    http.request(method, url).header("cookie", format!("__Host-deskbell={token}"))
}

async fn code(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    assert!(body["message"].as_str().is_some_and(|words| !words.is_empty()), "{status}: {body}");
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// Sends bytes and reads to the end.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    // The server may hang up before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("the server hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

both! {
    async fn run_06_pages_of_other_sites_can_change_nothing(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let http = client();
        // With the demo's own page, which can close the chat for everybody.
        let demo = deskbell::demo::Demo { site_url: String::new(), logins: Vec::new(), pins: Vec::new() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = deskbell::web::router(server.app.clone(), Some(demo));
        tokio::spawn(deskbell::web::listener::serve(server.app.clone(), listener, router));
        for (method, path) in changing_routes() {
            let request = || with_cookie(&http, method.clone(), &format!("{base}{path}"), &wilma.token).json(&json!({"state": "closed", "reason": "x", "note": "x", "text": "x"}));
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("origin", "http://localhost:8081"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-site", "?"),
            ] {
                let answer = request().header(name, value).send().await.unwrap();
                assert!(answer.headers().get("set-cookie").is_none(), "{method} {path}");
                assert_eq!(code(answer).await, (403, "foreign_page".into()), "{method} {path} with {name}: {value}");
            }
            let own = request().header("origin", &base).header("sec-fetch-site", "same-origin");
            // What the page itself sends comes through, to whatever the verb says of it.
            if !path.starts_with("/logout") {
                let answer = own.send().await.unwrap();
                let status = answer.status();
                let body = answer.text().await.unwrap();
                assert!(!status.is_server_error() && !body.contains("foreign_page"), "{method} {path}: {status} {body}");
            }
        }
        assert_eq!(wilma.get("/api/me").await["name"], "Wilma Pryce", "nobody was signed out");
    }

    async fn run_06_what_cannot_be_read_is_refused_in_words(engine) {
        let server = Server::start(engine).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let http = client();
        let large = "x".repeat(300 * 1024);
        for (_, path) in changing_routes().into_iter().filter(|(method, path)| *method == Method::POST && !path.starts_with("/demo/")) {
            let request = || http.post(server.url(&path)).bearer_auth(&priya.token);
            // The server may answer and hang up while the body is still on its way, so this connection is not used again.
            let alone = client().post(server.url(&path)).bearer_auth(&priya.token).header("content-type", "application/json");
            // A picture or a file may have more, and so may the form of a solution.
            let may_be_large = path.ends_with("/pictures") || path.ends_with("/files") || path.starts_with("/knowledge/") && path.matches('/').count() == 2;
            if !may_be_large && let Ok(answer) = alone.body(large.clone()).send().await {
                assert_eq!(code(answer).await, (413, "too_large".to_owned()), "{path}");
            }
            for (kind, body) in [
                ("application/json", "{"),
                ("application/json", "\u{0}"),
                ("application/json", "[1,2"),
                ("application/json", "null"),
                ("application/x-www-form-urlencoded", "%zz=%FF&a=b"),
                ("text/plain", "{}"),
                ("multipart/form-data", "x"),
                ("", "{}"),
            ] {
                let answer = request().header("content-type", kind).body(body).send().await.unwrap();
                let status = answer.status();
                assert!(!status.is_server_error(), "{path} {kind} {body}: {status}");
                let page = answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
                if status.is_client_error() && !page {
                    let (_, code) = self::code(answer).await;
                    assert!(!code.is_empty(), "{path} {kind} {body}: {status} without words");
                }
            }
        }
        for (body, kind, expected) in [
            ("{", "application/json", (422, "bad_json")),
            (r#"{"site":"pub_demo","pin":7306}"#, "application/json", (422, "bad_json")),
            ("{}", "text/plain", (415, "not_json")),
        ] {
            let answer = http.post(server.url("/widget/api/verify")).header("content-type", kind).body(body).send().await.unwrap();
            assert_eq!(code(answer).await, (expected.0, expected.1.to_owned()));
        }
        // Without a length the limit counts what comes.
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = "POST /widget/api/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        let chunk = format!("10000\r\n{}\r\n", "[".repeat(0x10000));
        let answer = exchange(&mut stream, format!("{head}{}0\r\n\r\n", chunk.repeat(5)).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer:.300}");
        let deep = format!(r#"{{"site":{}"#, "[".repeat(100_000));
        let answer = http.post(server.url("/widget/api/verify")).header("content-type", "application/json").body(deep).send().await.unwrap();
        assert_eq!(code(answer).await, (422, "bad_json".to_owned()));
    }

    async fn run_06_unknown_addresses_and_methods_are_refused(engine) {
        let server = Server::start(engine).await;
        let http = client();
        for path in ["/nowhere", "/api/nowhere", "/a/x/static/../../Cargo.toml", "/a/x/static/..%2f..%2fCargo.toml", "/a/x/..%2fsrc%2flib.rs", "/a/x//etc/passwd", "/demo/hours", "/api/cases/1001/a/b"] {
            assert_eq!(code(http.get(server.url(path)).send().await.unwrap()).await, (404, "not_found".to_owned()), "{path}");
        }
        for (method, path) in [
            (Method::GET, "/logout"),
            (Method::GET, "/widget/api/verify"),
            (Method::GET, "/api/cases/1001/claim"),
            (Method::GET, "/admin/hours/holiday"),
            (Method::PUT, "/api/cases"),
            (Method::DELETE, "/api/cases/1001"),
            (Method::POST, "/live"),
            (Method::POST, "/console"),
            (Method::TRACE, "/console"),
            (Method::PATCH, "/api/hours/override"),
        ] {
            let answer = http.request(method.clone(), server.url(path)).send().await.unwrap();
            assert!(answer.headers().contains_key("allow"), "{method} {path}");
            assert_eq!(code(answer).await, (405, "wrong_method".to_owned()), "{method} {path}");
        }
        let plain = http.get(server.url("/live")).send().await.unwrap();
        assert_eq!(code(plain).await, (426, "upgrade_required".to_owned()));
    }

    async fn live_13_who_is_signed_out_or_no_supervisor_gets_no_further(engine) {
        let server = Server::start(engine).await;
        let http = client();
        for page in ["/console", "/supervisor", "/replies", "/admin", "/admin/people", "/admin/log", "/admin/hours"] {
            let answer = http.get(server.url(page)).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, &*format!("/login?next={page}")));
            let stale = with_cookie(&http, Method::GET, &server.url(page), "made-up").send().await.unwrap();
            assert_eq!(stale.status(), 303);
        }
        for path in ["/api/me", "/api/teams", "/api/categories", "/api/severities", "/api/hours", "/api/people", "/api/tags", "/api/canned-replies", "/api/cases?view=all", "/api/cases/1001"] {
            assert_eq!(code(http.get(server.url(path)).send().await.unwrap()).await, (401, "unauthorized".to_owned()), "{path}");
        }
        // A customer's token is no key to the desk, and the desk's is none to a conversation.
        let zoe = Customer::arrive(&server, ZOE).await;
        let answer = http.get(server.url("/api/me")).bearer_auth(&zoe.token).send().await.unwrap();
        assert_eq!(code(answer).await.0, 401);
        let (priya, rosalind) = (Agent::sign_in(&server, PRIYA).await, Agent::sign_in(&server, ROSALIND).await);
        let answer = http.post(server.url("/widget/api/conversation")).bearer_auth(&priya.token).json(&json!({"account": "10023"})).send().await.unwrap();
        assert_eq!(code(answer).await.0, 401);

        for (method, path) in changing_routes() {
            let shared = ["/api/hours/override", "/admin/replies", "/admin/tags"].contains(&path.as_str());
            let (admins, supervisors) = (!shared && (path.starts_with("/admin/") || path.starts_with("/api/") && path.ends_with("/pin")), shared);
            for agent in [&priya, &rosalind] {
                if !(admins || supervisors && agent.token == priya.token) {
                    continue;
                }
                let request = http.request(method.clone(), server.url(&path)).bearer_auth(&agent.token);
                let answer = if path.starts_with("/admin/") {
                    request.form(&[("channel", "chat"), ("zone", "EST"), ("day", "2026-12-25"), ("name", "x"), ("year", "2027")])
                } else {
                    request.json(&json!({"state": "closed", "reason": "x"}))
                };
                let (status, code) = code(answer.send().await.unwrap()).await;
                assert_eq!((status, &*code), (403, "forbidden"), "{method} {path}");
            }
        }
        for agent in [&priya, &rosalind] {
            let page = http.get(server.url("/admin/hours")).bearer_auth(&agent.token).send().await.unwrap();
            assert_eq!(code(page).await, (403, "forbidden".to_owned()));
        }
        let page = with_cookie(&http, Method::GET, &server.url("/supervisor"), &priya.token).send().await.unwrap();
        assert_eq!((page.status().as_u16(), page.headers()["location"].to_str().unwrap()), (303, "/console"));
        let site: Value = http.get(server.url("/widget/api/site?site=pub_demo")).send().await.unwrap().json().await.unwrap();
        assert_eq!(site["hours"]["open"], true, "nothing was changed");
    }

    async fn run_05_signing_out_closes_the_sockets_at_once(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        let mut second = Socket::open(&server, &priya.token).await;
        let mut elsewhere = Agent::sign_in(&server, PRIYA).await;
        let began = Instant::now();
        let out = with_cookie(&client(), Method::POST, &server.url("/logout"), &priya.token).send().await.unwrap();
        assert_eq!(out.status(), 303);
        assert_eq!((priya.socket.closed().await, second.closed().await), (4100, 4100));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let me = client().get(server.url("/api/me")).bearer_auth(&priya.token).send().await.unwrap();
        assert_eq!(me.status(), 401);
        let mut again = Socket::raw(&server).await;
        again.send(json!({"type": "hello", "v": 1, "token": priya.token})).await;
        assert_eq!(again.closed().await, 4100);
        // The person's other session is another one.
        assert_eq!(elsewhere.socket.ask(json!({"type": "ping"})).await["type"], "ok");
    }

    async fn run_05_a_session_that_is_over_closes_its_sockets_whoever_ended_it(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let mut priya = Agent::sign_in(&server, PRIYA).await;
        let mut owen = Agent::sign_in(&server, OWEN).await;
        // In the database, and nobody is told.
        let mut tx = server.app.db.begin().await.unwrap();
        let over = "UPDATE staff_sessions SET expires_at = $2 WHERE staff_id = (SELECT id FROM staff WHERE name = $1)";
        tx.query(over).bind("Priya Raman").bind(server.app.clock.now() - TimeDelta::seconds(30)).execute().await.unwrap();
        tx.query("DELETE FROM staff_sessions WHERE staff_id = (SELECT id FROM staff WHERE name = $1)")
            .bind("Owen Castellane")
            .execute()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        server.advance(TimeDelta::seconds(11));
        assert_eq!(priya.socket.closed().await, 4100);
        // That a row is gone is seen when all are compared, every minute.
        let closed = tokio::spawn(async move { owen.socket.closed().await });
        eventually("the sessions are compared", || async {
            server.advance(TimeDelta::seconds(10));
            closed.is_finished().then_some(())
        })
        .await;
        assert_eq!(closed.await.unwrap(), 4100);
        assert_eq!(zoe.socket.ask(json!({"type": "ping"})).await["type"], "ok");
        server.advance(TimeDelta::hours(12));
        assert_eq!(zoe.socket.closed().await, 4100);
    }

    async fn run_06_a_person_has_only_so_many_live_connections(engine) {
        let change: fn(&mut deskbell::config::Config) = |config| config.limits.connections_per_person = 2;
        let server = Server::with(engine, Settings { change, ..Settings::default() }).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let second = Socket::open(&server, &priya.token).await;
        let mut third = Socket::raw(&server).await;
        third.send(json!({"type": "hello", "v": 1, "token": priya.token})).await;
        assert_eq!(third.closed().await, 4102);
        // Another person is not concerned, and a closed one makes room.
        Agent::sign_in(&server, OWEN).await;
        drop(second);
        crate::support::eventually("a free place", || async {
            let mut socket = Socket::raw(&server).await;
            socket.send(json!({"type": "hello", "v": 1, "token": priya.token})).await;
            socket.next().await.ok()
        })
        .await;
    }

    async fn run_06_an_address_has_only_so_many_connections(engine) {
        let change: fn(&mut deskbell::config::Config) = |config| config.limits.connections_per_address = 4;
        let server = Server::with(engine, Settings { change, ..Settings::default() }).await;
        let get = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(TcpStream::connect(server.address).await.unwrap());
        }
        // Those above the limit are hung up on, whatever they say.
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            assert_eq!(exchange(&mut stream, get).await, "");
        }
        for stream in &mut held {
            assert!(exchange(stream, get).await.ends_with("ok\n"), "those that are in are served");
        }
        drop(held);
        crate::support::eventually("a free place", || async {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            exchange(&mut stream, get).await.ends_with("ok\n").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn run_06_slow_clients_are_hung_up_on() {
    let server = Server::start(Engine::Sqlite).await;
    let began = Instant::now();
    let slow = |head: &'static str, drip: &'static str| async move {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let dripping = tokio::spawn(async move {
            while writing.write_all(drip.as_bytes()).await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let mut answer = Vec::new();
        let _ =
            timeout(Duration::from_secs(20), reading.read_to_end(&mut answer)).await.expect("a slow client is cut off");
        dripping.abort();
        let took = began.elapsed();
        assert!((9..19).contains(&took.as_secs()), "{head:?} was cut off after {took:?}");
        String::from_utf8_lossy(&answer).into_owned()
    };
    // Nothing at all; a header that never ends; headers without end; a body that takes its time.
    let post =
        "POST /widget/api/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    let (.., body) = tokio::join!(
        slow("", ""),
        slow("GET /healthz HTTP/1.1\r\nx: ", "x"),
        slow("GET /healthz HTTP/1.1\r\n", "x: y\r\n"),
        slow(post, " ")
    );
    assert!(body.starts_with("HTTP/1.1 400") && body.contains("bad_request"), "{body}");
}
