//! The desk's people: added, changed, given a new password, deactivated, brought back. Somebody who may do all this is always left.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        session,
        staff::{self, Staff, StaffRole, TOP_TIER, tier_name},
    },
    input,
    store::{Db, Tx},
    work::Work,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::{people as queries, teams as team_queries},
};

/// The shortest password, in characters.
pub const SHORTEST_PASSWORD: usize = 10;
/// The most chats at once.
pub const MOST_CHATS: i16 = 20;

/// A person with teams and languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The person.
    #[serde(skip)]
    pub staff: Staff,
    /// The keys of the person's teams.
    pub teams: Vec<String>,
    /// The languages in which the person answers; none: the desk's own.
    pub languages: Vec<String>,
}

/// What a form gives of a person, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct PersonFields {
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
    /// 1 to 4.
    pub tier: String,
    /// How many chats at once, 0 to 20.
    pub capacity: String,
    /// The keys of the teams.
    pub teams: Vec<String>,
    /// ISO 639-1 codes with commas or spaces between.
    pub languages: String,
}

/// Everybody: those who may sign in first.
pub async fn all(db: &Db) -> Result<Vec<Person>> {
    let (teams, languages) = (queries::memberships(db).await?, queries::languages(db).await?);
    Ok(whole(queries::people(db).await?, &teams, &languages))
}

async fn all_in(tx: &mut Tx) -> Result<Vec<Person>> {
    let (teams, languages) = (queries::memberships_in(tx).await?, queries::languages_in(tx).await?);
    Ok(whole(queries::people_in(tx).await?, &teams, &languages))
}

fn whole(people: Vec<Staff>, teams: &[(Uuid, String)], languages: &[(Uuid, String)]) -> Vec<Person> {
    let of = |rows: &[(Uuid, String)], id: Uuid| rows.iter().filter(|r| r.0 == id).map(|r| r.1.clone()).collect();
    let person = |staff: Staff| Person { teams: of(teams, staff.id), languages: of(languages, staff.id), staff };
    people.into_iter().map(person).collect()
}

/// A person as the record and the mark of a form have it.
#[derive(Serialize)]
struct Noted<'a> {
    name: &'a str,
    email: &'a str,
    role: StaffRole,
    tier: &'a str,
    capacity: i16,
    active: bool,
    teams: &'a [String],
    languages: &'a [String],
}

impl Person {
    fn noted(&self) -> Noted<'_> {
        let Staff { name, email, role, tier, capacity, active, .. } = &self.staff;
        let (role, tier, capacity, active) = (*role, tier_name(*tier), *capacity, *active);
        Noted { name, email, role, tier, capacity, active, teams: &self.teams, languages: &self.languages }
    }

    /// What tells one state of the person from another.
    pub fn mark(&self) -> String {
        change::mark(&self.noted())
    }
}

/// Adds a person; the id.
pub async fn add(app: &App, by: &Staff, fields: &PersonFields, password: &str) -> Result<Uuid> {
    by.require_admin("add a person")?;
    let fine = fine_password(password);
    // Hashing is slow, so it comes before the desk is held; what is refused is not hashed.
    let hash = if fine.is_ok() { app.hasher.hash_password(password).await? } else { String::new() };
    let mut work = change::begin(app).await?;
    let people = all_in(&mut work.tx).await?;
    let staff = Staff {
        id: app.clock.new_id(),
        name: String::new(),
        email: String::new(),
        role: StaffRole::Agent,
        tier: 1,
        capacity: 0,
        active: true,
    };
    let mut person = Person { staff, teams: Vec::new(), languages: Vec::new() };
    read(&mut work, fields, &people, &mut person, fine).await?;
    staff::insert(&mut work.tx, &person.staff, &hash).await?;
    link(&mut work.tx, &person).await?;
    let text = format!("Added {}.", person.staff.name);
    note(&mut work, by, &text, None, &person).await?;
    work.commit().await?;
    Ok(person.staff.id)
}

