//! What solutions, cases and texts that are being typed mean: the model, and what of each it reads.

use std::{ops::Deref, sync::LazyLock};

pub use deskbell_meaning::{
    Input, Unit, VERSION,
    vector::{self, Vector, Vectors},
};

use super::{
    language::Language,
    lexical::vocabulary::{Vocabulary, VocabularyBuilder},
};

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
    model: deskbell_meaning::Model,
    words: Vocabulary,
}

impl Deref for Model {
    type Target = deskbell_meaning::Model;

    fn deref(&self) -> &Self::Target {
        &self.model
    }
}

impl Model {
    /// What it was made for. What it says of texts in others is worth less than their words.
    pub const LANGUAGE: Language = Language::English;

    /// The model of this program; it is prepared when somebody asks first. Nothing: the program is damaged.
    pub fn get() -> Option<&'static Self> {
        static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
            let model = deskbell_meaning::Model::read();
            if model.is_none() {
                tracing::error!("the language model in this program is damaged: suggestions go by words alone");
            }
            model.map(|model| Model { words: words(&model), model })
        });
        MODEL.as_ref()
    }

    /// What a text means that is being typed.
    pub fn typed(&self, text: &str) -> Vec<f32> {
        self.model.embed(text, TYPED, false)
    }

    /// What a solution means.
    pub fn solution(&self, title: &str, body: &str) -> Vector {
        let whole = format!("{title}. {body}");
        let parts = [(whole.as_str(), LONG), (title, SHORT), (body, LONG)];
        let mut mean = vec![0.0; self.model.width()];
        for ((text, most), share) in parts.into_iter().zip(PARTS) {
            for (mean, value) in mean.iter_mut().zip(self.model.embed(text, most, true)) {
                *mean += share * value;
            }
        }
        deskbell_meaning::to_length_one(&mut mean);
        Vector::of(&mean)
    }

    /// What somebody asked in a case means, whole and after its beginnings.
    pub fn case(&self, text: &str) -> [Vector; OF_A_CASE] {
        beginnings(text).map(|part| self.part(part))
    }

    /// What one of the [`beginnings`] means.
    pub fn part(&self, text: &str) -> Vector {
        Vector::of(&self.model.embed(text, SHORT, true))
    }

    /// The words that it knows as a whole; the more frequent count more.
    pub fn words(&self) -> &Vocabulary {
        &self.words
    }
}

/// What is read of a case: the whole, and what was typed of it when most and when some of its letters were there.
pub fn beginnings(text: &str) -> [&str; OF_A_CASE] {
    let letters = text.chars().count() as f32;
    BEGINNINGS.map(|share| {
        let end = text.char_indices().nth((letters * share) as usize).map_or(text.len(), |(at, _)| at);
        text.get(..end).unwrap_or(text)
    })
}

fn words(model: &deskbell_meaning::Model) -> Vocabulary {
    let mut builder = VocabularyBuilder::default();
    builder.speak(Model::LANGUAGE);
    let pieces = model.vocabulary();
    for (uses, word) in (1..=pieces.len() as u32).rev().zip(pieces) {
        if word.chars().count() > 1 && word.chars().all(char::is_alphanumeric) {
            builder.add_many(word, Model::LANGUAGE, uses);
        }
    }
    builder.build()
}
