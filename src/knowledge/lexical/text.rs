//! Text as the lexical index sees it: folded words, their stems, and which of them are function words.

use std::borrow::Cow;

use deskbell_meaning::letters::{fold, is_combining};
use rust_stemmers::{Algorithm, Stemmer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language that solutions are written in, by its ISO 639-1 code.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, sqlx::Type,
)]
#[sqlx(type_name = "text")]
pub enum Language {
    /// English, the one measured so far.
    #[default]
    #[serde(rename = "en")]
    #[sqlx(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    #[sqlx(rename = "es")]
    Spanish,
    /// German.
    #[serde(rename = "de")]
    #[sqlx(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    #[sqlx(rename = "fr")]
    French,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Spanish, Self::German, Self::French];

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Spanish",
            Self::German => "German",
            Self::French => "French",
        }
    }

    /// The Snowball stem of a folded word.
    pub fn stem(self, word: &str) -> Cow<'_, str> {
        // Folded words of these languages are ASCII; the stemmer has no rules for any other script.
        if !word.is_ascii() {
            return Cow::Borrowed(word);
        }
        let algorithm = match self {
            Language::English => Algorithm::English,
            Language::Spanish => Algorithm::Spanish,
            Language::German => Algorithm::German,
            Language::French => Algorithm::French,
        };
        Stemmer::create(algorithm).stem(word)
    }

    /// The folded words that carry grammar or courtesy rather than the subject of a question,
    /// including what an apostrophe leaves of a contraction ("don't" reads as "don" and "t").
    pub fn function_words(self) -> impl Iterator<Item = &'static str> {
        let list = match self {
            Language::English => ENGLISH,
            Language::Spanish => SPANISH,
            Language::German => GERMAN,
            Language::French => FRENCH,
        };
        list.split_ascii_whitespace()
    }
}

const ENGLISH: &str = "\
    a about also am an and any are as at be because been being but by can cannot cant could couldn couldnt d did \
    didn didnt do does doesn doesnt doing don dont for from get gets getting go goes going got had has hasn have \
    having he hello help her here hey hi him his how hows i if im in into is isn isnt it its ive just know like ll m \
    me my need needed needs no not of on or our please re really s she should so some still t tell than thank thanks \
    that thats the their them then there these they this those to too u up us ve very want wanted wants was wasn we \
    were what whats when where wheres which while who why will with wont would you your";
const SPANISH: &str = "\
    a al algo como con cual cuando de del desde donde e el ella ellos en es esta estan estar este esto estoy favor \
    gracias ha hacer han hay he hola la las le les lo los me mi mis muy necesito no nos o para pero por porque puedo \
    que quien quiero se ser si sin sobre son su sus tambien te tengo tiene tu un una y ya yo";
const GERMAN: &str = "\
    aber als am an auch auf aus bei bin bitte da danke das dass dem den der des die dies diese du ein eine einem \
    einen einer er es etwas fur gibt habe haben hallo hat ich ihr im in ist ja kann konnen man mein meine meinem \
    meinen mich mir mit mochte nach nicht noch nur oder schon sein sich sie sind so uber um und uns von vor wann war \
    warum was wenn werden wie wird wo zu zum zur";
const FRENCH: &str = "\
    a ai au aux avec avez avoir besoin bonjour c ce ces cet cette comment d dans de des du elle en est et etre faire \
    fait il ils j je l la le les leur ma mais me merci mes moi mon n ne nous on ont ou par pas peut peux plait pour \
    pourquoi puis qu quand que quel quelle qui s sa se ses si son sont suis sur t tu un une veux vos votre vous y";

/// Longer words (encoded data, links) keep only this many characters.
const MAX_WORD: usize = 40;

/// The words of one text, held in one buffer so that reading the next text allocates nothing.
#[derive(Debug, Default)]
pub struct Words {
    letters: String,
    ends: Vec<usize>,
    open: bool,
}

impl Words {
    /// Replaces the words by those of `text`: runs of letters and digits, lowercased, without diacritics.
    pub fn read(&mut self, text: &str) {
        self.letters.clear();
        self.ends.clear();
        self.open = false;
        let mut length = 0;
        for character in text.chars() {
            if is_combining(character) {
                continue;
            }
            if !character.is_alphanumeric() {
                self.close();
                length = 0;
                continue;
            }
            self.open = true;
            length += 1;
            if length <= MAX_WORD {
                fold(character, &mut self.letters);
            }
        }
        let open = self.open;
        self.close();
        self.open = open;
    }

    /// The words in the order of the text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ends.iter().enumerate().map(|(i, &end)| {
            let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.letters[start..end]
        })
    }

    /// Whether the text stopped inside its last word, so that more of it may follow.
    pub fn is_open(&self) -> bool {
        self.open
    }

    fn close(&mut self) {
        if self.letters.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.letters.len());
        }
        self.open = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.read("left over");
        words.read(text);
        words.iter().map(String::from).collect()
    }

    fn open(text: &str) -> bool {
        let mut words = Words::default();
        words.read(text);
        words.is_open()
    }

    #[test]
    fn words_are_lowercased_and_split_at_separators() {
        assert_eq!(words("  Wi-Fi: don't PANIC, 2nd_try!"), ["wi", "fi", "don", "t", "panic", "2nd", "try"]);
        assert_eq!(words("... — ?"), Vec::<String>::new());
    }

    #[test]
    fn diacritics_fold_whether_composed_or_not() {
        assert_eq!(words("Größe ÉTÉ İstanbul año"), ["grosse", "ete", "istanbul", "ano"]);
        assert_eq!(words("cafe\u{301}s"), words("cafés"));
        assert_eq!(words("пароль 密码"), ["пароль", "密码"]);
    }

    #[test]
    fn a_text_is_open_inside_its_last_word() {
        assert!(open("reset pass"));
        assert!(!open("reset pass "));
        assert!(!open("reset pass?"));
        assert!(!open(""));
    }

    #[test]
    fn endless_words_are_cut() {
        assert_eq!(words(&"x".repeat(5000)), ["x".repeat(MAX_WORD)]);
    }

    #[test]
    fn inflections_share_a_stem() {
        assert_eq!(Language::English.stem("payments"), Language::English.stem("payment"));
        assert_eq!(Language::Spanish.stem("tarjetas"), Language::Spanish.stem("tarjeta"));
        assert_eq!(Language::German.stem("karten"), Language::German.stem("karte"));
        assert_eq!(Language::French.stem("cartes"), Language::French.stem("carte"));
    }

    const LANGUAGES: [Language; 4] = [Language::English, Language::Spanish, Language::German, Language::French];

    #[test]
    fn function_words_are_written_as_words_are_read() {
        for language in LANGUAGES {
            assert!(language.function_words().is_sorted());
            for word in language.function_words() {
                assert_eq!(words(word), [word]);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_and_stems(text in "\\PC*|[a-zA-Z' ]*|[àéïõüßœ a-z]*") {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && word.chars().all(|c| !c.is_uppercase() || c.to_lowercase().eq([c])));
                for language in LANGUAGES {
                    language.stem(&word);
                }
            }
        }
    }
}
