//! The desk itself: who I am, teams, categories, severities, notices, PINs.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    chat::board::{self, Colleague},
    desk::{people, tags},
    error::Result,
    identity::{
        directory::{self, CategoryView, SeverityView, TeamView},
        pin,
        staff::{Staff, StaffRole},
    },
    web::{
        reply::{Input, not_stored},
        signed_in::SignedIn,
    },
};

/// Who is signed in.
#[derive(Serialize)]
pub struct Me {
    id: Uuid,
    name: String,
    role: StaffRole,
    tier: i16,
}

/// Who is signed in.
pub async fn me(SignedIn(staff): SignedIn) -> Json<Me> {
    Json(Me { id: staff.id, name: staff.name, role: staff.role, tier: staff.tier })
}

/// The teams in use.
pub async fn teams(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<TeamView>>> {
    Ok(Json(directory::active_teams(&app.db).await?))
}

/// All colleagues, with who is there.
pub async fn colleagues(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<Colleague>>> {
    board::colleagues(&app).await.map(Json)
}

/// The categories in use.
pub async fn categories(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<CategoryView>>> {
    Ok(Json(directory::active_categories(&app.db).await?))
}

/// A person of the desk.
#[derive(Serialize)]
pub struct PersonView {
    id: Uuid,
    name: String,
    role: StaffRole,
    tier: i16,
    /// The keys of the person's teams.
    teams: Vec<String>,
    /// ISO 639-1 codes; none: the desk's own language.
    languages: Vec<String>,
}

/// Everybody who may sign in, by name: whom a chat can be handed to, who can be named in a note.
pub async fn people(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<PersonView>>> {
    let view = |people::Person { staff, teams, languages }| {
        let Staff { id, name, role, tier, .. } = staff;
        PersonView { id, name, role, tier, teams, languages }
    };
    let all = people::all(&app.db).await?;
    Ok(Json(all.into_iter().filter(|person| person.staff.active).map(view).collect()))
}

/// Keys of teams.
#[derive(Deserialize)]
pub struct Teams {
    teams: Vec<String>,
}

/// Puts a person into other teams.
pub async fn set_teams(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(teams): Input<Teams>,
) -> Result<StatusCode> {
    people::set_teams(&app, &staff, id, &teams.teams).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A tag.
#[derive(Serialize)]
pub struct TagView {
    id: Uuid,
    name: String,
}

/// The tags in use, by name.
pub async fn tags(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<TagView>>> {
    let all = tags::all(&app.db).await?;
    Ok(Json(all.into_iter().filter(|tag| tag.active).map(|tag| TagView { id: tag.id, name: tag.name }).collect()))
}

/// All severities with their definitions.
pub async fn severities(State(app): State<App>, _: SignedIn) -> Result<Json<Vec<SeverityView>>> {
    Ok(Json(directory::severities(&app.db).await?))
}

/// A notice was read.
pub async fn read_notice(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    notice::read(&app, &staff, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new PIN, shown once.
#[derive(Serialize)]
struct NewPin {
    pin: String,
}

/// A new PIN for a contact.
pub async fn renew_pin(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<Response> {
    let pin = pin::renew_by(&app, &staff, id).await?;
    Ok(not_stored(Json(NewPin { pin })))
}
