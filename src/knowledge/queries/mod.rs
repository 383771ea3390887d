//! The SQL of the knowledge base: `engine` what is suggested and learned, `editing` drafts and versions, `reading` what readers
//! open and look for, `reports` what editors should look at, `exchange` all solutions for files and from files.

mod editing;
mod engine;
mod exchange;
mod reading;
mod reports;

pub use editing::*;
pub use engine::*;
pub use exchange::*;
pub use reading::*;
pub use reports::*;
