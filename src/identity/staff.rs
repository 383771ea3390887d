//! The desk's people: specialists of the tiers, supervisors and admins.

use std::net::IpAddr;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    input,
    store::Db,
};

use super::queries;
pub use super::queries::{
    find_staff as find, find_staff_in as find_in, insert_staff as insert, link_staff as link, supervisors, teams_of,
};

/// The highest tier: development.
pub const TOP_TIER: i16 = 4;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum StaffRole {
    /// Works chats and cases.
    Agent,
    /// Sees and steers everything.
    Supervisor,
    /// Also sets up the desk.
    Admin,
}

/// Whether chats are offered to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Presence {
    /// Yes.
    Online,
    /// Only those that colleagues hand on.
    TransfersOnly,
    /// Not for now.
    Away,
    /// No console is connected.
    Offline,
}

/// A member of the desk.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Staff {
    /// The server's id.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// What the person may do.
    pub role: StaffRole,
    /// 1 to 3: Support Specialist I to III; 4: development.
    pub tier: i16,
    /// How many chats at once.
    pub capacity: i16,
    /// False: may no longer sign in.
    pub active: bool,
}

impl Staff {
    /// Supervisors, and admins, who may do all that supervisors may.
    pub fn is_supervisor(&self) -> bool {
        matches!(self.role, StaffRole::Supervisor | StaffRole::Admin)
    }

    /// Sets up the desk.
    pub fn is_admin(&self) -> bool {
        self.role == StaffRole::Admin
    }

    /// Refuses anybody who is not an admin; `what` completes "Only an admin can …".
    pub fn require_admin(&self, what: &str) -> Result<()> {
        if self.is_admin() { Ok(()) } else { Err(Error::forbidden(format!("Only an admin can {what}."))) }
    }

    /// Refuses anybody who is not a supervisor; `what` completes "Only a supervisor can …".
    pub fn require_supervisor(&self, what: &str) -> Result<()> {
        if self.is_supervisor() { Ok(()) } else { Err(Error::forbidden(format!("Only a supervisor can {what}."))) }
    }
}

/// The name of a tier, as people say it.
pub fn tier_name(tier: i16) -> &'static str {
    match tier {
        1 => "tier I",
        2 => "tier II",
        3 => "tier III",
        _ => "development",
    }
}

/// What is needed to add a person.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The person's name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// At least ten characters, except in the demo.
    pub password: String,
    /// What the person may do.
    pub role: StaffRole,
    /// 1 to 4.
    pub tier: i16,
    /// How many chats at once, 0 to 20.
    pub capacity: i16,
    /// The keys of the person's teams.
    pub teams: Vec<String>,
}

/// Adds a person to the desk.
pub async fn add(app: &App, new: &NewStaff) -> Result<Staff> {
    if !(1..=TOP_TIER).contains(&new.tier) || !(0..=20).contains(&new.capacity) {
        return Err(Error::invalid("bad_staff", "The tier must be 1 to 4 and the capacity 0 to 20."));
    }
    let staff = Staff {
        id: app.clock.new_id(),
        name: input::line("the name", &new.name, 120)?,
        email: input::email(&new.email)?,
        role: new.role,
        tier: new.tier,
        capacity: new.capacity,
        active: true,
    };
    let hash = app.hasher.hash_password(&new.password).await?;
    let mut tx = app.db.begin().await?;
    if queries::staff_email_taken(&mut tx, &input::fold(&staff.email)).await? {
        return Err(Error::conflict("taken", format!("Somebody with the address {} is there already.", staff.email)));
    }
    queries::insert_staff(&mut tx, &staff, &hash).await?;
    for team in &new.teams {
        if queries::link_staff(&mut tx, staff.id, team).await? == 0 {
            return Err(Error::not_found(format!("There is no team {team:?}.")));
        }
    }
    tx.commit().await?;
    Ok(staff)
}

/// Somebody who may sign in with an address.
pub async fn find_by_email(db: &Db, email: &str) -> Result<Option<Staff>> {
    let found = queries::find_staff_by_email(db, &input::fold(email)).await?;
    Ok(found.map(|(staff, _)| staff).filter(|staff| staff.active))
}

/// Checks an address and password; ten wrong ones in a quarter of an hour close the door for that address and person.
pub async fn sign_in(app: &App, email: &str, password: &str, address: IpAddr) -> Result<Staff> {
    let (folded, address, now) = (input::fold(email), address.to_string(), app.clock.now());
    let subject = super::hashing::token_hash(&folded);
    let mut tx = app.db.begin().await?;
    queries::enter_try_gate(&mut tx, "login").await?;
    let since = now - TimeDelta::minutes(15);
    let wrong = queries::tries_of(&mut tx, "login", &subject, since).await?.iter().filter(|t| !t.succeeded).count();
    let around = queries::tries_around(&mut tx, "login", "", &address, since).await?;
    if wrong >= 10 || around.address >= 50 {
        return Err(Error::with_status(
            429,
            "locked",
            "Too many wrong passwords. Please wait a quarter of an hour and try again.",
        ));
    }
    let entry = app.clock.new_id();
    queries::insert_try(&mut tx, entry, "login", &subject, "", &address, now).await?;
    tx.commit().await?;

    let found = if folded.contains('\0') { None } else { queries::find_staff_by_email(&app.db, &folded).await? };
    let (staff, hash) = found.map_or((None, None), |(staff, hash)| (Some(staff), Some(hash)));
    let fits = app.hasher.check_password(password, hash).await?;
    match staff {
        Some(staff) if fits && staff.active => {
            let mut tx = app.db.begin().await?;
            queries::mark_try_right(&mut tx, entry).await?;
            tx.commit().await?;
            Ok(staff)
        }
        _ => Err(Error::with_status(
            403,
            "no_match",
            "The e-mail address or the password does not match. Please try again.",
        )),
    }
}
