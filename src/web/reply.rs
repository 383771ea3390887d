//! Answers: an error in words and code, a page that does not exist, what is left after a panic.

use std::any::Any;

use axum::{
    Json,
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

/// An answer that must not be stored anywhere.
pub fn not_stored(response: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}
