//! The demo: a made-up billing-software vendor with its customers, people and solutions, and a customer's page to embed in.

pub mod content;
pub mod site;

use chrono::TimeDelta;
use sqlx::types::Json;

use crate::{
    app::App,
    cases,
    desk::{self, replies::Reply, tags::Tag},
    error::{Error, Result},
    hours::{
        calendar,
        setup::{self, ByHand},
    },
    identity::{
        account::{self, Account},
        contact::{self, Contact},
        directory::{self, SeverityView},
        pin,
        site::Site,
        staff::{self, NewStaff, tier_name},
    },
    knowledge::solution::{self, Solution},
};

use content::Content;

/// What the first page tells of the demo.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The sample customer's page.
    pub site_url: String,
    /// The desk's people.
    pub logins: Vec<Login>,
    /// The customers.
    pub pins: Vec<Pin>,
}

/// A person of the desk.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// What the person does.
    pub role: String,
    /// The tier, in words.
    pub tier: String,
    /// The teams, in words.
    pub teams: String,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The call-in PIN.
    pub pin: String,
    /// The accounts, in words.
    pub account: String,
    /// What is special.
    pub note: String,
}

/// The public token of the demo's site.
pub const SITE_TOKEN: &str = "pub_demo";
/// Why the demo's desk is open at any hour.
pub const HELD_OPEN: &str = "Demo: held open by hand at any hour.";

/// Fills an empty database; one that holds the demo already is left as it is.
pub async fn fill(app: &App, content: &Content, site_origins: Vec<String>) -> Result<()> {
    let site = Site {
        token: SITE_TOKEN.into(),
        name: content.desk.vendor.clone(),
        origins: Json(site_origins),
        greeting: content.desk.greeting.clone(),
        color: content.desk.color.clone(),
    };
    let mut tx = app.db.begin().await?;
    crate::identity::site::insert(&mut tx, &site).await?;
    tx.commit().await?;
    if !directory::teams(&app.db).await?.is_empty() {
        return Ok(());
    }
    directory_of(app, content).await?;
    people(app, content).await?;
    solutions(app, content).await?;
    closed_cases(app, content).await?;
    app.bus.knowledge_changed();
    Ok(())
}

/// Holds the desk open by hand, or lets the calendar count when the clock was set to watch it.
pub async fn hold_open(app: &App) -> Result<()> {
    if app.clock.is_set_by_hand() {
        return setup::forget_by_hand(app).await;
    }
    let view = app.hours.chat_view(app.clock.now());
    if view.by_hand.is_none() {
        let hand = ByHand { state: calendar::State::Open, until: None, reason: HELD_OPEN.into() };
        setup::set_by_hand_as(app, "Demo", hand).await?;
    }
    Ok(())
}

async fn directory_of(app: &App, content: &Content) -> Result<()> {
    let mut tx = app.db.begin().await?;
    for team in &content.team {
        directory::insert_team(&mut tx, app.clock.new_id(), &team.key, &team.name).await?;
    }
    for category in &content.category {
        directory::insert_category(&mut tx, app.clock.new_id(), &category.key, &category.name, &category.team).await?;
    }
    for severity in &content.severity {
        let view = SeverityView {
            level: severity.level,
            name: severity.name.clone(),
            definition: severity.definition.clone(),
        };
        directory::upsert_severity(&mut tx, &view).await?;
    }
    tx.commit().await?;
    first_setup(app, content).await
}

