//! `solutions`: the knowledge base to files and from files, beside a running server or not.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{
    clock::Clock,
    identity::staff,
    knowledge::exchange::{export, import, plan::Wish},
    store::Db,
};

use super::{Outcome, serve::ConfigArguments, words};

/// Which desk, and what to do.
#[derive(Debug, Args)]
pub struct SolutionsArguments {
    #[command(flatten)]
    config: ConfigArguments,
    #[command(subcommand)]
    command: SolutionsCommand,
}

#[derive(Debug, Subcommand)]
enum SolutionsCommand {
    /// Write all solutions to a new folder of Markdown files, or to a new file that ends in .csv; pictures beside them.
    Export {
        /// The folder, or the CSV.
        target: PathBuf,
    },
    /// Take in a folder of Markdown files or a CSV: as drafts, or at once for all readers.
    Import(ImportArguments),
}

#[derive(Debug, Args)]
struct ImportArguments {
    /// The folder, or the CSV.
    source: PathBuf,
    /// Let readers see them at once, without a review.
    #[arg(long)]
    publish: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// In the name of this person of the desk: the author of drafts, and who publishes.
    #[arg(long = "as", value_name = "EMAIL")]
    by: Option<String>,
}

/// Does it.
pub async fn run(arguments: SolutionsArguments) -> Outcome {
    let config = arguments.config.read()?;
    let reserve = config.limits.free_disk_mb * 1024 * 1024;
    let db = Db::open(&config.database.0, reserve).await.map_err(|e| e.to_string())?;
    let done = match arguments.command {
        SolutionsCommand::Export { target } => export_to(&db, target).await,
        SolutionsCommand::Import(arguments) => import_from(&db, &arguments).await,
    };
    db.close().await;
    done
}

async fn export_to(db: &Db, target: PathBuf) -> Outcome {
    let exported = export::export(db, &target).await.map_err(words)?;
    for title in &exported.being_written {
        eprintln!("deskbell: “{title}” was written as readers see it; its draft was not");
    }
    println!("Written to {}: {} solutions, {} pictures.", target.display(), exported.solutions, exported.pictures);
    Ok(())
}

async fn import_from(db: &Db, arguments: &ImportArguments) -> Outcome {
    let by = match &arguments.by {
        None => None,
        Some(email) => {
            let found = staff::find_by_email(db, email).await.map_err(words)?;
            Some(found.ok_or_else(|| format!("--as: nobody of the desk can sign in as {email}"))?)
        }
    };
    let wish = Wish { publish: arguments.publish, by };
    let imported = import::import(db, &Clock::system(), &arguments.source, &wish, arguments.dry_run).await;
    let imported = imported.map_err(words)?;
    for warning in &imported.warnings {
        eprintln!("deskbell: {warning}");
    }
    for told in &imported.told {
        println!("{told}");
    }
    let dry = if arguments.dry_run { "This would be: " } else { "" };
    println!("{dry}{}.", imported.tally);
    Ok(())
}
