//! Files in chats: both ways, counted while they come, known by what is in them, shown to nobody else.

use std::{io::Cursor, time::Duration};

use chrono::TimeDelta;
use deskbell::chat::files::MAX_FILE;
use futures_util::stream;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::{Body, Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use uuid::Uuid;

use crate::{
    backup::{back_up, restored},
    both,
    support::{Agent, Customer, Engine, Server, actors::*, eventually},
};

/// A picture of so many points.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let points = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(points).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A PNG that says it has this many points and holds none.
fn bomb(side: u32) -> Vec<u8> {
    let mut png = picture(1, 1, ImageFormat::Png);
    png[16..20].copy_from_slice(&side.to_be_bytes());
    png[20..24].copy_from_slice(&side.to_be_bytes());
    let sum = crc32fast::hash(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn named(name: &str) -> String {
    let coded: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
    format!("attachment; filename*=UTF-8''{coded}")
}

async fn post(server: &Server, path: &str, token: &str, name: &str, body: impl Into<Body>) -> Response {
    let request = Client::new().post(server.url(path)).bearer_auth(token).header("content-disposition", named(name));
    request.body(body).send().await.unwrap()
}

async fn read(answer: Response) -> (StatusCode, Value) {
    (answer.status(), answer.json().await.unwrap())
}

async fn send(
    customer: &Customer,
    server: &Server,
    id: Uuid,
    name: &str,
    body: impl Into<Body>,
) -> (StatusCode, Value) {
    let path = format!("/widget/api/files?chat={}&id={id}", customer.chat);
    read(post(server, &path, &customer.token, name, body).await).await
}

async fn answer(
    agent: &Agent,
    server: &Server,
    chat: Uuid,
    id: Uuid,
    name: &str,
    body: Vec<u8>,
) -> (StatusCode, Value) {
    read(post(server, &format!("/api/chats/{chat}/files?id={id}"), &agent.token, name, body).await).await
}

async fn get(server: &Server, path: &str, token: &str) -> Response {
    Client::new().get(server.url(path)).bearer_auth(token).send().await.unwrap()
}

/// A customer whose chat a specialist serves.
async fn talking(server: &Server) -> (Customer, Agent) {
    let mut priya = Agent::sign_in(server, PRIYA).await;
    let mut zoe = Customer::arrive(server, ZOE).await;
    zoe.ask("The remittance file is refused", "claims").await;
    priya.presence("online").await;
    priya.take().await;
    zoe.event("joined").await;
    (zoe, priya)
}

both! {
    async fn live_07_a_supervisor_beside_the_specialist_sends_a_file_and_nobody_else_does(engine) {
        let server = Server::start(engine).await;
        let (mut zoe, mut priya) = talking(&server).await;
        let (rosalind, owen) = (Agent::sign_in(&server, ROSALIND).await, Agent::sign_in(&server, OWEN).await);
        let pdf = b"%PDF-1.7 the payer's manual".to_vec();
        let (status, refused) = answer(&rosalind, &server, zoe.chat, new_id(), "manual.pdf", pdf.clone()).await;
        assert_eq!((status, refused["code"].as_str()), (StatusCode::NOT_FOUND, Some("not_found")), "reading along is not serving: {refused}");
        let (status, joined) = rosalind.post(&format!("/api/chats/{}/join", zoe.chat), json!({})).await;
        assert!(status.is_success(), "{joined}");
        zoe.event("joined_beside").await;
        let (status, sent) = answer(&rosalind, &server, zoe.chat, new_id(), "manual.pdf", pdf.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{sent}");
        for event in [zoe.event("file").await, priya.event("file").await] {
            assert_eq!((&event["name"], &event["body"]["file"]), (&json!("Rosalind Achterberg"), &sent["file"]));
        }
        let path = format!("/widget/api/files/{}", sent["file"]["id"].as_str().unwrap());
        assert_eq!(get(&server, &path, &zoe.token).await.bytes().await.unwrap(), pdf);
        assert!(answer(&owen, &server, zoe.chat, new_id(), "x.pdf", pdf).await.0.is_client_error());
    }

    async fn live_07_files_go_both_ways_and_are_in_the_log(engine) {
        let server = Server::start(engine).await;
        let (mut zoe, mut priya) = talking(&server).await;
        let png = picture(1200, 600, ImageFormat::Png);
        let id = new_id();
        let (status, sent) = send(&zoe, &server, id, "Bildschirm ä.png", png.clone()).await;
        assert_eq!(status, 201, "{sent}");
        let file = &sent["file"];
        assert_eq!((&file["name"], &file["kind"]), (&json!("Bildschirm ä.png"), &json!("image/png")));
        assert_eq!((&file["size"], &file["width"], &file["height"]), (&json!(png.len()), &json!(1200), &json!(600)));
        for event in [priya.event("file").await, zoe.event("file").await] {
            assert_eq!((&event["id"], &event["seq"], &event["party"]), (&json!(id), &sent["seq"], &json!("customer")));
            assert_eq!(&event["body"]["file"], file);
        }
        let pdf = b"%PDF-1.7 what the payer wrote".to_vec();
        let (status, reply) = answer(&priya, &server, zoe.chat, new_id(), "../Brief.pdf", pdf.clone()).await;
        assert_eq!((status, &reply["file"]["name"], &reply["file"]["kind"]), (StatusCode::CREATED, &json!("Brief.pdf"), &json!("application/pdf")));
        assert_eq!(zoe.event("file").await["name"], "Priya Raman");

        // Each fetches both: pictures are shown, all else is stored, and neither can run anything.
        let id_of = |sent: &Value| sent["file"]["id"].as_str().unwrap().to_owned();
        let (shown, stored) = (id_of(&sent), id_of(&reply));
        for (base, token) in [("/widget/api/files", &zoe.token), ("/files", &priya.token)] {
            let whole = get(&server, &format!("{base}/{shown}"), token).await;
            for (name, value) in [
                ("content-type", "image/png"),
                ("content-disposition", "inline; filename*=UTF-8''Bildschirm%20%C3%A4.png"),
                ("content-security-policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
                ("x-content-type-options", "nosniff"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(whole.headers()[name], value, "{base} {name}");
            }
            assert!(whole.headers()["cache-control"].to_str().unwrap().starts_with("private"));
            assert_eq!(whole.bytes().await.unwrap(), png);
            let small = get(&server, &format!("{base}/{shown}/thumbnail"), token).await;
            assert_eq!(small.headers()["content-type"], "image/jpeg");
            let small = image::load_from_memory(&small.bytes().await.unwrap()).unwrap();
            assert_eq!((small.width(), small.height()), (320, 160));
            let download = get(&server, &format!("{base}/{stored}"), token).await;
            for (name, value) in [
                ("content-type", "application/octet-stream"),
                ("content-disposition", "attachment; filename*=UTF-8''Brief.pdf"),
                ("content-security-policy", "sandbox; default-src 'none'"),
                ("x-content-type-options", "nosniff"),
            ] {
                assert_eq!(download.headers()[name], value, "{base} {name}");
            }
            assert_eq!(download.bytes().await.unwrap(), pdf);
            assert_eq!(get(&server, &format!("{base}/{stored}/thumbnail"), token).await.status(), 404);
        }
        // Said: whoever reads the log from its beginning has them, and the case names what the customer sent.
        let (events, _) = Socket::open(&server, &zoe.token).await.watch(zoe.chat, 0).await;
        assert_eq!(events.iter().filter(|event| event["body"]["kind"] == "file").count(), 2);
        let draft = priya.get(&format!("/api/chats/{}/case-proposal", zoe.chat)).await;
        assert_eq!(draft["description"], "The remittance file is refused\n\n[File: Bildschirm ä.png]");
        priya.say(zoe.chat, "Thank you").await;
        zoe.say("You are welcome").await;
    }

    async fn live_07_a_file_sent_again_is_the_same_file(engine) {
        let server = Server::start(engine).await;
        let (mut zoe, mut priya) = talking(&server).await;
        let id = new_id();
        let (_, first) = send(&zoe, &server, id, "a.txt", "the same").await;
        let (status, again) = send(&zoe, &server, id, "a.txt", "the same").await;
        assert_eq!((status, &again), (StatusCode::CREATED, &first));
        // The id is taken: for other bytes, another name, another person, and for a message.
        for (name, body) in [("a.txt", "other"), ("b.txt", "the same")] {
            let (status, refused) = send(&zoe, &server, id, name, body).await;
            assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("id_reused")));
        }
        let (status, refused) = answer(&priya, &server, zoe.chat, id, "a.txt", b"the same".to_vec()).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("id_reused")));
        let mut frame = zoe.outgoing("send", "a message");
        frame["id"] = json!(id);
        zoe.socket.send(frame).await;
        assert_eq!(zoe.socket.hear("error").await["code"], "id_reused");
        zoe.n -= 1;
        let said = zoe.say("Something").await;
        let (status, refused) = send(&zoe, &server, said["id"].as_str().unwrap().parse().unwrap(), "a.txt", "x").await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("id_reused")));
        // After the end what had arrived is acknowledged, and nothing more comes.
        zoe.socket.send(json!({"type": "end", "chat": zoe.chat, "solved": true})).await;
        priya.event("ended").await;
        assert_eq!(send(&zoe, &server, id, "a.txt", "the same").await, (StatusCode::CREATED, first));
        let (status, refused) = send(&zoe, &server, new_id(), "late.txt", "late").await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("ended")));
        let (events, _) = priya.socket.watch(zoe.chat, 0).await;
        assert_eq!(events.iter().filter(|event| event["body"]["kind"] == "file").count(), 1);
    }

    async fn live_07_more_than_5_mb_is_refused_whatever_its_sender_says_of_the_length(engine) {
        let server = Server::start(engine).await;
        let (zoe, priya) = talking(&server).await;
        let (status, sent) = send(&zoe, &server, new_id(), "just.bin", vec![7; MAX_FILE]).await;
        assert_eq!((status, &sent["file"]["size"]), (StatusCode::CREATED, &json!(MAX_FILE)));
        let all = get(&server, &format!("/files/{}", sent["file"]["id"].as_str().unwrap()), &priya.token).await;
        assert_eq!(all.bytes().await.unwrap(), vec![7; MAX_FILE]);
        // In chunks, without a length.
        let chunks = stream::iter((0..96).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 64 * 1024])));
        let (status, refused) = send(&zoe, &server, new_id(), "chunks.bin", Body::wrap_stream(chunks)).await;
        assert_eq!((status, &refused["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
        assert!(refused["message"].as_str().unwrap().starts_with("This file has more than 5 MB."), "{refused}");
        let (status, _) = answer(&priya, &server, zoe.chat, new_id(), "long.bin", vec![7; MAX_FILE + 1]).await;
        assert_eq!(status, 413);
        let (status, refused) = send(&zoe, &server, new_id(), "empty.txt", "").await;
        assert_eq!((status, &refused["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("empty")));
        // One that ends before its length is not half a file.
        let mut line = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /widget/api/files?chat={}&id={} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\nhalf of it",
            zoe.chat, new_id(), server.address, zoe.token
        );
        line.write_all(head.as_bytes()).await.unwrap();
        line.shutdown().await.unwrap();
        let mut said = Vec::new();
        let _ = timeout(Duration::from_secs(20), line.read_to_end(&mut said)).await.unwrap();
        let sent = eventually("the place to be free", async || {
            let (status, sent) = send(&zoe, &server, new_id(), "next.txt", "next").await;
            (status == 201).then_some(sent)
        })
        .await;
        assert_eq!(sent["file"]["name"], "next.txt");
        let names: Vec<Value> = Socket::open(&server, &zoe.token).await.watch(zoe.chat, 0).await.0.into_iter()
            .map(|event| event["body"]["file"]["name"].clone()).filter(|name| !name.is_null()).collect();
        assert_eq!(names, ["just.bin", "next.txt"]);
    }

    async fn live_07_a_file_is_what_is_in_it(engine) {
        let server = Server::start(engine).await;
        let (zoe, priya) = talking(&server).await;
        let html = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
        let mut cut = picture(400, 400, ImageFormat::Png);
        cut.truncate(200);
        for (name, body) in [
            ("shot.png", html.clone()),
            ("page.html", html),
            ("drawing.svg", svg),
            ("cut.png", cut),
            ("bomb.png", bomb(60_000)),
            ("flat bomb.png", bomb(15_000)),
            ("words.jpg", b"just words".to_vec()),
        ] {
            let (status, sent) = send(&zoe, &server, new_id(), name, body.clone()).await;
            assert_eq!(status, 201, "{name}: {sent}");
            assert_eq!(sent["file"]["width"], Value::Null, "{name}");
            let id = sent["file"]["id"].as_str().unwrap();
            for (path, token) in [(format!("/files/{id}"), &priya.token), (format!("/widget/api/files/{id}"), &zoe.token)] {
                let stored = get(&server, &path, token).await;
                assert_eq!(stored.headers()["content-type"], "application/octet-stream", "{name}");
                assert!(stored.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; "), "{name}");
                assert_eq!(stored.bytes().await.unwrap(), body);
                assert_eq!(get(&server, &format!("{path}/thumbnail"), token).await.status(), 404);
            }
        }
        for (format, kind) in [(ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::Gif, "image/gif"), (ImageFormat::WebP, "image/webp")] {
            let (_, sent) = send(&zoe, &server, new_id(), "a picture.txt", picture(20, 30, format)).await;
            assert_eq!((&sent["file"]["kind"], &sent["file"]["height"]), (&json!(kind), &json!(30)));
            let shown = get(&server, &format!("/files/{}", sent["file"]["id"].as_str().unwrap()), &priya.token).await;
            assert_eq!(shown.headers()["content-type"], kind);
        }
    }

    async fn live_07_files_are_for_those_who_may_read_the_chat(engine) {
        let server = Server::start(engine).await;
        let (zoe, priya) = talking(&server).await;
        let (_, sent) = send(&zoe, &server, new_id(), "a.txt", "for the desk").await;
        let id = sent["file"]["id"].as_str().unwrap().to_owned();
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        let (jonah, owen) = (Agent::sign_in(&server, JONAH).await, Agent::sign_in(&server, OWEN).await);
        let wilma = Agent::sign_in(&server, WILMA).await;
        // Another customer, another team, nobody; a customer's token is no member's and the other way round.
        for (path, token, status) in [
            ("/widget/api/files", &tomas.token, 404),
            ("/widget/api/files", &priya.token, 401),
            ("/files", &zoe.token, 401),
            ("/files", &jonah.token, 404),
            ("/files", &owen.token, 200),
            ("/files", &wilma.token, 200),
        ] {
            let answer = get(&server, &format!("{path}/{id}"), token).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
        }
        assert_eq!(reqwest::get(server.url(&format!("/files/{id}"))).await.unwrap().status(), 401);
        assert_eq!(get(&server, &format!("/files/{}", new_id()), &priya.token).await.status(), 404);
        // To send into it is for its customer and its specialist alone.
        let theirs = format!("/widget/api/files?chat={}&id={}", zoe.chat, new_id());
        assert_eq!(post(&server, &theirs, &tomas.token, "x.txt", "x").await.status(), 404);
        for other in [&jonah, &owen, &wilma] {
            assert_eq!(answer(other, &server, zoe.chat, new_id(), "x.txt", b"x".to_vec()).await.0, 404);
        }
        // Nothing before the question.
        let (status, refused) = send(&tomas, &server, new_id(), "x.txt", "x").await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("not_asked")));
        tomas.ask("Nothing prints", "devices").await;
        assert_eq!(send(&tomas, &server, new_id(), "x.txt", "x").await.0, 201, "while waiting in line, too");
        // A case that goes to another team takes its files along.
        let mut draft = priya.get(&format!("/api/chats/{}/case-proposal", zoe.chat)).await;
        draft["category"] = json!("devices");
        assert_eq!(priya.post(&format!("/api/chats/{}/case", zoe.chat), draft).await.0, 200);
        assert_eq!(get(&server, &format!("/files/{id}"), &jonah.token).await.status(), 200);
    }

    async fn live_07_files_have_a_limit_an_hour_and_come_one_at_a_time(engine) {
        let settings = crate::support::Settings { change: |config| config.limits.files_per_hour = 2, ..Default::default() };
        let server = Server::with(engine, settings).await;
        let (zoe, priya) = talking(&server).await;
        // One that is on its way holds the place; sent again, the same one takes it over.
        let id = new_id();
        let path = format!("/widget/api/files?chat={}&id={id}", zoe.chat);
        let slow = stream::once(async { Ok::<_, std::io::Error>(vec![1_u8]) });
        let slow = futures_util::StreamExt::chain(slow, stream::pending());
        let request = Client::new().post(server.url(&path)).bearer_auth(&zoe.token).header("content-disposition", named("a.txt"));
        let first = tokio::spawn(request.body(Body::wrap_stream(slow)).send());
        eventually("the place to be taken", async || {
            let (status, refused) = send(&zoe, &server, new_id(), "b.txt", "").await;
            (status == 429 && refused["code"] == "one_at_a_time").then_some(())
        })
        .await;
        let (status, sent) = send(&zoe, &server, id, "a.txt", "all of it").await;
        assert_eq!((status, &sent["file"]["size"]), (StatusCode::CREATED, &json!(9)));
        first.abort();
        assert_eq!(send(&zoe, &server, new_id(), "b.txt", "b").await.0, 201);
        let (status, refused) = send(&zoe, &server, new_id(), "c.txt", "c").await;
        assert_eq!((status, &refused["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_files")));
        assert_eq!(send(&zoe, &server, id, "a.txt", "all of it").await.0, 201, "what is known is acknowledged");
        assert_eq!(answer(&priya, &server, zoe.chat, new_id(), "d.txt", b"d".to_vec()).await.0, 201, "the other side has its own");
        server.advance(TimeDelta::minutes(61));
        assert_eq!(send(&zoe, &server, new_id(), "c.txt", "c").await.0, 201);
    }

    async fn run_04_files_come_back_from_a_backup(engine) {
        let mut server = Server::start(engine).await;
        let (zoe, priya) = talking(&server).await;
        let mut sent = Vec::new();
        for n in 0..4_u8 {
            let bytes = vec![n; MAX_FILE - usize::from(n)];
            let (_, file) = send(&zoe, &server, new_id(), "large.bin", bytes.clone()).await;
            sent.push((file["file"]["id"].as_str().unwrap().to_owned(), bytes));
        }
        let (_, picture) = send(&zoe, &server, new_id(), "a.png", picture(500, 500, ImageFormat::Png)).await;
        let (file, _) = back_up(&server.database, "desk.backup").await;
        server.stop().await;
        let other = if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite };
        let (database, printed) = restored(&file, other).await;
        let rows = printed.lines().find(|line| line.trim_start().starts_with("chat_files ")).unwrap();
        assert!(rows.split_whitespace().any(|word| word == "5"), "{printed}");
        let again = Server::over(&database).await;
        for (id, bytes) in sent {
            let whole = get(&again, &format!("/files/{id}"), &priya.token).await;
            assert!(whole.bytes().await.unwrap() == bytes, "{id}");
        }
        let small = format!("/files/{}/thumbnail", picture["file"]["id"].as_str().unwrap());
        assert_eq!(get(&again, &small, &priya.token).await.status(), 200);
    }
}
