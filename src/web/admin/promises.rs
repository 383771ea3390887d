//! What the desk promises for cases: a form.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        promises::{self, BySeverity, Promises},
        stored,
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
#[template(path = "admin/promises.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    seen: String,
    rows: [(&'static str, &'static str, &'static str); 3],
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, done_words(&visit.done)).await
}

/// The form.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let saved = async {
        let promises = Promises::read(fields.has("opening_hours_only", "yes"), |key| fields.one(key))?;
        stored::save_seen(&app, &staff, &promises, fields.seen()).await
    };
    match saved.await {
        Ok(()) => Ok(done("/admin/promises", "saved")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), None).await?).into_response())
        }
    }
}

async fn page(app: &App, staff: &Staff, form: Option<Form>, saved: Option<&'static str>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let promises = promises::load(&app.db).await?;
    let form = form.unwrap_or_else(|| filled(&promises));
    let rows = [
        ("first_answer", "First answer", "from the making of the case to the desk’s first words to the customer"),
        ("next_answer", "Next answer", "from the customer’s words to the desk’s next ones"),
        (
            "resolution",
            "Solution",
            "from the making of the case; it stands still while the case waits for the customer",
        ),
    ];
    let seen = change::mark(&promises);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, seen, rows }))
}

fn filled(promises: &Promises) -> Form {
    let mut form = Form::default();
    form.fields.push("opening_hours_only", if promises.opening_hours_only { "yes" } else { "" });
    form.fields.push("acknowledge_target", promises.acknowledge_target.to_string());
    form.fields.push("acknowledge_breach", promises.acknowledge_breach.to_string());
    form.fields.push("silence_days", promises.silence_days.to_string());
    for (key, hours) in [
        ("unclaimed_told", promises.unclaimed_told),
        ("unclaimed_raised", promises.unclaimed_raised),
        ("unmoved_told", promises.unmoved_told),
        ("unmoved_raised", promises.unmoved_raised),
    ] {
        form.fields.push(key, hours.map(|hours| hours.to_string()).unwrap_or_default());
    }
    let mut add = |name: &str, hours: BySeverity| {
        for (severity, hours) in (1..).zip(hours) {
            form.fields.push(format!("{name}-{severity}"), hours.map(|hours| hours.to_string()).unwrap_or_default());
        }
    };
    add("first_answer", promises.first_answer);
    add("next_answer", promises.next_answer);
    add("resolution", promises.resolution);
    form
}
