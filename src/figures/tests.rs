//! The figures against slow recounts that share nothing with them: one chat at a time, one second at a time.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

use super::{
    day::{by_agent, now_figures, parts},
    facts::{ChatFacts, RangeFigures, Targets, count},
    served::{Service, Stay, worked},
};
use crate::{
    chat::{conversation::ChatState, protocol::EndWhy},
    identity::staff::Presence,
};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn person(n: u128) -> Uuid {
    Uuid::from_u128(100 + n)
}

/// The end of the time that is made up, in seconds: now.
const NOW: i64 = 1_000;
const TARGETS: Targets = Targets { service_level_seconds: 60, short_abandon_seconds: 5 };

/// Who served a chat from its arrival on, in how many steps, and whether that was written up.
type Stints = Vec<(u128, i64, i64, Option<i64>)>;

/// A chat as it can be: what is said comes after what was before it.
fn chat() -> impl Strategy<Value = ChatFacts> {
    let why =
        select(vec![EndWhy::Customer, EndWhy::Specialist, EndWhy::Abandoned, EndWhy::WindowClosed, EndWhy::Merged]);
    let stints = vec((0_u128..3, 0_i64..80, 0_i64..80, option::of(0_i64..60)), 0..3);
    (0_i64..900, option::of((0_i64..130, option::of(0_u128..3))), option::of((0_i64..200, why)), stints, any::<bool>())
        .prop_map(|(arrived, answered, ended, stints, case): (i64, _, Option<(i64, EndWhy)>, Stints, bool)| {
            let end = ended.map(|(after, why)| ((arrived + after).min(NOW), why));
            let mut from = arrived;
            let mut served = Vec::new();
            for (who, wait, takes, wrap) in stints {
                from = (from + wait).min(end.as_ref().map_or(NOW, |(end, _)| *end));
                let to = (from + takes).min(end.as_ref().map_or(NOW, |(end, _)| *end));
                served.push(Service {
                    staff: person(who),
                    from: at(from),
                    to: Some(at(to)),
                    wrap_until: wrap.map(|wrap| at(to + wrap)),
                });
                from = to;
            }
            let answered =
                answered.map(|(after, who): (i64, Option<u128>)| (at((arrived + after).min(NOW)), who.map(person)));
            let state = match end {
                Some(_) => ChatState::Ended,
                None if served.is_empty() && answered.is_none() => ChatState::Queued,
                None => ChatState::Active,
            };
            ChatFacts {
                chat: Uuid::from_u128(1),
                arrived: at(arrived),
                answered,
                ended: end.map(|(end, why)| (at(end), why)),
                state,
                served,
                team: None,
                category: None,
                severity: 3,
                due: Some(at(arrived + 60)),
                case,
                first_hand: true,
            }
        })
}

fn second_of(time: DateTime<Utc>) -> i64 {
    time.timestamp()
}

