//! The 4-digit call-in PIN: made by the server, stored only keyed and hashed, checked within a budget.
//!
//! A try is counted in the database, as wrong, before it is compared; a right one is marked afterwards. So a thousand
//! tries at once are still only as many comparisons as the budget allows.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    clock::random_below,
    error::{Error, Result},
    store::Tx,
};

use super::{
    contact::{Claim, Contact},
    pin_budget::{Limit, Verdict, judge},
    queries,
    staff::Staff,
};

/// What a caller is told when PINs alone are not enough.
const CALL_BACK: &str =
    "We cannot check PINs right now. Please leave a message: a specialist will call you back and verify you.";
/// The same words whether the person or the PIN was wrong.
const NO_MATCH: &str = "These details do not match. Please check them and the PIN, and try again.";

/// Makes a new PIN for a contact and answers it, once: afterwards only its hash exists.
pub async fn renew(app: &App, contact: Uuid) -> Result<String> {
    let pin = format!("{:04}", random_below(10_000));
    store(app, contact, &pin).await?;
    Ok(pin)
}

/// A new PIN, asked for by an admin of the desk.
pub async fn renew_by(app: &App, admin: &Staff, contact: Uuid) -> Result<String> {
    if !admin.is_admin() {
        return Err(Error::forbidden("Only an admin can make a new call-in PIN."));
    }
    super::contact::find(&app.db, contact).await?.ok_or_else(|| Error::not_found("There is no such contact."))?;
    renew(app, contact).await
}

/// Stores a given PIN; the demo's are known beforehand, all others come from `renew`.
pub async fn store(app: &App, contact: Uuid, pin: &str) -> Result<()> {
    let hash = app.hasher.hash_pin(contact, pin).await?;
    let mut tx = app.db.begin().await?;
    queries::upsert_pin(&mut tx, contact, &hash, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Checks a claim and its PIN within the budget; the contact when both are right.
pub async fn verify(app: &App, claim: &Claim, pin: &str, address: IpAddr) -> Result<Contact> {
    if pin.len() != 4 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::invalid("bad_pin_form", "The call-in PIN has four digits."));
    }
    let contact = claim.resolve(&app.db).await?;
    let about = About::new(app, claim, contact.as_ref(), address).await?;
    let entry = about.count(app).await?;
    let hash = queries::find_pin_hash(&app.db, about.contact_id).await?;
    let fits = app.hasher.check_pin(about.contact_id, pin, hash).await?;
    match contact {
        Some(contact) if fits => {
            let mut tx = app.db.begin().await?;
            queries::mark_try_right(&mut tx, entry).await?;
            tx.commit().await?;
            Ok(contact)
        }
        _ => {
            about.alert_if_locked(app).await?;
            Err(no_match())
        }
    }
}

/// The refusal of a wrong PIN, and of whatever must look like one.
pub fn no_match() -> Error {
    Error::with_status(403, "no_match", NO_MATCH)
}

/// Whom a try is counted for.
struct About {
    /// The contact, or an id that nobody has.
    contact_id: Uuid,
    /// Contact, or claim that fits nobody.
    subject: String,
    /// The contact's accounts, or none.
    account: String,
    address: String,
    /// Whom an alert names.
    name: String,
}

impl About {
    async fn new(app: &App, claim: &Claim, contact: Option<&Contact>, address: IpAddr) -> Result<Self> {
        let contact_id = contact.map_or(Uuid::nil(), |c| c.id);
        let accounts = super::contact::accounts_of(&app.db, contact_id).await?;
        Ok(Self {
            contact_id,
            subject: contact.map_or_else(|| super::hashing::token_hash(&claim.key()), |c| c.id.to_string()),
            account: accounts.first().map(|a| a.number.clone()).unwrap_or_default(),
            address: address.to_string(),
            name: contact.map_or_else(|| "somebody unknown to us".to_owned(), |c| c.name.clone()),
        })
    }

    /// Judges all tries so far in a transaction that counts alone until it ends.
    async fn judged(&self, app: &App, now: DateTime<Utc>) -> Result<(Tx, Verdict)> {
        let mut tx = app.db.begin().await?;
        queries::enter_try_gate(&mut tx, "pin").await?;
        let tries = queries::tries_of(&mut tx, "pin", &self.subject, now - TimeDelta::days(30)).await?;
        let around =
            queries::tries_around(&mut tx, "pin", &self.account, &self.address, now - TimeDelta::days(1)).await?;
        Ok((tx, judge(&app.config.pin, &tries, around, now)))
    }

    /// Counts a try, or refuses it.
    async fn count(&self, app: &App) -> Result<Uuid> {
        let now = app.clock.now();
        let (mut tx, verdict) = self.judged(app, now).await?;
        match verdict {
            Verdict::Try => {}
            Verdict::Locked { until, .. } => {
                let minutes = ((until - now).num_seconds() + 59) / 60;
                let wait =
                    if minutes <= 90 { format!("{minutes} minutes") } else { format!("{} hours", (minutes + 59) / 60) };
                let words = format!(
                    "Too many PINs did not match. Please try again in {wait}, or leave a message: a specialist will call you back."
                );
                return Err(Error::with_status(429, "locked", words));
            }
            Verdict::CallBack { .. } => return Err(Error::with_status(429, "call_back", CALL_BACK)),
        }
        let id = app.clock.new_id();
        queries::insert_try(&mut tx, id, "pin", &self.subject, &self.account, &self.address, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Tells the supervisors when this wrong try was the one that closed the gate.
    async fn alert_if_locked(&self, app: &App) -> Result<()> {
        let now = app.clock.now();
        let (mut tx, verdict) = self.judged(app, now).await?;
        let (limit, locked) = match verdict {
            Verdict::Try => return Ok(()),
            Verdict::Locked { until, limit } => (limit, Some(until)),
            Verdict::CallBack { limit } => (limit, None),
        };
        let (subject, text) = self.alert(limit);
        let since =
            now - locked.map_or(TimeDelta::hours(1), |_| TimeDelta::minutes(i64::from(app.config.pin.pause_minutes)));
        if queries::insert_pin_alert(&mut tx, app.clock.new_id(), now, &format!("{limit:?}"), &subject, &text, since)
            .await?
        {
            tx.commit().await?;
            app.bus.desk_changed();
        }
        Ok(())
    }

    fn alert(&self, limit: Limit) -> (String, String) {
        let Self { name, address, .. } = self;
        match limit {
            Limit::InARow => (self.subject.clone(), format!("Several wrong PINs in a row for {name}, from {address}.")),
            Limit::Day => {
                (self.subject.clone(), format!("The day's wrong PINs for {name} are used up, last from {address}."))
            }
            Limit::Month => {
                (self.subject.clone(), format!("The month's wrong PINs for {name} are used up, last from {address}."))
            }
            Limit::Account => (
                self.account.clone(),
                format!("The day's wrong PINs for account {} are used up, last from {address}.", self.account),
            ),
            Limit::Address => (
                address.clone(),
                format!("A spree of wrong PINs from {address}: PINs from there are no longer checked today."),
            ),
            Limit::Total => (
                String::new(),
                "Wrong PINs from everywhere reached the desk's limit: all callers are called back for now.".into(),
            ),
        }
    }
}