/// Changes a person. `seen`: the mark when it was read. With another role the person signs in anew, with the rights of that role.
pub async fn save(app: &App, by: &Staff, id: Uuid, fields: &PersonFields, seen: Option<&str>) -> Result<()> {
    by.require_admin("change a person")?;
    let (mut work, people, before) = open(app, id).await?;
    change::require_unchanged(seen, &before.noted())?;
    let mut person = before.clone();
    read(&mut work, fields, &people, &mut person, Ok(())).await?;
    require_an_admin(&people, &person, "role")?;
    queries::clear_person(&mut work.tx, id).await?;
    link(&mut work.tx, &person).await?;
    let text = format!("Changed {}.", before.staff.name);
    let ends = before.staff.role != person.staff.role;
    store(work, by, &text, &before, &person, ends).await
}

/// Deactivates a person, whose sessions end, or brings the person back.
pub async fn set_active(app: &App, by: &Staff, id: Uuid, active: bool) -> Result<()> {
    by.require_admin(if active { "bring a person back" } else { "deactivate a person" })?;
    let (work, people, before) = open(app, id).await?;
    let mut person = before.clone();
    person.staff.active = active;
    require_an_admin(&people, &person, "")?;
    let name = &before.staff.name;
    let text = if active { format!("Brought {name} back.") } else { format!("Deactivated {name}.") };
    store(work, by, &text, &before, &person, !active).await
}

/// A supervisor puts a person into these teams, at once; all else of the person stays.
pub async fn set_teams(app: &App, by: &Staff, id: Uuid, teams: &[String]) -> Result<()> {
    by.require_supervisor("move people between teams")?;
    let (mut work, _, before) = open(app, id).await?;
    let all = team_queries::teams_in(&mut work.tx).await?;
    let is_there =
        |key: &String| all.iter().any(|team| team.key == *key && (team.active || before.teams.contains(key)));
    if teams.is_empty() || !teams.iter().all(is_there) {
        return Err(Error::invalid("no_team", "Please choose at least one team, from the list."));
    }
    let mut person = before.clone();
    person.teams = all.iter().filter(|team| teams.contains(&team.key)).map(|team| team.key.clone()).collect();
    queries::clear_person(&mut work.tx, id).await?;
    link(&mut work.tx, &person).await?;
    let text = format!("Put {} into other teams.", before.staff.name);
    store(work, by, &text, &before, &person, false).await
}

/// Gives a person a new password; all of the person's sessions end.
pub async fn set_password(app: &App, by: &Staff, id: Uuid, password: &str) -> Result<()> {
    by.require_admin("give a person a new password")?;
    let mut check = Check::default();
    check.read("password", fine_password(password))?;
    check.done()?;
    let hash = app.hasher.hash_password(password).await?;
    let (mut work, _, person) = open(app, id).await?;
    queries::update_password(&mut work.tx, id, &hash).await?;
    let ended = session::ended_at(work.now);
    let tokens = queries::end_sessions(&mut work.tx, id, ended).await?;
    // What it is nobody may read; that it is another one, everybody.
    let (key, text) = (id.to_string(), format!("Gave {} a new password.", person.staff.name));
    let after = serde_json::json!({"password": "another one"});
    audit::note(&mut work, by, Subject { kind: "person", key: &key }, &text, &(), &after).await?;
    work.commit().await?;
    tokens.iter().for_each(|token_hash| app.bus.session_ended(token_hash));
    Ok(())
}

async fn open(app: &App, id: Uuid) -> Result<(Work<'_>, Vec<Person>, Person)> {
    let mut work = change::begin(app).await?;
    let people = all_in(&mut work.tx).await?;
    let person = people.iter().find(|person| person.staff.id == id).cloned();
    Ok((work, people, person.ok_or_else(no_person)?))
}

/// The words when there is no such person.
pub fn no_person() -> Error {
    Error::not_found("There is no such person.")
}

async fn store(mut work: Work<'_>, by: &Staff, text: &str, before: &Person, after: &Person, ends: bool) -> Result<()> {
    queries::update_person(&mut work.tx, &after.staff).await?;
    note(&mut work, by, text, Some(before), after).await?;
    let mut tokens = Vec::new();
    if ends {
        let ended = session::ended_at(work.now);
        tokens = queries::end_sessions(&mut work.tx, after.staff.id, ended).await?;
    }
    let bus = work.app.bus.clone();
    work.commit().await?;
    tokens.iter().for_each(|token_hash| bus.session_ended(token_hash));
    Ok(())
}

async fn note(work: &mut Work<'_>, by: &Staff, text: &str, before: Option<&Person>, after: &Person) -> Result<()> {
    let key = after.staff.id.to_string();
    let subject = Subject { kind: "person", key: &key };
    match before {
        Some(before) => audit::note(work, by, subject, text, &before.noted(), &after.noted()).await,
        None => audit::note(work, by, subject, text, &(), &after.noted()).await,
    }
}

