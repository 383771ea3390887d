//! Suggestions while the customer types: up to ten solutions, best first, from the index in memory.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::watch;
use uuid::Uuid;

use crate::{chat::protocol::SuggestionView, error::Result, input::snippet, store::Db};

use super::{
    lexical::{
        index::{Document, Index, Scratch},
        text::Language,
    },
    queries,
    solution::Solution,
};

/// How many suggestions show at the most.
pub const MOST: usize = 10;
/// The longest text that is searched with, in characters: of a longer one the end counts, where the writer is.
const LONGEST: usize = 500;
/// The length of a snippet, in characters.
const SNIPPET: usize = 140;

/// The index with what it shows.
struct Shelf {
    index: Index<Uuid>,
    views: HashMap<Uuid, SuggestionView>,
}

/// The desk's knowledge, ready to be asked.
pub struct Knowledge(watch::Sender<Arc<Shelf>>);

impl Knowledge {
    /// Reads all published solutions and builds the index.
    pub async fn load(db: &Db) -> Result<Self> {
        Ok(Self(watch::Sender::new(Arc::new(shelf(db).await?))))
    }

    /// Builds the index again, after solutions changed.
    pub async fn reload(&self, db: &Db) -> Result<()> {
        self.0.send_replace(Arc::new(shelf(db).await?));
        Ok(())
    }

    /// Solutions for a text that is being typed, best first.
    pub fn suggest(&self, text: &str) -> Vec<SuggestionView> {
        let shelf = self.0.borrow().clone();
        let hits = shelf.index.search(searched(text), MOST, &mut Scratch::default());
        hits.iter().filter_map(|hit| shelf.views.get(&hit.id).cloned()).collect()
    }
}

/// The end of a text, with which is searched.
pub fn searched(text: &str) -> &str {
    let start = text.char_indices().rev().nth(LONGEST - 1).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or(text)
}

async fn shelf(db: &Db) -> Result<Shelf> {
    let solutions: Vec<Solution> = queries::published(db).await?;
    let documents: Vec<_> = solutions
        .iter()
        .map(|s| Document { id: s.id, title: &s.title, body: &s.body, category: &s.category_key, cases: "" })
        .collect();
    let index = Index::build(Language::English, &documents);
    let view = |s: &Solution| SuggestionView { id: s.id, title: s.title.clone(), snippet: snippet(&s.body, SNIPPET) };
    Ok(Shelf { index, views: solutions.iter().map(|s| (s.id, view(s))).collect() })
}
