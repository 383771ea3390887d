//! A chat becomes a case: by its specialist in one step, or by itself so that nothing asked is dropped. Once per chat.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        self,
        conversation::{self, ChatState},
        log::{self, Author},
        protocol::{CaseWhy, EventBody, Visibility},
    },
    error::{Error, Result},
    identity::staff::Staff,
    input,
    work::Work,
};

use super::{
    proposal::{self, MAX_DESCRIPTION, MAX_SUBJECT},
    queries::{self, NewCase},
    steps,
};

/// A case as the specialist fills it in; the proposal comes in the same shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDraft {
    /// What it is about, in one line.
    pub subject: String,
    /// The category's key.
    pub category: String,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// What the customer needs.
    pub description: String,
}

/// What the transcript says a case would be.
pub async fn propose(app: &App, staff: &Staff, chat: Uuid) -> Result<CaseDraft> {
    let row = chat::board::find(app, chat).await?;
    require_serving(row.agent_id, staff)?;
    let events = log::read_after(app, chat, 0, 10_000).await?;
    Ok(CaseDraft {
        subject: proposal::subject(&row.question),
        category: queries::category_key_of_chat(&app.db, chat).await?.unwrap_or_default(),
        severity: row.severity,
        description: proposal::description(&events),
    })
}

/// The specialist makes the case and becomes its owner; asked again, it is the same case.
pub async fn make(app: &App, staff: &Staff, chat: Uuid, draft: &CaseDraft) -> Result<i64> {
    let subject = input::line("the subject", &draft.subject, MAX_SUBJECT)?;
    let description = input::text("the description", &draft.description, MAX_DESCRIPTION)?;
    if !(1..=4).contains(&draft.severity) {
        return Err(Error::invalid("bad_severity", "The severity is 1 to 4."));
    }
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    require_serving(row.agent_id, staff)?;
    if let Some(number) = queries::case_of_chat(&mut work.tx, chat).await? {
        return Ok(number);
    }
    if row.state != ChatState::Active {
        return Err(Error::conflict("not_active", "Only a chat that is being served can be made a case."));
    }
    let topic = queries::topic(&mut work.tx, &draft.category.replace('\0', ""), draft.severity).await?;
    let topic = topic.ok_or_else(|| Error::invalid("bad_category", "Please choose one of the categories."))?;
    let source = Source { chat: row.id, account: row.account_id, contact: row.contact_id };
    let (category, team, tier) = (Some(topic.category_id), Some(topic.team_id), topic.tier);
    let place = Place { category, team, tier, severity: draft.severity };
    let number =
        insert(&mut work, source, place, Some(staff.id), &subject, &description, CaseWhy::BySpecialist, &staff.name)
            .await?;
    let author = conversation::specialist(staff);
    log::append(
        &mut work,
        chat,
        &author,
        Visibility::Everyone,
        EventBody::CaseMade { number, why: CaseWhy::BySpecialist },
    )
    .await?;
    work.commit().await?;
    Ok(number)
}

/// A locked chat that was asked becomes a case because nobody else would make it one. Its specialist, if any, owns it.
pub async fn make_by_itself(work: &mut Work<'_>, chat: &chat::ChatRow, why: CaseWhy) -> Result<()> {
    if queries::case_of_chat(&mut work.tx, chat.id).await?.is_some() {
        return Ok(());
    }
    let events = chat::events_in(work, chat.id).await?;
    let (subject, mut description) = (proposal::subject(&chat.question), proposal::description(&events));
    if description.is_empty() {
        description.clone_from(&chat.question);
    }
    let routed = match chat.category_id {
        Some(category) => queries::route(&mut work.tx, category, chat.severity).await?,
        None => None,
    };
    let (team, tier) = routed.map_or((chat.team_id, 1), |(team, tier)| (Some(team), tier));
    let source = Source { chat: chat.id, account: chat.account_id, contact: chat.contact_id };
    let place = Place { category: chat.category_id, team, tier, severity: chat.severity };
    let number = insert(work, source, place, chat.agent_id, &subject, &description, why, "").await?;
    log::append(work, chat.id, &Author::system(), Visibility::Everyone, EventBody::CaseMade { number, why }).await?;
    if let Some(agent) = chat.agent_id {
        super::notice::insert(work, agent, &format!("Your chat became case {number}: {subject}"), Some(number)).await?;
    }
    Ok(())
}

fn require_serving(agent: Option<Uuid>, staff: &Staff) -> Result<()> {
    if agent == Some(staff.id) || staff.is_supervisor() {
        Ok(())
    } else {
        Err(Error::forbidden("Only the specialist who serves this chat can make it a case."))
    }
}

struct Source {
    chat: Uuid,
    account: Uuid,
    contact: Uuid,
}

struct Place {
    category: Option<Uuid>,
    team: Option<Uuid>,
    tier: i16,
    severity: i16,
}

#[expect(clippy::too_many_arguments, reason = "a case has that many parts, and only this file makes one from a chat")]
async fn insert(
    work: &mut Work<'_>,
    source: Source,
    place: Place,
    owner: Option<Uuid>,
    subject: &str,
    description: &str,
    why: CaseWhy,
    by: &str,
) -> Result<i64> {
    let new = NewCase {
        id: work.app.clock.new_id(),
        source_id: source.chat,
        chat_id: Some(source.chat),
        account_id: Some(source.account),
        contact_id: Some(source.contact),
        verified: true,
        subject: subject.to_owned(),
        description: description.to_owned(),
        category_id: place.category,
        team_id: place.team,
        tier: place.tier,
        severity: place.severity,
        owner_id: owner,
        ..NewCase::default()
    };
    let number = queries::insert_case(&mut work.tx, &new, work.now).await?;
    let text = match why {
        CaseWhy::BySpecialist => "Made from the chat.",
        CaseWhy::Unsolved => "Made by itself: the chat ended without a solution.",
        CaseWhy::Abandoned => "Made by itself: the customer left the chat.",
        CaseWhy::WindowClosed => "Made by itself: live chat closed.",
    };
    steps::made(work, &new, owner, by, text).await?;
    Ok(number)
}
