//! Changing the desk's hours: by hand for now (supervisors), the weekly windows and the holidays (admins).

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    chat::protocol::HoursView,
    desk::{
        audit::{self, Subject},
        change,
    },
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::Tx,
    work::Work,
};

use super::{
    calendar::{DayRule, Override, State},
    desk::{Channel, Schedule},
    form, holidays, queries,
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
    let mut work = change::begin(app).await?;
    let before = noted_hand(&mut work).await?;
    place(&mut work, &staff.name, hand.clone()).await?;
    let after = noted_hand(&mut work).await?;
    let text = format!("{} live chat by hand.", if hand.state == State::Open { "Opened" } else { "Closed" });
    audit::note(&mut work, staff, BY_HAND, &text, &before, &after).await?;
    work.commit().await?;
    reload(app).await
}

/// The same in the name of somebody who is not in the list of people: the demo's first page.
pub async fn set_by_hand_as(app: &App, name: &str, hand: ByHand) -> Result<HoursView> {
    let mut work = change::begin(app).await?;
    place(&mut work, name, hand).await?;
    work.commit().await?;
    reload(app).await
}

async fn place(work: &mut Work<'_>, name: &str, hand: ByHand) -> Result<()> {
    let now = work.now;
    let reason = input::line("the reason", &hand.reason, 200)?;
    if hand.until.is_some_and(|until| until <= now) {
        return Err(Error::invalid("past", "The end must be in the future."));
    }
    if let Some(until) = hand.until {
        require_storable(until.date_naive())?;
    }
    queries::end_overrides(&mut work.tx, Channel::Chat, now).await?;
    let new = Override { state: hand.state, from: now, until: hand.until, reason };
    let id = work.app.clock.new_id();
    queries::insert_override(&mut work.tx, id, Channel::Chat, &new, name).await?;
    Ok(())
}

/// Ends what was done by hand: the calendar counts again.
pub async fn clear_by_hand(app: &App, staff: &Staff) -> Result<HoursView> {
    staff.require_supervisor("open or close live chat by hand")?;
    let mut work = change::begin(app).await?;
    let before = noted_hand(&mut work).await?;
    let now = work.now;
    queries::end_overrides(&mut work.tx, Channel::Chat, now).await?;
    let after = noted_hand(&mut work).await?;
    audit::note(&mut work, staff, BY_HAND, "Let the calendar count again.", &before, &after).await?;
    work.commit().await?;
    reload(app).await
}

/// The same without asking who does it: the demo, when its clock was set to watch the calendar.
pub async fn forget_by_hand(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    queries::end_overrides(&mut tx, Channel::Chat, app.clock.now()).await?;
    tx.commit().await?;
    reload(app).await.map(drop)
}

/// Stores a channel's settings. `seen`: their mark when they were read.
pub async fn save_schedule(app: &App, staff: &Staff, schedule: &Schedule, seen: Option<&str>) -> Result<()> {
    require_admin(staff)?;
    let mut work = change::begin(app).await?;
    let all = queries::schedules_in(&mut work.tx).await?;
    let before = all.iter().find(|stored| stored.channel == schedule.channel);
    if let Some(before) = before {
        change::require_unchanged(seen, &noted_schedule(before))?;
    }
    require_fine(schedule)?;
    queries::upsert_schedule(&mut work.tx, schedule).await?;
    let text = format!("Changed the hours of {}.", form::channel_name(schedule.channel));
    let subject = Subject { kind: "hours", key: form::channel_key(schedule.channel) };
    let was = before.map(noted_schedule).unwrap_or_default();
    audit::note(&mut work, staff, subject, &text, &was, &noted_schedule(schedule)).await?;
    work.commit().await?;
    reload(app).await.map(drop)
}

/// What tells one state of a channel's settings from another.
pub fn mark(schedule: &Schedule) -> String {
    change::mark(&noted_schedule(schedule))
}

/// Stores a channel's settings, without asking who does it: the first setup.
pub async fn store_schedule(app: &App, schedule: &Schedule) -> Result<()> {
    require_fine(schedule)?;
    let mut tx = app.db.begin().await?;
    queries::upsert_schedule(&mut tx, schedule).await?;
    Ok(tx.commit().await?)
}

fn require_fine(schedule: &Schedule) -> Result<()> {
    if schedule.grace_minutes > 24 * 60 || schedule.warn_minutes > 24 * 60 {
        return Err(Error::invalid("bad_minutes", "Grace and warning are at most a day (1440 minutes)."));
    }
    Ok(())
}

/// Adds a holiday, or changes it; windows are the day's short hours, none means closed.
pub async fn save_holiday(app: &App, staff: &Staff, day: NaiveDate, name: &str, windows: Windows) -> Result<()> {
    require_admin(staff)?;
    require_storable(day)?;
    let rule = DayRule { name: input::line("the holiday's name", name, 80)?, windows };
    let mut work = change::begin(app).await?;
    let before = queries::holidays_in(&mut work.tx).await?.remove(&day);
    queries::upsert_holiday(&mut work.tx, day, &rule).await?;
    let verb = if before.is_some() { "Changed" } else { "Added" };
    note_holiday(&mut work, staff, day, verb, before.as_ref(), Some(&rule)).await?;
    work.commit().await?;
    reload(app).await.map(drop)
}

