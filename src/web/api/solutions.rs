//! Solutions for the desk's people: looked for, written, reviewed, published.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    knowledge::{
        catalog::{self, EditorPage, Filter, Row},
        editing,
        markdown::{self, Node},
        pictures::{self, Picture},
        reading::{self, Found},
        reports::{self, Report},
        solution::{Audience, Content},
    },
    web::{reply::Input, signed_in::SignedIn},
};

/// Words.
#[derive(Deserialize)]
pub struct Words {
    q: String,
}

/// Relevant solutions for words, with the passages in which these stand.
pub async fn search(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Query(Words { q }): Query<Words>,
) -> Result<Json<Vec<Found>>> {
    reading::search(&app, &q, Audience::Staff).await.map(Json)
}

/// A list for editors.
pub async fn list(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Row>>> {
    catalog::list(&app, &filter).await.map(Json)
}

/// A solution for its editor.
pub async fn show(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<Json<EditorPage>> {
    catalog::page(&app, &staff, id).await.map(Json)
}

/// A published solution to read.
#[derive(Serialize)]
pub struct Reading {
    id: Uuid,
    title: String,
    text: Vec<Node>,
    audience: Audience,
}

/// A published solution as its readers see it.
pub async fn read(State(app): State<App>, SignedIn(_): SignedIn, Path(id): Path<Uuid>) -> Result<Json<Reading>> {
    let found = reading::find(&app, id, Audience::Staff).await?;
    let Content { title, body, audience, .. } = found.content;
    Ok(Json(Reading { id, title, text: markdown::parse(&body), audience }))
}

/// What a version said.
pub async fn version(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Path((id, version)): Path<(Uuid, i64)>,
) -> Result<Json<Content>> {
    catalog::version(&app, id, version).await.map(Json)
}

/// A new solution.
#[derive(Serialize)]
pub struct Made {
    id: Uuid,
}

/// Begins one.
pub async fn create(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Input(content): Input<Content>,
) -> Result<(StatusCode, Json<Made>)> {
    let id = editing::create(&app, &staff, &content).await?;
    Ok((StatusCode::CREATED, Json(Made { id })))
}

/// Makes a case one.
pub async fn create_from_case(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
) -> Result<Json<Made>> {
    let id = editing::from_case(&app, &staff, number).await?;
    Ok(Json(Made { id }))
}

/// What was written, and the number of changes that the writer read.
#[derive(Deserialize)]
pub struct Written {
    edit: i64,
    content: Content,
}

/// The number of changes of a draft.
#[derive(Serialize, Deserialize)]
pub struct At {
    edit: i64,
}

/// Keeps a draft.
pub async fn save(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(written): Input<Written>,
) -> Result<Json<At>> {
    let edit = editing::save(&app, &staff, id, &written.content, written.edit).await?;
    Ok(Json(At { edit }))
}

/// Throws a draft away.
pub async fn discard(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(At { edit }): Input<At>,
) -> Result<StatusCode> {
    editing::discard(&app, &staff, id, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a draft to review.
pub async fn submit(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(At { edit }): Input<At>,
) -> Result<Json<EditorPage>> {
    editing::submit(&app, id, edit).await?;
    catalog::page(&app, &staff, id).await.map(Json)
}

/// A reviewer's word.
#[derive(Deserialize)]
pub struct Note {
    edit: i64,
    note: String,
}

/// Sends a draft back.
pub async fn send_back(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(Note { edit, note }): Input<Note>,
) -> Result<Json<EditorPage>> {
    editing::send_back(&app, &staff, id, edit, &note).await?;
    catalog::page(&app, &staff, id).await.map(Json)
}

/// Publishes a draft.
pub async fn publish(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(At { edit }): Input<At>,
) -> Result<Json<EditorPage>> {
    editing::publish(&app, &staff, id, edit).await?;
    catalog::page(&app, &staff, id).await.map(Json)
}

/// Whether readers see it.
#[derive(Deserialize)]
pub struct Shown {
    published: bool,
}

/// Retires a solution, or brings it back.
pub async fn set_published(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(Shown { published }): Input<Shown>,
) -> Result<Json<EditorPage>> {
    editing::set_published(&app, &staff, id, published).await?;
    catalog::page(&app, &staff, id).await.map(Json)
}

/// A place among the top solutions.
#[derive(Deserialize)]
pub struct Pin {
    place: Option<i16>,
}

/// Gives it one, or none.
pub async fn pin(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(Pin { place }): Input<Pin>,
) -> Result<Json<EditorPage>> {
    editing::pin(&app, &staff, id, place).await?;
    catalog::page(&app, &staff, id).await.map(Json)
}

/// Markdown.
#[derive(Deserialize)]
pub struct Source {
    body: String,
}

/// What Markdown will look like.
pub async fn preview(SignedIn(_): SignedIn, Input(Source { body }): Input<Source>) -> Json<Vec<Node>> {
    Json(markdown::parse(&body))
}

/// The name of a file.
#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    name: String,
}

/// Keeps a picture.
pub async fn add_picture(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Path(id): Path<Uuid>,
    Query(Named { name }): Query<Named>,
    data: Bytes,
) -> Result<(StatusCode, Json<Picture>)> {
    let picture = pictures::add(&app, id, &name, data.to_vec()).await?;
    Ok((StatusCode::CREATED, Json(picture)))
}

/// What editors should look at.
pub async fn report(State(app): State<App>, SignedIn(_): SignedIn) -> Result<Json<Report>> {
    reports::report(&app).await.map(Json)
}

/// The product's version.
#[derive(Deserialize)]
pub struct Version {
    version: String,
}

/// Says which version of the product customers have.
pub async fn set_product_version(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Input(Version { version }): Input<Version>,
) -> Result<StatusCode> {
    reports::set_product_version(&app, &staff, &version).await?;
    Ok(StatusCode::NO_CONTENT)
}
