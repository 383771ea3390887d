//! The day: who comes when and with what, who is there, and what happens to an offer. The same for every policy.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
};

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{
    chat::routing::{Person, Waiting},
    desk::rules::Rules,
    identity::staff::Presence,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::policy::Policy;

/// Nine to five, in seconds.
pub const LENGTH: i64 = 8 * 3600;
const TEAMS: [(u128, f64); 4] = [(1, 0.40), (2, 0.30), (3, 0.20), (4, 0.10)];
const WRAP_UP: i64 = 30;

/// A chat that comes.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub at: i64,
    pub waiting: Waiting,
    /// How long it is served.
    pub length: i64,
}

/// Everything that does not depend on the policy.
pub struct Day {
    pub arrivals: Vec<Arrival>,
    pub people: Vec<Person>,
    /// Chance decides what becomes of an offer, by the chat and how often it was offered.
    seed: u64,
}

/// What became of each chat and person.
#[derive(Default)]
pub struct Outcome {
    /// The wait of each chat until somebody took it, by its place in the arrivals.
    pub waits: HashMap<usize, i64>,
    /// Seconds of places that each person had in use.
    pub busy: HashMap<Uuid, i64>,
    /// How often somebody had more than the places.
    pub over_capacity: usize,
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

impl Day {
    pub fn new(seed: u64, chats: usize, people: usize) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        // Two rushes, at half past ten and at half past two, over a steady flow.
        let mut times: Vec<i64> = (0..chats)
            .map(|_| {
                loop {
                    let second = chance.random_range(0..LENGTH - 1800);
                    let rush = |middle: f64| (-((second as f64 - middle) / 2400.0).powi(2)).exp();
                    if chance.random_bool((0.35 + 0.65 * rush(5400.0) + 0.55 * rush(19_800.0)).min(1.0)) {
                        break second;
                    }
                }
            })
            .collect();
        times.sort_unstable();
        let arrivals = times.into_iter().enumerate().map(|(n, second)| arrival(&mut chance, n, second)).collect();
        let people = (0..people).map(|n| person(&mut chance, n)).collect();
        Self { arrivals, people, seed }
    }

    /// How an offer ends: after how many seconds, and whether it is taken.
    fn answer(&self, chat: usize, offers: u64) -> (i64, Answer) {
        let mut chance = StdRng::seed_from_u64(self.seed ^ (chat as u64) << 20 ^ offers);
        match chance.random_range(0..100) {
            0..3 => (chance.random_range(2..12), Answer::Declined),
            3..5 => (30, Answer::Missed),
            _ => (chance.random_range(2..12), Answer::Taken),
        }
    }
}

fn pick_team(chance: &mut StdRng) -> u128 {
    let mut left: f64 = chance.random();
    for (team, share) in TEAMS {
        left -= share;
        if left < 0.0 {
            return team;
        }
    }
    TEAMS[0].0
}

fn arrival(chance: &mut StdRng, n: usize, second: i64) -> Arrival {
    // The second team has more to do than its people can: that is what the overflow team is for.
    let team = if chance.random_bool(0.08) { 2 } else { pick_team(chance) };
    let severity = [1, 2, 2, 3, 3, 3, 3, 3, 3, 4][chance.random_range(0..10)];
    let length = (480.0 * (chance.random::<f64>() + chance.random::<f64>() + chance.random::<f64>())).max(60.0) as i64;
    let waiting = Waiting {
        chat: Uuid::from_u128(1_000_000 + n as u128),
        severity,
        due_at: at(second + 60),
        entered: at(second),
        since: at(second),
        team: Uuid::from_u128(team),
        tier: 1,
        overflow: (team == 2).then(|| Uuid::from_u128(4)),
        language: Some(if chance.random_bool(0.08) { "es" } else { "en" }.to_owned()),
        owner: None,
        held_by: None,
        only: None,
        told: false,
        line_only: false,
    };
    Arrival { at: second, waiting, length }
}

fn person(chance: &mut StdRng, n: usize) -> Person {
    let languages = match n % 8 {
        0 => vec!["en".to_owned(), "es".to_owned()],
        _ => Vec::new(),
    };
    Person {
        staff: Uuid::from_u128(1 + n as u128),
        tier: if n % 10 < 8 { 1 } else { 2 },
        capacity: [2, 3, 3, 4][chance.random_range(0..4)],
        state: Presence::Online,
        idle_since: at(0),
        load: 0,
        teams: vec![Uuid::from_u128(pick_team(chance))],
        languages,
    }
}

