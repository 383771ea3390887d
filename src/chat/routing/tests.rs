//! Routing by hand-made cases, and by rules that hold for any line.

use proptest::prelude::*;

use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn person(staff: u128, capacity: i16, chats: i64, idle: i64) -> Person {
    Person {
        staff: id(staff),
        tier: 1,
        capacity,
        state: Presence::Online,
        idle_since: at(idle),
        load: chats * 100,
        teams: vec![id(1)],
        languages: Vec::new(),
    }
}

fn chat(n: u128) -> Waiting {
    Waiting {
        chat: id(n),
        severity: 3,
        due_at: at(60),
        entered: at(0),
        since: at(0),
        team: id(1),
        tier: 1,
        overflow: None,
        language: None,
        owner: None,
        held_by: None,
        only: None,
        told: false,
        line_only: false,
    }
}

fn given_at(seconds: i64, waiting: Waiting, people: &[Person], declined: &[u128]) -> Option<u128> {
    let declined = declined.iter().map(|staff| (waiting.chat, id(*staff))).collect();
    let offers = assign(&[waiting], people, &declined, at(seconds), &Rules::default(), 100);
    offers.first().map(|offer| offer.staff.as_u128())
}

fn given(waiting: Waiting, people: &[Person], declined: &[u128]) -> Option<u128> {
    given_at(0, waiting, people, declined)
}

#[test]
fn live_06_most_free_capacity_then_longest_idle() {
    let people = [person(11, 3, 2, 0), person(12, 3, 1, 9), person(13, 3, 1, 5)];
    assert_eq!(given(chat(100), &people, &[]), Some(13));
}

#[test]
fn live_06_the_next_one_when_the_first_declined() {
    let people = [person(11, 3, 0, 0), person(12, 3, 0, 9)];
    assert_eq!(given(chat(100), &people, &[11]), Some(12));
}

#[test]
fn live_06_the_owner_of_the_open_case_first_if_there_is_room() {
    let owned = |by| Waiting { owner: Some(id(by)), ..chat(100) };
    let people = [person(11, 3, 0, 0), person(12, 3, 2, 9), person(13, 3, 3, 0)];
    assert_eq!(given(owned(12), &people, &[]), Some(12));
    assert_eq!(given(owned(13), &people, &[]), Some(11), "no room");
    assert_eq!(given(owned(12), &people, &[12]), Some(11), "declined");
    assert_eq!(given(owned(99), &people, &[]), Some(11), "not there");
    let elsewhere = [person(11, 3, 0, 5), Person { teams: vec![id(2)], ..person(12, 3, 0, 0) }];
    assert_eq!(given(owned(12), &elsewhere, &[]), Some(11), "not allowed to answer it");
}

#[test]
fn live_05_the_line_is_by_severity_then_due_time_then_first_entry() {
    let later = Waiting { entered: at(5), ..chat(1) };
    let due_sooner = Waiting { due_at: at(30), entered: at(9), ..chat(2) };
    let worse = Waiting { severity: 1, due_at: at(90), entered: at(20), ..chat(3) };
    let mut line = [later, chat(4), due_sooner, worse];
    order(&mut line);
    assert_eq!(line.map(|w| w.chat.as_u128()), [3, 2, 4, 1]);
}

#[test]
fn live_05_only_the_right_team_and_tier_at_first_then_the_next_tier_then_the_overflow_team() {
    let next_tier = Person { tier: 2, ..person(11, 3, 0, 0) };
    let helper = Person { teams: vec![id(2)], ..person(12, 3, 0, 0) };
    let stranger = Person { teams: vec![id(3)], ..person(13, 3, 0, 0) };
    let third_tier = Person { tier: 3, ..person(14, 3, 0, 0) };
    let waiting = || Waiting { overflow: Some(id(2)), ..chat(100) };
    let all = [helper, next_tier, stranger, third_tier];
    let [helper, ..] = all.clone();
    assert_eq!(given_at(59, waiting(), &all, &[]), None);
    assert_eq!(given_at(60, waiting(), &all, &[]), Some(11));
    assert_eq!(given_at(119, waiting(), std::slice::from_ref(&helper), &[]), None);
    assert_eq!(given_at(120, waiting(), std::slice::from_ref(&helper), &[]), Some(12));
    assert_eq!(given_at(120, waiting(), &all, &[]), Some(11), "the nearest first");
    assert_eq!(given_at(120, waiting(), &all, &[11]), Some(12));
    assert_eq!(given_at(9_999, waiting(), &all, &[11, 12]), None);
}

