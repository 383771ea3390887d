//! Files into solutions: everything is checked first, then all of it is written in one transaction, or nothing.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::{
    clock::Clock,
    error::{Error, Result},
    knowledge::{
        editing::{DraftState, no_solution},
        pictures::{Picture, kind_of},
        queries,
        solution::Solution,
    },
    store::{Db, Tx},
};

use super::{
    folder::{Findings, Source, read_again},
    plan::{Act, Step, Tally, Wish, plan},
};

/// The revision of what is new until all of it is there: others wait for the real one as short as can be.
const UNSEEN: i64 = -1;
/// Who publishes when nobody is named.
const NOBODY: &str = "import";

/// What an import did, or would do.
#[derive(Debug)]
pub struct Imported {
    /// Each solution that is not as it was, or was skipped, in words.
    pub told: Vec<String>,
    /// What somebody should know.
    pub warnings: Vec<String>,
    /// How many.
    pub tally: Tally,
}

/// Takes in a folder of Markdown or a CSV; with `dry_run` nothing is written.
pub async fn import(db: &Db, clock: &Clock, source: &Path, wish: &Wish, dry_run: bool) -> Result<Imported> {
    if let Some(by) = wish.by.as_ref().filter(|_| wish.publish) {
        by.require_supervisor("publish a solution")?;
    }
    let mut findings = Findings::default();
    let mut source = Source::read(source, &mut findings)?;
    let steps = plan(db, clock, &mut source, wish, &mut findings).await?;
    findings.require_right()?;
    let mut tally = Tally::default();
    steps.iter().for_each(|step| step.count(&mut tally));
    if !dry_run && tally.new + tally.changed > 0 {
        write(db, &steps, wish, clock.now()).await?;
    }
    Ok(Imported {
        told: steps.iter().filter(|step| step.act != Act::Nothing).map(Step::to_string).collect(),
        warnings: findings.into_warnings(),
        tally,
    })
}

async fn write(db: &Db, steps: &[Step], wish: &Wish, now: DateTime<Utc>) -> Result<()> {
    let mut tx = db.begin().await?;
    let acts = || steps.iter().filter(|step| !matches!(step.act, Act::Nothing | Act::Skip(_)));
    for step in acts().filter(|step| step.seen.is_none()) {
        queries::insert_solution_at(&mut tx, UNSEEN, step.id, &step.content, None, now).await?;
        write_one(&mut tx, UNSEEN, step, wish, now).await?;
    }
    // From here on until the end nobody else changes what is suggested.
    let revision = queries::next_revision(&mut tx).await?;
    queries::move_revision(&mut tx, UNSEEN, revision).await?;
    for step in acts() {
        if let Some(seen) = step.seen {
            require_unchanged(&mut tx, step, seen).await?;
            write_one(&mut tx, revision, step, wish, now).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Locks a solution; refused when somebody has changed it since it was read.
async fn require_unchanged(tx: &mut Tx, step: &Step, seen: (i64, bool)) -> Result<()> {
    let is = queries::lock(tx, step.id).await?.ok_or_else(no_solution)?;
    let draft = queries::find_draft_in(tx, step.id).await?;
    if is == seen && draft.map(|draft| draft.edit) == step.edit {
        return Ok(());
    }
    let words =
        format!("nothing was imported: somebody has just changed “{}”. Please import again.", step.content.title);
    Err(Error::conflict("changed_meanwhile", words))
}

async fn write_one(tx: &mut Tx, revision: i64, step: &Step, wish: &Wish, now: DateTime<Utc>) -> Result<()> {
    for new in &step.pictures {
        let data = read_again(&new.file)?;
        let kind = kind_of(&data).unwrap_or_default().to_owned();
        let picture = Picture { id: new.id, name: crate::input::snippet(&new.file.name, 200), kind, data };
        queries::insert_picture(tx, step.id, &picture, now).await?;
    }
    match step.act {
        Act::Publish { shown, ends_draft } => {
            let version = step.seen.map_or(0, |(version, _)| version) + 1;
            let solution = Solution { id: step.id, version, updated_at: now, content: step.content.clone() };
            let publisher = wish.by.as_ref().map_or(NOBODY, |by| &by.name);
            queries::insert_version(tx, &solution, &step.author, publisher).await?;
            queries::show_version(tx, revision, &solution, shown).await?;
            if ends_draft {
                queries::delete_draft(tx, step.id).await?;
            }
            if step.seen.is_some() {
                queries::link_its_case(tx, step.id).await?;
            }
        }
        Act::Show(shown) => drop(queries::set_published(tx, step.id, shown).await?),
        Act::Draft => {
            let by = wish.by.as_ref().ok_or_else(|| Error::internal("a draft without an author was planned"))?;
            if step.edit.is_some() {
                queries::update_draft(tx, step.id, &step.content, DraftState::Draft, by.id, now).await?;
            } else {
                queries::insert_draft(tx, step.id, &step.content, by.id, now).await?;
            }
        }
        Act::Nothing | Act::Skip(_) => {}
    }
    Ok(())
}
