//! The SQL of the live chat: `chats` their rows, `log` their events and marks, `batch` many messages at once, `fold`
//! those of the log's tail, `line` offers and the board, `presence` who is connected where.

pub mod batch;
mod chats;
pub mod fold;
mod line;
mod log;
mod presence;

pub use chats::*;
pub use line::*;
pub use log::*;
pub use presence::*;
