//! The SQL of categories, their routes, and severities.

use sqlx::Result;
use uuid::Uuid;

use crate::{
    desk::{
        categories::{Category, Route},
        severities::Severity,
    },
    store::{Db, Tx},
};

const CATEGORIES: &str =
    "SELECT id, key, name, team_id, position, active, set_text FROM categories ORDER BY position, key";

/// All categories in their order, without their routes.
pub async fn categories(db: &Db) -> Result<Vec<Category>> {
    db.query(CATEGORIES).fetch_all().await
}

/// The same within a transaction.
pub async fn categories_in(tx: &mut Tx) -> Result<Vec<Category>> {
    tx.query(CATEGORIES).fetch_all().await
}

const ROUTES: &str = "SELECT category_id, severity, team_id, tier FROM case_routes ORDER BY category_id, severity";

/// All routes.
pub async fn routes(db: &Db) -> Result<Vec<(Uuid, i16, Uuid, i16)>> {
    db.query(ROUTES).fetch_all().await
}

/// The same within a transaction.
pub async fn routes_in(tx: &mut Tx) -> Result<Vec<(Uuid, i16, Uuid, i16)>> {
    tx.query(ROUTES).fetch_all().await
}

/// Adds a category.
pub async fn insert_category(tx: &mut Tx, category: &Category) -> Result<u64> {
    tx.query("INSERT INTO categories (id, key, name, team_id, position, active, set_text) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(category.id)
        .bind(category.key.clone())
        .bind(category.name.clone())
        .bind(category.team_id)
        .bind(category.position)
        .bind(category.active)
        .bind(category.set_text.clone())
        .execute()
        .await
}

/// Changes a category.
pub async fn update_category(tx: &mut Tx, category: &Category) -> Result<u64> {
    tx.query("UPDATE categories SET name = $2, team_id = $3, position = $4, active = $5, set_text = $6 WHERE id = $1")
        .bind(category.id)
        .bind(category.name.clone())
        .bind(category.team_id)
        .bind(category.position)
        .bind(category.active)
        .bind(category.set_text.clone())
        .execute()
        .await
}

/// Removes a category's routes.
pub async fn delete_routes(tx: &mut Tx, category: Uuid) -> Result<u64> {
    tx.query("DELETE FROM case_routes WHERE category_id = $1").bind(category).execute().await
}

/// Adds a route.
pub async fn insert_route(tx: &mut Tx, category: Uuid, route: &Route) -> Result<u64> {
    tx.query("INSERT INTO case_routes (category_id, severity, team_id, tier) VALUES ($1, $2, $3, $4)")
        .bind(category)
        .bind(route.severity)
        .bind(route.team_id)
        .bind(route.tier)
        .execute()
        .await
}

const SEVERITIES: &str = "SELECT level, name, definition, answer_seconds FROM severities ORDER BY level";

/// All severities, worst first.
pub async fn severities(db: &Db) -> Result<Vec<Severity>> {
    db.query(SEVERITIES).fetch_all().await
}

/// The same within a transaction.
pub async fn severities_in(tx: &mut Tx) -> Result<Vec<Severity>> {
    tx.query(SEVERITIES).fetch_all().await
}

/// Changes a severity.
pub async fn update_severity(tx: &mut Tx, severity: &Severity) -> Result<u64> {
    tx.query("UPDATE severities SET name = $2, definition = $3, answer_seconds = $4 WHERE level = $1")
        .bind(severity.level)
        .bind(severity.name.clone())
        .bind(severity.definition.clone())
        .bind(severity.answer_seconds)
        .execute()
        .await
}
