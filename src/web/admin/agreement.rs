//! The support agreement: who may ask, how often, and the words of refusals: a form.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{change, stored},
    entitlement::agreement::{Agreement, FIELDS, PLACES, WordsField},
    error::Result,
    identity::staff::Staff,
    web::page::{Common, render},
};

use super::{
    access::Admin,
    form::{Fields, Form, Visit, done, done_words, refused},
};

#[derive(Template)]
#[template(path = "admin/agreement.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    form: Form,
    saved: Option<&'static str>,
    seen: String,
    texts: [WordsField; 6],
    places: [(&'static str, &'static str); 5],
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, done_words(&visit.done)).await
}

/// The form.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let saved = async {
        let agreement = Agreement::read(fields.has("first_line", "yes"), |key| fields.one(key))?;
        stored::save_seen(&app, &staff, &agreement, fields.seen()).await
    };
    match saved.await {
        Ok(()) => Ok(done("/admin/agreement", "saved")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(&app, &staff, Some(form), None).await?).into_response())
        }
    }
}

async fn page(app: &App, staff: &Staff, form: Option<Form>, saved: Option<&'static str>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let agreement: Agreement = stored::load(&app.db).await?;
    let form = form.unwrap_or_else(|| filled(&agreement));
    let (seen, texts, places) = (change::mark(&agreement), FIELDS, PLACES);
    Ok(render(&Page { assets, clock_is_set, now, name, role, form, saved, seen, texts, places }))
}

fn filled(agreement: &Agreement) -> Form {
    let mut form = Form::default();
    form.fields.push("first_line", if agreement.first_line { "yes" } else { "" });
    let requests = agreement.requests_a_day.map(|most| most.to_string());
    form.fields.push("requests_a_day", requests.unwrap_or_default());
    form.fields.push("barred", agreement.barred.join("\n"));
    for WordsField { key, .. } in FIELDS {
        form.fields.push(key, agreement.words.get(key));
    }
    form
}
