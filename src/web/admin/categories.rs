//! Categories and where their cases go: the list, and the form of one of them.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use crate::{
    app::App,
    desk::{
        categories::{self, Category, CategoryFields, Route},
        change,
        severities::{self, Severity},
        teams::{self, Team},
    },
    error::Result,
    identity::staff::{Staff, TOP_TIER, tier_name},
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/categories.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    categories: Vec<Category>,
    teams: Vec<Team>,
    severities: Vec<Severity>,
    edited: Option<Category>,
    seen: String,
}

impl Page {
    fn team_of(&self, id: &Uuid) -> &str {
        self.teams.iter().find(|team| team.id == *id).map_or("", |team| &team.name)
    }

    fn route_words(&self, route: &Route) -> String {
        let severity = self.severities.iter().find(|severity| severity.level == route.severity);
        let severity = severity.map_or("", |severity| &severity.name);
        format!("{} {severity}: {}, {}", route.severity, self.team_of(&route.team_id), tier_name(route.tier))
    }

    fn is_first(&self, category: &Category) -> bool {
        self.categories.first().is_some_and(|first| first.id == category.id)
    }

    fn is_last(&self, category: &Category) -> bool {
        self.categories.iter().rfind(|other| other.active).is_some_and(|last| last.id == category.id)
    }

    fn tiers(&self) -> Vec<(i16, &'static str)> {
        (1..=TOP_TIER).map(|tier| (tier, tier_name(tier))).collect()
    }
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, &visit.edit, done_words(&visit.done)).await
}

/// A button of the page.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    match act(&app, &staff, &fields).await {
        Ok(key) => Ok(done("/admin/categories", key)),
        Err(error) => {
            let edit = fields.edited();
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), &edit, None).await?).into_response())
        }
    }
}

async fn act(app: &App, staff: &Staff, fields: &Fields) -> Result<&'static str> {
    let route = |level: i16| {
        let (team, tier) = (fields.one(&format!("route-team-{level}")), fields.one(&format!("route-tier-{level}")));
        (level, team.to_owned(), tier.to_owned())
    };
    let given = CategoryFields {
        name: fields.one("name").into(),
        team: fields.one("team").into(),
        set_text: fields.one("set_text").into(),
        routes: severities::all(&app.db).await?.iter().map(|severity| route(severity.level)).collect(),
    };
    Ok(match fields.one("do") {
        "retire" => categories::set_active(app, staff, fields.id()?, false).await.map(|()| "retired")?,
        "restore" => categories::set_active(app, staff, fields.id()?, true).await.map(|()| "restored")?,
        "up" => categories::move_by_one(app, staff, fields.id()?, true).await.map(|()| "moved")?,
        "down" => categories::move_by_one(app, staff, fields.id()?, false).await.map(|()| "moved")?,
        _ if fields.one("id").is_empty() => categories::add(app, staff, &given).await.map(|_| "added")?,
        _ => categories::save(app, staff, fields.id()?, &given, fields.seen()).await.map(|()| "saved")?,
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
    let mut categories = categories::all(&app.db).await?;
    // Those that are no longer used come last; a stable order keeps the places of the others.
    categories.sort_by_key(|category| !category.active);
    let (teams, severities) = (teams::all(&app.db).await?, severities::all(&app.db).await?);
    let edited = categories.iter().find(|category| category.id.to_string() == edit).cloned();
    let seen = edited.as_ref().map(change::mark).unwrap_or_default();
    let stored = || {
        let Some(category) = &edited else { return Fields::default() };
        let key = |id: Uuid| teams.iter().find(|team| team.id == id).map(|team| team.key.clone()).unwrap_or_default();
        let stored =
            [("name", category.name.clone()), ("team", key(category.team_id)), ("set_text", category.set_text.clone())];
        let mut fields = Fields::of(stored);
        for route in &category.routes {
            let team = if route.team_id == category.team_id { String::new() } else { key(route.team_id) };
            fields.push(format!("route-team-{}", route.severity), team);
            fields.push(format!("route-tier-{}", route.severity), route.tier.to_string());
        }
        fields
    };
    let form = Form::again(form, stored);
    Ok(render(&Page {
        assets,
        clock_is_set,
        now,
        name,
        role,
        form,
        saved,
        categories,
        teams,
        severities,
        edited,
        seen,
    }))
}
