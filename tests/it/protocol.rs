//! The protocol's page and its manners.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::{
    both,
    support::{Customer, PATIENCE, Server, Socket, actors::*},
};

/// `docs/protocol.md` is what the types say. `UPDATE=1` writes it.
#[test]
fn run_06_the_protocol_page_follows_the_types() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/protocol.md");
    let page = deskbell::chat::protocol_page::page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(file).unwrap_or_default() == page,
        "docs/protocol.md is not what the types say: run `deskbell protocol > docs/protocol.md`"
    );
}

both! {
    async fn live_08_close_codes_say_whether_to_come_back(engine) {
        let server = Server::start(engine).await;
        for (frame, code) in [
            (Message::text("not json"), 4101),
            (Message::text(r#"{"type":"ping"}"#), 4101),
            (Message::text(r#"{"type":"hello","v":99}"#), 4101),
            (Message::text(r#"{"type":"hello","v":1}"#), 4100),
            (Message::binary(vec![1, 2, 3]), 4101),
        ] {
            let mut socket = Socket::raw(&server).await;
            socket.send_raw(frame).await;
            assert_eq!(socket.closed().await, code);
        }
    }

    async fn live_08_a_broken_line_is_not_told_to_stay_away(engine) {
        let server = Server::start(engine).await;
        let token = Customer::arrive(&server, ZOE).await.token;
        for hello in [None, Some(Message::text(json!({"type": "hello", "v": 1, "token": token}).to_string()))] {
            let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
            let (mut socket, _) = client_async(format!("ws://{}/live", server.address), &mut stream).await.unwrap();
            if let Some(hello) = hello {
                socket.send(hello).await.unwrap();
                assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))), "a welcome");
            }
            drop(socket);
            // As a proxy does that lost one direction: the end of the stream, without a close frame.
            stream.shutdown().await.unwrap();
            let mut rest = Vec::new();
            tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the server hangs up").unwrap();
            assert!(!rest.windows(2).any(|two| two == 4101_u16.to_be_bytes()), "told to stay away");
        }
    }

    async fn live_08_a_foreign_page_cannot_open_the_socket(engine) {
        let server = Server::start(engine).await;
        let upgrade = |origin: String| {
            reqwest::Client::new()
                .get(server.url("/live"))
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
                .header("origin", origin)
                .send()
        };
        assert_eq!(upgrade("https://evil.example".into()).await.unwrap().status(), 403);
        assert_eq!(upgrade("null".into()).await.unwrap().status(), 403);
        assert_eq!(upgrade(server.url("")).await.unwrap().status(), 101);
    }

    async fn live_08_a_frame_that_cannot_be_read_is_answered_and_the_socket_lives(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.socket.send_raw(Message::text("{")).await;
        assert_eq!(zoe.socket.hear("error").await["code"], "bad_frame");
        assert_eq!(zoe.socket.ask(json!({"type": "ping"})).await["type"], "ok");
    }
}
