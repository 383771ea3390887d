//! Text as the lexical index sees it: folded words.

use deskbell_meaning::letters::{fold, is_combining};

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
    use crate::knowledge::language::Language;

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
    fn function_words_are_written_as_words_are_read() {
        for language in Language::ALL {
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
                for language in Language::ALL {
                    language.stem(&word);
                }
            }
        }
    }
}
