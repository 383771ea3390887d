//! Tags for chats: added, renamed, retired, brought back.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::Db,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::tags as queries,
};

pub use super::queries::tags::upsert_tag as insert;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Tag {
    /// The server's id.
    #[serde(skip)]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// False: retired; chats that have it keep it.
    pub active: bool,
}

/// All tags: those in use first.
pub async fn all(db: &Db) -> Result<Vec<Tag>> {
    Ok(queries::tags(db).await?)
}

/// Adds a tag; its id.
pub async fn add(app: &App, staff: &Staff, name: &str) -> Result<Uuid> {
    staff.require_supervisor("add a tag")?;
    let tag = Tag { id: app.clock.new_id(), name: name.to_owned(), active: true };
    store(app, staff, tag.id, None, |_| tag.clone(), "Added").await?;
    Ok(tag.id)
}

/// Renames a tag. `seen`: its mark when it was read.
pub async fn rename(app: &App, staff: &Staff, id: Uuid, name: &str, seen: Option<&str>) -> Result<()> {
    staff.require_supervisor("rename a tag")?;
    let renamed = |before: Option<&Tag>| Tag { id, name: name.to_owned(), active: before.is_none_or(|tag| tag.active) };
    store(app, staff, id, seen.or(Some("")), renamed, "Renamed").await
}

/// Retires a tag, or brings it back.
pub async fn set_active(app: &App, staff: &Staff, id: Uuid, active: bool) -> Result<()> {
    staff.require_supervisor("retire a tag")?;
    let name = |before: Option<&Tag>| before.map(|tag| tag.name.clone()).unwrap_or_default();
    let verb = if active { "Brought back" } else { "Retired" };
    store(app, staff, id, Some(""), |before| Tag { id, name: name(before), active }, verb).await
}

/// Stores what becomes of a tag; one with `seen` must be there.
async fn store(
    app: &App,
    staff: &Staff,
    id: Uuid,
    seen: Option<&str>,
    become_: impl FnOnce(Option<&Tag>) -> Tag,
    verb: &str,
) -> Result<()> {
    let mut work = change::begin(app).await?;
    let tags = queries::tags_in(&mut work.tx).await?;
    let before = tags.iter().find(|tag| tag.id == id);
    if let (Some(_), None) = (seen, before) {
        return Err(Error::not_found("There is no such tag."));
    }
    if let Some(before) = before {
        change::require_unchanged(seen, before)?;
    }
    let mut after = become_(before);
    let mut check = Check::default();
    after.name = check.read("name", input::line("the name", &after.name, 40))?;
    let folded = input::fold(&after.name);
    if let Some(other) = tags.iter().find(|other| other.id != id && input::fold(&other.name) == folded) {
        let words = if other.active { "" } else { " It is retired: bring it back instead." };
        check.require(false, "name", "taken", format!("There is a tag {} already.{words}", other.name));
    }
    check.done()?;
    queries::upsert_tag(&mut work.tx, &after).await?;
    let text = format!("{verb} the tag {}.", before.map_or(&after.name, |tag| &tag.name));
    let key = id.to_string();
    let subject = Subject { kind: "tag", key: &key };
    match before {
        Some(before) => audit::note(&mut work, staff, subject, &text, before, &after).await?,
        None => audit::note(&mut work, staff, subject, &text, &(), &after).await?,
    }
    work.commit().await
}
