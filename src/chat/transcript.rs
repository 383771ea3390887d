//! The transcript of a chat by e-mail: to the chat's own contact, at the address on file, and to nobody else.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    channels::email::{self, transcript as words},
    error::{Error, Result},
    identity::{session::Visitor, staff::Staff},
    jobs::{self, Job},
    work::Work,
};

use super::{
    conversation::{self, ChatState},
    queries::{self, ChatRow},
};

/// The shortest time between two mails of one chat that somebody asks for.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// When it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Now, with what was said so far.
    Now,
    /// When the chat ends; if it has, now.
    AtEnd,
}

/// What became of a chat's transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct TranscriptView {
    /// When one was last put on its way.
    pub sent_at: Option<DateTime<Utc>>,
    /// One goes out when the chat ends.
    pub at_end: bool,
}

/// What became of a chat's transcript so far.
pub async fn find(app: &App, chat: Uuid) -> Result<TranscriptView> {
    Ok(queries::find_transcript(&app.db, chat).await?.unwrap_or_default())
}

/// The customer asks for it.
pub async fn request(app: &App, visitor: &Visitor, chat: Uuid, when: When) -> Result<TranscriptView> {
    let mut work = Work::begin(app).await?;
    let chat = conversation::lock(&mut work, chat).await?;
    conversation::require_customer(&chat, visitor)?;
    let view = put(&mut work, &chat, when, "You asked for this transcript.").await?;
    work.commit().await?;
    Ok(view)
}

/// The specialist who serves or served the chat, or a supervisor, sends it to the customer.
pub async fn send(app: &App, staff: &Staff, chat: Uuid, when: When) -> Result<TranscriptView> {
    let mut work = Work::begin(app).await?;
    let chat = conversation::lock(&mut work, chat).await?;
    if chat.agent_id != Some(staff.id) && !staff.is_supervisor() {
        return Err(Error::forbidden("Only the specialist who serves this chat can send its transcript."));
    }
    let view = put(&mut work, &chat, when, "Your specialist sent you this transcript.").await?;
    work.commit().await?;
    Ok(view)
}

/// A locked chat has just ended: what was put off until then is sent.
pub async fn ended(work: &mut Work<'_>, chat: Uuid) -> Result<()> {
    if work.app.mailer.is_none() {
        return Ok(());
    }
    if !queries::transcript_in(&mut work.tx, chat).await?.is_some_and(|view| view.at_end) {
        return Ok(());
    }
    match mail(work, chat, "You asked for this transcript.").await {
        // That its address was changed meanwhile to one that does not work keeps no chat from ending.
        Err(Error::Refused(refusal)) => {
            tracing::warn!(code = refusal.code, "a transcript that was asked for cannot be sent");
            Ok(())
        }
        sent => sent,
    }
}

async fn put(work: &mut Work<'_>, chat: &ChatRow, when: When, reason: &str) -> Result<TranscriptView> {
    if work.app.mailer.is_none() {
        return Err(Error::conflict("no_mail", "This desk sends no e-mail."));
    }
    if chat.state == ChatState::Asking {
        return Err(Error::conflict("nothing_said", "Nothing was said yet that a transcript could hold."));
    }
    let last = queries::transcript_in(&mut work.tx, chat.id).await?.unwrap_or_default();
    if when == When::AtEnd && chat.state != ChatState::Ended {
        queries::set_transcript_at_end(&mut work.tx, chat.id).await?;
        return Ok(TranscriptView { at_end: true, ..last });
    }
    if last.sent_at.is_some_and(|at| work.now < at + PAUSE) {
        return Err(Error::with_status(
            429,
            "too_soon",
            "The transcript was sent a moment ago. Please look into your mail; you can have it again in five minutes.",
        ));
    }
    mail(work, chat.id, reason).await?;
    let at_end = last.at_end && chat.state != ChatState::Ended;
    if at_end {
        queries::set_transcript_at_end(&mut work.tx, chat.id).await?;
    }
    Ok(TranscriptView { sent_at: Some(work.now), at_end })
}

/// Writes the mail as a job, with what everyone may read of the locked chat.
async fn mail(work: &mut Work<'_>, chat: Uuid, reason: &str) -> Result<()> {
    let to = queries::transcript_reader(&mut work.tx, chat).await?.ok_or_else(conversation::no_chat)?;
    if !email::can_reach(&to.email) {
        return Err(Error::conflict("no_address", "We have no e-mail address on file that a mail can be sent to."));
    }
    queries::set_transcript_sent(&mut work.tx, chat, work.now).await?;
    let entries = queries::public_entries(&mut work.tx, chat).await?;
    let entries: Vec<words::Entry> =
        entries.into_iter().map(|row| words::Entry { at: row.at, name: row.author_name, body: row.body.0 }).collect();
    let zone = work.app.hours.chat_view(work.now).zone.parse().unwrap_or(Tz::UTC);
    let heading = words::Heading { name: &to.name, address: &to.email, account: &to.account, reason, zone };
    let mail = words::mail(&heading, &entries)?;
    jobs::add(work, &Job::Mail(mail)).await?;
    Ok(())
}
