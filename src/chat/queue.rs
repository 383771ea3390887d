//! The line as customers see it: the place, and an honest expected wait from the line's recent real waits.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::queries::BoardChat;

/// How many real waits are needed before a wait is promised.
const ENOUGH: usize = 3;
/// How many of the latest count.
const LATEST: usize = 20;

/// The latest real waits of each line, by team and tier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Waits(HashMap<(Uuid, i16), Vec<TimeDelta>>);

impl Waits {
    /// From rows of (team, tier, entered, answered), newest first.
    pub fn new(rows: Vec<(Uuid, i16, DateTime<Utc>, DateTime<Utc>)>) -> Self {
        let mut lines: HashMap<(Uuid, i16), Vec<TimeDelta>> = HashMap::new();
        for (team, tier, entered, answered) in rows {
            let waits = lines.entry((team, tier)).or_default();
            if waits.len() < LATEST {
                waits.push(answered - entered);
            }
        }
        lines.values_mut().for_each(|waits| waits.sort_unstable());
        Self(lines)
    }

    /// What is left of the line's median wait after `waited`; nothing when there were too few waits or it is over already:
    /// no number is better than a wrong one.
    pub fn expected(&self, team: Uuid, tier: i16, waited: TimeDelta) -> Option<TimeDelta> {
        let waits = self.0.get(&(team, tier)).filter(|waits| waits.len() >= ENOUGH)?;
        let median = waits.get(waits.len() / 2)?;
        (*median > waited).then(|| *median - waited)
    }
}

/// The place of a waiting chat: 1 is next. `waiting` are all that wait, in the order of the line.
pub fn place<'a>(waiting: impl Iterator<Item = &'a BoardChat>, chat: &BoardChat) -> u32 {
    let same_line = waiting.filter(|c| c.team_id == chat.team_id && c.tier == chat.tier);
    let before = same_line.take_while(|c| c.id != chat.id).count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_05_the_wait_is_the_median_of_real_ones_less_what_has_passed() {
        let (team, start) = (Uuid::from_u128(1), DateTime::UNIX_EPOCH);
        let rows = |minutes: &[i64]| minutes.iter().map(|m| (team, 1, start, start + TimeDelta::minutes(*m))).collect();
        let waits = Waits::new(rows(&[2, 10, 4]));
        assert_eq!(waits.expected(team, 1, TimeDelta::minutes(1)), Some(TimeDelta::minutes(3)));
        assert_eq!(waits.expected(team, 1, TimeDelta::minutes(4)), None);
        assert_eq!(waits.expected(team, 2, TimeDelta::zero()), None);
        assert_eq!(Waits::new(rows(&[2, 3])).expected(team, 1, TimeDelta::zero()), None);
    }
}
