//! Links between cases: one is a duplicate of another, its child, or related to it. Each is written once and read from both sides; two
//! cases have one link at most, and duplicates and children stand under one case each, never in a circle.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::Visibility,
    error::{Error, Result},
    identity::staff::Staff,
};

use super::{
    case::CaseRow,
    lifecycle::CaseStatus,
    queries::{self, relations as rows},
    steps::{By, Said, hold_all, no_case},
};

/// How a case stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The other was there first and says the same.
    DuplicateOf,
    /// The other says the same again.
    HasDuplicate,
    /// A part of the other's work.
    ChildOf,
    /// The other is a part of its work.
    ParentOf,
    /// It helps to know the other.
    RelatedTo,
}

impl Relation {
    /// The same from the other's side.
    fn reversed(self) -> Self {
        match self {
            Self::DuplicateOf => Self::HasDuplicate,
            Self::HasDuplicate => Self::DuplicateOf,
            Self::ChildOf => Self::ParentOf,
            Self::ParentOf => Self::ChildOf,
            Self::RelatedTo => Self::RelatedTo,
        }
    }

    /// What people call it; the other's number follows.
    pub fn words(self) -> &'static str {
        match self {
            Self::DuplicateOf => "Duplicate of",
            Self::HasDuplicate => "Has the duplicate",
            Self::ChildOf => "Child of",
            Self::ParentOf => "Parent of",
            Self::RelatedTo => "Related to",
        }
    }

    /// How it is written: its name, and whether from this case's side.
    fn stored(self) -> (&'static str, bool) {
        match self {
            Self::DuplicateOf => ("duplicate", true),
            Self::HasDuplicate => ("duplicate", false),
            Self::ChildOf => ("child", true),
            Self::ParentOf => ("child", false),
            Self::RelatedTo => ("related", true),
        }
    }

    fn read(kind: &str, from_here: bool) -> Self {
        let relation = match kind {
            "duplicate" => Self::DuplicateOf,
            "child" => Self::ChildOf,
            _ => Self::RelatedTo,
        };
        if from_here { relation } else { relation.reversed() }
    }
}

/// A case that another one is linked with.
#[derive(Debug, Clone, Serialize)]
pub struct Related {
    /// How the case whose page it is stands to this one.
    pub relation: Relation,
    /// The same in words.
    pub words: &'static str,
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: CaseStatus,
}

/// What a case is linked with.
pub async fn of(app: &App, case: Uuid) -> Result<Vec<Related>> {
    let rows = rows::of(&app.db, case).await?;
    let read = rows.into_iter().map(|row| {
        let relation = Relation::read(&row.kind, row.from_here);
        Related { relation, words: relation.words(), number: row.number, subject: row.subject, status: row.status }
    });
    Ok(read.collect())
}

/// Links a case with another one; a link that they have already is replaced. Written in the history of both.
pub async fn link(app: &App, staff: &Staff, number: i64, to: i64, relation: Relation) -> Result<()> {
    if number == to {
        return Err(Error::invalid("same_case", "A case cannot be linked with itself. Give another number."));
    }
    let mut held = hold_all(app, By::Desk(staff), number, &[to]).await?;
    rows::hold_all(&mut held.work.tx).await?;
    let other = queries::find_case_in(&mut held.work.tx, to).await?.ok_or_else(|| no_case(to))?;
    let (kind, from_here) = relation.stored();
    let (low, high) = if from_here { (&held.case, &other) } else { (&other, &held.case) };
    let (low, high) = (low.clone(), high.clone());
    if rows::is_there(&mut held.work.tx, low.id, high.id, kind).await? {
        return Ok(());
    }
    rows::delete(&mut held.work.tx, low.id, high.id).await?;
    if kind != "related" {
        stand_under(&mut held.work.tx, kind, &low, &high).await?;
    }
    rows::insert(&mut held.work.tx, low.id, high.id, kind, held.work.now).await?;
    let here = format!("{} case {to}: {}", relation.words(), other.subject);
    let there = format!("{} case {number}: {}", relation.reversed().words(), held.case.subject);
    held.write(said("linked", &here)).await?;
    held.write_beside(&other, said("linked", &there)).await?;
    held.commit().await
}

/// Refuses a second case above one, and circles.
async fn stand_under(tx: &mut crate::store::Tx, kind: &str, low: &CaseRow, high: &CaseRow) -> Result<()> {
    let word = if kind == "child" { "a child" } else { "a duplicate" };
    if let Some((_, above)) = rows::above(tx, low.id, kind).await? {
        let words = format!("Case {} is {word} of case {above} already. Remove that link first.", low.number);
        return Err(Error::conflict("linked_already", words));
    }
    let mut next = Some(high.id);
    while let Some(case) = next {
        if case == low.id {
            let words = format!("Case {} is {word} of case {} already, by way of others.", high.number, low.number);
            return Err(Error::conflict("in_a_circle", words));
        }
        next = rows::above(tx, case, kind).await?.map(|(id, _)| id);
    }
    Ok(())
}

/// Removes the link between two cases.
pub async fn unlink(app: &App, staff: &Staff, number: i64, to: i64) -> Result<()> {
    let mut held = hold_all(app, By::Desk(staff), number, &[to]).await?;
    let other = queries::find_case_in(&mut held.work.tx, to).await?.ok_or_else(|| no_case(to))?;
    if rows::delete(&mut held.work.tx, held.case.id, other.id).await? == 0 {
        return Err(Error::conflict("not_linked", format!("Cases {number} and {to} are not linked.")));
    }
    held.write(said("unlinked", &format!("No longer linked with case {to}."))).await?;
    held.write_beside(&other, said("unlinked", &format!("No longer linked with case {number}."))).await?;
    held.commit().await
}

fn said<'a>(kind: &'a str, text: &'a str) -> Said<'a> {
    Said { kind, text, to: Visibility::Staff }
}
