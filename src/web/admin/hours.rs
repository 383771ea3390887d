//! The hours page: weekly windows, holidays, short days.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Refusal, Result},
    hours::{
        desk::Channel,
        form::{self, DAYS, FormError},
        setup,
    },
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::access::Admin;

#[derive(Template)]
#[template(path = "admin/hours.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    channels: Vec<ChannelForm>,
    holidays: Vec<HolidayRow>,
    typed: HolidayFields,
    year: String,
    status_text: String,
    by_hand: Option<String>,
    errors: Vec<FormError>,
    saved: Option<String>,
}

struct ChannelForm {
    key: String,
    name: &'static str,
    zone: String,
    observes_holidays: bool,
    grace_minutes: String,
    warn_minutes: String,
    seen: String,
    rows: Vec<DayRow>,
}

struct DayRow {
    key: &'static str,
    name: &'static str,
    windows: String,
}

struct HolidayRow {
    day: String,
    name: String,
    windows: String,
}

/// What the last change did.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    saved: Option<String>,
}

/// A channel's form.
#[derive(Deserialize, Clone)]
pub struct ChannelFields {
    channel: Channel,
    zone: String,
    #[serde(default)]
    observes_holidays: bool,
    #[serde(default)]
    grace_minutes: String,
    #[serde(default)]
    warn_minutes: String,
    #[serde(default)]
    seen: String,
    #[serde(flatten)]
    days: std::collections::HashMap<String, String>,
}

/// What was typed into a form that could not be saved; it is shown again.
#[derive(Default)]
struct Typed {
    channel: Option<ChannelFields>,
    holiday: HolidayFields,
    year: Option<String>,
}

/// A holiday's form.
#[derive(Deserialize, Default)]
pub struct HolidayFields {
    day: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    windows: String,
}

/// The form with a year.
#[derive(Deserialize)]
pub struct YearFields {
    year: String,
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(done): Query<Done>) -> Response {
    page(&app, &staff, Vec::new(), done.saved.as_deref().and_then(saved_words).map(str::to_owned), Typed::default())
}

/// Only words of ours are shown, whatever stands in the address.
fn saved_words(key: &str) -> Option<&'static str> {
    match key {
        "channel" => Some("The hours were saved."),
        "holiday" => Some("The holiday was saved."),
        "removed" => Some("The holiday was removed."),
        "federal" => Some("The federal holidays were added."),
        _ => None,
    }
}

/// Saves a channel.
pub async fn save_channel(State(app): State<App>, Admin(staff): Admin, Form(fields): Form<ChannelFields>) -> Response {
    let day = |key: &str| fields.days.get(key).map_or("", String::as_str);
    let schedule = form::schedule(
        fields.channel,
        &fields.zone,
        day,
        fields.observes_holidays,
        &fields.grace_minutes,
        &fields.warn_minutes,
    );
    let saved = match schedule {
        Ok(schedule) => {
            let key = form::channel_key(fields.channel).to_owned();
            setup::save_schedule(&app, &staff, &schedule, Some(&fields.seen)).await.map_err(|e| (e, key))
        }
        Err(errors) => {
            let typed = Typed { channel: Some(fields), ..Typed::default() };
            return refused(page(&app, &staff, errors, None, typed));
        }
    };
    answer(&app, &staff, saved, "channel", Typed { channel: Some(fields), ..Typed::default() })
}

/// Adds or changes a holiday.
pub async fn save_holiday(State(app): State<App>, Admin(staff): Admin, Form(fields): Form<HolidayFields>) -> Response {
    let saved = async {
        let day = parse_day(&fields.day)?;
        let windows =
            form::windows(&fields.windows).map_err(|e| (Error::invalid("bad_windows", e), "windows".to_owned()))?;
        setup::save_holiday(&app, &staff, day, &fields.name, windows).await.map_err(|e| (e, "name".to_owned()))
    };
    let saved = saved.await;
    answer(&app, &staff, saved, "holiday", Typed { holiday: fields, ..Typed::default() })
}

