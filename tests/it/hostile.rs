//! A thousand frames that no honest client sends, from a fixed seed, against strangers', customers' and agents' sockets.

use std::sync::{
    Once,
    atomic::{AtomicUsize, Ordering},
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame, FrameHeader,
        coding::{Control, Data, OpCode},
    },
};
use uuid::Uuid;

use crate::{
    both,
    support::{Agent, Customer, Server, Settings, Socket, actors::*, wire::Wire},
};

const SEED: u64 = 20_261_201;
const FRAMES: usize = 1_000;
/// The close codes that the protocol's page lists.
const DOCUMENTED: [u16; 6] = [1012, 4000, 4001, 4100, 4101, 4102];

/// Panics of the servers' tasks in this process; what a test itself says by panicking is not one of them.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let of_a_task = std::thread::current().name().is_some_and(|name| name.starts_with("tokio"));
            if of_a_task && panic.location().is_some_and(|place| !place.file().contains("tests/")) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Stranger,
    Customer,
    Staff,
}

/// What the sender knows of the chats.
#[derive(Clone, Copy)]
struct Known {
    who: Who,
    own: Uuid,
    foreign: Uuid,
}

/// A hostile frame, or several that belong together.
struct Hostile {
    what: &'static str,
    messages: Vec<Message>,
    /// True: it must be refused by an error or a close; otherwise it may also be harmless.
    refused: bool,
}

fn text(what: &'static str, refused: bool, text: impl Into<String>) -> Hostile {
    Hostile { what, messages: vec![Message::text(text.into())], refused }
}

fn raw(data: impl Into<Vec<u8>>, opcode: OpCode, last: bool) -> Message {
    let header = FrameHeader { is_final: last, opcode, ..FrameHeader::default() };
    Message::Frame(Frame::from_payload(header, data.into().into()))
}

/// A frame that would be well formed, but can change nothing: numbers out of order, ids that nobody has.
fn template(rng: &mut StdRng, own: Uuid) -> Value {
    let id = new_id();
    let n = rng.random_range(1_000..1_000_000);
    match rng.random_range(0..10) {
        0 => json!({"type": "send", "chat": own, "id": id, "client": new_id(), "n": n, "text": "hostile"}),
        1 => {
            json!({"type": "ask", "chat": own, "id": id, "client": new_id(), "n": n, "text": "hostile", "category": "x"})
        }
        2 => json!({"type": "watch", "chat": own, "after": n}),
        3 => json!({"type": "mark", "chat": own, "delivered": n, "read": 0}),
        4 => json!({"type": "typing", "chat": id, "on": true}),
        5 => json!({"type": "end", "chat": id, "solved": true}),
        6 => json!({"type": "suggest", "text": "hostile"}),
        7 => json!({"type": "open_solution", "solution": id}),
        8 => json!({"type": "accept", "offer": id}),
        _ => json!({"type": "rate_solution", "solution": id, "solved": true}),
    }
}

