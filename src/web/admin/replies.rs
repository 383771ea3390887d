//! Canned replies: the shared ones, and a person's own.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        replies::{self, LONGEST_TEXT, Reply, ReplyFields, VARIABLES},
    },
    error::Result,
    identity::staff::Staff,
    web::{
        page::{Common, render},
        signed_in::OnPage,
    },
};

use super::{
    access::Supervisor,
    form::{Fields, Form, Visit, done, done_words, refused},
};

/// Whose replies a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Shared,
    Own,
}

impl Whose {
    fn path(self) -> &'static str {
        match self {
            Self::Shared => "/admin/replies",
            Self::Own => "/replies",
        }
    }
}

#[derive(Template)]
#[template(path = "admin/replies.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    whose: Whose,
    replies: Vec<Reply>,
    edited: Option<Reply>,
    seen: String,
    most: usize,
}

/// The shared replies.
pub async fn show(
    State(app): State<App>,
    Supervisor(staff): Supervisor,
    Query(visit): Query<Visit>,
) -> Result<Response> {
    page(&app, &staff, Whose::Shared, None, &visit.edit, done_words(&visit.done)).await
}

/// A person's own replies.
pub async fn show_own(State(app): State<App>, OnPage(staff): OnPage, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, Whose::Own, None, &visit.edit, done_words(&visit.done)).await
}

/// A button of the page of the shared replies.
pub async fn submit(State(app): State<App>, Supervisor(staff): Supervisor, fields: Fields) -> Result<Response> {
    answer(&app, &staff, Whose::Shared, fields).await
}

/// A button of the page of one's own replies.
pub async fn submit_own(State(app): State<App>, OnPage(staff): OnPage, fields: Fields) -> Result<Response> {
    answer(&app, &staff, Whose::Own, fields).await
}

async fn answer(app: &App, staff: &Staff, whose: Whose, fields: Fields) -> Result<Response> {
    match act(app, staff, whose, &fields).await {
        Ok(key) => Ok(done(whose.path(), key)),
        Err(error) => {
            let edit = fields.edited();
            let (status, form) = refused(fields, error)?;
            Ok((status, page(app, staff, whose, Some(form), &edit, None).await?).into_response())
        }
    }
}

async fn act(app: &App, staff: &Staff, whose: Whose, fields: &Fields) -> Result<&'static str> {
    let given = ReplyFields {
        shortcut: fields.one("shortcut").into(),
        title: fields.one("title").into(),
        text: fields.one("text").into(),
    };
    Ok(match fields.one("do") {
        "remove" => replies::remove(app, staff, fields.id()?).await.map(|()| "removed")?,
        _ if fields.one("id").is_empty() => {
            replies::add(app, staff, whose == Whose::Shared, &given).await.map(|_| "added")?
        }
        _ => replies::save(app, staff, fields.id()?, &given, fields.seen()).await.map(|_| "saved")?,
    })
}

async fn page(
    app: &App,
    staff: &Staff,
    whose: Whose,
    form: Option<Form>,
    edit: &str,
    saved: Option<&'static str>,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let replies = match whose {
        Whose::Shared => replies::shared(app).await?,
        Whose::Own => replies::own(app, staff).await?,
    };
    let edited = replies.iter().find(|reply| reply.id.to_string() == edit).cloned();
    let seen = edited.as_ref().map(change::mark).unwrap_or_default();
    let stored = || match &edited {
        Some(Reply { shortcut, title, text, .. }) => {
            Fields::of([("shortcut", shortcut.clone()), ("title", title.clone()), ("text", text.clone())])
        }
        None => Fields::default(),
    };
    let form = Form::again(form, stored);
    let most = LONGEST_TEXT;
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, whose, replies, edited, seen, most }))
}
