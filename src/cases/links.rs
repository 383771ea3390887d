//! Links in mails: whoever has one may read what the customer may read of the case, and write on it as the customer. Of a
//! token only the hash is kept, once its mail has left.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        files::{Download, Place},
        protocol::Visibility,
    },
    error::{Error, Result},
    identity::{contact::Claim, hashing::token_hash, pin, session::new_token},
    input,
    work::Work,
};

use super::{
    case::{CaseRow, TimelineEntry},
    comments,
    files::{self, CaseFile},
    moves,
    queries::{self, links::Linked},
    steps::By,
};

/// For how long a link is good; each mail has a new one.
const GOOD_FOR: TimeDelta = TimeDelta::days(60);
/// How often a customer writes on a case within an hour, at most.
const MOST_AN_HOUR: i64 = 20;

/// A link for a case; its address.
pub async fn new(work: &mut Work<'_>, case: Uuid) -> Result<String> {
    let (token, until) = (new_token(), work.now + GOOD_FOR);
    queries::links::insert(&mut work.tx, &token_hash(&token), case, until).await?;
    Ok(format!("{}/answer/{token}", work.app.config.origin()))
}

/// A case as its customer reads it.
#[derive(Debug, Clone, Serialize)]
pub struct Shared {
    /// The case.
    pub case: CaseRow,
    /// What everyone may read of its history, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The files that are for everyone.
    pub files: Vec<CaseFile>,
}

/// The case that a token is for.
async fn find(app: &App, token: &str) -> Result<Linked> {
    let now: DateTime<Utc> = app.clock.now();
    let found = queries::links::find(&app.db, &token_hash(token), now).await?;
    found.ok_or_else(|| {
        Error::not_found("This link is not good any more. The last mail about your case has a newer one.")
    })
}

/// Its number, for whoever is verified.
async fn number(app: &App, token: &str) -> Result<i64> {
    let found = find(app, token).await?;
    if found.verified {
        return Ok(found.number);
    }
    Err(Error::with_status(403, "pin_needed", "Please enter your PIN first: the link in the mail opens a page for it."))
}

/// The number of the case if its person has to enter the PIN before anything else.
pub async fn waits_for_pin(app: &App, token: &str) -> Result<Option<i64>> {
    let found = find(app, token).await?;
    Ok((!found.verified).then_some(found.number))
}

/// The person enters the PIN: the right one verifies the case (PIN-01). What else is wrong is said in the words of a wrong one.
pub async fn verify(app: &App, token: &str, pin: &str, address: IpAddr) -> Result<()> {
    let found = find(app, token).await?;
    if found.verified {
        return Ok(());
    }
    let claim = Claim::Email(input::fold(&found.from_email));
    let contact = pin::verify(app, &claim, pin.trim(), address).await?;
    if found.contact_id != Some(contact.id) {
        return Err(pin::no_match());
    }
    moves::verify_by_pin(app, found.number, &contact).await
}

/// What the customer may read.
pub async fn read(app: &App, token: &str) -> Result<Shared> {
    let number = number(app, token).await?;
    let case = queries::find_case(&app.db, number).await?.ok_or_else(|| super::steps::no_case(number))?;
    let mut timeline = queries::steps::timeline(&app.db, case.id).await?;
    timeline.retain(|entry| entry.visibility == Visibility::Everyone);
    let mut files = queries::files::of(&app.db, case.id).await?;
    files.retain(|file| file.visibility == Visibility::Everyone);
    Ok(Shared { case, timeline, files })
}

/// Before a customer's file is read: may it come?
pub async fn admit_file(app: &App, token: &str, id: Uuid) -> Result<Place> {
    let Shared { case, .. } = read(app, token).await?;
    if case.status.is_closed() {
        return Err(Error::conflict("not_now", format!("Case {} is closed. Please begin a new one.", case.number)));
    }
    app.uploads.enter(case.id, id).await
}

/// The customer sends a file, under an id that its form had.
pub async fn attach(app: &App, token: &str, sent: Uuid, name: &str, data: Vec<u8>) -> Result<()> {
    let Shared { case, .. } = read(app, token).await?;
    files::attach(app, By::Customer(&case.contact), case.number, sent, name, data, Visibility::Everyone).await?;
    Ok(())
}

/// A file for whoever has the link.
pub async fn file(app: &App, token: &str, id: Uuid) -> Result<Download> {
    files::find(app, number(app, token).await?, id, Visibility::Everyone).await
}

/// The customer says that it is solved.
pub async fn solved(app: &App, token: &str) -> Result<()> {
    let shared = read(app, token).await?;
    moves::confirm(app, By::Customer(&shared.case.contact), shared.case.number).await
}

/// Refuses more than anybody writes.
async fn require_calm(app: &App, case: Uuid) -> Result<()> {
    let hour = app.clock.now() - TimeDelta::hours(1);
    if queries::links::written_since(&app.db, case, hour).await? < MOST_AN_HOUR {
        return Ok(());
    }
    let words =
        "You have written a lot within the last hour, and your specialist has it. Please write on a little later.";
    Err(Error::with_status(429, "too_many", words))
}

/// The customer says that it is not solved.
pub async fn not_solved(app: &App, token: &str, words: &str) -> Result<()> {
    let shared = read(app, token).await?;
    require_calm(app, shared.case.id).await?;
    moves::not_solved(app, By::Customer(&shared.case.contact), shared.case.number, words).await
}

/// The customer writes.
pub async fn write(app: &App, token: &str, text: &str) -> Result<()> {
    let shared = read(app, token).await?;
    require_calm(app, shared.case.id).await?;
    comments::from_customer(app, &shared.case.contact, shared.case.number, text).await
}
