//! What a day was like under a policy.

use std::fmt;

use crate::day::{Day, LENGTH, Outcome};

pub struct Report {
    pub name: &'static str,
    pub served: usize,
    pub over_capacity: usize,
    /// Seconds until somebody took the chat: mean, median, 95 and 99 of 100, the longest.
    waits: [f64; 5],
    /// The same for the most urgent: 95 of 100.
    pub worst_first: f64,
    /// How many of 100 were taken within a minute.
    pub in_time: f64,
    /// How many of 100 place-seconds of the day were in use.
    utilisation: f64,
    /// The standard deviation of that among people, in points: how unevenly the load was spread.
    pub spread: f64,
}

impl Report {
    pub const HEAD: &str =
        "                wait mean  median     p95     p99   longest   urgent p95   within 60 s   utilisation   spread";

    pub fn of(name: &'static str, day: &Day, outcome: &Outcome) -> Self {
        let mut waits: Vec<i64> = outcome.waits.values().copied().collect();
        waits.sort_unstable();
        let mut urgent: Vec<i64> = outcome
            .waits
            .iter()
            .filter(|(n, _)| day.arrivals[**n].waiting.severity == 1)
            .map(|(_, wait)| *wait)
            .collect();
        urgent.sort_unstable();
        let used: Vec<f64> = day
            .people
            .iter()
            // Of those who get chats from the line itself.
            .filter(|p| p.tier == 1)
            .map(|p| {
                let busy = outcome.busy.get(&p.staff).copied().unwrap_or_default();
                100.0 * busy as f64 / (LENGTH * i64::from(p.capacity)) as f64
            })
            .collect();
        let mean = used.iter().sum::<f64>() / used.len() as f64;
        let variance = used.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / used.len() as f64;
        Self {
            name,
            served: waits.len(),
            over_capacity: outcome.over_capacity,
            waits: [
                waits.iter().sum::<i64>() as f64 / waits.len() as f64,
                part(&waits, 0.5),
                part(&waits, 0.95),
                part(&waits, 0.99),
                part(&waits, 1.0),
            ],
            worst_first: part(&urgent, 0.95),
            in_time: 100.0 * waits.iter().filter(|wait| **wait <= 60).count() as f64 / waits.len() as f64,
            utilisation: mean,
            spread: variance.sqrt(),
        }
    }
}

fn part(sorted: &[i64], share: f64) -> f64 {
    sorted.get(((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
        as f64
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [mean, median, p95, p99, longest] = self.waits;
        write!(
            f,
            "{:<14} {mean:>8.1} s {median:>5.0} s {p95:>5.0} s {p99:>5.0} s {longest:>7.0} s {:>10.0} s {:>11.1} % {:>11.1} % {:>8.1}",
            self.name, self.worst_first, self.in_time, self.utilisation, self.spread
        )
    }
}
