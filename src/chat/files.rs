//! Files in a chat, both ways: who may send and fetch them, what they are by what is in them. A file is an event of the log like
//! anything else that is said; what is in it is kept in the database, so that every node and every backup has it.

mod name;
mod thumbnail;
mod uploads;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        session::Visitor,
        staff::{self, Staff},
    },
    knowledge::pictures,
    work::Work,
};

use super::{
    access, board,
    conversation::{self, ChatState, no_chat, over},
    log::{self, Author, Receipt},
    protocol::{EventBody, FileView, Visibility},
    queries::files as queries,
};
pub use uploads::{Place, Uploads};

/// The largest file, in bytes.
pub const MAX_FILE: usize = 5 * 1024 * 1024;
/// What nobody knows is just bytes.
pub const UNKNOWN: &str = "application/octet-stream";

/// Who sends or fetches a file.
pub enum Person {
    /// A customer.
    Customer(Visitor),
    /// A member of the desk.
    Staff(Staff),
}

impl Person {
    fn id(&self) -> Uuid {
        match self {
            Self::Customer(visitor) => visitor.contact.id,
            Self::Staff(staff) => staff.id,
        }
    }

    fn author(&self) -> Author {
        match self {
            Self::Customer(visitor) => conversation::customer(visitor),
            Self::Staff(staff) => conversation::specialist(staff),
        }
    }
}

/// A chat, as far as files go.
#[derive(Debug, sqlx::FromRow)]
pub struct Chat {
    /// Its customer.
    pub contact_id: Uuid,
    /// Who serves it.
    pub agent_id: Option<Uuid>,
    /// The supervisor who joined.
    pub beside_id: Option<Uuid>,
    /// Where it stands.
    pub state: ChatState,
}

/// A file that is kept.
#[derive(Debug, sqlx::FromRow)]
pub struct FileRow {
    /// Its id.
    pub id: Uuid,
    /// The name as it was cleaned.
    pub name: String,
    /// By what is in it.
    pub kind: String,
    /// In bytes.
    pub size: i32,
    /// Of a picture that can be shown.
    pub width: Option<i32>,
    /// Of a picture that can be shown.
    pub height: Option<i32>,
}

impl FileRow {
    fn view(self) -> FileView {
        let number = |n: i32| u32::try_from(n).unwrap_or_default();
        let (width, height) = (self.width.map(number), self.height.map(number));
        FileView { id: self.id, name: self.name, kind: self.kind, size: number(self.size), width, height }
    }
}

/// Where a file stands in the log, and what it is.
#[derive(Debug, Serialize)]
pub struct Sent {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// What it is.
    pub file: FileView,
}

/// Before a file is read: may it come? Refused where the person may not send into the chat, or has sent too many.
pub async fn admit(app: &App, person: &Person, chat: Uuid, id: Uuid) -> Result<Place> {
    if id.is_nil() {
        return Err(Error::invalid("bad_id", "The file needs an id of its own."));
    }
    let row = queries::find_chat(&app.db, chat).await?.ok_or_else(no_chat)?;
    let known = queries::find_author(&app.db, chat, id).await? == Some(person.id());
    // What arrived before the chat ended or was handed on is acknowledged after it, too.
    if !known {
        may_send(&row, person)?;
        let since = app.clock.now() - TimeDelta::hours(1);
        let (all, here) = queries::sent_since(&app.db, person.id(), chat, since).await?;
        let sent = if matches!(person, Person::Customer(_)) { all } else { here };
        if sent >= app.config.limits.files_per_hour {
            let words =
                format!("{sent} files were sent within an hour; more can be sent later. A ZIP file can hold several.");
            return Err(Error::with_status(429, "too_many_files", words));
        }
    }
    app.uploads.enter(person.id(), id).await
}

