//! What admins set up, and the record of who changed what. Each thing has its verbs in a file; all of them hold the same lock
//! (`change`), say what is wrong with which field, and note what they did (`audit`) in the same transaction.

pub mod audit;
pub mod categories;
pub mod change;
pub mod log;
pub mod overview;
pub mod people;
pub mod promises;
mod queries;
pub mod replies;
pub mod rules;
pub mod severities;
pub mod sites;
pub mod stored;
pub mod tags;
pub mod teams;
pub mod thresholds;
