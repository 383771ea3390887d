//! LIVE-08: a message that the server acknowledged is never lost, doubled or reordered, whatever fails. Real processes, real
//! sockets, a disk that loses power (`powercut.c`); everything random comes from one seed. `docs/reliability.md` tells more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a harness says what went wrong by panicking"
)]

mod checker;
mod client;
mod cluster;
mod demo;
mod desk;
mod disk;
mod faults;
mod ledger;
mod planted;
mod process;
mod run;
mod selftest;
mod system;
mod table;
mod writer;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use cluster::Cluster;
use desk::Desk;
use faults::Mix;
use rand::{SeedableRng, rngs::StdRng};

/// The exit status of what cannot be run here.
const NOT_RUN: u8 = 77;

#[derive(Parser)]
#[command(about = "Breaks a desk in every way and checks that nothing acknowledged was lost, doubled or reordered")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Repeats the random choices of an earlier run; it prints its own at the start.
    #[arg(long, global = true)]
    seed: Option<u64>,
    /// Keeps the data folders even when all went well.
    #[arg(long, global = true)]
    keep: bool,
}

#[derive(Subcommand)]
enum Command {
    /// All kinds of faults for a time; a step of `tests/run`.
    Gate {
        #[arg(long, default_value_t = 90)]
        seconds: u64,
    },
    /// A given number of each fault.
    Long(Mix),
    /// Several nodes on PostgreSQL and NATS, each on a network of its own: it takes root.
    Cluster {
        /// How many faults of any kind; without it, as many as the time allows.
        #[arg(long)]
        faults: Option<usize>,
        /// Two or three.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=3))]
        nodes: u8,
        /// How long, if the faults are not counted; a step of `tests/run`.
        #[arg(long, default_value_t = 25)]
        seconds: u64,
        /// Only faults whose name in the table has this in it.
        #[arg(long, default_value = "")]
        only: String,
        /// The nodes with planted bugs instead: each must be caught.
        #[arg(long)]
        planted: bool,
        /// Only these bugs.
        #[arg(requires = "planted")]
        bugs: Vec<String>,
    },
    /// The server with planted bugs: each must be caught.
    Planted {
        /// Only these.
        bugs: Vec<String>,
        /// The longest time for one of them.
        #[arg(long, default_value_t = 120)]
        seconds: u64,
    },
    /// Does the disk lose power at all?
    SelfTest,
    /// The self-test's own writer.
    #[command(hide = true)]
    WriteRows { synchronous: String, file: PathBuf },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| u64::from(u32::from_ne_bytes(deskbell::clock::random_bytes())));
    let keep = arguments.keep;
    if let Command::Cluster { planted, .. } = arguments.command {
        if planted {
            // Where there is a network.
            planted::build();
        }
        match cluster::world::enter() {
            None => {}
            Some(Ok(ended)) => return ended,
            Some(Err(why)) => {
                println!("NOT RUN: the nodes' part needs network namespaces: {why}");
                return NOT_RUN.into();
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let went_well = runtime.block_on(async {
        if let Command::WriteRows { synchronous, file } = &arguments.command {
            selftest::write_rows(synchronous, file).await;
        }
        println!("seed {seed}");
        match arguments.command {
            Command::Gate { seconds } => {
                selftest::disk_loses_power().await
                    && run::report::<Desk>(seed, keep, run::mixed(seed, Duration::from_secs(seconds), ""), ()).await
            }
            Command::SelfTest | Command::WriteRows { .. } => selftest::disk_loses_power().await,
            Command::Long(mix) => {
                let faults = mix.shuffled(&mut StdRng::seed_from_u64(seed));
                run::report::<Desk>(seed, keep, faults.into_iter(), ()).await
            }
            Command::Cluster { planted: true, bugs, nodes, .. } => {
                planted::on_several(seed, &bugs, Duration::from_secs(120), nodes).await
            }
            Command::Cluster { faults, nodes, seconds, only, .. } => {
                println!("{nodes} nodes, PostgreSQL, NATS");
                let time = if faults.is_some() { Duration::MAX } else { Duration::from_secs(seconds) };
                let faults = run::mixed(seed, time, &only).take(faults.unwrap_or(usize::MAX));
                run::report::<Cluster>(seed, keep, faults, nodes).await
            }
            Command::Planted { bugs, seconds } => planted::on_one_node(seed, &bugs, Duration::from_secs(seconds)).await,
        }
    });
    if went_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