/// Removes a holiday.
pub async fn remove_holiday(
    State(app): State<App>,
    Admin(staff): Admin,
    Form(fields): Form<HolidayFields>,
) -> Response {
    let removed =
        async { setup::remove_holiday(&app, &staff, parse_day(&fields.day)?).await.map_err(|e| (e, "day".to_owned())) };
    answer(&app, &staff, removed.await, "removed", Typed::default())
}

/// Adds a year's federal holidays.
pub async fn add_federal(State(app): State<App>, Admin(staff): Admin, Form(fields): Form<YearFields>) -> Response {
    let year = fields
        .year
        .trim()
        .parse::<i32>()
        .map_err(|_| (Error::invalid("bad_year", "Please give a year like 2027."), "year".to_owned()));
    let added = async { setup::add_federal(&app, &staff, year?).await.map(drop).map_err(|e| (e, "year".to_owned())) };
    let added = added.await;
    answer(&app, &staff, added, "federal", Typed { year: Some(fields.year), ..Typed::default() })
}

fn parse_day(text: &str) -> std::result::Result<NaiveDate, (Error, String)> {
    text.trim().parse().map_err(|_| (Error::invalid("bad_day", "Please give a day like 2026-12-24."), "day".to_owned()))
}

/// To the page with a word of success, or the page again with what is wrong.
fn answer(
    app: &App,
    staff: &Staff,
    outcome: std::result::Result<(), (Error, String)>,
    done: &str,
    typed: Typed,
) -> Response {
    match outcome {
        Ok(()) => Redirect::to(&format!("/admin/hours?saved={done}")).into_response(),
        Err((Error::Refused(Refusal { status, message, .. }), field)) => {
            let page = page(app, staff, vec![FormError { field, message }], None, typed);
            let status = if status == 409 { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            if page.status().is_success() { (status, page).into_response() } else { page }
        }
        Err((fault, _)) => fault.into_response(),
    }
}

/// The page with what is wrong on it; what is no page keeps its own status.
fn refused(page: Response) -> Response {
    if page.status().is_success() { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page }
}

fn page(app: &App, staff: &Staff, errors: Vec<FormError>, saved: Option<String>, typed: Typed) -> Response {
    match build(app, staff, errors, saved, typed) {
        Ok(page) => render(&page),
        Err(error) => error.into_response(),
    }
}

fn build(app: &App, staff: &Staff, errors: Vec<FormError>, saved: Option<String>, typed: Typed) -> Result<Page> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let desk = app.hours.desk();
    let view = app.hours.chat_view(app.clock.now());
    let channels = desk.schedules.values().map(|schedule| {
        let typed = typed.channel.as_ref().filter(|t| t.channel == schedule.channel);
        let row = |(key, name, weekday): (&'static str, &'static str, chrono::Weekday)| DayRow {
            key,
            name,
            windows: typed
                .map_or_else(|| form::day_text(schedule, weekday), |t| t.days.get(key).cloned().unwrap_or_default()),
        };
        ChannelForm {
            key: form::channel_key(schedule.channel).to_owned(),
            name: form::channel_name(schedule.channel),
            zone: typed.map_or_else(|| schedule.zone.name().to_owned(), |t| t.zone.clone()),
            observes_holidays: typed.map_or(schedule.observes_holidays, |t| t.observes_holidays),
            grace_minutes: typed.map_or_else(|| schedule.grace_minutes.to_string(), |t| t.grace_minutes.clone()),
            warn_minutes: typed.map_or_else(|| schedule.warn_minutes.to_string(), |t| t.warn_minutes.clone()),
            seen: setup::mark(schedule),
            rows: DAYS.into_iter().map(row).collect(),
        }
    });
    let holidays = desk.holidays.iter().map(|(day, rule)| HolidayRow {
        day: day.to_string(),
        name: rule.name.clone(),
        windows: form::windows_text(&rule.windows),
    });
    Ok(Page {
        assets,
        clock_is_set,
        name,
        role,
        channels: channels.collect(),
        holidays: holidays.collect(),
        status_text: form::status_text(&view),
        by_hand: view.by_hand,
        year: typed.year.unwrap_or_else(|| now.chars().take(4).collect()),
        typed: typed.holiday,
        now,
        errors,
        saved,
    })
}
