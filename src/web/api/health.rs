//! For whoever watches the process: is it alive, can it work.

use axum::{extract::State, http::StatusCode, response::IntoResponse};

use crate::app::App;

/// The process answers.
pub async fn alive() -> impl IntoResponse {
    "ok\n"
}

/// The database answers and the server is not stopping.
pub async fn ready(State(app): State<App>) -> impl IntoResponse {
    if app.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match app.db.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
