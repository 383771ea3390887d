//! Mails and webhooks that have not left: what waits, what was given up, and what the demo keeps.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use crate::{
    app::App,
    channels::email::outbox::{self, KeptMail, Waiting},
    error::Result,
    hours::{Zone, desk::Channel, moment},
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/outbox.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    zone: Zone,
    waiting: Vec<Waiting>,
    kept: Vec<KeptMail>,
    keeps: bool,
    sends: bool,
}

impl Page {
    fn time(&self, at: &DateTime<Utc>) -> String {
        moment(self.zone, *at)
    }
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, Form::default(), done_words(&visit.done)).await
}

/// Tries one again.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let tried = async { outbox::try_again(&app, fields.id()?).await };
    match tried.await {
        Ok(()) => Ok(done("/admin/outbox", "tried")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, form, None).await?).into_response())
        }
    }
}

async fn page(app: &App, staff: &Staff, form: Form, saved: Option<&'static str>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let (zone, sends) = (app.hours.desk().calendar(Channel::Chat).zone, app.mailer.is_some());
    let keeps = app.config.mail.keep && app.config.mail.smtp.0.trim().is_empty();
    let (waiting, kept) = (outbox::not_out(&app.db).await?, outbox::kept(&app.db).await?);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, zone, waiting, kept, keeps, sends }))
}
