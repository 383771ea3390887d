//! What a customer was refused becomes a case after all, because a supervisor says so.

use uuid::Uuid;

use crate::{
    app::App,
    entitlement::refused,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    work::Work,
};

use super::{
    proposal,
    queries::{self, NewCase},
    steps,
};

/// Makes the case, for a reason; its number. The same request makes one case. Only supervisors may.
pub async fn let_through(app: &App, staff: &Staff, request: Uuid, reason: &str) -> Result<i64> {
    staff.require_supervisor("let a refused request through")?;
    let reason = input::line("the reason", reason, 500)?;
    let mut work = Work::begin(app).await?;
    let request = refused::hold(&mut work, request).await?;
    if let Some(number) = request.case_number {
        return Ok(number);
    }
    // The customer has sent it again meanwhile, in other words.
    if let Some(number) = queries::case_of_source(&mut work.tx, request.source_id).await? {
        refused::settle(&mut work, request.id, number).await?;
        work.commit().await?;
        return Ok(number);
    }
    if request.text.is_empty() {
        let words = "Nothing was written before it was refused. Let the customer in instead, and they can ask again.";
        return Err(Error::conflict("nothing_written", words));
    }
    let severity = proposal::severity(&request.text);
    // It goes where it would have gone, if a category was chosen.
    let topic = queries::topic(&mut work.tx, &request.category, severity).await?;
    let new = NewCase {
        id: app.clock.new_id(),
        source_id: request.source_id,
        account_id: Some(request.account_id),
        contact_id: Some(request.contact_id),
        from_name: request.contact,
        verified: true,
        subject: proposal::subject(&request.text),
        category_id: topic.as_ref().map(|topic| topic.category_id),
        team_id: topic.as_ref().map(|topic| topic.team_id),
        tier: topic.map_or(1, |topic| topic.tier),
        severity,
        description: request.text,
        ..NewCase::default()
    };
    let number = queries::insert_case(&mut work.tx, &new, work.now).await?;
    let how = format!("It was refused ({}); {} let it through: {reason}", request.why.replace('_', " "), staff.name);
    steps::made(&mut work, &new, None, "", &how).await?;
    refused::settle(&mut work, request.id, number).await?;
    work.commit().await?;
    Ok(number)
}
