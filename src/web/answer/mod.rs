//! What customers reach by the links in their mails: their case, and the one question after it. Complete without JavaScript; opening a
//! page changes nothing, for programs open links, too.

use askama::Template;
use axum::{
    extract::{Multipart, Path, Query, State, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        case::TimelineEntry,
        files::CaseFile,
        lifecycle::CaseStatus,
        links::{self, Shared},
    },
    chat::protocol::Party,
    error::{Error, Result},
    hours::{Zone, desk::Channel, moment},
    identity::site,
    surveys::answers::{self, Question},
};

use super::{
    admin::form::Fields,
    files::{handed_out, received_field},
    page::{Common, render},
    peer::From,
    reply::not_stored,
};

#[derive(Template)]
#[template(path = "answer/case.html")]
struct CasePage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    token: String,
    shared: Shared,
    zone: Zone,
    done: &'static str,
    problem: String,
    text: String,
    /// Of a file that is sent from this page: sent twice, it is kept once.
    new_id: Uuid,
}

impl CasePage {
    /// The file that a step is about.
    fn file<'a>(&'a self, entry: &TimelineEntry) -> Option<&'a CaseFile> {
        (entry.kind == "file").then_some(())?;
        self.shared.files.iter().find(|file| file.at == entry.at && file.name == entry.text)
    }

    fn time(&self, entry: &TimelineEntry) -> String {
        moment(self.zone, entry.at)
    }

    fn who<'a>(&self, entry: &'a TimelineEntry) -> &'a str {
        if entry.party == Party::Customer && entry.by.is_empty() { "You" } else { &entry.by }
    }

    fn is_mine(&self, entry: &TimelineEntry) -> bool {
        entry.party == Party::Customer
    }

    fn has_solution(&self) -> bool {
        self.shared.case.status == CaseStatus::SolutionProvided
    }

    fn is_closed(&self) -> bool {
        self.shared.case.status.is_closed()
    }

    fn can_reopen(&self) -> bool {
        matches!(self.shared.case.status, CaseStatus::Completed | CaseStatus::CompletedSilent)
    }

    fn status(&self) -> &'static str {
        self.shared.case.status.name()
    }
}

#[derive(Template)]
#[template(path = "answer/pin.html")]
struct PinPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    token: String,
    number: i64,
    problem: String,
}

#[derive(Template)]
#[template(path = "answer/survey.html")]
struct SurveyPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    token: String,
    question: Question,
    problem: String,
    score: i16,
    comment: String,
}

impl SurveyPage {
    fn scores(&self) -> [(i16, &'static str); 5] {
        [(5, "Very satisfied"), (4, "Satisfied"), (3, "Neither"), (2, "Unsatisfied"), (1, "Very unsatisfied")]
    }
}

#[derive(Template)]
#[template(path = "answer/told.html")]
struct ToldPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    title: &'static str,
    words: String,
}

/// How a case's page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Visit {
    #[serde(default)]
    done: String,
}

/// The customer's view of a case.
pub async fn show(State(app): State<App>, Path(token): Path<String>, Query(visit): Query<Visit>) -> Result<Response> {
    let done = match visit.done.as_str() {
        "solved" => "Thank you. Your case is closed.",
        "not-solved" => "Thank you for telling us. Your specialist has the case again.",
        "written" => "Your message is with your specialist.",
        "verified" => "Thank you. This is your case.",
        "sent" => "Your file is with your specialist.",
        _ => "",
    };
    case_page(&app, token, done, None).await
}

/// The PIN of somebody who is not verified yet.
pub async fn submit_pin(
    State(app): State<App>,
    From(address): From,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response> {
    match links::verify(&app, &token, fields.one("pin"), address).await {
        Ok(()) => Ok(Redirect::to(&format!("/answer/{token}?done=verified")).into_response()),
        Err(Error::Refused(refusal)) => case_page(&app, token, "", Some((refusal, String::new()))).await,
        Err(fault) => Err(fault),
    }
}

/// A button of the page.
pub async fn submit(State(app): State<App>, Path(token): Path<String>, fields: Fields) -> Result<Response> {
    let (what, text) = (fields.one("do"), fields.one("text"));
    let done = match what {
        "solved" => links::solved(&app, &token).await,
        "not-solved" => links::not_solved(&app, &token, text).await,
        _ => links::write(&app, &token, text).await,
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/answer/{token}?done={}", if what.is_empty() { "written" } else { what }))
            .into_response()),
        Err(Error::Refused(refusal)) => case_page(&app, token, "", Some((refusal, text.to_owned()))).await,
        Err(fault) => Err(fault),
    }
}

/// The id of a file that is sent.
#[derive(Debug, Deserialize)]
pub struct Sending {
    id: Uuid,
}

