//! The SQL of the live chat: `chats` their rows, `log` their events and marks, `line` offers, presence and the board.

mod chats;
mod line;
mod log;

pub use chats::*;
pub use line::*;
pub use log::*;
