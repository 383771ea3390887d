//! The one error of all verbs: a refusal that says what to do, or an internal fault whose details stay in the log.

use std::fmt;

use crate::store;

/// What a verb answers when it did not do what was asked.
#[derive(Debug)]
pub enum Error {
    /// Refused for a reason that the caller can understand and act on.
    Refused(Refusal),
    /// The server's own fault; callers only learn that much.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// A reason that can be shown to people as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status that says the same.
    pub status: u16,
    /// What it is, for programs.
    pub code: &'static str,
    /// What it is and what to do, for people.
    pub message: String,
    /// True: the same request may succeed later.
    pub retry: bool,
    /// Of a form: what is wrong with which fields.
    pub fields: Vec<FieldError>,
}

/// What is wrong with a field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id on the page.
    pub field: String,
    /// What to do.
    pub message: String,
}

/// What every verb answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn refused(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { status, code, message: message.into(), retry: false, fields: Vec::new() })
    }

    /// The input cannot be used as it is (422).
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::refused(422, code, message)
    }

    /// There is no such thing, or the caller may not know of it (404).
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::refused(404, "not_found", message)
    }

    /// Nobody is signed in, or no longer (401).
    pub fn unauthorized() -> Self {
        Self::refused(401, "unauthorized", "You are not signed in, or your session has ended. Please sign in again.")
    }

    /// The caller is known and may not do this (403).
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::refused(403, "forbidden", message)
    }

    /// Refused for the state that things are in (409).
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::refused(409, code, message)
    }

    /// Refused with a status of its own.
    pub fn with_status(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::refused(status, code, message)
    }

    /// The desk cannot do it now; the same request may succeed in a moment (503).
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            status: 503,
            code: "unavailable",
            message: message.into(),
            retry: true,
            fields: Vec::new(),
        })
    }

    /// A fault of the server.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether the connection to the database was lost: what was under way may have happened or not.
    pub fn lost_connection(&self) -> bool {
        let Self::Internal(cause) = self else { return false };
        cause.downcast_ref::<sqlx::Error>().is_some_and(store::lost_connection)
    }

    /// The words for the caller; an internal fault is logged here and shows nothing of itself.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                Refusal {
                    status: 500,
                    code: "internal",
                    message: "Something went wrong on our side. Please try again in a moment.".into(),
                    retry: true,
                    fields: Vec::new(),
                }
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(r) => write!(f, "{} ({})", r.message, r.code),
            Self::Internal(cause) => write!(f, "internal error: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(e: sqlx::Error) -> Self {
        if store::disk_full(&e) {
            tracing::error!(error = %e, "nothing could be stored");
            return Self::Refused(Refusal {
                status: 507,
                code: "disk_full",
                message: "The desk's disk is full, so nothing was stored. Please tell the people who run it.".into(),
                retry: true,
                fields: Vec::new(),
            });
        }
        Self::Internal(Box::new(e))
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::Internal(Box::new(e))
    }
}
