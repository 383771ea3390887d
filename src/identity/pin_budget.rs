//! How many wrong PINs are allowed: pure arithmetic over the tries that the database holds. See `docs/pin.md`.

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Pin;

/// One try of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Try {
    /// When.
    pub at: DateTime<Utc>,
    /// True: the PIN was right.
    pub succeeded: bool,
}

/// The wrong tries of the last 24 hours around a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Around {
    /// Of all persons of the account.
    pub account: i64,
    /// From the address.
    pub address: i64,
    /// Of everybody.
    pub total: i64,
}

/// Whether another try is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Try,
    /// Not before this time: this person or account had too many wrong ones.
    Locked {
        /// From then on.
        until: DateTime<Utc>,
        /// Which limit it was.
        limit: Limit,
    },
    /// Not by PIN at all for now: too many wrong ones from this address or in total. A specialist calls back.
    CallBack {
        /// Which limit it was.
        limit: Limit,
    },
}

/// The limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Several in a row.
    InARow,
    /// A person's day.
    Day,
    /// A person's month.
    Month,
    /// The account's day.
    Account,
    /// The address's day.
    Address,
    /// Everybody's day.
    Total,
}

/// Judges a person's tries of the last 30 days (oldest first) and the wrong ones around them.
pub fn judge(budget: &Pin, tries: &[Try], around: Around, now: DateTime<Utc>) -> Verdict {
    let day = TimeDelta::days(1);
    let month = TimeDelta::days(30);
    if reached(around.total, budget.total_a_day) {
        return Verdict::CallBack { limit: Limit::Total };
    }
    if reached(around.address, budget.address_a_day) {
        return Verdict::CallBack { limit: Limit::Address };
    }
    let wrong = |since: TimeDelta| tries.iter().filter(move |t| !t.succeeded && t.at > now - since).map(|t| t.at);
    if let Some(until) = frees_at(wrong(month).collect(), budget.in_30_days, month) {
        return Verdict::Locked { until, limit: Limit::Month };
    }
    if let Some(until) = frees_at(wrong(day).collect(), budget.a_day, day) {
        return Verdict::Locked { until, limit: Limit::Day };
    }
    if reached(around.account, budget.account_a_day) {
        return Verdict::Locked { until: now + day, limit: Limit::Account };
    }
    let row: Vec<_> = tries.iter().rev().take_while(|t| !t.succeeded).collect();
    let pause = TimeDelta::minutes(i64::from(budget.pause_minutes));
    match row.first() {
        Some(last) if row.len() >= budget.in_a_row && now < last.at + pause => {
            Verdict::Locked { until: last.at + pause, limit: Limit::InARow }
        }
        _ => Verdict::Try,
    }
}

fn reached(count: i64, limit: usize) -> bool {
    usize::try_from(count).is_ok_and(|count| count >= limit)
}

/// When a window of `span` again holds fewer than `limit` of `times` (oldest first); `None`: it does now.
fn frees_at(times: Vec<DateTime<Utc>>, limit: usize, span: TimeDelta) -> Option<DateTime<Utc>> {
    let surplus = times.len().checked_sub(limit)?;
    times.get(surplus).map(|oldest_that_counts| *oldest_that_counts + span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn wrong(minutes: i64) -> Try {
        Try { at: at(minutes), succeeded: false }
    }

    #[test]
    fn pin_03_three_in_a_row_pause() {
        let tries = [wrong(0), wrong(1), wrong(2)];
        let budget = Pin::default();
        assert_eq!(judge(&budget, &tries[..2], Around::default(), at(3)), Verdict::Try);
        assert_eq!(
            judge(&budget, &tries, Around::default(), at(3)),
            Verdict::Locked { until: at(32), limit: Limit::InARow }
        );
        assert_eq!(judge(&budget, &tries, Around::default(), at(32)), Verdict::Try);
    }

    #[test]
    fn pin_03_success_ends_the_row_but_not_the_day() {
        let mut tries = vec![wrong(0), wrong(1), Try { at: at(2), succeeded: true }, wrong(3), wrong(4)];
        let budget = Pin::default();
        assert_eq!(judge(&budget, &tries, Around::default(), at(5)), Verdict::Try);
        tries.push(Try { at: at(5), succeeded: true });
        tries.push(wrong(6));
        assert_eq!(
            judge(&budget, &tries, Around::default(), at(7)),
            Verdict::Locked { until: at(24 * 60), limit: Limit::Day }
        );
    }

    #[test]
    fn pin_03_address_and_total_ask_for_a_call_back() {
        let budget = Pin::default();
        let around = Around { address: 20, ..Around::default() };
        assert_eq!(judge(&budget, &[], around, at(0)), Verdict::CallBack { limit: Limit::Address });
        let around = Around { total: 100, ..Around::default() };
        assert_eq!(judge(&budget, &[], around, at(0)), Verdict::CallBack { limit: Limit::Total });
        let around = Around { account: 15, ..Around::default() };
        assert!(matches!(judge(&budget, &[], around, at(0)), Verdict::Locked { limit: Limit::Account, .. }));
    }

    proptest! {
        /// Whatever a guesser's timing, and however often the person's own successes come between: never more than 9 wrong
        /// tries in any 30 days, never more than 5 in any day.
        #[test]
        fn pin_03_no_timing_beats_the_budget(steps in proptest::collection::vec((0_i64..3_000, any::<bool>()), 1..400)) {
            let budget = Pin::default();
            let (mut now, mut tries) = (0, Vec::<Try>::new());
            for (pause, own) in steps {
                now += pause;
                let recent: Vec<Try> = tries.iter().copied().filter(|t| t.at > at(now) - TimeDelta::days(30)).collect();
                if judge(&budget, &recent, Around::default(), at(now)) == Verdict::Try {
                    tries.push(Try { at: at(now), succeeded: own });
                }
            }
            let wrong: Vec<_> = tries.iter().filter(|t| !t.succeeded).map(|t| t.at).collect();
            for start in &wrong {
                let within = |span: TimeDelta| wrong.iter().filter(|t| *t >= start && **t < *start + span).count();
                prop_assert!(within(TimeDelta::days(30)) <= 9);
                prop_assert!(within(TimeDelta::days(1)) <= 5);
            }
        }
    }
}
