//! The lexical index of one desk's solutions, which answers the beginning of a question as well as a whole one.

use std::{collections::HashMap, hash::Hash};

use crate::knowledge::language::{Language, Languages};

pub use super::bm25::Posting;
use super::bm25::{Fields, Lengths, rarity};
use super::scores::{Scores, rank};
use super::text::Words;
use super::vocabulary::{Vocabulary, VocabularyBuilder};

/// Weight of a function word.
const FUNCTION_WORD: f32 = 0.15;
/// A completion weighs its share of the uses of the most frequent one, to this power.
const COMPLETION_POWER: f32 = 0.25;
/// Weight of a repair, once per edit.
const REPAIR: f32 = 0.7;
/// Of a long text the last so many words are searched, which bounds the time it takes.
const MAX_WORDS: usize = 40;
/// Share of the best possible score from which a document may have to do with the text.
const MIN_SCORE: f32 = 0.04;

/// A solution as it is indexed.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a, I> {
    /// What the desk knows it by.
    pub id: I,
    /// Plain text, as are the others.
    pub title: &'a str,
    /// The answer.
    pub body: &'a str,
    /// The path of its category.
    pub category: &'a str,
    /// What customers asked in the cases that it closed.
    pub cases: &'a str,
    /// In which language all that is.
    pub language: Language,
}

impl<I> Document<'_, I> {
    fn fields(&self, words: &mut Words, mut term: impl FnMut(&str) -> u32) -> Fields {
        [self.title, self.body, self.category, self.cases].map(|text| {
            words.read(text);
            words.iter().map(&mut term).collect()
        })
    }
}

/// A solution found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit<I> {
    /// The id of its document.
    pub id: I,
    /// Share of the best score that any document could have for the text, above 0 and below 1.
    pub score: f32,
}

/// What searches on one thread reuse, whatever index they search.
#[derive(Debug, Default)]
pub struct Scratch {
    words: Words,
    forms: Vec<u32>,
    senses: Vec<Sense>,
    scores: Scores,
    found: Vec<Posting>,
}

/// A term that a word of the text may stand for.
#[derive(Clone, Copy, Debug)]
struct Sense {
    term: u32,
    weight: f32,
}

/// How far a search has come: the words that tell have been scored, the function words stand in the senses.
#[derive(Clone, Copy, Debug)]
struct Gathered {
    /// What the words that tell can score at best.
    best: f32,
    function_share: f32,
}

/// What a text has to do with the solutions.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'s> {
    /// The places that have to do with it, in no particular order, with the share of the best possible score.
    pub found: &'s [Posting],
    /// The share of function words among its words, 0 to 1.
    pub function_share: f32,
}

/// The lexical index of one desk's solutions.
#[derive(Debug)]
pub struct Index<I> {
    /// By place; nothing: what was there has been taken out.
    ids: Vec<Option<I>>,
    places: HashMap<I, u32>,
    lengths: Lengths,
    vocabulary: Vocabulary,
    /// By term; those of documents that were taken out stay until the index is built again.
    postings: Vec<Vec<Posting>>,
}

impl<I: Copy + Ord + Hash> Index<I> {
    /// Indexes solutions.
    pub fn build(documents: &[Document<'_, I>]) -> Self {
        let mut vocabulary = VocabularyBuilder::default();
        let mut words = Words::default();
        let read = |document: &Document<'_, I>| {
            vocabulary.speak(document.language);
            document.fields(&mut words, |word| vocabulary.add(word, document.language))
        };
        let fields: Vec<Fields> = documents.iter().map(read).collect();
        let vocabulary = vocabulary.build();
        let postings = vec![Vec::new(); vocabulary.term_count()];
        let lengths = Lengths::of(&fields);
        let mut index = Index { ids: Vec::new(), places: HashMap::new(), lengths, vocabulary, postings };
        for (document, fields) in documents.iter().zip(&fields) {
            index.enter(document.id, fields);
        }
        index.postings.iter_mut().for_each(Vec::shrink_to_fit);
        index
    }

    /// Puts a solution in, in place of the one with the same id; its place.
    pub fn put(&mut self, document: &Document<'_, I>) -> u32 {
        self.remove(document.id);
        self.vocabulary.speak(document.language);
        let fields = document.fields(&mut Words::default(), |word| self.vocabulary.add(word, document.language));
        self.postings.resize(self.vocabulary.term_count(), Vec::new());
        self.enter(document.id, &fields)
    }

    /// Takes a solution out; the place where it was.
    pub fn remove(&mut self, id: I) -> Option<u32> {
        let place = self.places.remove(&id)?;
        self.ids[place as usize] = None;
        Some(place)
    }

    fn enter(&mut self, id: I, fields: &Fields) -> u32 {
        let document = self.ids.len() as u32;
        self.ids.push(Some(id));
        self.places.insert(id, document);
        for (term, score) in self.lengths.earnings(fields) {
            self.postings[term as usize].push(Posting { document, score });
        }
        document
    }

    /// How many places there are, empty ones among them.
    pub fn places(&self) -> usize {
        self.ids.len()
    }

    /// How many solutions there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The place of a solution.
    pub fn place(&self, id: I) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// What is at a place.
    pub fn id(&self, place: u32) -> Option<I> {
        self.ids.get(place as usize).copied().flatten()
    }

