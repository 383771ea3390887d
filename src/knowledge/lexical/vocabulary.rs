//! The words a desk's solutions are written in: completing a word being typed, repairing one they never use.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::knowledge::language::{Language, Languages};

use super::spelling::{MAX_EDITS, MAX_LETTERS, Shape, distance};
use super::text::Words;

/// Completions or repairs offered for one word: the most frequent of those found.
const MAX_OFFERED: usize = 32;
/// Letters a word needs before it is repaired: shorter ones are too near to everything.
const MIN_REPAIRED: usize = 4;
/// Letters a word needs before two edits are forgiven rather than one.
const MIN_TWO_EDITS: usize = 8;

/// A word as the solutions of a language spell it.
#[derive(Clone, Debug)]
pub struct Form {
    /// The folded word.
    pub text: Box<str>,
    /// The term it counts for; forms with one stem share a term, of whatever language: names are the same in all.
    pub term: u32,
    /// How often the solutions of its language use it.
    pub count: u32,
    /// Of which language.
    pub language: Language,
    /// Whether it is a function word there.
    pub is_function: bool,
}

impl Form {
    /// Whether somebody wrote it, or would.
    pub fn is_written(&self) -> bool {
        self.count > 0 || self.is_function
    }
}

/// Collects the forms and terms of one desk.
#[derive(Debug, Default)]
pub struct VocabularyBuilder {
    languages: Languages,
    forms: Vec<Form>,
    /// By language.
    by_text: [HashMap<Box<str>, usize>; Language::ALL.len()],
    terms: HashMap<Box<str>, u32>,
}

impl VocabularyBuilder {
    /// The solutions speak a language: its function words are known, and so never repaired.
    pub fn speak(&mut self, language: Language) {
        if self.languages.insert(language) {
            for word in language.function_words() {
                self.form(word, language).is_function = true;
            }
        }
    }

    /// Counts one use of a folded word and returns its term.
    pub fn add(&mut self, word: &str, language: Language) -> u32 {
        let form = self.form(word, language);
        form.count += 1;
        form.term
    }

    /// Counts many uses of a folded word.
    pub fn add_many(&mut self, word: &str, language: Language, uses: u32) {
        self.form(word, language).count += uses;
    }

    fn form(&mut self, word: &str, language: Language) -> &mut Form {
        let by_text = &mut self.by_text[language as usize];
        let at = match by_text.get(word) {
            Some(&at) => at,
            None => {
                by_text.insert(word.into(), self.forms.len());
                self.forms.push(new_form(&mut self.terms, word, language));
                self.forms.len() - 1
            }
        };
        &mut self.forms[at]
    }

    /// The vocabulary of the words counted so far.
    pub fn build(mut self) -> Vocabulary {
        self.forms.sort_unstable_by(|a, b| a.text.cmp(&b.text).then(a.language.cmp(&b.language)));
        let shapes = self.forms.iter().map(|form| Shape::of(form.text.chars())).collect();
        Vocabulary { languages: self.languages, forms: self.forms, shapes, terms: self.terms }
    }
}

/// A form that nobody has used yet, and its term, which may be new.
fn new_form(terms: &mut HashMap<Box<str>, u32>, word: &str, language: Language) -> Form {
    let next = terms.len() as u32;
    let term = *terms.entry(language.stem(word).into()).or_insert(next);
    Form { text: word.into(), term, count: 0, language, is_function: false }
}

/// The forms and terms of one desk.
#[derive(Debug)]
pub struct Vocabulary {
    languages: Languages,
    /// In the order of their text, so that those with a common beginning are neighbours, and of their languages.
    forms: Vec<Form>,
    /// Of the forms, in their order.
    shapes: Vec<Shape>,
    /// By stem.
    terms: HashMap<Box<str>, u32>,
}

impl Vocabulary {
    /// The solutions speak a language from now on.
    pub fn speak(&mut self, language: Language) {
        if self.languages.insert(language) {
            for word in language.function_words() {
                self.form(word, language).is_function = true;
            }
        }
    }

    /// Counts one use of a folded word, a new one too, and returns its term.
    pub fn add(&mut self, word: &str, language: Language) -> u32 {
        let form = self.form(word, language);
        form.count += 1;
        form.term
    }

    fn form(&mut self, word: &str, language: Language) -> &mut Form {
        let at = self.forms.partition_point(|form| (&*form.text, form.language) < (word, language));
        if self.forms.get(at).is_none_or(|form| (&*form.text, form.language) != (word, language)) {
            self.forms.insert(at, new_form(&mut self.terms, word, language));
            self.shapes.insert(at, Shape::of(word.chars()));
        }
        &mut self.forms[at]
    }

    /// The languages that the solutions speak.
    pub fn languages(&self) -> Languages {
        self.languages
    }

    /// The languages that a text may be in: those that know most of its words.
    pub fn languages_of(&self, text: &Words) -> Languages {
        if self.languages.count() < 2 {
            return self.languages;
        }
        let mut known = [0; Language::ALL.len()];
        for form in text.iter().flat_map(|word| self.spelled(word)).filter(|form| form.is_written()) {
            known[form.language as usize] += 1;
        }
        let most = known.iter().max().copied();
        self.languages.iter().filter(|language| Some(known[*language as usize]) == most).collect()
    }

