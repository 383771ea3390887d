//! How much of what readers of the help pages do is counted, by address: a flood would fill the database, and teach what nobody asked.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

/// Of more networks than this at once no other one counts until the next hour.
const MOST_NETWORKS: usize = 100_000;

/// What was spent in this hour, on this node.
#[derive(Debug, Default)]
pub struct Budget(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    /// Since 1970.
    hour: i64,
    by: HashMap<IpAddr, u32>,
}

impl Budget {
    /// Whether something from an address still counts, of which `most` in an hour do.
    pub fn spend(&self, from: IpAddr, now: DateTime<Utc>, most: u32) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.timestamp().div_euclid(3600);
        if spent.hour != hour {
            *spent = Spent { hour, by: HashMap::new() };
        }
        let network = network(from);
        if spent.by.len() >= MOST_NETWORKS && !spent.by.contains_key(&network) {
            return false;
        }
        let count = spent.by.entry(network).or_default();
        *count = count.saturating_add(1);
        *count <= most
    }
}

/// What one subscriber has: an IPv4 address, or 64 bits of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_has_its_own_for_each_hour() {
        let budget = Budget::default();
        let spend = |from: &str, second: i64| {
            budget.spend(from.parse().unwrap(), DateTime::from_timestamp(second, 0).unwrap(), 2)
        };
        assert!(spend("192.0.2.1", 3600) && spend("192.0.2.1", 7199) && !spend("192.0.2.1", 7199));
        assert!(spend("192.0.2.2", 7199));
        assert!(spend("2001:db8::1", 7199) && spend("2001:db8::2", 7199) && !spend("2001:db8::3", 7199));
        assert!(spend("2001:db8:0:1::1", 7199));
        assert!(spend("192.0.2.1", 7200), "another hour");
    }
}
