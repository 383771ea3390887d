//! Canned replies: what a person can use, and those that the person keeps.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    desk::replies::{self, Reply, ReplyFields},
    error::Result,
    web::{reply::Input, signed_in::SignedIn},
};

/// A reply.
#[derive(Serialize)]
pub struct ReplyView {
    id: Uuid,
    shared: bool,
    shortcut: String,
    title: String,
    text: String,
}

impl From<Reply> for ReplyView {
    fn from(Reply { id, owner_id, shortcut, title, text }: Reply) -> Self {
        Self { id, shared: owner_id.is_none(), shortcut, title, text }
    }
}

/// What can be said of a reply.
#[derive(Deserialize)]
pub struct Given {
    /// For everybody; only supervisors may.
    #[serde(default)]
    shared: bool,
    shortcut: String,
    title: String,
    text: String,
}

impl Given {
    fn into_fields(self) -> ReplyFields {
        ReplyFields { shortcut: self.shortcut, title: self.title, text: self.text }
    }
}

/// One's own replies, then the shared ones.
pub async fn list(State(app): State<App>, SignedIn(staff): SignedIn) -> Result<Json<Vec<ReplyView>>> {
    Ok(Json(replies::usable(&app, &staff).await?.into_iter().map(ReplyView::from).collect()))
}

/// Adds one.
pub async fn add(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Input(given): Input<Given>,
) -> Result<Json<ReplyView>> {
    let shared = given.shared;
    Ok(Json(replies::add(&app, &staff, shared, &given.into_fields()).await?.into()))
}

/// Changes one; whose it is stays.
pub async fn save(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(given): Input<Given>,
) -> Result<Json<ReplyView>> {
    Ok(Json(replies::save(&app, &staff, id, &given.into_fields(), None).await?.into()))
}

/// Removes one.
pub async fn remove(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<StatusCode> {
    replies::remove(&app, &staff, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
