//! What readers do with solutions: find, open, rate. All of it is counted, for the ranking and for the reports.

use chrono::TimeDelta;
use serde::Serialize;
use sqlx::types::Json;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::{EventBody, EventView, Party},
    error::{Error, Result},
    input,
    work::Work,
};

use super::{
    editing::{MOST_PINNED, no_solution},
    lexical::passage::{self, Piece},
    markdown, queries,
    solution::{Audience, Solution},
    suggest::Knowledge,
};

/// How many solutions a search shows at the most.
pub const MOST_FOUND: usize = 20;
/// How many top solutions there are at the most: as many as have a place.
const MOST_TOP: usize = MOST_PINNED as usize;
/// How many of a customer's last messages say what a conversation is about now.
const LAST_SAID: usize = 3;
/// How many solutions show beside a conversation.
const MOST_BESIDE: usize = 5;
/// How many related solutions a reader is offered.
const MOST_RELATED: usize = 4;
/// A solution that a reader opens again within this time was opened once.
const ONE_READING: TimeDelta = TimeDelta::hours(1);
/// How long a reader can say whether a solution helped.
const TO_RATE: TimeDelta = TimeDelta::days(1);
/// The longest text that is kept of a search, in characters.
const KEPT: usize = 300;
/// The length of a passage, in characters.
const PASSAGE: usize = 200;

/// Where something was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Place {
    /// A question that was asked though solutions were shown.
    Chat,
    /// The search of the help pages.
    Help,
}

/// What was looked for, and what came up.
#[derive(Debug, Clone)]
pub struct Search {
    /// Where.
    pub place: Place,
    /// In which chat.
    pub chat: Option<Uuid>,
    /// The words.
    pub text: String,
    /// The solutions that came up, best first.
    pub shown: Json<Vec<Uuid>>,
}

/// A solution is opened.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// Which.
    pub solution: Uuid,
    /// In which chat.
    pub chat: Option<Uuid>,
    /// By which reader of the help pages; empty in a chat.
    pub reader: String,
    /// Out of which search.
    pub search: Option<Uuid>,
}

/// A solution that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// Which.
    pub id: Uuid,
    /// Its title.
    pub title: Vec<Piece>,
    /// The passage with most of the words.
    pub passage: Vec<Piece>,
    /// Key of its category.
    pub category: String,
    /// Who may read it.
    pub audience: Audience,
}

/// A published solution, for whoever may read it.
pub async fn find(app: &App, id: Uuid, reader: Audience) -> Result<Solution> {
    readable(app, id, reader).await?.ok_or_else(no_solution)
}

/// The same; nothing: it is not there, or for others.
async fn readable(app: &App, id: Uuid, reader: Audience) -> Result<Option<Solution>> {
    let found = queries::find_published(&app.db, id).await?;
    Ok(found.filter(|solution| solution.content.audience <= reader))
}

/// Solutions for words, most relevant first, with the passages in which these words stand.
pub async fn search(app: &App, text: &str, reader: Audience) -> Result<Vec<Found>> {
    let mut solutions = Vec::new();
    for id in Knowledge::search(app, text, reader, MOST_FOUND).await {
        // It may have been retired a moment ago, or be for others now.
        solutions.extend(readable(app, id, reader).await?);
    }
    let text = text.to_owned();
    let found = spawn_blocking(move || solutions.into_iter().map(|solution| with_passage(solution, &text)).collect());
    found.await.map_err(Error::internal)
}

fn with_passage(Solution { id, content, .. }: Solution, text: &str) -> Found {
    let words = passage::words(text, content.language);
    let body = markdown::to_plain(&content.body);
    Found {
        id,
        title: passage::mark(&content.title, &words, content.language),
        passage: passage::best(&body, &words, content.language, PASSAGE),
        category: content.category,
        audience: content.audience,
    }
}

/// Solutions for what a customer said in a chat: the last messages, and the question before them.
pub async fn for_conversation(app: &App, events: &[EventView]) -> Result<Vec<Found>> {
    let mut said = events.iter().rev().filter_map(|event| match &event.body {
        EventBody::Message { text } if event.party == Party::Customer => Some(text.as_str()),
        EventBody::File { file } if event.party == Party::Customer => Some(file.name.as_str()),
        _ => None,
    });
    let mut last: Vec<&str> = said.by_ref().take(LAST_SAID).collect();
    last.extend(said.next_back());
    last.reverse();
    if last.is_empty() {
        return Ok(Vec::new());
    }
    // What was sent is whole: its last word is not the beginning of a longer one.
    let mut found = search(app, &format!("{}\n", last.join("\n")), Audience::Staff).await?;
    found.truncate(MOST_BESIDE);
    Ok(found)
}

