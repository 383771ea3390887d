//! What a text means, as a vector: all-MiniLM-L6-v2 in int8, carried in the program. A crate of its own so that the one place with
//! `unsafe` is small, and quick in a build for tests too.
//!
//! `file` is the model as it lies on the disk, `tokens` the pieces of words that it knows, `products` the multiplication on the
//! best unit of the processor, `pass` the model's work, `vector` what comes out and is kept, `letters` how words are written.

mod file;
pub mod letters;
mod pass;
#[expect(unsafe_code, reason = "the processor's units for products of int8 are reached by intrinsics")]
mod products;
mod tokens;
pub mod vector;

use std::cell::RefCell;

use file::Weights;
use pass::Room;
use tokens::Pieces;

pub use pass::to_length_one;
pub use products::{Input, Unit};

/// The file, where its numbers can be read in place.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../model/minilm.bin"));

/// Changes when vectors that were made before do not fit those that are made now.
pub const VERSION: i16 = 1;

/// The model, ready to work. One serves all threads.
pub struct Model {
    weights: Weights<'static>,
    pieces: Pieces<'static>,
    unit: Unit,
}

impl Model {
    /// Reads the model of this program, for the processor's best unit; nothing: the file is not what it should be.
    pub fn read() -> Option<Self> {
        Self::on(Unit::best())
    }

    /// The same for another unit.
    pub fn on(unit: Unit) -> Option<Self> {
        let weights = Weights::read(&FILE.0)?;
        Some(Self { pieces: Pieces::read(weights.vocabulary)?, weights, unit })
    }

    /// On which unit of the processor it works.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// How many values a vector has.
    pub fn width(&self) -> usize {
        self.weights.width
    }

    /// What a text means: a vector of length 1. Of a text of more than `most` tokens the end counts, where the writer is, or, if it
    /// is `whole`, the beginning.
    pub fn embed(&self, text: &str, most: usize, whole: bool) -> Vec<f32> {
        thread_local! {
            static ROOM: RefCell<Room> = RefCell::default();
        }
        let most = most.min(self.weights.positions.len() / self.weights.width);
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

    /// The pieces of a text that are words or parts of words, as numbers below [`Self::piece_count`].
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.pieces.plain(text)
    }

    /// How many pieces there are.
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

    /// All pieces as they are written, the more frequent first.
    pub fn vocabulary(&self) -> impl ExactSizeIterator<Item = &str> {
        self.weights.vocabulary.lines().collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_that_mean_the_same_are_alike() {
        let model = Model::read().unwrap();
        let [password, login, invoice] = ["How do I reset my password?", "I forgot my login", "Where is my invoice?"]
            .map(|text| model.embed(text, 32, false));
        assert!(alike(&password, &login) > alike(&password, &invoice) + 0.2);
        assert!((alike(&password, &password) - 1.0).abs() < 1e-3);
    }

    /// The published weights in 64-bit numbers, worked out apart from this code, say 0.4046, 0.5470 and 0.1225.
    #[test]
    fn the_likeness_is_that_of_the_original() {
        let model = Model::read().unwrap();
        let like = |one: &str, other: &str| alike(&model.embed(one, 32, true), &model.embed(other, 32, true));
        let said = [
            (like("This is an example sentence", "Each sentence is converted"), 0.4046),
            (like("How do I reset my password?", "I forgot my account"), 0.5470),
            (like("How do I reset my password?", "Where is my money?"), 0.1225),
        ];
        assert!(said.iter().all(|(ours, theirs)| (ours - theirs).abs() < 0.03), "{said:?}");
    }

    #[test]
    fn every_unit_says_the_same() {
        let texts = ["a", "reset passw", "", "日本語 🙂 ?!", &"one long text that goes on and on ".repeat(9)];
        let all: Vec<Model> = Unit::all().into_iter().map(|unit| Model::on(unit).unwrap()).collect();
        for text in texts {
            for whole in [true, false] {
                let vectors: Vec<_> = all.iter().map(|model| model.embed(text, 33, whole)).collect();
                for vector in &vectors {
                    assert!(alike(vector, &vectors[0]) > 0.9999, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn texts_of_any_length_mean_something() {
        let model = Model::read().unwrap();
        for most in [0, 1, 2, 3, 16, 17, 256, 9999] {
            let vector = model.embed(&"word ".repeat(300), most, false);
            assert!((alike(&vector, &vector) - 1.0).abs() < 1e-3, "{most}");
        }
    }

    #[test]
    fn pieces_tell_words_from_mistyped_ones() {
        let model = Model::read().unwrap();
        assert!(model.knows("password") && !model.knows("pasword"));
        assert!(model.is_compound("hotkey") && !model.is_compound("hotkye") && !model.is_compound("password"));
        assert_eq!(model.pieces("Password, password").len(), 2);
        assert!(model.average("", |_| 1.0).iter().all(|value| *value == 0.0));
        assert!(model.vocabulary().len() == model.piece_count());
    }
}
