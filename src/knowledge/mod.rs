//! The knowledge base: solutions, the engine that suggests them while a customer types, and what customers said of them.
//!
//! | | |
//! | --- | --- |
//! | [`language`] | which there are: stems, function words |
//! | `lexical` | the words of a text against those of the solutions |
//! | `meaning` | what a text means, as a vector, by a model in the program |
//! | `wording` | what a text that is being typed will say |
//! | [`cases`] | what closed cases say of the solutions that closed them |
//! | [`engine`] | all of it for one desk, and how the evidence becomes one order; pure |
//! | [`suggest`] | who asks, and which rung of the ladder answers |
//! | [`learn`], `shelf` | the engine in step with the database, and what the texts mean worked out |
//! | [`solution`], [`markdown`], [`pictures`] | what a solution is made of |
//! | [`editing`], [`catalog`] | drafts, review, versions; the editors' lists |
//! | [`exchange`] | solutions to files and from files |
//! | [`reading`], [`feedback`] | what readers find, open and rate: on the help pages, in a chat |
//! | [`budget`], [`upkeep`] | how much of that counts, and for how long |
//! | [`reports`] | what editors should look at |

pub mod budget;
pub mod cases;
pub mod catalog;
pub mod editing;
pub mod engine;
pub mod exchange;
pub mod feedback;
pub mod language;
pub mod learn;
pub mod lexical;
pub mod markdown;
pub mod meaning;
pub mod pictures;
mod queries;
pub mod reading;
pub mod reports;
mod shelf;
pub mod solution;
pub mod suggest;
pub mod upkeep;
mod wording;

use clap::ValueEnum;
use serde::Deserialize;

/// A rung of the ladder: how much is asked of a text. The higher ones come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Its words alone.
    Lexical,
    /// What its words mean on the average.
    Static,
    /// What it means.
    #[default]
    Full,
}
