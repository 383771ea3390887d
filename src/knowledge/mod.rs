//! The knowledge base: solutions, the index that suggests them while a customer types, and what customers said of them.
//!
//! `index` and what it stands on (`text`, `vocabulary`, `spelling`, `bm25`, `scores`) are pure and live in memory;
//! `suggest` answers from it, `solution` stores, `feedback` counts.

mod bm25;
pub mod feedback;
pub mod index;
mod queries;
mod scores;
pub mod solution;
mod spelling;
pub mod suggest;
mod text;
mod vocabulary;

pub use text::Language;
