//! Severities: one form for the four.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        severities::{self, Severity, SeverityFields},
    },
    error::Result,
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/severities.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    severities: Vec<Severity>,
    seen: String,
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, done_words(&visit.done)).await
}

/// The form.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let given = |severity: &Severity| {
        let field = |name: &str| fields.one(&format!("{name}-{}", severity.level)).to_owned();
        let (name, definition, answer_seconds) = (field("name"), field("definition"), field("answer_seconds"));
        SeverityFields { level: severity.level, name, definition, answer_seconds }
    };
    let given: Vec<_> = severities::all(&app.db).await?.iter().map(given).collect();
    match severities::save(&app, &staff, &given, fields.seen()).await {
        Ok(()) => Ok(done("/admin/severities", "saved")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), None).await?).into_response())
        }
    }
}

async fn page(app: &App, staff: &Staff, form: Option<Form>, saved: Option<&'static str>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let severities = severities::all(&app.db).await?;
    let stored = || {
        let mut fields = Fields::default();
        for Severity { level, name, definition, answer_seconds } in &severities {
            fields.push(format!("name-{level}"), name);
            fields.push(format!("definition-{level}"), definition);
            fields.push(format!("answer_seconds-{level}"), answer_seconds.to_string());
        }
        fields
    };
    let form = Form::again(form, stored);
    let seen = change::mark(&severities);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, severities, seen }))
}