fn hostile(rng: &mut StdRng, Known { who, own, foreign }: Known) -> Hostile {
    let staff = who == Who::Staff;
    let base = template(rng, own);
    match rng.random_range(0..24) {
        0 => {
            let whole = base.to_string();
            text("truncated", true, &whole[..rng.random_range(0..whole.len())])
        }
        1 => {
            let mut frame = base;
            let wrong = [
                json!(null),
                json!(true),
                json!(0),
                json!(-1),
                json!(1.5),
                json!("x"),
                json!([]),
                json!({}),
                json!([[1]]),
            ];
            let keys: Vec<String> = frame.as_object().unwrap().keys().filter(|k| *k != "type").cloned().collect();
            frame[keys.choose(rng).unwrap()] = wrong.choose(rng).unwrap().clone();
            text("wrong type", false, frame.to_string())
        }
        2 => {
            let number = [
                "1e400",
                "9223372036854775807",
                "-9223372036854775808",
                "18446744073709551616",
                "1e308",
                "-0.0",
                "1E-9",
                "99999999999999999999999999",
            ];
            let number = number.choose(rng).unwrap();
            let frame = [
                format!(r#"{{"type":"watch","chat":"{own}","after":{number}}}"#),
                format!(r#"{{"type":"mark","chat":"{own}","delivered":{number},"read":{number}}}"#),
                format!(
                    r#"{{"type":"send","chat":"{own}","id":"{}","client":"{}","n":{number},"text":"hostile"}}"#,
                    new_id(),
                    new_id()
                ),
                format!(r#"{{"type":"ping","req":{number}}}"#),
                format!(r#"{{"type":"hello","v":{number}}}"#),
            ];
            text("huge number", false, frame.choose(rng).unwrap().clone())
        }
        3 => {
            let n = -rng.random_range(1..i64::MAX);
            let frame = [
                json!({"type": "mark", "chat": own, "delivered": n, "read": n}),
                json!({"type": "mark", "chat": own, "delivered": 1, "read": 2}),
                json!({"type": "send", "chat": own, "id": new_id(), "client": new_id(), "n": n, "text": "hostile"}),
                json!({"type": "ping", "req": n}),
            ];
            text("negative", !staff || who == Who::Stranger, frame.choose(rng).unwrap().to_string())
        }
        4 => {
            let depth = rng.random_range(129..20_000);
            let (open, close) = *[("[", "]"), (r#"{"a":"#, "}")].choose(rng).unwrap();
            let depth = depth / open.len();
            let nested = format!("{}1{}", open.repeat(depth.max(129)), close.repeat(depth.max(129)));
            text("deep nesting", true, format!(r#"{{"type":"ping","x":{nested}}}"#))
        }
        5 => {
            let whole = base.to_string();
            let twice = format!("{},{}", &whole[..whole.len() - 1], &whole[1..]);
            text("duplicate keys", true, twice)
        }
        6 => {
            let frame = [
                format!(
                    r#"{{"type":"send","chat":"{own}","id":"{}","client":"{}","n":900,"text":"a{}b"}}"#,
                    new_id(),
                    new_id(),
                    '\0'
                ),
                format!(
                    r#"{{"type":"send","chat":"{own}","id":"{}","client":"{}","n":900,"text":"\u0000\u0000"}}"#,
                    new_id(),
                    new_id()
                ),
                format!(
                    r#"{{"type":"ask","chat":"{own}","id":"{}","client":"{}","n":900,"text":"a\u0000","category":"\u0000"}}"#,
                    new_id(),
                    new_id()
                ),
                format!(r#"{{"type":"watch","chat":"{own}\u0000","after":0}}"#),
                "\0".repeat(rng.random_range(1..50)),
            ];
            text("NUL", true, frame.choose(rng).unwrap().clone())
        }
        7 => {
            let surrogate = ["\\ud800", "\\udc00", "\\udfff\\ud800", "\\uD83D\\u0041", "\\u12", "\\x41"];
            let surrogate = surrogate.choose(rng).unwrap();
            text("lone surrogate", true, format!(r#"{{"type":"suggest","text":"a{surrogate}b"}}"#))
        }
        8 => {
            let size = 64 * 1024 + if rng.random() { 1 } else { rng.random_range(2..200_000) };
            text("too large", true, "x".repeat(size))
        }
        9 => {
            let frame = json!({"type": "send", "chat": own, "id": new_id(), "client": new_id(), "n": 900, "text": "ä".repeat(4_001)});
            text("too long", true, frame.to_string())
        }
        10 => {
            let kind = [
                "",
                "HELLO",
                "Send",
                "ack",
                "event",
                "welcome",
                "caught_up",
                "desk",
                "__proto__",
                "constructor",
                "send ",
                "\u{202e}gnip",
            ];
            text("unknown type", true, json!({"type": kind.choose(rng).unwrap(), "chat": own, "req": 7}).to_string())
        }
        11 => {
            let frame = match who {
                Who::Staff => [
                    json!({"type": "ask", "chat": own, "id": new_id(), "client": new_id(), "n": 1, "text": "hostile", "category": "claims"}),
                    json!({"type": "open_solution", "solution": new_id()}),
                    json!({"type": "rate_solution", "solution": new_id(), "solved": true}),
                ]
                .choose(rng)
                .unwrap()
                .clone(),
                _ => [
                    json!({"type": "pick", "chat": own}),
                    json!({"type": "presence", "state": "online"}),
                    json!({"type": "accept", "offer": new_id()}),
                    json!({"type": "decline", "offer": own}),
                ]
                .choose(rng)
                .unwrap()
                .clone(),
            };
            text("the other party's", true, frame.to_string())
        }
        12 => {
            let chat = *[foreign, new_id(), Uuid::nil(), Uuid::max()].choose(rng).unwrap();
            let frame = [
                json!({"type": "watch", "chat": chat, "after": 0}),
                json!({"type": "send", "chat": chat, "id": new_id(), "client": new_id(), "n": 1, "text": "hostile"}),
                json!({"type": "end", "chat": chat, "solved": true}),
                json!({"type": "typing", "chat": chat, "on": true}),
            ];
            text("another chat", true, frame.choose(rng).unwrap().to_string())
        }
        13 => {
            let bytes: Vec<u8> = (0..rng.random_range(0..300)).map(|_| rng.random()).collect();
            Hostile { what: "binary", messages: vec![Message::binary(bytes)], refused: true }
        }
        14 => {
            let size = rng.random_range(0..=125);
            let ping = Message::Ping(vec![7; size].into());
            let pong = Message::Pong(vec![7; size].into());
            Hostile {
                what: "ping flood",
                messages: [ping, pong].into_iter().cycle().take(200).collect(),
                refused: false,
            }
        }
        15 => {
            let whole = base.to_string();
            let mut messages: Vec<_> = whole
                .bytes()
                .enumerate()
                .map(|(at, byte)| raw([byte], OpCode::Data(if at == 0 { Data::Text } else { Data::Continue }), false))
                .collect();
            messages.push(raw([], OpCode::Data(Data::Continue), true));
            Hostile { what: "a fragment for each byte", messages, refused: false }
        }
        16 => {
            let messages = match rng.random_range(0..3) {
                0 => vec![raw(*b"{}", OpCode::Data(Data::Continue), true)],
                1 => vec![raw(*b"{", OpCode::Data(Data::Text), false), raw(*b"{}", OpCode::Data(Data::Text), true)],
                _ => (0..80)
                    .map(|n| {
                        raw(vec![b'x'; 1024], OpCode::Data(if n == 0 { Data::Text } else { Data::Continue }), false)
                    })
                    .collect(),
            };
            Hostile { what: "broken fragments", messages, refused: true }
        }
        17 => {
            let bytes: &[u8] =
                [&b"\xff\xfe"[..], b"{\"type\":\"ping\xc3\x28\"}", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"]
                    .choose(rng)
                    .unwrap();
            Hostile { what: "invalid UTF-8", messages: vec![raw(bytes, OpCode::Data(Data::Text), true)], refused: true }
        }
        18 => {
            let message = match rng.random_range(0..4) {
                0 => raw(*b"x", OpCode::Data(Data::Reserved(3)), true),
                1 => raw(*b"x", OpCode::Control(Control::Reserved(11)), true),
                2 => raw(vec![7; 126], OpCode::Control(Control::Ping), true),
                _ => raw(*b"x", OpCode::Control(Control::Ping), false),
            };
            Hostile { what: "broken framing", messages: vec![message], refused: true }
        }
        19 => {
            let frame = [
                r#"{"type":"hello","v":1}"#,
                r#"{"type":"hello","v":2,"token":"x"}"#,
                r#"{"type":"hello","v":1,"token":"made up"}"#,
            ];
            text("another hello", true, *frame.choose(rng).unwrap())
        }
        20 => {
            let frame = [
                "null",
                "1",
                "\"ping\"",
                "[]",
                "[{\"type\":\"ping\"}]",
                "true",
                "",
                " \n",
                "{}",
                "{\"type\":null}",
                "{\"type\":[\"ping\"]}",
                "{\"type\":{\"ping\":{}}}",
            ];
            text("no request", true, *frame.choose(rng).unwrap())
        }
        21 => {
            let frame = [
                "\u{feff}{\"type\":\"ping\"}",
                "{\"type\":\"ping\"}{\"type\":\"ping\"}",
                "{\"type\":\"ping\"}x",
                "{'type':'ping'}",
                "{\"type\":\"ping\",}",
                "/**/{\"type\":\"ping\"}",
                "{\"type\":\"ping\",\"req\":NaN}",
                "{type:\"ping\"}",
                "<type>ping</type>",
            ];
            text("nearly JSON", true, *frame.choose(rng).unwrap())
        }
        22 => {
            let id = [
                "",
                "1",
                "' OR 1=1 --",
                "../../etc/passwd",
                "00000000-0000-0000-0000-00000000000g",
                "%00",
                "${jndi:ldap://x}",
                "null",
            ];
            let id = id.choose(rng).unwrap();
            let frame = [
                json!({"type": "watch", "chat": id, "after": 0}),
                json!({"type": "send", "chat": own, "id": id, "client": id, "n": 1, "text": "hostile"}),
                json!({"type": "open_solution", "solution": id}),
                json!({"type": "accept", "offer": id}),
            ];
            text("no id", true, frame.choose(rng).unwrap().to_string())
        }
        _ => {
            let noise: String = (0..rng.random_range(1..2_000)).map(|_| rng.random::<char>()).collect();
            text("noise", true, noise)
        }
    }
}

/// One attacker, who comes back whenever the server hangs up.
struct Attacker {
    known: Known,
    token: String,
    wire: Option<Wire>,
}

impl Attacker {
    fn new(who: Who, token: &str, own: Uuid, foreign: Uuid) -> Self {
        Self { known: Known { who, own, foreign }, token: token.to_owned(), wire: None }
    }

    /// Sends one and checks the answer; how it was answered.
    async fn strike(&mut self, server: &Server, n: usize, rng: &mut StdRng) -> &'static str {
        let Hostile { what, messages, refused } = hostile(rng, self.known);
        let who = self.known.who;
        let sent = format!("frame {n} of seed {SEED}, {what} from a {who:?}: {:.300}", format!("{messages:?}"));
        let wire = match &mut self.wire {
            Some(wire) => wire,
            None if who == Who::Stranger => self.wire.insert(Wire::raw(server.address).await),
            None => self.wire.insert(Wire::open(server.address, &self.token).await),
        };
        wire.send(messages).await;
        let req = u32::try_from(n).unwrap() + 1_000_000;
        wire.send(vec![Message::text(json!({"type": "ping", "req": req}).to_string())]).await;
        let mut heard = wire.until(|f| f["req"] == req).await;
        // A message is answered after its commit, so the ping's answer may come first; all of these are refused.
        if heard.closed.is_none() && heard.errors().count() == 0 && (refused || sent.contains(r#"\"type\":\"send\""#)) {
            println!("waiting for the answer to {sent}");
            heard = wire.until(|f| f["type"] == "error").await;
        }
        for error in heard.errors() {
            let (code, words) = (error["code"].as_str().unwrap(), error["message"].as_str().unwrap());
            assert_ne!(code, "internal", "{sent}");
            assert!(!words.is_empty(), "{sent}: {error}");
        }
        let errors = heard.errors().count();
        if let Some(code) = heard.closed {
            assert!(DOCUMENTED.contains(&code), "{sent}: closed with {code}; {:?}", heard.frames);
            self.wire = None;
        } else {
            assert_ne!(who, Who::Stranger, "{sent}: a stranger's socket stays open");
            assert!(!refused || errors > 0, "{sent}: {:?}", heard.frames);
        }
        match (heard.closed, errors) {
            (Some(_), _) => "closed",
            (None, 0) => "harmless",
            (None, _) => "refused",
        }
    }
}

fn texts(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|e| e["body"]["text"].as_str()).collect()
}

both! {
    async fn live_08_a_thousand_hostile_frames_change_nothing(engine) {
        count_panics();
        let panics = PANICS.load(Ordering::SeqCst);
        let change: fn(&mut deskbell::config::Config) = |config| config.limits.connections_per_address = 10_000;
        let server = Server::with(engine, Settings { change, ..Settings::default() }).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let tomas = Customer::arrive(&server, TOMAS).await;
        zoe.ask("A claim is stuck", "claims").await;
        let (chat, _) = priya.take().await;
        zoe.say("before").await;
        priya.say(chat, "before, too").await;
        let owen = Agent::sign_in(&server, OWEN).await;

        let mut attackers = [
            Attacker::new(Who::Stranger, "", chat, tomas.chat),
            Attacker::new(Who::Customer, &zoe.token, chat, tomas.chat),
            Attacker::new(Who::Customer, &tomas.token, tomas.chat, chat),
            Attacker::new(Who::Staff, &priya.token, chat, tomas.chat),
            Attacker::new(Who::Staff, &owen.token, chat, tomas.chat),
        ];
        let mut rng = StdRng::seed_from_u64(SEED);
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        println!("seed {SEED}");
        for n in 0..FRAMES {
            let attacker = rng.random_range(0..attackers.len());
            *counts.entry(attackers[attacker].strike(&server, n, &mut rng).await).or_default() += 1;
        }
        println!("{counts:?}");
        assert!(counts["closed"] > 100 && counts["refused"] > 300, "{counts:?}");
        assert_eq!(PANICS.load(Ordering::SeqCst), panics, "a task of the server panicked");

        // The chat goes on, and its log holds what was said and nothing else.
        let mut socket = Socket::open(&server, &zoe.token).await;
        socket.watch(chat, 0).await;
        zoe.socket = socket;
        zoe.say("after").await;
        priya.socket = Socket::open(&server, &priya.token).await;
        let (events, end) = priya.socket.watch(chat, 0).await;
        assert_eq!(texts(&events), ["A claim is stuck", "before", "before, too", "after"]);
        let numbers: Vec<_> = events.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!((&end["state"], &end["seq"]), (&json!("active"), &json!(events.len())));
        for mark in end["marks"].as_array().unwrap() {
            assert!(mark["read"].as_i64() <= mark["delivered"].as_i64() && mark["delivered"].as_i64() <= end["seq"].as_i64());
        }
        priya.say(chat, "after, too").await;
        assert_eq!(zoe.socket.hear_where("event", |e| e["body"]["text"] == "after, too").await["party"], "staff");
        // Another one from the start.
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        marcus.ask("Does it still work?", "claims").await;
        let mut agent = Agent::online(&server, OWEN).await;
        let picked = agent.socket.ask(json!({"type": "pick", "chat": marcus.chat})).await;
        assert!(picked["type"] == "ok", "{picked}");
        agent.say(marcus.chat, "It does").await;
        assert_eq!(marcus.socket.hear_where("event", |e| e["body"]["text"] == "It does").await["name"], "Owen Castellane");
    }

    async fn live_08_a_watch_from_beyond_the_end_is_one_from_the_end(engine) {
        count_panics();
        let panics = PANICS.load(Ordering::SeqCst);
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("A claim is stuck", "claims").await;
        let mut last = zoe.say("Still").await["seq"].clone();
        for after in [i64::MAX, i64::MAX - 1, 1_000] {
            let mut reader = Socket::open(&server, &zoe.token).await;
            let (events, end) = reader.watch(zoe.chat, after).await;
            assert_eq!((events.len(), &end["seq"]), (0, &last));
            for text in ["One", "Another"] {
                last = zoe.say(text).await["seq"].clone();
                assert_eq!(reader.hear("event").await["seq"], last);
            }
        }
        assert_eq!(PANICS.load(Ordering::SeqCst), panics);
    }

    async fn live_08_a_frame_of_64_kib_is_read_and_one_byte_more_is_not(engine) {
        let server = Server::start(engine).await;
        let zoe = Customer::arrive(&server, ZOE).await;
        let padded = |size: usize| {
            let frame = r#"{"type":"ping","req":5}"#;
            Message::text(format!("{frame}{}", " ".repeat(size - frame.len())))
        };
        let mut wire = Wire::open(server.address, &zoe.token).await;
        wire.send(vec![padded(64 * 1024)]).await;
        assert_eq!(wire.until(|f| f["req"] == 5).await.closed, None);
        wire.send(vec![padded(64 * 1024 + 1)]).await;
        assert_eq!(wire.until(|_| false).await.closed, Some(4101));
        let mut stranger = Wire::raw(server.address).await;
        stranger.send(vec![padded(64 * 1024 + 1)]).await;
        assert_eq!(stranger.until(|_| false).await.closed, Some(4101));
    }
}
