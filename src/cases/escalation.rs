//! A case's way through the tiers: whoever works it, the first specialist assigned stays its owner and is told of each step.

use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::{self, Staff, tier_name},
    input,
    work::Work,
};

use super::{
    case::{self, Can, CaseRow, CaseStatus},
    notice, queries,
};

/// The longest reason or comment, in characters.
pub const MAX_WORDS: usize = 4_000;

/// The caller works the case from now on. A case without an owner gets the caller as its owner, for good.
pub async fn claim(app: &App, staff: &Staff, number: i64) -> Result<()> {
    let (mut work, case) = open(
        app,
        staff,
        number,
        |can| can.claim,
        "You cannot take this case: somebody works it, or it waits for another team or tier.",
    )
    .await?;
    let owner = case.owner_id.unwrap_or(staff.id);
    queries::set_place(&mut work.tx, case.id, case.tier, Some(staff.id), Some(owner), CaseStatus::InProcess, work.now)
        .await?;
    step(&mut work, &case, staff, "claimed", &format!("{} ({}) works on it.", staff.name, tier_name(staff.tier)))
        .await?;
    work.commit().await
}

/// The case goes to the next tier's queue, for a reason; its owner stays.
pub async fn escalate(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let words =
        "Only the case's owner, who works it, or a supervisor can escalate it, and development is the last tier.";
    let (mut work, case) = open(app, staff, number, |can| can.escalate, words).await?;
    // Who escalates an unowned case has been its first specialist.
    let (tier, owner) = (case.tier + 1, case.owner_id.or(Some(staff.id)));
    queries::set_place(&mut work.tx, case.id, tier, None, owner, CaseStatus::Open, work.now).await?;
    step(&mut work, &case, staff, "escalated", &format!("Escalated to {}: {reason}", tier_name(tier))).await?;
    work.commit().await
}

/// The case goes back to its owner, who works it again, for a reason.
pub async fn hand_back(app: &App, staff: &Staff, number: i64, reason: &str) -> Result<()> {
    let reason = input::text("the reason", reason, MAX_WORDS)?;
    let (mut work, case) = open(
        app,
        staff,
        number,
        |can| can.hand_back,
        "Only who works the case or a supervisor can hand it back to its owner.",
    )
    .await?;
    let owner = case.owner_id.ok_or_else(|| Error::conflict("no_owner", "This case has no owner yet."))?;
    let tier = staff::find(&app.db, owner).await?.map_or(1, |owner| owner.tier);
    queries::set_place(&mut work.tx, case.id, tier, Some(owner), Some(owner), CaseStatus::InProcess, work.now).await?;
    step(
        &mut work,
        &case,
        staff,
        "handed_back",
        &format!("Handed back to {}: {reason}", case.owner.as_deref().unwrap_or("the owner")),
    )
    .await?;
    work.commit().await
}

/// The person was called back and is who they said.
pub async fn verify(app: &App, staff: &Staff, number: i64, note: &str) -> Result<()> {
    let note = input::text("how you verified the person", note, MAX_WORDS)?;
    let (mut work, case) =
        open(app, staff, number, |can| can.verify, "This case is verified already, or closed.").await?;
    queries::set_verified(&mut work.tx, case.id, work.now).await?;
    step(&mut work, &case, staff, "verified", &format!("Verified by call-back: {note}")).await?;
    work.commit().await
}

/// Something for colleagues to know.
pub async fn comment(app: &App, staff: &Staff, number: i64, text: &str) -> Result<()> {
    let text = input::text("the comment", text, MAX_WORDS)?;
    let (mut work, case) = open(app, staff, number, |_| true, "").await?;
    queries::touch(&mut work.tx, case.id, work.now).await?;
    step(&mut work, &case, staff, "comment", &text).await?;
    work.commit().await
}

/// Locks a case and checks that the caller may do what follows.
pub async fn open<'a>(
    app: &'a App,
    staff: &Staff,
    number: i64,
    may: impl Fn(&Can) -> bool,
    refusal: &str,
) -> Result<(Work<'a>, CaseRow)> {
    let teams: Vec<Uuid> = staff::teams_of(&app.db, staff.id).await?;
    let mut work = Work::begin(app).await?;
    queries::lock_case(&mut work.tx, number).await?;
    let case = queries::find_case_in(&mut work.tx, number)
        .await?
        .ok_or_else(|| Error::not_found(format!("There is no case {number}.")))?;
    if may(&case::can(&case, staff, &teams)) { Ok((work, case)) } else { Err(Error::forbidden(refusal)) }
}

/// Writes a step down and tells the owner, unless it is the owner's own.
pub async fn step(work: &mut Work<'_>, case: &CaseRow, by: &Staff, kind: &str, text: &str) -> Result<()> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_case_event(&mut work.tx, id, case.id, now, Some(by.id), &by.name, kind, text).await?;
    work.desk_changed();
    match case.owner_id {
        Some(owner) if owner != by.id => {
            let words = input::snippet(&format!("Case {} ({}): {text}", case.number, by.name), 300);
            notice::insert(work, owner, &words, Some(case.number)).await
        }
        _ => Ok(()),
    }
}
