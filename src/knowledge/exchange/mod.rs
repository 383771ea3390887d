//! Solutions to files and from files: a folder of Markdown, or a CSV.
//!
//! | | |
//! | --- | --- |
//! | [`record`] | a solution as files have it, and what its fields mean |
//! | [`front`], [`table`] | the text of a file: Markdown with fields before it, a CSV |
//! | [`source`] | where pictures and the heading stand in Markdown |
//! | [`folder`] | the files: found, read, and the pictures beside them |
//! | [`desk`] | the solutions as they are |
//! | [`matching`] | which solution of the desk each one is |
//! | [`plan`] | what an import would do, and all that is wrong with it, before anything is written |
//! | [`import`], [`export`] | the verbs |

pub mod desk;
pub mod export;
pub mod folder;
pub mod front;
pub mod import;
pub mod matching;
pub mod plan;
pub mod record;
pub mod source;
pub mod table;
