//! The knowledge base: solutions, the engine that suggests them while a customer types, and what customers said of them.
//!
//! | | |
//! | --- | --- |
//! | `lexical` | the words of a text against those of the solutions |
//! | `meaning` | what a text means, as a vector, by a model in the program |
//! | `wording` | what a text that is being typed will say |
//! | [`engine`] | all of it for one desk, and how the evidence becomes one order; pure |
//! | [`suggest`] | the desk's engine, in step with the database |
//! | [`solution`], [`feedback`] | solutions, and what customers did with them |

pub mod engine;
pub mod feedback;
pub mod lexical;
pub mod meaning;
mod queries;
pub mod solution;
pub mod suggest;
mod wording;
