//! Pages: rendering, and what all of them show.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::{
    app::App,
    error::Error,
    identity::staff::{Staff, StaffRole},
};

use super::assets;

/// What every page needs.
pub struct Common {
    /// What the addresses of files begin with.
    pub assets: String,
    /// The server's clock was set by hand; the page says so.
    pub clock_is_set: bool,
    /// The server's time.
    pub now: String,
    /// The name of whoever is signed in.
    pub name: String,
    /// `agent`, `supervisor`, `admin`, or nothing.
    pub role: String,
}

impl Common {
    /// For a page that nobody is signed in to.
    pub fn new(app: &App) -> Self {
        Self {
            assets: assets::BASE.clone(),
            clock_is_set: app.clock.is_set_by_hand(),
            now: app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            name: String::new(),
            role: String::new(),
        }
    }

    /// For a page of the desk's people.
    pub fn for_staff(app: &App, staff: &Staff) -> Self {
        let role = match staff.role {
            StaffRole::Agent => "agent",
            StaffRole::Supervisor => "supervisor",
            StaffRole::Admin => "admin",
        };
        Self { name: staff.name.clone(), role: role.into(), ..Self::new(app) }
    }
}

/// A page as an answer.
pub fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => Error::internal(error).into_response(),
    }
}
