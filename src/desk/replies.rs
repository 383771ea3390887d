//! Canned replies: shared ones, which supervisors keep, and each person's own.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    work::Work,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::replies as queries,
};

pub use super::queries::replies::upsert_reply as insert;

/// What a reply may have in double braces, and what stands there when it is sent.
pub const VARIABLES: [(&str, &str); 4] = [
    ("customer", "the customer’s name"),
    ("account", "the customer’s company"),
    ("agent", "the specialist’s name"),
    ("case", "the number of the chat’s case"),
];
/// The longest text, in characters.
pub const LONGEST_TEXT: usize = 4_000;

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Reply {
    /// The server's id.
    #[serde(skip)]
    pub id: Uuid,
    /// Whose it is; nobody's: it is shared.
    #[serde(skip)]
    pub owner_id: Option<Uuid>,
    /// What is typed after the slash.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// What is said, with variables such as `{{customer}}`.
    pub text: String,
}

/// What can be given of a reply.
#[derive(Debug, Clone, Default)]
pub struct ReplyFields {
    /// What is typed after the slash.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// What is said.
    pub text: String,
}

/// What a person can use: the person's own replies, then the shared ones.
pub async fn usable(app: &App, staff: &Staff) -> Result<Vec<Reply>> {
    let mut replies = queries::own(&app.db, staff.id).await?;
    replies.extend(queries::shared(&app.db).await?);
    Ok(replies)
}

/// The shared replies.
pub async fn shared(app: &App) -> Result<Vec<Reply>> {
    Ok(queries::shared(&app.db).await?)
}

/// A person's own replies.
pub async fn own(app: &App, staff: &Staff) -> Result<Vec<Reply>> {
    Ok(queries::own(&app.db, staff.id).await?)
}

/// Adds a reply of one's own, or a shared one.
pub async fn add(app: &App, staff: &Staff, is_shared: bool, fields: &ReplyFields) -> Result<Reply> {
    let owner_id = (!is_shared).then_some(staff.id);
    require_right(staff, owner_id)?;
    let mut work = change::begin(app).await?;
    let reply = read(&mut work, fields, app.clock.new_id(), owner_id).await?;
    let text = format!("Added {}.", named(&reply));
    store(work, staff, None, &reply, &text).await?;
    Ok(reply)
}

/// Changes a reply. `seen`: its mark when it was read.
pub async fn save(app: &App, staff: &Staff, id: Uuid, fields: &ReplyFields, seen: Option<&str>) -> Result<Reply> {
    let (mut work, before) = open(app, staff, id).await?;
    change::require_unchanged(seen, &before)?;
    let reply = read(&mut work, fields, id, before.owner_id).await?;
    let text = format!("Changed {}.", named(&before));
    store(work, staff, Some(&before), &reply, &text).await?;
    Ok(reply)
}

/// Removes a reply.
pub async fn remove(app: &App, staff: &Staff, id: Uuid) -> Result<()> {
    let (mut work, before) = open(app, staff, id).await?;
    queries::delete_reply(&mut work.tx, id).await?;
    let (key, text) = (id.to_string(), format!("Removed {}.", named(&before)));
    audit::note(&mut work, staff, Subject { kind: "reply", key: &key }, &text, &before, &()).await?;
    work.commit().await
}

fn named(reply: &Reply) -> String {
    let whose = if reply.owner_id.is_none() { "the shared" } else { "an own" };
    format!("{whose} reply /{}", reply.shortcut)
}

async fn open<'a>(app: &'a App, staff: &Staff, id: Uuid) -> Result<(Work<'a>, Reply)> {
    let mut work = change::begin(app).await?;
    let reply = queries::find_reply(&mut work.tx, id).await?;
    // Of the replies of others nobody learns anything.
    let mine = reply.filter(|reply| reply.owner_id.is_none_or(|owner| owner == staff.id));
    let reply = mine.ok_or_else(|| Error::not_found("There is no such reply."))?;
    require_right(staff, reply.owner_id)?;
    Ok((work, reply))
}

