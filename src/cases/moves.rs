//! What people do with a case: take it, send it on, wait for the customer, give a solution, close it, open it again. Whoever works
//! it, the first specialist assigned stays its owner and is told of each step (AGREE-01).

use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::Visibility,
    entitlement::check::{Asker, check},
    error::{Error, Result},
    identity::{
        contact::Contact,
        staff::{self, Staff, tier_name},
    },
    input,
    knowledge::reading,
};

use super::{
    lifecycle::{CaseStatus, Move, Person},
    queries,
    steps::{By, Held, Said, hold},
};

/// The longest reason or comment, in characters.
pub const MAX_WORDS: usize = 4_000;
/// The longest reference of development, in characters.
const MAX_REFERENCE: usize = 80;

/// A step that only the desk reads of.
fn inside<'a>(kind: &'a str, text: &'a str) -> Said<'a> {
    Said { kind, text, to: Visibility::Staff }
}

/// A step whose words go to the customer.
fn to_customer<'a>(kind: &'a str, text: &'a str) -> Said<'a> {
    Said { kind, text, to: Visibility::Everyone }
}

/// One move with its words.
async fn step(app: &App, by: By<'_>, number: i64, step: Move, said: Said<'_>) -> Result<()> {
    let mut held = hold(app, by, number).await?;
    held.go(step)?;
    held.write(said).await?;
    held.commit().await
}

/// The caller works the case from now on. A case without an owner gets the caller as its owner, for good.
pub async fn claim(app: &App, staff: &Staff, number: i64) -> Result<()> {
    let text = format!("{} ({}) works on it.", staff.name, tier_name(staff.tier));
    step(app, By::Desk(staff), number, Move::Claim, inside("claimed", &text)).await
}

/// Somebody else works it from now on; supervisors only.
pub async fn assign(app: &App, staff: &Staff, number: i64, to: Uuid, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let (person, name) = colleague(app, to).await?;
    let text = format!("Given to {name}: {reason}");
    step(app, By::Desk(staff), number, Move::Assign(person), inside("assigned", &text)).await
}

/// Back into its queue, for a reason.
pub async fn release(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let text = format!("Back into the queue: {reason}");
    step(app, By::Desk(staff), number, Move::Release, inside("released", &text)).await
}

/// The case goes to the next tier's queue, for a reason; its owner stays. Development gives it a reference of its own, if it has
/// one already.
pub async fn escalate(app: &App, staff: &Staff, number: i64, reason: &str, reference: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let reference = optional("the reference", reference)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    held.go(Move::Escalate)?;
    let mut text = format!("Escalated to {}: {reason}", tier_name(held.place.tier));
    refer(&mut held, &reference, &mut text).await?;
    held.write(inside("escalated", &text)).await?;
    held.commit().await
}

/// What development calls the case.
pub async fn set_reference(app: &App, staff: &Staff, number: i64, reference: &str) -> Result<()> {
    let reference = input::line("the reference", reference, MAX_REFERENCE)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    let mut text = "Development has it".to_owned();
    refer(&mut held, &reference, &mut text).await?;
    held.write(inside("referred", &text)).await?;
    held.commit().await
}

async fn refer(held: &mut Held<'_>, reference: &str, text: &mut String) -> Result<()> {
    if !reference.is_empty() {
        queries::set_reference(&mut held.work.tx, held.case.id, reference).await?;
        text.push_str(&format!(" (reference {reference})"));
    }
    Ok(())
}

/// Into the queue of another team and tier, for a reason.
pub async fn to_queue(app: &App, staff: &Staff, number: i64, team: &str, tier: i16, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let team = queries::team_by_key(&app.db, team).await?.ok_or_else(|| Error::not_found("There is no such team."))?;
    let text = format!("To {}, {}: {reason}", team.1, tier_name(tier));
    step(app, By::Desk(staff), number, Move::ToQueue { team: team.0, tier }, inside("moved", &text)).await
}

/// The case goes back to its owner, who works it again, for a reason.
pub async fn hand_back(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    let owner = held.owner().await?.ok_or_else(|| Error::conflict("no_owner", "This case has no owner yet."))?;
    held.go(Move::HandBack(owner))?;
    let name = held.case.owner.clone().unwrap_or_default();
    held.write(inside("handed_back", &format!("Handed back to {name}: {reason}"))).await?;
    held.commit().await
}

