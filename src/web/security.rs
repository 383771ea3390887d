//! Headers that every answer carries: what a page may load, who may frame it, what must not be guessed.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::app::App;

/// For all pages but the widget's frame: only our own files, nothing inline, framed by nobody.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Adds what an answer does not say by itself.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.config.public_url.starts_with("https:") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// The policy of the widget's frame: the same, but framed by the pages of its site, and with pictures that its script fetched with
/// the visitor's token.
pub fn frame_policy(origins: &[String]) -> HeaderValue {
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let policy = POLICY.replace("frame-ancestors 'none'", &format!("frame-ancestors {ancestors}"));
    let policy = policy.replace("img-src 'self' data:", "img-src 'self' data: blob:");
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(POLICY))
}
