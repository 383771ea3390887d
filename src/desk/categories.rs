//! Categories: added, changed, moved, retired, brought back; and where their cases go.

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::{Staff, TOP_TIER, tier_name},
    input,
    store::Db,
    work::Work,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::{categories as queries, teams as team_queries},
    teams::Team,
};

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Category {
    /// The server's id.
    pub id: Uuid,
    /// Its key, for programs; it never changes.
    pub key: String,
    /// Its name, as customers read it.
    pub name: String,
    /// Its team.
    pub team_id: Uuid,
    /// Its place in the list that customers see.
    pub position: i32,
    /// False: retired; old cases keep it.
    pub active: bool,
    /// What customers read instead of being served; empty: they are served.
    pub set_text: String,
    /// Where its cases go when that is not tier I of its team.
    #[sqlx(skip)]
    pub routes: Vec<Route>,
}

/// Where the cases of a category and severity go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Route {
    /// 1 (worst) to 4.
    pub severity: i16,
    /// To which team.
    pub team_id: Uuid,
    /// To which tier.
    pub tier: i16,
}

/// What a form gives of a category, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct CategoryFields {
    /// Its name.
    pub name: String,
    /// Its team's key.
    pub team: String,
    /// What is said instead; empty: nothing.
    pub set_text: String,
    /// For a severity: the team's key, empty for the category's own, and the tier, empty for I.
    pub routes: Vec<(i16, String, String)>,
}

/// All categories in their order, with their routes.
pub async fn all(db: &Db) -> Result<Vec<Category>> {
    Ok(with_routes(queries::categories(db).await?, &queries::routes(db).await?))
}

fn with_routes(mut categories: Vec<Category>, routes: &[(Uuid, i16, Uuid, i16)]) -> Vec<Category> {
    for category in &mut categories {
        let own = routes.iter().filter(|(id, ..)| *id == category.id);
        category.routes = own.map(|&(_, severity, team_id, tier)| Route { severity, team_id, tier }).collect();
    }
    categories
}

/// Adds a category as the last one; its id.
pub async fn add(app: &App, staff: &Staff, fields: &CategoryFields) -> Result<Uuid> {
    staff.require_admin("add a category")?;
    let mut open = Open::begin(app).await?;
    let last = open.categories.iter().map(|category| category.position).max();
    let mut category = Category {
        id: app.clock.new_id(),
        key: change::key_of(&fields.name, |key| open.categories.iter().any(|category| category.key == key)),
        name: String::new(),
        team_id: Uuid::nil(),
        position: last.map_or(0, |last| last.saturating_add(1)),
        active: true,
        set_text: String::new(),
        routes: Vec::new(),
    };
    open.read(fields, &mut category)?;
    queries::insert_category(&mut open.work.tx, &category).await?;
    let text = format!("Added the category {}.", category.name);
    open.keep(staff, None, &category, &text).await?;
    Ok(category.id)
}

/// Changes a category and its routes. `seen`: its mark when it was read.
pub async fn save(app: &App, staff: &Staff, id: Uuid, fields: &CategoryFields, seen: Option<&str>) -> Result<()> {
    staff.require_admin("change a category")?;
    let open = Open::begin(app).await?;
    let before = open.find(id)?;
    change::require_unchanged(seen, &before)?;
    let mut category = before.clone();
    open.read(fields, &mut category)?;
    let text = format!("Changed the category {}.", before.name);
    open.keep(staff, Some(&before), &category, &text).await
}

/// Retires a category, so that nobody can choose it any more, or brings it back.
pub async fn set_active(app: &App, staff: &Staff, id: Uuid, active: bool) -> Result<()> {
    staff.require_admin(if active { "bring a category back" } else { "retire a category" })?;
    let open = Open::begin(app).await?;
    let before = open.find(id)?;
    if active {
        let gone = |id: Uuid| open.teams.iter().find(|team| team.id == id && !team.active);
        let needed = std::iter::once(before.team_id).chain(before.routes.iter().map(|route| route.team_id));
        if let Some(team) = needed.into_iter().find_map(gone) {
            let words = format!(
                "It leads to the team {}, which is retired. Bring the team back, or give the category another one first.",
                team.name
            );
            return Err(Error::conflict("team_retired", words));
        }
    }
    let category = Category { active, ..before.clone() };
    let name = &before.name;
    let text =
        if active { format!("Brought the category {name} back.") } else { format!("Retired the category {name}.") };
    open.keep(staff, Some(&before), &category, &text).await
}

