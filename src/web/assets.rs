//! Files of the front end, compiled in, under a path with the hash of them all: cached for ever, new with each release.

use std::{borrow::Cow, fmt::Write, sync::LazyLock};

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::error::Error;

use super::bundle;

#[derive(RustEmbed)]
#[folder = "static"]
struct Static;

#[derive(RustEmbed)]
#[folder = "widget"]
struct Widget;

/// `/a/<hash>`: what every file's address begins with.
pub static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    let mut add = |names: &mut dyn Iterator<Item = Cow<'static, str>>, get: fn(&str) -> Option<EmbeddedFile>| {
        let mut names: Vec<_> = names.collect();
        names.sort();
        for name in names {
            hash.update(name.as_bytes());
            hash.update(get(&name).map(|file| file.data).unwrap_or_default());
        }
    };
    add(&mut Static::iter(), Static::get);
    add(&mut Widget::iter(), Widget::get);
    let mut base = String::from("/a/");
    for byte in hash.finalize().iter().take(8) {
        let _ = write!(base, "{byte:02x}");
    }
    base
});

/// A file. Under an old hash it is today's file, not to be kept: a page that was open over an update still works.
pub async fn serve(Path((hash, path)): Path<(String, String)>) -> Response {
    let caching =
        if BASE.strip_prefix("/a/") == Some(&*hash) { "public, max-age=31536000, immutable" } else { "no-cache" };
    match bundled(&path) {
        Some(Ok(text)) => return answer(&path, text.into_bytes().into(), caching),
        Some(Err(message)) => return Error::internal(message).into_response(),
        None => {}
    }
    match find(&path) {
        Some(file) => answer(&path, file.data, caching),
        None => super::reply::no_such_page().await,
    }
}

/// The widget's loader; its address has no hash, so it is asked for again after a few minutes.
pub fn loader() -> Response {
    // What is embedded does not change: it is made lean once.
    static LEAN: LazyLock<Option<String>> =
        LazyLock::new(|| Widget::get("loader.js").map(|file| bundle::classic(&String::from_utf8_lossy(&file.data))));
    match LEAN.as_deref() {
        Some(script) => answer("loader.js", script.as_bytes().into(), "public, max-age=300"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers ask for it whatever a page says.
pub async fn favicon() -> Response {
    match Static::get("css/bell.svg") {
        Some(file) => answer("bell.svg", file.data, "public, max-age=86400"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The widget's styles, in their order.
const WIDGET_STYLES: [&str; 6] = [
    "static/css/tokens.css",
    "static/css/base.css",
    "static/css/button.css",
    "static/css/form.css",
    "static/css/strip.css",
    "widget/widget.css",
];
/// The styles of files in a conversation.
const ATTACHMENT_STYLES: [&str; 2] = ["static/css/file.css", "widget/attachments.css"];

/// The widget's frame in two files, made from the modules and sheets beside them, and two more that a conversation needs.
fn bundled(path: &str) -> Option<Result<String, String>> {
    let read = |path: &str| find(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    match path {
        "widget/bundle.js" => Some(bundle::script("widget/app.js", &read)),
        "widget/bundle.css" => Some(bundle::sheet(&WIDGET_STYLES, &read)),
        "widget/views/talk.js" => Some(bundle::module("widget/views/talk.js", &read)),
        "widget/attachments.css" => Some(bundle::sheet(&ATTACHMENT_STYLES, &read)),
        _ => None,
    }
}

fn find(path: &str) -> Option<EmbeddedFile> {
    match path.split_once('/')? {
        ("static", name) => Static::get(name),
        ("widget", name) => Widget::get(name),
        _ => None,
    }
}

fn answer(path: &str, data: Cow<'static, [u8]>, caching: &'static str) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    };
    // The loader and the frame's files are read from customers' pages, whatever those say about embedding.
    let cross = ("cross-origin-resource-policy", "cross-origin");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)], [cross], data).into_response()
}
