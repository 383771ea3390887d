//! Zones, moments and calendars to try, from fixed seeds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Days, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Day, Plain, clock_changes};

pub const ZONES: [Tz; 5] =
    [Tz::America__New_York, Tz::Europe__Berlin, Tz::Australia__Lord_Howe, Tz::Asia__Kathmandu, Tz::EST];

/// Zones that change their clocks at midnight, by two hours, twice a month or over the date line.
pub const ODD_ZONES: [Tz; 8] = [
    Tz::Pacific__Apia,
    Tz::America__Havana,
    Tz::America__Sao_Paulo,
    Tz::America__Nuuk,
    Tz::Asia__Beirut,
    Tz::Antarctica__Troll,
    Tz::Africa__Casablanca,
    Tz::America__St_Johns,
];

pub const DAY_MINUTES: usize = 24 * 60;

pub static CHANGES: LazyLock<BTreeMap<&'static str, Vec<DateTime<Utc>>>> = LazyLock::new(|| {
    let zones = ZONES.into_iter().chain(ODD_ZONES);
    zones.map(|zone| (zone.name(), clock_changes(zone))).collect()
});

pub fn fixed(seed: u64, cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..ProptestConfig::default() }
}

/// Windows with an inclination to the small hours, to midnight and to touching each other.
pub fn day() -> impl Strategy<Value = Day> {
    let edge = prop_oneof![3 => 0..=1440u16, 3 => 0..=240u16, 1 => Just(0), 1 => Just(1440)];
    (btree_set(edge, 0..7), prop::bool::weighted(0.2)).prop_map(|(edges, touching)| {
        let edges: Vec<u16> = edges.into_iter().collect();
        let step = if touching { 1 } else { 2 };
        edges.windows(2).step_by(step).map(|pair| (pair[0], pair[1])).collect()
    })
}

/// A moment from 2000 to 2030 in whole minutes, half of them within two days of a clock change.
pub fn moment(zone: Tz) -> impl Strategy<Value = DateTime<Utc>> {
    let start = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).unwrap();
    let changes = &CHANGES[zone.name()];
    // A zone without clock changes gets those of New York.
    let changes = if changes.is_empty() { &CHANGES["America/New_York"] } else { changes };
    prop_oneof![
        (0..31 * 365 * 1440i64).prop_map(move |minute| start + TimeDelta::minutes(minute)),
        (prop::sample::select(changes.clone()), -2880..2880i64)
            .prop_map(|(change, minute)| change + TimeDelta::minutes(minute)),
    ]
}

/// A calendar and a moment with which its day rules have to do.
pub fn case() -> impl Strategy<Value = (Plain, DateTime<Utc>)> {
    let zone = prop_oneof![
        3 => prop::sample::select(&ZONES[..]),
        1 => prop::sample::select(&ODD_ZONES[..]),
    ];
    zone.prop_flat_map(|zone| {
        let days = vec((0..16u64, day()), 0..4);
        (Just(zone), vec(day(), 7), any::<bool>(), days, moment(zone))
    })
    .prop_map(|(zone, week, observes, days, at)| {
        let first = at.date_naive() - Days::new(3);
        let days = days.into_iter().map(|(later, day)| (first + Days::new(later), day)).collect();
        (Plain { zone, week, observes, days }, at)
    })
}

/// Weeks whose windows begin, end, lie in or span the hours in which clocks change.
pub fn awkward_weeks() -> Vec<Vec<Day>> {
    let every = |day: Day| std::iter::repeat_n(day, 7).collect::<Vec<_>>();
    vec![
        every(vec![(0, 30), (75, 90), (105, 135), (150, 180), (1395, 1440)]),
        every(vec![(15, 110), (110, 170), (185, 1425)]),
        every(vec![(121, 122), (1410, 1440)]),
        every(vec![(0, 1440)]),
        every(vec![(0, 100), (540, 1020)]),
    ]
}
