//! The SQL of sites, teams, categories and severities.

use sqlx::Result;
use uuid::Uuid;

use crate::identity::directory::CategoryView;
use crate::identity::directory::SeverityView;
use crate::identity::directory::TeamView;
use crate::identity::site::CategoryName;
use crate::identity::site::Site;
use crate::store::{Db, Tx};

/// Stores a site.
pub async fn upsert_site(tx: &mut Tx, site: &Site) -> Result<u64> {
    tx.query(
        "INSERT INTO sites (token, name, origins, greeting, color) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (token) DO UPDATE SET name = excluded.name, origins = excluded.origins, greeting = excluded.greeting, color = excluded.color",
    )
    .bind(site.token.clone())
    .bind(site.name.clone())
    .bind(site.origins.clone())
    .bind(site.greeting.clone())
    .bind(site.color.clone())
    .execute()
    .await
}

/// The site with a token.
pub async fn find_site(db: &Db, token: &str) -> Result<Option<Site>> {
    db.query("SELECT token, name, origins, greeting, color FROM sites WHERE token = $1")
        .bind(token.to_owned())
        .fetch_optional()
        .await
}

/// The name of the first site.
pub async fn first_site_name(db: &Db) -> Result<Option<String>> {
    let row: Option<(String,)> = db.query("SELECT name FROM sites ORDER BY token LIMIT 1").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// All categories, in their order.
pub async fn category_names(db: &Db) -> Result<Vec<CategoryName>> {
    db.query("SELECT key, name FROM categories ORDER BY position, key").fetch_all().await
}

/// The categories in use, in their order.
pub async fn category_choices(db: &Db) -> Result<Vec<CategoryName>> {
    db.query("SELECT key, name FROM categories WHERE active ORDER BY position, key").fetch_all().await
}

/// The teams in use, by name.
pub async fn list_active_teams(db: &Db) -> Result<Vec<TeamView>> {
    db.query("SELECT key, name FROM teams WHERE active ORDER BY name").fetch_all().await
}

/// The categories in use with their teams, in their order.
pub async fn list_active_categories(db: &Db) -> Result<Vec<CategoryView>> {
    db.query("SELECT c.key, c.name, t.name AS team FROM categories c JOIN teams t ON t.id = c.team_id WHERE c.active ORDER BY c.position, c.key").fetch_all().await
}

/// All teams by name.
pub async fn list_teams(db: &Db) -> Result<Vec<TeamView>> {
    db.query("SELECT key, name FROM teams ORDER BY name").fetch_all().await
}

/// All categories with their teams, in their order.
pub async fn list_categories(db: &Db) -> Result<Vec<CategoryView>> {
    db.query("SELECT c.key, c.name, t.name AS team FROM categories c JOIN teams t ON t.id = c.team_id ORDER BY c.position, c.key").fetch_all().await
}

/// All severities, worst first.
pub async fn list_severities(db: &Db) -> Result<Vec<SeverityView>> {
    db.query("SELECT level, name, definition FROM severities ORDER BY level").fetch_all().await
}

/// Adds a team; 0: its key is taken.
pub async fn insert_team(tx: &mut Tx, id: Uuid, key: &str, name: &str) -> Result<u64> {
    tx.query("INSERT INTO teams (id, key, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(key.to_owned())
        .bind(name.to_owned())
        .execute()
        .await
}

/// Adds a category of a team as the last; 0: its key is taken or there is no such team.
pub async fn insert_category(tx: &mut Tx, id: Uuid, key: &str, name: &str, team_key: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO categories (id, key, name, team_id, position)
         SELECT $1, $2, $3, t.id, (SELECT CAST(COUNT(*) AS INTEGER) FROM categories) FROM teams t WHERE t.key = $4 ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(key.to_owned())
    .bind(name.to_owned())
    .bind(team_key.to_owned())
    .execute()
    .await
}

/// Stores a severity.
pub async fn upsert_severity(tx: &mut Tx, severity: &SeverityView) -> Result<u64> {
    tx.query(
        "INSERT INTO severities (level, name, definition) VALUES ($1, $2, $3)
         ON CONFLICT (level) DO UPDATE SET name = excluded.name, definition = excluded.definition",
    )
    .bind(severity.level)
    .bind(severity.name.clone())
    .bind(severity.definition.clone())
    .execute()
    .await
}
