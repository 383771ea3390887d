//! Answers: an error in words and code, a page that does not exist, what is left after a panic.

use std::any::Any;

use axum::{
    Json,
    body::to_bytes,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, Refusal};

#[derive(Serialize)]
struct Body {
    code: &'static str,
    message: String,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        refused(self.refusal())
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(Body { code: refusal.code, message: refusal.message })).into_response()
}

/// A JSON body; one that cannot be read is refused in words.
pub struct Input<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &JsonRejection) -> Response {
    let (status, code) = match rejection {
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => (422, "bad_json"),
        JsonRejection::MissingJsonContentType(_) => (415, "not_json"),
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => (413, "too_large"),
        _ => (400, "bad_request"),
    };
    Error::with_status(status, code, format!("The request cannot be read: {}.", rejection.body_text())).into_response()
}

/// For an address that nothing is at.
pub async fn no_such_page() -> Response {
    Error::not_found("There is nothing at this address.").into_response()
}

/// For a request whose handler panicked: the words of any internal error.
pub fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Error::internal("panic").into_response()
}

/// Gives a refusal that a layer or an extractor made, silent or in plain text, the form of all others.
pub async fn in_words(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !status.is_client_error() || kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, 4096).await.unwrap_or_default();
    let (code, message) = match parts.status {
        StatusCode::FORBIDDEN => ("foreign_page", "This came from a page of another site, so nothing was done."),
        StatusCode::METHOD_NOT_ALLOWED => ("wrong_method", "This address does not know this method."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "This is too large."),
        StatusCode::REQUEST_TIMEOUT => ("too_slow", "The request took too long to arrive."),
        _ => ("bad_request", "The request cannot be read."),
    };
    let message = match std::str::from_utf8(&said) {
        Ok(said) if !said.trim().is_empty() => format!("{message} {}", said.trim()),
        _ => message.to_owned(),
    };
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    (parts.status, parts.headers, Json(Body { code, message })).into_response()
}

/// An answer that must not be stored anywhere.
pub fn not_stored(response: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}
