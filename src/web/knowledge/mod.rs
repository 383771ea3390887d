//! The editors' pages: all solutions, what should be looked at, and one solution being written. Complete without JavaScript.

pub mod editor;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        site::{self, CategoryName},
        staff::Staff,
    },
    knowledge::{
        catalog::{self, Counts, Filter, MOST_LISTED, Row},
        editing::DraftState,
        reports::{self, Figures, Report, Why},
        solution::Audience,
    },
};

use super::{
    page::{Common, render},
    signed_in::OnPage,
};

#[derive(Template)]
#[template(path = "knowledge/list.html")]
struct ListPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    filter: Filter,
    tabs: [Tab; 5],
    rows: Vec<Row>,
    categories: Vec<CategoryName>,
    more: bool,
}

/// The solutions of a state.
struct Tab {
    state: &'static str,
    words: &'static str,
    count: i64,
}

fn tabs(counts: &Counts) -> [Tab; 5] {
    let Counts { published, retired, draft, in_review, all } = *counts;
    let tab = |state, words, count| Tab { state, words, count };
    [
        tab("", "All", all),
        tab("published", "Published", published),
        tab("in_review", "In review", in_review),
        tab("draft", "Drafts", draft),
        tab("retired", "Retired", retired),
    ]
}

impl ListPage {
    fn category_of(&self, key: &str) -> String {
        name_of(&self.categories, key)
    }
}

/// A category's name; its key when nobody knows it any more.
fn name_of(categories: &[CategoryName], key: &str) -> String {
    categories.iter().find(|category| category.key == key).map_or(key, |category| &category.name).to_owned()
}

/// The list.
pub async fn list(State(app): State<App>, OnPage(staff): OnPage, Query(filter): Query<Filter>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let rows = catalog::list(&app, &filter).await?;
    Ok(render(&ListPage {
        assets,
        clock_is_set,
        now,
        name,
        role,
        more: i64::try_from(rows.len()).is_ok_and(|count| count >= MOST_LISTED),
        rows,
        filter,
        tabs: tabs(&catalog::counts(&app).await?),
        categories: site::categories(&app).await?,
    }))
}

#[derive(Template)]
#[template(path = "knowledge/reports.html")]
struct ReportPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    stale: Vec<Stale>,
    report: Report,
    can_set: bool,
    version: String,
    error: Option<String>,
    saved: bool,
}

/// The solutions that should be looked at for a reason.
struct Stale {
    title: &'static str,
    rule: &'static str,
    rows: Vec<Figures>,
}

fn stale(report: &Report) -> Vec<Stale> {
    let parts = [
        (Why::OldVersion, "For an older version", "They describe a version before the product’s current one."),
        (Why::VotedDown, "Voted down", "At least three readers said no, and more than said yes."),
        (Why::NotOpened, "Shown in vain", "They came up at least five times and nobody opened them."),
        (Why::Unseen, "Unseen", "Not changed and not opened for 90 days."),
    ];
    let parts = parts.into_iter().map(|(why, title, rule)| {
        let rows = report.stale.iter().filter(|(because, _)| *because == why).map(|(_, row)| row.clone()).collect();
        Stale { title, rule, rows }
    });
    parts.filter(|part| !part.rows.is_empty()).collect()
}

/// What the last change did.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    saved: bool,
}

/// What should be looked at.
pub async fn report(State(app): State<App>, OnPage(staff): OnPage, Query(done): Query<Done>) -> Result<Response> {
    report_page(&app, &staff, None, None, done.saved).await
}

async fn report_page(
    app: &App,
    staff: &Staff,
    typed: Option<String>,
    error: Option<String>,
    saved: bool,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let report = reports::report(app).await?;
    let version = typed.unwrap_or_else(|| report.product_version.clone());
    let can_set = staff.is_supervisor();
    let stale = stale(&report);
    Ok(render(&ReportPage { assets, clock_is_set, now, name, role, stale, report, can_set, version, error, saved }))
}

/// The product's version.
#[derive(Deserialize)]
pub struct Version {
    version: String,
}

/// Says which version of the product customers have.
pub async fn set_product_version(
    State(app): State<App>,
    OnPage(staff): OnPage,
    Form(fields): Form<Version>,
) -> Result<Response> {
    match reports::set_product_version(&app, &staff, &fields.version).await {
        Ok(()) => Ok(Redirect::to("/knowledge/reports?saved=true").into_response()),
        Err(Error::Refused(refusal)) => {
            let page = report_page(&app, &staff, Some(fields.version), Some(refusal.message), false).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(fault) => Err(fault),
    }
}
