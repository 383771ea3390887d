//! The history of the figures: a form, a chart and a table, complete without JavaScript; the same rows as CSV and JSON.

use askama::Template;
use axum::{
    Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    app::App,
    error::{Error, Result},
    figures::{
        history::{self, History, Row},
        question::{Asked, By, Choices, Problem, choices, read},
    },
    web::{
        page::{Common, render},
        reply::not_stored,
        signed_in::{OnPage, SignedIn},
    },
};

use super::chart::{self, Chart};

#[derive(Template)]
#[template(path = "supervisor/history.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    asked: Asked,
    choices: Choices,
    problems: Vec<Problem>,
    found: Option<Found>,
}

/// What the page shows of an answer.
struct Found {
    history: History,
    charts: [Chart; 3],
    csv: String,
}

impl Page {
    fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }

    fn ways(&self) -> Vec<(&'static str, &'static str, bool)> {
        let by = if self.asked.by.is_empty() { "day" } else { self.asked.by.as_str() };
        By::ALL.into_iter().map(|(_, key, words)| (key, words, key == by)).collect()
    }
}

impl Found {
    fn of_people(&self) -> bool {
        self.history.rows.iter().any(|row| row.time.is_some())
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.history.rows.iter().chain([&self.history.total])
    }

    fn title(&self) -> &'static str {
        By::ALL.into_iter().find(|(by, ..)| *by == self.history.by).map_or("Day", |(_, _, words)| words)
    }
}

/// The page.
pub async fn show(State(app): State<App>, OnPage(staff): OnPage, Query(mut asked): Query<Asked>) -> Result<Response> {
    if !staff.is_supervisor() {
        return Ok(Redirect::to("/console").into_response());
    }
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let choices = choices(&app).await?;
    let (found, problems) = match read(&asked, &choices, history::today(&app)) {
        Ok(question) => {
            // The form shows the days that were meant.
            (asked.from, asked.to) = (question.from.to_string(), question.to.to_string());
            let history = history::look_up(&app, &choices, &question).await?;
            let csv = format!("/supervisor/history.csv?{}", address(&asked));
            let charts = chart::charts(&history);
            (Some(Found { history, charts, csv }), Vec::new())
        }
        Err(problems) => (None, problems),
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = render(&Page { assets, clock_is_set, now, name, role, asked, choices, problems, found });
    Ok((status, page).into_response())
}

/// What was asked for as the end of an address. Only what was read without a problem comes here: dates, keys and ids.
fn address(asked: &Asked) -> String {
    let Asked { from, to, team, agent, category, by } = asked;
    let fields = [("from", from), ("to", to), ("team", team), ("agent", agent), ("category", category), ("by", by)];
    let given = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| format!("{name}={}", value.trim())).collect::<Vec<_>>().join("&")
}

/// The same for programs.
pub async fn answer(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<History>> {
    history::answer(&app, &staff, &asked).await.map(Json)
}

/// The rows as a file for spreadsheets.
pub async fn csv(State(app): State<App>, SignedIn(staff): SignedIn, Query(asked): Query<Asked>) -> Result<Response> {
    let history = history::answer(&app, &staff, &asked).await?;
    let name = format!("attachment; filename=\"figures-{}-{}.csv\"", history.from, history.to);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok(not_stored((headers, table(&history)?)))
}

const COLUMNS: [&str; 18] = [
    "name",
    "key",
    "arrived",
    "answered",
    "answered_in_time",
    "abandoned",
    "left_at_once",
    "service_level_percent",
    "abandoned_percent",
    "answer_seconds",
    "longest_answer_seconds",
    "handled",
    "handle_seconds",
    "cases",
    "self_service",
    "busy_seconds",
    "online_seconds",
    "occupancy_percent",
];

fn table(history: &History) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(Error::internal)?;
    for row in history.rows.iter().chain([&history.total]) {
        writer.write_record(cells(row)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

fn cells(row: &Row) -> [String; 18] {
    let Row { key, name, figures, time } = row;
    let number = |value: Option<f64>| value.map(|value| format!("{value:.1}")).unwrap_or_default();
    let percent = |value: Option<f64>| number(value.map(|value| 100.0 * value));
    [
        harmless(name),
        harmless(key),
        figures.arrived.to_string(),
        figures.answered.to_string(),
        figures.answered_in_time.to_string(),
        figures.abandoned.to_string(),
        figures.left_at_once.to_string(),
        percent(figures.service_level),
        percent(figures.abandoned_share),
        number(figures.answer_seconds),
        number(figures.longest_answer_seconds),
        figures.handled.to_string(),
        number(figures.handle_seconds),
        figures.cases.to_string(),
        figures.self_service.to_string(),
        number(time.map(|time| time.busy_seconds)),
        number(time.map(|time| time.online_seconds)),
        percent(time.and_then(|time| time.occupancy)),
    ]
}

/// A text that no spreadsheet takes for a formula.
pub fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// "1:05" minutes, "1:02:03" hours; a dash for none.
pub fn duration(seconds: &Option<f64>) -> String {
    let Some(seconds) = seconds else { return "–".into() };
    // Whole seconds of at most years.
    let all = seconds.round() as i64;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The same of a time that there is.
pub fn length(seconds: &f64) -> String {
    duration(&Some(*seconds))
}

/// "93 %"; a dash for none.
pub fn percent(share: &Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{:.0} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_13_no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        assert_eq!(harmless("Claims & rejections"), "Claims & rejections");
    }

    #[test]
    fn live_13_times_and_shares_read_well() {
        assert_eq!([duration(&Some(65.4)), duration(&Some(3723.0)), duration(&None)], ["1:05", "1:02:03", "–"]);
        assert_eq!([percent(&Some(0.934)), percent(&None)], ["93 %", "–"]);
    }
}
