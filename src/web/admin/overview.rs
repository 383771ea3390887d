//! The first page of the setup: what is set where, and how much there is of it.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    app::App,
    desk::overview::{self, Counts},
    error::Result,
    hours::form::status_text,
    web::page::{Common, render},
};

use super::access::Admin;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    counts: Counts,
    status_text: String,
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let counts = overview::counts(&app.db).await?;
    let status_text = status_text(&app.hours.chat_view(app.clock.now()));
    Ok(render(&Page { assets, clock_is_set, now, name, role, counts, status_text }))
}
