//! The command line: without a command it is the demo.

mod admin;
mod backup;
mod demo;
mod move_desk;
mod restore;
mod serve;
mod solutions;
mod suggest_eval;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{error::Error, store::backup::TableSum};

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
    /// Copy the desk, which may be running, into one new file.
    Backup(backup::BackupArguments),
    /// Make a desk out of a backup.
    Restore(restore::RestoreArguments),
    /// Copy a stopped desk from SQLite to PostgreSQL.
    Move(move_desk::MoveArguments),
    /// Write all solutions to files, or take solutions in from files, while the desk runs or not.
    Solutions(solutions::SolutionsArguments),
    /// Measure suggestions on questions whose answers are known.
    SuggestEval(suggest_eval::EvalArguments),
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
        Command::SuggestEval(arguments) => suggest_eval::run(&arguments),
        Command::Demo(arguments) => in_runtime(demo::run(arguments)),
        Command::Serve(arguments) => in_runtime(serve::run(arguments)),
        Command::Admin(arguments) => in_runtime(admin::run(arguments)),
        Command::Backup(arguments) => in_runtime(unless_stopped(backup::run(arguments))),
        Command::Solutions(arguments) => in_runtime(unless_stopped(solutions::run(arguments))),
        Command::Restore(arguments) => in_runtime(unless_stopped(restore::run(arguments))),
        Command::Move(arguments) => in_runtime(unless_stopped(move_desk::run(arguments))),
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

/// Breaks the work off when a signal comes, so that it can take away what is half done.
async fn unless_stopped(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::select! {
        done = work => done,
        signalled = serve::signal() => signalled.and(Err("stopped before it was done".into())),
    }
}

/// What each table holds.
fn table_of(sums: &[TableSum]) -> String {
    let mut sums: Vec<&TableSum> = sums.iter().collect();
    sums.sort_by_key(|s| &s.table);
    let lines = sums.iter().map(|s| format!("{:<20} {:>12}  {}\n", s.table, s.rows, &s.sha256[..12]));
    format!("{:<20} {:>12}  SHA-256\n{}", "Table", "Rows", lines.collect::<String>())
}

fn in_runtime(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let outcome = runtime.block_on(work);
    // After a failure something may hang in the system; it must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}
