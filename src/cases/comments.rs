//! Words beside a case: for colleagues, for one colleague, or to the customer, and the customer's own.

use uuid::Uuid;

use crate::{
    app::App,
    chat::protocol::Visibility,
    error::{Error, Result},
    identity::staff::{self, Staff},
    input,
};

use super::{
    lifecycle::Move,
    moves::MAX_WORDS,
    notice,
    steps::{By, Held, Said, hold},
};

/// Something for colleagues to know.
pub async fn comment(app: &App, staff: &Staff, number: i64, text: &str) -> Result<()> {
    let text = input::text("the comment", text, MAX_WORDS)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    held.write(Said { kind: "comment", text: &text, to: Visibility::Staff }).await?;
    held.commit().await
}

/// Words to the customer; only those who have a part in the case write to them.
pub async fn answer(app: &App, staff: &Staff, number: i64, text: &str) -> Result<()> {
    let text = input::text("the answer", text, MAX_WORDS)?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    may_write_to_customer(&held)?;
    held.write(Said { kind: "answer", text: &text, to: Visibility::Everyone }).await?;
    held.commit().await
}

/// Refuses whoever does not write to the customer of this case, or not now.
pub(super) fn may_write_to_customer(held: &Held<'_>) -> Result<()> {
    if !held.involved() {
        return Err(Error::forbidden(
            "Only the case’s owner, who works on it, or a supervisor writes to the customer. Write a comment, or take the case first.",
        ));
    }
    if held.place.status.is_closed() {
        return Err(Error::conflict("not_now", format!("Case {} is closed. Reopen it first.", held.case.number)));
    }
    Ok(())
}

/// A question to a colleague, who gets a notice; the case stays where it is.
pub async fn ask_colleague(app: &App, staff: &Staff, number: i64, colleague: Uuid, text: &str) -> Result<()> {
    let text = input::text("the question", text, MAX_WORDS)?;
    let asked = staff::find(&app.db, colleague).await?.filter(|person| person.active && person.id != staff.id);
    let asked = asked.ok_or_else(|| Error::not_found("There is no such colleague."))?;
    let mut held = hold(app, By::Desk(staff), number).await?;
    held.write(Said { kind: "asked", text: &format!("To {}: {text}", asked.name), to: Visibility::Staff }).await?;
    let words = input::snippet(&format!("Case {number}: {} asks you: {text}", staff.name), 300);
    notice::insert(&mut held.work, asked.id, &words, Some(number)).await?;
    held.commit().await
}

/// The customer's words. Who was waited for has answered.
pub async fn from_customer(app: &App, name: &str, number: i64, text: &str) -> Result<()> {
    let text = input::text("your message", text, MAX_WORDS)?;
    let mut held = hold(app, By::Customer(name), number).await?;
    held.go(Move::CustomerWrote)?;
    held.write(Said { kind: "customer", text: &text, to: Visibility::Everyone }).await?;
    held.commit().await
}
