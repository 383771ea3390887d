//! Teams: added, changed, retired, brought back.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::Db,
    work::Work,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::teams as queries,
};

pub use super::queries::teams::link_overflow;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Team {
    /// The server's id.
    #[serde(skip)]
    pub id: Uuid,
    /// Its key, for programs; it never changes.
    pub key: String,
    /// Its name.
    pub name: String,
    /// False: retired; old cases keep it.
    pub active: bool,
    /// Its people may pick from the line.
    pub picking: bool,
    /// Who helps when nobody of the team takes a chat.
    #[serde(skip)]
    pub overflow_team_id: Option<Uuid>,
    /// How many active people are in it.
    #[serde(skip)]
    pub people: i64,
    /// How many categories in use lead to it.
    #[serde(skip)]
    pub categories: i64,
}

/// What can be changed of a team.
#[derive(Debug, Clone, Default)]
pub struct TeamFields {
    /// Its name.
    pub name: String,
    /// Its people may pick from the line.
    pub picking: bool,
    /// The overflow team's key; empty: none.
    pub overflow: String,
}

/// All teams: those in use first.
pub async fn all(db: &Db) -> Result<Vec<Team>> {
    Ok(queries::teams(db).await?)
}

/// A team as the record and the mark of a form have it.
#[derive(Serialize)]
struct Noted<'a> {
    #[serde(flatten)]
    team: &'a Team,
    overflow_team: &'a str,
}

fn noted<'a>(teams: &'a [Team], team: &'a Team) -> Noted<'a> {
    let overflow = teams.iter().find(|other| Some(other.id) == team.overflow_team_id);
    Noted { team, overflow_team: overflow.map_or("", |other| &other.name) }
}

/// What tells one state of a team from another.
pub fn mark(teams: &[Team], team: &Team) -> String {
    change::mark(&noted(teams, team))
}

/// Adds a team; its id.
pub async fn add(app: &App, staff: &Staff, fields: &TeamFields) -> Result<Uuid> {
    staff.require_admin("add a team")?;
    let mut work = change::begin(app).await?;
    let teams = queries::teams_in(&mut work.tx).await?;
    let mut team = Team {
        id: app.clock.new_id(),
        key: change::key_of(&fields.name, |key| teams.iter().any(|team| team.key == key)),
        name: String::new(),
        active: true,
        picking: true,
        overflow_team_id: None,
        people: 0,
        categories: 0,
    };
    read(fields, &teams, &mut team)?;
    queries::insert_team(&mut work.tx, &team).await?;
    let text = format!("Added the team {}.", team.name);
    audit::note(&mut work, staff, subject(&team), &text, &(), &noted(&teams, &team)).await?;
    work.commit().await?;
    Ok(team.id)
}

/// Changes a team. `seen`: its mark when it was read.
pub async fn save(app: &App, staff: &Staff, id: Uuid, fields: &TeamFields, seen: Option<&str>) -> Result<()> {
    staff.require_admin("change a team")?;
    let (work, teams, before) = open(app, id).await?;
    change::require_unchanged(seen, &noted(&teams, &before))?;
    let mut team = before.clone();
    read(fields, &teams, &mut team)?;
    let text = format!("Changed the team {}.", before.name);
    store(work, staff, &teams, &before, &team, &text).await
}

/// Retires a team: nothing new comes to it. What leads to it must be given to another one first.
pub async fn retire(app: &App, staff: &Staff, id: Uuid) -> Result<()> {
    staff.require_admin("retire a team")?;
    let (mut work, teams, before) = open(app, id).await?;
    let categories = queries::leading_to(&mut work.tx, id).await?;
    if !categories.is_empty() {
        let words = format!(
            "These categories lead to {}: {}. Give them another team first.",
            before.name,
            categories.join(", ")
        );
        return Err(Error::conflict("in_use", words));
    }
    let helped: Vec<&str> =
        teams.iter().filter(|t| t.active && t.overflow_team_id == Some(id)).map(|t| t.name.as_str()).collect();
    if !helped.is_empty() {
        let words = format!(
            "{} helps these teams: {}. Choose another overflow team for them first.",
            before.name,
            helped.join(", ")
        );
        return Err(Error::conflict("in_use", words));
    }
    let team = Team { active: false, ..before.clone() };
    let text = format!("Retired the team {}.", before.name);
    store(work, staff, &teams, &before, &team, &text).await
}

