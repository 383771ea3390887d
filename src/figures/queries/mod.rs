//! The SQL of the figures: `chats` facts of chats, `people` their time, `board` what else the wallboard shows.

mod board;
mod chats;
mod people;

pub use board::*;
pub use chats::*;
pub use people::*;

use sqlx::types::Json;
use uuid::Uuid;

/// Ids as both engines' texts read them.
fn ids(ids: &[Uuid]) -> Json<Vec<String>> {
    Json(ids.iter().map(|id| id.simple().to_string()).collect())
}
