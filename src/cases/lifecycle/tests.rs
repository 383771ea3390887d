//! Any moves by anybody: what must hold for every case holds at each step.

use proptest::{collection::vec, prelude::*};

use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn people() -> impl Strategy<Value = Person> {
    (1_u128..6, 1_i16..=TOP_TIER).prop_map(|(n, tier)| Person { id: id(n), tier })
}

fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Customer),
        Just(Actor::System),
        (people(), any::<bool>(), any::<bool>()).prop_map(|(person, supervisor, in_team)| Actor::Desk {
            id: person.id,
            tier: person.tier,
            supervisor,
            in_team
        }),
    ]
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        Just(Move::Claim),
        people().prop_map(Move::Assign),
        Just(Move::Release),
        Just(Move::Escalate),
        people().prop_map(Move::HandBack),
        (100_u128..103, 0_i16..6).prop_map(|(team, tier)| Move::ToQueue { team: id(team), tier }),
        Just(Move::AskForAction),
        Just(Move::AskForInfo),
        Just(Move::Interrupt),
        Just(Move::Resume),
        Just(Move::Provide),
        Just(Move::Confirm),
        Just(Move::Silence),
        Just(Move::Age),
        proptest::option::of(people()).prop_map(Move::NotSolved),
        Just(Move::CustomerWrote),
        Just(Move::Cancel),
        Just(Move::OutOfScope),
        (0..11_usize).prop_map(|n| Move::Close(CaseStatus::ALL[n])),
        proptest::option::of(people()).prop_map(Move::Reopen),
        people().prop_map(Move::PassOwnership),
    ]
}

fn new(owner: Option<Uuid>) -> Place {
    Place { status: CaseStatus::Open, team: Some(id(100)), tier: 1, owner, worker: None }
}

proptest! {
    #[test]
    fn agree_01_the_owner_stays_whatever_anybody_does(
        first in proptest::option::of(people()),
        steps in vec((moves(), actors()), 1..60),
    ) {
        let mut place = new(first.map(|person| person.id));
        for (step, by) in steps {
            let Ok(next) = place.after(step, by) else { continue };
            match (place.owner, step) {
                (_, Move::PassOwnership(to)) => prop_assert_eq!(next.owner, Some(to.id)),
                (Some(owner), _) => prop_assert_eq!(next.owner, Some(owner)),
                // The first specialist who has anything to do with it.
                (None, _) => {
                    let desk = matches!(by, Actor::Desk { .. });
                    prop_assert!(next.owner.is_none() || desk);
                }
            }
            if step != Move::CustomerWrote {
                prop_assert_ne!(next, place, "a move that moves nothing is refused: {:?} by {:?}", step, by);
            }
            prop_assert!((1..=TOP_TIER).contains(&next.tier));
            if next.worker.is_some() {
                prop_assert!(next.owner.is_some(), "who works a case is its owner, or works it for one");
            }
            // An open case in the queue is nobody's work, and any other open one is somebody's.
            if !next.status.is_closed() {
                prop_assert_eq!(next.status == CaseStatus::Open, next.worker.is_none());
            }
            // Out of a closed case leads only what opens it again; and customers and the server close nothing else.
            if place.status.is_closed() && !next.status.is_closed() {
                prop_assert!(matches!(step, Move::Reopen(_) | Move::NotSolved(_)));
                prop_assert_eq!(next.worker, next.owner);
            }
            if next.status.is_closed() && !place.status.is_closed() && !matches!(by, Actor::Desk { .. }) {
                let may = matches!(next.status, CaseStatus::Completed | CaseStatus::Canceled);
                prop_assert!(may || step == Move::OutOfScope && next.status == CaseStatus::Redirected);
            }
            place = next;
        }
    }

    #[test]
    fn agree_01_a_stranger_to_a_case_changes_nothing_of_it(step in moves(), tier in 1_i16..=TOP_TIER, status in 0..11_usize) {
        let mine = Place { status: CaseStatus::ALL[status], worker: Some(id(1)), ..new(Some(id(2))) };
        let stranger = Actor::Desk { id: id(3), tier, supervisor: false, in_team: true };
        prop_assert!(mine.after(step, stranger).is_err());
    }

    #[test]
    fn ticket_06_no_case_is_stuck(status in 0..11_usize, worker in 1_u128..3) {
        let status = CaseStatus::ALL[status];
        let worker = (status != CaseStatus::Open).then(|| id(worker));
        let place = Place { status, worker, ..new(Some(id(1))) };
        let owner = Actor::Desk { id: id(1), tier: 1, supervisor: false, in_team: false };
        let person = Person { id: id(1), tier: 1 };
        let back = if status.is_closed() { place.after(Move::Reopen(Some(person)), owner) } else { Ok(place) };
        let closed = back.unwrap().after(Move::Close(CaseStatus::Completed), owner).unwrap();
        prop_assert_eq!(closed.status, CaseStatus::Completed);
    }
}

#[test]
fn agree_01_through_the_tiers_and_back() {
    let (first, second, developer) = (id(1), id(2), id(3));
    let desk = |id, tier| Actor::Desk { id, tier, supervisor: false, in_team: true };
    let place = new(None).after(Move::Claim, desk(first, 1)).unwrap();
    assert_eq!((place.owner, place.worker, place.status), (Some(first), Some(first), CaseStatus::InProcess));
    let place = place.after(Move::Escalate, desk(first, 1)).unwrap();
    assert_eq!((place.owner, place.worker, place.tier), (Some(first), None, 2));
    assert_eq!(place.after(Move::Claim, desk(developer, 1)), Err(Refusal::NotYours), "a tier below");
    let place = place.after(Move::Claim, desk(second, 2)).unwrap();
    let place =
        place.after(Move::AskForInfo, desk(second, 2)).unwrap().after(Move::CustomerWrote, Actor::Customer).unwrap();
    assert_eq!((place.worker, place.status), (Some(second), CaseStatus::InProcess));
    let back = place.after(Move::HandBack(Person { id: first, tier: 1 }), desk(second, 2)).unwrap();
    assert_eq!((back.owner, back.worker, back.tier), (Some(first), Some(first), 1));
    assert_eq!(back.after(Move::Resume, desk(second, 2)), Err(Refusal::NotYours));
}

#[test]
fn agree_04_a_solution_waits_for_the_customers_word() {
    let (first, second) = (id(1), id(2));
    let worker = Actor::Desk { id: second, tier: 2, supervisor: false, in_team: true };
    let place = Place { status: CaseStatus::InProcess, worker: Some(second), tier: 2, ..new(Some(first)) };
    let given = place.after(Move::Provide, worker).unwrap();
    assert_eq!(given.status, CaseStatus::SolutionProvided);
    assert_eq!(given.after(Move::Silence, worker), Err(Refusal::NotYours));
    for closed in [given.after(Move::Confirm, Actor::Customer), given.after(Move::Silence, Actor::System)] {
        let owner = Some(Person { id: first, tier: 1 });
        let again = closed.unwrap().after(Move::NotSolved(owner), Actor::Customer).unwrap();
        assert_eq!((again.status, again.worker, again.tier), (CaseStatus::InProcess, Some(first), 1), "to the owner");
    }
}
