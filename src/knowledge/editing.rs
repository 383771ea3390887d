//! How a solution comes about: anybody of the desk writes drafts and sends them to review; supervisors publish them as the next version
//! or send them back with a word. What readers see changes by publishing only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    cases::{self, notice},
    error::{Error, Result},
    identity::{directory, staff::Staff},
    input,
    work::Work,
};

use super::{
    queries,
    solution::{Content, Solution},
};

/// The longest word of a reviewer, in characters.
const MAX_NOTE: usize = 2_000;
/// How many solutions can have a place of their own among the top ones.
pub const MOST_PINNED: i16 = 5;

/// Where a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DraftState {
    /// Somebody writes it.
    Draft,
    /// Somebody shall read it.
    InReview,
}

/// What is being written.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Draft {
    /// What it says.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub content: Content,
    /// Where it stands.
    pub state: DraftState,
    /// Counts its changes.
    pub edit: i64,
    /// What the reviewer said when it was sent back.
    pub note: String,
    /// Who began it.
    #[serde(skip)]
    pub author_id: Uuid,
    /// The same, by name.
    pub author: String,
    /// Who changed it last.
    pub editor: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// Begins a solution that is a draft until it is published.
pub async fn create(app: &App, staff: &Staff, content: &Content) -> Result<Uuid> {
    let content = content.tidy()?;
    let mut work = Work::begin(app).await?;
    let id = begin(&mut work, staff, &content, None).await?;
    work.commit().await?;
    Ok(id)
}

/// Makes a case a draft: what it was about, what the customer asked, what solved it. Asked again, it is the same draft.
pub async fn from_case(app: &App, staff: &Staff, number: i64) -> Result<Uuid> {
    let case = cases::case::page(app, staff, number).await?;
    let mut work = Work::begin(app).await?;
    // Two who ask for it at once get the same one.
    let category = queries::lock_its_case(&mut work.tx, case.row.id).await?;
    if let Some(id) = queries::made_from(&mut work.tx, case.row.id).await? {
        return Ok(id);
    }
    let solved = case.timeline.iter().rev().find(|step| step.kind == "resolved" || step.kind == "comment");
    let answer = solved.map_or("Write what solves it, step by step.", |step| step.text.as_str());
    let asked = case.description.trim().replace('\n', "\n> ");
    let content = Content {
        title: input::snippet(&case.row.subject, super::solution::MAX_TITLE),
        body: format!("> {asked}\n\n{answer}"),
        category: category.unwrap_or_default(),
        ..Content::default()
    };
    let id = begin(&mut work, staff, &content.tidy()?, Some(case.row.id)).await?;
    work.commit().await?;
    Ok(id)
}

async fn begin(work: &mut Work<'_>, staff: &Staff, content: &Content, case: Option<Uuid>) -> Result<Uuid> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_solution(&mut work.tx, id, content, case, now).await?;
    queries::insert_draft(&mut work.tx, id, content, staff.id, now).await?;
    Ok(id)
}

/// Keeps what was written; the draft's new number of changes. `edit` is the number that the writer read, 0 for a new draft: when
/// somebody else has saved since, nothing is overwritten.
pub async fn save(app: &App, staff: &Staff, id: Uuid, content: &Content, edit: i64) -> Result<i64> {
    let content = content.tidy()?;
    let (mut work, _, draft) = open(app, id).await?;
    let now = work.now;
    match draft {
        None if edit == 0 => {
            queries::insert_draft(&mut work.tx, id, &content, staff.id, now).await?;
        }
        Some(draft) if draft.edit == edit => {
            // A specialist who goes on writing takes the draft out of review; a reviewer mends it there.
            let state = if staff.is_supervisor() { draft.state } else { DraftState::Draft };
            queries::update_draft(&mut work.tx, id, &content, state, staff.id, now).await?;
        }
        draft => return Err(changed(draft.as_ref())),
    }
    work.commit().await?;
    Ok(edit + 1)
}

/// The draft is ready to be read by a reviewer.
pub async fn submit(app: &App, id: Uuid, edit: i64) -> Result<()> {
    let categories = directory::categories(&app.db).await?;
    let (mut work, draft) = open_at(app, id, edit).await?;
    draft.content.require_complete(&categories)?;
    queries::set_draft_state(&mut work.tx, id, DraftState::InReview, "").await?;
    work.commit().await
}

/// The reviewer gives the draft back with a word to its author.
pub async fn send_back(app: &App, staff: &Staff, id: Uuid, edit: i64, note: &str) -> Result<()> {
    staff.require_supervisor("send a draft back")?;
    let note = input::text("what is to be changed", note, MAX_NOTE)?;
    let (mut work, draft) = open_at(app, id, edit).await?;
    if draft.state != DraftState::InReview {
        return Err(Error::conflict("not_in_review", "This draft is not in review."));
    }
    queries::set_draft_state(&mut work.tx, id, DraftState::Draft, &note).await?;
    tell(&mut work, &draft, staff, &format!("sent “{}” back: {note}", draft.content.title)).await?;
    work.commit().await
}

