//! Proof that the harness sees: the server with planted bugs (`src/planted.rs`), each of which must be caught.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use tokio::time::{Duration, Instant};

use crate::{
    cluster::{self, Cluster, world},
    desk::Desk,
    faults::Fault::{
        self, DiskFull, Kill, KillThenPowerCut, Network, PowerCut, RestartThenPowerCut, SlowReaders, SyncError,
    },
    run,
    system::System,
};

/// Each bug with the faults that should show it on one node.
const ON_ONE_NODE: [(&str, &[Fault]); 15] = [
    ("acknowledged-before-commit", &[Kill, PowerCut]),
    ("told-before-commit", &[Kill, DiskFull]),
    ("synchronous-normal", &[PowerCut, KillThenPowerCut]),
    ("recovered-without-sync", &[KillThenPowerCut]),
    ("stopped-without-sync", &[RestartThenPowerCut]),
    ("no-dedupe", &[Network]),
    ("no-counter", &[Network, DiskFull]),
    ("wrong-number-again", &[Network]),
    ("sequence-from-memory", &[DiskFull]),
    ("no-pool-guard", &[DiskFull]),
    ("outbox-drops", &[SlowReaders]),
    ("seam-one-late", &[Network]),
    ("seam-log-first", &[Network]),
    ("sync-error-ignored", &[SyncError]),
    ("stays-after-sync-error", &[SyncError]),
];

/// Each bug with the faults that should show it on several.
const ON_SEVERAL: [(&str, &[cluster::Fault]); 10] = [
    ("no-poll", &[cluster::Fault::KillNats]),
    ("hint-as-data", &[cluster::Fault::KillPostgres, cluster::Fault::KillAll]),
    ("sequence-from-memory", &[cluster::Fault::KillPostgres]),
    ("acknowledged-before-commit", &[cluster::Fault::Kill, cluster::Fault::KillPostgres]),
    ("told-before-commit", &[cluster::Fault::KillPostgres]),
    ("no-dedupe", &[cluster::Fault::Network]),
    ("no-counter", &[cluster::Fault::Network]),
    ("wrong-number-again", &[cluster::Fault::Network]),
    ("seam-one-late", &[cluster::Fault::Network]),
    ("seam-log-first", &[cluster::Fault::KillNats]),
];

/// Plants each bug (or those that are named) in one node and runs until it is caught; false: one was not.
pub async fn on_one_node(seed: u64, only: &[String], each: Duration) -> bool {
    all::<Desk>(seed, &ON_ONE_NODE, only, each, ()).await
}

/// The same in several nodes.
pub async fn on_several(seed: u64, only: &[String], each: Duration, nodes: u8) -> bool {
    all::<Cluster>(seed, &ON_SEVERAL, only, each, nodes).await
}

async fn all<S: System>(
    seed: u64,
    bugs: &[(&str, &[S::Fault])],
    only: &[String],
    each: Duration,
    choice: S::Choice,
) -> bool {
    let unknown: Vec<_> = only.iter().filter(|name| !bugs.iter().any(|(bug, _)| bug == name)).collect();
    assert!(unknown.is_empty(), "no such bugs: {unknown:?}");
    let program = build();
    let mut lines = Vec::new();
    let mut all_caught = true;
    for (bug, faults) in bugs.iter().filter(|(bug, _)| only.is_empty() || only.iter().any(|name| name == bug)) {
        let folder = tempfile::Builder::new().prefix("deskbell-planted-").tempdir().unwrap();
        let bug_to_plant = Some((*bug).to_owned());
        let ground = S::prepare(folder.path().to_owned(), program.clone(), bug_to_plant, choice).await;
        let start = Instant::now();
        let mut rng = StdRng::seed_from_u64(seed);
        let faults = std::iter::from_fn(|| faults.choose(&mut rng).copied().filter(|_| start.elapsed() < each));
        let outcome = run::rounds::<S>(&ground, seed, faults).await;
        let (rounds, seconds) = (outcome.rounds, start.elapsed().as_secs());
        let caught = match &outcome.violation {
            // A desk that cannot even be prepared proves nothing.
            Some((violation, _)) if rounds > 0 => {
                println!("{bug}: {}\n  {:.400}", violation.check, violation.story);
                violation.check
            }
            _ => {
                println!("{bug}: NOT CAUGHT {:?}", outcome.violation.map(|(violation, _)| violation));
                all_caught = false;
                "NOT CAUGHT"
            }
        };
        lines.push(format!("  {bug:<30}{caught:<40}{rounds:>4} rounds{seconds:>5} s"));
    }
    println!("\nplanted bug                     caught by the check                      after\n{}", lines.join("\n"));
    all_caught
}

/// Builds the server with the bugs, beside the one without.
pub fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_deskbell")).parent().unwrap();
    if world::is_inside() {
        // Built before the way in: there is no network here.
        return folder.join("deskbell-planted");
    }
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.args(["build", "--locked", "--features", "planted-bugs", "--bin", "deskbell-planted", "--target-dir"]);
    cargo.arg(folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "the server with planted bugs is built");
    folder.join("deskbell-planted")
}
