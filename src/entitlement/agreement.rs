//! What admins set of the support agreement: who may ask, how often, and the words with which others are refused.

use serde::{Deserialize, Serialize};

use crate::{
    desk::{
        change::{self, Check},
        stored::Stored,
    },
    error::Result,
    input,
};

use super::judge::Refusal;

/// The longest text of a refusal, in characters.
const MAX_WORDS: usize = 1_000;
/// The most barred words.
const MOST_BARRED: usize = 500;

/// All of it. What is not stored has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agreement {
    /// Only authorized representatives and administrators ask for support (AGREE-08).
    pub first_line: bool,
    /// How many requests a person may send within 24 hours; nothing: as many as they like.
    pub requests_a_day: Option<u32>,
    /// Words that nobody of the desk has to read, folded.
    pub barred: Vec<String>,
    /// The words of refusals, by their field's key.
    #[serde(flatten)]
    pub words: Words,
}

/// The words of each refusal. In braces stands what is put in: see [`PLACES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the words of the refusal of its name")]
pub struct Words {
    pub closed: String,
    pub stopped: String,
    pub standing: String,
    pub first_line_words: String,
    pub too_many: String,
    pub wording: String,
}

/// What can stand in braces, and what it becomes.
pub const PLACES: [(&str, &str); 5] = [
    ("account", "the company’s name"),
    ("people", "who speaks for it"),
    ("until", "“until Thursday 5 March 2026, 9:00 AM EST”, or “for now”"),
    ("most", "how many requests are agreed"),
    ("again", "“from Thursday 5 March 2026, 9:00 AM EST on”, or “once that is changed”"),
];

/// A text of the form.
#[derive(Debug, Clone, Copy)]
pub struct WordsField {
    /// Its field in the form.
    pub key: &'static str,
    /// When it is said.
    pub name: &'static str,
}

/// All texts, in the order of the form.
pub const FIELDS: [WordsField; 6] = [
    WordsField { key: "standing", name: "The account is not in good standing" },
    WordsField { key: "first_line_words", name: "Others speak for the account" },
    WordsField { key: "too_many", name: "As many requests as agreed came already" },
    WordsField { key: "stopped", name: "A supervisor stopped support" },
    WordsField { key: "wording", name: "There are barred words in it" },
    WordsField { key: "closed", name: "The account is closed" },
];

impl Default for Agreement {
    fn default() -> Self {
        Self { first_line: true, requests_a_day: None, barred: Vec::new(), words: Words::default() }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            closed: "The account of {account} is closed, so we cannot take new requests for it. If that is a mistake, please ask {people} to get in touch with your account manager.".into(),
            stopped: "Support for you at {account} has been stopped {until}. Please talk to {people}; a supervisor of ours can change it. Our solutions stay open to you.".into(),
            standing: "We cannot take new requests for {account} at the moment, because the account is not in good standing. As soon as payment has arrived we are here for you again: {people} can settle it. What you asked before can still be read, and our solutions stay open to you.".into(),
            first_line_words: "At {account}, {people} asks us for support. Please turn there first; our solutions are open to you as well.".into(),
            too_many: "{most} requests within 24 hours are agreed, and they have come. The next one is possible {again}. Our solutions stay open to you.".into(),
            wording: "Please say it in other words and send it again: there are some in it that we do not pass on to our people.".into(),
        }
    }
}

impl Words {
    /// A text by its key.
    pub fn get(&self, key: &str) -> &str {
        match key {
            "closed" => &self.closed,
            "stopped" => &self.stopped,
            "standing" => &self.standing,
            "first_line_words" => &self.first_line_words,
            "too_many" => &self.too_many,
            "wording" => &self.wording,
            _ => "",
        }
    }

    fn set(&mut self, key: &str, text: String) {
        match key {
            "closed" => self.closed = text,
            "stopped" => self.stopped = text,
            "standing" => self.standing = text,
            "first_line_words" => self.first_line_words = text,
            "too_many" => self.too_many = text,
            "wording" => self.wording = text,
            _ => {}
        }
    }

