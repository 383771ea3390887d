//! Cases for the desk's people: lists, the page, the steps through the tiers.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        case::{self, CaseList, CasePage, CaseRow},
        escalation, resolution,
    },
    error::Result,
    identity::staff::Staff,
    web::{reply::Input, signed_in::SignedIn},
};

/// Which cases.
#[derive(Deserialize)]
pub struct Filter {
    view: CaseList,
    #[serde(default)]
    team: Option<String>,
    #[serde(default)]
    tier: Option<i16>,
}

/// Why.
#[derive(Deserialize)]
pub struct Reason {
    reason: String,
}

/// How.
#[derive(Deserialize)]
pub struct Note {
    note: String,
}

/// What.
#[derive(Deserialize)]
pub struct Words {
    text: String,
}

/// What solved it.
#[derive(Deserialize)]
pub struct Resolution {
    resolution: String,
    #[serde(default)]
    solution: Option<Uuid>,
}

/// A list.
pub async fn list(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<CaseRow>>> {
    let team = filter.team.as_deref().filter(|key| !key.is_empty() && !key.contains('\0'));
    case::list(&app, &staff, filter.view, team, filter.tier).await.map(Json)
}

/// A case's page.
pub async fn show(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
) -> Result<Json<CasePage>> {
    page(&app, &staff, number).await
}

/// The caller works it.
pub async fn claim(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
) -> Result<Json<CasePage>> {
    escalation::claim(&app, &staff, number).await?;
    page(&app, &staff, number).await
}

/// To the next tier.
pub async fn escalate(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
    Input(why): Input<Reason>,
) -> Result<Json<CasePage>> {
    escalation::escalate(&app, &staff, number, &why.reason).await?;
    page(&app, &staff, number).await
}

/// Back to the owner.
pub async fn hand_back(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
    Input(why): Input<Reason>,
) -> Result<Json<CasePage>> {
    escalation::hand_back(&app, &staff, number, &why.reason).await?;
    page(&app, &staff, number).await
}

/// Verified by call-back.
pub async fn verify(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
    Input(how): Input<Note>,
) -> Result<Json<CasePage>> {
    escalation::verify(&app, &staff, number, &how.note).await?;
    page(&app, &staff, number).await
}

/// A comment for colleagues.
pub async fn comment(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
    Input(what): Input<Words>,
) -> Result<Json<CasePage>> {
    escalation::comment(&app, &staff, number, &what.text).await?;
    page(&app, &staff, number).await
}

/// Ends it.
pub async fn resolve(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<i64>,
    Input(what): Input<Resolution>,
) -> Result<Json<CasePage>> {
    resolution::resolve(&app, &staff, number, &what.resolution, what.solution).await?;
    page(&app, &staff, number).await
}

async fn page(app: &App, staff: &Staff, number: i64) -> Result<Json<CasePage>> {
    case::page(app, staff, number).await.map(Json)
}
