//! What a form of these pages carries both ways: what was typed, what is wrong with it, and what the last change did.

use axum::{
    extract::{Form as UrlEncoded, FromRequest, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Error, FieldError, Result};

/// The fields of a form as a browser sends them. A name may come more than once (check boxes).
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Response> {
        let read = UrlEncoded::<Vec<(String, String)>>::from_request(request, state).await;
        read.map(|UrlEncoded(pairs)| Self(pairs)).map_err(IntoResponse::into_response)
    }
}

impl Fields {
    /// Fields that were not typed: what is stored.
    pub fn of<const N: usize>(pairs: [(&str, String); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// One more.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// A field; nothing when it was not sent.
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(sent, _)| sent == name).map_or("", |(_, value)| value)
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(sent, _)| sent == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a field has a value among others.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(sent, given)| sent == name && given == value)
    }

    /// The mark of the thing that was read; none for what is new.
    pub fn seen(&self) -> Option<&str> {
        Some(self.one("seen"))
    }

    /// Which thing's form was open: a button of a row opens none.
    pub fn edited(&self) -> String {
        if matches!(self.one("do"), "" | "save") { self.one("id").to_owned() } else { String::new() }
    }

    /// The id of the thing that the form is for.
    pub fn id(&self) -> Result<Uuid> {
        self.one("id").parse().map_err(|_| Error::not_found("There is no such thing here any more."))
    }
}

/// A form as a page shows it.
#[derive(Debug, Default)]
pub struct Form {
    /// What its fields show.
    pub fields: Fields,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Form {
    /// With what is stored.
    pub fn of(fields: Fields) -> Self {
        Self { fields, errors: Vec::new() }
    }

    /// A form again: as it was typed, or, when a button of a row was refused, as the thing is stored.
    pub fn again(given: Option<Self>, stored: impl FnOnce() -> Fields) -> Self {
        match given {
            None => Self::of(stored()),
            Some(form) if matches!(form.one("do"), "" | "save") => form,
            Some(form) => Self { fields: stored(), errors: form.errors },
        }
    }

    /// What a field shows.
    pub fn one(&self, name: &str) -> &str {
        self.fields.one(name)
    }

    /// Whether a choice is made.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields.has(name, value)
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// The attributes that tie a field to its words; its id is one of ours.
    pub fn aria(&self, field: &str, has_hint: bool) -> String {
        let (hint, wrong) = (format!("{field}-hint"), format!("{field}-error"));
        match (self.error(field).is_some(), has_hint) {
            (true, true) => format!(r#" aria-invalid="true" aria-describedby="{wrong} {hint}""#),
            (true, false) => format!(r#" aria-invalid="true" aria-describedby="{wrong}""#),
            (false, true) => format!(r#" aria-describedby="{hint}""#),
            (false, false) => String::new(),
        }
    }
}

/// A form that was refused: its status, and what is shown of it.
pub fn refused(fields: Fields, error: Error) -> Result<(StatusCode, Form)> {
    let Error::Refused(refusal) = error else { return Err(error) };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let mut errors = refusal.fields;
    if errors.is_empty() {
        errors.push(FieldError { field: String::new(), message: refusal.message });
    }
    // What belongs to no field is said at the top, and leads to the form.
    for error in errors.iter_mut().filter(|error| error.field.is_empty()) {
        "main".clone_into(&mut error.field);
    }
    Ok((status, Form { fields, errors }))
}

/// How a page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Visit {
    /// What is to be changed.
    #[serde(default)]
    pub edit: String,
    /// What is to be removed, once it is confirmed.
    #[serde(default)]
    pub remove: String,
    /// What the last change did.
    #[serde(default)]
    pub done: String,
}

/// Only words of ours are shown, whatever stands in the address.
pub fn done_words(key: &str) -> Option<&'static str> {
    Some(match key {
        "added" => "It was added.",
        "saved" => "The change was saved.",
        "retired" => "It was retired. What is old keeps it; nobody can choose it any more.",
        "restored" => "It is back in use.",
        "moved" => "The order was changed.",
        "removed" => "It was removed.",
        "password" => "The new password was set. All sessions of this person have ended.",
        "deactivated" => "The person can no longer sign in, and all sessions have ended.",
        "reactivated" => "The person can sign in again.",
        "holiday" => "The holiday was saved.",
        "tried" => "It is tried again now.",
        "federal" => "The federal holidays were added.",
        _ => return None,
    })
}

/// Back to a page that says what was done.
pub fn done(page: &str, key: &str) -> Response {
    Redirect::to(&format!("{page}?done={key}")).into_response()
}
