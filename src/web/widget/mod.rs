//! The widget: the loader that a customer's page embeds, and the frame that it opens on our origin.

pub mod api;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    identity::site,
};

use super::{assets, bundle, page::Common, security};

/// Which site a request is for.
#[derive(Deserialize)]
pub struct Site {
    /// Its public token.
    #[serde(default)]
    pub site: String,
}

#[derive(Template)]
#[template(path = "widget/frame.html")]
struct Frame {
    assets: String,
    site: String,
    clock_is_set: bool,
}

/// `widget.js`.
pub async fn loader() -> Response {
    assets::loader()
}

/// The frame's page; only pages of the site's origins can show it.
pub async fn frame(State(app): State<App>, Query(Site { site }): Query<Site>) -> Result<Response> {
    let found = site::find(&app, &site).await?;
    let Common { assets, clock_is_set, .. } = Common::new(&app);
    let policy = security::frame_policy(&found.origins);
    let html = Frame { assets, site: found.token, clock_is_set }.render().map_err(Error::internal)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(bundle::page(&html))).into_response())
}
