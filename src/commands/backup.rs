//! `backup`: the desk, running or not, into one new file.

use std::path::PathBuf;

use clap::Args;

use crate::{chat::ledger, store::backup};

use super::{Outcome, serve::ConfigArguments, table_of, words};

/// Which desk, and where to.
#[derive(Debug, Args)]
pub struct BackupArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// The new file; it must not exist yet.
    #[arg(long)]
    to: PathBuf,
}

/// Does it.
pub async fn run(arguments: BackupArguments) -> Outcome {
    let config = arguments.config.read()?;
    let to = arguments.to;
    let reserve = config.limits.free_disk_mb * 1024 * 1024;
    let sums = backup::backup(&config.database.0, &to, reserve, ledger::restore).await.map_err(words)?;
    println!("{}\n{} holds the desk as it was at one moment.", table_of(&sums), to.display());
    println!(
        "The PIN key, {}, is not in it: keep a copy of that too, in another place than the backups. Without the key no PIN fits.",
        config.pin_key_file.display()
    );
    Ok(())
}
