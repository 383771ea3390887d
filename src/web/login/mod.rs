//! Signing in and out of the desk.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use serde::Deserialize;

use crate::{
    app::App,
    error::Error,
    identity::{session, staff},
};

use super::{
    page::{Common, render},
    peer::From,
    signed_in::{cookie, cookie_token},
};

#[derive(Template)]
#[template(path = "login/login.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    error: Option<String>,
    email: String,
    next: String,
}

/// Where to go after signing in.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

fn page(app: &App, error: Option<String>, email: String, next: String) -> Response {
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    render(&Page { assets, clock_is_set, now, error, email, next })
}

/// The page.
pub async fn show(State(app): State<App>, Query(Next { next }): Query<Next>) -> Response {
    page(&app, None, String::new(), next)
}

/// The form.
pub async fn submit(
    State(app): State<App>,
    From(address): From,
    jar: CookieJar,
    Form(fields): Form<Fields>,
) -> Response {
    match staff::sign_in(&app, &fields.email, &fields.password, address).await {
        Ok(staff) => match session::start_for_staff(&app, &staff).await {
            Ok(token) => {
                let home = if staff.is_supervisor() { "/supervisor" } else { "/console" };
                (jar.add(cookie(token)), Redirect::to(own_page(&fields.next).unwrap_or(home))).into_response()
            }
            Err(error) => error.into_response(),
        },
        Err(Error::Refused(refusal)) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::FORBIDDEN);
            (status, page(&app, Some(refusal.message), fields.email, fields.next)).into_response()
        }
        Err(fault) => fault.into_response(),
    }
}

/// Out.
pub async fn leave(State(app): State<App>, headers: HeaderMap, jar: CookieJar) -> Response {
    if let Some(token) = cookie_token(&headers)
        && let Err(error) = session::end_for_staff(&app, &token).await
    {
        return error.into_response();
    }
    let mut gone: Cookie<'static> = cookie(String::new());
    gone.make_removal();
    (jar.add(gone), Redirect::to("/login")).into_response()
}

/// A path of ours; anything that could lead to another host is not.
fn own_page(next: &str) -> Option<&str> {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n'])
        && !next.chars().any(char::is_control);
    safe.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn only_our_own_pages_are_gone_to() {
        assert_eq!(own_page("/console"), Some("/console"));
        for bad in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\tb", "console"] {
            assert_eq!(own_page(bad), None, "{bad}");
        }
    }
}
