//! Notices: one sentence to a person of the desk, kept until it is read.

use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    work::Work,
};

use super::queries::notices as queries;

/// Leaves a notice within the caller's transaction.
pub async fn insert(work: &mut Work<'_>, staff: Uuid, text: &str, case: Option<i64>) -> Result<()> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_notice(&mut work.tx, id, staff, now, text, case).await?;
    work.desk_changed();
    Ok(())
}

/// The same about a chat.
pub async fn insert_about(work: &mut Work<'_>, staff: Uuid, text: &str, chat: Uuid) -> Result<()> {
    let (id, now) = (work.app.clock.new_id(), work.now);
    queries::insert_chat_notice(&mut work.tx, id, staff, now, text, chat).await?;
    work.desk_changed();
    Ok(())
}

/// The person has read a notice.
pub async fn read(app: &App, staff: &Staff, notice: Uuid) -> Result<()> {
    let mut work = Work::begin(app).await?;
    let now = work.now;
    if queries::mark_notice_read(&mut work.tx, notice, staff.id, now).await? == 0 {
        return Err(Error::not_found("There is no such unread notice."));
    }
    work.desk_changed();
    work.commit().await
}
