//! The supervisor's pages: the wallboard, a shell that the page's modules fill over the socket, and the figures' history.

mod chart;
pub mod history;
pub mod surveys;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};

use crate::app::App;

use super::{
    page::{Common, render},
    signed_in::OnPage,
};

#[derive(Template)]
#[template(path = "supervisor/supervisor.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
}

/// The page.
pub async fn show(State(app): State<App>, OnPage(staff): OnPage) -> Response {
    if !staff.is_supervisor() {
        return Redirect::to("/console").into_response();
    }
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    render(&Page { assets, clock_is_set, now, name, role })
}
