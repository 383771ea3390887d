//! The lexical tier: what the words of a text have to do with the words of the solutions.
//!
//! `text` reads words, `vocabulary` completes and repairs them (`spelling` counts the mistakes), `bm25` says what a word is worth in a
//! document, `scores` adds up, `index` puts it together. `passage` shows where in a text the words stand.

mod bm25;
pub mod index;
pub mod passage;
mod scores;
mod spelling;
pub mod text;
pub mod vocabulary;
