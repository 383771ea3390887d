//! A solution as files have it: fields with words in them, and what these mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::knowledge::{language::Language, solution::Audience};

/// What a solution is for readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// They see it.
    Published,
    /// They saw it once.
    Retired,
    /// They never saw it.
    Draft,
}

/// A solution as a file tells it. What a file leaves out stays as the desk has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The server's id.
    pub id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Key of its category; empty: left out.
    pub category: String,
    /// In which language.
    pub language: Option<Language>,
    /// Who may read it.
    pub audience: Option<Audience>,
    /// The version of the product that it describes.
    pub product_version: Option<String>,
    /// Related solutions, each by id or title.
    pub related: Option<Vec<String>>,
    /// What it is for readers.
    pub state: Option<State>,
    /// Who wrote what is published; empty: left out.
    pub author: String,
    /// The text, in Markdown.
    pub body: String,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// Something that is not understood here.
    Other,
}

/// The fields besides the text, in the order in which files have them.
pub const KEYS: [&str; 9] =
    ["id", "title", "category", "language", "audience", "product_version", "related", "state", "author"];

impl Record {
    /// Its fields besides the text, without those that are left out.
    pub fn fields(&self) -> Vec<(&'static str, Value)> {
        let given = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
        let values = [
            self.id.map(|id| Value::Text(id.to_string())),
            given(&self.title),
            given(&self.category),
            self.language.map(|language| Value::Text(word_of(&language))),
            self.audience.map(|audience| Value::Text(word_of(&audience))),
            self.product_version.clone().map(Value::Text),
            self.related.clone().map(Value::List),
            self.state.map(|state| Value::Text(word_of(&state))),
            given(&self.author),
        ];
        KEYS.into_iter().zip(values).filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// What is wrong, and in which line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What it is and what to do.
    pub message: String,
}

impl Problem {
    /// Something wrong in a line.
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// What a file says of a solution, as far as it was understood.
#[derive(Debug, Default)]
pub struct Reading {
    /// The solution.
    pub record: Record,
    /// The line in which it begins.
    pub line: usize,
    /// In which lines its fields stand.
    pub lines: BTreeMap<&'static str, usize>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Fields that nobody here knows, with their lines.
    pub unknown: Vec<(String, usize)>,
}

impl Reading {
    /// Nothing yet of a solution that begins in a line.
    pub fn begin(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    /// The line of a field.
    pub fn line_of(&self, key: &str) -> usize {
        self.lines.get(key).copied().unwrap_or(self.line)
    }

    /// Takes in a field that stands in a line.
    pub fn take(&mut self, key: &str, value: Value, line: usize) {
        let Some(known) = KEYS.into_iter().find(|known| *known == key) else {
            self.unknown.push((key.to_owned(), line));
            return;
        };
        let taken = if self.lines.insert(known, line).is_some() {
            Err("stands here for the second time; leave one of them".into())
        } else {
            self.understand(known, value)
        };
        if let Err(message) = taken {
            self.problems.push(Problem::new(line, format!("`{known}` {message}.")));
        }
    }

    fn understand(&mut self, key: &str, value: Value) -> Result<(), String> {
        let record = &mut self.record;
        let text = match value {
            Value::List(list) if key == "related" => {
                record.related = Some(list);
                return Ok(());
            }
            Value::Text(text) => text,
            _ => return Err("is not understood; write it in one line, in double quotes if need be".into()),
        };
        match key {
            "title" => record.title = text,
            "author" => record.author = text,
            "category" => record.category = text,
            "product_version" => record.product_version = Some(text),
            "related" => record.related = Some(if text.is_empty() { Vec::new() } else { vec![text] }),
            // What was left empty is left out.
            _ if text.is_empty() => {}
            "id" => record.id = Some(text.parse().map_err(|_| format!("is {text:?}, which is no UUID; leave it out"))?),
            "language" => record.language = Some(one_of(&text, "en, es, de or fr")?),
            "audience" => record.audience = Some(one_of(&text, "everyone, customers or staff")?),
            _ => record.state = Some(one_of(&text, "published, retired or draft")?),
        }
        Ok(())
    }
}

fn one_of<T: DeserializeOwned>(text: &str, those: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("is {text:?}; it must be {those}"))
}

fn word_of<T: Serialize>(value: &T) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any words, those among them on which readers stumble.
    pub fn words() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,40}",
            "([ \t\n\r'\"\\\\:#,;\\[\\]{}=+@|>*&!%-]|---\n|\u{feff}|\u{2028}|\u{1}|[a-z]|é|👩|null|true){0,20}",
        ]
    }

    /// Any solution that a file can have.
    pub fn records() -> impl Strategy<Value = Record> {
        let ids = proptest::option::of(any::<u128>().prop_map(Uuid::from_u128));
        let state =
            prop_oneof![Just(None), Just(Some(State::Published)), Just(Some(State::Retired)), Just(Some(State::Draft))];
        let language = prop_oneof![Just(None), Just(Some(Language::English)), Just(Some(Language::French))];
        let audience = prop_oneof![Just(None), Just(Some(Audience::Everyone)), Just(Some(Audience::Staff))];
        let related = proptest::option::of(proptest::collection::vec(words(), 0..4));
        let version = proptest::option::of(words());
        (ids, words(), words(), language, audience, version, related, state, words(), words()).prop_map(
            |(id, title, category, language, audience, product_version, related, state, author, body)| Record {
                id,
                title,
                category,
                language,
                audience,
                product_version,
                related,
                state,
                author,
                body,
            },
        )
    }
}
