//! Who gets support, and who is refused with grace (AGREE-06 to AGREE-08): accounts in good standing, through the people who speak for
//! them, within what was agreed.
//!
//! `judge` (pure) decides; `agreement` has what admins set, the words of refusals among it; `check` asks it for whoever comes, `refused`
//! keeps what they wrote. `rulings` and `standing` are what supervisors say about an account or a person; `customers` finds and shows
//! them.

pub mod agreement;
pub mod check;
pub mod customers;
pub mod judge;
mod queries;
pub mod refused;
pub mod rulings;
pub mod standing;
