//! What customers were refused: kept with what they wrote, for a supervisor to let it through.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    work::Work,
};

use super::{
    check::{Asker, Refused},
    queries,
};

/// Where somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Mouth {
    /// In the live chat.
    Chat,
    /// In a message that was left.
    Message,
}

/// Something that was refused.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RefusedRequest {
    /// The server's id.
    pub id: Uuid,
    /// The client's.
    pub source_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Which account.
    pub account_id: Uuid,
    /// Who asked.
    pub contact_id: Uuid,
    /// The person's name.
    pub contact: String,
    /// Where.
    pub mouth: Mouth,
    /// Why, as a code.
    pub why: String,
    /// What the customer read.
    pub words: String,
    /// What was written; empty: it was refused before.
    pub text: String,
    /// The key of the category that was chosen; empty: none.
    pub category: String,
    /// The case that a supervisor made of it.
    pub case_number: Option<i64>,
}

/// What somebody tried to ask.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// Where.
    pub mouth: Mouth,
    /// The client's id, the same for the same thing; nothing was written without one.
    pub source: Option<Uuid>,
    /// What was written.
    pub text: &'a str,
    /// The key of the category that was chosen; empty: none.
    pub category: &'a str,
}

/// For so long a try without a text is the same one.
const SAME_TRY: TimeDelta = TimeDelta::hours(1);

/// Keeps what was refused and what was written; the refusal for the customer.
pub async fn keep(app: &App, asker: Asker, tried: Tried<'_>, refused: Refused) -> Result<Error> {
    keep_in(Work::begin(app).await?, asker, tried, refused).await
}

/// The same in a transaction that ends with it.
pub async fn keep_in(mut work: Work<'_>, asker: Asker, tried: Tried<'_>, refused: Refused) -> Result<Error> {
    let (now, source) = (work.now, tried.source);
    if source.is_some() || !queries::tried_since(&mut work.tx, asker, now - SAME_TRY).await? {
        let id = work.app.clock.new_id();
        queries::insert_refused(&mut work.tx, (id, source.unwrap_or(id)), asker, tried, &refused, now).await?;
    }
    work.commit().await?;
    Ok(refused.into())
}

/// A refused request, which nobody else settles until the transaction ends.
pub async fn hold(work: &mut Work<'_>, id: Uuid) -> Result<RefusedRequest> {
    let found = queries::hold_refused(&mut work.tx, id).await?;
    found.ok_or_else(|| Error::not_found("There is no such request."))
}

/// It became a case.
pub async fn settle(work: &mut Work<'_>, id: Uuid, number: i64) -> Result<()> {
    queries::set_refused_case(&mut work.tx, id, number).await?;
    Ok(())
}
