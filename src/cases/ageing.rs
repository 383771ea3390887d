//! Cases that nobody takes, or on which nothing happens: after how much business time they are told of, or go to the next tier; each once
//! for a case in a tier. Pure.

use chrono::{DateTime, Utc};

use crate::{
    desk::promises::Promises,
    hours::{business::Meaning, calendar::Calendar},
    identity::staff::TOP_TIER,
};

use super::lifecycle::CaseStatus;

/// What happens to a case that ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Nobody has taken it: supervisors are told.
    UnclaimedTold,
    /// Nobody has taken it: it goes to the next tier.
    UnclaimedRaised,
    /// Nothing has happened: supervisors are told.
    UnmovedTold,
    /// Nothing has happened: it goes to the next tier.
    UnmovedRaised,
}

impl Rule {
    /// All of them. Who is told is told before it is raised.
    pub const ALL: [Self; 4] = [Self::UnclaimedTold, Self::UnmovedTold, Self::UnclaimedRaised, Self::UnmovedRaised];

    /// The kind of the step that it is.
    pub fn kind(self) -> &'static str {
        match self {
            Self::UnclaimedTold => "aged_unclaimed_told",
            Self::UnclaimedRaised => "aged_unclaimed_raised",
            Self::UnmovedTold => "aged_unmoved_told",
            Self::UnmovedRaised => "aged_unmoved_raised",
        }
    }

    /// After how many business hours; nothing: the desk has no such rule.
    pub fn hours(self, promises: &Promises) -> Option<u32> {
        match self {
            Self::UnclaimedTold => promises.unclaimed_told,
            Self::UnclaimedRaised => promises.unclaimed_raised,
            Self::UnmovedTold => promises.unmoved_told,
            Self::UnmovedRaised => promises.unmoved_raised,
        }
    }

    /// Whether the case goes to the next tier.
    pub fn raises(self) -> bool {
        matches!(self, Self::UnclaimedRaised | Self::UnmovedRaised)
    }

    fn is_of_unclaimed(self) -> bool {
        matches!(self, Self::UnclaimedTold | Self::UnclaimedRaised)
    }
}

/// Where a case stood after a step.
#[derive(Debug, Clone)]
pub struct Stood {
    /// When.
    pub at: DateTime<Utc>,
    /// The kind of the step.
    pub kind: String,
    /// Its status.
    pub status: CaseStatus,
    /// 1 to 4.
    pub tier: i16,
    /// Somebody works on it.
    pub taken: bool,
}

