//! Cases: what a chat or a left message becomes; the tiers; the owner who stays.
//!
//! `lifecycle` (pure) says who may move a case where, `sla` and `explain` (pure) what was promised and when that falls due, `ageing`
//! (pure) what happens to those that nobody takes or moves.
//! `proposal` (pure) reads a case out of a transcript; `from_chat` and `left_message` make cases, `let_through` of what was refused,
//! `past` brings old ones in.
//! `moves`, `comments`, `files` and `relations` (links between cases) are what people do with them, each as a step (`steps`), `watching`
//! who hears of it beside those whose case it is; `clocks` keeps the promises in sight, `reminders`
//! does what time brings, `offers` asks people to take what waits, `case` shows it all, `search` finds them, `notice` tells whom it concerns, `mail` the customer, who goes on
//! by one of the `links`.

pub mod ageing;
pub mod case;
pub mod clocks;
pub mod comments;
pub mod explain;
pub mod files;
pub mod from_chat;
pub mod left_message;
pub mod let_through;
pub mod lifecycle;
pub mod links;
pub mod mail;
pub mod moves;
pub mod notice;
pub mod offers;
pub mod past;
pub mod proposal;
mod queries;
pub mod relations;
mod reminders;
pub mod search;
pub mod sla;
pub mod steps;
pub mod watching;

/// A number that is another one after each change of any case, on whichever node.
pub async fn last_change(app: &crate::app::App) -> crate::error::Result<i64> {
    // The ids of the latest changes, not only of the last: clocks of nodes differ, so a change need not be the newest.
    let latest = queries::steps::latest_changes(&app.db).await?;
    let mixed = latest.iter().fold(0_u64, |mixed, id| mixed.rotate_left(5) ^ id.as_u64_pair().0 ^ id.as_u64_pair().1);
    // Browsers count exactly up to 53 bits.
    Ok(i64::try_from(mixed >> 11).unwrap_or_default())
}
