//! What a run did, for the end.

use std::{collections::BTreeMap, time::Duration};

use crate::{faults::Fault, ledger::Counts};

/// A run's numbers.
#[derive(Debug, Default)]
pub struct Table {
    pub faults: BTreeMap<Fault, u32>,
    pub eras: u32,
    pub failed_syncs: i64,
    pub refused_writes: i64,
    counts: Counts,
    longest: Duration,
}

impl Table {
    pub fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    pub fn drained(&mut self, after: Duration) {
        self.longest = self.longest.max(after);
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

    pub fn print(&self) {
        println!("\nfaults");
        for (fault, times) in &self.faults {
            println!("  {:<44}{times:>9}", fault.words());
        }
        println!("  {:<44}{:>9}", "in all", self.faults.values().sum::<u32>());
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
        println!("  {:<44}{:>7} ms", "longest drain after healing", self.longest.as_millis());
    }
}
