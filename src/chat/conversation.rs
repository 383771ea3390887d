//! A chat's life: opened after the PIN, the question asked, taken by a specialist, ended. Nothing asked is dropped.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    cases,
    desk::rules::{self, OWN_LANGUAGE},
    entitlement::{
        check::{Asker, check},
        refused::{self, Mouth, Tried},
    },
    error::{Error, Result},
    identity::{
        contact,
        session::{self, Visitor},
        staff::Staff,
    },
    input,
    knowledge::reading,
    work::Work,
};

use super::{
    log::{self, Author, Receipt},
    protocol::{CaseWhy, EndWhy, EventBody, MAX_TEXT, Outgoing, Party, Visibility},
    queries::{self, ChatRow, Need, Route},
    transcript,
};

/// Where a chat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ChatState {
    /// The customer is verified and has not asked yet.
    Asking,
    /// It waits in line.
    Queued,
    /// A specialist serves it.
    Active,
    /// It is over.
    Ended,
}

/// The customer of a chat, as an author.
pub fn customer(visitor: &Visitor) -> Author {
    Author { party: Party::Customer, id: Some(visitor.contact.id), name: visitor.contact.name.clone() }
}

/// A member of the desk, as an author.
pub fn specialist(staff: &Staff) -> Author {
    Author { party: Party::Staff, id: Some(staff.id), name: staff.name.clone() }
}

/// Opens a conversation for a verified contact at one of the contact's accounts, or finds the one that runs.
pub async fn open(app: &App, visitor: &Visitor, account_number: &str) -> Result<Uuid> {
    let accounts = contact::accounts_of(&app.db, visitor.contact.id).await?;
    let account = accounts.into_iter().find(|a| a.number == account_number.trim());
    let account = account.ok_or_else(|| Error::not_found("You have no account with that customer number."))?;
    let mut work = Work::begin(app).await?;
    let id = app.clock.new_id();
    let chat = if let Some(running) = queries::find_running(&mut work.tx, account.id, visitor.contact.id).await? {
        running
    } else if let Some(refused) = check(&mut work, asker(account.id, visitor), "").await? {
        drop(work);
        let tried = Tried { mouth: Mouth::Chat, source: None, text: "", category: "" };
        return Err(refused::keep(app, asker(account.id, visitor), tried, refused).await?);
    } else if queries::insert_chat(&mut work.tx, id, account.id, visitor.contact.id, work.now).await? {
        log::append(
            &mut work,
            id,
            &customer(visitor),
            Visibility::Everyone,
            EventBody::Verified { account: account.name },
        )
        .await?;
        id
    } else {
        queries::find_running(&mut work.tx, account.id, visitor.contact.id)
            .await?
            .ok_or_else(|| Error::unavailable("Please try again."))?
    };
    session::set_visitor_chat(&mut work.tx, &visitor.token_hash, chat).await?;
    work.commit().await?;
    Ok(chat)
}

/// Cleans a message's text; afterwards a repeat of the same frame compares equal to what was stored.
pub fn clean(message: &mut Outgoing) -> Result<()> {
    message.text = input::text("the message", &message.text, MAX_TEXT)?;
    Ok(())
}

/// More characters than a category's key has.
const MAX_KEY: usize = 100;

/// The customer asks: the question becomes the first message and the chat enters the line. `shown` are the solutions that were suggested
/// for it, if any were looked for.
pub async fn ask(
    app: &App,
    visitor: &Visitor,
    mut message: Outgoing,
    category_key: &str,
    language: Option<&str>,
    shown: Option<Vec<Uuid>>,
) -> Result<Receipt> {
    clean(&mut message)?;
    let category_key: String = category_key.chars().filter(|c| *c != '\0').take(MAX_KEY).collect();
    let mut work = Work::begin(app).await?;
    let chat = lock(&mut work, message.chat).await?;
    require_customer(&chat, visitor)?;
    if let Some(receipt) = log::admit(&mut work, visitor.contact.id, &message).await? {
        return Ok(receipt);
    }
    match chat.state {
        ChatState::Asking => {}
        ChatState::Ended => return Err(over()),
        ChatState::Queued | ChatState::Active => {
            return Err(Error::conflict("asked", "The question was asked already. Please write a message instead."));
        }
    }
    if let Some(refused) = check(&mut work, asker(chat.account_id, visitor), &message.text).await? {
        drop(work);
        let (source, category) = (Some(message.id), category_key.as_str());
        let tried = Tried { mouth: Mouth::Chat, source, text: &message.text, category };
        return Err(refused::keep(app, asker(chat.account_id, visitor), tried, refused).await?);
    }
    if !app.hours.chat_view(work.now).open {
        return Err(Error::conflict("closed", "Live chat has closed. Please leave a message: it becomes a case."));
    }
    let route = queries::find_route(&mut work.tx, &category_key).await?;
    let route = route.ok_or_else(|| Error::invalid("bad_category", "Please choose one of the categories."))?;
    if !route.set_text.is_empty() {
        return answer_with_set_text(work, &chat, visitor, message, route).await;
    }
    let need = need(&mut work, &message.text, route.team_id, language).await?;
    let severity = need.severity;
    queries::set_queued(&mut work.tx, chat.id, &message.text, &route, &need, work.now).await?;
    let author = customer(visitor);
    let body = EventBody::Message { text: message.text.clone() };
    let receipt = log::append_as(&mut work, chat.id, message.id, &author, Visibility::Everyone, body).await?;
    let queued = EventBody::Queued { category: route.category, team: route.team, tier: chat.tier, severity };
    log::append(&mut work, chat.id, &Author::system(), Visibility::Everyone, queued).await?;
    if let Some(shown) = shown {
        reading::note_question(&mut work, chat.id, &message.text, shown).await?;
    }
    work.commit().await?;
    Ok(receipt)
}

