//! The desk's rules: the numbers that admins set for routing, the console and the wallboard.

use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    store::{Db, Tx},
    work::Work,
};

use super::{
    audit::{self, Subject},
    queries,
};

/// The language of those people who name none, as an ISO 639-1 code.
pub const OWN_LANGUAGE: &str = "en";

/// All rules. What is not stored has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// After how many seconds in line a chat is offered to the next tier, too.
    pub wider_after_seconds: u32,
    /// After how many seconds to the team's overflow team.
    pub overflow_after_seconds: u32,
    /// After how many seconds supervisors are told.
    pub tell_after_seconds: u32,
    /// For how many seconds an ended chat still counts as its specialist's load.
    pub wrap_up_seconds: u32,
    /// After how many seconds without a connection a specialist's chats go back to the line.
    pub lost_after_seconds: u32,
    /// What a chat that is served counts, in hundredths of a place.
    pub chat_weight: u32,
    /// What a case counts that a person works on, in hundredths of a place.
    pub case_weight: u32,
    /// Specialists see what customers are typing.
    pub typing_preview: bool,
    /// Within how many seconds a chat counts as answered in time.
    pub service_level_seconds: u32,
    /// Who leaves within so many seconds does not count for the service level.
    pub short_abandon_seconds: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            wider_after_seconds: 60,
            overflow_after_seconds: 120,
            tell_after_seconds: 180,
            wrap_up_seconds: 30,
            lost_after_seconds: 60,
            chat_weight: 100,
            case_weight: 0,
            typing_preview: true,
            service_level_seconds: 60,
            short_abandon_seconds: 5,
        }
    }
}

/// The rules as they are.
pub async fn load(db: &Db) -> Result<Rules> {
    Ok(read(queries::rules(db).await?.as_deref()))
}

/// The same within a transaction.
pub async fn load_in(tx: &mut Tx) -> Result<Rules> {
    Ok(read(queries::rules_in(tx).await?.as_deref()))
}

fn read(stored: Option<&str>) -> Rules {
    // Only this program writes them; a number that an older one left out has its default.
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Sets the rules. Only admins may.
pub async fn save(app: &App, staff: &Staff, rules: &Rules) -> Result<()> {
    staff.require_admin("change the desk's rules")?;
    rules.check()?;
    let mut work = Work::begin(app).await?;
    let before = load_in(&mut work.tx).await?;
    let text = serde_json::to_string(rules).map_err(Error::internal)?;
    queries::set_rules(&mut work.tx, &text).await?;
    let subject = Subject { kind: "rules", key: "rules" };
    audit::note(&mut work, staff, subject, "Changed the desk's rules.", &before, rules).await?;
    work.desk_changed();
    work.commit().await
}

impl Rules {
    fn check(&self) -> Result<()> {
        let day = 24 * 60 * 60;
        let seconds = [
            ("Offer to the next tier", self.wider_after_seconds),
            ("Offer to the overflow team", self.overflow_after_seconds),
            ("Tell supervisors", self.tell_after_seconds),
            ("Wrap-up time", self.wrap_up_seconds),
            ("Back to the line when the specialist is lost", self.lost_after_seconds),
            ("Answered in time", self.service_level_seconds),
            ("Left at once", self.short_abandon_seconds),
        ];
        if let Some((name, _)) = seconds.iter().find(|(_, seconds)| *seconds > day) {
            return Err(Error::invalid("bad_rule", format!("{name}: please give at most {day} seconds, a day.")));
        }
        if self.chat_weight == 0 || self.chat_weight > 1000 || self.case_weight > 1000 {
            return Err(Error::invalid("bad_rule", "A chat counts 1 to 1000 hundredths of a place, a case 0 to 1000."));
        }
        Ok(())
    }
}
