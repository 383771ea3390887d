//! The desk's own lists: teams, categories, severities; setting them up.

use serde::Serialize;

pub use super::queries::{
    insert_category, insert_team, list_active_categories as active_categories, list_active_teams as active_teams,
    list_categories as categories, list_severities as severities, list_teams as teams, upsert_severity,
};

/// A team.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct TeamView {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// A category with its team.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct CategoryView {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its team's name.
    pub team: String,
}

/// A severity.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct SeverityView {
    /// 1 (worst) to 4.
    pub level: i16,
    /// Its name.
    pub name: String,
    /// When it applies.
    pub definition: String,
}