/// A file from the customer.
pub async fn submit_file(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(Sending { id }): Query<Sending>,
    mut form: Multipart,
) -> Result<Response> {
    match take_file(&app, &token, id, &mut form).await {
        Ok(()) => Ok(Redirect::to(&format!("/answer/{token}?done=sent")).into_response()),
        Err(Error::Refused(refusal)) => case_page(&app, token, "", Some((refusal, String::new()))).await,
        Err(fault) => Err(fault),
    }
}

/// Nothing is read before it is known whose it is, and that there is room for it.
async fn take_file(app: &App, token: &str, id: Uuid, form: &mut Multipart) -> Result<()> {
    let place = links::admit_file(app, token, id).await?;
    let unreadable = |error: MultipartError| Error::invalid("bad_form", error.body_text());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.file_name().unwrap_or_default().to_owned();
        if field.name() == Some("file") && !name.is_empty() {
            let data = received_field(&place, field).await?;
            return links::attach(app, token, id, &name, data).await;
        }
    }
    Err(Error::invalid("no_file", "Choose a file first."))
}

/// A file of the case.
pub async fn show_file(State(app): State<App>, Path((token, id)): Path<(String, Uuid)>) -> Result<Response> {
    links::file(&app, &token, id).await.map(handed_out)
}

async fn case_page(
    app: &App,
    token: String,
    done: &'static str,
    refused: Option<(crate::error::Refusal, String)>,
) -> Result<Response> {
    match links::waits_for_pin(app, &token).await {
        Ok(Some(number)) => return pin_page(app, token, number, refused.map(|(refusal, _)| refusal)).await,
        Ok(None) => {}
        Err(error) => return told_instead(app, "This link is not good", error).await,
    }
    let shared = match links::read(app, &token).await {
        Ok(shared) => shared,
        Err(error) => return told_instead(app, "This link is not good", error).await,
    };
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    let status = refused.as_ref().map_or(200, |(refusal, _)| refusal.status);
    let (problem, text) = refused.map(|(refusal, text)| (refusal.message, text)).unwrap_or_default();
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    let (vendor, q) = (site::vendor(app).await?, String::new());
    let new_id = app.clock.new_id();
    let page = CasePage { assets, clock_is_set, now, vendor, q, token, shared, zone, done, problem, text, new_id };
    Ok(with_status(status, not_stored(render(&page))))
}

async fn pin_page(app: &App, token: String, number: i64, refused: Option<crate::error::Refusal>) -> Result<Response> {
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    let status = refused.as_ref().map_or(200, |refusal| refusal.status);
    let problem = refused.map(|refusal| refusal.message).unwrap_or_default();
    let (vendor, q) = (site::vendor(app).await?, String::new());
    let page = PinPage { assets, clock_is_set, now, vendor, q, token, number, problem };
    Ok(with_status(status, not_stored(render(&page))))
}

/// The question after a resolution.
pub async fn show_survey(State(app): State<App>, Path(token): Path<String>) -> Result<Response> {
    survey_page(&app, token, None).await
}

/// The answer to it.
pub async fn submit_survey(State(app): State<App>, Path(token): Path<String>, fields: Fields) -> Result<Response> {
    let score = fields.one("score").parse().unwrap_or_default();
    match answers::answer(&app, &token, score, fields.one("comment")).await {
        Ok(()) => told(&app, 200, "Thank you", "Your answer is with us.".into()).await,
        Err(Error::Refused(refusal)) if refusal.status == 422 => {
            survey_page(&app, token, Some((refusal, score, fields.one("comment").to_owned()))).await
        }
        Err(error) => told_instead(&app, "This survey cannot be answered", error).await,
    }
}

async fn survey_page(
    app: &App,
    token: String,
    refused: Option<(crate::error::Refusal, i16, String)>,
) -> Result<Response> {
    let question = match answers::read(app, &token).await {
        Ok(question) => question,
        Err(error) => return told_instead(app, "This survey cannot be answered", error).await,
    };
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    let status = refused.as_ref().map_or(200, |(refusal, ..)| refusal.status);
    let (problem, score, comment) =
        refused.map(|(refusal, score, comment)| (refusal.message, score, comment)).unwrap_or_default();
    let (vendor, q) = (site::vendor(app).await?, String::new());
    let page = SurveyPage { assets, clock_is_set, now, vendor, q, token, question, problem, score, comment };
    Ok(with_status(status, not_stored(render(&page))))
}

/// What is refused has a page with its words.
async fn told_instead(app: &App, title: &'static str, error: Error) -> Result<Response> {
    match error {
        Error::Refused(refusal) => told(app, refusal.status, title, refusal.message).await,
        fault => Err(fault),
    }
}

async fn told(app: &App, status: u16, title: &'static str, words: String) -> Result<Response> {
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    let (vendor, q) = (site::vendor(app).await?, String::new());
    let page = ToldPage { assets, clock_is_set, now, vendor, q, title, words };
    Ok(with_status(status, not_stored(render(&page))))
}

fn with_status(status: u16, page: Response) -> Response {
    (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), page).into_response()
}