    /// The words of a refusal; `put` has what stands for each place.
    pub fn of(&self, refusal: Refusal, put: &[(&str, String)]) -> String {
        let text = match refusal {
            Refusal::Closed => &self.closed,
            Refusal::Stopped { .. } => &self.stopped,
            Refusal::Standing => &self.standing,
            Refusal::FirstLine => &self.first_line_words,
            Refusal::TooMany { .. } => &self.too_many,
            Refusal::Wording => &self.wording,
        };
        fill(text, put)
    }
}

/// Puts in what stands for each place; what was put in is not looked at again.
fn fill(text: &str, put: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(key, rest)| Some((put.iter().find(|(k, _)| *k == key)?, rest)));
        rest = match found {
            Some(((_, value), rest)) => {
                filled.push_str(value);
                rest
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// What stands in braces in a text and is no place.
fn unknown_place(text: &str) -> Option<&str> {
    let inside = text.split('{').skip(1).map(|part| part.split_once('}').map_or(part, |(key, _)| key));
    inside.into_iter().find(|key| !PLACES.iter().any(|(known, _)| known == key))
}

impl Stored for Agreement {
    const KEY: &'static str = "agreement";
    const NAME: &'static str = "the support agreement";

    fn check(&self) -> Result<()> {
        let mut check = Check::default();
        let fine = self.requests_a_day.is_none_or(|most| (1..=1_000).contains(&most));
        check.require(fine, "requests_a_day", "bad_number", "Please give a number from 1 to 1000, or nothing.");
        let few = self.barred.len() <= MOST_BARRED;
        check.require(few, "barred", "too_many", format!("Please give at most {MOST_BARRED} words."));
        for WordsField { key, .. } in FIELDS {
            if let Some(place) = unknown_place(self.words.get(key)) {
                let known: Vec<String> = PLACES.iter().map(|(key, _)| format!("{{{key}}}")).collect();
                let words = format!("{{{place}}} means nothing here. What can be put in: {}.", known.join(", "));
                check.require(false, key, "bad_place", words);
            }
        }
        check.done()
    }
}

impl Agreement {
    /// From a form's fields, all that is wrong said at once.
    pub fn read<'a>(first_line: bool, value: impl Fn(&str) -> &'a str) -> Result<Self> {
        let mut check = Check::default();
        let mut agreement = Self { first_line, ..Self::default() };
        let most = value("requests_a_day").trim();
        if !most.is_empty() {
            let read = change::number("The requests", most, 1, 1_000);
            agreement.requests_a_day = u32::try_from(check.read("requests_a_day", read)?).ok();
        }
        let lines = value("barred").split(['\n', ',']).map(input::fold).filter(|word| !word.is_empty());
        agreement.barred = lines.map(|word| word.replace('\0', "")).collect();
        agreement.barred.sort_unstable();
        agreement.barred.dedup();
        for WordsField { key, .. } in FIELDS {
            let text = check.read(key, input::text("the words", value(key), MAX_WORDS))?;
            agreement.words.set(key, text.replace("\r\n", "\n"));
        }
        check.done()?;
        agreement.check()?;
        Ok(agreement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_06_words_are_filled_in_once() {
        let put = [("account", "{people} & Co".to_owned()), ("people", "Zoë".to_owned())];
        assert_eq!(fill("At {account}, ask {people}. {x} {", &put), "At {people} & Co, ask Zoë. {x} {");
    }

    #[test]
    fn agree_06_all_texts_are_in_the_form_and_fit() {
        let shipped = Agreement::default();
        assert!(shipped.check().is_ok());
        assert!(FIELDS.iter().all(|field| !shipped.words.get(field.key).is_empty()));
        let stored = serde_json::to_value(&shipped).unwrap();
        assert_eq!(stored.as_object().unwrap().len(), FIELDS.len() + 3);
        assert_eq!(serde_json::from_value::<Agreement>(stored).unwrap(), shipped);
        let read = Agreement::read(false, |key| if key == "barred" { "Darn, go away\n\ndarn" } else { "7" }).unwrap();
        assert_eq!(
            (read.barred, read.requests_a_day, read.words.wording.as_str()),
            (vec!["darn".to_owned(), "go away".into()], Some(7), "7")
        );
        assert!(Agreement::read(true, |key| if key == "requests_a_day" { "" } else { "{nobody}" }).is_err());
    }
}
