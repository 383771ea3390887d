//! The desk's people: the list, and a page for each of them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    desk::{
        people::{self, MOST_CHATS, Person, PersonFields, SHORTEST_PASSWORD},
        teams::{self, Team},
    },
    error::Result,
    identity::staff::{Staff, StaffRole, TOP_TIER, tier_name},
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/people.html")]
struct ListPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    people: Vec<Person>,
    teams: Vec<Team>,
    filter: Filter,
    counts: [(&'static str, &'static str, usize); 2],
}

impl ListPage {
    fn teams_of(&self, person: &Person) -> String {
        let names = self.teams.iter().filter(|team| person.teams.contains(&team.key)).map(|team| team.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    fn role_of(&self, person: &Person) -> &'static str {
        role_name(person.staff.role)
    }

    fn tier_of(&self, person: &Person) -> &'static str {
        tier_name(person.staff.tier)
    }
}

/// Which people are listed.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    /// `gone`: those who may no longer sign in.
    #[serde(default)]
    state: String,
    /// Of a team, by its key.
    #[serde(default)]
    team: String,
    #[serde(default)]
    done: String,
}

fn role_name(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Agent => "Specialist",
        StaffRole::Supervisor => "Supervisor",
        StaffRole::Admin => "Admin",
    }
}

/// The list.
pub async fn list(State(app): State<App>, Admin(staff): Admin, Query(filter): Query<Filter>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let (mut people, teams) = (people::all(&app.db).await?, teams::all(&app.db).await?);
    people.retain(|person| filter.team.is_empty() || person.teams.contains(&filter.team));
    let active = people.iter().filter(|person| person.staff.active).count();
    let counts = [("", "At the desk", active), ("gone", "Deactivated", people.len() - active)];
    people.retain(|person| person.staff.active != (filter.state == "gone"));
    let (form, saved) = (Form::default(), done_words(&filter.done));
    Ok(render(&ListPage { assets, clock_is_set, now, name, role, form, saved, people, teams, filter, counts }))
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct OnePage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    /// Nobody: a new one.
    person: Option<Person>,
    teams: Vec<Team>,
    seen: String,
    is_oneself: bool,
    shortest: usize,
    most_chats: i16,
}

impl OnePage {
    fn tiers(&self) -> Vec<(i16, &'static str)> {
        (1..=TOP_TIER).map(|tier| (tier, tier_name(tier))).collect()
    }

    fn roles(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("agent", "Specialist", "works chats and cases"),
            ("supervisor", "Supervisor", "sees and steers everything"),
            ("admin", "Admin", "also sets the desk up"),
        ]
    }

    fn address(&self) -> String {
        self.person.as_ref().map_or_else(|| "/admin/people/new".into(), |one| format!("/admin/people/{}", one.staff.id))
    }
}

/// An empty form.
pub async fn begin(State(app): State<App>, Admin(staff): Admin) -> Result<Response> {
    page(&app, &staff, None, None, None).await
}

/// A new person.
pub async fn create(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    match people::add(&app, &staff, &given(&fields), fields.one("password")).await {
        Ok(id) => Ok(done(&format!("/admin/people/{id}"), "added")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, None, Some(form), None).await?).into_response())
        }
    }
}

/// A person's page.
pub async fn show(
    State(app): State<App>,
    Admin(staff): Admin,
    Path(id): Path<Uuid>,
    Query(visit): Query<Visit>,
) -> Result<Response> {
    page(&app, &staff, Some(id), None, done_words(&visit.done)).await
}

/// A button of a person's page.
pub async fn submit(
    State(app): State<App>,
    Admin(staff): Admin,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response> {
    let outcome = async {
        Ok(match fields.one("do") {
            "password" => people::set_password(&app, &staff, id, fields.one("password")).await.map(|()| "password")?,
            "deactivate" => people::set_active(&app, &staff, id, false).await.map(|()| "deactivated")?,
            "restore" => people::set_active(&app, &staff, id, true).await.map(|()| "reactivated")?,
            _ => people::save(&app, &staff, id, &given(&fields), fields.seen()).await.map(|()| "saved")?,
        })
    };
    match outcome.await {
        Ok(key) => Ok(done(&format!("/admin/people/{id}"), key)),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            // There is no page of somebody whom nobody knows.
            if status == StatusCode::NOT_FOUND {
                return Err(people::no_person());
            }
            Ok((status, page(&app, &staff, Some(id), Some(form), None).await?).into_response())
        }
    }
}

fn given(fields: &Fields) -> PersonFields {
    let one = |name: &str| fields.one(name).to_owned();
    PersonFields {
        name: one("name"),
        email: one("email"),
        role: one("role"),
        tier: one("tier"),
        capacity: one("capacity"),
        teams: fields.all("teams"),
        languages: one("languages"),
    }
}

async fn page(
    app: &App,
    staff: &Staff,
    id: Option<Uuid>,
    form: Option<Form>,
    saved: Option<&'static str>,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let person = match id {
        Some(id) => {
            let all = people::all(&app.db).await?;
            Some(all.into_iter().find(|person| person.staff.id == id).ok_or_else(people::no_person)?)
        }
        None => None,
    };
    let stored = || match &person {
        Some(Person { staff, teams, languages }) => {
            let role = match staff.role {
                StaffRole::Agent => "agent",
                StaffRole::Supervisor => "supervisor",
                StaffRole::Admin => "admin",
            };
            let mut fields = Fields::of([
                ("name", staff.name.clone()),
                ("email", staff.email.clone()),
                ("role", role.to_owned()),
                ("tier", staff.tier.to_string()),
                ("capacity", staff.capacity.to_string()),
                ("languages", languages.join(", ")),
            ]);
            teams.iter().for_each(|key| fields.push("teams", key));
            fields
        }
        None => Fields::of([("role", "agent".into()), ("tier", "1".into()), ("capacity", "3".into())]),
    };
    let form = Form::again(form, stored);
    let mut teams = teams::all(&app.db).await?;
    // Teams that are retired can be left, not joined.
    teams.retain(|team| team.active || person.as_ref().is_some_and(|person| person.teams.contains(&team.key)));
    let seen = person.as_ref().map(Person::mark).unwrap_or_default();
    let is_oneself = id == Some(staff.id);
    let (shortest, most_chats) = (SHORTEST_PASSWORD, MOST_CHATS);
    Ok(render(&OnePage {
        assets,
        clock_is_set,
        now,
        name,
        role,
        form,
        saved,
        person,
        teams,
        seen,
        is_oneself,
        shortest,
        most_chats,
    }))
}
