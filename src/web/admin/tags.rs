//! Tags: the list, and the form of one of them.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        tags::{self, Tag},
    },
    error::Result,
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::{
    access::Supervisor,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/tags.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    tags: Vec<Tag>,
    edited: Option<Tag>,
    seen: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Supervisor(staff): Supervisor,
    Query(visit): Query<Visit>,
) -> Result<Response> {
    page(&app, &staff, None, &visit.edit, done_words(&visit.done)).await
}

/// A button of the page.
pub async fn submit(State(app): State<App>, Supervisor(staff): Supervisor, fields: Fields) -> Result<Response> {
    match act(&app, &staff, &fields).await {
        Ok(key) => Ok(done("/admin/tags", key)),
        Err(error) => {
            let edit = fields.edited();
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), &edit, None).await?).into_response())
        }
    }
}

async fn act(app: &App, staff: &Staff, fields: &Fields) -> Result<&'static str> {
    let name = fields.one("name");
    Ok(match fields.one("do") {
        "retire" => tags::set_active(app, staff, fields.id()?, false).await.map(|()| "retired")?,
        "restore" => tags::set_active(app, staff, fields.id()?, true).await.map(|()| "restored")?,
        _ if fields.one("id").is_empty() => tags::add(app, staff, name).await.map(|_| "added")?,
        _ => tags::rename(app, staff, fields.id()?, name, fields.seen()).await.map(|()| "saved")?,
    })
}

async fn page(
    app: &App,
    staff: &Staff,
    form: Option<Form>,
    edit: &str,
    saved: Option<&'static str>,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let tags = tags::all(&app.db).await?;
    let edited = tags.iter().find(|tag| tag.id.to_string() == edit).cloned();
    let seen = edited.as_ref().map(change::mark).unwrap_or_default();
    let stored = || Fields::of([("name", edited.as_ref().map(|tag| tag.name.clone()).unwrap_or_default())]);
    let form = Form::again(form, stored);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, tags, edited, seen }))
}
