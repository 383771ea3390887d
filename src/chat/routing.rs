//! Who gets which waiting chat or case: pure functions over the line, the people and the desk's rules.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    desk::rules::{self, Rules},
    identity::staff::Presence,
};

/// A chat that waits and is not on offer: in line, or with a specialist who hands it on.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// Which chat.
    pub chat: Uuid,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// When it shall be answered at the latest.
    pub due_at: DateTime<Utc>,
    /// When it first entered the line; declines and transfers do not change it.
    pub entered: DateTime<Utc>,
    /// Since when it waits where it is now.
    pub since: DateTime<Utc>,
    /// The team that it waits for.
    pub team: Uuid,
    /// The tier that it waits for.
    pub tier: i16,
    /// Who helps that team out.
    pub overflow: Option<Uuid>,
    /// The language that is needed; nothing: any.
    pub language: Option<String>,
    /// Who owns the customer's latest open case.
    pub owner: Option<Uuid>,
    /// Who hands it on, and has it until somebody takes it.
    pub held_by: Option<Uuid>,
    /// The one person whom it is handed to.
    pub only: Option<Uuid>,
    /// Supervisors were told that nobody takes it.
    pub told: bool,
    /// It stays in its line, however long it waits: another tier or team takes a step of its own.
    #[sqlx(skip)]
    pub line_only: bool,
}

/// A person who is there, with what the person carries.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// Who.
    pub staff: Uuid,
    /// 1 to 4.
    pub tier: i16,
    /// Places: how many chats at once.
    pub capacity: i16,
    /// Online, or for transfers only.
    pub state: Presence,
    /// Since when the person has not been given a chat.
    pub idle_since: DateTime<Utc>,
    /// What the person carries, in hundredths of a place.
    pub load: i64,
    /// The person's teams.
    #[sqlx(skip)]
    pub teams: Vec<Uuid>,
    /// The languages that the person answers in; none: the desk's own.
    #[sqlx(skip)]
    pub languages: Vec<String>,
}

/// One offer to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The chat.
    pub chat: Uuid,
    /// Whom it is offered to.
    pub staff: Uuid,
}

/// How far around its line a chat is offered; each circle holds the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Circle {
    /// The team and tier that it waits for.
    Line,
    /// The next tier of that team.
    NextTier,
    /// The team's overflow team, at both tiers.
    Overflow,
}

impl Circle {
    fn wider(self) -> Option<Self> {
        match self {
            Self::Line => Some(Self::NextTier),
            Self::NextTier => Some(Self::Overflow),
            Self::Overflow => None,
        }
    }
}

/// Puts the line in order: severity, then when the answer is due, then who came first.
pub fn order(line: &mut [Waiting]) {
    line.sort_by_key(|waiting| (waiting.severity, waiting.due_at, waiting.entered, waiting.chat));
}

/// How far a chat is offered after the time that it waited.
fn reach(waiting: &Waiting, now: DateTime<Utc>, rules: &Rules) -> Circle {
    if waiting.line_only {
        Circle::Line
    } else if now >= waiting.since + seconds(rules.overflow_after_seconds) {
        Circle::Overflow
    } else if now >= waiting.since + seconds(rules.wider_after_seconds) {
        Circle::NextTier
    } else {
        Circle::Line
    }
}

/// The narrowest circle of a chat in which a person is; nothing: the person may not answer it.
fn circle(waiting: &Waiting, person: &Person) -> Option<Circle> {
    if waiting.held_by == Some(person.staff) {
        return None;
    }
    if let Some(only) = waiting.only {
        return (only == person.staff).then_some(Circle::Line);
    }
    // Whoever is there for transfers only gets what a colleague hands on, and nothing from the line.
    if person.state != Presence::Online && waiting.held_by.is_none() || !speaks(person, waiting.language.as_deref()) {
        return None;
    }
    let (same, next) = (person.tier == waiting.tier, person.tier == waiting.tier + 1);
    let helps = waiting.overflow.is_some_and(|team| person.teams.contains(&team));
    if person.teams.contains(&waiting.team) && same {
        Some(Circle::Line)
    } else if person.teams.contains(&waiting.team) && next {
        Some(Circle::NextTier)
    } else if helps && (same || next) {
        Some(Circle::Overflow)
    } else {
        None
    }
}

fn speaks(person: &Person, language: Option<&str>) -> bool {
    match language {
        None => true,
        Some(rules::OWN_LANGUAGE) if person.languages.is_empty() => true,
        Some(language) => person.languages.iter().any(|spoken| spoken == language),
    }
}

/// Goes down the line, which is in order, each chat or case of it `weight` hundredths of a place, and gives each chat to one of those who may answer it: the owner of the customer's open
/// case first, then the nearest circle, then who has the most free places, then who has been idle longest. Nobody gets more than
/// the places, nor a chat that the person declined; what finds nobody waits on. When all who could take it have declined, the next
/// circle is asked before its time.
pub fn assign(
    line: &[Waiting],
    people: &[Person],
    declined: &HashSet<(Uuid, Uuid)>,
    now: DateTime<Utc>,
    rules: &Rules,
    weight: u32,
) -> Vec<Assignment> {
    let weight = i64::from(weight);
    let mut load: HashMap<Uuid, i64> = people.iter().map(|p| (p.staff, p.load)).collect();
    let mut offers = Vec::new();
    for waiting in line {
        let may: Vec<(Circle, &Person)> = people.iter().filter_map(|p| Some((circle(waiting, p)?, p))).collect();
        let reach = reach_of(waiting, &may, declined, now, rules);
        let free = |p: &Person| i64::from(p.capacity) * 100 - load.get(&p.staff).copied().unwrap_or(i64::MAX / 2);
        let best = may
            .iter()
            .filter(|(circle, p)| *circle <= reach && free(p) >= weight && !declined.contains(&(waiting.chat, p.staff)))
            .min_by_key(|(circle, p)| {
                (waiting.owner != Some(p.staff), *circle, Reverse(free(p)), p.idle_since, p.staff)
            });
        if let Some((_, person)) = best {
            *load.entry(person.staff).or_default() += weight;
            offers.push(Assignment { chat: waiting.chat, staff: person.staff });
        }
    }
    offers
}

fn reach_of(
    waiting: &Waiting,
    may: &[(Circle, &Person)],
    declined: &HashSet<(Uuid, Uuid)>,
    now: DateTime<Utc>,
    rules: &Rules,
) -> Circle {
    let mut reach = reach(waiting, now, rules);
    loop {
        let mut within = may.iter().filter(|(circle, _)| *circle <= reach).peekable();
        let all_declined = within.peek().is_some() && within.all(|(_, p)| declined.contains(&(waiting.chat, p.staff)));
        match reach.wider() {
            Some(wider) if all_declined && !waiting.line_only => reach = wider,
            _ => return reach,
        }
    }
}

/// Whether supervisors are to be told that nobody takes a chat.
pub fn is_to_be_told(waiting: &Waiting, now: DateTime<Utc>, rules: &Rules) -> bool {
    !waiting.told && now >= waiting.since + seconds(rules.tell_after_seconds)
}

/// When a waiting chat is next offered further, or told of; nothing: time changes nothing any more.
pub fn next_step(waiting: &Waiting, now: DateTime<Utc>, rules: &Rules) -> Option<DateTime<Utc>> {
    let steps = [rules.wider_after_seconds, rules.overflow_after_seconds, rules.tell_after_seconds];
    steps.into_iter().map(|after| waiting.since + seconds(after)).filter(|step| *step > now).min()
}

fn seconds(seconds: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(seconds))
}

#[cfg(test)]
mod tests;
