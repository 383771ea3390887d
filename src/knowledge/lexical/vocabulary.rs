//! The words a desk's solutions are written in: completing a word being typed, repairing one they never use.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::spelling::{MAX_EDITS, MAX_LETTERS, Shape, distance};
use super::text::Language;

/// Completions or repairs offered for one word: the most frequent of those found.
const MAX_OFFERED: usize = 32;
/// Letters a word needs before it is repaired: shorter ones are too near to everything.
const MIN_REPAIRED: usize = 4;
/// Letters a word needs before two edits are forgiven rather than one.
const MIN_TWO_EDITS: usize = 8;

/// A word as the solutions spell it.
#[derive(Clone, Debug)]
pub struct Form {
    /// The folded word.
    pub text: Box<str>,
    /// The term it counts for; forms with one stem share a term.
    pub term: u32,
    /// How often the solutions use it.
    pub count: u32,
    /// Whether it is a function word of the desk's language.
    pub is_function: bool,
}

/// Collects the forms and terms of one desk.
#[derive(Debug)]
pub struct VocabularyBuilder {
    language: Language,
    forms: Vec<Form>,
    by_text: HashMap<Box<str>, usize>,
    terms: HashMap<Box<str>, u32>,
}

impl VocabularyBuilder {
    /// A vocabulary of the function words alone: they are known, and so never repaired, on every desk.
    pub fn new(language: Language) -> Self {
        let mut builder =
            VocabularyBuilder { language, forms: Vec::new(), by_text: HashMap::new(), terms: HashMap::new() };
        for word in language.function_words() {
            builder.form(word).is_function = true;
        }
        builder
    }

    /// Counts one use of a folded word and returns its term.
    pub fn add(&mut self, word: &str) -> u32 {
        let form = self.form(word);
        form.count += 1;
        form.term
    }

    /// Counts many uses of a folded word.
    pub fn add_many(&mut self, word: &str, uses: u32) {
        self.form(word).count += uses;
    }

    fn form(&mut self, word: &str) -> &mut Form {
        let at = match self.by_text.get(word) {
            Some(&at) => at,
            None => {
                let next = self.terms.len() as u32;
                let term = *self.terms.entry(self.language.stem(word).into()).or_insert(next);
                self.by_text.insert(word.into(), self.forms.len());
                self.forms.push(Form { text: word.into(), term, count: 0, is_function: false });
                self.forms.len() - 1
            }
        };
        &mut self.forms[at]
    }

    /// The vocabulary of the words counted so far.
    pub fn build(mut self) -> Vocabulary {
        self.forms.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        let shapes = self.forms.iter().map(|form| Shape::of(form.text.chars())).collect();
        Vocabulary { language: self.language, forms: self.forms, shapes, terms: self.terms }
    }
}

/// The forms and terms of one desk.
#[derive(Debug)]
pub struct Vocabulary {
    language: Language,
    /// In the order of their text, so that those with a common beginning are neighbours.
    forms: Vec<Form>,
    /// Of the forms, in their order.
    shapes: Vec<Shape>,
    /// By stem.
    terms: HashMap<Box<str>, u32>,
}

impl Vocabulary {
    /// Counts one use of a folded word, a new one too, and returns its term.
    pub fn add(&mut self, word: &str) -> u32 {
        let at = self.forms.partition_point(|form| *form.text < *word);
        if self.forms.get(at).is_none_or(|form| *form.text != *word) {
            let next = self.terms.len() as u32;
            let term = *self.terms.entry(self.language.stem(word).into()).or_insert(next);
            self.forms.insert(at, Form { text: word.into(), term, count: 0, is_function: false });
            self.shapes.insert(at, Shape::of(word.chars()));
        }
        let form = &mut self.forms[at];
        form.count += 1;
        form.term
    }

    /// All forms in the order of their text; completions and repairs are places in this slice.
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// Number of terms; they are numbered from 0.
    pub fn term_count(&self) -> usize {
        self.terms.len()
    }

    /// The form with exactly this text.
    pub fn form(&self, word: &str) -> Option<&Form> {
        let at = self.forms.binary_search_by(|form| (*form.text).cmp(word)).ok()?;
        self.forms.get(at)
    }

    /// The term of a word that the solutions use in this form or another of its stem.
    pub fn term(&self, word: &str) -> Option<u32> {
        match self.form(word) {
            Some(form) => Some(form.term),
            None => self.terms.get(&*self.language.stem(word)).copied(),
        }
    }

    /// Finds the most frequent forms that begin with `prefix`, itself included, in no particular order.
    pub fn complete(&self, prefix: &str, found: &mut Vec<u32>) {
        let start = self.forms.partition_point(|form| *form.text < *prefix);
        let count = self.forms[start..].partition_point(|form| form.text.starts_with(prefix));
        found.clear();
        found.extend(start as u32..(start + count) as u32);
        self.keep_most_frequent(found);
    }