/// Keeps a file and says in the chat that it was sent. The client's `id` becomes the event's: the same file again is answered as
/// the first time.
pub async fn add(app: &App, person: &Person, chat: Uuid, id: Uuid, name: &str, data: Vec<u8>) -> Result<Sent> {
    let (name, kind) = examine(name, &data)?;
    let data = Arc::new(data);
    let picture = app.uploads.read_picture(kind, &data).await;
    let mut work = Work::begin(app).await?;
    conversation::lock(&mut work, chat).await?;
    let row = queries::find_chat_in(&mut work.tx, chat).await?.ok_or_else(no_chat)?;
    if let Some((author, receipt)) = queries::find_event(&mut work.tx, chat, id).await? {
        let sent = queries::find_sent(&mut work.tx, chat, id).await?;
        let same = |(file, bytes): &(FileRow, Vec<u8>)| file.name == name && *bytes == *data;
        return match sent.filter(same) {
            Some((file, _)) if author == Some(person.id()) => {
                Ok(Sent { seq: receipt.seq, at: receipt.at, file: file.view() })
            }
            _ => Err(Error::conflict("id_reused", "This id was used for something else. Every file needs a new id.")),
        };
    }
    may_send(&row, person)?;
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let file = FileRow {
        id: pictures::new_id(),
        name,
        kind: kind.into(),
        size: i32::try_from(data.len()).map_err(Error::internal)?,
        width: picture.as_ref().map(|p| number(p.width)),
        height: picture.as_ref().map(|p| number(p.height)),
    };
    let thumbnail = picture.map(|p| p.thumbnail);
    let (data, author, now) = (Arc::unwrap_or_clone(data), person.author(), work.now);
    queries::insert(&mut work.tx, &file, (chat, id, person.id()), thumbnail, data, now).await?;
    let file = file.view();
    let body = EventBody::File { file: file.clone() };
    let Receipt { seq, at } = log::append_as(&mut work, chat, id, &author, Visibility::Everyone, body).await?;
    work.commit().await?;
    Ok(Sent { seq, at, file })
}

/// What is fetched of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The small picture.
    Thumbnail,
}

/// A file, or its thumbnail, on its way to somebody.
pub struct Download {
    /// Its name.
    pub name: String,
    /// Its media type where it is a picture that pages may show; nothing: it is only to be stored.
    pub picture: Option<&'static str>,
    /// The bytes.
    pub data: Vec<u8>,
}

/// A file for whoever may read its chat; to others it does not exist.
pub async fn find(app: &App, person: &Person, id: Uuid, part: Part) -> Result<Download> {
    let none = || Error::not_found("There is no such file.");
    let chat = queries::find_chat_of(&app.db, id).await?.ok_or_else(none)?;
    let row = queries::find_chat(&app.db, chat).await?.ok_or_else(none)?;
    if !may_read(app, &row, chat, person).await? {
        return Err(none());
    }
    let (name, is_picture, data) = match part {
        Part::Whole => queries::find_data(&app.db, id).await?,
        Part::Thumbnail => queries::find_thumbnail(&app.db, id).await?,
    }
    .ok_or_else(none)?;
    Ok(Download { name, picture: pictures::kind_of(&data).filter(|_| is_picture), data })
}

/// Customers read their own chats; of the desk whoever reads the chat, and those whose case is theirs to work.
async fn may_read(app: &App, row: &Chat, chat: Uuid, person: &Person) -> Result<bool> {
    let staff = match person {
        Person::Customer(visitor) => return Ok(row.contact_id == visitor.contact.id),
        Person::Staff(staff) => staff,
    };
    if access::reads(app, staff, &board::hands(app, chat).await?).await? {
        return Ok(true);
    }
    let teams = staff::teams_of(&app.db, staff.id).await?;
    let is_theirs = |team: Option<Uuid>| team.is_some_and(|team| teams.contains(&team));
    let case = queries::find_case_of(&app.db, chat).await?;
    Ok(case.is_some_and(|(owner, worker, team)| [owner, worker].contains(&Some(staff.id)) || is_theirs(team)))
}

fn may_send(row: &Chat, person: &Person) -> Result<()> {
    let may = match person {
        Person::Customer(visitor) => row.contact_id == visitor.contact.id,
        Person::Staff(staff) => [row.agent_id, row.beside_id].contains(&Some(staff.id)),
    };
    match row.state {
        _ if !may => Err(no_chat()),
        ChatState::Queued | ChatState::Active => Ok(()),
        ChatState::Ended => Err(over()),
        ChatState::Asking => Err(Error::conflict("not_asked", "Please ask your question first.")),
    }
}

/// A file from outside: its name as it was cleaned and its kind, or why it is not taken.
pub fn examine(name: &str, data: &[u8]) -> Result<(String, &'static str)> {
    if data.is_empty() {
        return Err(Error::invalid("empty", "There is nothing in this file, so it was not sent."));
    }
    if data.len() > MAX_FILE {
        return Err(too_large());
    }
    Ok((name::clean(name), kind_of(data)))
}

/// The refusal of a file that is too large.
pub fn too_large() -> Error {
    let words = "This file has more than 5 MB. Please send a smaller one, or only the part of it that matters.";
    Error::with_status(413, "too_large", words)
}

/// What a file is by its bytes: what it is called says nothing.
fn kind_of(data: &[u8]) -> &'static str {
    pictures::kind_of(data).or_else(|| infer::get(data).map(|found| found.mime_type())).unwrap_or(UNKNOWN)
}
