//! The fuzz targets: each takes any bytes, gives them to what reads a stranger's words, and checks what must hold of the answer.
//! `cargo fuzz` runs them with libFuzzer (`fuzz/README.md`); `tests/fuzz` runs them on stable Rust with each `cargo test`.

use std::{net::IpAddr, sync::OnceLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use deskbell::{
    bus::signal::Envelope,
    chat::{
        conversation, handshake, log, marks,
        protocol::{ClientFrame, CloseCode, MAX_TEXT, Outgoing, Request},
    },
    demo::content,
    hours::{
        desk::{Channel, Plan},
        form,
    },
    identity::contact::Claim,
    input,
    knowledge::{
        engine::{Engine, Entry, Query, Scratch, Wish},
        exchange::{front, source, table},
        language::Language,
        lexical::index::Document,
        meaning::Model,
        solution::Audience,
        suggest,
    },
    web::{peer, signed_in, widget::api::Claimed},
};

/// A target with its name, which is also the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 11] = [
    ("claim", claim),
    ("exchange", exchange),
    ("forwarded", forwarded),
    ("frame", frame),
    ("hello", hello),
    ("hours", hours),
    ("numbers", numbers),
    ("page_token", page_token),
    ("signal", signal),
    ("suggest", suggestions),
    ("text", text),
];

/// A client's frame, up to the point where the database is asked.
pub fn frame(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request = match serde_json::from_str::<Request>(text) {
        Ok(request) => request,
        Err(error) => {
            // The refusal quotes from the frame, and must not be larger than what asked for it by more than its own words.
            let words = error.to_string();
            assert!(words.len() <= text.len() * 6 + 1_000, "{words}");
            return;
        }
    };
    match request.frame {
        ClientFrame::Send(message) | ClientFrame::Ask { message, .. } => cleaned(message),
        ClientFrame::Mark { delivered, read, .. } => check_marks(delivered, read),
        ClientFrame::Watch { after, .. } => check_resume(after, 7),
        ClientFrame::Suggest { text } => check_suggestions(&text),
        _ => {}
    }
}

fn cleaned(mut message: Outgoing) {
    if conversation::clean(&mut message).is_err() {
        return;
    }
    let once = message.text.clone();
    assert!(!once.is_empty() && !once.contains('\0') && once.trim() == once, "{once:?}");
    assert!(once.chars().count() <= MAX_TEXT);
    // A repeat of a frame must compare equal to what was stored of it.
    conversation::clean(&mut message).expect("a clean text is clean");
    assert_eq!(message.text, once);
    let stored = serde_json::to_string(&once).expect("text is JSON");
    assert_eq!(serde_json::from_str::<String>(&stored).expect("and comes back"), once);
}

/// The first frame of a socket.
pub fn hello(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match handshake::read_hello(text) {
        Ok(token) => {
            assert!(token.is_none_or(|token| token.len() <= text.len()));
            assert!(serde_json::from_str::<Request>(text).is_ok());
        }
        Err((code, words)) => assert!(code == CloseCode::Protocol && !words.is_empty()),
    }
}

/// Headers from lines of `name: value`; what no header can be is left out.
fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// `Origin`, `Host` and the cookie of an upgrade.
pub fn page_token(data: &[u8]) {
    const OWN: &str = "https://desk.example";
    let headers = headers(data);
    let token = signed_in::page_token(OWN, &headers);
    let Some(origin) = headers.get("origin") else {
        assert!(matches!(token, Ok(None)), "a program's cookie counted");
        return;
    };
    let host = headers.get("host").map(HeaderValue::as_bytes);
    let of_host = |scheme: &[u8]| host.is_some_and(|host| origin.as_bytes() == [scheme, b"://", host].concat());
    let is_own = origin == OWN || of_host(b"https") || of_host(b"http");
    assert!(is_own || token.is_err(), "{origin:?} was taken for {host:?}");
    if let Ok(Some(token)) = token {
        let pair = format!("__Host-deskbell={token}");
        let sent = headers.get_all("cookie").iter().any(|c| c.to_str().is_ok_and(|c| c.contains(&pair)));
        assert!(sent, "no cookie is {pair}");
    }
}