#[derive(Clone, Copy)]
enum Answer {
    Taken,
    Declined,
    Missed,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Answers(usize, usize),
    Ends(usize),
    Frees(usize),
    Returns(usize),
    Looks,
}

/// Runs the day under a policy.
pub fn run(day: &Day, policy: &mut impl Policy) -> Outcome {
    let rules = Rules::default();
    let mut people = day.people.clone();
    let places: HashMap<Uuid, usize> = people.iter().enumerate().map(|(n, p)| (p.staff, n)).collect();
    let chats: HashMap<Uuid, usize> = day.arrivals.iter().enumerate().map(|(n, a)| (a.waiting.chat, n)).collect();
    let mut events: BinaryHeap<Reverse<(i64, u64, Event)>> = BinaryHeap::new();
    let mut count = 0;
    let mut line: Vec<Waiting> = Vec::new();
    let mut declined: HashSet<(Uuid, Uuid)> = HashSet::new();
    let mut offers: HashMap<usize, u64> = HashMap::new();
    let mut served_by: HashMap<usize, usize> = HashMap::new();
    let mut outcome = Outcome::default();
    let mut push = |events: &mut BinaryHeap<_>, time, event| {
        count += 1;
        events.push(Reverse((time, count, event)));
    };
    for (n, arrival) in day.arrivals.iter().enumerate() {
        push(&mut events, arrival.at, Event::Arrives(n));
    }
    while let Some(Reverse((now, _, event))) = events.pop() {
        match event {
            Event::Arrives(n) => {
                line.push(day.arrivals[n].waiting.clone());
                for after in [rules.wider_after_seconds, rules.overflow_after_seconds, rules.tell_after_seconds] {
                    push(&mut events, now + i64::from(after), Event::Looks);
                }
            }
            Event::Answers(chat, who) => match day.answer(chat, offers[&chat]).1 {
                Answer::Taken => {
                    outcome.waits.insert(chat, now - day.arrivals[chat].at);
                    served_by.insert(chat, who);
                    people[who].idle_since = at(now);
                    push(&mut events, now + day.arrivals[chat].length, Event::Ends(chat));
                }
                answer => {
                    people[who].load -= 100;
                    line.push(day.arrivals[chat].waiting.clone());
                    match answer {
                        Answer::Missed => {
                            people[who].state = Presence::Away;
                            push(&mut events, now + 300, Event::Returns(who));
                        }
                        _ => drop(declined.insert((day.arrivals[chat].waiting.chat, people[who].staff))),
                    }
                }
            },
            // Written up for a while, the chat still counts as load.
            Event::Ends(chat) => push(&mut events, now + WRAP_UP, Event::Frees(chat)),
            Event::Frees(chat) => {
                let who = served_by[&chat];
                people[who].load -= 100;
                people[who].idle_since = at(now);
                let taken = day.arrivals[chat].at + outcome.waits[&chat];
                *outcome.busy.entry(people[who].staff).or_default() += now - taken;
            }
            Event::Returns(who) => people[who].state = Presence::Online,
            Event::Looks => {}
        }
        // What happens at one moment is seen at once.
        if events.peek().is_some_and(|Reverse((next, ..))| *next == now) || line.is_empty() {
            continue;
        }
        // When all have declined, the supervisors who were told ask them again.
        let told = |w: &Waiting| at(now) >= w.since + TimeDelta::seconds(i64::from(rules.tell_after_seconds));
        for waiting in line.iter().filter(|w| told(w)) {
            declined.retain(|(chat, _)| *chat != waiting.chat);
        }
        let there: Vec<Person> = people.iter().filter(|p| p.state == Presence::Online).cloned().collect();
        for offer in policy.assign(&mut line, &there, &declined, at(now), &rules) {
            let (chat, who) = (chats[&offer.chat], places[&offer.staff]);
            line.retain(|waiting| waiting.chat != offer.chat);
            people[who].load += 100;
            outcome.over_capacity += usize::from(people[who].load > i64::from(people[who].capacity) * 100);
            let nth = offers.entry(chat).and_modify(|n| *n += 1).or_insert(1);
            push(&mut events, now + day.answer(chat, *nth).0, Event::Answers(chat, who));
        }
    }
    outcome
}
