//! `move`: a stopped desk from SQLite to PostgreSQL.

use clap::Args;

use crate::{chat::ledger, store::backup};

use super::{Outcome, serve::ConfigArguments, table_of, words};

/// Which desk, and where to.
#[derive(Debug, Args)]
pub struct MoveArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// The empty database, `postgres://user:password@host/database`. Everybody on this machine can read what is typed here: a
    /// password is better given in the environment.
    #[arg(long, env = "DESKBELL_MOVE_TO", hide_env_values = true)]
    to: String,
}

/// Does it.
pub async fn run(arguments: MoveArguments) -> Outcome {
    let config = arguments.config.read()?;
    if !["postgres:", "postgresql:"].iter().any(|scheme| arguments.to.starts_with(scheme)) {
        return Err("--to (or DESKBELL_MOVE_TO) must start with postgres: and name an empty database".into());
    }
    let sums = backup::move_to(&config.database.0, &arguments.to, ledger::restore).await.map_err(words)?;
    println!("{}\nEvery table was read again over there and holds the same.", table_of(&sums));
    println!(
        "Now set `database` in {} to the new one and start the desk. The old file is as it was: keep it until you are \
         content, and start nothing on it.",
        arguments.config.config.display()
    );
    Ok(())
}
