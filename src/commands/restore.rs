//! `restore`: a desk out of a backup.

use std::path::PathBuf;

use clap::Args;

use crate::{clock::Clock, store::backup};

use super::{Outcome, serve::ConfigArguments, table_of, words};

/// Which backup, and what for.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// The file that `deskbell backup` wrote.
    #[arg(long)]
    from: PathBuf,
}

/// Does it.
pub async fn run(arguments: RestoreArguments) -> Outcome {
    let config = arguments.config.read()?;
    let epoch = Clock::system().new_id();
    let sums = backup::restore(&arguments.from, &config.database.0, epoch).await.map_err(words)?;
    println!(
        "{}\nThe desk is as {} has it. Start it with `deskbell serve`.",
        table_of(&sums),
        arguments.from.display()
    );
    if !config.pin_key_file.exists() {
        println!(
            "Before that, bring the PIN key back to {}: no PIN of this desk fits another one, and the desk does not start with it.",
            config.pin_key_file.display()
        );
    }
    Ok(())
}
