//! What the customer of a case hears by mail: that it was taken in, what the desk writes, the solution, the end. Written with the step, so
//! it goes out if and only if the step happened.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    channels::email::{
        Mail, can_reach,
        case::{self as letter, CaseMail},
    },
    chat::protocol::Visibility,
    error::Result,
    hours::{desk::Channel, moment},
    identity::staff,
    input,
    jobs::{self, Job},
    work::Work,
};

use super::{
    case::CaseRow,
    lifecycle::{CaseStatus, Place},
    links, notice, queries,
    sla::ClockKind,
    steps::{By, Said, hold, note},
};

/// What keeps the mails of a case together.
pub fn thread(case: Uuid) -> String {
    format!("case-{case}")
}

/// How a mail went: where it was of a case, its history says so, and who has the case is told if it was given up.
pub async fn went(app: &App, job: Uuid, mail: &Mail, problem: Option<&str>) -> Result<()> {
    let case = mail.thread.as_deref().and_then(|thread| thread.strip_prefix("case-")?.parse().ok());
    let Some(case) = case else { return Ok(()) };
    let Some(number) = queries::number_of(&app.db, case).await? else { return Ok(()) };
    let mut held = hold(app, By::System, number).await?;
    let (id, kind, text) = match problem {
        // The same job done again, because nobody could note that it was done, is the same mail.
        None => (job, "mail_sent", format!("Mail to {}: {}", mail.address, mail.subject)),
        Some(problem) => {
            let text = format!("A mail to {} could not be delivered: {problem}", mail.address);
            (app.clock.new_id(), "mail_failed", text)
        }
    };
    note(&mut held.work, id, (case, &held.place), (kind, &text)).await?;
    if problem.is_some() {
        let mut people: Vec<Uuid> = [held.place.owner, held.place.worker].into_iter().flatten().collect();
        if people.is_empty() {
            people = staff::supervisors(&mut held.work.tx).await?;
        }
        people.sort_unstable();
        people.dedup();
        let words = input::snippet(&format!("Case {number}: {text}"), 300);
        for person in people {
            notice::insert(&mut held.work, person, &words, Some(number)).await?;
        }
    }
    held.commit().await
}

/// The case was made: the customer reads it back, with the time by which somebody takes it. `by` is who made it, or nobody.
pub async fn made(work: &mut Work<'_>, source: Uuid, by: &str) -> Result<()> {
    let Some(number) = queries::case_of_source(&mut work.tx, source).await? else { return Ok(()) };
    let Some(case) = queries::find_case_in(&mut work.tx, number).await? else { return Ok(()) };
    if !reaches(work, &case) {
        return Ok(());
    }
    let lead = match by {
        "" => format!("We have your request. It is case {number}."),
        by => format!("{by} has made case {number} of your chat and looks after it."),
    };
    let due = queries::clocks::of_case(&mut work.tx, case.id).await?;
    let due = due
        .iter()
        .find(|row| row.kind == ClockKind::Acknowledgement && row.met_at.is_none())
        .and_then(|row| row.due_at);
    let more =
        due.map(|at| format!("Somebody takes it by {} at the latest.", moment(zone(work), at))).unwrap_or_default();
    let (link, link_words) = link(work, &case, "Read it or write to us").await?;
    let mail = CaseMail { lead: &lead, more: &more, link: &link, link_words, ..of(&case) };
    send(work, &mail).await
}

/// A step was taken by the desk or by itself.
pub async fn step(
    work: &mut Work<'_>,
    case: &CaseRow,
    place: &Place,
    by: &str,
    said: Said<'_>,
    silent: Option<DateTime<Utc>>,
) -> Result<()> {
    let ends = matches!(said.kind, "silent" | "closed" | "confirmed");
    let tells = said.to == Visibility::Everyone || ends;
    if !tells || place.status == CaseStatus::CompletedSilent || !reaches(work, case) {
        return Ok(());
    }
    let (lead, link_words) = match said.kind {
        "info_asked" => (format!("{by} needs to know something from you to go on:"), "Answer here"),
        "action_asked" => (format!("{by} asks you to do something so that we can go on:"), "Say when it is done"),
        "solution_given" => (format!("{by} has a solution for you:"), "Say whether it solved it"),
        "resolved" => (format!("{by} has closed your case as solved:"), "Not solved? Tell us here"),
        "silent" => (
            "We have heard nothing since we sent you a solution, so we have closed your case.".to_owned(),
            "Not solved? Tell us here",
        ),
        "closed" => (format!("Your case is closed: {}.", place.status.name()), "Read it"),
        "confirmed" => ("Your case is closed as solved.".to_owned(), "Not solved? Tell us here"),
        "file" => (format!("{by} has attached a file:"), "Open it here"),
        "out_of_scope" => ("This is a subject that we do not help with ourselves:".to_owned(), "Read it"),
        "canceled" => ("Your case was canceled:".to_owned(), "Read it"),
        _ => (format!("{by} writes:"), "Answer here"),
    };
    let more = match silent {
        Some(at) if said.kind == "solution_given" => {
            format!("If we hear nothing by {}, we close the case.", moment(zone(work), at))
        }
        _ => String::new(),
    };
    // Why is for the desk.
    let text = if ends { "" } else { said.text };
    let (link, link_words) = link(work, case, link_words).await?;
    send(work, &CaseMail { lead: &lead, text, more: &more, link: &link, link_words, ..of(case) }).await
}

/// Whether there is somewhere to send mails to.
fn reaches(work: &Work<'_>, case: &CaseRow) -> bool {
    work.app.mailer.is_some() && can_reach(&case.email)
}

fn zone(work: &Work<'_>) -> crate::hours::Zone {
    work.app.hours.desk().calendar(Channel::Chat).zone
}

/// What the link of somebody who is not verified yet opens.
const ENTER_PIN: &str = "Enter your PIN to read it and to go on";

/// A link with its words. Anybody can give any address: the link of somebody who is not verified asks for the PIN first, and who has none
/// gets no link; no words of whoever wrote are in the mail.
async fn link<'a>(work: &mut Work<'_>, case: &CaseRow, words: &'a str) -> Result<(String, &'a str)> {
    if case.verified {
        return Ok((links::new(work, case.id).await?, words));
    }
    match queries::links::whose(&mut work.tx, case.id).await? {
        Some((Some(_), _)) => Ok((links::new(work, case.id).await?, ENTER_PIN)),
        _ => Ok((String::new(), words)),
    }
}

fn of(case: &CaseRow) -> CaseMail<'_> {
    let (name, subject) =
        if case.verified { (case.contact.as_str(), case.subject.as_str()) } else { ("", "your message") };
    CaseMail {
        name,
        address: &case.email,
        number: case.number,
        subject,
        thread: thread(case.id),
        ..CaseMail::default()
    }
}

async fn send(work: &mut Work<'_>, mail: &CaseMail<'_>) -> Result<()> {
    jobs::add(work, &Job::Mail(letter::mail(mail)?)).await?;
    Ok(())
}
