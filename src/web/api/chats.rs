//! Chats for the desk's people: who the customer is, and the step to a case.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        case::{self, OpenCase},
        from_chat::{self, CaseDraft},
    },
    chat::{
        ChatRow, access,
        board::{self, PastChat},
        conversation::{ChatState, no_chat},
        log,
        protocol::ChatView,
        transcript::{self, TranscriptView, When},
    },
    entitlement::rulings,
    error::Result,
    identity::{
        account::{self, Account},
        contact::{self, ContactRole},
        staff::Staff,
    },
    knowledge::reading::{self, Found},
    web::{reply::Input, signed_in::SignedIn},
};

/// A contact with what it is at the account.
#[derive(Serialize)]
pub struct ContactView {
    id: Uuid,
    name: String,
    email: String,
    role: Option<ContactRole>,
}

/// All about a chat's customer.
#[derive(Serialize)]
pub struct Panel {
    chat: ChatView,
    state: ChatState,
    contact: ContactView,
    account: Account,
    verified: bool,
    past_chats: Vec<PastChat>,
    open_cases: Vec<OpenCase>,
    /// What supervisors ruled about the account or the person, in words.
    rulings: Vec<String>,
    transcript: TranscriptView,
}

/// A chat that a person may see.
async fn find(app: &App, staff: &Staff, id: Uuid) -> Result<ChatRow> {
    let row = board::find(app, id).await?;
    let hands = board::hands(app, id).await?;
    access::check(app, staff, &hands).await?;
    Ok(row)
}

/// Solutions for what the customer said so far, most relevant first.
pub async fn solutions(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<Found>>> {
    find(&app, &staff, id).await?;
    reading::for_conversation(&app, &log::read_after(&app, id, 0, 10_000).await?).await.map(Json)
}

/// The customer's panel.
pub async fn show(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<Json<Panel>> {
    let row = find(&app, &staff, id).await?;
    let contact = contact::find(&app.db, row.contact_id).await?.ok_or_else(no_chat)?;
    let account = account::find(&app.db, row.account_id).await?.ok_or_else(no_chat)?;
    let (state, chat) = board::find_view(&app, id).await?;
    Ok(Json(Panel {
        chat,
        state,
        contact: ContactView {
            role: contact::role_at(&app.db, row.account_id, contact.id).await?,
            id: contact.id,
            name: contact.name,
            email: contact.email,
        },
        account,
        // Nobody reaches an agent without the right PIN.
        verified: true,
        past_chats: board::past_chats(&app.db, row.contact_id, id).await?,
        open_cases: case::open_cases_of(&app.db, row.contact_id).await?,
        rulings: rulings::words(&app.db, row.account_id, row.contact_id, app.clock.now()).await?,
        transcript: transcript::find(&app, id).await?,
    }))
}

/// What the transcript says a case would be.
pub async fn propose_case(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<CaseDraft>> {
    from_chat::propose(&app, &staff, id).await.map(Json)
}

/// The case that it became.
#[derive(Serialize)]
pub struct CaseNumber {
    case: i64,
}

/// Makes the chat a case.
pub async fn make_case(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(draft): Input<CaseDraft>,
) -> Result<Json<CaseNumber>> {
    let case = from_chat::make(&app, &staff, id, &draft).await?;
    Ok(Json(CaseNumber { case }))
}

/// When the transcript is sent.
#[derive(Deserialize)]
pub struct SendTranscript {
    when: When,
}

/// Sends the transcript to the customer.
pub async fn send_transcript(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(id): Path<Uuid>,
    Input(asked): Input<SendTranscript>,
) -> Result<Json<TranscriptView>> {
    transcript::send(&app, &staff, id, asked.when).await.map(Json)
}
