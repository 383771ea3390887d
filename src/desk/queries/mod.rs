//! The SQL of what admins set, and of the record: a file a thing.

pub mod audit;
pub mod categories;
pub mod people;
pub mod replies;
pub mod rules;
pub mod sites;
pub mod tags;
pub mod teams;
pub mod thresholds;
