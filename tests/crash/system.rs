//! What a run needs of a desk under test: one node on a SQLite file (`desk.rs`), or several on PostgreSQL (`cluster.rs`).

use std::{fmt::Debug, net::SocketAddr, path::PathBuf};

use rand::rngs::StdRng;

use crate::{checker::Contents, client::Shared, ledger::Violation, table::Table};

/// The kinds of faults of a system.
pub trait Kind: Copy + PartialEq + Debug + 'static {
    const ALL: &'static [Self];

    fn words(self) -> &'static str;

    /// Whether it makes logs so long that a new desk takes the old one's place.
    fn floods(self) -> bool {
        false
    }
}

/// A desk under test.
pub trait System: Sized {
    /// What all desks of a run start from.
    type Ground;
    type Fault: Kind;
    /// What is chosen for a run.
    type Choice: Copy;

    /// Prepares the ground in a folder.
    async fn prepare(folder: PathBuf, program: PathBuf, bug: Option<String>, with: Self::Choice) -> Self::Ground;

    /// A new desk, serving.
    async fn open(ground: &Self::Ground, name: &str) -> Result<Self, Violation>;

    fn nodes(&self) -> Vec<SocketAddr>;

    /// What is a little different in each round, apart from the fault.
    fn vary(&self, rng: &mut StdRng);

    /// Inflicts a fault and heals it; afterwards the desk works again.
    async fn inflict(&mut self, fault: Self::Fault, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation>;

    /// Fails if a process has ended that should run.
    fn runs(&mut self) -> Result<(), Violation>;

    /// What the database holds while the nodes run.
    async fn contents(&self) -> Result<Contents, Violation>;

    /// Stops; what the database holds afterwards.
    async fn stop(&mut self, table: &mut Table) -> Result<Contents, Violation>;

    /// The last lines of the nodes' logs.
    fn log(&self) -> String;

    /// Ends all that still runs, and removes its files unless they are kept for those who look for what went wrong.
    async fn remove(self, keep_files: bool);
}
