//! The transcript of a chat as a mail: what everybody could read, in order. Nothing here asks the database or the clock.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};

use super::{Mail, visible};

/// How much text a mail holds at the most, in bytes; what is older is left out.
const MAX_TEXT: usize = 256 * 1024;

/// An event that everyone may read, as it is stored.
#[derive(Debug)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The author's name; empty for the server.
    pub name: String,
    /// What happened; kinds that are not known here are left out.
    pub body: Value,
}

/// Of whom and for whom it is.
#[derive(Debug)]
pub struct Heading<'a> {
    /// The contact's name.
    pub name: &'a str,
    /// The contact's address.
    pub address: &'a str,
    /// The account's name.
    pub account: &'a str,
    /// Why the mail comes, in one sentence.
    pub reason: &'a str,
    /// The desk's zone.
    pub zone: Tz,
}

/// The kinds that are worth a line.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Said {
    Message {
        text: String,
    },
    File {
        file: Named,
    },
    Joined {},
    JoinedBeside {},
    Left {},
    CaseMade {
        number: i64,
    },
    Ended {
        #[serde(default)]
        words: Option<String>,
    },
    #[serde(other)]
    Other,
}

/// A file's name; the file itself stays on the desk.
#[derive(Deserialize)]
struct Named {
    name: String,
}

struct Line {
    time: String,
    who: String,
    text: String,
    quiet: bool,
}

struct Day {
    date: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "email/transcript.txt", escape = "none")]
struct Text<'a> {
    name: &'a str,
    account: &'a str,
    reason: &'a str,
    zone: &'a str,
    left_out: usize,
    days: &'a [Day],
}

#[derive(Template)]
#[template(path = "email/transcript.html")]
struct Html<'a> {
    subject: &'a str,
    name: &'a str,
    account: &'a str,
    reason: &'a str,
    zone: &'a str,
    left_out: usize,
    days: &'a [Day],
}

/// The mail.
pub fn mail(heading: &Heading<'_>, entries: &[Entry]) -> Result<Mail> {
    let mut lines: Vec<(String, Line)> = entries.iter().filter_map(|entry| line(entry, heading.zone)).collect();
    let left_out = too_many(&lines);
    let mut days: Vec<Day> = Vec::new();
    for (date, line) in lines.drain(..).skip(left_out) {
        match days.last_mut() {
            Some(day) if day.date == date => day.lines.push(line),
            _ => days.push(Day { date, lines: vec![line] }),
        }
    }
    let first = entries.first().map(|entry| entry.at.with_timezone(&heading.zone));
    let subject = match first {
        Some(at) => format!("Your support chat of {}", at.format("%-d %B %Y")),
        None => "Your support chat".to_owned(),
    };
    let (name, account) = (visible(heading.name), visible(heading.account));
    let (reason, zone, days) = (heading.reason, heading.zone.name(), days.as_slice());
    let text = Text { name: &name, account: &account, reason, zone, left_out, days };
    let text = text.render().map_err(Error::internal)?;
    let html = Html { subject: &subject, name: &name, account: &account, reason, zone, left_out, days };
    let html = html.render().map_err(Error::internal)?;
    Ok(Mail { name, address: heading.address.to_owned(), subject, text, html, thread: None })
}

/// How many of the first lines have no room.
fn too_many(lines: &[(String, Line)]) -> usize {
    let mut room = MAX_TEXT;
    let fits = lines.iter().rev().take_while(|(_, line)| {
        let left = room.checked_sub(line.text.len() + 100);
        room = left.unwrap_or(0);
        left.is_some()
    });
    lines.len() - fits.count()
}

/// An event as a line with its day; none: not worth one.
fn line(entry: &Entry, zone: Tz) -> Option<(String, Line)> {
    let at = entry.at.with_timezone(&zone);
    let who = visible(&entry.name);
    let (quiet, text) = match serde_json::from_value(entry.body.clone()).ok()? {
        Said::Message { text } => (false, visible(&text)),
        Said::File { file } => (false, format!("[File: {}]", visible(&file.name))),
        Said::Joined {} | Said::JoinedBeside {} => (true, format!("{who} joined the chat")),
        Said::Left {} => (true, format!("{who} left the chat")),
        Said::CaseMade { number } => (true, format!("Case {number} was opened")),
        Said::Ended { words } => {
            (true, words.map_or_else(|| "The chat ended".to_owned(), |words| format!("The chat ended: {words}")))
        }
        Said::Other => return None,
    };
    let date = at.format("%A, %-d %B %Y").to_string();
    Some((date, Line { time: at.format("%-I:%M %p %Z").to_string(), who, text, quiet }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heading() -> Heading<'static> {
        let zone = chrono_tz::America::New_York;
        Heading {
            name: "Zoe",
            address: "zoe@here.example",
            account: "Harbor Street",
            reason: "You asked for it.",
            zone,
        }
    }

    fn entry(at: &str, name: &str, body: Value) -> Entry {
        Entry { at: at.parse().unwrap(), name: name.into(), body }
    }

    #[test]
    fn live_12_a_transcript_reads_like_the_chat() {
        let entries = [
            entry("2026-12-02T04:58:00Z", "Zoe", json!({"kind": "message", "text": "A claim\nis stuck <b>&"})),
            entry("2026-12-02T04:59:00Z", "Priya", json!({"kind": "joined"})),
            entry("2026-12-02T05:01:00Z", "Priya", json!({"kind": "file", "file": {"name": "steps.pdf", "size": 7}})),
            entry("2026-12-02T05:02:00Z", "Priya", json!({"kind": "holograms", "text": "unknown"})),
            entry("2026-12-02T05:03:00Z", "", json!({"kind": "ended", "why": "customer"})),
        ];
        let mail = mail(&heading(), &entries).unwrap();
        assert_eq!(mail.subject, "Your support chat of 1 December 2026");
        let expected = "Hello Zoe,\n\nthis is what was said in your support chat for Harbor Street. The times are those of \
                        America/New_York.\n\nTuesday, 1 December 2026\n\n11:58 PM EST  Zoe\n    A claim\n    is stuck <b>&\n\n11:59 PM EST  (Priya joined the chat)\n\n\
                        Wednesday, 2 December 2026\n\n12:01 AM EST  Priya\n    [File: steps.pdf]\n\n12:03 AM EST  (The chat ended)\n\n-- \n\
                        You asked for it. This mail was sent by a program.";
        assert_eq!(mail.text.trim_end(), expected);
        assert!(mail.html.contains("is stuck &#60;b&#62;&#38;"), "{}", mail.html);
        assert!(!mail.html.contains("unknown"));
    }

    #[test]
    fn live_12_what_is_too_long_loses_its_beginning_and_says_so() {
        let long = |n: usize| {
            let text = format!("{n} {}", "x".repeat(3_990));
            entry("2026-12-02T04:58:00Z", "Zoe", json!({"kind": "message", "text": text}))
        };
        let entries: Vec<Entry> = (0..100).map(long).collect();
        let mail = mail(&heading(), &entries).unwrap();
        assert!(mail.text.len() < MAX_TEXT + 10_000);
        assert!(mail.text.contains("The first 36 entries are left out"), "{}", &mail.text[..300]);
        assert!(mail.text.contains("    99 xxx") && !mail.text.contains("    35 xxx"));
    }
}