/// Keeps what a reader of the help pages looked for; its id, so that what is opened out of it is known.
pub async fn note_search(app: &App, text: &str, shown: Vec<Uuid>) -> Result<Uuid> {
    let (id, now) = (app.clock.new_id(), app.clock.now());
    let search = Search {
        place: Place::Help,
        chat: None,
        text: input::snippet(&text.replace('\0', ""), KEPT),
        shown: Json(shown),
    };
    let mut tx = app.db.begin().await?;
    queries::insert_search(&mut tx, id, &search, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Keeps that a question was asked though these solutions were shown.
pub async fn note_question(work: &mut Work<'_>, chat: Uuid, text: &str, shown: Vec<Uuid>) -> Result<()> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    let search = Search { place: Place::Chat, chat: Some(chat), text: input::snippet(text, KEPT), shown: Json(shown) };
    queries::insert_search(&mut work.tx, id, &search, now).await?;
    Ok(())
}

/// A reader of the help pages opens a solution.
pub async fn open(app: &App, id: Uuid, reader: &str, search: Option<Uuid>) -> Result<()> {
    let now = app.clock.now();
    if queries::has_read(&app.db, reader, id, now - ONE_READING).await? {
        return Ok(());
    }
    let search = match search {
        Some(search) if queries::has_search(&app.db, search).await? => Some(search),
        _ => None,
    };
    let mut work = Work::begin(app).await?;
    let visit = Visit { solution: id, reader: reader.to_owned(), search, ..Visit::default() };
    count(&mut work, &visit).await?;
    work.commit().await
}

/// A reader of the help pages says whether a solution helped.
pub async fn rate(app: &App, id: Uuid, reader: &str, helped: bool) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let since = work.now - TO_RATE;
    if queries::rate_reading(&mut work.tx, reader, id, since, helped).await? == 0 {
        // Who came from elsewhere had no mark yet when the page was opened.
        count(&mut work, &Visit { solution: id, reader: reader.to_owned(), ..Visit::default() }).await?;
        queries::rate_reading(&mut work.tx, reader, id, since, helped).await?;
    } else {
        changed(&mut work, id).await?;
    }
    work.commit().await
}

/// Counts that a solution was opened; what is suggested changes by it.
pub async fn count(work: &mut Work<'_>, visit: &Visit) -> Result<()> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_visit(&mut work.tx, id, visit, now).await?;
    changed(work, visit.solution).await
}

/// What is suggested changes by what happened to a solution; it is told after the commit.
pub async fn changed(work: &mut Work<'_>, solution: Uuid) -> Result<()> {
    if queries::touch(&mut work.tx, solution).await? == 0 {
        return Err(no_solution());
    }
    work.knowledge_changed();
    Ok(())
}

/// The top solutions: those with a place of their own, then those that helped most lately.
pub async fn top(app: &App, reader: Audience) -> Result<Vec<Solution>> {
    let mut top = queries::pinned(&app.db).await?;
    top.retain(|solution| solution.content.audience <= reader);
    for id in Knowledge::most_helpful(app, reader, 2 * MOST_TOP).await {
        if top.len() < MOST_TOP && top.iter().all(|other| other.id != id) {
            top.extend(readable(app, id, reader).await?);
        }
    }
    top.truncate(MOST_TOP);
    Ok(top)
}

/// The solutions of a category by title.
pub async fn of_category(app: &App, category: &str, reader: Audience) -> Result<Vec<Solution>> {
    let mut found = queries::of_category(&app.db, category, 500).await?;
    found.retain(|solution| solution.content.audience <= reader);
    Ok(found)
}

/// What a reader may want next: what the editor named, then what is about the same.
pub async fn related(app: &App, solution: &Solution, reader: Audience) -> Result<Vec<Solution>> {
    let named = solution.content.related.0.clone();
    let alike = Knowledge::search(app, &format!("{} ", solution.content.title), reader, 2 * MOST_RELATED).await;
    let mut related: Vec<Solution> = Vec::new();
    for id in named.into_iter().chain(alike) {
        if related.len() == MOST_RELATED {
            break;
        }
        if id == solution.id || related.iter().any(|other| other.id == id) {
            continue;
        }
        related.extend(readable(app, id, reader).await?);
    }
    Ok(related)
}
