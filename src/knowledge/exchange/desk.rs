//! All solutions of a desk as they are: what goes to files, and what files are compared with.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    error::Result,
    identity::directory,
    knowledge::{queries, solution::Content},
    store::Db,
};

use super::record::State;

/// A solution.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// The server's id.
    pub id: Uuid,
    /// The last version that was published; 0: none yet.
    pub version: i64,
    /// Whether readers see it.
    pub published: bool,
    /// Who wrote that version.
    pub author: String,
    /// What it says.
    #[sqlx(flatten)]
    pub content: Content,
}

impl Known {
    /// What it is for readers.
    pub fn state(&self) -> State {
        match self.version {
            0 => State::Draft,
            _ if self.published => State::Published,
            _ => State::Retired,
        }
    }
}

/// A solution's draft.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Being {
    /// The solution.
    pub solution_id: Uuid,
    /// Counts its changes.
    pub edit: i64,
    /// Who began it.
    pub author_id: Uuid,
    /// Who changed it last.
    pub editor_id: Uuid,
    /// The same, by name.
    pub editor: String,
    /// What it says.
    #[sqlx(flatten)]
    pub content: Content,
}

/// The desk at one moment.
pub struct Desk {
    /// The solutions in the order of their ids.
    pub solutions: Vec<Known>,
    /// The drafts by their solutions.
    pub drafts: HashMap<Uuid, Being>,
    /// Pictures, each with its solution and its kind.
    pub pictures: HashMap<Uuid, (Uuid, String)>,
    /// The keys of the categories.
    pub categories: Vec<String>,
}

impl Desk {
    /// Reads all of it.
    pub async fn read(db: &Db) -> Result<Self> {
        let drafts = queries::all_drafts(db).await?;
        let pictures = queries::all_pictures(db).await?;
        let categories = directory::categories(db).await?;
        let mut this = Self {
            solutions: queries::all_solutions(db).await?,
            drafts: drafts.into_iter().map(|draft| (draft.solution_id, draft)).collect(),
            pictures: pictures.into_iter().map(|(id, solution, kind)| (id, (solution, kind))).collect(),
            categories: categories.into_iter().map(|category| category.key).collect(),
        };
        // What was never published is what its draft says.
        for solution in this.solutions.iter_mut().filter(|solution| solution.version == 0) {
            if let Some(draft) = this.drafts.get(&solution.id) {
                solution.content = draft.content.clone();
            }
        }
        Ok(this)
    }
}
