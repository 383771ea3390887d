//! The SQL of the desk's people.

use sqlx::Result;
use uuid::Uuid;

use crate::identity::staff::Staff;
use crate::input::fold;
use crate::store::{Db, Tx};

/// Adds a person.
pub async fn insert_staff(tx: &mut Tx, staff: &Staff, password_hash: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO staff (id, name, email, email_folded, password_hash, role, tier, capacity, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(staff.id)
    .bind(staff.name.clone())
    .bind(staff.email.clone())
    .bind(fold(&staff.email))
    .bind(password_hash.to_owned())
    .bind(staff.role)
    .bind(staff.tier)
    .bind(staff.capacity)
    .bind(staff.active)
    .execute()
    .await
}

/// Whether somebody has that folded e-mail address.
pub async fn staff_email_taken(tx: &mut Tx, folded: &str) -> Result<bool> {
    let row: Option<(Uuid,)> =
        tx.query("SELECT id FROM staff WHERE email_folded = $1").bind(folded.to_owned()).fetch_optional().await?;
    Ok(row.is_some())
}

/// Makes a person a member of the team with a key; 0: there is no such team.
pub async fn link_staff(tx: &mut Tx, staff: Uuid, team_key: &str) -> Result<u64> {
    tx.query("INSERT INTO staff_teams (staff_id, team_id) SELECT $1, id FROM teams WHERE key = $2")
        .bind(staff)
        .bind(team_key.to_owned())
        .execute()
        .await
}

/// A person by id.
pub async fn find_staff(db: &Db, id: Uuid) -> Result<Option<Staff>> {
    db.query("SELECT id, name, email, role, tier, capacity, active FROM staff WHERE id = $1")
        .bind(id)
        .fetch_optional()
        .await
}

/// A person by id, within a transaction.
pub async fn find_staff_in(tx: &mut Tx, id: Uuid) -> Result<Option<Staff>> {
    tx.query("SELECT id, name, email, role, tier, capacity, active FROM staff WHERE id = $1")
        .bind(id)
        .fetch_optional()
        .await
}

/// A person by folded e-mail address, with the password's hash.
pub async fn find_staff_by_email(db: &Db, folded: &str) -> Result<Option<(Staff, String)>> {
    #[derive(sqlx::FromRow)]
    struct WithHash {
        #[sqlx(flatten)]
        staff: Staff,
        password_hash: String,
    }
    let row: Option<WithHash> = db
        .query("SELECT id, name, email, role, tier, capacity, active, password_hash FROM staff WHERE email_folded = $1")
        .bind(folded.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|r| (r.staff, r.password_hash)))
}

/// The ids of a person's teams.
pub async fn teams_of(db: &Db, staff: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> =
        db.query("SELECT team_id FROM staff_teams WHERE staff_id = $1").bind(staff).fetch_all().await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// All active supervisors and admins.
pub async fn supervisors(tx: &mut Tx) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = tx
        .query("SELECT id FROM staff WHERE active AND role IN ('supervisor', 'admin') ORDER BY id")
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
