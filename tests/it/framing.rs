//! RFC 6455 against the real `/live`, byte by byte: the kinds of cases of the Autobahn suite, with framing of our own.

use std::{net::SocketAddr, time::Duration};

use deskbell::chat::{hub::TURNS, protocol::CloseCode};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Customer, Engine, PATIENCE, Server, actors::ZOE};

const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;

/// A masked frame: its first byte and payload.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        middle @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(middle).unwrap().to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn close_frame(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// What the server says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// A frame of JSON, by its type.
    Text(String),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// A close, by its code; none: it had no payload.
    Close(Option<u16>),
    /// The connection ended.
    End,
}

struct Raw(TcpStream);

impl Raw {
    async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /live HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101") && head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Self(stream)
    }

    async fn signed_in(address: SocketAddr, token: &str) -> Self {
        let mut raw = Self::connect(address).await;
        raw.send(&frame(TEXT, json!({"type": "hello", "v": 1, "token": token}).to_string().as_bytes())).await;
        assert_eq!(raw.next().await, Said::Text("welcome".into()));
        raw
    }

    /// Sends; that the server hung up meanwhile shows when reading.
    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// The next frame, which must be one that a server may send: whole, not masked, its length in the shortest form.
    async fn next(&mut self) -> Said {
        let Ok((first, payload)) = timeout(PATIENCE, self.read()).await.expect("the server says something") else {
            return Said::End;
        };
        match first {
            0x81 => {
                let frame: Value = serde_json::from_slice(&payload).unwrap();
                Said::Text(frame["type"].as_str().unwrap().to_owned())
            }
            PING => Said::Ping(payload),
            0x8a => Said::Pong(payload),
            0x88 => Said::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            other => panic!("a frame that begins with {other:#x}"),
        }
    }

    /// The next frame, if it begins within a moment.
    async fn soon(&mut self) -> Option<Said> {
        timeout(Duration::from_millis(50), self.0.peek(&mut [0])).await.ok()?.unwrap();
        Some(self.next().await)
    }

    async fn read(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let (first, length) = (self.0.read_u8().await?, self.0.read_u8().await?);
        let length = match length {
            short @ 0..=125 => usize::from(short),
            126 => usize::from(self.0.read_u16().await?),
            other => panic!("a length that begins with {other:#x}"),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await?;
        Ok((first, payload))
    }
}

fn ok() -> Said {
    Said::Text("ok".into())
}

/// What breaks the protocol: the code of `docs/protocol.md`, then the end.
fn broken() -> Vec<Said> {
    vec![Said::Close(Some(4101)), Said::End]
}

fn closed(code: impl Into<Option<u16>>) -> Vec<Said> {
    vec![Said::Close(code.into()), Said::End]
}

/// A request that is answered by `ok`, of so many bytes.
fn request(size: usize) -> Vec<u8> {
    let mut bytes = br#"{"type":"ping","req":9}"#.to_vec();
    bytes.resize(size.max(bytes.len()), b' ');
    bytes
}

/// Name, what is sent, what must come back.
type Case = (String, Vec<u8>, Vec<Said>);

fn whole_frames() -> Vec<Case> {
    let mut cases = vec![
        ("1.1 an empty text".into(), frame(TEXT, b""), vec![Said::Text("error".into())]),
        ("1.2 binary".into(), frame(0x82, b"x"), broken()),
        ("2.7 a pong that nobody asked for".into(), [frame(0x8a, b"x"), frame(TEXT, &request(0))].concat(), vec![ok()]),
        ("2.5 a ping of 126 bytes".into(), frame(PING, &[7; 126]), broken()),
        ("9.1 a message of 64 KiB and a byte".into(), frame(TEXT, &request(65_537)), broken()),
    ];
    for size in [0, 125, 126, 127, 128, 65_535, 65_536] {
        cases.push((format!("1.1 a text of {size} bytes"), frame(TEXT, &request(size)), vec![ok()]));
    }
    for payload in [&b""[..], b"hello", b"\x00\xff\xfe\xfd", &[0xfe; 125]] {
        let pong = Said::Pong(payload.to_vec());
        cases.push((format!("2 a ping of {} bytes", payload.len()), frame(PING, payload), vec![pong]));
    }
    for bits in 1..=7 {
        for opcode in [TEXT, 0x82, PING, CLOSE] {
            let name = format!("3 reserved bits {bits} on {opcode:#x}");
            cases.push((name, frame(opcode | bits << 4, b""), broken()));
        }
    }
    for opcode in (3..=7).chain(11..=15) {
        cases.push((format!("4 opcode {opcode}"), frame(0x80 | opcode, b"x"), broken()));
    }
    cases
}