/// The draft becomes the next version, which readers see from now on and the suggestions know; its number.
pub async fn publish(app: &App, staff: &Staff, id: Uuid, edit: i64) -> Result<i64> {
    staff.require_supervisor("publish a solution")?;
    let categories = directory::categories(&app.db).await?;
    let mut work = Work::begin(app).await?;
    // The case before the solution: all lock in this order.
    queries::link_its_case(&mut work.tx, id).await?;
    let (version, _) = queries::lock(&mut work.tx, id).await?.ok_or_else(no_solution)?;
    let draft = at(queries::find_draft_in(&mut work.tx, id).await?, edit)?;
    draft.content.require_complete(&categories)?;
    let solution = Solution { id, version: version + 1, updated_at: work.now, content: draft.content.clone() };
    queries::publish(&mut work.tx, &solution, &draft.author, &staff.name).await?;
    queries::delete_draft(&mut work.tx, id).await?;
    tell(&mut work, &draft, staff, &format!("published “{}”", draft.content.title)).await?;
    work.knowledge_changed();
    work.commit().await?;
    Ok(solution.version)
}

/// Throws a draft away; a solution that was never published goes with it. Whether the solution is still there.
pub async fn discard(app: &App, staff: &Staff, id: Uuid, edit: i64) -> Result<bool> {
    let (mut work, version, draft) = open(app, id).await?;
    let draft = at(draft, edit)?;
    if draft.author_id != staff.id {
        staff.require_supervisor("throw a draft of somebody else away")?;
    }
    queries::delete_draft(&mut work.tx, id).await?;
    if version == 0 {
        if queries::closes_cases(&mut work.tx, id).await? {
            return Err(Error::conflict("in_use", "A case was closed with this solution, so it has to stay."));
        }
        queries::delete_unpublished(&mut work.tx, id).await?;
    }
    work.commit().await?;
    Ok(version > 0)
}

/// Readers do not see a solution any more, or see its last version again.
pub async fn set_published(app: &App, staff: &Staff, id: Uuid, published: bool) -> Result<()> {
    staff.require_supervisor(if published { "bring a solution back" } else { "retire a solution" })?;
    let mut work = Work::begin(app).await?;
    let (version, is) = queries::lock(&mut work.tx, id).await?.ok_or_else(no_solution)?;
    if version == 0 {
        return Err(Error::conflict("not_published", "This solution was never published."));
    }
    if is != published {
        queries::set_published(&mut work.tx, id, published).await?;
        work.knowledge_changed();
    }
    work.commit().await
}

/// Gives a solution a place among the top ones, 1 to 5, or none.
pub async fn pin(app: &App, staff: &Staff, id: Uuid, place: Option<i16>) -> Result<()> {
    staff.require_supervisor("choose the top solutions")?;
    if place.is_some_and(|place| !(1..=MOST_PINNED).contains(&place)) {
        return Err(Error::invalid("bad_place", format!("The place is 1 to {MOST_PINNED}.")));
    }
    let mut work = Work::begin(app).await?;
    queries::lock(&mut work.tx, id).await?.ok_or_else(no_solution)?;
    queries::pin(&mut work.tx, id, place).await?;
    work.commit().await
}

/// Locks a solution; its last version and its draft.
async fn open(app: &App, id: Uuid) -> Result<(Work<'_>, i64, Option<Draft>)> {
    let mut work = Work::begin(app).await?;
    let (version, _) = queries::lock(&mut work.tx, id).await?.ok_or_else(no_solution)?;
    let draft = queries::find_draft_in(&mut work.tx, id).await?;
    Ok((work, version, draft))
}

/// Locks a solution that has a draft of this number of changes.
async fn open_at(app: &App, id: Uuid, edit: i64) -> Result<(Work<'_>, Draft)> {
    let (work, _, draft) = open(app, id).await?;
    Ok((work, at(draft, edit)?))
}

/// The draft, if it has this number of changes.
fn at(draft: Option<Draft>, edit: i64) -> Result<Draft> {
    match draft {
        Some(draft) if draft.edit == edit => Ok(draft),
        draft => Err(changed(draft.as_ref())),
    }
}

fn changed(draft: Option<&Draft>) -> Error {
    let words = match draft {
        Some(draft) => format!(
            "{} has changed this draft meanwhile. Copy what you wrote, load the page again, and put it in there.",
            draft.editor
        ),
        None => {
            "This draft was published or thrown away meanwhile. Copy what you wrote and load the page again.".into()
        }
    };
    Error::conflict("changed_meanwhile", words)
}

/// The refusal for a solution that is not there or not the caller's to see.
pub fn no_solution() -> Error {
    Error::not_found("There is no such solution.")
}

/// Tells a draft's author what became of it, unless it is the author's own doing.
async fn tell(work: &mut Work<'_>, draft: &Draft, by: &Staff, what: &str) -> Result<()> {
    if draft.author_id == by.id {
        return Ok(());
    }
    notice::insert(work, draft.author_id, &input::snippet(&format!("{} {what}", by.name), 300), None).await
}
