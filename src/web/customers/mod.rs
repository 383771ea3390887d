//! Customers, for supervisors: accounts looked up; of each its standing, its people, what was ruled and what was refused.

use askama::Template;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    cases::let_through::let_through,
    desk::change,
    entitlement::{
        customers::{self, Customer, Person},
        judge::RulingKind,
        refused::{Mouth, RefusedRequest},
        rulings::{self, NewRuling, RulingView},
        standing,
    },
    error::Result,
    hours::{Zone, desk::Channel, first_at, moment},
    identity::{
        account::{Account, AccountStatus, Standing},
        contact::ContactRole,
        staff::Staff,
    },
    web::{
        admin::{
            access::Supervisor,
            form::{Fields, Form, refused},
        },
        page::{Common, render},
        reply::Input,
        signed_in::SignedIn,
    },
};

#[derive(Template)]
#[template(path = "customers/list.html")]
struct ListPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    text: String,
    found: Vec<Account>,
    most: usize,
}

impl ListPage {
    fn is_good(&self, account: &Account) -> bool {
        account.standing == Standing::Good
    }

    fn is_closed(&self, account: &Account) -> bool {
        account.status == AccountStatus::Closed
    }
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// The list, or what a search found.
pub async fn list(
    State(app): State<App>,
    Supervisor(staff): Supervisor,
    Query(Search { q: text }): Query<Search>,
) -> Result<Response> {
    let found = customers::search(&app.db, &text).await?;
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    Ok(render(&ListPage { assets, clock_is_set, now, name, role, text, found, most: customers::MOST }))
}

#[derive(Template)]
#[template(path = "customers/account.html")]
struct AccountPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    customer: Customer,
    zone: Zone,
    at: DateTime<Utc>,
}

impl AccountPage {
    fn is_good(&self) -> bool {
        self.customer.account.standing == Standing::Good
    }

    fn is_closed(&self) -> bool {
        self.customer.account.status == AccountStatus::Closed
    }

    fn role_of(&self, person: &Person) -> &'static str {
        match person.role {
            ContactRole::Representative => "Representative",
            ContactRole::Administrator => "Administrator",
            ContactRole::User => "User",
        }
    }

    fn time(&self, at: &DateTime<Utc>) -> String {
        moment(self.zone, *at)
    }

    fn what(&self, ruling: &RulingView) -> String {
        match ruling.kind {
            RulingKind::Stop => "Support stopped".to_owned(),
            RulingKind::Limit => format!("{} requests within 24 hours", ruling.requests.unwrap_or_default()),
            RulingKind::Exception => "Let in".to_owned(),
        }
    }

    fn holds(&self, ruling: &RulingView) -> bool {
        ruling.holds(self.at)
    }

    fn mouth(&self, request: &RefusedRequest) -> &'static str {
        match request.mouth {
            Mouth::Chat => "Live chat",
            Mouth::Message => "Message",
        }
    }

    fn why(&self, request: &RefusedRequest) -> String {
        request.why.replace('_', " ")
    }
}

/// How the page of an account is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Visit {
    #[serde(default)]
    done: String,
}

fn done_words(key: &str) -> Option<&'static str> {
    Some(match key {
        "standing" => "The standing was set.",
        "ruled" => "It holds from now on.",
        "lifted" => "It holds no longer.",
        _ => return None,
    })
}

/// An account's page.
pub async fn show(
    State(app): State<App>,
    Supervisor(staff): Supervisor,
    Path(number): Path<String>,
    Query(visit): Query<Visit>,
) -> Result<Response> {
    page(&app, &staff, &number, Form::default(), done_words(&visit.done)).await
}

/// A button of an account's page.
pub async fn submit(
    State(app): State<App>,
    Supervisor(staff): Supervisor,
    Path(number): Path<String>,
    uri: Uri,
    fields: Fields,
) -> Result<Response> {
    match act(&app, &staff, &number, uri.path(), &fields).await {
        Ok(done) => Ok(Redirect::to(&done).into_response()),
        Err(error) => {
            // There is no page of an account that nobody knows.
            customers::find(&app.db, &number).await?;
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, &number, form, None).await?).into_response())
        }
    }
}

/// Does what a button says; where to go then.
async fn act(app: &App, staff: &Staff, number: &str, page: &str, fields: &Fields) -> Result<String> {
    let here = |done: &str| format!("{page}?done={done}");
    match fields.one("do") {
        "good" | "bad" => {
            let new = if fields.one("do") == "good" { Standing::Good } else { Standing::Bad };
            let set = standing::set(app, staff, number, new, fields.one("standing_reason")).await;
            set.map_err(|error| for_field(error, "standing_reason"))?;
            Ok(here("standing"))
        }
        "lift" => {
            rulings::lift(app, staff, number, fields.id()?, fields.one("lift_reason")).await?;
            Ok(here("lifted"))
        }
        "let-through" => {
            let case = let_through(app, staff, fields.id()?, fields.one("through_reason")).await?;
            Ok(format!("/console#/queue/case/{case}"))
        }
        kind => {
            let kind = match kind {
                "stop" => RulingKind::Stop,
                "limit" => RulingKind::Limit,
                "exception" => RulingKind::Exception,
                _ => return Err(change::wrong("kind", "bad_kind", "Please choose what is to hold.")),
            };
            let new = NewRuling {
                account: number.to_owned(),
                contact: person(fields.one("whom"))?,
                kind,
                requests: fields.one("requests").trim().parse().ok(),
                reason: fields.one("reason").to_owned(),
                ends_at: last_day(app, fields.one("ends"))?,
            };
            rulings::rule(app, staff, &new).await?;
            Ok(here("ruled"))
        }
    }
}

/// What is wrong with the only text of a form belongs to its field.
fn for_field(error: crate::error::Error, field: &str) -> crate::error::Error {
    match error {
        crate::error::Error::Refused(refusal) if refusal.status == 422 => {
            change::wrong(field, refusal.code, refusal.message)
        }
        other => other,
    }
}

fn person(text: &str) -> Result<Option<Uuid>> {
    let wrong = |_| change::wrong("whom", "bad_person", "Please choose somebody from the list.");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// The end of a day where the desk is; nothing: no end.
fn last_day(app: &App, text: &str) -> Result<Option<DateTime<Utc>>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    let day: Option<NaiveDate> = text.trim().parse().ok();
    let end = day.and_then(|day| first_at(zone, day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN)));
    let wrong = || change::wrong("ends", "bad_day", "Please give a day like 2026-03-31, or nothing.");
    end.map(Some).ok_or_else(wrong)
}

async fn page(app: &App, staff: &Staff, number: &str, form: Form, saved: Option<&'static str>) -> Result<Response> {
    let customer = customers::find(&app.db, number).await?;
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let (zone, at) = (app.hours.desk().calendar(Channel::Chat).zone, app.clock.now());
    Ok(render(&AccountPage { assets, clock_is_set, now, name, role, form, saved, customer, zone, at }))
}

/// An account's standing, as a program that knows of payments says it.
#[derive(Debug, Deserialize)]
pub struct NewStanding {
    standing: Standing,
    reason: String,
}

/// Sets it.
pub async fn set_standing(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Path(number): Path<String>,
    Input(new): Input<NewStanding>,
) -> Result<StatusCode> {
    standing::set(&app, &staff, &number, new.standing, &new.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account as programs read it.
pub async fn read(
    State(app): State<App>,
    Supervisor(_): Supervisor,
    Path(number): Path<String>,
) -> Result<Json<Account>> {
    Ok(Json(customers::find(&app.db, &number).await?.account))
}
