//! What the desk's people say among themselves in a chat: notes with mentions, and a supervisor's whisper. Customers never see it.

use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    work::Work,
};

use super::{
    access,
    conversation::{self, no_chat, specialist},
    log::{self, Receipt},
    protocol::{EventBody, MAX_TEXT, Visibility},
    queries,
};

/// Leaves a note. Whoever is mentioned (`@` and the name) is told. `id` is the client's own: asked again, the note is there once.
pub async fn note(app: &App, staff: &Staff, chat: Uuid, id: Uuid, text: &str) -> Result<Receipt> {
    let text = input::text("the note", text, MAX_TEXT)?;
    let mut work = begin(app, staff, chat).await?;
    if let Some(receipt) = log::find(&mut work, chat, id).await? {
        return Ok(receipt);
    }
    let mentioned = mentioned(&text, &queries::names_of_people(&mut work.tx).await?);
    let mentions = mentioned.iter().map(|(_, name)| name.clone()).collect();
    let body = EventBody::Note { text: text.clone(), mentions };
    let receipt = log::append_as(&mut work, chat, id, &specialist(staff), Visibility::Staff, body).await?;
    let customer = queries::names_of(&mut work.tx, chat).await?.map(|(customer, _)| customer).unwrap_or_default();
    for (person, _) in mentioned.iter().filter(|(person, _)| *person != staff.id) {
        let words = format!("{} mentioned you in the chat of {customer}: {}", staff.name, input::snippet(&text, 160));
        notice::insert_about(&mut work, *person, &words, chat).await?;
    }
    work.commit().await?;
    Ok(receipt)
}

/// A supervisor says something to the specialist that the customer never sees.
pub async fn whisper(app: &App, staff: &Staff, chat: Uuid, id: Uuid, text: &str) -> Result<Receipt> {
    staff.require_supervisor("whisper")?;
    let text = input::text("what you whisper", text, MAX_TEXT)?;
    let mut work = begin(app, staff, chat).await?;
    if let Some(receipt) = log::find(&mut work, chat, id).await? {
        return Ok(receipt);
    }
    let body = EventBody::Whisper { text };
    let receipt = log::append_as(&mut work, chat, id, &specialist(staff), Visibility::Staff, body).await?;
    work.commit().await?;
    Ok(receipt)
}

async fn begin<'a>(app: &'a App, staff: &Staff, chat: Uuid) -> Result<Work<'a>> {
    let hands = queries::find_hands(&app.db, chat).await?.ok_or_else(no_chat)?;
    access::check(app, staff, &hands).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    if row.state == conversation::ChatState::Ended {
        return Err(conversation::over());
    }
    if row.queued_at.is_none() {
        return Err(Error::conflict("not_asked", "The customer has not asked yet."));
    }
    Ok(work)
}

/// Who is mentioned: the longest name wins where one begins with another.
fn mentioned(text: &str, people: &[(Uuid, String)]) -> Vec<(Uuid, String)> {
    let text = text.to_lowercase();
    let mut by_length: Vec<&(Uuid, String)> = people.iter().collect();
    by_length.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let mut found: Vec<(usize, (Uuid, String))> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let is_named = |name: &str| {
            let name = name.to_lowercase();
            rest.strip_prefix(name.as_str()).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        };
        if let Some(person) = by_length.iter().find(|(_, name)| is_named(name)) {
            found.push((at, (*person).clone()));
        }
    }
    let mut people: Vec<(Uuid, String)> = Vec::new();
    for (_, person) in found {
        if !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_09_who_is_mentioned() {
        let names = ["Ana", "Ana Maria Sol", "Ben O'Neil"];
        let people: Vec<_> = names.iter().zip(1..).map(|(name, n)| (Uuid::from_u128(n), (*name).to_owned())).collect();
        let names = |text: &str| mentioned(text, &people).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(
            names("@ana maria sol, see this; @Ben O'Neil too. @Ana Maria Sol!"),
            ["Ana Maria Sol", "Ben O'Neil"]
        );
        assert_eq!(names("@Ana?"), ["Ana"]);
        assert_eq!(names("@Anabel ana@example.com @nobody"), Vec::<String>::new());
    }
}
