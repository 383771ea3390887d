//! What happens to cases because time passes: those who can still keep a promise are told, or can no more; what nobody takes or moves is
//! told of, or goes to the next tier.

use uuid::Uuid;

use crate::{app::App, chat::protocol::Visibility, desk::promises, error::Result, identity::staff, input};

use super::{
    ageing::{self, Rule},
    clocks::{calendar, meaning, stood, wind},
    lifecycle::Move,
    notice,
    queries::{self, clocks as rows},
    steps::{self, By, Said},
};

/// How far people were told: soon due, due, broken.
const BROKEN: i16 = 3;

/// A case has waited too long: supervisors are told, or it goes to the next tier.
pub async fn age(app: &App, number: i64) -> Result<()> {
    let mut held = steps::hold(app, By::System, number).await?;
    let (case, now) = (held.case.id, held.work.now);
    let history = queries::steps::for_clocks(&mut held.work.tx, case).await?;
    let promises = promises::load_in(&mut held.work.tx).await?;
    let next =
        stood(&history).and_then(|history| ageing::next(&history, &promises, &calendar(app), meaning(&promises)));
    let Some((_, rule)) = next.filter(|(at, _)| *at <= now) else {
        // Somebody was quicker, or the hours are others.
        wind(&mut held.work, case, held.case.severity).await?;
        return held.commit().await;
    };
    let hours = rule.hours(&promises).unwrap_or_default();
    let mut text = match rule {
        Rule::UnclaimedTold | Rule::UnclaimedRaised => format!("Nobody has taken it for {hours} business hours"),
        Rule::UnmovedTold | Rule::UnmovedRaised => format!("Nothing has happened for {hours} business hours"),
    };
    if rule.raises() {
        if held.go(Move::Age).is_err() {
            // Its steps say otherwise than where it stands: it does not age until the next one.
            rows::set_due(&mut held.work.tx, case, held.case.due_at, None).await?;
            return held.commit().await;
        }
        text = format!("{text}: it goes to {}.", staff::tier_name(held.place.tier));
    } else {
        text.push('.');
    }
    held.write(Said { kind: rule.kind(), text: &text, to: Visibility::Staff }).await?;
    let words = input::snippet(&format!("Case {number}: {text} {}", held.case.subject), 300);
    // Those who have it now were told of the step.
    let told = [held.place.owner, held.place.worker];
    let mut others = staff::supervisors(&mut held.work.tx).await?;
    others.extend(held.case.worker_id);
    others.sort_unstable();
    others.dedup();
    for person in others.into_iter().filter(|person| !told.contains(&Some(*person))) {
        notice::insert(&mut held.work, person, &words, Some(number)).await?;
    }
    held.commit().await
}

/// Tells those who can still keep a promise, or can no more, once for each stage.
pub async fn tell(app: &App, number: i64) -> Result<()> {
    let mut held = steps::hold(app, By::System, number).await?;
    let (case, now) = (held.case.id, held.work.now);
    wind(&mut held.work, case, held.case.severity).await?;
    for mut row in rows::of_case(&mut held.work.tx, case).await? {
        let stages = [row.warn_at, row.due_at, row.breach_at];
        let reached = (1..).zip(stages).filter(|(_, at)| at.is_some_and(|at| at <= now)).map(|(stage, _)| stage).max();
        let Some(stage) = reached.filter(|stage| *stage > row.told && row.next_at.is_some()) else { continue };
        let what = row.kind.name();
        let words = match stage {
            1 => format!("Case {number}: {what} is due soon: {}", held.case.subject),
            2 => format!("Case {number}: {what} is late: {}", held.case.subject),
            _ => format!("Case {number}: {what} was promised by now and is missing: {}", held.case.subject),
        };
        let mut people: Vec<Uuid> = [held.place.owner, held.place.worker].into_iter().flatten().collect();
        // What nobody has, and what is broken, supervisors must hear of.
        if people.is_empty() || stage == BROKEN {
            people.extend(staff::supervisors(&mut held.work.tx).await?);
        }
        people.sort_unstable();
        people.dedup();
        for person in people {
            notice::insert(&mut held.work, person, &words, Some(number)).await?;
        }
        if stage > 1 {
            let (id, kind) = (app.clock.new_id(), if stage == BROKEN { "clock_broken" } else { "clock_late" });
            let text =
                format!("{what} {}", if stage == BROKEN { "was promised by now and is missing." } else { "is late." });
            steps::note(&mut held.work, id, (case, &held.place), (kind, &text)).await?;
        }
        row.told = stage;
        row.next_at = (1..).zip(stages).find(|(next, at)| *next > stage && at.is_some()).and_then(|(_, at)| at);
        rows::upsert(&mut held.work.tx, case, &row).await?;
    }
    held.commit().await
}
