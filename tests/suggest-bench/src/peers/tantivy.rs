//! tantivy, in memory, in one segment: stems with BM25, beginnings, and one edit forgiven in longer words that nobody wrote.
//! Its weights were chosen on both sets: a title that counts more puts more first on the large one, one that counts less finds more.

use tantivy::{
    Index, Searcher, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer},
};

use super::Peer;
use crate::{Result, data::Solution, measure::LISTED, words::Words};

/// Memory for the index while it is made: enough for all of it, so that it becomes one segment.
const MEMORY: usize = 400_000_000;
/// What a title counts: it is scored by itself here, where titles are short and their words rare.
const TITLE: f32 = 2.0;
/// Letters from which on a word may be mistyped.
const FORGIVEN_FROM: usize = 4;
/// What a beginning and a word with an edit count; unlike other terms, they count the same however rare they are.
const BEGINNING: f32 = 2.0;
const EDITED: f32 = 4.0;

/// An index of one desk's solutions.
pub struct Tantivy {
    searcher: Searcher,
    stemmed: TextAnalyzer,
    fields: [Fields; 4],
}

/// A part of a solution: its stems, and its words as they are, for beginnings and edits.
struct Fields {
    stems: Field,
    words: Field,
    weight: f32,
}

impl Tantivy {
    /// Indexes the solutions.
    pub fn build(solutions: &[Solution]) -> Result<Self> {
        let mut schema = Schema::builder();
        let text = |tokenizer: &str, option| {
            TextOptions::default()
                .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option))
        };
        let fields =
            [("title", TITLE), ("body", 1.0), ("category", 1.0), ("cases", 1.0)].map(|(name, weight)| Fields {
                stems: schema.add_text_field(&format!("{name}_stems"), text("stems", IndexRecordOption::WithFreqs)),
                words: schema.add_text_field(&format!("{name}_words"), text("words", IndexRecordOption::Basic)),
                weight,
            });
        let place = schema.add_u64_field("place", FAST);
        let index = Index::create_in_ram(schema.build());
        let folded = || {
            let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(40));
            words.filter(LowerCaser).filter(AsciiFoldingFilter)
        };
        let stemmed = folded().filter(Stemmer::new(Language::English)).build();
        index.tokenizers().register("stems", stemmed.clone());
        index.tokenizers().register("words", folded().build());
        let mut writer = index.writer_with_num_threads(1, MEMORY)?;
        for (at, solution) in solutions.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_u64(place, at as u64);
            let parts = [&solution.title, &solution.body, &solution.category, &solution.cases];
            for (Fields { stems, words, .. }, part) in fields.iter().zip(parts) {
                document.add_text(*stems, part);
                document.add_text(*words, part);
            }
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(Self { searcher: index.reader()?.searcher(), stemmed, fields })
    }

    /// What a word asks of each part of the solutions.
    fn ask_for(&mut self, word: &str, open: bool) -> Vec<(Occur, Box<dyn Query>)> {
        let mut stem = word.to_owned();
        self.stemmed.token_stream(word).process(&mut |token| token.text.clone_into(&mut stem));
        let having = |fields: &Fields| self.searcher.doc_freq(&Term::from_field_text(fields.stems, &stem)).unwrap_or(0);
        let is_forgiven = word.chars().count() >= FORGIVEN_FROM && self.fields.iter().all(|fields| having(fields) == 0);
        let mut asked: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for Fields { stems, words, weight } in &self.fields {
            let mut ask = |query: Box<dyn Query>, weight: f32| {
                asked.push((Occur::Should, Box::new(BoostQuery::new(query, weight))));
            };
            let exactly = TermQuery::new(Term::from_field_text(*stems, &stem), IndexRecordOption::WithFreqs);
            ask(Box::new(exactly), *weight);
            let written = Term::from_field_text(*words, word);
            if open {
                ask(Box::new(FuzzyTermQuery::new_prefix(written.clone(), 0, true)), BEGINNING * weight);
            }
            if is_forgiven {
                let edited = if open { FuzzyTermQuery::new_prefix } else { FuzzyTermQuery::new };
                ask(Box::new(edited(written, 1, true)), EDITED * weight);
            }
        }
        asked
    }
}

impl Peer for Tantivy {
    fn ask(&mut self, text: &str) -> Result<Vec<usize>> {
        let Words { whole, open } = Words::of(text);
        let mut asked = Vec::new();
        for word in &whole {
            asked.extend(self.ask_for(word, false));
        }
        if let Some(word) = &open {
            asked.extend(self.ask_for(word, true));
        }
        let best = self.searcher.search(&BooleanQuery::new(asked), &TopDocs::with_limit(LISTED).order_by_score())?;
        best.into_iter()
            .map(|(_, at)| {
                let places = self.searcher.segment_reader(at.segment_ord).fast_fields().u64("place")?;
                Ok(places.first(at.doc_id).ok_or("a solution without a place")? as usize)
            })
            .collect()
    }
}
