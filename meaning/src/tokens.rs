//! Words and pieces of words, as the model knows them (WordPiece: the longest piece that fits, again and again).

use std::collections::{HashMap, HashSet};

use crate::letters::fold;

/// The marks around a text, and what stands for a word that has no pieces.
const BEGIN: &str = "[CLS]";
const END: &str = "[SEP]";
const UNKNOWN: &str = "[UNK]";
/// How a piece is written that continues a word.
const CONTINUES: &str = "##";
/// How many letters a part of a compound has at the least.
const MIN_PART: usize = 3;
/// Longer words have no pieces, in characters.
const MAX_WORD: usize = 100;

/// The words and pieces of a model.
#[derive(Debug)]
pub struct Pieces<'a> {
    first: HashMap<&'a str, u32>,
    later: HashMap<&'a str, u32>,
    /// Of each token's letters.
    lengths: Vec<u8>,
    /// Tokens of punctuation.
    signs: HashSet<u32>,
    begin: u32,
    end: u32,
    unknown: u32,
}

impl<'a> Pieces<'a> {
    /// Those of a vocabulary, one a line; nothing: it has no marks.
    pub fn read(vocabulary: &'a str) -> Option<Self> {
        let (mut first, mut later, mut lengths, mut signs) =
            (HashMap::new(), HashMap::new(), Vec::new(), HashSet::new());
        for (token, word) in (0..).zip(vocabulary.lines()) {
            let letters = word.strip_prefix(CONTINUES).unwrap_or(word);
            lengths.push(letters.chars().count().min(usize::from(u8::MAX)) as u8);
            if !letters.chars().any(char::is_alphanumeric) {
                signs.insert(token);
            }
            match word.strip_prefix(CONTINUES) {
                Some(piece) if !piece.is_empty() => later.insert(piece, token),
                _ => first.insert(word, token),
            };
        }
        let [begin, end, unknown] = [BEGIN, END, UNKNOWN].map(|mark| first.get(mark).copied());
        Some(Self { begin: begin?, end: end?, unknown: unknown?, first, later, lengths, signs })
    }

    /// The tokens of a text between its marks, `most` in all: of a longer one those at its end, where the writer is, or, if it is
    /// `whole`, those at its beginning.
    pub fn tokens(&self, text: &str, most: usize, whole: bool) -> Vec<u32> {
        let mut tokens = vec![self.begin];
        self.take_apart(text, &mut tokens);
        let room = most.saturating_sub(2);
        let count = tokens.len() - 1;
        if count > room {
            if whole {
                tokens.truncate(room + 1);
            } else {
                tokens.drain(1..=count - room);
            }
        }
        tokens.push(self.end);
        tokens
    }

    /// The tokens of a text that stand for words or pieces of words.
    pub fn plain(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        self.take_apart(text, &mut tokens);
        tokens.retain(|token| *token != self.unknown && !self.signs.contains(token));
        tokens
    }

    /// Whether a folded word has a token of its own.
    pub fn is_whole(&self, word: &str) -> bool {
        self.first.contains_key(word)
    }

    /// Whether a folded word is two of some length put together, such as "hotkey": a mistyped one falls into small pieces.
    pub fn is_compound(&self, word: &str) -> bool {
        let mut tokens = Vec::new();
        self.split(&mut word.to_owned(), &mut tokens);
        let [first, second] = *tokens else { return false };
        let long = |token: u32| self.lengths.get(token as usize).is_some_and(|length| usize::from(*length) >= MIN_PART);
        long(first) && long(second)
    }

    fn take_apart(&self, text: &str, tokens: &mut Vec<u32>) {
        let mut word = String::new();
        for character in text.chars() {
            if character.is_alphanumeric() {
                fold(character, &mut word);
                continue;
            }
            self.split(&mut word, tokens);
            if !character.is_whitespace() && !character.is_control() {
                let mut sign = [0; 4];
                let sign: &str = character.encode_utf8(&mut sign);
                tokens.push(self.first.get(sign).copied().unwrap_or(self.unknown));
            }
        }
        self.split(&mut word, tokens);
    }

    fn split(&self, word: &mut String, tokens: &mut Vec<u32>) {
        let before = tokens.len();
        let mut rest = word.as_str();
        let mut pieces = &self.first;
        if rest.chars().count() > MAX_WORD {
            tokens.push(self.unknown);
            rest = "";
        }
        while !rest.is_empty() {
            let ends = rest.char_indices().rev().map(|(at, letter)| at + letter.len_utf8());
            let longest =
                ends.map(|end| rest.split_at(end)).find_map(|(piece, rest)| Some((*pieces.get(piece)?, rest)));
            let Some((token, after)) = longest else {
                tokens.truncate(before);
                tokens.push(self.unknown);
                break;
            };
            tokens.push(token);
            rest = after;
            pieces = &self.later;
        }
        word.clear();
    }
}
