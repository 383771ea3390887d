//! Surveys (AGREE-05): one question after a resolution, never two to a person within 14 days. `sending` asks, `answers` takes the
//! answer once, `figures` adds up.

pub mod answers;
pub mod figures;
mod queries;
pub mod sending;
