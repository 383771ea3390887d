//! Severities: what they are called, when they apply, how soon a chat of each is answered. There are always four.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{app::App, error::Result, identity::staff::Staff, input, store::Db};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::categories as queries,
};

/// The longest time for an answer, in seconds: a day.
const LONGEST: i64 = 24 * 60 * 60;

/// A severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Severity {
    /// 1 (worst) to 4.
    pub level: i16,
    /// Its name.
    pub name: String,
    /// When it applies.
    pub definition: String,
    /// How soon a chat of it shall be answered.
    pub answer_seconds: i32,
}

/// What a form gives of a severity, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct SeverityFields {
    /// 1 (worst) to 4.
    pub level: i16,
    /// Its name.
    pub name: String,
    /// When it applies.
    pub definition: String,
    /// Seconds.
    pub answer_seconds: String,
}

/// All severities, worst first.
pub async fn all(db: &Db) -> Result<Vec<Severity>> {
    Ok(queries::severities(db).await?)
}

/// Changes severities. `seen`: the mark of all of them when they were read.
pub async fn save(app: &App, staff: &Staff, fields: &[SeverityFields], seen: Option<&str>) -> Result<()> {
    staff.require_admin("change the severities")?;
    let mut work = change::begin(app).await?;
    let before = queries::severities_in(&mut work.tx).await?;
    change::require_unchanged(seen, &before)?;
    let (mut after, mut check) = (before.clone(), Check::default());
    for severity in &mut after {
        let Some(given) = fields.iter().find(|given| given.level == severity.level) else { continue };
        let id = |field: &str| format!("{field}-{}", severity.level);
        let (name, definition, seconds) = (id("name"), id("definition"), id("answer_seconds"));
        severity.name = check.read(&name, input::line("the name", &given.name, 60))?;
        severity.definition = check.read(&definition, input::line("when it applies", &given.definition, 400))?;
        let read = change::number("Answered within", &given.answer_seconds, 1, LONGEST);
        severity.answer_seconds = i32::try_from(check.read(&seconds, read)?).unwrap_or(i32::MAX);
    }
    check.done()?;
    for severity in &after {
        queries::update_severity(&mut work.tx, severity).await?;
    }
    let subject = Subject { kind: "severity", key: "severities" };
    audit::note(&mut work, staff, subject, "Changed the severities.", &noted(&before), &noted(&after)).await?;
    work.commit().await
}

fn noted(severities: &[Severity]) -> Map<String, Value> {
    let fields = severities.iter().flat_map(|Severity { level, name, definition, answer_seconds }| {
        [
            (format!("{level}_name"), json!(name)),
            (format!("{level}_definition"), json!(definition)),
            (format!("{level}_answer_seconds"), json!(answer_seconds)),
        ]
    });
    fields.collect()
}