/// What an admin would set next: who helps whom, tags, replies. Nobody stands in the record for it.
async fn first_setup(app: &App, content: &Content) -> Result<()> {
    let mut tx = app.db.begin().await?;
    for team in content.team.iter().filter(|team| !team.overflow.is_empty()) {
        desk::teams::link_overflow(&mut tx, &team.key, &team.overflow).await?;
    }
    for tag in &content.tag {
        let row = Tag { id: app.clock.new_id(), name: tag.name.clone(), active: true };
        desk::tags::insert(&mut tx, &row).await?;
    }
    for reply in &content.reply {
        let row = Reply {
            id: app.clock.new_id(),
            owner_id: None,
            shortcut: reply.shortcut.clone(),
            title: reply.title.clone(),
            text: reply.text.trim().to_owned(),
        };
        desk::replies::insert(&mut tx, &row, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

async fn people(app: &App, content: &Content) -> Result<()> {
    let mut tx = app.db.begin().await?;
    for a in &content.account {
        let row = Account {
            id: app.clock.new_id(),
            number: a.number.clone(),
            name: a.name.clone(),
            status: a.status,
            standing: a.standing,
        };
        account::insert(&mut tx, &row).await?;
    }
    tx.commit().await?;
    let mut jobs = Vec::new();
    let mut tx = app.db.begin().await?;
    for c in &content.contact {
        let row = Contact { id: app.clock.new_id(), name: c.name.clone(), email: c.email.clone() };
        contact::insert(&mut tx, &row).await?;
        for at in &c.accounts {
            let account =
                account::find_by_number(&app.db, &at.number).await?.ok_or_else(|| missing("account", &at.number))?;
            contact::link(&mut tx, account.id, row.id, at.role).await?;
        }
        jobs.push((row.id, c.pin.clone()));
    }
    tx.commit().await?;
    // Hashing is slow on purpose, so all cores share it.
    let pins =
        futures_util::future::try_join_all(jobs.iter().map(|(contact, secret)| pin::store(app, *contact, secret)));
    let staff: Vec<NewStaff> = content.staff.iter().map(content::StaffRow::to_new).collect();
    let staff = futures_util::future::try_join_all(staff.iter().map(|new| staff::add(app, new)));
    futures_util::future::try_join(pins, staff).await?;
    Ok(())
}

async fn solutions(app: &App, content: &Content) -> Result<()> {
    let mut tx = app.db.begin().await?;
    for s in &content.solution {
        let row = Solution {
            id: app.clock.new_id(),
            version: 1,
            updated_at: app.clock.now(),
            content: solution::Content {
                title: s.title.clone(),
                body: s.body.trim().to_owned(),
                category: s.category.clone(),
                ..solution::Content::default()
            },
        };
        solution::insert(&mut tx, &row).await?;
    }
    Ok(tx.commit().await?)
}

async fn closed_cases(app: &App, content: &Content) -> Result<()> {
    for c in &content.closed_case {
        let past = cases::past::PastCase {
            account: &c.account,
            contact: &c.contact,
            category: &c.category,
            severity: c.severity,
            subject: &c.subject,
            description: &c.description,
            resolution: &c.resolution,
            owner: &c.owner,
            solution: &c.solution,
            closed_at: app.clock.now() - TimeDelta::days(c.days_ago),
        };
        cases::past::insert(app, &past).await?;
    }
    Ok(())
}

/// What the first page tells.
pub fn tell(content: &Content, site_url: String) -> Demo {
    let login = |s: &content::StaffRow| Login {
        name: s.name.clone(),
        email: s.email.clone(),
        password: s.password.clone(),
        role: match s.role {
            staff::StaffRole::Agent => "Specialist".into(),
            staff::StaffRole::Supervisor => "Supervisor".into(),
            staff::StaffRole::Admin => "Admin".into(),
        },
        tier: if s.role == staff::StaffRole::Agent { tier_name(s.tier).into() } else { String::new() },
        teams: content
            .team
            .iter()
            .filter(|t| s.teams.contains(&t.key))
            .map(|t| t.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    };
    let pin = |c: &content::ContactRow| {
        let accounts: Vec<_> =
            c.accounts.iter().filter_map(|at| content.account.iter().find(|a| a.number == at.number)).collect();
        let bad = accounts.iter().any(|a| a.standing == account::Standing::Bad);
        let closed = accounts.iter().any(|a| a.status == account::AccountStatus::Closed);
        let mut note = Vec::new();
        if accounts.len() > 1 {
            note.push(format!("{} accounts", accounts.len()));
        }
        if bad {
            note.push("bad standing".into());
        }
        if closed {
            note.push("closed account".into());
        }
        Pin {
            name: c.name.clone(),
            email: c.email.clone(),
            pin: c.pin.clone(),
            account: accounts.first().map(|a| format!("{} ({})", a.name, a.number)).unwrap_or_default(),
            note: note.join(", "),
        }
    };
    Demo {
        site_url,
        logins: content.staff.iter().map(login).collect(),
        pins: content.contact.iter().map(pin).collect(),
    }
}

fn missing(what: &str, key: &str) -> Error {
    Error::internal(format!("the demo's {what} {key} is not there"))
}