    /// All forms in the order of their text; completions and repairs are places in this slice.
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// Number of terms; they are numbered from 0.
    pub fn term_count(&self) -> usize {
        self.terms.len()
    }

    /// The forms with exactly this text: one of each language that has it.
    pub fn spelled(&self, word: &str) -> &[Form] {
        let from = self.forms.partition_point(|form| *form.text < *word);
        let rest = self.forms.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|form| *form.text == *word).count();
        rest.get(..count).unwrap_or_default()
    }

    /// The term that some languages know a word as, if it is a function word of theirs.
    pub fn function(&self, word: &str, languages: Languages) -> Option<u32> {
        let is_one = |form: &&Form| form.is_function && languages.contains(form.language);
        self.spelled(word).iter().find(is_one).map(|form| form.term)
    }

    /// The terms of a word that some languages use in this form or another of its stem.
    pub fn terms(&self, word: &str, languages: Languages) -> impl Iterator<Item = u32> {
        let spelled = self.spelled(word);
        languages.iter().filter_map(move |language| match spelled.iter().find(|form| form.language == language) {
            Some(form) => Some(form.term),
            None => self.terms.get(&*language.stem(word)).copied(),
        })
    }

    /// Finds the most frequent forms of some languages that begin with `prefix`, itself included, in no particular order.
    pub fn complete(&self, prefix: &str, languages: Languages, found: &mut Vec<u32>) {
        let start = self.forms.partition_point(|form| *form.text < *prefix);
        let count = self.forms[start..].partition_point(|form| form.text.starts_with(prefix));
        found.clear();
        found.extend(start as u32..(start + count) as u32);
        if languages != self.languages {
            found.retain(|&at| languages.contains(self.forms[at as usize].language));
        }
        self.keep_most_frequent(found);
    }

    /// Finds the most frequent of the forms of some languages fewest edits away from a word that nobody wrote or, when the word is
    /// `open`, of those that begin with something so near. Returns the number of edits.
    pub fn repair(&self, word: &str, open: bool, languages: Languages, found: &mut Vec<u32>) -> usize {
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
            if !shape.may_reach(form_shape, most, open) || !languages.contains(form.language) {
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
        let mut builder = VocabularyBuilder::default();
        builder.speak(Language::English);
        for word in words.split(' ') {
            builder.add(word, Language::English);
        }
        builder.build()
    }

    fn completed(vocabulary: &Vocabulary, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        vocabulary.complete(prefix, vocabulary.languages(), &mut found);
        texts(vocabulary, found)
    }

    fn repaired(vocabulary: &Vocabulary, word: &str, open: bool) -> Vec<String> {
        let mut found = Vec::new();
        vocabulary.repair(word, open, vocabulary.languages(), &mut found);
        texts(vocabulary, found)
    }

    fn texts(vocabulary: &Vocabulary, mut found: Vec<u32>) -> Vec<String> {
        found.sort_unstable();
        found.into_iter().map(|at| vocabulary.forms()[at as usize].text.to_string()).collect()
    }

    #[test]
    fn forms_of_one_stem_share_a_term() {
        let vocabulary = vocabulary("refund refunds invoice");
        let term = |word| vocabulary.terms(word, vocabulary.languages()).next();
        assert_eq!(term("refunded"), term("refund"));
        assert_ne!(term("invoices"), term("refund"));
        assert_eq!(term("password"), None);
        assert!(vocabulary.function("the", vocabulary.languages()).is_some());
        assert_eq!(vocabulary.function("refund", vocabulary.languages()), None);
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
            growing.add(word, Language::English);
        }
        let whole = vocabulary("refund zebra refunds apple apple the");
        let told = |v: &Vocabulary| -> Vec<_> {
            v.forms()
                .iter()
                .map(|f| (f.text.clone(), f.count, f.is_function, v.terms(&f.text, v.languages()).eq([f.term])))
                .collect()
        };
        assert_eq!(told(&growing), told(&whole));
        let terms = |word| growing.terms(word, growing.languages()).collect::<Vec<_>>();
        assert_eq!(terms("refunding"), terms("refund"));
        assert_eq!(repaired(&growing, "zerba", false), ["zebra"]);
    }

    #[test]
    fn a_desk_may_speak_several_languages() {
        let mut both = vocabulary("comment comments server pdf die dies");
        both.speak(Language::German);
        for word in ["kommentare", "server", "pdf", "karten", "passworter", "comic"] {
            both.add(word, Language::German);
        }
        let languages = |text: &str| {
            let mut words = Words::default();
            words.read(text);
            both.languages_of(&words)
        };
        let (english, german) = (Language::English.into(), Language::German.into());
        assert_eq!(languages("where is the server"), english);
        assert_eq!(languages("wo ist der Server"), german);
        assert_eq!(languages("server"), both.languages());
        assert_eq!(languages("日本語"), both.languages());
        assert!(both.function("die", german).is_some() && both.function("die", english).is_none());
        assert!(both.terms("karte", german).eq(both.terms("karten", german)), "by its stem");
        assert!(both.terms("pdf", english).eq(both.terms("pdf", german)), "names are the same in all");
        let mut found = Vec::new();
        both.complete("com", german, &mut found);
        assert_eq!(texts(&both, found), ["comic"]);
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
