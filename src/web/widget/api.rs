//! What the widget's frame asks over HTTP: its site, the PIN check, a conversation, a left message.

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    cases::left_message::{self, Left, LeftMessage},
    chat::{
        conversation,
        protocol::HoursView,
        transcript::{self, TranscriptView, When},
    },
    error::{Error, Result},
    identity::{
        contact::{self, Claim},
        pin, session, site,
    },
    web::{
        peer::From,
        reply::Input,
        signed_in::{MaybeVerified, Verified},
    },
};

use super::Site;

/// What the frame shows first.
#[derive(Serialize)]
pub struct SiteView {
    name: String,
    greeting: String,
    color: String,
    hours: HoursView,
    now: chrono::DateTime<chrono::Utc>,
    categories: Vec<site::CategoryName>,
    /// Transcripts can be had by e-mail.
    transcripts: bool,
}

/// The site's texts, colour and hours.
pub async fn site(State(app): State<App>, Query(Site { site }): Query<Site>) -> Result<Json<SiteView>> {
    let found = site::find(&app, &site).await?;
    let now = app.clock.now();
    Ok(Json(SiteView {
        name: found.name,
        greeting: found.greeting,
        color: found.color,
        hours: app.hours.chat_view(now),
        now,
        categories: site::choices(&app).await?,
        transcripts: app.mailer.is_some(),
    }))
}

/// Who somebody says they are, and the PIN.
#[derive(Deserialize)]
pub struct Claimed {
    site: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    customer_number: Option<String>,
    #[serde(default)]
    contact: Option<String>,
    pin: String,
}

impl Claimed {
    /// Who is meant, and the PIN; refused where neither an e-mail address nor a customer number with a name is given.
    pub fn read(&self) -> Result<(Claim, &str)> {
        let claim = Claim::read(self.email.as_deref(), self.customer_number.as_deref(), self.contact.as_deref())?;
        Ok((claim, self.pin.trim()))
    }
}

/// An account that a contact belongs to.
#[derive(Serialize)]
pub struct AccountChoice {
    number: String,
    name: String,
}

/// Verified.
#[derive(Serialize)]
pub struct Token {
    token: String,
    name: String,
    accounts: Vec<AccountChoice>,
}

/// Checks the PIN; the token opens conversations and nothing else.
pub async fn verify(
    State(app): State<App>,
    From(address): From,
    Input(claimed): Input<Claimed>,
) -> Result<Json<Token>> {
    site::find(&app, &claimed.site).await?;
    let (claim, pin) = claimed.read()?;
    let contact = pin::verify(&app, &claim, pin, address).await?;
    let mut accounts = contact::accounts_of(&app.db, contact.id).await?;
    if let Claim::Number { account, .. } = &claim {
        accounts.retain(|a| a.number.to_lowercase() == *account);
    }
    Ok(Json(Token {
        token: session::start_for_visitor(&app, &contact).await?,
        name: contact.name,
        accounts: accounts.into_iter().map(|a| AccountChoice { number: a.number, name: a.name }).collect(),
    }))
}

/// For which account.
#[derive(Deserialize)]
pub struct ForAccount {
    account: String,
}

/// The conversation.
#[derive(Serialize)]
pub struct Conversation {
    chat: Uuid,
}

/// Opens a conversation, or finds the one that runs.
pub async fn conversation(
    State(app): State<App>,
    Verified(visitor): Verified,
    Input(asked): Input<ForAccount>,
) -> Result<Json<Conversation>> {
    let chat = conversation::open(&app, &visitor, &asked.account).await?;
    Ok(Json(Conversation { chat }))
}

/// A message that is left.
#[derive(Deserialize)]
pub struct Message {
    id: Uuid,
    site: String,
    #[serde(default)]
    name: String,
    email: String,
    #[serde(default)]
    customer_number: Option<String>,
    #[serde(default)]
    category: String,
    text: String,
}

/// A message becomes a case; the same id again is the same case.
pub async fn message(
    State(app): State<App>,
    From(address): From,
    MaybeVerified(visitor): MaybeVerified,
    Input(left): Input<Message>,
) -> Result<Json<Left>> {
    site::find(&app, &left.site).await?;
    let message = LeftMessage {
        id: left.id,
        name: left.name,
        email: left.email,
        customer_number: left.customer_number.unwrap_or_default(),
        category: left.category,
        text: left.text,
    };
    if message.id.is_nil() {
        return Err(Error::invalid("bad_id", "The message needs an id of its own."));
    }
    left_message::leave(&app, &message, visitor.as_ref(), address).await.map(Json)
}

/// Which chat's transcript, and when.
#[derive(Deserialize)]
pub struct TranscriptOf {
    chat: Uuid,
    when: When,
}

/// The customer wants the transcript; it goes to the address on file.
pub async fn transcript(
    State(app): State<App>,
    Verified(visitor): Verified,
    Input(asked): Input<TranscriptOf>,
) -> Result<Json<TranscriptView>> {
    transcript::request(&app, &visitor, asked.chat, asked.when).await.map(Json)
}
