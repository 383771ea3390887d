//! What supervisors say about an account or a person: support stopped, limited, or given although it would be refused. Each with its
//! reason and its end, and kept when it is over.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::App,
    desk::{
        audit::{self, Subject},
        change::{self, Check},
    },
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::Db,
};

use super::{judge::RulingKind, queries};

/// A ruling, in force or over.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct RulingView {
    /// The server's id.
    pub id: Uuid,
    /// The person it is about; nothing: the whole account.
    pub contact: Option<String>,
    /// What it says.
    pub kind: RulingKind,
    /// Of a limit: how many requests within 24 hours.
    pub requests: Option<i32>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Whose.
    pub by_name: String,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was lifted.
    pub lifted_at: Option<DateTime<Utc>>,
    /// By whom.
    pub lifted_by: Option<String>,
    /// Why.
    pub lifted_why: Option<String>,
}

impl RulingView {
    /// Whether it is in force.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.lifted_at.is_none() && self.ends_at.is_none_or(|end| end > now)
    }
}

/// A new ruling, as it is given.
#[derive(Debug, Clone)]
pub struct NewRuling {
    /// The account's customer number.
    pub account: String,
    /// About this person of the account, everywhere; nothing: about the whole account.
    pub contact: Option<Uuid>,
    /// What it says.
    pub kind: RulingKind,
    /// Of a limit: how many requests within 24 hours.
    pub requests: Option<u32>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Rules. Only supervisors may.
pub async fn rule(app: &App, staff: &Staff, new: &NewRuling) -> Result<Uuid> {
    staff.require_supervisor("stop, limit or allow support")?;
    let mut check = Check::default();
    let reason = check.read("reason", input::line("the reason", &new.reason, 500))?;
    let mut work = change::begin(app).await?;
    let future = new.ends_at.is_none_or(|end| end > work.now);
    check.require(future, "ends", "in_the_past", "Please give an end that is still to come.");
    let limits = new.kind != RulingKind::Limit || new.requests.is_some_and(|most| most <= 1_000);
    check.require(
        limits,
        "requests",
        "bad_number",
        "Please say how many requests within 24 hours: a number from 0 to 1000.",
    );
    check.done()?;
    let account = queries::account_in(&mut work.tx, &new.account.replace('\0', "")).await?;
    let account = account.ok_or_else(|| Error::not_found("There is no account with that customer number."))?;
    let person = match new.contact {
        Some(contact) => {
            let found = queries::person_of(&mut work.tx, account.id, contact).await?;
            Some(found.ok_or_else(|| Error::not_found("This person is not one of the account’s."))?)
        }
        None => None,
    };
    let id = app.clock.new_id();
    let row = queries::NewRow {
        id,
        account: new.contact.is_none().then_some(account.id),
        contact: new.contact,
        kind: new.kind,
        requests: (new.kind == RulingKind::Limit).then(|| new.requests.unwrap_or_default().cast_signed()),
        reason: reason.clone(),
        by_name: staff.name.clone(),
        ends_at: new.ends_at,
    };
    queries::insert_ruling(&mut work.tx, &row, work.now).await?;
    let whom = person.unwrap_or_else(|| format!("{} ({})", account.name, account.number));
    let text = match new.kind {
        RulingKind::Stop => format!("Stopped support for {whom}: {reason}"),
        RulingKind::Limit => format!("Limited support for {whom}: {reason}"),
        RulingKind::Exception => format!("Let {whom} in: {reason}"),
    };
    let ruled = json!({"kind": new.kind, "requests": row.requests, "ends_at": new.ends_at});
    audit::note(&mut work, staff, Subject { kind: "account", key: &account.number }, &text, &(), &ruled).await?;
    work.commit().await?;
    Ok(id)
}

/// Lifts a ruling, for a reason. Only supervisors may. What is over already stays as it is.
pub async fn lift(app: &App, staff: &Staff, account: &str, id: Uuid, reason: &str) -> Result<()> {
    staff.require_supervisor("lift what was ruled")?;
    let reason = input::line("the reason", reason, 500)?;
    let mut work = change::begin(app).await?;
    let now = work.now;
    if queries::lift(&mut work.tx, id, &staff.name, &reason, now).await? == 0 {
        return Ok(());
    }
    let text = format!("Lifted what was ruled for {account}: {reason}");
    audit::note(&mut work, staff, Subject { kind: "account", key: account }, &text, &(), &json!({"lifted": id}))
        .await?;
    work.commit().await
}

/// What is in force for a person at an account, for colleagues, in words.
pub async fn words(db: &Db, account: Uuid, contact: Uuid, now: DateTime<Utc>) -> Result<Vec<String>> {
    let rulings = queries::rulings_for(db, account, contact).await?;
    let word = |ruling: RulingView| {
        let what = match (ruling.kind, ruling.requests) {
            (RulingKind::Stop, _) => "Support stopped".to_owned(),
            (RulingKind::Limit, requests) => format!("{} requests a day", requests.unwrap_or_default()),
            (RulingKind::Exception, _) => "Let in".to_owned(),
        };
        format!("{what}: {} ({})", ruling.reason, ruling.by_name)
    };
    Ok(rulings.into_iter().filter(|ruling| ruling.holds(now)).map(word).collect())
}
