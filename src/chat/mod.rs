//! The live chat: one ordered log a chat, sockets that follow it, the line and who gets the next one.
//!
//! `protocol` is what crosses a socket, `handshake` and `connection` are one socket, `hub` fans out into each one's `inbox`, `pulse`
//! tells who is asked whether they are still there, `journal` writes messages by the rules of `admission` (pure), on SQLite by way
//! of the `ledger` and what its `memory` knows, `conversation` holds the verbs of a chat's life, `queue` and `offers` the line,
//! `routing` (pure) and `router` who gets whom, `transfer` what is handed on, `lost` what nobody holds any more, `steer` what supervisors
//! do, `asides` what only the desk sees, `access` who may read, `drafts`, `tags`, `merge` and `files` what their names say,
//! `transcript` what is mailed to the customer, `presence` who is there, by way of `notes`, `window` what the close of the live-chat
//! window does, `board` what consoles and wallboards see.

pub mod access;
mod admission;
pub mod asides;
pub mod board;
mod connection;
pub mod conversation;
mod dispatch;
pub mod drafts;
pub mod files;
mod gather;
pub mod handshake;
pub mod hub;
mod inbox;
pub mod journal;
pub mod ledger;
pub mod log;
mod lost;
pub mod marks;
mod memory;
pub mod merge;
pub mod notes;
pub mod offers;
mod page;
pub mod presence;
pub mod protocol;
pub mod protocol_page;
mod pulse;
mod queries;
pub mod queue;
pub mod router;
pub mod routing;
mod seat;
pub mod steer;
pub mod tags;
pub mod transcript;
pub mod transfer;
pub mod window;

pub use queries::ChatRow;

/// The last numbers of some chats' logs.
pub async fn last_numbers(app: &crate::app::App, chats: &[uuid::Uuid]) -> crate::error::Result<Vec<(uuid::Uuid, i64)>> {
    if chats.is_empty() {
        return Ok(Vec::new());
    }
    Ok(queries::batch::last_numbers(&app.db, chats).await?)
}

/// All events of a chat within the caller's transaction, oldest first.
pub async fn events_in(
    work: &mut crate::work::Work<'_>,
    chat: uuid::Uuid,
) -> crate::error::Result<Vec<protocol::EventView>> {
    Ok(queries::events_of(&mut work.tx, chat).await?.into_iter().map(queries::EventRow::into_view).collect())
}