    /// Finds the most frequent of the forms fewest edits away from a word that nobody wrote or, when the word is
    /// `open`, of those that begin with something so near. Returns the number of edits.
    pub fn repair(&self, word: &str, open: bool, found: &mut Vec<u32>) -> usize {
        found.clear();
        let letters: Vec<char> = word.chars().collect();
        // Order numbers and error codes mean what they say.
        if !(MIN_REPAIRED..=MAX_LETTERS).contains(&letters.len()) || letters.iter().any(|c| c.is_numeric()) {
            return 0;
        }
        let shape = Shape::of(letters.iter().copied());
        let mut most = if letters.len() < MIN_TWO_EDITS { 1 } else { MAX_EDITS };
        let mut other = Vec::with_capacity(MAX_LETTERS + MAX_EDITS);
        for (at, (form, &form_shape)) in self.forms.iter().zip(&self.shapes).enumerate() {
            if !shape.may_reach(form_shape, most, open) {
                continue;
            }
            other.clear();
            other.extend(form.text.chars().take(letters.len() + most));
            let Some(edits) = distance(&letters, &other, most, open) else { continue };
            if edits < most {
                most = edits;
                found.clear();
            }
            found.push(at as u32);
        }
        self.keep_most_frequent(found);
        most
    }

    fn keep_most_frequent(&self, found: &mut Vec<u32>) {
        if found.len() > MAX_OFFERED {
            found.select_nth_unstable_by_key(MAX_OFFERED, |&at| (Reverse(self.forms[at as usize].count), at));
            found.truncate(MAX_OFFERED);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vocabulary(words: &str) -> Vocabulary {
        let mut builder = VocabularyBuilder::new(Language::English);
        for word in words.split(' ') {
            builder.add(word);
        }
        builder.build()
    }

    fn completed(vocabulary: &Vocabulary, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        vocabulary.complete(prefix, &mut found);
        texts(vocabulary, found)
    }

    fn repaired(vocabulary: &Vocabulary, word: &str, open: bool) -> Vec<String> {
        let mut found = Vec::new();
        vocabulary.repair(word, open, &mut found);
        texts(vocabulary, found)
    }

    fn texts(vocabulary: &Vocabulary, mut found: Vec<u32>) -> Vec<String> {
        found.sort_unstable();
        found.into_iter().map(|at| vocabulary.forms()[at as usize].text.to_string()).collect()
    }

    #[test]
    fn forms_of_one_stem_share_a_term() {
        let vocabulary = vocabulary("refund refunds invoice");
        assert_eq!(vocabulary.term("refunded"), vocabulary.term("refund"));
        assert_ne!(vocabulary.term("invoices"), vocabulary.term("refund"));
        assert_eq!(vocabulary.term("password"), None);
        assert!(vocabulary.form("the").is_some_and(|form| form.is_function && form.count == 0));
    }

    #[test]
    fn completions_are_the_most_frequent() {
        let vocabulary = vocabulary("passport password password passwords wallet naïve naïveté");
        assert_eq!(completed(&vocabulary, "passw"), ["password", "passwords"]);
        assert_eq!(completed(&vocabulary, "naï"), ["naïve", "naïveté"]);
        assert!(completed(&vocabulary, "zebra").is_empty());

        let rare: Vec<String> = (0..MAX_OFFERED).map(|i| format!("qa{i}")).collect();
        let vocabulary = self::vocabulary(&format!("{} qz qz", rare.join(" ")));
        let offered = completed(&vocabulary, "q");
        assert_eq!(offered.len(), MAX_OFFERED);
        assert_eq!(offered.last().map(String::as_str), Some("qz"));
    }

    #[test]
    fn the_nearest_forms_repair_a_word() {
        let vocabulary = vocabulary("invoice voice password account fee4 пароль");
        assert_eq!(repaired(&vocabulary, "inovice", false), ["invoice"]);
        assert_eq!(repaired(&vocabulary, "apssword", false), ["password"]);
        assert_eq!(repaired(&vocabulary, "pasword", false), ["password"]);
        assert_eq!(repaired(&vocabulary, "accontt", false), [""; 0]);
        assert_eq!(repaired(&vocabulary, "acccountt", false), ["account"]);
        assert_eq!(repaired(&vocabulary, "пороль", false), ["пароль"]);
        assert_eq!(repaired(&vocabulary, "passwrd1", false), [""; 0]);
        assert_eq!(repaired(&vocabulary, "paswo", false), [""; 0]);
        assert_eq!(repaired(&vocabulary, "paswo", true), ["password"]);
    }

    #[test]
    fn a_vocabulary_grows() {
        let mut growing = vocabulary("refund");
        for word in ["zebra", "refunds", "apple", "apple", "the"] {
            growing.add(word);
        }
        let whole = vocabulary("refund zebra refunds apple apple the");
        let told = |v: &Vocabulary| -> Vec<_> {
            v.forms()
                .iter()
                .map(|f| (f.text.clone(), f.count, f.is_function, v.term(&f.text) == Some(f.term)))
                .collect()
        };
        assert_eq!(told(&growing), told(&whole));
        assert_eq!(growing.term("refunding"), growing.term("refund"));
        assert_eq!(repaired(&growing, "zerba", false), ["zebra"]);
    }

    proptest! {
        #[test]
        fn any_word_completes_and_repairs(words in "\\PC{0,40}", word in "\\PC{0,40}", open: bool) {
            let vocabulary = vocabulary(&words);
            for offered in [completed(&vocabulary, &word), repaired(&vocabulary, &word, open)] {
                prop_assert!(offered.len() <= MAX_OFFERED);
            }
        }
    }
}
