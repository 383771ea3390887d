//! Cases for the desk's people: lists, the page, the steps through the tiers.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        case::{self, CaseList, CasePage, CaseRow},
        comments,
        lifecycle::CaseStatus,
        moves::{self, Asked},
        offers,
        relations::{self, Relation},
        steps::By,
        watching,
    },
    error::{Error, Result},
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

/// What somebody does with a case. The address ends with the verb, with dashes; the body has the rest.
#[derive(Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Verb {
    Claim,
    Pass,
    Assign {
        person: Uuid,
        reason: String,
    },
    Release {
        reason: String,
    },
    Escalate {
        reason: String,
        #[serde(default)]
        reference: String,
    },
    Reference {
        reference: String,
    },
    Move {
        team: String,
        tier: i16,
        reason: String,
    },
    HandBack {
        reason: String,
    },
    AskCustomer {
        what: Asked,
        text: String,
    },
    Interrupt {
        reason: String,
    },
    Resume {
        reason: String,
    },
    Answer {
        text: String,
    },
    Comment {
        text: String,
    },
    Ask {
        person: Uuid,
        text: String,
    },
    Verify {
        note: String,
    },
    Provide {
        resolution: String,
        #[serde(default)]
        solution: Option<Uuid>,
        #[serde(default)]
        verified: bool,
    },
    Confirm,
    NotSolved {
        text: String,
    },
    Resolve {
        resolution: String,
        #[serde(default)]
        solution: Option<Uuid>,
    },
    Close {
        status: CaseStatus,
        reason: String,
    },
    Cancel {
        #[serde(default)]
        reason: String,
    },
    Reopen {
        reason: String,
    },
    Owner {
        person: Uuid,
        reason: String,
    },
    Link {
        to: i64,
        relation: Relation,
    },
    Unlink {
        to: i64,
    },
    Watch {
        #[serde(default)]
        person: Option<Uuid>,
    },
    Unwatch {
        #[serde(default)]
        person: Option<Uuid>,
    },
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

/// A verb; the case's page after it.
pub async fn act(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path((number, verb)): Path<(i64, String)>,
    Input(mut body): Input<Map<String, Value>>,
) -> Result<Json<CasePage>> {
    body.insert("verb".into(), verb.into());
    let verb = serde_json::from_value(Value::Object(body)).map_err(|error| {
        let what = error.to_string();
        match what.starts_with("unknown variant") {
            true => Error::not_found("A case has no such verb."),
            false => Error::invalid("bad_json", format!("The request cannot be read: {what}.")),
        }
    })?;
    let (app, staff) = (&app, &staff);
    let by = By::Desk(staff);
    match verb {
        Verb::Claim => moves::claim(app, staff, number).await,
        Verb::Pass => offers::pass(app, staff, number).await,
        Verb::Assign { person, reason } => moves::assign(app, staff, number, person, &reason).await,
        Verb::Release { reason } => moves::release(app, staff, number, &reason).await,
        Verb::Escalate { reason, reference } => moves::escalate(app, staff, number, &reason, &reference).await,
        Verb::Reference { reference } => moves::set_reference(app, staff, number, &reference).await,
        Verb::Move { team, tier, reason } => moves::to_queue(app, staff, number, &team, tier, &reason).await,
        Verb::HandBack { reason } => moves::hand_back(app, staff, number, &reason).await,
        Verb::AskCustomer { what, text } => moves::ask_customer(app, staff, number, what, &text).await,
        Verb::Interrupt { reason } => moves::interrupt(app, staff, number, &reason).await,
        Verb::Resume { reason } => moves::resume(app, staff, number, &reason).await,
        Verb::Answer { text } => comments::answer(app, staff, number, &text).await,
        Verb::Comment { text } => comments::comment(app, staff, number, &text).await,
        Verb::Ask { person, text } => comments::ask_colleague(app, staff, number, person, &text).await,
        Verb::Verify { note } => moves::verify(app, staff, number, &note).await,
        Verb::Provide { resolution, solution, verified } => {
            moves::provide(app, staff, number, &resolution, solution, verified).await
        }
        Verb::Confirm => moves::confirm(app, by, number).await,
        Verb::NotSolved { text } => moves::not_solved(app, by, number, &text).await,
        Verb::Resolve { resolution, solution } => moves::resolve(app, staff, number, &resolution, solution).await,
        Verb::Close { status, reason } => moves::close(app, staff, number, status, &reason).await,
        Verb::Cancel { reason } => moves::cancel(app, by, number, &reason).await,
        Verb::Reopen { reason } => moves::reopen(app, staff, number, &reason).await,
        Verb::Owner { person, reason } => moves::pass_ownership(app, staff, number, person, &reason).await,
        Verb::Link { to, relation } => relations::link(app, staff, number, to, relation).await,
        Verb::Unlink { to } => relations::unlink(app, staff, number, to).await,
        Verb::Watch { person } => watching::begin(app, staff, number, person).await,
        Verb::Unwatch { person } => watching::end(app, staff, number, person).await,
    }?;
    page(app, staff, number).await
}

async fn page(app: &App, staff: &Staff, number: i64) -> Result<Json<CasePage>> {
    case::page(app, staff, number).await.map(Json)
}
