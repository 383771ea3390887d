//! SQLite's FTS5, in memory: stems, `bm25`, an index of beginnings, any of the words.

use rusqlite::{Connection, params};

use super::Peer;
use crate::{Result, data::Solution, measure::LISTED, words::Words};

/// What a title counts against the other columns.
const TITLE: f32 = 4.0;

/// A table of one desk's solutions.
pub struct Fts5 {
    connection: Connection,
}

impl Fts5 {
    /// Fills the table, and merges its index into one piece.
    pub fn build(solutions: &[Solution]) -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE solutions USING fts5(
                title, body, category, cases, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '1 2 3 4');
             INSERT INTO solutions (solutions, rank) VALUES ('rank', 'bm25({TITLE:.1}, 1.0, 1.0, 1.0)')"
        ))?;
        let filling = connection.transaction()?;
        for (place, Solution { title, body, category, cases, .. }) in solutions.iter().enumerate() {
            filling
                .prepare_cached("INSERT INTO solutions (rowid, title, body, category, cases) VALUES (?, ?, ?, ?, ?)")?
                .execute(params![place as i64, title, body, category, cases])?;
        }
        filling.execute("INSERT INTO solutions (solutions) VALUES ('optimize')", [])?;
        filling.commit()?;
        Ok(Self { connection })
    }
}

impl Peer for Fts5 {
    fn ask(&mut self, text: &str) -> Result<Vec<usize>> {
        let Words { whole, open } = Words::of(text);
        let whole = whole.into_iter().map(|word| format!("\"{word}\""));
        let terms: Vec<String> = whole.chain(open.map(|word| format!("\"{word}\"*"))).collect();
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let mut search = self
            .connection
            .prepare_cached("SELECT rowid FROM solutions WHERE solutions MATCH ? ORDER BY rank LIMIT ?")?;
        let found = search.query_map(params![terms.join(" OR "), LISTED as i64], |row| row.get::<_, i64>(0))?;
        found.map(|place| Ok(place? as usize)).collect()
    }
}
