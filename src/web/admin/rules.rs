//! Rules, thresholds and where alerts go: two forms on a page.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    desk::{
        change,
        rules::{self, FIELDS, RuleField, Rules},
        stored,
        thresholds::{self, Threshold},
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
#[template(path = "admin/rules.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    /// The fields of both forms: no name stands in both.
    form: Form,
    saved: Option<&'static str>,
    rules: [RuleField; FIELDS.len()],
    rules_seen: String,
    thresholds: Vec<Threshold>,
    thresholds_seen: String,
    /// What webhooks are signed with.
    secret: String,
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(visit): Query<Visit>) -> Result<Response> {
    page(&app, &staff, None, done_words(&visit.done)).await
}

/// The form of the rules.
pub async fn submit(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let saved = async {
        let rules = Rules::read(|key| fields.has(key, "yes"), |key| fields.one(key))?;
        stored::save_seen(&app, &staff, &rules, fields.seen()).await
    };
    let saved = saved.await;
    answer(&app, &staff, fields, saved).await
}

/// The form of the thresholds.
pub async fn submit_thresholds(State(app): State<App>, Admin(staff): Admin, fields: Fields) -> Result<Response> {
    let saved = thresholds::save(&app, &staff, |field| fields.one(field), fields.seen()).await;
    answer(&app, &staff, fields, saved).await
}

async fn answer(app: &App, staff: &Staff, fields: Fields, saved: Result<()>) -> Result<Response> {
    match saved {
        Ok(()) => Ok(done("/admin/rules", "saved")),
        Err(error) => {
            let (status, form) = refused(fields, error)?;
            Ok((status, page(app, staff, Some(form), None).await?).into_response())
        }
    }
}

async fn page(app: &App, staff: &Staff, form: Option<Form>, saved: Option<&'static str>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(app, staff);
    let (rules, thresholds) = (rules::load(&app.db).await?, thresholds::load(&app.db).await?);
    let alerts = thresholds::alerts(&app.db).await?;
    let mut form = form.unwrap_or_default();
    // The other form shows what is stored.
    if form.fields.all("emails").is_empty() {
        for threshold in &thresholds {
            form.fields.push(format!("{}-warn", threshold.figure.key), threshold.shown(threshold.warn));
            form.fields.push(format!("{}-bad", threshold.figure.key), threshold.shown(threshold.bad));
        }
        form.fields.push("emails", alerts.emails.join("\n"));
        form.fields.push("webhook", &alerts.webhook);
    }
    if form.fields.all("chat_weight").is_empty() {
        for field in FIELDS {
            form.fields.push(field.key, rules.get(field.key).to_string());
        }
        for (key, is_on) in [("typing_preview", rules.typing_preview), ("offer_cases", rules.offer_cases)] {
            form.fields.push(key, if is_on { "yes" } else { "" });
        }
    }
    Ok(render(&Page {
        assets,
        clock_is_set,
        now,
        name,
        role,
        form,
        saved,
        rules: FIELDS,
        rules_seen: change::mark(&rules),
        thresholds_seen: thresholds::mark(&thresholds, &alerts),
        thresholds,
        secret: alerts.secret,
    }))
}
