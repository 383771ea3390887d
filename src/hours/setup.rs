//! Changing the desk's hours: by hand for now (supervisors), the weekly windows and the holidays (admins).

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::{
    app::App,
    chat::protocol::HoursView,
    error::{Error, Result},
    identity::staff::Staff,
    input,
};

use super::{
    calendar::{DayRule, Override, State},
    desk::{Channel, Schedule},
    holidays, queries,
    weekly::Windows,
};

/// What a supervisor does to the live-chat window by hand.
#[derive(Debug, Clone)]
pub struct ByHand {
    /// Open or closed.
    pub state: State,
    /// Until when; nothing: until somebody ends it.
    pub until: Option<DateTime<Utc>>,
    /// Why; customers and colleagues read it.
    pub reason: String,
}

/// Opens or closes the live chat by hand, in place of an earlier hand.
pub async fn set_by_hand(app: &App, staff: &Staff, hand: ByHand) -> Result<HoursView> {
    staff.require_supervisor("open or close live chat by hand")?;
    set_by_hand_as(app, &staff.name, hand).await
}

/// The same in the name of somebody who is not in the list of people: the demo's first page.
pub async fn set_by_hand_as(app: &App, name: &str, hand: ByHand) -> Result<HoursView> {
    let now = app.clock.now();
    let reason = input::line("the reason", &hand.reason, 200)?;
    if hand.until.is_some_and(|until| until <= now) {
        return Err(Error::invalid("past", "The end must be in the future."));
    }
    if let Some(until) = hand.until {
        require_storable(until.date_naive())?;
    }
    let mut tx = app.db.begin().await?;
    queries::end_overrides(&mut tx, Channel::Chat, now).await?;
    let new = Override { state: hand.state, from: now, until: hand.until, reason };
    queries::insert_override(&mut tx, app.clock.new_id(), Channel::Chat, &new, name).await?;
    tx.commit().await?;
    reload(app).await
}

/// Ends what was done by hand: the calendar counts again.
pub async fn clear_by_hand(app: &App, staff: &Staff) -> Result<HoursView> {
    staff.require_supervisor("open or close live chat by hand")?;
    forget_by_hand(app).await?;
    Ok(app.hours.chat_view(app.clock.now()))
}

/// The same without asking who does it: the demo, when its clock was set to watch the calendar.
pub async fn forget_by_hand(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::end_overrides(&mut tx, Channel::Chat, app.clock.now()).await?;
    tx.commit().await?;
    reload(app).await.map(drop)
}

/// Stores a channel's settings.
pub async fn save_schedule(app: &App, staff: &Staff, schedule: &Schedule) -> Result<()> {
    require_admin(staff)?;
    store_schedule(app, schedule).await?;
    reload(app).await.map(drop)
}

/// Stores a channel's settings, without asking who does it: the first setup.
pub async fn store_schedule(app: &App, schedule: &Schedule) -> Result<()> {
    if schedule.grace_minutes > 24 * 60 || schedule.warn_minutes > 24 * 60 {
        return Err(Error::invalid("bad_minutes", "Grace and warning are at most a day (1440 minutes)."));
    }
    let mut tx = app.db.begin().await?;
    queries::upsert_schedule(&mut tx, schedule).await?;
    Ok(tx.commit().await?)
}

/// Adds a holiday, or changes it; windows are the day's short hours, none means closed.
pub async fn save_holiday(app: &App, staff: &Staff, day: NaiveDate, name: &str, windows: Windows) -> Result<()> {
    require_admin(staff)?;
    require_storable(day)?;
    let rule = DayRule { name: input::line("the holiday's name", name, 80)?, windows };
    let mut tx = app.db.begin().await?;
    queries::upsert_holiday(&mut tx, day, &rule).await?;
    tx.commit().await?;
    reload(app).await.map(drop)
}

/// Takes a holiday out of the calendar.
pub async fn remove_holiday(app: &App, staff: &Staff, day: NaiveDate) -> Result<()> {
    require_admin(staff)?;
    require_storable(day)?;
    let mut tx = app.db.begin().await?;
    let removed = queries::delete_holiday(&mut tx, day).await?;
    tx.commit().await?;
    if removed == 0 {
        return Err(Error::not_found("There is no holiday on that day."));
    }
    reload(app).await.map(drop)
}

/// Adds the US federal holidays of a year; days that are there already stay as they are.
pub async fn add_federal(app: &App, staff: &Staff, year: i32) -> Result<usize> {
    require_admin(staff)?;
    let now = app.clock.now().year();
    if !(now - 1..=now + 30).contains(&year) {
        return Err(Error::invalid("bad_year", format!("Please give a year from {} to {}.", now - 1, now + 30)));
    }
    let added = store_federal(app, year).await?;
    reload(app).await?;
    Ok(added)
}

/// The same without asking who does it: the first setup.
pub async fn store_federal(app: &App, year: i32) -> Result<usize> {
    let there = queries::holidays(&app.db).await?;
    let mut tx = app.db.begin().await?;
    let mut added = 0;
    for (day, name) in holidays::us_federal(year) {
        if !there.contains_key(&day) {
            queries::upsert_holiday(&mut tx, day, &DayRule::closed(name)).await?;
            added += 1;
        }
    }
    tx.commit().await?;
    Ok(added)
}

fn require_admin(staff: &Staff) -> Result<()> {
    if staff.is_admin() { Ok(()) } else { Err(Error::forbidden("Only an admin can change the hours.")) }
}

/// Refuses years that one of the engines cannot store, or not in order: SQLite compares dates as text of four-digit years.
fn require_storable(day: NaiveDate) -> Result<()> {
    if (1900..=9999).contains(&day.year()) {
        Ok(())
    } else {
        Err(Error::invalid("bad_day", "Please give a day of the years 1900 to 9999."))
    }
}

async fn reload(app: &App) -> Result<HoursView> {
    app.hours.reload(app).await?;
    app.bus.hours_changed();
    app.bus.desk_changed();
    Ok(app.hours.chat_view(app.clock.now()))
}

/// Stores the hours that the product ships with, if the desk has none yet: chat Mon–Fri 9–17, phone Mon–Fri 8–18, e-mail
/// Mon–Fri at 9:30 and 15:30, portal always; Eastern wall-clock time; the federal holidays of this year and the next.
pub async fn ship(app: &App) -> Result<()> {
    if !app.hours.desk().schedules.is_empty() {
        return Ok(());
    }
    let weekdays = |text: &'static str| move |key: &str| if matches!(key, "sat" | "sun") { "" } else { text };
    for (channel, day, holidays, grace, warn) in [
        (Channel::Chat, "09:00-17:00", true, "30", "15"),
        (Channel::Phone, "08:00-18:00", true, "0", "15"),
        (Channel::Email, "09:30, 15:30", true, "0", "0"),
    ] {
        let schedule = super::form::schedule(channel, "America/New_York", weekdays(day), holidays, grace, warn);
        store_schedule(app, &schedule.map_err(|_| Error::internal("the shipped hours cannot be read"))?).await?;
    }
    let always = super::form::schedule(Channel::Portal, "America/New_York", |_| "00:00-24:00", false, "0", "0");
    store_schedule(app, &always.map_err(|_| Error::internal("the shipped hours cannot be read"))?).await?;
    let year = app.clock.now().year();
    store_federal(app, year).await?;
    store_federal(app, year + 1).await?;
    app.hours.reload(app).await
}
