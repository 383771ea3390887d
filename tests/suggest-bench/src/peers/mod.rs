//! The other engines. Each is built for one desk's solutions and asked by one thread; the text has just been typed.

mod postgres;
mod sqlite;
mod tantivy;

use crate::{Result, data::Solution};

/// An engine with the solutions of one desk.
pub trait Peer {
    /// The places of the best solutions for a text that is being typed, best first.
    fn ask(&mut self, text: &str) -> Result<Vec<usize>>;
}

/// Builds an engine for the solutions of one desk.
pub type Engine<'a> = Box<dyn Fn(&[Solution]) -> Result<Box<dyn Peer>> + 'a>;

/// All engines that there are here, with their names.
pub fn all(postgres: Option<&str>) -> Vec<(&'static str, Engine<'_>)> {
    let mut all: Vec<(&str, Engine<'_>)> = vec![
        ("SQLite FTS5", Box::new(|solutions| Ok(Box::new(sqlite::Fts5::build(solutions)?)))),
        ("tantivy", Box::new(|solutions| Ok(Box::new(tantivy::Tantivy::build(solutions)?)))),
    ];
    if let Some(url) = postgres {
        all.push(("PostgreSQL", Box::new(move |solutions| Ok(Box::new(postgres::Postgres::build(url, solutions)?)))));
    }
    all
}