/// What the customer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To do something.
    Action,
    /// To tell something.
    Info,
}

/// The customer has to do or tell something; meanwhile the clocks stand still.
pub async fn ask_customer(app: &App, staff: &Staff, number: i64, what: Asked, text: &str) -> Result<()> {
    let text = input::text("what the customer is to do or tell", text, MAX_WORDS)?;
    let (kind, asked) = match what {
        Asked::Action => ("action_asked", Move::AskForAction),
        Asked::Info => ("info_asked", Move::AskForInfo),
    };
    step(app, By::Desk(staff), number, asked, to_customer(kind, &text)).await
}

/// Others stop it, for a reason; the clocks go on.
pub async fn interrupt(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    step(app, By::Desk(staff), number, Move::Interrupt, inside("interrupted", &format!("Interrupted: {reason}"))).await
}

/// It is worked again.
pub async fn resume(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    step(app, By::Desk(staff), number, Move::Resume, inside("resumed", &format!("Worked on again: {reason}"))).await
}

/// A verified solution goes to the customer and waits for their word; after some business days of silence it counts as confirmed.
pub async fn provide(
    app: &App,
    staff: &Staff,
    number: i64,
    words: &str,
    solution: Option<Uuid>,
    verified: bool,
) -> Result<()> {
    let words = input::text("what solves it", words, MAX_WORDS)?;
    if !verified {
        return Err(Error::invalid("not_verified", "Verify the solution first, then say here that you have."));
    }
    give(app, staff, number, Move::Provide, to_customer("solution_given", &words), solution).await
}

/// Closes a case as resolved: the customer has confirmed it already. `solution` may be one that is still being written.
pub async fn resolve(app: &App, staff: &Staff, number: i64, words: &str, solution: Option<Uuid>) -> Result<()> {
    let words = input::text("what solved it", words, MAX_WORDS)?;
    give(app, staff, number, Move::Close(CaseStatus::Completed), to_customer("resolved", &words), solution).await
}

async fn give(app: &App, staff: &Staff, number: i64, step: Move, said: Said<'_>, solution: Option<Uuid>) -> Result<()> {
    let mut held = hold(app, By::Desk(staff), number).await?;
    held.go(step)?;
    if let Some(solution) = solution {
        reading::changed(&mut held.work, solution).await?;
    }
    queries::set_solution(&mut held.work.tx, held.case.id, solution).await?;
    held.write(said).await?;
    held.commit().await
}

/// The customer says that the solution that was given solves it.
pub async fn confirm(app: &App, by: By<'_>, number: i64) -> Result<()> {
    let text = "The customer says that it is solved.";
    close_given(app, by, number, Move::Confirm, inside("confirmed", text)).await
}

/// The customer has said nothing for as long as the desk waits.
pub async fn close_silent(app: &App, number: i64) -> Result<()> {
    let mut held = hold(app, By::System, number).await?;
    // Somebody may have been quicker.
    if held.case.silent_at.is_none_or(|at| at > held.work.now) {
        return Ok(());
    }
    held.go(Move::Silence)?;
    taught(&mut held).await?;
    held.write(inside("silent", "Closed: the customer has not said that the solution does not help.")).await?;
    held.commit().await
}

async fn close_given(app: &App, by: By<'_>, number: i64, step: Move, said: Said<'_>) -> Result<()> {
    let mut held = hold(app, by, number).await?;
    held.go(step)?;
    taught(&mut held).await?;
    held.write(said).await?;
    held.commit().await
}

/// What a case is about speaks for its solution from the moment at which it is closed.
async fn taught(held: &mut Held<'_>) -> Result<()> {
    match queries::solution_in(&mut held.work.tx, held.case.id).await? {
        Some(solution) => reading::changed(&mut held.work, solution).await,
        None => Ok(()),
    }
}

