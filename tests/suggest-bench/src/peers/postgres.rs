//! PostgreSQL: a weighted `tsvector` under a GIN index, and likeness of trigrams where that finds nothing. Ranked by `ts_rank`: on the
//! public set `ts_rank_cd` puts the right solution first for ten questions of a hundred fewer, since any of the words may match.

use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls, Statement};

use super::Peer;
use crate::{Result, data::Solution, measure::LISTED, words::Words};

/// A table of one desk's solutions, in a schema of its own.
pub struct Postgres {
    client: Client,
    by_words: Statement,
    by_trigrams: Statement,
}

impl Postgres {
    /// Makes the table anew, fills it, and has its statistics worked out.
    pub fn build(url: &str, solutions: &[Solution]) -> Result<Self> {
        static DESKS: AtomicU32 = AtomicU32::new(0);
        let schema = format!("suggest_bench_{}", DESKS.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(url, NoTls)?;
        client.batch_execute(&format!(
            "SET client_min_messages = warning;
             CREATE EXTENSION IF NOT EXISTS pg_trgm;
             DROP SCHEMA IF EXISTS {schema} CASCADE;
             CREATE SCHEMA {schema};
             SET search_path = {schema}, public;
             SET max_parallel_workers_per_gather = 0;
             CREATE TABLE solutions (
                place int PRIMARY KEY, title text NOT NULL, body text NOT NULL, category text NOT NULL, cases text NOT NULL,
                words tsvector GENERATED ALWAYS AS (
                    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D') ||
                    setweight(to_tsvector('english', category), 'D') || setweight(to_tsvector('english', cases), 'D')
                ) STORED)"
        ))?;
        let mut filling = client.transaction()?;
        let insert = filling
            .prepare("INSERT INTO solutions (place, title, body, category, cases) VALUES ($1, $2, $3, $4, $5)")?;
        for (place, Solution { title, body, category, cases, .. }) in solutions.iter().enumerate() {
            filling.execute(&insert, &[&(place as i32), title, body, category, cases])?;
        }
        filling.commit()?;
        client.batch_execute(
            "CREATE INDEX ON solutions USING gin (words) WITH (fastupdate = off);
             CREATE INDEX ON solutions USING gin (title gin_trgm_ops) WITH (fastupdate = off)",
        )?;
        client.batch_execute("VACUUM ANALYZE solutions")?;
        let by_words = client.prepare(
            "SELECT place FROM solutions, to_tsquery('english', $1) query WHERE words @@ query
             ORDER BY ts_rank('{0.25, 0.25, 0.25, 1.0}', words, query) DESC, place LIMIT $2",
        )?;
        let by_trigrams = client.prepare(
            "SELECT place FROM solutions WHERE $1 <% title ORDER BY word_similarity($1, title) DESC, place LIMIT $2",
        )?;
        Ok(Self { client, by_words, by_trigrams })
    }
}

impl Peer for Postgres {
    fn ask(&mut self, text: &str) -> Result<Vec<usize>> {
        let Words { whole, open } = Words::of(text);
        let terms: Vec<String> = whole.into_iter().chain(open.map(|word| format!("{word}:*"))).collect();
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.client.query(&self.by_words, &[&terms.join(" | "), &(LISTED as i64)])?;
        if found.is_empty() {
            found = self.client.query(&self.by_trigrams, &[&text, &(LISTED as i64)])?;
        }
        found.iter().map(|row| Ok(row.try_get::<_, i32>(0)? as usize)).collect()
    }
}
