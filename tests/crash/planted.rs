//! Proof that the harness sees: the server with planted bugs (`src/planted.rs`), each of which must be caught.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use tokio::time::{Duration, Instant};

use crate::{
    desk::Desk,
    faults::Fault::{
        self, DiskFull, Kill, KillThenPowerCut, Network, PowerCut, Restart, RestartThenPowerCut, SlowReaders, SyncError,
    },
    run,
    system::System,
};

/// Each bug with the faults that should show it.
const BUGS: [(&str, &[Fault]); 15] = [
    ("acknowledged-before-commit", &[Kill, PowerCut]),
    ("told-before-commit", &[Kill, DiskFull]),
    ("synchronous-normal", &[PowerCut, KillThenPowerCut]),
    ("recovered-without-sync", &[KillThenPowerCut]),
    ("stopped-without-sync", &[RestartThenPowerCut]),
    ("no-dedupe", &[Network]),
    ("no-counter", &[Network, DiskFull]),
    ("wrong-number-again", &[Network]),
    ("sequence-from-memory", &[Restart, Kill]),
    ("no-pool-guard", &[DiskFull]),
    ("outbox-drops", &[SlowReaders]),
    ("seam-one-late", &[Network]),
    ("seam-log-first", &[Network]),
    ("sync-error-ignored", &[SyncError]),
    ("stays-after-sync-error", &[SyncError]),
];

/// Plants each bug (or those that are named) and runs until it is caught; false: one was not, or the server without any fails.
pub async fn all(seed: u64, only: &[String], each: Duration) -> bool {
    let unknown: Vec<_> = only.iter().filter(|name| !BUGS.iter().any(|(bug, _)| bug == name)).collect();
    assert!(unknown.is_empty(), "no such bugs: {unknown:?}");
    let program = build();
    let mut lines = Vec::new();
    let mut all_caught = true;
    for (bug, faults) in BUGS.iter().filter(|(bug, _)| only.is_empty() || only.iter().any(|name| name == bug)) {
        let folder = tempfile::Builder::new().prefix("deskbell-planted-").tempdir().unwrap();
        let ground = Desk::prepare(folder.path().to_owned(), program.clone(), Some((*bug).to_owned()), ()).await;
        let start = Instant::now();
        let mut rng = StdRng::seed_from_u64(seed);
        let faults = std::iter::from_fn(|| faults.choose(&mut rng).copied().filter(|_| start.elapsed() < each));
        let outcome = run::rounds::<Desk>(&ground, seed, faults).await;
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
fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_deskbell")).parent().unwrap();
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.args(["build", "--locked", "--features", "planted-bugs", "--bin", "deskbell-planted", "--target-dir"]);
    cargo.arg(folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().unwrap().success(), "the server with planted bugs is built");
    folder.join("deskbell-planted")
}
