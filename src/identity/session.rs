//! Sessions are rows, found by the SHA-256 of a random token, so that any node can check and revoke them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    clock::random_bytes,
    error::{Error, Result},
    store::Tx,
};

pub use super::queries::set_visitor_chat;
use super::{contact::Contact, hashing::token_hash, queries, staff::Staff};

/// How long a member of the desk stays signed in, in hours.
const STAFF_HOURS: i64 = 12;
/// How long a verified visitor can go on without a new PIN, in hours.
const VISITOR_HOURS: i64 = 12;

/// How far the clocks of nodes may be off: what one of them ends is over at once for all.
const CLOCKS_OFF: TimeDelta = TimeDelta::seconds(30);
/// How long a session that is over is kept, for whoever did not look.
const KEPT: TimeDelta = TimeDelta::days(1);

/// A new secret of 32 random bytes, as text that stands in addresses.
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Signs a member of the desk in; the token for the cookie.
pub async fn start_for_staff(app: &App, staff: &Staff) -> Result<String> {
    let (token, now) = (new_token(), app.clock.now());
    let mut tx = app.db.begin().await?;
    queries::insert_staff_session(&mut tx, &token_hash(&token), staff.id, now, now + TimeDelta::hours(STAFF_HOURS))
        .await?;
    tx.commit().await?;
    Ok(token)
}

/// Who is signed in with this token.
pub async fn staff(app: &App, token: &str) -> Result<Staff> {
    queries::find_staff_session(&app.db, &token_hash(token), app.clock.now()).await?.ok_or_else(Error::unauthorized)
}

/// Ends a session of the desk.
pub async fn end_for_staff(app: &App, token: &str) -> Result<()> {
    let token_hash = token_hash(token);
    let mut tx = app.db.begin().await?;
    queries::end_staff_session(&mut tx, &token_hash, ended_at(app.clock.now())).await?;
    tx.commit().await?;
    app.bus.session_ended(&token_hash);
    Ok(())
}

/// The time that is written for a session that ends now.
pub fn ended_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now - CLOCKS_OFF
}

/// The sessions that are over since a time, by their tokens' hashes; maybe some again that were over before.
pub async fn ended_since(app: &App, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<String>> {
    Ok(queries::sessions_ended(&app.db, since - CLOCKS_OFF - CLOCKS_OFF, now).await?)
}

/// Removes those that are over for long.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    Ok(queries::forget_sessions(tx, now - KEPT).await?)
}

/// A verified visitor.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Which session.
    pub token_hash: String,
    /// Who.
    pub contact: Contact,
    /// The conversation that the session opened last.
    pub chat: Option<Uuid>,
}

/// Starts the session of a contact whose PIN was right; the token for the widget.
pub async fn start_for_visitor(app: &App, contact: &Contact) -> Result<String> {
    let (token, now) = (new_token(), app.clock.now());
    let mut tx = app.db.begin().await?;
    queries::insert_visitor_session(
        &mut tx,
        &token_hash(&token),
        contact.id,
        now,
        now + TimeDelta::hours(VISITOR_HOURS),
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Whose token this is.
pub async fn visitor(app: &App, token: &str) -> Result<Visitor> {
    let token_hash = token_hash(token);
    let (contact, chat) =
        queries::find_visitor_session(&app.db, &token_hash, app.clock.now()).await?.ok_or_else(Error::unauthorized)?;
    Ok(Visitor { token_hash, contact, chat })
}
