//! One desk's solutions, ready to be asked: the lexical index, what each solution and each of its closed cases means, and how the
//! evidence becomes one order. Pure, in memory; `suggest` keeps it in step with the database.

use std::hash::Hash;

use super::{
    cases::{Cases, Heard},
    lexical::{
        index::{Document, Hit, Index, Posting, Scored, Scratch as Lexical},
        text::Language,
    },
    meaning::{Input, Model, OF_A_CASE, Vector, Vectors},
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
    /// What the best must have for anything to be shown.
    least: f32,
    /// By piece of a word: how much it tells.
    tells: Vec<f32>,
}

impl<I: Copy + Ord + Hash> Engine<I> {
    /// Takes the solutions of a desk in. Without the model it goes by words alone.
    pub fn build(language: Language, model: Option<&Model>, entries: &[Entry<'_, I>]) -> Self {
        let documents: Vec<_> = entries.iter().map(|entry| entry.document).collect();
        let mut engine = Self {
            index: Index::build(language, &documents),
            following: Following::default(),
            solutions: Vectors::default(),
            averages: Vectors::default(),
            substance: Vec::new(),
            help: Vec::new(),
            audiences: Vec::new(),
            cases: Cases::default(),
            least: 0.0,
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

    /// Shows nothing for a text of whose meaning the best solution has less than this: customers greet and thank, too.
    pub fn hide_below(&mut self, least: f32) {
        self.least = least;
    }

    /// A solution's meaning is known now.
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

    fn enter(&mut self, place: u32, model: Option<&Model>, entry: &Entry<'_, I>) {
        let Document { title, body, cases, .. } = entry.document;
        self.following.read(title);
        cases.lines().for_each(|case| self.following.read(case));
        let average = model.map(|model| model.average(&format!("{title}\n{title}\n{body}"), |piece| self.tells(piece)));
        self.solutions.push(entry.meaning);
        self.averages.push(average.map(|average| Vector::of(&average)).as_ref());
        self.substance.push((body.len() as f32).ln_1p());
        self.help.push(entry.help);
        self.audiences.push(entry.audience);
        self.cases.push(place, entry.cases);
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

    /// What a text that is being typed will say, as far as that can be told.
    pub fn wording(&self, text: &str, model: &Model) -> String {
        wording::of(text, self.index.vocabulary(), &self.following, model)
    }

    /// What the words of a text mean on the average.
    pub fn average(&self, text: &str, model: &Model) -> Vec<f32> {
        model.average(text, |piece| self.tells(piece))
    }

    /// The solutions for a text that a reader may see, at most `limit`, best first and equal ones in the order of their ids.
    pub fn rank(
        &self,
        text: &str,
        query: &Query,
        model: Option<&Model>,
        reader: Audience,
        limit: usize,
        scratch: &mut Scratch,
    ) -> Vec<Hit<I>> {
        let Scratch { lexical, input, likeness, heard, ranking } = scratch;
        let Scored { found, function_share } = self.index.score(text, lexical);
        let may_read = |at: &Posting| self.audiences[at.document as usize] <= reader;
        let (Query::Average(vector) | Query::Meaning(vector), Some(model)) = (query, model) else {
            found.retain(may_read);
            return self.index.best(found, limit);
        };
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
            if likeness.iter().all(|score| *score < self.least) {
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
        let shown = |at: &Posting| at.score > 0.0 && may_read(at) && self.index.id(at.document).is_some();
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
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;

    const SOLUTIONS: [[&str; 2]; 5] = [
        ["Reset your password", "Open the sign-in page, choose Forgot password and follow the link."],
        ["Change your address", "Under Profile you can change where your invoices are sent."],
        ["Download an invoice", "Every invoice is a PDF under Billing. Open it there."],
        ["Refunds", "A refund reaches your card within five days."],
        ["Where is my parcel?", "Orders shows the date of delivery and a link to the carrier."],
    ];

    fn model() -> &'static Model {
        Model::get().unwrap()
    }

    /// What each solution means; it is worked out once.
    fn meanings() -> &'static [Vector] {
        static MEANINGS: OnceLock<Vec<Vector>> = OnceLock::new();
        MEANINGS.get_or_init(|| SOLUTIONS.map(|[title, body]| model().solution(title, body)).to_vec())
    }

    fn document(id: usize, cases: &str) -> Document<'_, usize> {
        let [title, body] = SOLUTIONS[id];
        Document { id, title, body, category: "", cases }
    }

    fn engine(known: bool) -> Engine<usize> {
        let meaning = |id| known.then(|| &meanings()[id]);
        let entries: Vec<_> = (0..SOLUTIONS.len())
            .map(|id| Entry {
                document: document(id, ""),
                meaning: meaning(id),
                cases: &[],
                help: 0.0,
                audience: Audience::Everyone,
            })
            .collect();
        Engine::build(Language::English, Some(model()), &entries)
    }

    fn queries(engine: &Engine<usize>, text: &str) -> [Query; 3] {
        let meant = engine.wording(text, model());
        [Query::Words, Query::Average(engine.average(&meant, model())), Query::Meaning(model().typed(&meant))]
    }

    fn first(engine: &Engine<usize>, text: &str) -> [Option<usize>; 3] {
        queries(engine, text).map(|query| {
            engine
                .rank(text, &query, Some(model()), Audience::Everyone, 3, &mut Scratch::default())
                .first()
                .map(|hit| hit.id)
        })
    }

    #[test]
    fn what_a_text_means_finds_what_its_words_do_not() {
        let engine = engine(true);
        assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0));
        assert_eq!(first(&engine, "the package has not arrived")[2], Some(4));
        assert_eq!(first(&engine, "give me my money back")[2], Some(3));
        assert_eq!(first(&engine, "downl"), [Some(2); 3]);
    }

    #[test]
    fn portal_09_a_solution_is_found_by_its_words_before_anybody_knows_what_it_means() {
        let mut engine = engine(false);
        assert_eq!(first(&engine, "refund to my card"), [Some(3); 3]);
        engine.mean(3, &meanings()[3]);
        assert_eq!(first(&engine, "refund to my card"), [Some(3); 3]);
    }

    #[test]
    fn a_closed_case_teaches_and_an_edit_counts_at_once() {
        let mut engine = engine(true);
        let asked = "the carrier rang but nobody was at home";
        assert_ne!(first(&engine, asked)[2], Some(1));
        let case = [model().case(asked)];
        let taught = Entry {
            document: document(1, asked),
            meaning: Some(&meanings()[1]),
            cases: &case,
            help: 0.0,
            audience: Audience::Everyone,
        };
        engine.put(Some(model()), &taught);
        let [words, _, meaning] = first(&engine, asked);
        assert_eq!([words, meaning], [Some(1); 2]);
        assert_eq!(first(&engine, "the carrier rang but no")[2], Some(1));
        assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0), "others are not buried");
        engine.remove(1);
        assert!(!first(&engine, asked).contains(&Some(1)));
        assert_eq!((engine.count(), engine.waste()), (4, 2));
    }

    #[test]
    fn an_engine_that_changed_ranks_like_one_built_anew() {
        let mut changed = engine(true);
        let case = [model().case("the total is wrong")];
        let mut entries: Vec<_> = (0..SOLUTIONS.len())
            .map(|id| Entry {
                document: document(id, ""),
                meaning: Some(&meanings()[id]),
                cases: &[],
                help: 0.0,
                audience: Audience::Everyone,
            })
            .collect();
        entries[2] = Entry { document: document(2, "the total is wrong"), cases: &case, help: 0.5, ..entries[2] };
        changed.put(Some(model()), &entries[2]);
        let anew = Engine::build(Language::English, Some(model()), &entries);
        for text in ["my total is too high", "where is the invo", "passwort", "re"] {
            // How much a word tells is counted when an engine is built, and the average goes by that.
            let [words, _, meaning] = queries(&changed, text);
            let [words_anew, _, meaning_anew] = queries(&anew, text);
            for (one, other) in [(words, words_anew), (meaning, meaning_anew)] {
                let ids = |engine: &Engine<usize>, query| -> Vec<usize> {
                    let hits = engine.rank(text, query, Some(model()), Audience::Everyone, 9, &mut Scratch::default());
                    hits.iter().map(|hit| hit.id).collect()
                };
                assert_eq!(ids(&changed, &one), ids(&anew, &other), "{text}");
            }
        }
    }

    #[test]
    fn what_is_about_nothing_finds_nothing() {
        let mut engine = engine(true);
        engine.hide_below(0.2);
        assert_eq!(first(&engine, "what is the weather like today?")[2], None);
        assert_eq!(first(&engine, "hello, good morning")[2], None);
        assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0));
    }

    #[test]
    fn help_counts_for_the_first_letters_only() {
        let gain = |text: &str| {
            let mut engine = engine(true);
            let mut score = |help| {
                engine.help(3, help);
                let [_, _, meaning] = queries(&engine, text);
                let hits = engine.rank(text, &meaning, Some(model()), Audience::Everyone, 9, &mut Scratch::default());
                hits.iter().find(|hit| hit.id == 3).map_or(0.0, |hit| hit.score)
            };
            score(1.0) - score(0.0)
        };
        assert!(gain("ref") > 0.09, "{}", gain("ref"));
        assert!(gain("refund to my card please") < 0.01);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn hits_are_ranked_and_limited_on_every_rung(text in "\\PC{0,60}|([a-z]{1,9}[ ?]){0,9}", limit in 0..6_usize) {
            let engine = engine(true);
            for query in queries(&engine, &text) {
                let hits = engine.rank(&text, &query, Some(model()), Audience::Everyone, limit, &mut Scratch::default());
                prop_assert!(hits.len() <= limit);
                prop_assert!(hits.is_sorted_by(|a, b| a.score > b.score || a.score == b.score && a.id < b.id));
            }
        }
    }
}
