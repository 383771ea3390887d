//! Sites: the list with what is to be pasted, and the form of one of them.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        sites::{self, SiteFields},
    },
    error::Result,
    identity::{site::Site, staff::Staff},
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/sites.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    sites: Vec<Shown>,
    edited: Option<Site>,
    /// The one that is to be removed, once that is confirmed.
    removed: Option<Site>,
    seen: String,
}

/// A site with the line that embeds the widget.
struct Shown {
    site: Site,
    embedding: String,
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, &visit.edit, &visit.remove, done_words(&visit.done)).await
}

/// A button of the page.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    match act(&app, &staff, &fields).await {
        Ok(key) => Ok(done("/admin/sites", key)),
        Err(error) => {
            let edit = fields.edited();
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), &edit, "", None).await?).into_response())
        }
    }
}

async fn act(app: &App, staff: &Staff, fields: &Fields) -> Result<&'static str> {
    let given = SiteFields {
        name: fields.one("name").into(),
        origins: fields.one("origins").into(),
        greeting: fields.one("greeting").into(),
        color: fields.one("color").into(),
    };
    let token = fields.one("id");
    Ok(match fields.one("do") {
        "remove" => sites::remove(app, staff, token).await.map(|()| "removed")?,
        _ if token.is_empty() => sites::add(app, staff, &given).await.map(|_| "added")?,
        _ => sites::save(app, staff, token, &given, fields.seen()).await.map(|()| "saved")?,
    })
}

async fn page(
    app: &App,
    staff: &Staff,
    form: Option<Form>,
    edit: &str,
    remove: &str,
    saved: Option<&'static str>,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let sites = sites::all(&app.db).await?;
    let find = |token: &str| sites.iter().find(|site| site.token == token).cloned();
    let (edited, removed) = (find(edit), find(remove));
    let seen = edited.as_ref().map(change::mark).unwrap_or_default();
    let stored = || match &edited {
        Some(Site { name, origins, greeting, color, .. }) => Fields::of([
            ("name", name.clone()),
            ("origins", origins.join("\n")),
            ("greeting", greeting.clone()),
            ("color", color.clone()),
        ]),
        None => Fields::of([("greeting", "Hello! How can we help?".into()), ("color", "#1f6f5c".into())]),
    };
    let form = Form::again(form, stored);
    let shown = |site: Site| Shown { embedding: sites::embedding(app, &site.token), site };
    let sites = sites.into_iter().map(shown).collect();
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, sites, edited, removed, seen }))
}
