//! What a text means, as a vector: all-MiniLM-L6-v2, carried in the program.
//!
//! `file` is the model as it lies on the disk, `tokens` the pieces of words that it knows, `products` the multiplication on the
//! best unit of the processor, `pass` the model's work.

pub mod file;
pub mod pass;
pub mod products;
pub mod tokens;