/// Takes a holiday out of the calendar.
pub async fn remove_holiday(app: &App, staff: &Staff, day: NaiveDate) -> Result<()> {
    require_admin(staff)?;
    require_storable(day)?;
    let mut work = change::begin(app).await?;
    let Some(before) = queries::holidays_in(&mut work.tx).await?.remove(&day) else {
        return Err(Error::not_found("There is no holiday on that day."));
    };
    queries::delete_holiday(&mut work.tx, day).await?;
    note_holiday(&mut work, staff, day, "Removed", Some(&before), None).await?;
    work.commit().await?;
    reload(app).await.map(drop)
}

/// Adds the US federal holidays of a year; days that are there already stay as they are.
pub async fn add_federal(app: &App, staff: &Staff, year: i32) -> Result<usize> {
    require_admin(staff)?;
    let now = app.clock.now().year();
    if !(now - 1..=now + 30).contains(&year) {
        return Err(Error::invalid("bad_year", format!("Please give a year from {} to {}.", now - 1, now + 30)));
    }
    let mut work = change::begin(app).await?;
    let added = insert_federal(&mut work.tx, year).await?;
    let days: Map<String, Value> = added.iter().map(|(day, name)| (day.to_string(), json!(name))).collect();
    let (key, text) = (year.to_string(), format!("Added the US federal holidays of {year}."));
    audit::note(&mut work, staff, Subject { kind: "holiday", key: &key }, &text, &(), &days).await?;
    work.commit().await?;
    reload(app).await?;
    Ok(added.len())
}

/// The same without asking who does it: the first setup.
pub async fn store_federal(app: &App, year: i32) -> Result<usize> {
    let mut tx = app.db.begin().await?;
    let added = insert_federal(&mut tx, year).await?;
    tx.commit().await?;
    Ok(added.len())
}

/// Adds those of a year that are not there yet.
async fn insert_federal(tx: &mut Tx, year: i32) -> Result<Vec<(NaiveDate, String)>> {
    let there = queries::holidays_in(tx).await?;
    let mut added = Vec::new();
    for (day, name) in holidays::us_federal(year) {
        if !there.contains_key(&day) {
            let rule = DayRule::closed(name);
            queries::upsert_holiday(tx, day, &rule).await?;
            added.push((day, rule.name));
        }
    }
    Ok(added)
}

// What the record has of them

const BY_HAND: Subject<'static> = Subject { kind: "by_hand", key: "chat" };

/// What is done by hand now.
async fn noted_hand(work: &mut Work<'_>) -> Result<Value> {
    let now = work.now;
    let hand = queries::overrides_in(&mut work.tx, Channel::Chat, now).await?.pop();
    Ok(match hand {
        Some(Override { state, until, reason, .. }) => json!({"live_chat": state, "until": until, "reason": reason}),
        None => json!({"live_chat": "by the calendar"}),
    })
}

fn noted_schedule(schedule: &Schedule) -> Map<String, Value> {
    let days = form::DAYS.into_iter().map(|(_, name, day)| (name.to_owned(), json!(form::day_text(schedule, day))));
    let others = [
        ("zone", json!(schedule.zone.name())),
        ("closed_on_holidays", json!(schedule.observes_holidays)),
        ("grace_minutes", json!(schedule.grace_minutes)),
        ("warn_minutes", json!(schedule.warn_minutes)),
    ];
    days.chain(others.map(|(name, value)| (name.to_owned(), value))).collect()
}

async fn note_holiday(
    work: &mut Work<'_>,
    staff: &Staff,
    day: NaiveDate,
    verb: &str,
    before: Option<&DayRule>,
    after: Option<&DayRule>,
) -> Result<()> {
    let noted = |rule: &DayRule| {
        let hours = if rule.windows.is_empty() { "closed".into() } else { form::windows_text(&rule.windows) };
        json!({"name": rule.name, "hours": hours})
    };
    let name = after.or(before).map_or("", |rule| rule.name.as_str());
    let (key, text) = (day.to_string(), format!("{verb} the holiday {name}, {day}."));
    let subject = Subject { kind: "holiday", key: &key };
    audit::note(work, staff, subject, &text, &json!(before.map(noted)), &json!(after.map(noted))).await
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
        let schedule = form::schedule(channel, "America/New_York", weekdays(day), holidays, grace, warn);
        store_schedule(app, &schedule.map_err(|_| Error::internal("the shipped hours cannot be read"))?).await?;
    }
    let always = form::schedule(Channel::Portal, "America/New_York", |_| "00:00-24:00", false, "0", "0");
    store_schedule(app, &always.map_err(|_| Error::internal("the shipped hours cannot be read"))?).await?;
    let year = app.clock.now().year();
    store_federal(app, year).await?;
    store_federal(app, year + 1).await?;
    app.hours.reload(app).await
}
