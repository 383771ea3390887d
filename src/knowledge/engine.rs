//! One desk's solutions, ready to be asked: the lexical index, what each solution and each of its closed cases means, and how the
//! evidence becomes one order. Pure, in memory; `suggest` keeps it in step with the database.

use std::hash::Hash;

use super::{
    cases::{Cases, Heard},
    lexical::index::{Document, Hit, Index, Posting, Scored, Scratch as Lexical},
    meaning::{Input, Model, OF_A_CASE, Unit, Vector, Vectors},
    solution::Audience,
    wording::{self, Following},
};

/// What the share of the best lexical score counts beside the likeness of meanings, and what it counts more for keywords.
const LEXICAL: f32 = 0.28;
const LEXICAL_FOR_KEYWORDS: f32 = 0.6;
/// What the logarithm of the letters of its text counts for a solution when keywords are looked for: a long one is about its subject,
/// a short one names it.
const SUBSTANCE_FOR_KEYWORDS: f32 = 0.06;
/// The share of function words in a text from which on it is a question and not keywords.
const QUESTION: f32 = 0.5;
/// The same beside the likeness of averages, which says less.
const LEXICAL_BESIDE_AVERAGE: f32 = 1.0;
/// What help given lately counts, divided by the square of the number of words: only for the first letters.
const HELP: f32 = 0.1;

/// A solution as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a, I> {
    /// Its words, and those of its cases.
    pub document: Document<'a, I>,
    /// What it means, if that is known already.
    pub meaning: Option<&'a Vector>,
    /// What its cases mean, each whole and after its beginnings; not all of too many count.
    pub cases: &'a [[Vector; OF_A_CASE]],
    /// How often it helped lately, against the one that helped most, 0 to 1.
    pub help: f32,
    /// Who may read it.
    pub audience: Audience,
}

/// What is wanted of the solutions for a text.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Who asks: only what they may read.
    pub reader: Audience,
    /// How many at the most.
    pub limit: usize,
    /// The text is whole: what has little to do with it is not shown.
    pub finished: bool,
}

impl Wish {
    /// For a text that is being typed.
    pub fn typed(reader: Audience, limit: usize) -> Self {
        Self { reader, limit, finished: false }
    }
}

/// What is known of a text.
#[derive(Debug, Clone)]
pub enum Query {
    /// Its words alone.
    Words,
    /// What its words mean on the average.
    Average(Vec<f32>),
    /// What it means.
    Meaning(Vec<f32>),
}

/// What those who ask on one thread reuse.
#[derive(Debug, Default)]
pub struct Scratch {
    lexical: Lexical,
    input: Input,
    likeness: Vec<f32>,
    heard: Heard,
    ranking: Vec<Posting>,
}

/// One desk's solutions.
#[derive(Debug)]
pub struct Engine<I> {
    index: Index<I>,
    following: Following,
    /// By place.
    solutions: Vectors,
    /// By place: what the words of each mean on the average.
    averages: Vectors,
    /// By place, the logarithm of the letters of its text.
    substance: Vec<f32>,
    /// By place.
    help: Vec<f32>,
    /// By place.
    audiences: Vec<Audience>,
    cases: Cases,
    /// What the best must have for anything to be shown: for a text that is being typed, for one that is finished.
    least: [f32; 2],
    /// By piece of a word: how much it tells.
    tells: Vec<f32>,
}

