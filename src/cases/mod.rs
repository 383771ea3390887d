//! Cases: what a chat or a left message becomes; the tiers; the owner who stays.
//!
//! `proposal` (pure) reads a case out of a transcript, `from_chat` and `left_message` make cases, `case` shows them,
//! `escalation` moves them through the tiers, `resolution` ends them, `notice` tells their owner.

pub mod case;
pub mod escalation;
pub mod from_chat;
pub mod left_message;
pub mod notice;
pub mod past;
pub mod proposal;
mod queries;
pub mod resolution;

/// A number that is another one after each change of any case, on whichever node.
pub async fn last_change(app: &crate::app::App) -> crate::error::Result<i64> {
    // The ids of the latest changes, not only of the last: clocks of nodes differ, so a change need not be the newest.
    let latest = queries::latest_changes(&app.db).await?;
    let mixed = latest.iter().fold(0_u64, |mixed, id| mixed.rotate_left(5) ^ id.as_u64_pair().0 ^ id.as_u64_pair().1);
    // Browsers count exactly up to 53 bits.
    Ok(i64::try_from(mixed >> 11).unwrap_or_default())
}
