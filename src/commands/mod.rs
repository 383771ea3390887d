//! The command line: without a command it is the demo.

mod admin;
mod demo;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Live support for companies whose customers are other companies. Without a command it runs the demo.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    demo: demo::DemoArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a made-up vendor with its customers, people and solutions.
    Demo(demo::DemoArguments),
    /// Serve a desk of your own.
    Serve(serve::ConfigArguments),
    /// Check a configuration and say what is wrong with it.
    Check(serve::ConfigArguments),
    /// Make teams, categories, people, customers and sites from the command line.
    Admin(admin::AdminArguments),
    /// Print the page that describes the live protocol.
    Protocol,
}

/// Does what the arguments say.
pub fn run(arguments: Arguments) -> ExitCode {
    let command = arguments.command.unwrap_or(Command::Demo(arguments.demo));
    let outcome = match command {
        Command::Protocol => {
            print!("{}", crate::chat::protocol_page::page());
            return ExitCode::SUCCESS;
        }
        Command::Check(arguments) => serve::check(&arguments),
        Command::Demo(arguments) => in_runtime(demo::run(arguments)),
        Command::Serve(arguments) => in_runtime(serve::run(arguments)),
        Command::Admin(arguments) => in_runtime(admin::run(arguments)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("deskbell: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What a command answers: words for whoever typed it.
type Outcome = Result<(), String>;

/// An error in words for whoever typed the command.
fn words(error: Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.message,
        Error::Internal(cause) => cause.to_string(),
    }
}

fn in_runtime(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let outcome = runtime.block_on(work);
    // After a failure something may hang in the system; it must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}
