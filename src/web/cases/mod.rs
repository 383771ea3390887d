//! All cases as a page: searched, kept searches, several at once, as a table for spreadsheets; and one case to print. Complete without
//! JavaScript.

use askama::Template;
use axum::{
    extract::{Path, Query, RawQuery, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        case::{self, CasePage, TimelineEntry},
        lifecycle::CaseStatus,
        search::{self, Filter, Found, Kept, Outcome, Step},
    },
    chat::protocol::Visibility,
    desk::{
        people,
        teams::{self, Team},
    },
    error::{Error, Result},
    hours::{Zone, desk::Channel, moment},
    identity::staff::{Staff, tier_name},
    web::{
        admin::form::{Fields, Form, refused},
        page::{Common, render},
        signed_in::OnPage,
        supervisor::history::harmless,
    },
};

/// How the page is asked for, as it was typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    status: String,
    team: String,
    tier: String,
    severity: String,
    person: String,
    before: String,
}

impl Asked {
    /// What cannot be is not asked for.
    fn filter(&self) -> Filter {
        Filter {
            text: self.q.clone(),
            status: self.status.clone(),
            team: self.team.replace('\0', ""),
            tier: self.tier.parse().unwrap_or_default(),
            severity: self.severity.parse().unwrap_or_default(),
            person: self.person.parse().ok(),
            before: self.before.parse().ok(),
        }
    }
}

#[derive(Template)]
#[template(path = "cases/list.html")]
struct ListPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    asked: Asked,
    query: String,
    found: Vec<Found>,
    next: Option<String>,
    kept: Vec<Kept>,
    teams: Vec<Team>,
    people: Vec<(Uuid, String)>,
    zone: Zone,
    outcome: Option<Outcome>,
}

impl ListPage {
    fn statuses(&self) -> Vec<(String, &'static str)> {
        let all = CaseStatus::ALL.into_iter().map(|status| (key_of(status), status.name()));
        [("is_open".to_owned(), "All that are open"), ("is_closed".to_owned(), "All that are closed")]
            .into_iter()
            .chain(all)
            .collect()
    }

    fn closings(&self) -> Vec<(String, &'static str)> {
        let can = |status: &CaseStatus| status.is_closed() && *status != CaseStatus::Completed;
        CaseStatus::ALL.into_iter().filter(can).map(|status| (key_of(status), status.name())).collect()
    }

    fn tiers(&self) -> Vec<(String, &'static str)> {
        (1..=4).map(|tier| (tier.to_string(), tier_name(tier))).collect()
    }

    fn tier_of(&self, case: &Found) -> &'static str {
        tier_name(case.tier)
    }

    fn time(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%-d %b %Y, %-I:%M %p").to_string()
    }

    fn who(&self, case: &Found) -> String {
        match (case.owner.as_str(), case.worker.as_str()) {
            ("", "") => "nobody yet".to_owned(),
            (owner, worker) if owner == worker || worker.is_empty() => owner.to_owned(),
            ("", worker) => format!("{worker} works on it"),
            (owner, worker) => format!("{owner}; {worker} works on it"),
        }
    }
}

/// A status as the address has it.
fn key_of(status: CaseStatus) -> String {
    serde_json::to_value(status).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The list.
pub async fn list(
    State(app): State<App>,
    OnPage(staff): OnPage,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    page(&app, &staff, asked, query.unwrap_or_default(), Form::default(), None).await
}

/// A button: a search is kept or removed, or the same is done with several cases.
pub async fn submit(
    State(app): State<App>,
    OnPage(staff): OnPage,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
    fields: Fields,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let done = async {
        Ok(match fields.one("do") {
            "keep" => search::keep(&app, &staff, fields.one("keep_name"), &query).await.map(|()| None)?,
            "forget" => search::forget(&app, &staff, fields.id()?).await.map(|()| None)?,
            _ => {
                let numbers: Vec<i64> = fields.all("case").iter().filter_map(|number| number.parse().ok()).collect();
                Some(search::all_at_once(&app, &staff, &numbers, &step(&fields)?, fields.one("reason")).await?)
            }
        })
    };
    match done.await {
        Ok(None) => Ok(Redirect::to(&format!("/cases?{query}")).into_response()),
        Ok(outcome) => page(&app, &staff, asked, query, Form::default(), outcome).await,
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, asked, query, form, None).await?).into_response())
        }
    }
}

