//! One solution being written: saved, sent to review, published, sent back, retired. What was typed stays on the page when it is refused.

use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        site::{self, CategoryName},
        staff::Staff,
    },
    knowledge::{
        catalog::{self, EditorPage},
        editing::{self, DraftState, MOST_PINNED},
        language::Language,
        markdown, pictures,
        solution::{Audience, Content},
    },
    web::{
        page::{Common, render},
        signed_in::OnPage,
    },
};

#[derive(Template)]
#[template(path = "knowledge/editor.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    /// Nothing: it is new.
    solution: Option<EditorPage>,
    fields: Fields,
    /// What readers would see.
    preview: String,
    categories: Vec<CategoryName>,
    can_publish: bool,
    error: Option<String>,
    done: Option<&'static str>,
    /// The version that was taken up to be looked at.
    taken: Option<i64>,
}

impl Page {
    fn draft(&self) -> Option<DraftState> {
        self.solution.as_ref()?.row.draft
    }

    fn address(&self) -> String {
        self.solution
            .as_ref()
            .map_or_else(|| "/knowledge/new".into(), |solution| format!("/knowledge/{}", solution.row.id))
    }
}

/// The form, as a browser sends it.
#[derive(Deserialize, Default, Clone)]
pub struct Fields {
    #[serde(default)]
    edit: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    language: Language,
    #[serde(default)]
    audience: Audience,
    #[serde(default)]
    product_version: String,
    /// A title or an address a line.
    #[serde(default)]
    related: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    place: String,
    #[serde(default, rename = "do")]
    verb: Verb,
}

/// What the button says.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Keep the draft.
    #[default]
    Save,
    /// Send it to review.
    Review,
    /// Give it back to its author.
    SendBack,
    /// Publish it.
    Publish,
    /// Throw it away.
    Discard,
    /// Readers do not see it any more.
    Retire,
    /// Readers see it again.
    Restore,
    /// Choose its place among the top solutions.
    Pin,
}

impl Fields {
    fn of(content: &Content, edit: i64, related: &[(Uuid, String)]) -> Self {
        Self {
            edit,
            title: content.title.clone(),
            body: content.body.clone(),
            category: content.category.clone(),
            language: content.language,
            audience: content.audience,
            product_version: content.product_version.clone(),
            related: related.iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>().join("\n"),
            ..Self::default()
        }
    }

    /// `id`: the solution that it is for; nil: a new one.
    async fn content(&self, app: &App, id: Uuid) -> Result<Content> {
        // Browsers send line ends as the network has them.
        let body = self.body.replace("\r\n", "\n");
        Ok(Content {
            title: self.title.clone(),
            body,
            category: self.category.clone(),
            language: self.language,
            audience: self.audience,
            product_version: self.product_version.clone(),
            related: Json(catalog::named(app, id, &self.related).await?),
        })
    }
}

/// Where a page comes from.
#[derive(Deserialize, Default)]
pub struct From {
    #[serde(default)]
    title: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    version: Option<i64>,
}

/// An empty form.
pub async fn begin(State(app): State<App>, OnPage(staff): OnPage, Query(from): Query<From>) -> Result<Response> {
    page(&app, &staff, None, Fields { title: from.title, ..Fields::default() }, Shown::default()).await
}

/// The first save.
pub async fn create(State(app): State<App>, OnPage(staff): OnPage, Form(fields): Form<Fields>) -> Result<Response> {
    let made = async { editing::create(&app, &staff, &fields.content(&app, Uuid::nil()).await?).await };
    match made.await {
        Ok(id) => Ok(Redirect::to(&format!("/knowledge/{id}?done=saved")).into_response()),
        Err(error) => refused(&app, &staff, None, fields, error).await,
    }
}

/// The page.
pub async fn show(
    State(app): State<App>,
    OnPage(staff): OnPage,
    Path(id): Path<Uuid>,
    Query(from): Query<From>,
) -> Result<Response> {
    let solution = catalog::page(&app, &staff, id).await?;
    let edit = solution.writing.as_ref().map_or(0, |draft| draft.edit);
    let fields = match from.version {
        Some(version) => {
            let content = catalog::version(&app, id, version).await?;
            Fields::of(&content, edit, &catalog::titles(&app, &content.related).await?)
        }
        None => match (&solution.writing, &solution.content) {
            (Some(draft), _) => Fields::of(&draft.content, edit, &solution.related),
            (None, Some(content)) => Fields::of(content, 0, &solution.related),
            (None, None) => Fields::default(),
        },
    };
    let shown = Shown { done: done_words(&from.done), taken: from.version, ..Shown::default() };
    page(&app, &staff, Some(solution), fields, shown).await
}

