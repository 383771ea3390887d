//! Business time: when each channel is open, right through every clock change, holiday and opening by hand.
//!
//! `calendar`, `intakes`, `business`, `holidays` and what they stand on (`wall`, `window`, `weekly`) are pure: values in,
//! values out. `desk` holds the desk's own hours as the database has them, `setup` changes them.

pub mod business;
pub mod calendar;
pub mod desk;
pub mod form;
pub mod holidays;
pub mod intakes;
mod queries;
pub mod setup;
mod wall;
pub mod weekly;
pub mod window;

pub use desk::Hours;
pub use wall::{Zone, first_at, moment, wall_clock};
