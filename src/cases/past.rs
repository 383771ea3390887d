//! Cases that were closed elsewhere or earlier, brought in whole: the demo's history.

use chrono::{DateTime, Utc};

use crate::{
    app::App,
    chat::protocol::{Party, Visibility},
    error::Result,
};

use super::{
    lifecycle::{CaseStatus, Place},
    queries::{self, NewCase, steps::NewStep},
};

/// A closed case, with the keys and addresses by which its parts are found.
#[derive(Debug, Clone)]
pub struct PastCase<'a> {
    /// Customer number.
    pub account: &'a str,
    /// The contact's address.
    pub contact: &'a str,
    /// The category's key.
    pub category: &'a str,
    /// 1 to 4.
    pub severity: i16,
    /// What it was about.
    pub subject: &'a str,
    /// What the customer wrote.
    pub description: &'a str,
    /// What solved it.
    pub resolution: &'a str,
    /// The owner's address.
    pub owner: &'a str,
    /// Title of the solution that it is linked to.
    pub solution: &'a str,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
}

/// Brings one in.
pub async fn insert(app: &App, past: &PastCase<'_>) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (id, source_id) = (app.clock.new_id(), app.clock.new_id());
    let (category, team) =
        queries::category_by_key(&mut tx, past.category).await?.map_or((None, None), |(c, t)| (Some(c), Some(t)));
    let found = queries::people_of_past_case(&mut tx, past.account, past.contact, past.owner, past.solution).await?;
    let new = NewCase {
        id,
        source_id,
        account_id: found.account_id,
        contact_id: found.contact_id,
        verified: true,
        subject: past.subject.to_owned(),
        description: past.description.to_owned(),
        category_id: category,
        team_id: team,
        tier: 1,
        severity: past.severity,
        owner_id: found.owner_id,
        ..NewCase::default()
    };
    queries::insert_case(&mut tx, &new, past.closed_at).await?;
    queries::complete(&mut tx, id, found.solution_id, past.closed_at).await?;
    let place = Place { status: CaseStatus::Completed, team, tier: 1, owner: found.owner_id, worker: found.owner_id };
    let step = NewStep {
        id: app.clock.new_id(),
        case: id,
        at: past.closed_at,
        party: Party::Staff,
        by: found.owner_id,
        by_name: "",
        kind: "resolved",
        text: past.resolution,
        visibility: Visibility::Everyone,
        place,
    };
    queries::steps::insert(&mut tx, &step).await?;
    Ok(tx.commit().await?)
}