/// Only words of ours are shown, whatever stands in the address.
fn done_words(key: &str) -> Option<&'static str> {
    Some(match key {
        "saved" => "The draft was saved. Readers do not see it yet.",
        "review" => "The draft is in review.",
        "send_back" => "The draft was sent back to its author.",
        "published" => "Published. Readers and suggestions have it now.",
        "discard" => "The draft was thrown away.",
        "retired" => "Retired. Readers do not see it any more.",
        "restored" => "Readers see it again.",
        "pin" => "The place among the top solutions was saved.",
        "picture" => "The picture was added. Put its line where it shall stand.",
        _ => return None,
    })
}

/// A button of the form.
pub async fn submit(
    State(app): State<App>,
    OnPage(staff): OnPage,
    Path(id): Path<Uuid>,
    Form(mut fields): Form<Fields>,
) -> Result<Response> {
    match act(&app, &staff, id, &mut fields).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(error) => refused(&app, &staff, Some(id), fields, error).await,
    }
}

/// Does what a button says; where to go then. What was typed is kept first: it is there even if the rest is refused.
async fn act(app: &App, staff: &Staff, id: Uuid, fields: &mut Fields) -> Result<String> {
    fields.edit = keep(app, staff, id, fields).await?;
    let edit = fields.edit;
    let done = match fields.verb {
        Verb::Save => "saved",
        Verb::Review => editing::submit(app, id, edit).await.map(|()| "review")?,
        Verb::SendBack => editing::send_back(app, staff, id, edit, &fields.note).await.map(|()| "send_back")?,
        Verb::Publish => editing::publish(app, staff, id, edit).await.map(|_| "published")?,
        Verb::Discard => {
            let left = editing::discard(app, staff, id, edit).await?;
            return Ok(if left { format!("/knowledge/{id}?done=discard") } else { "/knowledge".into() });
        }
        Verb::Retire => editing::set_published(app, staff, id, false).await.map(|()| "retired")?,
        Verb::Restore => editing::set_published(app, staff, id, true).await.map(|()| "restored")?,
        Verb::Pin => editing::pin(app, staff, id, fields.place.parse().ok()).await.map(|()| "pin")?,
    };
    Ok(format!("/knowledge/{id}?done={done}"))
}

/// Keeps what was typed unless it is there already; the draft's number of changes.
async fn keep(app: &App, staff: &Staff, id: Uuid, fields: &Fields) -> Result<i64> {
    if fields.verb == Verb::Discard {
        return Ok(fields.edit);
    }
    let content = fields.content(app, id).await?.tidy()?;
    let page = catalog::page(app, staff, id).await?;
    // Other buttons have nothing to do with the text: for them it is enough that it is nowhere lost.
    let of_a_draft = matches!(fields.verb, Verb::Save | Verb::Review | Verb::SendBack | Verb::Publish);
    let is_there = match (page.writing, page.content) {
        (Some(draft), _) => draft.content == content && (draft.edit == fields.edit || !of_a_draft),
        (None, published) => published == Some(content.clone()) && !of_a_draft,
    };
    if is_there { Ok(fields.edit) } else { editing::save(app, staff, id, &content, fields.edit).await }
}

/// A picture comes in.
pub async fn add_picture(
    State(app): State<App>,
    OnPage(_): OnPage,
    Path(id): Path<Uuid>,
    mut form: Multipart,
) -> Result<Response> {
    let unreadable = |error: axum::extract::multipart::MultipartError| Error::invalid("bad_form", error.body_text());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("picture") {
            let name = field.file_name().unwrap_or_default().to_owned();
            pictures::add(&app, id, &name, field.bytes().await.map_err(unreadable)?.to_vec()).await?;
        }
    }
    Ok(Redirect::to(&format!("/knowledge/{id}?done=picture")).into_response())
}

/// What the page says besides.
#[derive(Default)]
struct Shown {
    error: Option<String>,
    done: Option<&'static str>,
    taken: Option<i64>,
}

/// The page again, with what was typed and what is wrong.
async fn refused(app: &App, staff: &Staff, id: Option<Uuid>, fields: Fields, error: Error) -> Result<Response> {
    let Error::Refused(refusal) = error else { return Err(error) };
    let solution = match id {
        Some(id) => Some(catalog::page(app, staff, id).await?),
        None => None,
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let shown = Shown { error: Some(refusal.message), ..Shown::default() };
    Ok((status, page(app, staff, solution, fields, shown).await?).into_response())
}

async fn page(
    app: &App,
    staff: &Staff,
    solution: Option<EditorPage>,
    fields: Fields,
    shown: Shown,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    Ok(render(&Page {
        assets,
        clock_is_set,
        now,
        name,
        role,
        preview: markdown::to_html(&fields.body),
        solution,
        fields,
        categories: site::categories(app).await?,
        can_publish: staff.is_supervisor(),
        error: shown.error,
        done: shown.done,
        taken: shown.taken,
    }))
}
