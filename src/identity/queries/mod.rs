//! The SQL of identity: `customers`, `tries` (PINs), `staff`, `sessions`, `directory` (sites, teams, categories).

mod customers;
mod directory;
mod sessions;
mod staff;
mod tries;

pub use customers::*;
pub use directory::*;
pub use sessions::*;
pub use staff::*;
pub use tries::*;
