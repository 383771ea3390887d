//! The desk's rules: the numbers that admins set for routing, the console and the wallboard.

use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::Result,
    identity::staff::Staff,
    store::{Db, Tx},
};

use super::{
    change::{self, Check},
    stored::{self, Stored},
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
    /// Cases that wait in a queue are offered to whoever has places free.
    pub offer_cases: bool,
    /// For how many seconds a case is offered to one person.
    pub case_offer_seconds: u32,
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
            offer_cases: false,
            case_offer_seconds: 300,
            typing_preview: true,
            service_level_seconds: 60,
            short_abandon_seconds: 5,
        }
    }
}

impl Stored for Rules {
    const KEY: &'static str = "rules";
    const NAME: &'static str = "the desk's rules";

    fn check(&self) -> Result<()> {
        let mut check = Check::default();
        for RuleField { key, name, least, most, .. } in FIELDS {
            let words = format!("{name}: please give a number from {least} to {most}.");
            check.require((least..=most).contains(&self.get(key)), key, "bad_rule", words);
        }
        let words =
            "A case that is worked on counts: please give at least 1, or cases would be offered without an end.";
        check.require(!self.offer_cases || self.case_weight > 0, "case_weight", "bad_rule", words);
        check.done()
    }
}

/// The rules as they are.
pub async fn load(db: &Db) -> Result<Rules> {
    stored::load(db).await
}

/// The same within a transaction.
pub async fn load_in(tx: &mut Tx) -> Result<Rules> {
    stored::load_in(tx).await
}

/// Sets the rules. Only admins may.
pub async fn save(app: &App, staff: &Staff, rules: &Rules) -> Result<()> {
    stored::save_seen(app, staff, rules, None).await
}

/// What a number of the rules is called, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct RuleField {
    /// Its name in the stored rules, and its field's in the form.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it does.
    pub hint: &'static str,
    /// In what it is counted.
    pub unit: &'static str,
    least: u32,
    most: u32,
}

const DAY: u32 = 24 * 60 * 60;

/// All numbers of the rules, in the order of the form. (The yes-or-no ones, `typing_preview` and `offer_cases`, are check boxes.)
pub const FIELDS: [RuleField; 10] = [
    RuleField {
        key: "wider_after_seconds",
        name: "Offer to the next tier after",
        hint: "A chat that waits so long in line is offered to people of the next tier, too.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "overflow_after_seconds",
        name: "Offer to the overflow team after",
        hint: "If the chat’s team has one.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "tell_after_seconds",
        name: "Tell supervisors after",
        hint: "That nobody takes a chat.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "lost_after_seconds",
        name: "Back to the line after",
        hint: "So long a specialist’s chats wait for a console that lost its connection.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "wrap_up_seconds",
        name: "Wrap-up time",
        hint: "So long an ended chat still takes its place of the specialist’s capacity.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "chat_weight",
        name: "A chat counts",
        hint: "100 is one place of the capacity.",
        unit: "hundredths",
        least: 1,
        most: 1000,
    },
    RuleField {
        key: "case_weight",
        name: "A case that is worked on counts",
        hint: "0: cases take no place.",
        unit: "hundredths",
        least: 0,
        most: 1000,
    },
    RuleField {
        key: "case_offer_seconds",
        name: "Offer a case to one person for",
        hint: "If cases are offered; then the next one is asked.",
        unit: "seconds",
        least: 10,
        most: DAY,
    },
    RuleField {
        key: "service_level_seconds",
        name: "Answered in time within",
        hint: "What the service level on the wallboard counts.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
    RuleField {
        key: "short_abandon_seconds",
        name: "Left at once within",
        hint: "Who leaves so soon does not count for the service level.",
        unit: "seconds",
        least: 0,
        most: DAY,
    },
];

impl Rules {
    /// A number by its key.
    pub fn get(&self, key: &str) -> u32 {
        self.clone().field(key).map_or(0, |field| *field)
    }

    fn field(&mut self, key: &str) -> Option<&mut u32> {
        Some(match key {
            "wider_after_seconds" => &mut self.wider_after_seconds,
            "overflow_after_seconds" => &mut self.overflow_after_seconds,
            "tell_after_seconds" => &mut self.tell_after_seconds,
            "wrap_up_seconds" => &mut self.wrap_up_seconds,
            "lost_after_seconds" => &mut self.lost_after_seconds,
            "chat_weight" => &mut self.chat_weight,
            "case_weight" => &mut self.case_weight,
            "case_offer_seconds" => &mut self.case_offer_seconds,
            "service_level_seconds" => &mut self.service_level_seconds,
            "short_abandon_seconds" => &mut self.short_abandon_seconds,
            _ => return None,
        })
    }

    /// Rules from a form's fields, all that is wrong said at once.
    pub fn read<'a>(checked: impl Fn(&str) -> bool, value: impl Fn(&str) -> &'a str) -> Result<Self> {
        let (typing_preview, offer_cases) = (checked("typing_preview"), checked("offer_cases"));
        let (mut rules, mut check) = (Self { typing_preview, offer_cases, ..Self::default() }, Check::default());
        for RuleField { key, name, least, most, .. } in FIELDS {
            let read = change::number(name, value(key), least.into(), most.into());
            let number = u32::try_from(check.read(key, read)?).unwrap_or_default();
            if let Some(field) = rules.field(key) {
                *field = number;
            }
        }
        check.done()?;
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_rules_is_in_the_form() {
        let stored = serde_json::to_value(Rules::default()).unwrap();
        let mut keys: Vec<&str> = stored.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known: Vec<&str> =
            FIELDS.iter().map(|field| field.key).chain(["typing_preview", "offer_cases"]).collect();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
        let read = Rules::read(|_| true, |_| "70").unwrap();
        assert!(FIELDS.iter().all(|field| read.get(field.key) == 70) && read.typing_preview && read.offer_cases);
        assert!(Rules::default().check().is_ok());
        assert!(Rules { chat_weight: 0, ..Rules::default() }.check().is_err());
    }
}
