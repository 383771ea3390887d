//! Who may see a page of the setup: admins, or supervisors too. Others are told whom to ask.

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::people,
    error::Error,
    identity::staff::Staff,
    web::{
        page::{Common, render},
        signed_in::OnPage,
    },
};

#[derive(Template)]
#[template(path = "admin/turned_away.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    who: &'static str,
    admins: Vec<String>,
}

/// An admin, on a page.
pub struct Admin(pub Staff);

/// A supervisor or an admin, on a page.
pub struct Supervisor(pub Staff);

impl FromRequestParts<App> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let OnPage(staff) = OnPage::from_request_parts(parts, app).await?;
        if staff.is_admin() { Ok(Self(staff)) } else { Err(turned_away(parts, app, &staff, "an admin").await) }
    }
}

impl FromRequestParts<App> for Supervisor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let OnPage(staff) = OnPage::from_request_parts(parts, app).await?;
        if staff.is_supervisor() { Ok(Self(staff)) } else { Err(turned_away(parts, app, &staff, "a supervisor").await) }
    }
}

/// A page for people, words and a code for programs.
async fn turned_away(parts: &Parts, app: &App, staff: &Staff, who: &'static str) -> Response {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accepts.is_some_and(|kinds| kinds.contains("text/html")) {
        return Error::forbidden(format!("Only {who} can do this.")).into_response();
    }
    let people = match people::all(&app.db).await {
        Ok(people) => people,
        Err(error) => return error.into_response(),
    };
    let admins = people.into_iter().map(|person| person.staff).filter(|staff| staff.active && staff.is_admin());
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let admins = admins.map(|staff| staff.name).collect();
    (StatusCode::FORBIDDEN, render(&Page { assets, clock_is_set, now, name, role, who, admins })).into_response()
}
