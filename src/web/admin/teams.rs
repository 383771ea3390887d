//! Teams: the list, and the form of one of them.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::teams::{self, Team, TeamFields},
    error::Result,
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/teams.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    teams: Vec<Team>,
    /// The one that is changed.
    edited: Option<Team>,
    seen: String,
}

impl Page {
    fn is_edited(&self, team: &Team) -> bool {
        self.edited.as_ref().is_some_and(|edited| edited.id == team.id)
    }

    fn helper_of(&self, team: &Team) -> &str {
        self.teams.iter().find(|other| Some(other.id) == team.overflow_team_id).map_or("", |other| &other.name)
    }
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, &visit.edit, done_words(&visit.done)).await
}

/// A button of the page.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    match act(&app, &staff, &fields).await {
        Ok(key) => Ok(done("/admin/teams", key)),
        Err(error) => {
            let edit = fields.edited();
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), &edit, None).await?).into_response())
        }
    }
}

async fn act(app: &App, staff: &Staff, fields: &Fields) -> Result<&'static str> {
    let given = TeamFields {
        name: fields.one("name").into(),
        picking: fields.has("picking", "yes"),
        overflow: fields.one("overflow").into(),
    };
    Ok(match fields.one("do") {
        "retire" => teams::retire(app, staff, fields.id()?).await.map(|()| "retired")?,
        "restore" => teams::restore(app, staff, fields.id()?).await.map(|()| "restored")?,
        _ if fields.one("id").is_empty() => teams::add(app, staff, &given).await.map(|_| "added")?,
        _ => teams::save(app, staff, fields.id()?, &given, fields.seen()).await.map(|()| "saved")?,
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
    let teams = teams::all(&app.db).await?;
    let edited = teams.iter().find(|team| team.id.to_string() == edit).cloned();
    let seen = edited.as_ref().map(|team| teams::mark(&teams, team)).unwrap_or_default();
    let stored = || match &edited {
        Some(team) => {
            let helper = teams.iter().find(|other| Some(other.id) == team.overflow_team_id);
            let overflow = helper.map(|helper| helper.key.clone()).unwrap_or_default();
            let picking = if team.picking { "yes" } else { "" };
            Fields::of([("name", team.name.clone()), ("picking", picking.into()), ("overflow", overflow)])
        }
        None => Fields::of([("picking", "yes".into())]),
    };
    let form = Form::again(form, stored);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, teams, edited, seen }))
}
