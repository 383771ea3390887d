//! What a run did, for the end.

use std::{collections::BTreeMap, time::Duration};

use crate::ledger::Counts;

/// A run's numbers.
#[derive(Debug, Default)]
pub struct Table {
    faults: BTreeMap<&'static str, Healed>,
    pub eras: u32,
    pub failed_syncs: i64,
    pub refused_writes: i64,
    counts: Counts,
}

/// How often a kind of fault was healed, and how long it took at most until all was drained.
#[derive(Debug, Default)]
struct Healed {
    times: u32,
    slowest: Duration,
}

impl Table {
    /// A fault was healed and all is drained.
    pub fn healed(&mut self, fault: &'static str, after: Duration) {
        let healed = self.faults.entry(fault).or_default();
        healed.times += 1;
        healed.slowest = healed.slowest.max(after);
    }

    pub fn acknowledged(&self) -> u64 {
        self.counts.acknowledged
    }

    /// Adds what the clients of an era did.
    pub fn add(&mut self, era: &Counts) {
        let sum = &mut self.counts;
        for (sum, more) in [
            (&mut sum.acknowledged, era.acknowledged),
            (&mut sum.resent, era.resent),
            (&mut sum.known, era.known),
            (&mut sum.reconnects, era.reconnects),
            (&mut sum.reloads, era.reloads),
            (&mut sum.disk_full, era.disk_full),
            (&mut sum.out_of_order, era.out_of_order),
            (&mut sum.too_slow, era.too_slow),
            (&mut sum.events, era.events),
        ] {
            *sum += more;
        }
        self.eras += 1;
    }

    pub fn print(&self, took: Duration) {
        println!("\n{:<46}{:>9}{:>20}", "faults", "healed", "slowest drain");
        for (fault, Healed { times, slowest }) in &self.faults {
            println!("  {fault:<44}{times:>9}{:>17} ms", slowest.as_millis());
        }
        let times: u32 = self.faults.values().map(|healed| healed.times).sum();
        let slowest = self.faults.values().map(|healed| healed.slowest).max().unwrap_or_default();
        println!("  {:<44}{times:>9}{:>17} ms", "in all", slowest.as_millis());
        println!("  {:<44}{:>9.1} s", "time for each", took.as_secs_f64() / f64::from(times.max(1)));
        println!("messages and readers");
        for (what, many) in [
            ("acknowledged", self.counts.acknowledged),
            ("sent again", self.counts.resent),
            ("acknowledged again, the same (known)", self.counts.known),
            ("refused: disk_full", self.counts.disk_full),
            ("refused: out_of_order", self.counts.out_of_order),
            ("events read", self.counts.events),
            ("reconnects", self.counts.reconnects),
            ("reloads", self.counts.reloads),
            ("readers told to come back (4000)", self.counts.too_slow),
            ("syncs that failed", self.failed_syncs.unsigned_abs()),
            ("writes that found no room", self.refused_writes.unsigned_abs()),
            ("desks", self.eras.into()),
        ] {
            println!("  {what:<44}{many:>9}");
        }
    }
}