/// Each figure by its definition in words, over and over the whole list.
fn slowly(chats: &[ChatFacts], from: i64, to: i64) -> RangeFigures {
    let merged = |c: &&ChatFacts| c.ended.as_ref().is_some_and(|(_, why)| *why == EndWhy::Merged);
    let all: Vec<&ChatFacts> =
        chats.iter().filter(|c| (from..to).contains(&second_of(c.arrived)) && !merged(c)).collect();
    let number = |fits: &dyn Fn(&ChatFacts) -> bool| all.iter().filter(|c| fits(c)).count() as u32;
    let wait = |c: &ChatFacts| c.answered.map(|(answer, _)| second_of(answer) - second_of(c.arrived));
    let lost = |c: &ChatFacts| {
        let gone = matches!(c.ended, Some((_, EndWhy::Customer)) | Some((_, EndWhy::Abandoned)));
        (gone && c.answered.is_none()).then(|| second_of(c.ended.unwrap().0) - second_of(c.arrived))
    };
    let waits: Vec<i64> = all.iter().filter_map(|c| wait(c)).collect();
    // Second by second: who talks or writes up at this second.
    let work = |c: &ChatFacts| -> i64 {
        let during = |s: &Service, second: i64| {
            let talks = second_of(s.from) <= second && second < second_of(s.to.unwrap());
            let writes =
                s.wrap_until.is_some_and(|until| second_of(s.to.unwrap()) <= second && second < second_of(until));
            talks || writes
        };
        c.served.iter().map(|s| (0..NOW).filter(|second| during(s, *second)).count() as i64).sum()
    };
    let handled: Vec<i64> = all.iter().filter(|c| c.ended.is_some() && !c.served.is_empty()).map(|c| work(c)).collect();
    let mean = |values: &[i64]| (!values.is_empty()).then(|| values.iter().sum::<i64>() as f64 / values.len() as f64);
    let (arrived, abandoned) = (all.len() as u32, number(&|c| lost(c).is_some()));
    let at_once = number(&|c| lost(c).is_some_and(|after| after <= 5));
    let in_time = number(&|c| wait(c).is_some_and(|wait| wait <= 60));
    RangeFigures {
        arrived,
        answered: waits.len() as u32,
        answered_in_time: in_time,
        abandoned,
        left_at_once: at_once,
        cases: number(&|c| c.case),
        handled: handled.len() as u32,
        self_service: 0,
        service_level: (arrived > at_once).then(|| f64::from(in_time) / f64::from(arrived - at_once)),
        abandoned_share: (arrived > 0).then(|| f64::from(abandoned) / f64::from(arrived)),
        answer_seconds: mean(&waits),
        longest_answer_seconds: waits.iter().max().map(|wait| *wait as f64),
        handle_seconds: mean(&handled),
    }
}

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-6,
        (one, other) => one == other,
    }
}

fn same(one: &RangeFigures, other: &RangeFigures) -> bool {
    let shares = |f: &RangeFigures| {
        [f.service_level, f.abandoned_share, f.answer_seconds, f.longest_answer_seconds, f.handle_seconds]
    };
    let without = |f: &RangeFigures| RangeFigures {
        service_level: None,
        abandoned_share: None,
        answer_seconds: None,
        longest_answer_seconds: None,
        handle_seconds: None,
        ..*f
    };
    without(one) == without(other) && shares(one).into_iter().zip(shares(other)).all(|(a, b)| near(a, b))
}

