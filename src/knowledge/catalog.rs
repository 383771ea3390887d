//! The editors' view: all solutions with their states, and one with its draft and versions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
};

use super::{
    editing::{Draft, DraftState, no_solution},
    language::Language,
    queries,
    solution::{Audience, Content},
    suggest::Knowledge,
};

/// How many solutions a list has at the most.
pub const MOST_LISTED: i64 = 200;

/// A solution in a list.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Row {
    /// The server's id.
    pub id: Uuid,
    /// Its title, as it is being written.
    pub title: String,
    /// Key of its category.
    pub category: String,
    /// In which language.
    pub language: Language,
    /// Who may read it.
    pub audience: Audience,
    /// The version of the product that it describes; empty: any.
    pub product_version: String,
    /// Whether readers see it.
    pub published: bool,
    /// The last version that was published; 0: none yet.
    pub version: i64,
    /// Its place among the top solutions.
    pub pinned: Option<i16>,
    /// When anything of it last changed.
    pub updated_at: DateTime<Utc>,
    /// Where its draft stands, if it has one.
    pub draft: Option<DraftState>,
    /// Who writes that.
    pub editor: Option<String>,
}

/// A version that was published.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct VersionRow {
    /// Its number.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// Who wrote it; empty: it was brought in from elsewhere.
    pub author: String,
    /// Who published it.
    pub publisher: String,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// Which solutions a list shows.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Filter {
    /// Words; empty: the latest changes.
    #[serde(default)]
    pub q: String,
    /// `published`, `retired`, `draft`, `in_review`; empty: all.
    #[serde(default)]
    pub state: String,
    /// Key of a category; empty: all.
    #[serde(default)]
    pub category: String,
}

/// How many solutions there are in each state.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// Readers see them.
    pub published: i64,
    /// Readers saw them once.
    pub retired: i64,
    /// Somebody writes them.
    pub draft: i64,
    /// Somebody shall read them.
    pub in_review: i64,
    /// All that there are.
    pub all: i64,
}

/// A solution as its editor shows it.
#[derive(Debug, Serialize)]
pub struct EditorPage {
    /// What lists show.
    #[serde(flatten)]
    pub row: Row,
    /// What readers see, or saw last; nothing: it was never published.
    pub content: Option<Content>,
    /// What is being written.
    pub writing: Option<Draft>,
    /// What was published, newest first.
    pub versions: Vec<VersionRow>,
    /// Its pictures: id and name.
    pub pictures: Vec<(Uuid, String)>,
    /// The titles of related solutions, by id.
    pub related: Vec<(Uuid, String)>,
    /// Whether the caller may publish.
    pub can_publish: bool,
}

/// Solutions: by relevance where words are given, the latest change first otherwise.
pub async fn list(app: &App, filter: &Filter) -> Result<Vec<Row>> {
    let clean = |text: &str| text.replace('\0', "");
    let (category, state) = (clean(&filter.category), clean(&filter.state));
    let words = input::fold(&clean(&filter.q));
    if words.is_empty() {
        return Ok(queries::list(&app.db, &category, &state, MOST_LISTED).await?);
    }
    let mut rows = Vec::new();
    for id in Knowledge::search(app, &words, Audience::Staff, 50).await {
        rows.extend(queries::find_row(&app.db, id).await?);
    }
    // The suggestions know only what is published.
    for row in queries::drafts(&app.db).await? {
        if input::fold(&row.title).contains(&words) && rows.iter().all(|other: &Row| other.id != row.id) {
            rows.push(row);
        }
    }
    rows.retain(|row| (category.is_empty() || row.category == category) && is_in(row, &state));
    Ok(rows)
}

fn is_in(row: &Row, state: &str) -> bool {
    match state {
        "published" => row.published,
        "retired" => !row.published && row.version > 0,
        "draft" => row.draft == Some(DraftState::Draft),
        "in_review" => row.draft == Some(DraftState::InReview),
        _ => true,
    }
}

/// How many there are in each state.
pub async fn counts(app: &App) -> Result<Counts> {
    let (published, retired, draft, in_review, all) = queries::counts(&app.db).await?;
    Ok(Counts { published, retired, draft, in_review, all })
}

/// One solution for its editor.
pub async fn page(app: &App, staff: &Staff, id: Uuid) -> Result<EditorPage> {
    let row = queries::find_row(&app.db, id).await?.ok_or_else(no_solution)?;
    let writing = queries::find_draft(&app.db, id).await?;
    let content = queries::find_version(&app.db, id, row.version).await?.map(|solution| solution.content);
    let shown = writing.as_ref().map(|draft| &draft.content).or(content.as_ref());
    let related = titles(app, shown.map_or(&[][..], |content| &content.related.0)).await?;
    Ok(EditorPage {
        row,
        content,
        writing,
        versions: queries::versions(&app.db, id).await?,
        pictures: queries::pictures_of(&app.db, id).await?,
        related,
        can_publish: staff.is_supervisor(),
    })
}

/// The titles of solutions, as lists show them.
pub async fn titles(app: &App, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let mut titles = Vec::new();
    for id in ids {
        titles.extend(queries::find_row(&app.db, *id).await?.map(|row| (row.id, row.title)));
    }
    Ok(titles)
}

/// What a version said.
pub async fn version(app: &App, id: Uuid, version: i64) -> Result<Content> {
    let found = queries::find_version(&app.db, id, version).await?;
    found.map(|solution| solution.content).ok_or_else(|| Error::not_found("There is no such version."))
}

/// The solutions that an editor of one names, a line each: by title, or by an address or id. A title that it names already stays the
/// solution that it was.
pub async fn named(app: &App, id: Uuid, lines: &str) -> Result<Vec<Uuid>> {
    let draft = queries::find_draft(&app.db, id).await?.map(|draft| draft.content.related);
    let before = match draft {
        Some(related) => related,
        None => queries::find_published(&app.db, id).await?.map(|found| found.content.related).unwrap_or_default(),
    };
    let before = titles(app, &before).await?;
    let mut ids = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let known = before.iter().find(|(_, title)| title == line).map(|(id, _)| *id);
        let id = known.or_else(|| line.rsplit('/').next().and_then(|last| last.parse().ok()));
        let found = match id {
            Some(id) => queries::find_row(&app.db, id).await?.map(|row| row.id),
            None => queries::find_by_title(&app.db, &line.replace('\0', "")).await?,
        };
        ids.push(found.ok_or_else(|| {
            Error::invalid(
                "no_solution",
                format!("There is no solution “{line}” to name as related. Please check its title."),
            )
        })?);
    }
    Ok(ids)
}
