//! Other search engines beside Deskbell's own suggestions, on the same solutions, questions and keystrokes: one command, one table.
//! The engines stay as they come; each is asked as a sensible user of it would, with what it has for a text that is being typed.
//! Times of different runs do not compare, the ratios of one run do. See `docs/performance.md`, section "Suggestions".

mod data;
mod measure;
mod peers;
mod product;
mod score;
mod table;
mod words;

use std::path::PathBuf;

use clap::Parser;

use data::Set;
use measure::Measured;

/// What may go wrong is told and ends the bench.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Measures other search engines and Deskbell's suggestions on the same data, and prints one table in Markdown.
#[derive(Debug, Parser)]
struct Arguments {
    /// A folder with kb.jsonl and queries.jsonl, and history.jsonl and keystrokes.txt as far as there are such; repeatable.
    #[arg(long = "set", required = true)]
    sets: Vec<PathBuf>,
    /// The program to measure.
    #[arg(long, default_value = "target/release/deskbell")]
    deskbell: PathBuf,
    /// Of more keystrokes, so many are taken, at even distances: some engines are slow.
    #[arg(long, default_value_t = 2000)]
    keystrokes_at_most: usize,
    /// Keeps what the solutions mean in this file, for all sets: working that out takes minutes.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Leaves closed cases out, for everybody.
    #[arg(long)]
    without_history: bool,
    /// PostgreSQL, as a superuser; `tests/with-postgres` has one. Schemas `suggest_bench_…` are made there anew.
    #[arg(long, env = "DESKBELL_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut rows: Vec<(String, Vec<Measured>)> = Vec::new();
    for folder in &arguments.sets {
        let set = Set::read(folder, !arguments.without_history, arguments.keystrokes_at_most)?;
        let mut measured = Vec::new();
        for (name, engine) in peers::all(arguments.postgres.as_deref()) {
            eprintln!("{}: {name}", set.name);
            measured.push(measure::peer(name, &engine, &set)?);
        }
        for tier in product::TIERS {
            eprintln!("{}: Deskbell, {tier}", set.name);
            measured.push(product::run(&arguments.deskbell, tier, &set, arguments.vectors.as_deref())?);
        }
        rows.push((set.name, measured));
    }
    print!("{}", table::of(&rows));
    if arguments.postgres.is_none() {
        println!("\nPostgreSQL is left out: there is none in DESKBELL_TEST_POSTGRES (tests/with-postgres starts one).");
    }
    Ok(())
}
