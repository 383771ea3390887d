//! A site: a customer-facing page that may embed the widget, known by its public token.

use serde::Serialize;
use sqlx::types::Json;

use crate::{
    app::App,
    error::{Error, Result},
};

use super::queries;
pub use super::queries::upsert_site as insert;

/// A site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Site {
    /// `pub_…`; no secret.
    pub token: String,
    /// The vendor's name.
    pub name: String,
    /// The origins whose pages may show the widget.
    pub origins: Json<Vec<String>>,
    /// The first words that a visitor reads.
    pub greeting: String,
    /// The brand's colour, `#rrggbb`.
    pub color: String,
}

/// A category to choose.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct CategoryName {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// The site with a token.
pub async fn find(app: &App, token: &str) -> Result<Site> {
    let found = if token.contains('\0') { None } else { queries::find_site(&app.db, token).await? };
    found.ok_or_else(|| Error::not_found("This page's support chat is not set up: its token is unknown."))
}

/// All categories in their order; solutions and old cases may be of one that is no longer used.
pub async fn categories(app: &App) -> Result<Vec<CategoryName>> {
    Ok(queries::category_names(&app.db).await?)
}

/// Those that are in use, for who chooses one now.
pub async fn choices(app: &App) -> Result<Vec<CategoryName>> {
    Ok(queries::category_choices(&app.db).await?)
}

/// The vendor's name: that of the first site.
pub async fn vendor(app: &App) -> Result<String> {
    Ok(queries::first_site_name(&app.db).await?.unwrap_or_else(|| "Deskbell".into()))
}
