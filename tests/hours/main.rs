//! Business time: hand-checked tables, and properties against an oracle that looks at every minute of 30 years of zones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests say what went wrong by panicking"
)]

mod office;
mod oracle;

mod business;
mod clocks;
mod holidays;
mod pandas;
mod properties;
mod table;
