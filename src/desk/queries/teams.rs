//! The SQL of teams, and of what the first page counts.

use sqlx::Result;
use uuid::Uuid;

use crate::{
    desk::{overview::Counts, teams::Team},
    store::{Db, Tx},
};

const TEAMS: &str = "SELECT t.id, t.key, t.name, t.active, t.picking, t.overflow_team_id,
        (SELECT CAST(COUNT(*) AS BIGINT) FROM staff_teams st JOIN staff s ON s.id = st.staff_id WHERE st.team_id = t.id AND s.active) AS people,
        (SELECT CAST(COUNT(*) AS BIGINT) FROM categories c WHERE c.team_id = t.id AND c.active) AS categories
     FROM teams t ORDER BY t.active DESC, t.name, t.key";

/// All teams: those in use first.
pub async fn teams(db: &Db) -> Result<Vec<Team>> {
    db.query(TEAMS).fetch_all().await
}

/// The same within a transaction.
pub async fn teams_in(tx: &mut Tx) -> Result<Vec<Team>> {
    tx.query(TEAMS).fetch_all().await
}

/// Adds a team.
pub async fn insert_team(tx: &mut Tx, team: &Team) -> Result<u64> {
    tx.query("INSERT INTO teams (id, key, name, active, picking, overflow_team_id) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(team.id)
        .bind(team.key.clone())
        .bind(team.name.clone())
        .bind(team.active)
        .bind(team.picking)
        .bind(team.overflow_team_id)
        .execute()
        .await
}

/// Changes a team.
pub async fn update_team(tx: &mut Tx, team: &Team) -> Result<u64> {
    tx.query("UPDATE teams SET name = $2, active = $3, picking = $4, overflow_team_id = $5 WHERE id = $1")
        .bind(team.id)
        .bind(team.name.clone())
        .bind(team.active)
        .bind(team.picking)
        .bind(team.overflow_team_id)
        .execute()
        .await
}

/// Makes a team help another one, both by their keys.
pub async fn link_overflow(tx: &mut Tx, team_key: &str, helper_key: &str) -> Result<u64> {
    tx.query("UPDATE teams SET overflow_team_id = (SELECT id FROM teams WHERE key = $2) WHERE key = $1")
        .bind(team_key.to_owned())
        .bind(helper_key.to_owned())
        .execute()
        .await
}

/// The names of the categories in use that lead to a team, by themselves or by a route.
pub async fn leading_to(tx: &mut Tx, team: Uuid) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx
        .query(
            "SELECT c.name FROM categories c WHERE c.active AND (c.team_id = $1 OR EXISTS
                (SELECT 1 FROM case_routes r WHERE r.category_id = c.id AND r.team_id = $1)) ORDER BY c.position, c.key",
        )
        .bind(team)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// How many there are of everything.
pub async fn counts(db: &Db) -> Result<Counts> {
    db.query(
        "SELECT (SELECT CAST(COUNT(*) AS BIGINT) FROM teams WHERE active) AS teams,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM staff WHERE active) AS people,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM categories WHERE active) AS categories,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM severities) AS severities,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM case_routes) AS routes,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM canned_replies WHERE owner_id IS NULL) AS replies,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM tags WHERE active) AS tags,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM sites) AS sites,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM holidays) AS holidays,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM audit_log) AS log",
    )
    .fetch_one()
    .await
}