    /// The words the solutions are written in.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The solutions that have to do with a text, at most `limit` of those that are to be shown, best first and equal ones in the
    /// order of their ids. The last word is taken for the beginning of one unless something separates it from the end.
    pub fn search(&self, text: &str, limit: usize, scratch: &mut Scratch, shows: impl Fn(u32) -> bool) -> Vec<Hit<I>> {
        let gathered = self.gather(text, scratch);
        let Scratch { senses, scores, .. } = scratch;
        let more = senses.iter().map(|sense| sense.weight).sum();
        scores.keep_contenders(limit, more, |place| shows(place) && self.id(place).is_some());
        self.finish(gathered, scratch);
        scratch.found.retain(|found| shows(found.document));
        self.best(&mut scratch.found, limit)
    }

    /// The best of some places, in that order.
    pub fn best(&self, scored: &mut Vec<Posting>, limit: usize) -> Vec<Hit<I>> {
        rank(scored, limit, |place| self.id(place));
        scored.iter().filter_map(|at| Some(Hit { id: self.id(at.document)?, score: at.score })).collect()
    }

    /// What a text has to do with each solution.
    pub fn score<'s>(&self, text: &str, scratch: &'s mut Scratch) -> Scored<'s> {
        let gathered = self.gather(text, scratch);
        self.finish(gathered, scratch);
        Scored { found: &scratch.found, function_share: gathered.function_share }
    }

    /// Scores the words that tell, and finds the function words.
    fn gather(&self, text: &str, scratch: &mut Scratch) -> Gathered {
        let Scratch { words, forms, senses, scores, .. } = scratch;
        words.read(text);
        let languages = self.vocabulary.languages_of(words);
        scores.resize(self.ids.len());
        let count = words.iter().len();
        let skipped = count.saturating_sub(MAX_WORDS);
        let (mut best, mut functions) = (0.0, 0);
        for (at, word) in words.iter().enumerate().skip(skipped) {
            if self.vocabulary.function(word, languages).is_some() {
                functions += 1;
                continue;
            }
            let open = words.is_open() && at + 1 == count;
            best += self.interpret(word, open, languages, forms, senses);
            if let [sense] = **senses {
                scores.add(&self.postings[sense.term as usize], sense.weight * self.rarity(sense.term));
                continue;
            }
            for sense in &*senses {
                scores.offer(&self.postings[sense.term as usize], sense.weight * self.rarity(sense.term));
            }
            scores.settle();
        }
        senses.clear();
        for word in words.iter().skip(skipped) {
            if let Some(term) = self.vocabulary.function(word, languages) {
                // Once each: who repeats them does not mean them more.
                if senses.iter().all(|sense| sense.term != term) {
                    senses.push(Sense { term, weight: FUNCTION_WORD * self.rarity(term) });
                }
            }
        }
        Gathered { best, function_share: functions as f32 / (count - skipped).max(1) as f32 }
    }

    /// Adds the function words and takes the scores out. They only reorder what the others found: alone they say nothing.
    fn finish(&self, gathered: Gathered, scratch: &mut Scratch) {
        let Scratch { senses, scores, found, .. } = scratch;
        let mut best = gathered.best;
        for sense in senses {
            best += sense.weight;
            scores.refine(&self.postings[sense.term as usize], sense.weight);
        }
        scores.take(best * MIN_SCORE, best, found);
        found.retain(|f| self.ids[f.document as usize].is_some());
    }

    /// Finds the terms that a word may stand for in the languages of the text, or else in another, and returns what the best of them
    /// can score.
    fn interpret(
        &self,
        word: &str,
        open: bool,
        languages: Languages,
        forms: &mut Vec<u32>,
        senses: &mut Vec<Sense>,
    ) -> f32 {
        senses.clear();
        forms.clear();
        for languages in [languages, self.vocabulary.languages().without(languages)] {
            if senses.is_empty() && forms.is_empty() {
                let terms = self.vocabulary.terms(word, languages);
                senses.extend(terms.map(|term| Sense { term, weight: 1.0 }));
                if open {
                    self.vocabulary.complete(word, languages, forms);
                }
            }
        }
        let mut repair = 1.0;
        if senses.is_empty() && forms.is_empty() {
            repair = REPAIR.powi(self.vocabulary.repair(word, open, self.vocabulary.languages(), forms) as i32);
        }
        if senses.is_empty() && forms.is_empty() {
            return rarity(self.count(), 0);
        }
        let forms = forms.iter().map(|&at| &self.vocabulary.forms()[at as usize]);
        let top = forms.clone().map(|form| form.count).max().unwrap_or(0).max(1) as f32;
        for form in forms.filter(|form| !form.is_function) {
            let weight = repair * (form.count as f32 / top).powf(COMPLETION_POWER);
            senses.push(Sense { term: form.term, weight });
        }
        senses.sort_unstable_by(|a, b| a.term.cmp(&b.term).then(b.weight.total_cmp(&a.weight)));
        senses.dedup_by_key(|sense| sense.term);
        senses.iter().map(|sense| sense.weight * self.rarity(sense.term)).fold(0.0, f32::max)
    }

    fn rarity(&self, term: u32) -> f32 {
        rarity(self.count(), self.postings[term as usize].len())
    }
}

#[cfg(test)]
mod tests;