/// What happens next to a case with this history, and when; nothing while it waits for the customer, or when all has happened already.
pub fn next(
    history: &[Stood],
    promises: &Promises,
    calendar: &Calendar,
    meaning: Meaning,
) -> Option<(DateTime<Utc>, Rule)> {
    let last = history.last()?;
    if last.status.is_closed() || last.status.waits_for_customer() {
        return None;
    }
    let by_itself = |stood: &Stood| ["aged_", "mail_", "clock_"].iter().any(|kind| stood.kind.starts_with(kind));
    // What is only told or noted moves nothing; what raises the case does.
    let moved = history.iter().rfind(|stood| !by_itself(stood) || stood.kind.ends_with("_raised"))?.at;
    let waits = history
        .iter()
        .rev()
        .take_while(|stood| !stood.taken && !stood.status.is_closed() && stood.tier == last.tier)
        .last()
        .map(|stood| stood.at);
    let happened = |rule: Rule| {
        history.iter().any(|stood| {
            // A step that raised it left it in the tier above.
            stood.kind == rule.kind() && stood.tier - i16::from(rule.raises()) == last.tier
        })
    };
    let due = |rule: Rule| {
        let since = if rule.is_of_unclaimed() { waits? } else { moved };
        let can = !happened(rule) && (!rule.raises() || last.tier < TOP_TIER);
        let hours = rule.hours(promises).filter(|_| can)?;
        Some((calendar.add_business(since, hours, meaning)?, rule))
    };
    Rule::ALL.into_iter().filter_map(due).min_by_key(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calendar() -> Calendar {
        let day = json!([["09:00", "17:00"]]);
        serde_json::from_value(
            json!({"zone": "America/New_York", "weekly": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}}),
        )
        .unwrap()
    }

    fn stood(at: &str, kind: &str, status: CaseStatus, tier: i16, taken: bool) -> Stood {
        Stood { at: at.parse().unwrap(), kind: kind.into(), status, tier, taken }
    }

    #[test]
    fn agree_01_what_nobody_takes_is_told_of_and_raised_once_in_each_tier() {
        let promises = Promises {
            unclaimed_told: Some(24),
            unclaimed_raised: Some(48),
            unmoved_told: None,
            ..Promises::default()
        };
        let of = |history: &[Stood]| {
            next(history, &promises, &calendar(), Meaning::BusinessDays).map(|(at, rule)| (at.to_rfc3339(), rule))
        };
        // Friday: the weekend does not count.
        let mut history = vec![stood("2026-12-04T21:00:00Z", "made", CaseStatus::Open, 1, false)];
        assert_eq!(of(&history), Some(("2026-12-07T21:00:00+00:00".into(), Rule::UnclaimedTold)));
        history.push(stood("2026-12-07T21:00:00Z", "aged_unclaimed_told", CaseStatus::Open, 1, false));
        history.push(stood("2026-12-07T22:00:00Z", "comment", CaseStatus::Open, 1, false));
        assert_eq!(of(&history), Some(("2026-12-08T21:00:00+00:00".into(), Rule::UnclaimedRaised)));
        history.push(stood("2026-12-08T21:00:00Z", "aged_unclaimed_raised", CaseStatus::Open, 2, false));
        assert_eq!(
            of(&history),
            Some(("2026-12-09T21:00:00+00:00".into(), Rule::UnclaimedTold)),
            "anew in its new tier"
        );
        history.push(stood("2026-12-09T12:00:00Z", "claimed", CaseStatus::InProcess, 2, true));
        assert_eq!(of(&history), None);
        history.push(stood("2026-12-09T13:00:00Z", "released", CaseStatus::Open, 2, false));
        assert_eq!(of(&history), Some(("2026-12-10T13:00:00+00:00".into(), Rule::UnclaimedTold)));
        history.push(stood("2026-12-09T13:10:00Z", "canceled", CaseStatus::Canceled, 2, false));
        history.push(stood("2027-02-09T13:00:00Z", "reopened", CaseStatus::Open, 2, false));
        assert_eq!(
            of(&history),
            Some(("2027-02-10T13:00:00+00:00".into(), Rule::UnclaimedTold)),
            "what was closed did not wait"
        );
        history.truncate(history.len() - 2);
        history.push(stood("2026-12-09T14:00:00Z", "moved", CaseStatus::Open, 4, false));
        assert_eq!(of(&history).unwrap().1, Rule::UnclaimedTold);
        history.push(stood("2026-12-10T14:00:00Z", "aged_unclaimed_told", CaseStatus::Open, 4, false));
        assert_eq!(of(&history), None, "above development there is nobody");
    }

    #[test]
    fn agree_01_what_stands_still_is_told_of_but_not_while_the_customer_is_waited_for() {
        let promises = Promises { unmoved_told: Some(24), unmoved_raised: Some(72), ..Promises::default() };
        let of = |history: &[Stood]| {
            next(history, &promises, &calendar(), Meaning::BusinessDays).map(|(at, rule)| (at.to_rfc3339(), rule))
        };
        let mut history = vec![
            stood("2026-12-07T15:00:00Z", "made", CaseStatus::Open, 1, false),
            stood("2026-12-07T16:00:00Z", "claimed", CaseStatus::InProcess, 1, true),
        ];
        assert_eq!(of(&history), Some(("2026-12-08T16:00:00+00:00".into(), Rule::UnmovedTold)));
        history.push(stood("2026-12-08T15:59:00Z", "mail_sent", CaseStatus::InProcess, 1, true));
        history.push(stood("2026-12-08T15:59:30Z", "clock_late", CaseStatus::InProcess, 1, true));
        assert_eq!(of(&history), Some(("2026-12-08T16:00:00+00:00".into(), Rule::UnmovedTold)), "nobody did these");
        history.push(stood("2026-12-08T16:00:00Z", "aged_unmoved_told", CaseStatus::InProcess, 1, true));
        assert_eq!(
            of(&history),
            Some(("2026-12-10T16:00:00+00:00".into(), Rule::UnmovedRaised)),
            "being told of moves nothing"
        );
        history.push(stood("2026-12-09T10:00:00Z", "info_asked", CaseStatus::AdditionalInfo, 1, true));
        assert_eq!(of(&history), None);
        history.push(stood("2026-12-09T18:00:00Z", "customer", CaseStatus::InProcess, 1, true));
        assert_eq!(of(&history), Some(("2026-12-14T18:00:00+00:00".into(), Rule::UnmovedRaised)));
        history.push(stood("2026-12-09T19:00:00Z", "resolved", CaseStatus::Completed, 1, true));
        assert_eq!(of(&history), None);
        assert_eq!(of(&[]), None);
    }
}
