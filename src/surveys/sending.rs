//! Asks the customer of a case that was resolved, unless that person was asked within the last 14 days.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    channels::email::{
        can_reach,
        case::{self as letter, CaseMail},
    },
    error::Result,
    identity::{hashing::token_hash, session::new_token},
    jobs::{self, Job},
    work::Work,
};

use super::queries;

/// A person is asked once within this time.
pub const AGAIN_AFTER: TimeDelta = TimeDelta::days(14);
/// For how long the link is good.
const GOOD_FOR: TimeDelta = TimeDelta::days(30);

/// A case was resolved. Of two resolutions at once, on whichever nodes, the second one waits until the first has asked or not.
pub async fn after(work: &mut Work<'_>, case: Uuid) -> Result<()> {
    let Some(about) = queries::resolved(&mut work.tx, case).await? else { return Ok(()) };
    if work.app.mailer.is_none() || !can_reach(&about.email) {
        return Ok(());
    }
    queries::hold_contact(&mut work.tx, about.contact_id).await?;
    let now = work.now;
    if queries::last_asked(&mut work.tx, about.contact_id).await?.is_some_and(|last| last > now - AGAIN_AFTER) {
        return Ok(());
    }
    let (id, token) = (work.app.clock.new_id(), new_token());
    queries::insert(&mut work.tx, id, &token_hash(&token), case, &about, now, now + GOOD_FOR).await?;
    let link = format!("{}/survey/{token}", work.app.config.origin());
    let mail = CaseMail {
        name: &about.name,
        address: &about.email,
        about: "How did we do",
        lead: "Your case was resolved. How satisfied are you with our support? It is one question, and a line for your own words if you like.",
        link: &link,
        link_words: "Answer the question",
        number: about.number,
        subject: &about.subject,
        thread: format!("survey-{id}"),
        ..CaseMail::default()
    };
    jobs::add(work, &Job::Mail(letter::mail(&mail)?)).await?;
    Ok(())
}