fn require_right(staff: &Staff, owner: Option<Uuid>) -> Result<()> {
    if owner.is_some() { Ok(()) } else { staff.require_supervisor("change the shared replies") }
}

async fn store(mut work: Work<'_>, staff: &Staff, before: Option<&Reply>, after: &Reply, text: &str) -> Result<()> {
    let now = work.now;
    queries::upsert_reply(&mut work.tx, after, now).await?;
    let key = after.id.to_string();
    let subject = Subject { kind: "reply", key: &key };
    match before {
        Some(before) => audit::note(&mut work, staff, subject, text, before, after).await?,
        None => audit::note(&mut work, staff, subject, text, &(), after).await?,
    }
    work.commit().await
}

async fn read(work: &mut Work<'_>, fields: &ReplyFields, id: Uuid, owner_id: Option<Uuid>) -> Result<Reply> {
    let mut check = Check::default();
    let shortcut = check.read("shortcut", shortcut(&fields.shortcut))?;
    let other = match owner_id {
        Some(owner) => queries::own_with(&mut work.tx, owner, &shortcut).await?,
        None => queries::shared_with(&mut work.tx, &shortcut).await?,
    };
    let words = format!("There is a reply /{shortcut} already. Please choose another shortcut, or change that one.");
    check.require(other.is_none_or(|other| other == id), "shortcut", "taken", words);
    let title = check.read("title", input::line("the title", &fields.title, 120))?;
    // Browsers send line ends as the network has them.
    let text = check.read("text", input::text("the text", &fields.text.replace("\r\n", "\n"), LONGEST_TEXT))?;
    check.read("text", known_variables(&text))?;
    check.done()?;
    Ok(Reply { id, owner_id, shortcut, title, text })
}

fn shortcut(text: &str) -> Result<String> {
    let text = text.trim();
    let text = text.strip_prefix('/').unwrap_or(text).to_lowercase();
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=40).contains(&text.len()) && text.bytes().all(fine) {
        Ok(text)
    } else {
        let words = "Please give a shortcut of 1 to 40 letters a to z, digits and hyphens, like greeting-2.";
        Err(Error::invalid("bad_shortcut", words))
    }
}

/// Refuses text with something in double braces that means nothing.
fn known_variables(text: &str) -> Result<()> {
    for (at, _) in text.match_indices("{{") {
        let rest = text.get(at + 2..).unwrap_or_default();
        let name = rest.split_once("}}").map_or(rest, |(name, _)| name);
        if rest.len() == name.len() || !VARIABLES.iter().any(|(known, _)| *known == name) {
            let known: Vec<String> = VARIABLES.iter().map(|(name, _)| format!("{{{{{name}}}}}")).collect();
            let written = input::snippet(name, 30);
            let words = format!("“{{{{{written}” is no variable. Those that are known: {}.", known.join(", "));
            return Err(Error::invalid("unknown_variable", words));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_09_only_known_variables() {
        assert!(known_variables("Hello {{customer}} of {{account}}, { this } is {{agent}}: {{case}}").is_ok());
        for bad in ["{{name}}", "{{ customer }}", "{{customer", "{{Customer}}", "{{}}", "{{{customer}}}"] {
            let Err(Error::Refused(refusal)) = known_variables(bad) else { panic!("{bad}") };
            assert!(refusal.message.contains("{{customer}}, {{account}}, {{agent}}, {{case}}"), "{}", refusal.message);
        }
    }

    #[test]
    fn live_09_shortcuts_are_plain() {
        assert_eq!(shortcut(" /Greeting-2 ").unwrap(), "greeting-2");
        for bad in ["", "/", "two words", "größe", &"x".repeat(41)] {
            assert!(shortcut(bad).is_err(), "{bad}");
        }
    }
}
