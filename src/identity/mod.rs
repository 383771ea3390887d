//! Who is who: accounts and their contacts, the call-in PIN, the desk's people, sessions, and who may do what.

pub mod account;
pub mod contact;
pub mod directory;
pub mod hashing;
pub mod pin;
pub mod pin_budget;
mod queries;
pub mod session;
pub mod site;
pub mod staff;