/// Brings a retired team back.
pub async fn restore(app: &App, staff: &Staff, id: Uuid) -> Result<()> {
    staff.require_admin("bring a team back")?;
    let (work, teams, before) = open(app, id).await?;
    // The one that helped it may have been retired, or have come to lean on it, meanwhile.
    let helper = before
        .overflow_team_id
        .filter(|helper| teams.iter().any(|t| t.id == *helper && t.active) && !leads_back(&teams, id, *helper));
    let team = Team { active: true, overflow_team_id: helper, ..before.clone() };
    let text = format!("Brought the team {} back.", before.name);
    store(work, staff, &teams, &before, &team, &text).await
}

async fn open(app: &App, id: Uuid) -> Result<(Work<'_>, Vec<Team>, Team)> {
    let mut work = change::begin(app).await?;
    let teams = queries::teams_in(&mut work.tx).await?;
    let team = teams.iter().find(|team| team.id == id).cloned();
    Ok((work, teams, team.ok_or_else(|| Error::not_found("There is no such team."))?))
}

async fn store(
    mut work: Work<'_>,
    staff: &Staff,
    teams: &[Team],
    before: &Team,
    after: &Team,
    text: &str,
) -> Result<()> {
    queries::update_team(&mut work.tx, after).await?;
    audit::note(&mut work, staff, subject(after), text, &noted(teams, before), &noted(teams, after)).await?;
    work.commit().await
}

fn subject(team: &Team) -> Subject<'_> {
    Subject { kind: "team", key: &team.key }
}

/// Puts what was given into a team, or says what is wrong with it.
fn read(fields: &TeamFields, teams: &[Team], team: &mut Team) -> Result<()> {
    let mut check = Check::default();
    team.name = check.read("name", input::line("the name", &fields.name, 80))?;
    team.picking = fields.picking;
    let folded = input::fold(&team.name);
    if let Some(other) = teams.iter().find(|other| other.id != team.id && input::fold(&other.name) == folded) {
        let words = if other.active { "" } else { " It is retired: bring it back instead." };
        check.require(false, "name", "taken", format!("There is a team {} already.{words}", other.name));
    }
    team.overflow_team_id = if fields.overflow.is_empty() {
        None
    } else {
        let helper = teams.iter().find(|other| other.key == fields.overflow && other.active);
        check.require(helper.is_some(), "overflow", "no_team", "Please choose an overflow team from the list.");
        helper.map(|helper| helper.id)
    };
    if let Some(helper) = team.overflow_team_id {
        let circle = helper == team.id || leads_back(teams, team.id, helper);
        let words = "This overflow team gets its own help from here, so a chat would go in a circle. Choose another one, or none.";
        check.require(!circle, "overflow", "circle", words);
    }
    check.done()
}

/// Whether the chain of overflow teams that begins with `helper` comes to `team`.
fn leads_back(teams: &[Team], team: Uuid, helper: Uuid) -> bool {
    let mut at = Some(helper);
    // No chain is longer than there are teams.
    for _ in 0..=teams.len() {
        match at {
            Some(id) if id == team => return true,
            Some(id) => at = teams.iter().find(|t| t.id == id).and_then(|t| t.overflow_team_id),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(id: u128, overflow: Option<u128>) -> Team {
        let id = Uuid::from_u128(id);
        let (key, name) = (format!("t{id}"), format!("T {id}"));
        let overflow_team_id = overflow.map(Uuid::from_u128);
        Team { id, key, name, active: true, picking: true, overflow_team_id, people: 0, categories: 0 }
    }

    #[test]
    fn live_06_a_circle_of_overflow_teams_is_found() {
        let teams = [team(1, Some(2)), team(2, Some(3)), team(3, None)];
        assert!(leads_back(&teams, Uuid::from_u128(3), Uuid::from_u128(1)));
        assert!(!leads_back(&teams, Uuid::from_u128(1), Uuid::from_u128(3)));
    }
}