fn fragments() -> Vec<Case> {
    let (head, tail) = (frame(0x01, br#"{"type":"ping","#), frame(0x80, br#""req":9}"#));
    let each: Vec<u8> = request(0).iter().enumerate().flat_map(|(n, byte)| frame(u8::from(n == 0), &[*byte])).collect();
    let between = [head.clone(), frame(PING, b"now"), tail.clone()].concat();
    [
        ("5.1 a ping in two", [frame(0x09, b"a"), frame(0x80, b"b")].concat(), broken()),
        ("5.2 a pong in two", [frame(0x0a, b"a"), frame(0x80, b"b")].concat(), broken()),
        ("5.3 a text in two", [head.clone(), tail.clone()].concat(), vec![ok()]),
        ("5.3 a text in single bytes", [each, frame(0x80, b"")].concat(), vec![ok()]),
        ("5.6 a ping between", between, vec![Said::Pong(b"now".to_vec()), ok()]),
        ("5.9 nothing to continue", tail, broken()),
        ("5.12 nothing to continue, not the last", frame(0x00, b"x"), broken()),
        ("5.18 a text within a text", [head.clone(), frame(TEXT, b"{}")].concat(), broken()),
        ("9.3 fragments that never end", [frame(0x01, b"{"), frame(0x00, &[b' '; 1024]).repeat(65)].concat(), broken()),
    ]
    .map(|(name, bytes, said)| (name.into(), bytes, said))
    .into()
}

fn encodings() -> Vec<Case> {
    let text =
        "{\"type\":\"ping\",\"req\":9,\"x\":\"κόσμε \u{10000}\u{10ffff}\u{ffff}\u{7ff}\u{800}\u{d7ff}\u{e000}\"}"
            .as_bytes();
    let split = |at: usize| [frame(0x01, &text[..at]), frame(0x80, &text[at..])].concat();
    let mut cases = vec![("6.1 text of all lengths".into(), frame(TEXT, text), vec![ok()])];
    // Between any two bytes, within a character too.
    cases.extend((26..text.len()).map(|at| (format!("6.2 in two at {at}"), split(at), vec![ok()])));
    let invalid: [&[u8]; 16] = [
        b"\x80",
        b"\xbf",
        b"\xfe",
        b"\xff",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xe0\x9f\xbf",
        b"\xf0\x80\x80\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xce\xba\xe1",
        b"\xf0\x90\x80",
    ];
    for bytes in invalid {
        let message = [br#"{"type":"ping","x":""#, bytes, br#""}"#].concat();
        cases.push((format!("6.3 {bytes:x?}"), frame(TEXT, &message), broken()));
        let cut = message.len() - 3;
        let parts = [frame(0x01, &message[..cut]), frame(0x80, &message[cut..])].concat();
        cases.push((format!("6.4 {bytes:x?} in two"), parts, broken()));
    }
    cases
}

fn closes() -> Vec<Case> {
    let mut cases = vec![
        ("7.3.1 no code".into(), frame(CLOSE, b""), closed(None)),
        ("7.3.2 half a code".into(), frame(CLOSE, b"\x03"), broken()),
        ("7.3.4 a reason".into(), close_frame(1000, "bye, κόσμε".as_bytes()), closed(1000)),
        ("7.3.5 the longest reason".into(), close_frame(1000, &[b'x'; 123]), closed(1000)),
        ("7.3.6 a reason that is too long".into(), close_frame(1000, &[b'x'; 124]), broken()),
        ("7.5.1 a reason that is no text".into(), close_frame(1000, b"\xce\xba\xe1\xbd"), broken()),
        ("7.1.3 a ping after it".into(), [close_frame(1000, b""), frame(PING, b"")].concat(), closed(1000)),
        ("7.1.5 within a text".into(), [frame(0x01, b"{"), close_frame(1000, b"")].concat(), closed(1000)),
    ];
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        cases.push((format!("7.7 code {code}"), close_frame(code, b""), closed(code)));
    }
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] {
        cases.push((format!("7.9 code {code}"), close_frame(code, b""), closed(1002)));
    }
    cases
}

/// Whether a case comes out as expected; otherwise what came.
async fn check(address: SocketAddr, token: &str, (name, bytes, expected): Case, chopped: bool) -> Option<String> {
    let mut raw = Raw::signed_in(address, token).await;
    if chopped && bytes.len() < 500 {
        for byte in bytes {
            raw.send(&[byte]).await;
        }
    } else {
        raw.send(&bytes).await;
    }
    let mut said = Vec::new();
    while said.len() < expected.len() && said.last() != Some(&Said::End) {
        match raw.next().await {
            // The customer's place in the desk comes by itself.
            Said::Text(kind) if !["ok", "error"].contains(&kind.as_str()) => {}
            other => said.push(other),
        }
    }
    (said != expected).then(|| format!("{name}: {said:?} instead of {expected:?}"))
}

async fn all(cases: Vec<Case>, chopped: bool) {
    let server = Server::start(Engine::Sqlite).await;
    let zoe = Customer::arrive(&server, ZOE).await;
    let (address, token) = (server.address, zoe.token.as_str());
    // Several at once: after what broke the protocol the server stays for a second.
    let checks = stream::iter(cases).map(|case| check(address, token, case, chopped)).buffer_unordered(40);
    let wrong: Vec<String> = checks.filter_map(async |wrong| wrong).collect().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn live_08_whole_frames() {
    all(whole_frames(), false).await;
}

#[tokio::test]
async fn live_08_fragments_and_text() {
    all(fragments().into_iter().chain(encodings()).collect(), false).await;
}

#[tokio::test]
async fn live_08_every_close_is_answered() {
    all(closes(), false).await;
}

#[tokio::test]
async fn live_08_frames_that_come_byte_by_byte() {
    all(fragments().into_iter().chain(closes()).collect(), true).await;
}

/// A socket that never said hello is closed as well as any.
#[tokio::test]
async fn live_08_a_stranger_can_close() {
    let server = Server::start(Engine::Sqlite).await;
    for (bytes, expected) in [(close_frame(1000, b"bye"), closed(1000)), (frame(0x83, b""), broken())] {
        let mut raw = Raw::connect(server.address).await;
        raw.send(&bytes).await;
        assert_eq!([raw.next().await, raw.next().await].as_slice(), expected);
    }
}

/// Who is silent is asked twice and then told to come back; who answers stays.
#[tokio::test]
async fn live_08_who_is_silent_is_asked_and_let_go() {
    let server = Server::start(Engine::Sqlite).await;
    let zoe = Customer::arrive(&server, ZOE).await;
    let mut silent = Raw::signed_in(server.address, &zoe.token).await;
    let mut answers = Raw::signed_in(server.address, &zoe.token).await;
    let (mut asked, mut answered) = (0, 0);
    // The first beat asks nobody: all have just been heard.
    let said = loop {
        (0..TURNS).for_each(|turn| server.app.hub.heartbeat(turn));
        if let Some(said) = answers.soon().await {
            let Said::Ping(payload) = said else { panic!("{said:?} to who answers") };
            answers.send(&[frame(0x8a, &payload), frame(PING, b"heard?")].concat()).await;
            // The server's own turns come too, now and then.
            let mut said = answers.next().await;
            while let Said::Ping(payload) = said {
                answers.send(&frame(0x8a, &payload)).await;
                said = answers.next().await;
            }
            assert_eq!(said, Said::Pong(b"heard?".to_vec()));
            answered += 1;
        }
        match silent.soon().await {
            Some(Said::Ping(_)) => asked += 1,
            Some(said) => break said,
            None => {}
        }
    };
    assert_eq!((said, asked), (Said::Close(Some(CloseCode::Silent as u16)), 2));
    assert!(answered >= 2, "who answers is asked again");
    answers.send(&frame(TEXT, &request(0))).await;
    while answers.next().await != ok() {}
}
