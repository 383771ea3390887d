//! Files on a case: for the desk, or for the customer, too, who reaches theirs by the links in their mails. What they are is told by what
//! is in them, as in chats (`chat::files`).

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        files::{Download, examine},
        protocol::Visibility,
    },
    error::{Error, Result},
    knowledge::pictures,
};

use super::{
    comments::may_write_to_customer,
    lifecycle::Move,
    queries::files as rows,
    steps::{By, Said, hold},
};

/// A file on a case.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct CaseFile {
    /// Which.
    pub id: Uuid,
    /// The name as it was cleaned.
    pub name: String,
    /// By what is in it.
    pub kind: String,
    /// In bytes.
    pub size: i32,
    /// Who attached it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who may have it.
    pub visibility: Visibility,
}

/// Attaches a file. The sender's id `sent` names it: the same one again is answered as the first time.
pub async fn attach(
    app: &App,
    by: By<'_>,
    number: i64,
    sent: Uuid,
    name: &str,
    data: Vec<u8>,
    to: Visibility,
) -> Result<CaseFile> {
    let (name, kind) = examine(name, &data)?;
    let mut held = hold(app, by, number).await?;
    let (case, now) = (held.case.id, held.work.now);
    let from_customer = matches!(by, By::Customer(_));
    let mut sent = sent;
    if let Some((on, author, file, bytes)) = rows::find_sent(&mut held.work.tx, sent).await? {
        if (on, author) == (case, by.id()) && file.name == name && bytes == data {
            return Ok(file);
        }
        if !from_customer {
            return Err(Error::conflict(
                "id_reused",
                "This id was used for something else. Every file needs a new id.",
            ));
        }
        // A page that the browser took out of its memory sends another file under the id that it had.
        sent = app.clock.new_id();
    }
    let recent = rows::count_since(&mut held.work.tx, case, now - TimeDelta::hours(1), from_customer).await?;
    if recent >= app.config.limits.files_per_hour {
        let words = format!(
            "{recent} files came on this case within an hour; more can be sent later. A ZIP file can hold several."
        );
        return Err(Error::with_status(429, "too_many_files", words));
    }
    match by {
        By::Customer(_) => held.go(Move::CustomerWrote)?,
        _ if to == Visibility::Everyone => {
            may_write_to_customer(&held)?;
            if !held.case.verified {
                let words = "Nobody has verified this person yet, so they have no page to open a file on. Call them back first.";
                return Err(Error::conflict("not_verified", words));
            }
        }
        _ => {}
    }
    let file = CaseFile {
        id: pictures::new_id(),
        name,
        kind: kind.into(),
        size: i32::try_from(data.len()).map_err(Error::internal)?,
        by: by.name().to_owned(),
        at: now,
        visibility: to,
    };
    rows::insert(&mut held.work.tx, &file, (case, sent, by.id()), data).await?;
    held.write(Said { kind: "file", text: &file.name, to }).await?;
    held.commit().await?;
    Ok(file)
}

/// A file of a case; of those for the desk `everyone` knows nothing.
pub async fn find(app: &App, number: i64, id: Uuid, reader: Visibility) -> Result<Download> {
    let found = rows::find_data(&app.db, number, id).await?;
    let found = found.filter(|(_, visibility, _)| reader == Visibility::Staff || *visibility == Visibility::Everyone);
    let (name, _, data) = found.ok_or_else(|| Error::not_found("There is no such file."))?;
    Ok(Download { name, picture: pictures::kind_of(&data), data })
}