fn step(fields: &Fields) -> Result<Step> {
    let missing = |what: &str| Error::invalid("incomplete", format!("Please choose {what}."));
    Ok(match fields.one("do") {
        "assign" => Step::Assign(fields.one("to_person").parse().map_err(|_| missing("who gets them"))?),
        "move" => Step::Move(
            Some(fields.one("to_team")).filter(|key| !key.is_empty()).ok_or_else(|| missing("a team"))?.to_owned(),
            fields.one("to_tier").parse().map_err(|_| missing("a tier"))?,
        ),
        "close" => {
            let status = serde_json::from_value(fields.one("to_status").into());
            Step::Close(status.map_err(|_| missing("how they are closed"))?)
        }
        _ => return Err(missing("what is to be done")),
    })
}

async fn page(
    app: &App,
    staff: &Staff,
    asked: Asked,
    query: String,
    form: Form,
    outcome: Option<Outcome>,
) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let found = search::find(&app.db, &asked.filter(), search::PAGE).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == search::PAGE);
    let rest =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with("before=")).collect::<Vec<_>>().join("&");
    let next = found.last().filter(|_| full).map(|last| format!("{rest}&before={}", last.number));
    let people = people::all(&app.db).await?.into_iter().filter(|person| person.staff.active);
    let people = people.map(|person| (person.staff.id, person.staff.name)).collect();
    let (kept, teams) = (search::kept(&app.db, staff).await?, teams::all(&app.db).await?);
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    Ok(render(&ListPage {
        assets,
        clock_is_set,
        now,
        name,
        role,
        form,
        saved: None,
        asked,
        query: rest,
        found,
        next,
        kept,
        teams,
        people,
        zone,
        outcome,
    }))
}

/// The same as a table for spreadsheets.
pub async fn csv(State(app): State<App>, OnPage(_): OnPage, Query(asked): Query<Asked>) -> Result<Response> {
    let found = search::find(&app.db, &asked.filter(), search::MOST).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "number", "subject", "account", "contact", "category", "team", "tier", "severity", "status", "owner", "worker",
        "created", "changed", "due", "closed",
    ];
    writer.write_record(head).map_err(Error::internal)?;
    for case in &found {
        let time = |at: Option<DateTime<Utc>>| {
            at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
        };
        let texts =
            [&case.subject, &case.account, &case.contact, &case.category, &case.team].map(|text| harmless(text));
        let [subject, account, contact, category, team] = texts;
        let cells = [
            case.number.to_string(),
            subject,
            account,
            contact,
            category,
            team,
            case.tier.to_string(),
            case.severity.to_string(),
            case.status.name().to_owned(),
            harmless(&case.owner),
            harmless(&case.worker),
            time(Some(case.created_at)),
            time(Some(case.updated_at)),
            time(case.due_at),
            time(case.closed_at),
        ];
        writer.write_record(cells).map_err(Error::internal)?;
    }
    let table = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=cases.csv"),
    ];
    Ok((kind, table).into_response())
}

#[derive(Template)]
#[template(path = "cases/print.html")]
struct PrintPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    case: CasePage,
    zone: Zone,
}

impl PrintPage {
    fn time(&self, at: &DateTime<Utc>) -> String {
        moment(self.zone, *at)
    }

    fn is_inside(&self, entry: &TimelineEntry) -> bool {
        entry.visibility != Visibility::Everyone
    }

    fn tier(&self) -> &'static str {
        tier_name(self.case.row.tier)
    }

    fn said(&self) -> Vec<(String, String)> {
        let text = |body: &serde_json::Value| body["text"].as_str().map(str::to_owned);
        let said = self.case.transcript.iter().filter_map(|event| {
            let body = serde_json::to_value(&event.body).ok()?;
            (body["kind"] == "message").then(|| Some((event.name.clone(), text(&body)?))).flatten()
        });
        said.collect()
    }
}

/// A case to print, with all of its history.
pub async fn print(State(app): State<App>, OnPage(staff): OnPage, Path(number): Path<i64>) -> Result<Response> {
    let case = case::page(&app, &staff, number).await?;
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    Ok(render(&PrintPage { assets, clock_is_set, now, name, role, case, zone }))
}