/// `X-Forwarded-For`.
pub fn forwarded(data: &[u8]) {
    let headers = headers(data);
    let Some(address) = peer::forwarded_for(&headers) else { return };
    assert_eq!(address.to_canonical(), address);
    assert_eq!(address.to_string().parse::<IpAddr>(), Ok(address));
    let last = headers.get_all("x-forwarded-for").iter().next_back().expect("it was read from there");
    let last = last.to_str().expect("it was read").rsplit(',').next().unwrap_or_default().trim();
    assert_eq!(last.parse::<IpAddr>().map(|told| told.to_canonical()), Ok(address), "another one than the last");
}

/// The request of the PIN check.
pub fn claim(data: &[u8]) {
    let Ok(claimed) = serde_json::from_slice::<Claimed>(data) else { return };
    let Ok((claim, pin)) = claimed.read() else { return };
    assert_eq!(pin.trim(), pin);
    let fields = match claim {
        Claim::Email(email) => vec![email],
        Claim::Number { account, contact } => vec![account, contact],
    };
    for field in fields {
        assert!(!field.is_empty() && field.len() <= 300 && !field.contains('\0'), "{field:?}");
        assert_eq!(input::fold(&field), field);
    }
}

/// A file of solutions: Markdown with fields before it, and a CSV.
pub fn exchange(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut reading = front::read(text);
    front::take_title(&mut reading, "file");
    let lines = text.lines().count() + 1;
    assert!(reading.problems.iter().all(|problem| (1..=lines).contains(&problem.line) && !problem.message.is_empty()));
    // What was understood is written so that the same is understood again.
    let again = front::read(&front::write(&reading.record));
    assert!(again.problems.is_empty() && again.unknown.is_empty(), "{:?}", again.problems);
    assert_eq!(again.record, reading.record);

    let there = source::readdress(&reading.record.body, |_| Some("x.png".into()));
    assert!(source::addresses(&there).iter().all(|address| address == "x.png"), "{there:?}");

    match table::read(text) {
        Ok(rows) => {
            let records: Vec<_> = rows.into_iter().map(|row| row.record).collect();
            let written = table::write(&records).expect("they fit into a table");
            let written = String::from_utf8(written).expect("it is text");
            let again = table::read(&written).expect("we wrote it");
            assert!(again.iter().all(|row| row.problems.is_empty()), "{written:?}");
        }
        Err(problems) => assert!(problems.iter().all(|problem| problem.line == 1 && !problem.message.is_empty())),
    }
}

/// Text of people: lines, texts, e-mail addresses, snippets.
pub fn text(data: &[u8]) {
    let Ok(raw) = std::str::from_utf8(data) else { return };
    let folded = input::fold(raw);
    assert_eq!(input::fold(&folded), folded);
    if let Ok(line) = input::line("it", raw, 80) {
        assert!((1..=80).contains(&line.chars().count()) && !line.contains(char::is_control), "{line:?}");
        assert_eq!(input::line("it", &line, 80).expect("a clean line is clean"), line);
    }
    if let Ok(text) = input::text("it", raw, 200) {
        assert!((1..=200).contains(&text.chars().count()) && !text.contains('\0') && text.trim() == text, "{text:?}");
        assert_eq!(input::text("it", &text, 200).expect("a clean text is clean"), text);
    }
    if let Ok(email) = input::email(raw) {
        assert!(email.chars().count() <= 254 && !email.contains(|c: char| c.is_whitespace() || c.is_control()));
        assert_eq!(email.matches('@').count(), 1);
        assert!(!email.starts_with('@') && !email.ends_with('@'));
        assert_eq!(input::email(&email).expect("an address is one"), email);
    }
    for most in [1, 9, 140] {
        let snippet = input::snippet(raw, most);
        assert!(snippet.chars().count() <= most && !snippet.contains('\n'), "{snippet:?}");
    }
}

/// What a customer types while solutions are suggested.
pub fn suggestions(data: &[u8]) {
    check_suggestions(&String::from_utf8_lossy(data));
}

