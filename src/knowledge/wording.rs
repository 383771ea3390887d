//! What a text that is being typed will say: words repaired and the last one completed, before its meaning is asked for. The words are
//! those of the desk first, and of the model's language else.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    lexical::{
        text::Words,
        vocabulary::{Form, Vocabulary},
    },
    meaning::Model,
};

/// How often a word follows another in what customers write. Words are known by a hash of both: who counts does not need them.
#[derive(Debug, Default)]
pub struct Following(HashMap<u64, u32>);

impl Following {
    /// Counts the words of a text.
    pub fn read(&mut self, text: &str) {
        let mut words = Words::default();
        words.read(text);
        let mut before = "";
        for word in words.iter() {
            *self.0.entry(key(before, word)).or_default() += 1;
            before = word;
        }
    }

    fn count(&self, before: &str, word: &str) -> u32 {
        self.0.get(&key(before, word)).copied().unwrap_or_default()
    }
}

fn key(before: &str, word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (before, word).hash(&mut hasher);
    hasher.finish()
}

/// The text as it is meant, as far as that can be told; nothing: it is in a language that the model does not read.
pub fn of(text: &str, vocabulary: &Vocabulary, following: &Following, model: &Model) -> Option<String> {
    let (mut out, mut found) = (String::with_capacity(text.len() + 16), Vec::new());
    let mut before = String::new();
    let mut words = Words::default();
    words.read(text);
    if !vocabulary.languages_of(&words).contains(Model::LANGUAGE) {
        return None;
    }
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let (between, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_alphanumeric()).unwrap_or(from.len());
        let (written, after) = from.split_at(end);
        out.push_str(between);
        words.read(written);
        let word = words.iter().next().unwrap_or_default();
        let open = after.is_empty();
        let meant = complete(word, open, &before, vocabulary, following, &mut found)
            .or_else(|| repair(word, open, vocabulary, model, &mut found));
        out.push_str(meant.unwrap_or(written));
        meant.unwrap_or(word).clone_into(&mut before);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The word that begins so and most likely follows.
fn complete<'v>(
    word: &str,
    open: bool,
    before: &str,
    vocabulary: &'v Vocabulary,
    following: &Following,
    found: &mut Vec<u32>,
) -> Option<&'v str> {
    if !open || vocabulary.spelled(word).iter().any(Form::is_written) {
        return None;
    }
    vocabulary.complete(word, Model::LANGUAGE.into(), found);
    let forms = found.iter().filter_map(|at| vocabulary.forms().get(*at as usize));
    Some(&forms.max_by_key(|form| (following.count(before, &form.text), form.count))?.text)
}

/// The word that was mistyped; nothing: it may be meant as it is.
fn repair<'v>(
    word: &str,
    open: bool,
    vocabulary: &'v Vocabulary,
    model: &'v Model,
    found: &mut Vec<u32>,
) -> Option<&'v str> {
    if vocabulary.terms(word, vocabulary.languages()).next().is_some() || model.knows(word) {
        return None;
    }
    let mut nearest = |words: &'v Vocabulary| {
        words.repair(word, open, Model::LANGUAGE.into(), found);
        Some(&*found.iter().filter_map(|at| words.forms().get(*at as usize)).max_by_key(|form| form.count)?.text)
    };
    nearest(vocabulary).or_else(|| if model.is_compound(word) { None } else { nearest(model.words()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{language::Language, lexical::vocabulary::VocabularyBuilder};

    const CUSTOMERS: [&str; 4] = [
        "How do I submit claims again?",
        "Where do I print a statement?",
        "I submit claims each day and submit statements each month",
        "The statement prints in Klingon",
    ];

    fn meant(text: &str) -> String {
        let mut vocabulary = VocabularyBuilder::default();
        vocabulary.speak(Language::English);
        let (mut words, mut following) = (Words::default(), Following::default());
        for line in CUSTOMERS {
            words.read(line);
            words.iter().for_each(|word| {
                vocabulary.add(word, Language::English);
            });
            following.read(line);
        }
        of(text, &vocabulary.build(), &following, Model::get().unwrap()).unwrap()
    }

    #[test]
    fn the_last_word_is_completed_by_what_mostly_follows() {
        assert_eq!(meant("Please submit c"), "Please submit claims");
        assert_eq!(meant("print a st"), "print a statement");
        assert_eq!(meant("submit c "), "submit c ");
    }

    #[test]
    fn mistyped_words_are_repaired_by_the_desk_first_and_by_the_language_else() {
        assert_eq!(meant("sumbit the claism!"), "submit the claims!");
        assert_eq!(meant("an unkown accuont"), "an unknown account");
        assert_eq!(meant("in Klingno, please"), "in klingon, please");
    }

    #[test]
    fn words_that_are_words_stay() {
        for text in ["unlock the hotkey", "a state of the prince", "claim 4711-X17", "日本語 ?!", "", "  …  ", "🙂"]
        {
            assert_eq!(meant(text), text);
        }
    }
}
