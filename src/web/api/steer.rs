//! What the desk's people do with a running chat: handing on, notes, tags, drafts, and what supervisors do.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        asides,
        drafts::{self, Drafts},
        log::Receipt,
        merge, steer, tags, transfer,
    },
    error::Result,
    web::{reply::Input, signed_in::SignedIn},
};

type Done = Result<StatusCode>;

fn done(result: Result<()>) -> Done {
    result.map(|()| StatusCode::NO_CONTENT)
}

/// Something written, with an id of the client's own.
#[derive(Deserialize)]
pub struct Said {
    id: Uuid,
    text: String,
}

/// Where it stands in the chat's log.
#[derive(Serialize)]
pub struct Stands {
    seq: i64,
    at: chrono::DateTime<chrono::Utc>,
}

impl From<Receipt> for Stands {
    fn from(Receipt { seq, at }: Receipt) -> Self {
        Self { seq, at }
    }
}

/// A person.
#[derive(Deserialize)]
pub struct Whom {
    to: Uuid,
}

/// How urgent.
#[derive(Deserialize)]
pub struct Urgency {
    severity: i16,
}

/// What for.
#[derive(Deserialize)]
pub struct Reason {
    reason: String,
}

/// A text.
#[derive(Deserialize)]
pub struct Text {
    text: String,
}

/// Names of tags.
#[derive(Deserialize)]
pub struct Names {
    tags: Vec<String>,
}

/// Another chat.
#[derive(Deserialize)]
pub struct Other {
    chat: Uuid,
}

/// Hands the chat on.
pub async fn hand_on(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(to): Input<transfer::To>,
) -> Done {
    done(transfer::begin(&app, &staff, id, &to).await)
}

/// Keeps it after all.
pub async fn take_back(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(transfer::take_back(&app, &staff, id).await)
}

/// A note for colleagues.
pub async fn note(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(said): Input<Said>,
) -> Result<Json<Stands>> {
    asides::note(&app, &staff, id, said.id, &said.text).await.map(|receipt| Json(receipt.into()))
}

/// A word to the specialist.
pub async fn whisper(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(said): Input<Said>,
) -> Result<Json<Stands>> {
    asides::whisper(&app, &staff, id, said.id, &said.text).await.map(|receipt| Json(receipt.into()))
}

/// The caller serves it.
pub async fn take_over(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::take_over(&app, &staff, id).await)
}

/// Somebody else serves it.
pub async fn assign(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(whom): Input<Whom>,
) -> Done {
    done(steer::assign(&app, &staff, id, whom.to).await)
}

/// The caller joins.
pub async fn join(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::join(&app, &staff, id).await)
}

/// The caller leaves again.
pub async fn leave(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::leave(&app, &staff, id).await)
}

/// More or less urgent.
pub async fn set_severity(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(urgency): Input<Urgency>,
) -> Done {
    done(steer::set_severity(&app, &staff, id, urgency.severity).await)
}

/// To another line.
pub async fn move_to(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(to): Input<transfer::To>,
) -> Done {
    done(steer::move_to(&app, &staff, id, &to).await)
}

/// Back to the line.
pub async fn requeue(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::requeue(&app, &staff, id).await)
}

/// The specialist asks for a supervisor.
pub async fn flag(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(why): Input<Reason>,
) -> Done {
    done(steer::flag(&app, &staff, id, &why.reason).await)
}

/// That is settled.
pub async fn unflag(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::unflag(&app, &staff, id).await)
}

/// It is written up.
pub async fn end_wrap_up(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Done {
    done(steer::end_wrap_up(&app, &staff, id).await)
}

/// Its tags.
pub async fn set_tags(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(names): Input<Names>,
) -> Done {
    done(tags::set(&app, &staff, id, &names.tags).await)
}

/// Another chat goes on here.
pub async fn merge(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(other): Input<Other>,
) -> Done {
    done(merge::merge(&app, &staff, id, other.chat).await)
}

/// The caller's drafts.
pub async fn show_drafts(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Drafts>> {
    drafts::of(&app, &staff, id).await.map(Json)
}

/// Keeps a draft.
pub async fn keep_draft(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path((id, kind)): Path<(Uuid, drafts::Kind)>,
    Input(draft): Input<Text>,
) -> Done {
    done(drafts::keep(&app, &staff, id, kind, &draft.text).await)
}
