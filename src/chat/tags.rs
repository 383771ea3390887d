//! Tags on a chat, out of those that the desk keeps.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    work::Work,
};

use super::{
    conversation::{self, specialist},
    log,
    protocol::{EventBody, Visibility},
    queries, transfer,
};

/// How many tags a chat may have.
const MOST: usize = 20;

/// Sets a chat's tags, by their names; what it had else is taken off.
pub async fn set(app: &App, staff: &Staff, chat: Uuid, names: &[String]) -> Result<()> {
    if names.len() > MOST {
        return Err(Error::invalid("too_many", format!("A chat may have {MOST} tags.")));
    }
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    transfer::require_serving(&row, staff)?;
    let known = queries::all_tags(&mut work.tx).await?;
    let had: BTreeSet<Uuid> = queries::tag_ids_of(&mut work.tx, chat).await?.into_iter().map(|(tag,)| tag).collect();
    let mut wanted = BTreeSet::new();
    for name in names {
        let folded = input::fold(name);
        // One that is no longer in use stays where it is.
        let tag = known.iter().find(|tag| tag.name_folded == folded && (tag.active || had.contains(&tag.id)));
        let tag =
            tag.ok_or_else(|| Error::invalid("no_tag", format!("There is no tag {name:?}. Choose one of the list.")))?;
        wanted.insert(tag.id);
    }
    let words = |ids: Vec<&Uuid>| -> Vec<String> {
        known.iter().filter(|tag| ids.contains(&&tag.id)).map(|tag| tag.name.clone()).collect()
    };
    let (added, removed) = (words(wanted.difference(&had).collect()), words(had.difference(&wanted).collect()));
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    for tag in had.difference(&wanted) {
        queries::untag(&mut work.tx, chat, *tag).await?;
    }
    for tag in wanted.difference(&had) {
        queries::tag(&mut work.tx, chat, *tag).await?;
    }
    let body = EventBody::Tagged { added, removed };
    if row.state == conversation::ChatState::Ended {
        // Nothing is added to the log of a chat that is over; its tags can still be put right while it is written up.
        work.desk_changed();
    } else {
        log::append(&mut work, chat, &specialist(staff), Visibility::Staff, body).await?;
    }
    work.commit().await
}