proptest! {
    #[test]
    fn live_13_a_range_comes_to_what_a_slow_recount_says(chats in vec(chat(), 0..25), from in 0_i64..500, length in 0_i64..700) {
        let quick = count(&chats, (at(from), at(from + length)), TARGETS, at(NOW));
        let slow = slowly(&chats, from, from + length);
        prop_assert!(same(&quick, &slow), "{quick:?}\n{slow:?}");
    }

    #[test]
    fn live_13_parts_of_a_day_are_ranges_of_their_own(chats in vec(chat(), 0..25), solved in vec(0_i64..1100, 0..9), length in 1_i64..400) {
        let day = (at(50), at(900));
        let found = parts(chats.iter(), solved.iter().map(|s| at(*s)), day, TimeDelta::seconds(length), TARGETS, at(NOW));
        prop_assert_eq!(found.len() as i64, (850 + length - 1) / length);
        for (n, part) in found.iter().enumerate() {
            let from = 50 + n as i64 * length;
            prop_assert_eq!(part.from, at(from));
            let end = (from + length).min(900);
            let mut slow = slowly(&chats, from, end);
            slow.self_service = solved.iter().filter(|s| (from..end).contains(*s)).count() as u32;
            prop_assert!(same(&part.figures, &slow), "{:?}\n{slow:?}", part.figures);
        }
    }

    #[test]
    fn live_13_occupancy_is_what_each_second_says(
        services in vec((0_u128..2, 0_i64..900, option::of(0_i64..200), option::of(0_i64..90)), 0..8),
        stays in vec((0_u128..2, 1_i64..300, select(vec![Presence::Online, Presence::Away, Presence::TransfersOnly, Presence::Offline])), 0..9),
        from in 0_i64..500, length in 0_i64..700,
    ) {
        let services: Vec<Service> = services.into_iter().map(|(who, from, takes, wrap)| {
            let to = takes.map(|takes| from + takes);
            Service { staff: person(who), from: at(from), to: to.map(at), wrap_until: to.zip(wrap).map(|(to, wrap)| at(to + wrap)) }
        }).collect();
        let mut begins = [0, 0];
        let stays: Vec<Stay> = stays.into_iter().map(|(who, takes, state)| {
            let begin = begins[who as usize];
            begins[who as usize] += takes;
            Stay { staff: person(who), state, from: at(begin), to: Some(at(begin + takes)) }
        }).collect();
        let found = worked(person(1), &services, &stays, (at(from), at(from + length)), at(NOW));
        let busy = |second: i64| services.iter().any(|s| {
            let end = s.wrap_until.or(s.to).map_or(NOW, second_of).min(NOW).max(s.to.map_or(0, second_of));
            s.staff == person(1) && second_of(s.from) <= second && second < end
        });
        let is = |state: Presence, second: i64| stays.iter().any(|s| {
            s.staff == person(1) && s.state == state && second_of(s.from) <= second && second < second_of(s.to.unwrap())
        });
        let seconds = |so: &dyn Fn(i64) -> bool| (from..(from + length).min(NOW)).filter(|second| so(*second)).count() as f64;
        let work = seconds(&busy);
        let idle = seconds(&|second| is(Presence::Online, second) && !busy(second));
        prop_assert_eq!((found.busy_seconds, found.idle_seconds), (work, idle));
        prop_assert_eq!(found.online_seconds, seconds(&|second| is(Presence::Online, second)));
        prop_assert_eq!(found.away_seconds, seconds(&|second| is(Presence::Away, second)));
        prop_assert_eq!(found.transfers_only_seconds, seconds(&|second| is(Presence::TransfersOnly, second)));
        prop_assert!(near(found.occupancy, (work + idle > 0.0).then(|| work / (work + idle))));
    }

    #[test]
    fn live_13_what_waits_now_and_whose_shares_there_are(chats in vec(chat(), 0..25)) {
        let now = now_figures(chats.iter(), at(NOW));
        let waiting: Vec<&ChatFacts> = chats.iter().filter(|c| c.ended.is_none() && c.answered.is_none() && c.served.is_empty()).collect();
        prop_assert_eq!(now.waiting as usize, waiting.len());
        prop_assert_eq!(now.longest_since, waiting.iter().map(|c| c.arrived).min());
        // Of sixty seconds, less than fifteen are left.
        prop_assert_eq!(now.at_risk as usize, waiting.iter().filter(|c| second_of(c.arrived) + 60 - NOW < 15).count());
        prop_assert_eq!((now.served + now.waiting + now.waiting_again) as usize, chats.iter().filter(|c| c.ended.is_none()).count());
        // Every answer is somebody's, and all people's work together is the work.
        let shares = by_agent(chats.iter(), TARGETS, at(NOW));
        let counted: Vec<&ChatFacts> = chats.iter().filter(|c| !matches!(c.ended, Some((_, EndWhy::Merged)))).collect();
        let answers = counted.iter().filter(|c| c.answered.is_some_and(|(_, by)| by.is_some())).count();
        prop_assert_eq!(shares.values().map(|s| s.figures().answered as usize).sum::<usize>(), answers);
        let work = |f: RangeFigures| f.handle_seconds.unwrap_or_default() * f64::from(f.handled);
        let all = work(count(&chats, (at(0), at(NOW)), TARGETS, at(NOW)));
        let parts: f64 = shares.values().map(|s| work(s.figures())).sum();
        prop_assert!((all - parts).abs() < 1e-6, "{all} {parts}");
    }
}
