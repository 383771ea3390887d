//! The program: reads its arguments and does what they say.

use std::process::ExitCode;

use clap::Parser;

/// Slow hashing takes 19 MiB a time on whichever thread is free; the system's allocator keeps that for each of them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskbell::commands::run(deskbell::commands::Arguments::parse())
}
