//! Reads subject, severity and description of a case out of what was written: pure, and only a proposal.

use crate::{
    chat::protocol::{EventBody, EventView, Party},
    input::snippet,
};

/// The longest subject, in characters.
pub const MAX_SUBJECT: usize = 120;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 20_000;

/// Words of somebody who cannot work at all.
const STANDSTILL: [&str; 10] = [
    "everything is down",
    "system is down",
    "completely down",
    "nobody can",
    "no one can",
    "all users",
    "cannot work",
    "can't work",
    "outage",
    "emergency",
];
/// Words of somebody who is badly held up.
const PRESSING: [&str; 9] =
    ["urgent", "asap", "right away", "immediately", "deadline", "today", "cannot log in", "can't log in", "locked out"];
/// Words of somebody who only asks.
const QUESTION: [&str; 6] = ["how do i", "how can i", "how to", "is it possible", "where do i", "where can i"];

/// The severity (1 worst, 4 least) that a question's words suggest; 3 when they suggest nothing.
pub fn severity(text: &str) -> i16 {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if says(&STANDSTILL) {
        1
    } else if says(&PRESSING) {
        2
    } else if says(&QUESTION) {
        4
    } else {
        3
    }
}

/// The subject: the question's first sentence.
pub fn subject(question: &str) -> String {
    let line = question.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("Question from a chat");
    let end = line
        .char_indices()
        .find(|(at, c)| matches!(c, '.' | '?' | '!') && line[at + c.len_utf8()..].starts_with(char::is_whitespace));
    let sentence = end.map_or(line, |(at, c)| &line[..at + c.len_utf8()]);
    // A greeting alone is no subject.
    let sentence = if sentence.split_whitespace().count() < 3 { line } else { sentence };
    snippet(sentence, MAX_SUBJECT)
}

/// The description: all that the customer wrote, in order, and the names of the files.
pub fn description(events: &[EventView]) -> String {
    let mut text = String::new();
    for event in events {
        let said = match &event.body {
            EventBody::Message { text } if event.party == Party::Customer => text.clone(),
            EventBody::File { file } if event.party == Party::Customer => format!("[File: {}]", file.name),
            // What was said in a chat that goes on here.
            EventBody::Merged { text, .. } => text.clone(),
            _ => continue,
        };
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&said);
    }
    text.chars().take(MAX_DESCRIPTION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_10_the_subject_is_the_first_sentence() {
        assert_eq!(subject("Our claims are rejected. They say payer ID."), "Our claims are rejected.");
        assert_eq!(subject("Hi. The 3.5 version prints blank pages"), "Hi. The 3.5 version prints blank pages");
        assert_eq!(subject(" \n "), "Question from a chat");
        assert!(subject(&"word ".repeat(100)).chars().count() <= MAX_SUBJECT);
    }

    #[test]
    fn live_10_severity_follows_the_words() {
        assert_eq!(severity("The SYSTEM IS DOWN for us"), 1);
        assert_eq!(severity("We are locked out"), 2);
        assert_eq!(severity("Statement prints in the wrong font"), 3);
        assert_eq!(severity("How do I add a user?"), 4);
    }
}
