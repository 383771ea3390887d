//! The figures behind the wallboard, and their history.
//!
//! `facts` and `served` (pure) say what is known of a chat and of people's time, `day` (pure) counts it. `today` keeps the facts of
//! today in memory and `live` pushes what they say; `history` counts any range that a `question`
//! asks for; `watch` tells when a threshold is crossed. `trace` and `presence` note what the log and
//! the leases only say in passing: who served a chat from when to when, and in which state a person was.

pub mod day;
pub mod facts;
pub mod history;
pub mod live;
pub mod presence;
mod queries;
pub mod question;
pub mod served;
#[cfg(test)]
mod tests;
pub mod thresholds;
mod today;
pub mod trace;
pub mod view;
pub mod watch;