/// The customer says that it is not solved: it goes back to its owner.
pub async fn not_solved(app: &App, by: By<'_>, number: i64, words: &str) -> Result<()> {
    let words = input::text("what still does not work", words, MAX_WORDS)?;
    let mut held = hold(app, by, number).await?;
    let owner = held.owner().await?;
    held.go(Move::NotSolved(owner))?;
    let (kind, text) = ("not_solved", format!("Not solved: {words}"));
    // A customer's own words are for the customer; what a specialist notes of a call is not.
    held.write(if matches!(by, By::Customer(_)) { to_customer(kind, &text) } else { inside(kind, &text) }).await?;
    held.commit().await
}

/// Closes it as something else than resolved, for a reason.
pub async fn close(app: &App, staff: &Staff, number: i64, status: CaseStatus, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    if status == CaseStatus::Completed || !status.is_closed() {
        let words = "A case is closed so as canceled, redirected, error or completed without e-mail; give the solution otherwise.";
        return Err(Error::invalid("bad_status", words));
    }
    let text = format!("{}: {reason}", status.name());
    let said = inside("closed", &text);
    step(app, By::Desk(staff), number, Move::Close(status), said).await
}

/// The customer needs it no more.
pub async fn cancel(app: &App, by: By<'_>, number: i64, reason: &str) -> Result<()> {
    let reason = optional("the reason", reason)?;
    let text = if reason.is_empty() { "Canceled.".to_owned() } else { format!("Canceled: {reason}") };
    step(app, by, number, Move::Cancel, to_customer("canceled", &text)).await
}

/// Opens a closed case again, for its owner.
pub async fn reopen(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    let owner = held.owner().await?;
    held.go(Move::Reopen(owner))?;
    held.write(inside("reopened", &format!("Reopened: {reason}"))).await?;
    held.commit().await
}

/// The ownership passes on because the owner leaves; supervisors only, recorded.
pub async fn pass_ownership(app: &App, staff: &Staff, number: i64, to: Uuid, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let (person, name) = colleague(app, to).await?;
    let text = format!("{name} is the owner from now on: {reason}");
    step(app, By::Desk(staff), number, Move::PassOwnership(person), inside("ownership_passed", &text)).await
}

/// The person was called back and is who they said.
pub async fn verify(app: &App, staff: &Staff, number: i64, note: &str) -> Result<()> {
    let note = input::text("how you verified the person", note, MAX_WORDS)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    if held.case.verified || held.place.status.is_closed() {
        return Err(Error::forbidden("This case is verified already, or closed."));
    }
    set_verified(&mut held).await?;
    held.write(inside("verified", &format!("Verified by call-back: {note}"))).await?;
    held.commit().await
}

/// The person entered the right PIN on the page of a mail. Who is refused support stays unverified and is told why.
pub async fn verify_by_pin(app: &App, number: i64, contact: &Contact) -> Result<()> {
    let mut held = hold(app, By::Customer(&contact.name), number).await?;
    if held.case.verified {
        return Ok(());
    }
    let whose = queries::links::whose(&mut held.work.tx, held.case.id).await?;
    if let Some((_, Some(account))) = whose {
        let asker = Asker { contact: contact.id, account };
        if let Some(refused) = check(&mut held.work, asker, "").await? {
            return Err(refused.into());
        }
    }
    set_verified(&mut held).await?;
    held.write(inside("verified", "Verified by the PIN, on the page of a mail.")).await?;
    held.commit().await
}

async fn set_verified(held: &mut Held<'_>) -> Result<()> {
    let now = held.work.now;
    queries::set_verified(&mut held.work.tx, held.case.id, now).await?;
    // Until now it was in no team's queue: it goes to that of its category.
    if held.place.team.is_none()
        && let Some(topic) = queries::topic_of(&mut held.work.tx, held.case.id).await?
    {
        held.place.team = Some(topic.team_id);
        if held.place.worker.is_none() && held.place.tier == 1 {
            held.place.tier = topic.tier;
        }
    }
    Ok(())
}

async fn colleague(app: &App, id: Uuid) -> Result<(Person, String)> {
    let found = staff::find(&app.db, id).await?.filter(|person| person.active);
    let person = found.ok_or_else(|| Error::not_found("There is no such colleague."))?;
    Ok((Person { id, tier: person.tier }, person.name))
}

fn optional(what: &'static str, text: &str) -> Result<String> {
    if text.trim().is_empty() { Ok(String::new()) } else { input::text(what, text, MAX_WORDS.min(1_000)) }
}
