//! What a text means, as a vector: all-MiniLM-L6-v2, carried in the program.
//!
//! `file` is the model as it lies on the disk, `tokens` the pieces of words that it knows, `products` the multiplication on the
//! best unit of the processor, `pass` the model's work, `vector` what comes out and is kept.

mod file;
mod pass;
#[expect(unsafe_code, reason = "the processor's units for products of int8 are reached by intrinsics")]
mod products;
mod tokens;
pub mod vector;

use std::{cell::RefCell, sync::LazyLock};

use super::lexical::{
    text::Language,
    vocabulary::{Vocabulary, VocabularyBuilder},
};

use file::Weights;
use pass::{Room, to_length_one};
pub use products::{Input, Unit};
use tokens::Pieces;
use vector::Vector;

/// The file, where its numbers can be read in place.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("model/minilm.bin"));

/// Changes when vectors that were made before do not fit those that are made now.
pub const VERSION: i16 = 1;

/// The most tokens of a text that is being typed: the end of a longer one counts.
const TYPED: usize = 32;
/// The most tokens of a solution's title or of a case: the beginning of a longer one counts.
const SHORT: usize = 64;
/// The most tokens of a solution's text.
const LONG: usize = 128;
/// What the whole, its title and its body count for, in what a solution means.
const PARTS: [f32; 3] = [0.5, 0.25, 0.25];
/// The parts of a case that are kept, as shares of its letters: whoever types has not come to the end.
const BEGINNINGS: [f32; 3] = [1.0, 0.6, 0.3];
/// How many vectors there are of one case.
pub const OF_A_CASE: usize = BEGINNINGS.len();

/// The model, ready to work. One serves all threads.
pub struct Model {
    weights: Weights<'static>,
    pieces: Pieces<'static>,
    words: Vocabulary,
    unit: Unit,
}

impl Model {
    /// The model of this program; it is prepared when somebody asks first. Nothing: the file is not what it should be.
    pub fn get() -> Option<&'static Self> {
        static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
            let model = Model::read(&FILE.0);
            if model.is_none() {
                tracing::error!("the language model in this program is damaged: suggestions go by words alone");
            }
            model
        });
        MODEL.as_ref()
    }

    fn read(bytes: &'static [u8]) -> Option<Self> {
        let weights = Weights::read(bytes)?;
        let pieces = Pieces::read(weights.vocabulary)?;
        let unit = Unit::best();
        Some(Self { words: words(weights.vocabulary), weights, pieces, unit })
    }

    /// On which unit of the processor it works.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// What a text means that is being typed.
    pub fn typed(&self, text: &str) -> Vec<f32> {
        self.embed(text, TYPED, false)
    }

    /// What a solution means.
    pub fn solution(&self, title: &str, body: &str) -> Vector {
        let whole = format!("{title}. {body}");
        let parts =
            [(whole.as_str(), LONG), (title, SHORT), (body, LONG)].map(|(text, most)| self.embed(text, most, true));
        // Title and body have one length together before they meet the whole.
        let mut mean = vec![0.0; self.weights.width];
        for (part, share) in parts.iter().zip(PARTS) {
            mean.iter_mut().zip(part).for_each(|(mean, value)| *mean += share * value);
        }
        to_length_one(&mut mean);
        Vector::of(&mean)
    }

    /// What somebody asked in a case means, whole and after its beginnings.
    pub fn case(&self, text: &str) -> [Vector; OF_A_CASE] {
        let letters = text.chars().count() as f32;
        BEGINNINGS.map(|share| {
            let end = text.char_indices().nth((letters * share) as usize).map_or(text.len(), |(at, _)| at);
            Vector::of(&self.embed(text.get(..end).unwrap_or(text), SHORT, true))
        })
    }

    fn embed(&self, text: &str, most: usize, whole: bool) -> Vec<f32> {
        thread_local! {
            static ROOM: RefCell<Room> = RefCell::default();
        }
        let tokens = self.pieces.tokens(text, most, whole);
        ROOM.with_borrow_mut(|room| pass::embed(&self.weights, &tokens, self.unit, room))
    }

    /// The average of what the pieces of a text mean by themselves, each with a weight: a hundred times quicker than the
    /// pass, and worth less.
    pub fn average(&self, text: &str, weight: impl Fn(u32) -> f32) -> Vec<f32> {
        let width = self.weights.width;
        let mut mean = vec![0.0; width];
        for token in self.pieces.plain(text) {
            let at = token as usize;
            let (weight, scale) = (weight(token), self.weights.word_scales[at]);
            let values = self.weights.words[at * width..][..width].iter().zip(self.weights.average);
            for (mean, (value, average)) in mean.iter_mut().zip(values) {
                *mean += weight * (f32::from(*value) * scale - average);
            }
        }
        to_length_one(&mut mean);
        mean
    }

    /// The pieces of a text, as numbers below [`Self::piece_count`].
    pub fn plain(&self, text: &str) -> Vec<u32> {
        self.pieces.plain(text)
    }

    /// How many pieces of words there are.
    pub fn piece_count(&self) -> usize {
        self.weights.word_scales.len()
    }

    /// Whether it knows a folded word as a whole.
    pub fn knows(&self, word: &str) -> bool {
        self.pieces.is_whole(word)
    }

    /// Whether a folded word is two that it knows, put together.
    pub fn is_compound(&self, word: &str) -> bool {
        self.pieces.is_compound(word)
    }

    /// The words that it knows as a whole; the more frequent count more.
    pub fn words(&self) -> &Vocabulary {
        &self.words
    }
}

/// The whole words of the model's vocabulary, which begins with the most frequent ones.
fn words(vocabulary: &str) -> Vocabulary {
    let lines: Vec<&str> = vocabulary.lines().collect();
    let whole = lines.iter().enumerate().filter(|(_, w)| w.chars().count() > 1 && w.chars().all(char::is_alphanumeric));
    let mut builder = VocabularyBuilder::new(Language::English);
    for (at, word) in whole {
        builder.add_many(word, (lines.len() - at) as u32);
    }
    builder.build()
}
