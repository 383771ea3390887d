//! The policies: the product's, and two plain ones that know the line as it came and nothing else.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use deskbell::{
    chat::routing::{self, Assignment, Person, Waiting},
    desk::rules::Rules,
};
use uuid::Uuid;

pub trait Policy {
    fn assign(
        &mut self,
        line: &mut [Waiting],
        people: &[Person],
        declined: &HashSet<(Uuid, Uuid)>,
        now: DateTime<Utc>,
        rules: &Rules,
    ) -> Vec<Assignment>;
}

/// The product's own.
pub struct Product;

impl Policy for Product {
    fn assign(
        &mut self,
        line: &mut [Waiting],
        people: &[Person],
        declined: &HashSet<(Uuid, Uuid)>,
        now: DateTime<Utc>,
        rules: &Rules,
    ) -> Vec<Assignment> {
        routing::order(line);
        routing::assign(line, people, declined, now, rules, rules.chat_weight)
    }
}

/// Whether a person of the line itself may take the chat and has room.
fn may(waiting: &Waiting, person: &Person, given: i64, declined: &HashSet<(Uuid, Uuid)>) -> bool {
    let language = waiting.language.as_deref().unwrap_or("en");
    let speaks = person.languages.iter().any(|l| l == language) || person.languages.is_empty() && language == "en";
    person.teams.contains(&waiting.team)
        && person.tier == waiting.tier
        && speaks
        && person.load + given + 100 <= i64::from(person.capacity) * 100
        && !declined.contains(&(waiting.chat, person.staff))
}

/// First come, first served; `choose` picks one of those who may.
fn in_turn(
    line: &mut [Waiting],
    people: &[Person],
    declined: &HashSet<(Uuid, Uuid)>,
    mut choose: impl FnMut(&[&Person]) -> Uuid,
) -> Vec<Assignment> {
    line.sort_by_key(|waiting| waiting.entered);
    let mut offers: Vec<Assignment> = Vec::new();
    for waiting in line.iter() {
        let given = |p: &Person| 100 * offers.iter().filter(|offer| offer.staff == p.staff).count() as i64;
        let mut able: Vec<&Person> = people.iter().filter(|p| may(waiting, p, given(p), declined)).collect();
        // Where all of the line have declined, somebody must be asked again.
        if able.is_empty() {
            able = people.iter().filter(|p| may(waiting, p, given(p), &HashSet::new())).collect();
        }
        if !able.is_empty() {
            offers.push(Assignment { chat: waiting.chat, staff: choose(&able) });
        }
    }
    offers
}

/// One after the other, whoever has room.
#[derive(Default)]
pub struct RoundRobin {
    last: Uuid,
}

impl Policy for RoundRobin {
    fn assign(
        &mut self,
        line: &mut [Waiting],
        people: &[Person],
        declined: &HashSet<(Uuid, Uuid)>,
        _: DateTime<Utc>,
        _: &Rules,
    ) -> Vec<Assignment> {
        in_turn(line, people, declined, |able| {
            let next = able.iter().find(|p| p.staff > self.last).or(able.first());
            self.last = next.map(|p| p.staff).unwrap_or_default();
            self.last
        })
    }
}

/// Whoever was given a chat longest ago and has room.
pub struct LongestIdle;

impl Policy for LongestIdle {
    fn assign(
        &mut self,
        line: &mut [Waiting],
        people: &[Person],
        declined: &HashSet<(Uuid, Uuid)>,
        _: DateTime<Utc>,
        _: &Rules,
    ) -> Vec<Assignment> {
        in_turn(line, people, declined, |able| {
            able.iter().min_by_key(|p| (p.idle_since, p.staff)).map(|p| p.staff).unwrap_or_default()
        })
    }
}
