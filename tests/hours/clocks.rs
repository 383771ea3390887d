//! The clocks of cases against an oracle that counts minutes one by one.

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{
    cases::{
        lifecycle::CaseStatus,
        sla::{Clock, ClockKind, Policy, Promise, Standing, Step, clocks},
    },
    hours::business::Meaning,
};
use proptest::{collection::vec, prelude::*};

use crate::oracle::cases::{DAY_MINUTES, case, fixed};
use crate::oracle::{MINUTE, Plain};

const HOURS: u32 = 16;
/// How far the oracle looks.
const MINUTES: usize = 16 * DAY_MINUTES;

fn policy(meaning: Meaning) -> Policy {
    let promise = |hours| Some(Promise { target: hours, breach: 2 * hours });
    Policy { meaning, promises: [promise(HOURS), promise(HOURS), promise(HOURS), promise(HOURS)] }
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        Just(Step::Taken),
        Just(Step::Answered),
        Just(Step::CustomerWrote),
        (0..CaseStatus::ALL.len()).prop_map(|n| Step::Status(CaseStatus::ALL[n])),
    ];
    vec((1..8 * DAY_MINUTES, step), 0..8).prop_map(|mut steps| {
        steps.sort_by_key(|step| step.0);
        steps
    })
}

/// For each minute from the first on: does a clock of this kind run? And whether it is met at the end.
fn runs(kind: ClockKind, steps: &[(usize, Step)]) -> Option<(usize, Vec<bool>, Option<usize>)> {
    let stops = |step: &Step| match (kind, step) {
        (_, Step::Status(status)) => status.is_closed(),
        (ClockKind::Acknowledgement, Step::Taken | Step::Answered) => true,
        (ClockKind::FirstAnswer | ClockKind::NextAnswer, Step::Answered) => true,
        _ => false,
    };
    // The last question that was asked after an answer is the one that counts; the others begin with the case.
    let begin = match kind {
        ClockKind::NextAnswer => {
            let answered = steps.iter().position(|(_, step)| *step == Step::Answered)?;
            let mut begin = None;
            let mut open = false;
            for (n, (_, step)) in steps.iter().enumerate().skip(answered + 1) {
                if *step == Step::CustomerWrote && !open {
                    (begin, open) = (Some(n), true);
                } else if stops(step) {
                    open = false;
                }
            }
            begin?
        }
        _ => 0,
    };
    let from = if kind == ClockKind::NextAnswer { steps[begin].0 } else { 0 };
    let rest = if kind == ClockKind::NextAnswer { &steps[begin + 1..] } else { steps };
    let mut minutes = vec![false; MINUTES];
    let (mut on, mut met, mut at) = (true, None, from);
    for (minute, step) in rest {
        minutes[at..*minute].fill(on);
        at = *minute;
        if met.is_some() {
            let reopened = matches!(step, Step::Status(status) if !status.is_closed());
            if kind == ClockKind::Resolution && reopened {
                met = None;
                on = matches!(step, Step::Status(status) if !status.waits_for_customer());
            }
        } else if stops(step) {
            (on, met) = (false, Some(*minute));
        } else if let Step::Status(status) = step
            && kind != ClockKind::Acknowledgement
        {
            on = !status.waits_for_customer();
        }
    }
    minutes[at..].fill(on);
    Some((from, minutes, met))
}

/// The first minute at whose begin so many of the minutes that count are over.
fn over(counted: &[bool], minutes: u32) -> Option<usize> {
    let mut left = minutes;
    for (minute, counts) in counted.iter().enumerate() {
        left -= u32::from(*counts);
        if left == 0 {
            return Some(minute + 1);
        }
    }
    None
}

fn agrees(plain: &Plain, at: DateTime<Utc>, meaning: Meaning, steps: &[(usize, Step)]) -> Result<(), TestCaseError> {
    let timeline = plain.timeline(at, MINUTES);
    let counts = |minute: usize| match meaning {
        Meaning::OpeningHours => timeline.open[minute],
        Meaning::BusinessDays => plain.business(timeline.wall[minute].date()),
    };
    let at_minute = |minute: usize| timeline.at(0) + MINUTE * i32::try_from(minute).unwrap();
    let mut history = vec![(at_minute(0), Step::Made)];
    history.extend(steps.iter().map(|(minute, step)| (at_minute(*minute), *step)));
    let found = clocks(&plain.calendar(), &policy(meaning), &history);
    let found = |kind: ClockKind| found.iter().find(|clock: &&Clock| clock.kind == kind);
    for kind in ClockKind::ALL {
        let Some((from, running, met)) = runs(kind, steps) else {
            prop_assert!(found(kind).is_none(), "{kind:?} {:?}", found(kind));
            continue;
        };
        let clock = found(kind).unwrap();
        prop_assert_eq!(clock.runs[0].from, at_minute(from));
        let counted: Vec<bool> = (0..MINUTES).map(|minute| running[minute] && counts(minute)).collect();
        for (hours, told) in [(HOURS, clock.due_at), (2 * HOURS, clock.breach_at)] {
            match over(&counted, hours * 60) {
                Some(minute) => prop_assert_eq!(told, Some(at_minute(minute)), "{:?}", kind),
                None => prop_assert!(told.is_none_or(|told| told > at_minute(MINUTES)), "{:?} {:?}", kind, told),
            }
        }
        match (clock.standing, met) {
            (Standing::Met { at }, Some(minute)) => prop_assert_eq!(at, at_minute(minute)),
            (Standing::Running, None) => prop_assert!(running[MINUTES - 1]),
            (Standing::Paused { left }, None) => {
                prop_assert!(!running[MINUTES - 1]);
                let spent = counted.iter().filter(|counts| **counts).count();
                prop_assert_eq!(left, TimeDelta::hours(HOURS.into()) - TimeDelta::minutes(spent as i64));
            }
            other => prop_assert!(false, "{kind:?} {other:?}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(fixed(7, 80))]

    #[test]
    fn agree_03_the_clocks_agree_with_the_oracle_on_opening_hours((plain, at) in case(), steps in steps()) {
        agrees(&plain, at, Meaning::OpeningHours, &steps)?;
    }

    #[test]
    fn agree_03_the_clocks_agree_with_the_oracle_on_business_days((plain, at) in case(), steps in steps()) {
        let timeline = plain.timeline(at, MINUTES);
        let clock_changes = timeline.wall.windows(2).any(|pair| pair[1] - pair[0] != MINUTE);
        // Where the clock changes, a business day still counts 24 hours: the minutes do not say that; properties.rs does.
        prop_assume!(!clock_changes);
        agrees(&plain, at, Meaning::BusinessDays, &steps)?;
    }
}