impl<I: Copy + Ord + Hash> Engine<I> {
    /// Takes the solutions of a desk in. Without the model it goes by words alone.
    pub fn build(model: Option<&Model>, entries: &[Entry<'_, I>]) -> Self {
        let documents: Vec<_> = entries.iter().map(|entry| entry.document).collect();
        let mut engine = Self {
            index: Index::build(&documents),
            following: Following::default(),
            solutions: Vectors::default(),
            averages: Vectors::default(),
            substance: Vec::new(),
            help: Vec::new(),
            audiences: Vec::new(),
            cases: Cases::default(),
            least: [0.0; 2],
            tells: model.map(|model| tells(model, &documents)).unwrap_or_default(),
        };
        for (place, entry) in (0..).zip(entries) {
            engine.enter(place, model, entry);
        }
        engine.solutions.shrink();
        engine.averages.shrink();
        engine.cases.shrink();
        engine
    }

    /// Puts a solution in, in place of the one with the same id.
    pub fn put(&mut self, model: Option<&Model>, entry: &Entry<'_, I>) {
        let place = self.index.put(&entry.document);
        self.enter(place, model, entry);
    }

    /// Takes a solution out.
    pub fn remove(&mut self, id: I) {
        self.index.remove(id);
    }

    /// Shows nothing for a text with which the best solution has less than this to do: customers greet and thank, too. Of a text that is
    /// being typed the most part may still be missing.
    pub fn hide_below(&mut self, typed: f32, finished: f32) {
        self.least = [typed, finished];
    }

    /// How like the nearest solution each of some texts is, by the solutions' own texts alone.
    pub fn nearness(&self, texts: &[&Vector], unit: Unit) -> Vec<f32> {
        let (mut input, mut likeness) = (Input::default(), Vec::new());
        let mut nearest = |text: &&Vector| {
            self.solutions.likeness(&text.direction(), unit, &mut input, &mut likeness);
            likeness.iter().copied().fold(0.0, f32::max)
        };
        texts.iter().map(&mut nearest).collect()
    }

    /// A solution's meaning is known now; it is in the language of the model.
    pub fn mean(&mut self, id: I, meaning: &Vector) {
        if let Some(place) = self.index.place(id) {
            self.solutions.set(place as usize, meaning);
        }
    }

    /// A solution has helped so much, 0 to 1.
    pub fn help(&mut self, id: I, help: f32) {
        if let Some(known) = self.index.place(id).and_then(|place| self.help.get_mut(place as usize)) {
            *known = help;
        }
    }

    /// The solutions that helped most, first, and equal ones in the order of their ids.
    pub fn most_helpful(&self, reader: Audience, limit: usize) -> Vec<I> {
        let helped =
            (0..).zip(&self.help).filter(|(place, help)| **help > 0.0 && self.audiences[*place as usize] <= reader);
        let mut helped = helped.map(|(document, score)| Posting { document, score: *score }).collect();
        self.index.best(&mut helped, limit).into_iter().map(|hit| hit.id).collect()
    }

    fn enter(&mut self, place: u32, model: Option<&Model>, entry: &Entry<'_, I>) {
        let Document { title, body, cases, language, .. } = entry.document;
        self.following.read(title);
        cases.lines().for_each(|case| self.following.read(case));
        // What the model cannot read goes by its words.
        let model = model.filter(|_| language == Model::LANGUAGE);
        let average = model.map(|model| model.average(&format!("{title}\n{title}\n{body}"), |piece| self.tells(piece)));
        self.solutions.push(entry.meaning.filter(|_| language == Model::LANGUAGE));
        self.averages.push(average.map(|average| Vector::of(&average)).as_ref());
        self.substance.push((body.len() as f32).ln_1p());
        self.help.push(entry.help);
        self.audiences.push(entry.audience);
        self.cases.push(place, if language == Model::LANGUAGE { entry.cases } else { &[] });
    }

    fn tells(&self, piece: u32) -> f32 {
        self.tells.get(piece as usize).copied().unwrap_or_default()
    }

    /// How many solutions there are.
    pub fn count(&self) -> usize {
        self.index.count()
    }

    /// How many places those take that were taken out: time to build anew when they are many.
    pub fn waste(&self) -> usize {
        self.index.places() - self.index.count()
    }

    /// Whether it knows what the words of the solutions mean on the average.
    pub fn is_averaged(&self) -> bool {
        !self.tells.is_empty()
    }

    /// What a text that is being typed will say, as far as that can be told; nothing: the model does not read its language.
    pub fn wording(&self, text: &str, model: &Model) -> Option<String> {
        wording::of(text, self.index.vocabulary(), &self.following, model)
    }

    /// What the words of a text mean on the average.
    pub fn average(&self, text: &str, model: &Model) -> Vec<f32> {
        model.average(text, |piece| self.tells(piece))
    }

    /// The solutions for a text, best first and equal ones in the order of their ids.
    pub fn rank(
        &self,
        text: &str,
        query: &Query,
        model: Option<&Model>,
        wish: &Wish,
        scratch: &mut Scratch,
    ) -> Vec<Hit<I>> {
        let Wish { reader, limit, finished } = *wish;
        let Scratch { lexical, input, likeness, heard, ranking } = scratch;
        let may_read = |place: u32| self.audiences[place as usize] <= reader;
        let (Query::Average(vector) | Query::Meaning(vector), Some(model)) = (query, model) else {
            return self.index.search(text, limit, lexical, may_read);
        };
        let Scored { found, function_share } = self.index.score(text, lexical);
        let unit = model.unit();
        if matches!(query, Query::Average(_)) {
            self.averages.likeness(vector, unit, input, likeness);
            found.iter().for_each(|f| likeness[f.document as usize] += LEXICAL_BESIDE_AVERAGE * f.score);
        } else {
            self.solutions.likeness(vector, unit, input, likeness);
            self.cases.speak(vector, unit, input, heard, likeness);
            let keywords = (1.0 - function_share / QUESTION).max(0.0);
            let weight = LEXICAL + LEXICAL_FOR_KEYWORDS * keywords;
            for f in found {
                let place = f.document as usize;
                // What it means is being worked out: until then its words stand for that.
                let meaning = if self.solutions.is_known(place) { 0.0 } else { 1.0 };
                likeness[place] += (weight + meaning) * f.score;
            }
            let least = self.least[usize::from(finished)];
            let fits =
                |(place, score): (u32, &f32)| *score >= least && may_read(place) && self.index.id(place).is_some();
            if !(0..).zip(likeness.iter()).any(fits) {
                return Vec::new();
            }
            let weight = SUBSTANCE_FOR_KEYWORDS * keywords;
            for (score, substance) in likeness.iter_mut().zip(&self.substance) {
                *score += weight * substance;
            }
        }
        let words = text.split_whitespace().count().max(1) as f32;
        for (score, help) in likeness.iter_mut().zip(&self.help) {
            *score += HELP * help / (words * words);
        }
        let scored = likeness.iter().zip(0..).map(|(score, document)| Posting { document, score: *score });
        ranking.clear();
        let shown = |at: &Posting| at.score > 0.0 && may_read(at.document) && self.index.id(at.document).is_some();
        ranking.extend(scored.filter(shown));
        self.index.best(ranking, limit)
    }
}

/// How much each piece of a word tells: the fewer texts have it, the more.
fn tells<I>(model: &Model, documents: &[Document<'_, I>]) -> Vec<f32> {
    let mut having = vec![0_u32; model.piece_count()];
    let mut texts = 0_u32;
    for document in documents {
        let about = format!("{}\n{}", document.title, document.body);
        for text in std::iter::once(about.as_str()).chain(document.cases.lines()) {
            let mut pieces = model.pieces(text);
            pieces.sort_unstable();
            pieces.dedup();
            texts += 1;
            pieces.into_iter().for_each(|piece| having[piece as usize] += 1);
        }
    }
    having.into_iter().map(|having| (texts as f32 / (1.0 + having as f32)).ln_1p()).collect()
}

#[cfg(test)]
mod tests;
