//! The agent's console: a shell; the page's modules do the rest over the socket.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::app::App;

use super::{
    page::{Common, render},
    signed_in::OnPage,
};

#[derive(Template)]
#[template(path = "console/console.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
}

/// The page.
pub async fn show(State(app): State<App>, OnPage(staff): OnPage) -> Response {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    render(&Page { assets, clock_is_set, now, name, role })
}
