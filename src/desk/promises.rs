//! What the desk promises for cases: within how many business hours they are acknowledged, answered and resolved, and how long a
//! given solution waits for the customer's word (AGREE-03, AGREE-04, HOURS-05).

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    store::{Db, Tx},
};

use super::{
    change::{self, Check},
    stored::{self, Stored},
};

/// A promise for each severity, 1 to 4, in business hours; nothing: it is not promised.
pub type BySeverity = [Option<u32>; 4];

/// All promises. What is not stored has its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Promises {
    /// Only opening hours count; otherwise each business day counts 24.
    pub opening_hours_only: bool,
    /// Every case is acknowledged within so many business hours.
    pub acknowledge_target: u32,
    /// Later than this the promise is broken.
    pub acknowledge_breach: u32,
    /// From the making of the case to the desk's first words to the customer.
    pub first_answer: BySeverity,
    /// From the customer's words to the desk's next ones.
    pub next_answer: BySeverity,
    /// From the making of the case to its solution.
    pub resolution: BySeverity,
    /// For so many business days a given solution waits for the customer's word; then the case is closed.
    pub silence_days: u32,
    /// Supervisors are told of a case that nobody has taken for so many business hours.
    pub unclaimed_told: Option<u32>,
    /// It goes to the next tier after so many.
    pub unclaimed_raised: Option<u32>,
    /// Supervisors are told of a case on which nothing has happened for so many business hours.
    pub unmoved_told: Option<u32>,
    /// It goes to the next tier after so many.
    pub unmoved_raised: Option<u32>,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            opening_hours_only: false,
            acknowledge_target: 24,
            acknowledge_breach: 48,
            first_answer: [None; 4],
            next_answer: [None; 4],
            resolution: [None; 4],
            silence_days: 5,
            unclaimed_told: None,
            unclaimed_raised: None,
            unmoved_told: Some(72),
            unmoved_raised: None,
        }
    }
}

/// The longest promise, in business hours.
const LONGEST: u32 = 2_000;
/// The longest wait for a customer's word, in business days.
const LONGEST_SILENCE: u32 = 60;

impl Stored for Promises {
    const KEY: &'static str = "promises";
    const NAME: &'static str = "what the desk promises";

    fn check(&self) -> Result<()> {
        let mut check = Check::default();
        let mut within = |hours: u32, field: &str, most: u32| {
            let words = format!("Please give a number from 1 to {most}.");
            check.require((1..=most).contains(&hours), field, "bad_promise", words);
        };
        within(self.acknowledge_target, "acknowledge_target", LONGEST);
        within(self.acknowledge_breach, "acknowledge_breach", LONGEST);
        within(self.silence_days, "silence_days", LONGEST_SILENCE);
        for (name, hours) in [
            ("unclaimed_told", self.unclaimed_told),
            ("unclaimed_raised", self.unclaimed_raised),
            ("unmoved_told", self.unmoved_told),
            ("unmoved_raised", self.unmoved_raised),
        ] {
            within(hours.unwrap_or(1), name, LONGEST);
        }
        for (name, hours) in
            [("first_answer", self.first_answer), ("next_answer", self.next_answer), ("resolution", self.resolution)]
        {
            for (severity, hours) in (1..).zip(hours) {
                within(hours.unwrap_or(1), &format!("{name}-{severity}"), LONGEST);
            }
        }
        let words = "The second number is not smaller than the first: a promise breaks after its target.";
        let in_order = self.acknowledge_target <= self.acknowledge_breach;
        check.require(in_order, "acknowledge_breach", "bad_promise", words.to_owned());
        check.done()
    }
}

impl Promises {
    /// Promises from a form's fields, all that is wrong said at once.
    pub fn read<'a>(opening_hours_only: bool, value: impl Fn(&str) -> &'a str) -> Result<Self> {
        let mut check = Check::default();
        let mut number = |key: &str, name: &str, most: u32| -> Result<u32> {
            let read = change::number(name, value(key), 1, most.into());
            Ok(u32::try_from(check.read(key, read)?).unwrap_or_default())
        };
        let mut promises = Self {
            opening_hours_only,
            acknowledge_target: number("acknowledge_target", "The target", LONGEST)?,
            acknowledge_breach: number("acknowledge_breach", "The limit", LONGEST)?,
            silence_days: number("silence_days", "The wait", LONGEST_SILENCE)?,
            ..Self::default()
        };
        for (name, hours) in [
            ("first_answer", &mut promises.first_answer),
            ("next_answer", &mut promises.next_answer),
            ("resolution", &mut promises.resolution),
        ] {
            for (severity, hours) in (1..).zip(hours) {
                let key = format!("{name}-{severity}");
                *hours = match value(&key).trim() {
                    "" => None,
                    _ => Some(number(&key, "The promise", LONGEST)?),
                };
            }
        }
        for (key, hours) in [
            ("unclaimed_told", &mut promises.unclaimed_told),
            ("unclaimed_raised", &mut promises.unclaimed_raised),
            ("unmoved_told", &mut promises.unmoved_told),
            ("unmoved_raised", &mut promises.unmoved_raised),
        ] {
            *hours = match value(key).trim() {
                "" => None,
                _ => Some(number(key, "The time", LONGEST)?),
            };
        }
        check.done()?;
        promises.check()?;
        Ok(promises)
    }
}

/// The promises as they are.
pub async fn load(db: &Db) -> Result<Promises> {
    stored::load(db).await
}

/// The same within a transaction.
pub async fn load_in(tx: &mut Tx) -> Result<Promises> {
    stored::load_in(tx).await
}
