//! A message left in the widget, outside the window or after a lock, becomes a case: unverified until somebody calls back.

use std::net::IpAddr;

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::Visibility,
    entitlement::{
        check::{Asker, Refused, check},
        refused::{self, Mouth, Tried},
    },
    error::{Error, Result},
    identity::{
        account::{self, Account},
        contact::Claim,
        session::Visitor,
    },
    input,
    work::Work,
};

use super::{
    lifecycle::Move,
    proposal,
    queries::{self, NewCase, Topic},
    steps::{self, By, Said},
};

/// More characters than a category's key has.
const MAX_KEY: usize = 100;
/// The step by which a subject is answered with its set text.
const OUT_OF_SCOPE: &str = "out_of_scope";

/// What somebody leaves.
#[derive(Debug, Clone)]
pub struct LeftMessage {
    /// The widget's own id of the message; the same id makes one case.
    pub id: Uuid,
    /// Who they say they are.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// The customer number that they give.
    pub customer_number: String,
    /// The key of the category that they choose; empty: none.
    pub category: String,
    /// What they write.
    pub text: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The case's number.
    pub case: i64,
    /// What the desk says of a subject that it does not help with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// Makes the case. A verified visitor's message is verified and goes to the queue of its category. A subject that is out of scope is
/// answered with its set text, and the case is closed (AGREE-09).
pub async fn leave(app: &App, message: &LeftMessage, visitor: Option<&Visitor>, address: IpAddr) -> Result<Left> {
    let text = input::text("your message", &message.text, proposal::MAX_DESCRIPTION)?;
    let name = input::line("your name", &message.name, 120)?;
    let email = input::email(&message.email)?;
    let number = if message.customer_number.trim().is_empty() {
        String::new()
    } else {
        input::line("your customer number", &message.customer_number, 40)?
    };
    let category: String = message.category.chars().filter(|c| *c != '\0').take(MAX_KEY).collect();
    let claimed = account::find_by_number(&app.db, &number).await?;
    let known = match visitor {
        Some(visitor) => Some(visitor.contact.clone()),
        None => Claim::Email(input::fold(&email)).resolve(&app.db).await?,
    };
    // The accounts that it may be for: of a person who is known their own, of others the one that they name.
    let mut accounts = match &known {
        Some(contact) => crate::identity::contact::accounts_of(&app.db, contact.id).await?,
        None => claimed.iter().cloned().collect(),
    };
    if !number.is_empty() && visitor.is_some() && !accounts.iter().any(|own| own.number.eq_ignore_ascii_case(&number)) {
        let words = "You have no account with that customer number. Correct it, or leave it empty.";
        return Err(Error::invalid("no_such_account", words));
    }
    accounts.retain(|own| claimed.as_ref().is_none_or(|claimed| claimed.id == own.id));

    let mut work = Work::begin(app).await?;
    let now = work.now;
    if let Some(number) = queries::case_of_source(&mut work.tx, message.id).await? {
        let words = queries::steps::words(&mut work.tx, number, OUT_OF_SCOPE).await?;
        return Ok(Left { case: number, words });
    }
    if queries::messages_from(&mut work.tx, &address.to_string(), now - TimeDelta::hours(1)).await?
        >= app.config.limits.messages_per_hour
    {
        let words = "Too many messages came from here in the last hour. Please wait a while and send this one again.";
        return Err(Error::with_status(429, "too_many", words));
    }
    queries::note_message_from(&mut work.tx, app.clock.new_id(), &address.to_string(), now).await?;
    // Of who only says who they are nothing is said: whoever knows an address would learn how an account stands.
    if let Some(visitor) = visitor
        && let Some((asker, refused)) = refusal(&mut work, visitor, &mut accounts, &text).await?
    {
        let tried = Tried { mouth: Mouth::Message, source: Some(message.id), text: &text, category: &category };
        return Err(refused::keep_in(work, asker, tried, refused).await?);
    }
    let severity = proposal::severity(&text);
    let topic = queries::topic(&mut work.tx, &category, severity).await?;
    if topic.is_none() && !category.is_empty() {
        return Err(Error::invalid("bad_category", "Please choose one of the topics, or none."));
    }
    let account = if accounts.len() == 1 { accounts.pop() } else { None };
    // Who is not verified waits in no team's queue.
    let queue = topic.as_ref().filter(|_| visitor.is_some());
    let new = NewCase {
        id: app.clock.new_id(),
        source_id: message.id,
        account_id: account.map(|a| a.id),
        contact_id: known.map(|c| c.id),
        from_name: name,
        from_email: email,
        from_account: number,
        verified: visitor.is_some(),
        subject: proposal::subject(&text),
        severity,
        description: text,
        category_id: topic.as_ref().map(|topic| topic.category_id),
        team_id: queue.map(|topic| topic.team_id),
        tier: queue.map_or(1, |topic| topic.tier),
        ..NewCase::default()
    };
    let number = queries::insert_case(&mut work.tx, &new, now).await?;
    let how = if new.verified {
        "Left as a message by a verified contact."
    } else {
        "Left as a message; the person is not verified."
    };
    match topic.filter(|topic| !topic.set_text.is_empty()) {
        Some(Topic { set_text, .. }) => {
            steps::made_untold(&mut work, &new, None, "", how).await?;
            let mut held = steps::held(work, By::System, number, &[]).await?;
            held.go(Move::OutOfScope)?;
            held.write(Said { kind: OUT_OF_SCOPE, text: &set_text, to: Visibility::Everyone }).await?;
            held.commit().await?;
            Ok(Left { case: number, words: Some(set_text) })
        }
        None => {
            steps::made(&mut work, &new, None, "", how).await?;
            work.commit().await?;
            Ok(Left { case: number, words: None })
        }
    }
}

/// Why a verified person's message is refused: there is no account left that it may be for. Those that are refused are taken out.
async fn refusal(
    work: &mut Work<'_>,
    visitor: &Visitor,
    accounts: &mut Vec<Account>,
    text: &str,
) -> Result<Option<(Asker, Refused)>> {
    let (mut allowed, mut refusal) = (Vec::new(), None);
    for account in accounts.drain(..) {
        let asker = Asker { contact: visitor.contact.id, account: account.id };
        match check(work, asker, text).await? {
            Some(refused) => refusal = refusal.or(Some((asker, refused))),
            None => allowed.push(account),
        }
    }
    *accounts = allowed;
    Ok(refusal.filter(|_| accounts.is_empty()))
}