/// The subject is out of scope: the question is kept, and answered with what the desk says about it (AGREE-09).
async fn answer_with_set_text(
    mut work: Work<'_>,
    chat: &ChatRow,
    visitor: &Visitor,
    message: Outgoing,
    route: Route,
) -> Result<Receipt> {
    queries::set_question(&mut work.tx, chat.id, &message.text, route.category_id).await?;
    let body = EventBody::Message { text: message.text };
    let author = customer(visitor);
    let receipt = log::append_as(&mut work, chat.id, message.id, &author, Visibility::Everyone, body).await?;
    finish_with(&mut work, chat, EndWhy::OutOfScope, None, Some(route.set_text)).await?;
    work.commit().await?;
    Ok(receipt)
}

fn asker(account: Uuid, visitor: &Visitor) -> Asker {
    Asker { contact: visitor.contact.id, account }
}

/// What a question needs: how urgent it sounds, when it shall be answered, and the customer's language if somebody of the team answers
/// in it, otherwise the desk's own.
async fn need(work: &mut Work<'_>, text: &str, team: Uuid, language: Option<&str>) -> Result<Need> {
    let severity = cases::proposal::severity(text);
    let answer = queries::answer_seconds(&mut work.tx, severity).await?;
    let wanted: String = language.unwrap_or_default().chars().take_while(char::is_ascii_alphabetic).take(3).collect();
    let wanted = wanted.to_ascii_lowercase();
    let (speaks, speaks_own) = queries::speakers(&mut work.tx, team, &wanted, OWN_LANGUAGE).await?;
    let own = speaks_own.then(|| OWN_LANGUAGE.to_owned());
    let language = if speaks && wanted != OWN_LANGUAGE { Some(wanted) } else { own };
    Ok(Need { severity, due_at: work.now + TimeDelta::seconds(i64::from(answer)), language })
}

/// Who ends a chat.
pub enum Ender<'a> {
    /// Its customer.
    Customer(&'a Visitor),
    /// The specialist who serves it, or a supervisor.
    Staff(&'a Staff),
}

/// Ends a chat; unless somebody says that it is solved, what was asked becomes a case.
pub async fn end(app: &App, chat: Uuid, by: Ender<'_>, solved: bool) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let chat = lock(&mut work, chat).await?;
    let why = match by {
        Ender::Customer(visitor) => {
            require_customer(&chat, visitor)?;
            EndWhy::Customer
        }
        Ender::Staff(staff) => {
            if chat.agent_id != Some(staff.id) && !staff.is_supervisor() {
                return Err(Error::forbidden("Only the specialist who serves this chat can end it."));
            }
            EndWhy::Specialist
        }
    };
    let unsolved = (!solved).then_some(CaseWhy::Unsolved);
    finish(&mut work, &chat, why, unsolved).await?;
    work.commit().await
}

/// Ends a locked chat for a reason; `case` says why it becomes a case first, if it was asked and has none.
pub async fn finish(work: &mut Work<'_>, chat: &ChatRow, why: EndWhy, case: Option<CaseWhy>) -> Result<()> {
    finish_with(work, chat, why, case, None).await
}

async fn finish_with(
    work: &mut Work<'_>,
    chat: &ChatRow,
    why: EndWhy,
    case: Option<CaseWhy>,
    words: Option<String>,
) -> Result<()> {
    if chat.state == ChatState::Ended {
        return Ok(());
    }
    if let (Some(case), ChatState::Queued | ChatState::Active) = (case, chat.state) {
        cases::from_chat::make_by_itself(work, chat, case).await?;
    }
    queries::withdraw_offer(&mut work.tx, chat.id).await?;
    queries::end_transfer(&mut work.tx, chat.id).await?;
    log::append(work, chat.id, &Author::system(), Visibility::Everyone, EventBody::Ended { why, words }).await?;
    let wrap_up = match chat.agent_id {
        Some(_) if why != EndWhy::Merged => rules::load_in(&mut work.tx).await?.wrap_up_seconds,
        _ => 0,
    };
    let written_up = work.now + TimeDelta::seconds(i64::from(wrap_up));
    queries::set_ended(&mut work.tx, chat.id, why, work.now, (wrap_up > 0).then_some(written_up)).await?;
    if let Some(agent) = chat.agent_id {
        queries::reset_idle(&mut work.tx, agent, written_up).await?;
    }
    transcript::ended(work, chat.id).await
}

/// Locks a chat for this transaction.
pub async fn lock(work: &mut Work<'_>, chat: Uuid) -> Result<ChatRow> {
    queries::lock_chat(&mut work.tx, chat).await?.ok_or_else(no_chat)
}

/// Refuses a visitor whose chat it is not; to strangers it does not exist.
pub fn require_customer(chat: &ChatRow, visitor: &Visitor) -> Result<()> {
    if chat.contact_id == visitor.contact.id { Ok(()) } else { Err(no_chat()) }
}

/// The refusal for a chat that is not there or not the caller's.
pub fn no_chat() -> Error {
    Error::not_found("There is no such chat.")
}

/// The refusal for a chat that is over.
pub fn over() -> Error {
    Error::conflict("ended", "This chat has ended. Please start another one.")
}
