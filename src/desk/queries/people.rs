//! The SQL of the desk's people, as admins see them.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    identity::staff::Staff,
    input::fold,
    store::{Db, Tx},
};

const PEOPLE: &str = "SELECT id, name, email, role, tier, capacity, active FROM staff ORDER BY active DESC, name, id";

/// Everybody: those who may sign in first.
pub async fn people(db: &Db) -> Result<Vec<Staff>> {
    db.query(PEOPLE).fetch_all().await
}

/// The same within a transaction.
pub async fn people_in(tx: &mut Tx) -> Result<Vec<Staff>> {
    tx.query(PEOPLE).fetch_all().await
}

const TEAMS: &str =
    "SELECT st.staff_id, t.key FROM staff_teams st JOIN teams t ON t.id = st.team_id ORDER BY t.name, t.key";

/// Who is in which team, by the team's key.
pub async fn memberships(db: &Db) -> Result<Vec<(Uuid, String)>> {
    db.query(TEAMS).fetch_all().await
}

/// The same within a transaction.
pub async fn memberships_in(tx: &mut Tx) -> Result<Vec<(Uuid, String)>> {
    tx.query(TEAMS).fetch_all().await
}

const LANGUAGES: &str = "SELECT staff_id, language FROM staff_languages ORDER BY language";

/// Who speaks what.
pub async fn languages(db: &Db) -> Result<Vec<(Uuid, String)>> {
    db.query(LANGUAGES).fetch_all().await
}

/// The same within a transaction.
pub async fn languages_in(tx: &mut Tx) -> Result<Vec<(Uuid, String)>> {
    tx.query(LANGUAGES).fetch_all().await
}

/// Changes a person.
pub async fn update_person(tx: &mut Tx, person: &Staff) -> Result<u64> {
    tx.query(
        "UPDATE staff SET name = $2, email = $3, email_folded = $4, role = $5, tier = $6, capacity = $7, active = $8 WHERE id = $1",
    )
    .bind(person.id)
    .bind(person.name.clone())
    .bind(person.email.clone())
    .bind(fold(&person.email))
    .bind(person.role)
    .bind(person.tier)
    .bind(person.capacity)
    .bind(person.active)
    .execute()
    .await
}

/// Changes a person's password.
pub async fn update_password(tx: &mut Tx, person: Uuid, hash: &str) -> Result<u64> {
    tx.query("UPDATE staff SET password_hash = $2 WHERE id = $1").bind(person).bind(hash.to_owned()).execute().await
}

/// Takes a person out of all teams and languages.
pub async fn clear_person(tx: &mut Tx, person: Uuid) -> Result<()> {
    tx.query("DELETE FROM staff_teams WHERE staff_id = $1").bind(person).execute().await?;
    tx.query("DELETE FROM staff_languages WHERE staff_id = $1").bind(person).execute().await.map(drop)
}

/// A person answers in a language.
pub async fn insert_language(tx: &mut Tx, person: Uuid, language: &str) -> Result<u64> {
    tx.query("INSERT INTO staff_languages (staff_id, language) VALUES ($1, $2)")
        .bind(person)
        .bind(language.to_owned())
        .execute()
        .await
}

/// Ends a person's sessions at a time; the hashes of their tokens.
pub async fn end_sessions(tx: &mut Tx, person: Uuid, ended: DateTime<Utc>) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx
        .query("UPDATE staff_sessions SET expires_at = $2 WHERE staff_id = $1 AND expires_at > $2 RETURNING token_hash")
        .bind(person)
        .bind(ended)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
