//! What admins set up, and the record of who changed what.

pub mod audit;
mod queries;
pub mod rules;
