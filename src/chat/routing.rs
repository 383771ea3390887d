//! Who gets which waiting chat: a pure function over the line and the people.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A chat that waits and is not on offer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// Which chat.
    pub chat: Uuid,
    /// The team that it waits for.
    pub team: Uuid,
    /// The tier that it waits for.
    pub tier: i16,
    /// Who owns the customer's latest open case.
    pub owner: Option<Uuid>,
}

/// A person who is online, in one of the person's teams.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// Who.
    pub staff: Uuid,
    /// The team.
    pub team: Uuid,
    /// The person's tier.
    pub tier: i16,
    /// How many chats at once.
    pub capacity: i16,
    /// Since when the person has not been given a chat.
    pub idle_since: DateTime<Utc>,
    /// Chats being served and offers that run.
    pub load: i64,
}

/// One offer to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The chat.
    pub chat: Uuid,
    /// Whom it is offered to.
    pub staff: Uuid,
}

/// Goes down the line and gives each chat, of the people of its team and tier, to the owner of the customer's open case, else to the
/// one with the most free capacity, then the longest idle. Nobody gets more than the capacity, nor a chat that the person declined; who finds nobody waits on.
pub fn assign(line: &[Waiting], people: &[Candidate], declined: &[(Uuid, Uuid)]) -> Vec<Assignment> {
    let mut load: HashMap<Uuid, i64> = people.iter().map(|p| (p.staff, p.load)).collect();
    let mut offers = Vec::new();
    for waiting in line {
        let free =
            |person: &Candidate| i64::from(person.capacity) - load.get(&person.staff).copied().unwrap_or(i64::MAX);
        let best = people
            .iter()
            .filter(|p| p.team == waiting.team && p.tier == waiting.tier && free(p) > 0)
            .filter(|p| !declined.contains(&(waiting.chat, p.staff)))
            .min_by_key(|p| (waiting.owner != Some(p.staff), std::cmp::Reverse(free(p)), p.idle_since, p.staff));
        if let Some(person) = best {
            *load.entry(person.staff).or_default() += 1;
            offers.push(Assignment { chat: waiting.chat, staff: person.staff });
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn person(staff: u128, capacity: i16, load: i64, idle: i64) -> Candidate {
        Candidate {
            staff: id(staff),
            team: id(1),
            tier: 1,
            capacity,
            idle_since: DateTime::UNIX_EPOCH + TimeDelta::seconds(idle),
            load,
        }
    }

    fn chat(n: u128) -> Waiting {
        Waiting { chat: id(n), team: id(1), tier: 1, owner: None }
    }

    #[test]
    fn live_06_most_free_capacity_then_longest_idle() {
        let people = [person(11, 3, 2, 0), person(12, 3, 1, 9), person(13, 3, 1, 5)];
        assert_eq!(assign(&[chat(100)], &people, &[]), [Assignment { chat: id(100), staff: id(13) }]);
    }

    #[test]
    fn live_06_the_next_one_when_the_first_declined() {
        let people = [person(11, 3, 0, 0), person(12, 3, 0, 9)];
        assert_eq!(assign(&[chat(100)], &people, &[(id(100), id(11))]), [Assignment { chat: id(100), staff: id(12) }]);
    }

    #[test]
    fn live_06_the_owner_of_the_open_case_first_if_there_is_room() {
        let owned = |by| [Waiting { owner: Some(id(by)), ..chat(100) }];
        let people = [person(11, 3, 0, 0), person(12, 3, 2, 9), person(13, 3, 3, 0)];
        let given = |by, declined: &[(Uuid, Uuid)]| assign(&owned(by), &people, declined)[0].staff;
        assert_eq!(given(12, &[]), id(12));
        assert_eq!(given(13, &[]), id(11), "no room");
        assert_eq!(given(12, &[(id(100), id(12))]), id(11), "declined");
        assert_eq!(given(99, &[]), id(11), "not there");
        let elsewhere = [person(11, 3, 0, 5), Candidate { team: id(2), ..person(12, 3, 0, 0) }];
        assert_eq!(assign(&owned(12), &elsewhere, &[])[0].staff, id(11), "not allowed to answer it");
    }

    #[test]
    fn live_05_only_the_right_team_and_tier() {
        let people = [Candidate { tier: 2, ..person(11, 3, 0, 0) }, Candidate { team: id(2), ..person(12, 3, 0, 0) }];
        assert_eq!(assign(&[chat(100)], &people, &[]), []);
    }

    proptest! {
        /// Nobody beyond the capacity, no chat twice, nothing declined, and no chat left while somebody who may is free.
        #[test]
        fn live_06_assignments_are_fair(
            chats in proptest::collection::vec((1_u128..3, 1_i16..3, proptest::option::of(0_u128..8)), 0..20),
            people in proptest::collection::vec((1_u128..3, 1_i16..3, 0_i16..4, 0_i64..4, 0_i64..50), 0..8),
            refusals in proptest::collection::vec((0_u128..20, 0_u128..8), 0..20),
        ) {
            let line: Vec<_> = chats.iter().enumerate().map(|(n, (team, tier, owner))| Waiting { chat: id(100 + n as u128), team: id(*team), tier: *tier, owner: owner.map(|n| id(10 + n)) }).collect();
            let people: Vec<_> = people.iter().enumerate().map(|(n, (team, tier, capacity, load, idle))| Candidate { team: id(*team), tier: *tier, ..person(10 + n as u128, *capacity, *load, *idle) }).collect();
            let declined: Vec<_> = refusals.iter().map(|(chat, staff)| (id(100 + chat), id(10 + staff))).collect();
            let offers = assign(&line, &people, &declined);
            for person in &people {
                let given = offers.iter().filter(|o| o.staff == person.staff).count() as i64;
                prop_assert!(given == 0 || given + person.load <= i64::from(person.capacity));
            }
            for waiting in &line {
                let mine: Vec<_> = offers.iter().filter(|o| o.chat == waiting.chat).collect();
                prop_assert!(mine.len() <= 1);
                if let Some(offer) = mine.first() {
                    prop_assert!(!declined.contains(&(offer.chat, offer.staff)));
                } else {
                    for person in people.iter().filter(|p| p.team == waiting.team && p.tier == waiting.tier && !declined.contains(&(waiting.chat, p.staff))) {
                        let given = offers.iter().filter(|o| o.staff == person.staff).count() as i64;
                        prop_assert!(given + person.load >= i64::from(person.capacity));
                    }
                }
            }
        }
    }
}