#[test]
fn live_06_when_all_have_declined_the_next_circle_is_asked_at_once() {
    let people = [person(11, 3, 0, 0), Person { tier: 2, ..person(12, 3, 0, 0) }];
    assert_eq!(given(chat(100), &people, &[11]), Some(12));
    let busy = [person(10, 1, 1, 0), person(11, 3, 0, 0), Person { tier: 2, ..person(12, 3, 0, 0) }];
    assert_eq!(given(chat(100), &busy, &[11]), None, "somebody who did not decline will have room");
}

#[test]
fn live_06_the_language_decides_who_may_answer() {
    let spanish = Person { languages: vec!["es".into()], ..person(11, 3, 0, 0) };
    let both = Person { languages: vec!["en".into(), "es".into()], ..person(12, 1, 0, 0) };
    let own = person(13, 2, 0, 0);
    let people = [spanish, both, own];
    let in_language = |language: &str| Waiting { language: Some(language.into()), ..chat(100) };
    assert_eq!(given(in_language("es"), &people, &[]), Some(11));
    assert_eq!(given(in_language("es"), &people, &[11]), Some(12));
    assert_eq!(given(in_language("en"), &people, &[]), Some(13));
    assert_eq!(given(in_language("en"), &people, &[13]), Some(12));
    assert_eq!(given(chat(100), &people, &[]), Some(11));
}

#[test]
fn live_09_a_chat_that_is_handed_on_goes_to_those_it_is_meant_for() {
    let handed = Waiting { held_by: Some(id(11)), ..chat(100) };
    let waiting_for_transfers = Person { state: Presence::TransfersOnly, ..person(12, 3, 0, 0) };
    let people = [person(11, 3, 1, 0), waiting_for_transfers, person(13, 3, 1, 9)];
    assert_eq!(given(chat(100), &people, &[]), Some(11));
    assert_eq!(given(handed.clone(), &people, &[]), Some(12), "not to who has it; and also to who waits for transfers");
    let to_one = Waiting { only: Some(id(13)), ..handed };
    assert_eq!(given_at(999, to_one.clone(), &people, &[]), Some(13));
    assert_eq!(given_at(999, to_one, &people, &[13]), None);
}

#[test]
fn live_06_what_counts_how_much_is_the_desks_own() {
    let rules = Rules { chat_weight: 50, ..Rules::default() };
    let line = [1, 2, 3].map(chat);
    let offers = assign(&line, &[person(11, 1, 0, 0)], &HashSet::new(), at(0), &rules, rules.chat_weight);
    assert_eq!(offers.len(), 2, "two halves fill one place");
}

#[test]
fn live_06_time_brings_the_next_step() {
    let rules = Rules::default();
    assert_eq!(next_step(&chat(1), at(0), &rules), Some(at(60)));
    assert_eq!(next_step(&chat(1), at(60), &rules), Some(at(120)));
    assert_eq!(next_step(&chat(1), at(120), &rules), Some(at(180)));
    assert_eq!(next_step(&chat(1), at(180), &rules), None);
    assert!(!is_to_be_told(&chat(1), at(179), &rules));
    assert!(is_to_be_told(&chat(1), at(180), &rules));
    assert!(!is_to_be_told(&Waiting { told: true, ..chat(1) }, at(999), &rules));
}

fn any_waiting() -> impl Strategy<Value = Waiting> {
    let place = (1_u128..3, 1_i16..4, proptest::option::of(1_u128..4), proptest::option::of("en|es"));
    let people = (proptest::option::of(0_u128..8), proptest::option::of(0_u128..8), proptest::option::of(0_u128..8));
    (place, people, 1_i16..5, 0_i64..300).prop_map(
        |((team, tier, overflow, language), (owner, held, only), severity, since)| {
            let held_by = held.map(|n| id(10 + n));
            Waiting {
                severity,
                since: at(since),
                team: id(team),
                tier,
                overflow: overflow.map(id),
                language,
                owner: owner.map(|n| id(10 + n)),
                held_by,
                only: only.filter(|_| held_by.is_some()).map(|n| id(10 + n)),
                ..chat(0)
            }
        },
    )
}

