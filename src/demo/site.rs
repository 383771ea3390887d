//! The sample customer's page, on an origin of its own: it embeds the widget with the one line of HTML.

use axum::{Router, http::header, response::IntoResponse, routing::get};

const PAGE: &str = include_str!("data/site/index.html");
const STYLE: &str = include_str!("data/site/site.css");

/// The page's server; `desk` is the address of the support server.
pub fn router(desk: &str) -> Router {
    let embed = format!(r#"<script async src="{desk}/widget.js" data-token="{}"></script>"#, super::SITE_TOKEN);
    let page = PAGE.replace("<!-- widget -->", &embed);
    // As strict as a careful host page would be: the widget must live with it.
    let policy = format!(
        "default-src 'none'; script-src {desk}; frame-src {desk}; style-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'"
    );
    Router::new()
        .route(
            "/",
            get(async move || {
                (
                    [
                        (header::CONTENT_SECURITY_POLICY, policy),
                        (header::CONTENT_TYPE, "text/html; charset=utf-8".into()),
                    ],
                    page,
                )
                    .into_response()
            }),
        )
        .route("/site.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/favicon.ico", get(async || axum::http::StatusCode::NO_CONTENT))
}
