//! How a case ends: with words for the customer and, where one fits, with the solution that solved it. Suggestions learn from that at once.

use uuid::Uuid;

use crate::{app::App, error::Result, identity::staff::Staff, input, knowledge::reading};

use super::{
    escalation::{self, MAX_WORDS},
    queries,
};

/// Resolves a case. `solution` may be one that is still being written.
pub async fn resolve(app: &App, staff: &Staff, number: i64, resolution: &str, solution: Option<Uuid>) -> Result<()> {
    let resolution = input::text("what solved it", resolution, MAX_WORDS)?;
    let words = "Only the case's owner, who works it, or a supervisor can resolve it, and only once.";
    let (mut work, case) = escalation::open(app, staff, number, |can| can.resolve, words).await?;
    let now = work.now;
    if let Some(solution) = solution {
        reading::changed(&mut work, solution).await?;
    }
    queries::complete(&mut work.tx, case.id, solution, now).await?;
    escalation::step(&mut work, &case, staff, "resolved", &resolution).await?;
    work.commit().await
}
