//! The SQL of the live chat: `chats` their rows, `log` their events and marks, `batch` many messages at once, `fold`
//! those of the log's tail, `files` what is attached, `transcripts` what goes out by mail, `line` who waits and offers, `board` what
//! the board shows, `desk` handing on and what else the desk's people do with a chat, `presence` who is connected where.

pub mod batch;
mod board;
mod chats;
mod desk;
pub mod files;
pub mod fold;
mod line;
mod log;
mod presence;
mod transcripts;

pub use board::*;
pub use chats::*;
pub use desk::*;
pub use line::*;
pub use log::*;
pub use presence::*;
pub use transcripts::*;
