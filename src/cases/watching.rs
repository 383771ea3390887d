//! Who is told of each step of a case without having a part in it.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::{self, Staff},
    input,
};

use super::{
    notice,
    queries::watchers as rows,
    steps::{By, hold},
};

/// Somebody who watches a case.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Watcher {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
}

/// The caller watches a case from now on, or asks a colleague to, who gets a notice.
pub async fn begin(app: &App, staff: &Staff, number: i64, person: Option<Uuid>) -> Result<()> {
    let person = person.unwrap_or(staff.id);
    let found = staff::find(&app.db, person).await?.filter(|found| found.active);
    let found = found.ok_or_else(|| Error::not_found("There is no such colleague."))?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    let is_new = rows::insert(&mut held.work.tx, held.case.id, found.id).await? > 0;
    if is_new && found.id != staff.id {
        let words = format!("Case {number}: {} asks you to watch it: {}", staff.name, held.case.subject);
        notice::insert(&mut held.work, found.id, &input::snippet(&words, 300), Some(number)).await?;
    }
    held.commit().await
}

/// The caller watches it no more. Those who have a part in a case end it for others, too.
pub async fn end(app: &App, staff: &Staff, number: i64, person: Option<Uuid>) -> Result<()> {
    let person = person.unwrap_or(staff.id);
    let mut held = hold(app, By::Desk(staff), number).await?;
    if person != staff.id && !held.involved() {
        let words = "Only the case’s owner, who works on it, or a supervisor ends that for others.";
        return Err(Error::forbidden(words));
    }
    rows::delete(&mut held.work.tx, held.case.id, person).await?;
    held.commit().await
}
