//! The load bench: two people a chat, each waiting for the other's message and its own acknowledgement. One command, one table.
//!   cargo bench --bench load -- chat --chats 50,500 --secs 10            closed loop
//!   cargo bench --bench load -- rate --chats 500 --rate 1000             open loop
//!   cargo bench --bench load -- idle --conns 5000,10000                  memory of idle connections
//!   cargo bench --bench load -- startup                                  until the first session, with stored messages
//!   cargo bench --bench load -- learn --kb kb.jsonl                      until suggestions know an edit, a case; memory
//! `--database postgres://…` uses that empty database; `--runs 3` takes the best of three. Peers are measured in the same run
//! when a line for each is given: `--peer 'relay=raw:7001:PROGRAM ARGUMENTS…'` (`raw` or `sio`; see `client.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod arguments;
mod client;
mod desk;
mod drive;
mod learn;
mod process;

use arguments::Arguments;

fn main() {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(drive::run(&arguments));
    // Thousands of sockets need no farewell.
    std::process::exit(0);
}
