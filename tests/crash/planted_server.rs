//! The server with bugs that can be planted, under a name of its own: the real one is never built with them.

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskbell::commands::run(deskbell::commands::Arguments::parse())
}