/// Moves a category one place up or down among those that are in use.
pub async fn move_by_one(app: &App, staff: &Staff, id: Uuid, up: bool) -> Result<()> {
    staff.require_admin("move a category")?;
    let mut open = Open::begin(app).await?;
    let moved = open.find(id)?;
    let mut order: Vec<Category> = open.categories.clone();
    let at = order.iter().position(|category| category.id == id).unwrap_or_default();
    let in_use = |(_, category): &(usize, &Category)| category.active;
    let neighbour = if up {
        order.iter().enumerate().take(at).rev().find(in_use)
    } else {
        order.iter().enumerate().skip(at + 1).find(in_use)
    };
    // At the end of the list there is nowhere to go.
    let Some((other, _)) = neighbour else { return Ok(()) };
    order.swap(at, other);
    for (position, category) in order.iter_mut().enumerate() {
        let position = i32::try_from(position).unwrap_or(i32::MAX);
        if category.position != position {
            category.position = position;
            queries::update_category(&mut open.work.tx, category).await?;
        }
    }
    let names = |list: &[Category]| list.iter().filter(|c| c.active).map(|c| c.name.clone()).collect::<Vec<_>>();
    let (before, after) = (json!({"order": names(&open.categories)}), json!({"order": names(&order)}));
    let text = format!("Moved the category {} {}.", moved.name, if up { "up" } else { "down" });
    let subject = Subject { kind: "category", key: &moved.key };
    audit::note(&mut open.work, staff, subject, &text, &before, &after).await?;
    open.work.commit().await
}

/// A change of categories that has begun, with what there is.
struct Open<'a> {
    work: Work<'a>,
    categories: Vec<Category>,
    teams: Vec<Team>,
}

impl<'a> Open<'a> {
    async fn begin(app: &'a App) -> Result<Self> {
        let mut work = change::begin(app).await?;
        let routes = queries::routes_in(&mut work.tx).await?;
        let categories = with_routes(queries::categories_in(&mut work.tx).await?, &routes);
        let teams = team_queries::teams_in(&mut work.tx).await?;
        Ok(Self { work, categories, teams })
    }

    fn find(&self, id: Uuid) -> Result<Category> {
        let found = self.categories.iter().find(|category| category.id == id).cloned();
        found.ok_or_else(|| Error::not_found("There is no such category."))
    }

    fn team(&self, key: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.active && team.key == key)
    }

    /// Puts what was given into a category, or says what is wrong with it.
    fn read(&self, fields: &CategoryFields, category: &mut Category) -> Result<()> {
        let mut check = Check::default();
        category.name = check.read("name", input::line("the name", &fields.name, 80))?;
        let folded = input::fold(&category.name);
        let same = |other: &&Category| other.id != category.id && input::fold(&other.name) == folded;
        if let Some(other) = self.categories.iter().find(same) {
            let words = if other.active { "" } else { " It is retired: bring it back instead." };
            check.require(false, "name", "taken", format!("There is a category {} already.{words}", other.name));
        }
        category.set_text = match fields.set_text.trim() {
            "" => String::new(),
            text => check.read("set_text", input::text("the set text", text, 2_000))?,
        };
        let team = self.team(&fields.team);
        check.require(team.is_some(), "team", "no_team", "Please choose a team from the list.");
        let team_id = team.map_or(category.team_id, |team| team.id);
        category.team_id = team_id;
        category.routes.clear();
        for (severity, key, tier) in &fields.routes {
            let routed = if key.is_empty() { Some(team_id) } else { self.team(key).map(|team| team.id) };
            let field = format!("route-team-{severity}");
            check.require(routed.is_some(), &field, "no_team", "Please choose a team from the list.");
            let tier = if tier.is_empty() { "1" } else { tier };
            let read = change::number("The tier", tier, 1, TOP_TIER.into());
            let tier = i16::try_from(check.read(&format!("route-tier-{severity}"), read)?).unwrap_or(1);
            let route = Route { severity: *severity, team_id: routed.unwrap_or_default(), tier };
            if (route.team_id, route.tier) != (team_id, 1) {
                category.routes.push(route);
            }
        }
        check.done()
    }

    /// Stores a category, which is in its table, and notes it.
    async fn keep(mut self, staff: &Staff, before: Option<&Category>, after: &Category, text: &str) -> Result<()> {
        queries::update_category(&mut self.work.tx, after).await?;
        queries::delete_routes(&mut self.work.tx, after.id).await?;
        for route in &after.routes {
            queries::insert_route(&mut self.work.tx, after.id, route).await?;
        }
        let (is, was) = (self.noted(after), before.map(|before| self.noted(before)).unwrap_or_default());
        let subject = Subject { kind: "category", key: &after.key };
        audit::note(&mut self.work, staff, subject, text, &was, &is).await?;
        self.work.commit().await
    }

    /// A category as the record has it.
    fn noted(&self, category: &Category) -> Map<String, Value> {
        let name = |id: Uuid| self.teams.iter().find(|team| team.id == id).map_or("", |team| &team.name);
        let mut noted = Map::new();
        noted.insert("name".into(), json!(category.name));
        noted.insert("team".into(), json!(name(category.team_id)));
        noted.insert("active".into(), json!(category.active));
        noted.insert("set_text".into(), json!(category.set_text));
        for Route { severity, team_id, tier } in &category.routes {
            let route = format!("{}, {}", name(*team_id), tier_name(*tier));
            noted.insert(format!("severity_{severity}_goes_to"), json!(route));
        }
        noted
    }
}
