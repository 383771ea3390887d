//! What a person has written in a chat and not sent: kept for each person, chat and kind, so it is there on every machine and can
//! never go to another customer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
};

use super::{access, conversation::no_chat, protocol::MAX_TEXT, queries};

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A message to the customer.
    Reply,
    /// A note for colleagues.
    Note,
}

/// A person's drafts in a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Drafts {
    /// The message to the customer.
    pub reply: String,
    /// The note for colleagues.
    pub note: String,
}

/// A person's drafts in a chat.
pub async fn of(app: &App, staff: &Staff, chat: Uuid) -> Result<Drafts> {
    let mut drafts = Drafts::default();
    for (kind, text) in queries::drafts(&app.db, staff.id, chat).await? {
        match kind.as_str() {
            "note" => drafts.note = text,
            _ => drafts.reply = text,
        }
    }
    Ok(drafts)
}

/// Keeps a draft; an empty one is thrown away.
pub async fn keep(app: &App, staff: &Staff, chat: Uuid, kind: Kind, text: &str) -> Result<()> {
    let text = text.replace('\0', "");
    if text.chars().count() > MAX_TEXT {
        return Err(Error::invalid("too_long", format!("A draft has {MAX_TEXT} characters at the most.")));
    }
    let hands = queries::find_hands(&app.db, chat).await?.ok_or_else(no_chat)?;
    access::check(app, staff, &hands).await?;
    let kind = match kind {
        Kind::Reply => "reply",
        Kind::Note => "note",
    };
    let mut tx = app.db.begin().await?;
    if text.trim().is_empty() {
        queries::drop_draft(&mut tx, staff.id, chat, kind).await?;
    } else {
        queries::keep_draft(&mut tx, staff.id, chat, kind, &text, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}
