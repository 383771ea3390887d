//! The passage of a text in which the words of a search stand, with marks on them. Pure.

use std::collections::BTreeSet;

use deskbell_meaning::letters::{fold, is_combining};
use schemars::JsonSchema;
use serde::Serialize;

use crate::knowledge::language::Language;

use super::text::Words;

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Whether it is a word that was looked for.
    pub mark: bool,
}

/// The stems that are looked for: those of all words but function words, unless there are no others.
pub fn words(text: &str, language: Language) -> BTreeSet<String> {
    let mut words = Words::default();
    words.read(text);
    let dull: BTreeSet<&str> = language.function_words().collect();
    let stem = |word: &str| language.stem(word).into_owned();
    let telling: BTreeSet<String> = words.iter().filter(|word| !dull.contains(word)).map(stem).collect();
    if telling.is_empty() { words.iter().map(stem).collect() } else { telling }
}

/// A text with its words marked.
pub fn mark(text: &str, words: &BTreeSet<String>, language: Language) -> Vec<Piece> {
    pieces(text, &hits(text, words, language), 0, text.len())
}

/// The passage of at most so many characters with most of the words, marked; the beginning if there are none.
pub fn best(text: &str, words: &BTreeSet<String>, language: Language, most: usize) -> Vec<Piece> {
    let hits = hits(text, words, language);
    // Windows that begin with a hit are enough: any other has no more of them.
    let window = |from: usize| text[from..].char_indices().nth(most).map_or(text.len(), |(at, _)| from + at);
    let worth = |first: usize| {
        let end = window(hits[first].0);
        let inside = hits[first..].iter().take_while(|(_, to, _)| *to <= end);
        inside.map(|(.., stem)| stem.as_str()).collect::<BTreeSet<_>>().len()
    };
    let first = (0..hits.len()).max_by_key(|first| (worth(*first), std::cmp::Reverse(*first)));
    // Some words before the first hit say what it is about.
    let from = first.map_or(0, |first| lead(text, hits[first].0));
    let mut to = window(from);
    if to < text.len() {
        to = text[from..to].rfind(char::is_whitespace).map_or(to, |space| from + space);
    }
    let mut found = pieces(text, &hits, from, to);
    let more = |text: &str| Piece { text: text.into(), mark: false };
    if from > 0 {
        found.insert(0, more("… "));
    }
    if to < text.len() {
        found.push(more(" …"));
    }
    found
}

/// Where the line or sentence of a place begins, if that is near; else a word's beginning a little before it.
fn lead(text: &str, at: usize) -> usize {
    const NEAR: usize = 60;
    let before = &text[..at];
    let near = before.char_indices().rev().take(NEAR).last().map_or(at, |(from, _)| from);
    let start = before.rfind(['\n', '.', '?', '!', ':']).map_or(0, |stop| stop + 1);
    let start = start + text[start..at].len() - text[start..at].trim_start().len();
    if start >= near || near == 0 {
        return start;
    }
    let space = before[near..].char_indices().find(|(_, c)| c.is_whitespace());
    space.map_or(at, |(space, c)| near + space + c.len_utf8())
}

/// The words of a text that are looked for: from, to, stem.
fn hits(text: &str, words: &BTreeSet<String>, language: Language) -> Vec<(usize, usize, String)> {
    let (mut hits, mut word, mut begin) = (Vec::new(), String::new(), 0);
    let ends = text.char_indices().map(|(at, c)| (at, Some(c))).chain([(text.len(), None)]);
    for (at, character) in ends {
        match character {
            Some(c) if c.is_alphanumeric() => {
                if word.is_empty() {
                    begin = at;
                }
                fold(c, &mut word);
            }
            Some(c) if is_combining(c) && !word.is_empty() => {}
            _ => {
                let stem = language.stem(&word);
                if words.contains(&*stem) {
                    hits.push((begin, at, stem.into_owned()));
                }
                word.clear();
            }
        }
    }
    hits
}

fn pieces(text: &str, hits: &[(usize, usize, String)], from: usize, to: usize) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), from);
    let mut add = |text: &str, mark: bool| {
        if !text.is_empty() {
            // A passage is one line.
            pieces.push(Piece { text: text.replace('\n', " "), mark });
        }
    };
    for (begin, end, _) in hits.iter().filter(|(begin, end, _)| *begin >= from && *end <= to) {
        add(&text[at..*begin], false);
        add(&text[*begin..*end], true);
        at = *end;
    }
    add(&text[at..to.max(at)], false);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "Ledgerleaf locks the user for 20 minutes.\nAsk an administrator to unlock it. Passwörter are never shown.";

    fn told(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| if p.mark { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    fn passage(search: &str, most: usize) -> String {
        let words = words(search, Language::English);
        told(&best(TEXT, &words, Language::English, most))
    }

    #[test]
    fn the_passage_with_most_of_the_words_is_shown_with_marks() {
        assert_eq!(passage("the administrators are asked", 40), "… [Ask] an [administrator] to unlock it. …");
        assert_eq!(passage("passworter", 200), "… [Passwörter] are never shown.");
        assert_eq!(passage("nothing of this", 24), "Ledgerleaf locks the …");
        let words = words("unlock users", Language::English);
        assert_eq!(told(&mark("Unlock a user", &words, Language::English)), "[Unlock] a [user]");
    }

    proptest! {
        #[test]
        fn a_passage_is_a_part_of_the_text(text in "\\PC{0,60}|([a-zé]{1,9}[ \u{a0}\u{3000}]){10,40}", search in "\\PC{0,20}", most in 1_usize..50) {
            let words = words(&search, Language::English);
            let found = best(&text, &words, Language::English, most);
            let middle: String = found.iter().map(|p| p.text.as_str()).filter(|t| *t != "… " && *t != " …").collect();
            prop_assert!(text.replace('\n', " ").contains(&middle) || found.iter().any(|p| p.text.contains('…')));
            let all: String = mark(&text, &words, Language::English).into_iter().map(|p| p.text).collect();
            prop_assert_eq!(all, text.replace('\n', " "));
        }
    }
}
