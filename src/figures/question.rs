//! A question to the figures' history: which days, whose chats, and how they are cut.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{app::App, error::Result};

use super::queries;
pub use super::queries::Named;

/// How many days a range may have.
pub const MOST_DAYS: i64 = 400;

/// What is asked for, as an address or a form has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The first day, such as 2026-03-09.
    pub from: String,
    /// The last day.
    pub to: String,
    /// A team's key.
    pub team: String,
    /// A person's id.
    pub agent: String,
    /// A category's key.
    pub category: String,
    /// How the range is cut.
    pub by: String,
}

/// How a range is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Each day.
    #[default]
    Day,
    /// Each hour of the day, over all days.
    Hour,
    /// Each team.
    Team,
    /// Each person, with the person's own share.
    Agent,
    /// Each category.
    Category,
}

impl By {
    /// All ways, with their words.
    pub const ALL: [(Self, &str, &str); 5] = [
        (Self::Day, "day", "Day"),
        (Self::Hour, "hour", "Hour of the day"),
        (Self::Team, "team", "Team"),
        (Self::Agent, "agent", "Agent"),
        (Self::Category, "category", "Category"),
    ];
}

/// Something in what was asked for that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: &'static str,
    /// What to do.
    pub text: String,
}

/// The things that history can be asked for.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Teams.
    pub teams: Vec<Named>,
    /// Categories.
    pub categories: Vec<Named>,
    /// People, by their ids.
    pub agents: Vec<Named>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// A team's chats.
    pub team: Option<Uuid>,
    /// A person's share.
    pub agent: Option<Uuid>,
    /// A category's chats.
    pub category: Option<Uuid>,
    /// How it is cut.
    pub by: By,
}

/// What may be asked for.
pub async fn choices(app: &App) -> Result<Choices> {
    let agents = queries::staff_names(&app.db).await?.into_iter();
    Ok(Choices {
        teams: queries::teams(&app.db).await?,
        categories: queries::categories(&app.db).await?,
        agents: agents.map(|(id, name)| Named { id, key: id.to_string(), name }).collect(),
    })
}

/// Reads what was asked for; without dates the week up to today.
pub fn read(asked: &Asked, choices: &Choices, today: NaiveDate) -> std::result::Result<Question, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut date = |field, name, text: &str, otherwise| match text.trim() {
        "" => otherwise,
        text => text.parse().unwrap_or_else(|_| {
            problems.push(Problem { field, text: format!("{name}: please give a date such as 2026-03-09.") });
            otherwise
        }),
    };
    let to = date("to", "Last day", &asked.to, today);
    let week_ago = to.checked_sub_days(Days::new(6)).unwrap_or(to);
    let from = date("from", "First day", &asked.from, week_ago);
    if problems.is_empty() {
        match (to - from).num_days() {
            days if days < 0 => {
                problems.push(Problem { field: "to", text: "The last day comes before the first.".into() })
            }
            days if days >= MOST_DAYS => {
                problems.push(Problem { field: "from", text: format!("Please choose at most {MOST_DAYS} days.") });
            }
            _ => {}
        }
    }
    let mut one_of = |field, all: &[Named], key: &str, what: &str| match key.trim() {
        "" => None,
        key => {
            let found = all.iter().find(|named| named.key == key).map(|named| named.id);
            if found.is_none() {
                problems
                    .push(Problem { field, text: format!("There is no such {what}. Please choose one of the list.") });
            }
            found
        }
    };
    let team = one_of("team", &choices.teams, &asked.team, "team");
    let agent = one_of("agent", &choices.agents, &asked.agent, "agent");
    let category = one_of("category", &choices.categories, &asked.category, "category");
    let by = match asked.by.trim() {
        "" => By::Day,
        key => By::ALL.into_iter().find(|(_, known, _)| *known == key).map_or_else(
            || {
                problems.push(Problem { field: "by", text: "Please choose one of the ways to cut the range.".into() });
                By::Day
            },
            |(by, ..)| by,
        ),
    };
    if problems.is_empty() { Ok(Question { from, to, team, agent, category, by }) } else { Err(problems) }
}
