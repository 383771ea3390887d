//! Cases: what a chat or a left message becomes; the tiers; the owner who stays.
//!
//! `proposal` (pure) reads a case out of a transcript, `from_chat` and `left_message` make cases, `case` shows them,
//! `escalation` moves them through the tiers, `notice` tells their owner.

pub mod case;
pub mod escalation;
pub mod from_chat;
pub mod left_message;
pub mod notice;
pub mod past;
pub mod proposal;
mod queries;