async fn link(tx: &mut Tx, person: &Person) -> Result<()> {
    for team in &person.teams {
        staff::link(tx, person.staff.id, team).await?;
    }
    for language in &person.languages {
        queries::insert_language(tx, person.staff.id, language).await?;
    }
    Ok(())
}

/// Puts what was given into a person, or says what is wrong with it; `password`: what was found of the one that was given with it.
async fn read(
    work: &mut Work<'_>,
    fields: &PersonFields,
    people: &[Person],
    person: &mut Person,
    password: Result<()>,
) -> Result<()> {
    let mut check = Check::default();
    let staff = &mut person.staff;
    staff.name = check.read("name", input::line("the name", &fields.name, 120))?;
    staff.email = check.read("email", input::email(&fields.email))?;
    let folded = input::fold(&staff.email);
    if let Some(other) = people.iter().find(|p| p.staff.id != staff.id && input::fold(&p.staff.email) == folded) {
        check.require(false, "email", "taken", format!("{} has this address already.", other.staff.name));
    }
    let role = match fields.role.as_str() {
        "agent" => Some(StaffRole::Agent),
        "supervisor" => Some(StaffRole::Supervisor),
        "admin" => Some(StaffRole::Admin),
        _ => None,
    };
    check.require(role.is_some(), "role", "bad_role", "Please choose what the person may do.");
    staff.role = role.unwrap_or(staff.role);
    let tier = check.read("tier", change::number("The tier", &fields.tier, 1, TOP_TIER.into()))?;
    staff.tier = i16::try_from(tier).unwrap_or(1);
    let capacity = check.read("capacity", change::number("Chats at once", &fields.capacity, 0, MOST_CHATS.into()))?;
    staff.capacity = i16::try_from(capacity).unwrap_or_default();
    let all_teams = team_queries::teams_in(&mut work.tx).await?;
    let is_there =
        |key: &String| all_teams.iter().any(|team| team.key == *key && (team.active || person.teams.contains(key)));
    check.require(fields.teams.iter().all(is_there), "teams", "no_team", "Please choose teams from the list.");
    let chosen = all_teams.iter().filter(|team| fields.teams.contains(&team.key));
    person.teams = chosen.map(|team| team.key.clone()).collect();
    person.languages = check.read("languages", languages(&fields.languages))?;
    check.read("password", password)?;
    check.done()
}

fn fine_password(password: &str) -> Result<()> {
    if (SHORTEST_PASSWORD..=200).contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(Error::invalid(
            "short_password",
            format!("Please give a password of {SHORTEST_PASSWORD} to 200 characters."),
        ))
    }
}

/// Refuses what would leave nobody who can set the desk up. `field`: where it is said.
fn require_an_admin(people: &[Person], after: &Person, field: &str) -> Result<()> {
    let is_one = |staff: &Staff| staff.active && staff.is_admin();
    let other = people.iter().any(|p| p.staff.id != after.staff.id && is_one(&p.staff));
    let was = people.iter().any(|p| p.staff.id == after.staff.id && is_one(&p.staff));
    if was && !other && !is_one(&after.staff) {
        let words = format!("{} is the last admin. Make somebody else an admin first.", after.staff.name);
        return Err(change::wrong(field, "last_admin", words));
    }
    Ok(())
}

/// The codes of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee \
    el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki \
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc \
    oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr \
    ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

fn languages(text: &str) -> Result<Vec<String>> {
    let written = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty());
    let mut codes: Vec<String> = written.map(str::to_lowercase).collect();
    codes.sort_unstable();
    codes.dedup();
    let unknown = codes.iter().find(|code| !LANGUAGES.split_whitespace().any(|known| known == *code));
    match unknown {
        Some(code) => Err(Error::invalid(
            "bad_language",
            format!(
                "“{}” is no code of a language. Please write two letters each, such as: en, es, de.",
                input::snippet(code, 20)
            ),
        )),
        None => Ok(codes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_codes() {
        assert_eq!(languages(" EN, es  de,en").unwrap(), ["de", "en", "es"]);
        assert!(languages("").unwrap().is_empty());
        assert!(languages("english").is_err() && languages("xx").is_err());
    }
}