fn check_suggestions(text: &str) {
    static ENGINE: OnceLock<Engine<usize>> = OnceLock::new();
    let model = Model::get().expect("the model is whole");
    let engine = ENGINE.get_or_init(|| {
        let solutions = content::read().expect("the demo's content").solution;
        let entries: Vec<_> = solutions
            .iter()
            .enumerate()
            .map(|(id, s)| Document {
                id,
                title: &s.title,
                body: &s.body,
                category: &s.category,
                cases: "",
                language: Language::English,
            })
            .map(|document| Entry { document, meaning: None, cases: &[], help: 0.0, audience: Audience::Everyone })
            .collect();
        Engine::build(Some(model), &entries)
    });
    let searched = suggest::searched(text);
    assert!(text.ends_with(searched) && searched.chars().count() == text.chars().count().min(500));
    let meant = engine.wording(searched, model).expect("the demo is in the model's language");
    let queries = [Query::Words, Query::Average(engine.average(&meant, model)), Query::Meaning(model.typed(&meant))];
    for query in queries {
        let hits = engine.rank(
            searched,
            &query,
            Some(model),
            &Wish::typed(Audience::Everyone, suggest::MOST),
            &mut Scratch::default(),
        );
        assert!(hits.len() <= suggest::MOST);
        assert!(hits.iter().all(|hit| hit.score > 0.0 && hit.score.is_finite()), "{hits:?}");
        assert!(hits.is_sorted_by(|a, b| a.score >= b.score), "{hits:?}");
        let mut ids: Vec<_> = hits.iter().map(|hit| hit.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), hits.len(), "one solution twice");
    }
}

/// The form of a channel's hours: a byte that picks the channel, then a line for each field.
pub fn hours(data: &[u8]) {
    let Some((pick, rest)) = data.split_first() else { return };
    let channel = [Channel::Chat, Channel::Phone, Channel::Email, Channel::Portal][usize::from(pick % 4)];
    let text = String::from_utf8_lossy(rest);
    let fields: Vec<&str> = text.split('\n').collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let day = |key: &str| form::DAYS.iter().position(|(day, ..)| *day == key).map_or("", |at| field(at + 3));
    match form::schedule(channel, field(0), day, pick & 4 == 0, field(1), field(2)) {
        Ok(schedule) => {
            assert!(schedule.grace_minutes <= 1440 && schedule.warn_minutes <= 1440);
            // What the page shows of a saved schedule must be taken when it is sent back, and mean the same.
            let shown = form::DAYS.map(|(key, _, weekday)| (key, form::day_text(&schedule, weekday)));
            let again = |key: &str| shown.iter().find(|(day, _)| *day == key).map_or("", |(_, text)| text.as_str());
            let (grace, warn) = (schedule.grace_minutes.to_string(), schedule.warn_minutes.to_string());
            let (zone, holidays) = (schedule.zone.name(), schedule.observes_holidays);
            let read = form::schedule(channel, zone, again, holidays, &grace, &warn).expect("it was shown by us");
            assert_eq!(read.zone, schedule.zone);
            assert_eq!(matches!(read.plan, Plan::Intakes { .. }), channel == Channel::Email);
            assert_eq!(form::DAYS.map(|(key, _, weekday)| (key, form::day_text(&read, weekday))), shown);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            let ours = |id: &str| id.split_once('-').is_some_and(|(of, _)| of == form::channel_key(channel));
            assert!(errors.iter().all(|error| ours(&error.field) && !error.message.is_empty()), "{errors:?}");
        }
    }
}

/// The numbers of `watch` and `mark`: two of 8 bytes each.
pub fn numbers(data: &[u8]) {
    let number = |at: usize| {
        let bytes = data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, i64::from_le_bytes)
    };
    check_resume(number(0), number(8));
    check_marks(number(0), number(8));
}

fn check_resume(after: i64, last: i64) {
    let from = log::resume_after(after, last);
    assert!(from >= 0 && (from <= last || from == 0), "{after} of {last}: {from}");
    // The next number must exist.
    assert!(from.checked_add(1).is_some() || last == i64::MAX);
    assert!(!(0..=last).contains(&after) || from == after);
}

fn check_marks(delivered: i64, read: i64) {
    if marks::are_marks(delivered, read) {
        assert!(delivered >= 0 && read >= 0 && delivered >= read);
    } else {
        assert!(delivered < 0 || read < 0 || delivered < read);
    }
}

/// What another node says over NATS.
pub fn signal(data: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(data) else { return };
    let sent = serde_json::to_vec(&envelope).expect("a signal is JSON");
    assert_eq!(serde_json::from_slice::<Envelope>(&sent).expect("and comes back"), envelope);
}