fn any_person() -> impl Strategy<Value = Person> {
    let teams = proptest::collection::vec((1_u128..4).prop_map(id), 0..3);
    let languages = proptest::collection::vec("en|es", 0..3);
    (1_i16..4, 0_i16..4, 0_i64..400, 0_i64..50, teams, languages, any::<bool>()).prop_map(
        |(tier, capacity, load, idle, teams, languages, online)| Person {
            tier,
            load,
            state: if online { Presence::Online } else { Presence::TransfersOnly },
            teams,
            languages,
            ..person(0, capacity, 0, idle)
        },
    )
}

proptest! {
    /// Nobody beyond the places, no chat twice, nothing declined, nobody outside the circles; and no chat left while somebody who
    /// may and has room is there. The first of the line never gets less by what stands behind it.
    #[test]
    fn live_06_assignments_are_fair(
        line in proptest::collection::vec(any_waiting(), 0..20),
        people in proptest::collection::vec(any_person(), 0..8),
        refusals in proptest::collection::hash_set((0_u128..20, 0_u128..8), 0..20),
        now in 0_i64..500,
    ) {
        let mut line: Vec<_> = line.into_iter().enumerate().map(|(n, w)| Waiting { chat: id(100 + n as u128), ..w }).collect();
        order(&mut line);
        let people: Vec<_> = people.into_iter().enumerate().map(|(n, p)| Person { staff: id(10 + n as u128), ..p }).collect();
        let declined: HashSet<_> = refusals.iter().map(|(chat, staff)| (id(100 + chat), id(10 + staff))).collect();
        let (now, rules) = (at(now), Rules::default());
        let offers = assign(&line, &people, &declined, now, &rules, rules.chat_weight);
        let load_of = |p: &Person| p.load + 100 * offers.iter().filter(|o| o.staff == p.staff).count() as i64;
        for person in &people {
            prop_assert!(load_of(person) == person.load || load_of(person) <= i64::from(person.capacity) * 100);
        }
        for waiting in &line {
            let mine: Vec<_> = offers.iter().filter(|o| o.chat == waiting.chat).collect();
            prop_assert!(mine.len() <= 1);
            if let Some(offer) = mine.first() {
                prop_assert!(!declined.contains(&(offer.chat, offer.staff)));
                let person = people.iter().find(|p| p.staff == offer.staff).unwrap();
                prop_assert!(circle(waiting, person).is_some());
            } else {
                for person in &people {
                    let may = circle(waiting, person).is_some_and(|c| c <= reach(waiting, now, &rules));
                    if may && !declined.contains(&(waiting.chat, person.staff)) {
                        prop_assert!(load_of(person) + 100 > i64::from(person.capacity) * 100);
                    }
                }
            }
        }
        if let Some((first, _)) = line.split_first() {
            let alone = assign(std::slice::from_ref(first), &people, &declined, now, &rules, rules.chat_weight);
            prop_assert_eq!(alone.first(), offers.iter().find(|o| o.chat == first.chat));
        }
    }
}

#[test]
fn agree_02_a_case_stays_in_its_line_and_counts_what_a_case_counts() {
    let case = || Waiting { line_only: true, ..chat(100) };
    let next_tier = [Person { tier: 2, ..person(11, 3, 0, 0) }];
    assert_eq!(given_at(100_000, chat(100), &next_tier, &[]), Some(11));
    assert_eq!(given_at(100_000, case(), &next_tier, &[]), None, "however long it waits");
    let both = [person(12, 3, 0, 0), Person { tier: 2, ..person(11, 3, 0, 0) }];
    assert_eq!(given_at(100_000, case(), &both, &[12]), None, "nor when all of its line have passed it on");
    let nearly_full = Person { load: 250, ..person(13, 3, 0, 0) };
    let offered = |weight| {
        assign(&[case()], std::slice::from_ref(&nearly_full), &HashSet::new(), at(0), &Rules::default(), weight).len()
    };
    assert_eq!((offered(100), offered(50)), (0, 1));
}
