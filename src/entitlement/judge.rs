//! Whether somebody gets support now. Pure: facts in, a refusal or none out.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    identity::{
        account::{AccountStatus, Standing},
        contact::ContactRole,
    },
    input,
};

/// What a supervisor says about an account or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RulingKind {
    /// No support.
    Stop,
    /// So many requests within 24 hours.
    Limit,
    /// Let in, whatever the standing is and whoever speaks for the account.
    Exception,
}

/// A ruling that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling {
    /// What it says.
    pub kind: RulingKind,
    /// It is about the whole account; otherwise about the person.
    pub of_account: bool,
    /// Of a limit: how many requests within 24 hours.
    pub requests: u32,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
}

/// All that counts.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Whether the company is a customer.
    pub status: AccountStatus,
    /// Whether its bills are paid.
    pub standing: Standing,
    /// What the person is there.
    pub role: ContactRole,
    /// What supervisors said, in force now.
    pub rulings: &'a [Ruling],
    /// When the person asked for something within the last 24 hours.
    pub asked: &'a [DateTime<Utc>],
    /// When anybody of the account did.
    pub asked_by_account: &'a [DateTime<Utc>],
    /// What is asked, if something is already.
    pub text: &'a str,
    /// Only those who speak for an account ask for support.
    pub first_line: bool,
    /// How many requests a person may send within 24 hours.
    pub requests_a_day: Option<u32>,
    /// Words that nobody has to read, folded.
    pub barred: &'a [String],
}

/// Why somebody gets no support now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The account is closed.
    Closed,
    /// A supervisor stopped it.
    Stopped {
        /// Until when.
        until: Option<DateTime<Utc>>,
    },
    /// The account's bills are not paid.
    Standing,
    /// Others speak for the account.
    FirstLine,
    /// As many requests as are agreed came already.
    TooMany {
        /// How many those are.
        most: u32,
        /// When the next may come; nothing: never, none are agreed.
        again: Option<DateTime<Utc>>,
    },
    /// There are words in it that nobody has to read.
    Wording,
}

impl Refusal {
    /// The code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "account_closed",
            Self::Stopped { .. } => "support_stopped",
            Self::Standing => "not_in_good_standing",
            Self::FirstLine => "not_first_line",
            Self::TooMany { .. } => "too_many_requests",
            Self::Wording => "barred_words",
        }
    }
}

/// The time within which requests are counted.
pub const DAY: TimeDelta = TimeDelta::hours(24);

/// Whether it is refused, and why; the reason that lasts longest comes first.
pub fn judge(facts: &Facts<'_>) -> Option<Refusal> {
    let of = |kind: RulingKind| facts.rulings.iter().filter(move |ruling| ruling.kind == kind);
    if facts.status == AccountStatus::Closed {
        return Some(Refusal::Closed);
    }
    // Of several stops the longest counts; one without an end is longer than all others.
    if let Some(stop) = of(RulingKind::Stop).max_by_key(|stop| (stop.ends_at.is_none(), stop.ends_at)) {
        return Some(Refusal::Stopped { until: stop.ends_at });
    }
    let let_in = of(RulingKind::Exception).next().is_some();
    if facts.standing == Standing::Bad && !let_in {
        return Some(Refusal::Standing);
    }
    if facts.first_line && facts.role == ContactRole::User && !let_in {
        return Some(Refusal::FirstLine);
    }
    let agreed = facts.requests_a_day.map(|most| (most, facts.asked));
    let ruled = of(RulingKind::Limit)
        .map(|limit| (limit.requests, if limit.of_account { facts.asked_by_account } else { facts.asked }));
    let full = agreed.into_iter().chain(ruled).filter_map(|(most, asked)| full(most, asked));
    // All of them must have room: the last one to have it counts.
    if let Some((most, again)) = full.max_by_key(|(_, again)| (again.is_none(), *again)) {
        return Some(Refusal::TooMany { most, again });
    }
    has_barred(facts.text, facts.barred).then_some(Refusal::Wording)
}

/// When there is room again under a limit that is reached.
fn full(most: u32, asked: &[DateTime<Utc>]) -> Option<(u32, Option<DateTime<Utc>>)> {
    let room = usize::try_from(most).unwrap_or(usize::MAX);
    if asked.len() < room {
        return None;
    }
    let mut newest_first = asked.to_vec();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    // Once this one is older than a day, one fewer than the most are left.
    let frees = room.checked_sub(1).and_then(|at| newest_first.get(at));
    Some((most, frees.map(|at| *at + DAY)))
}

/// Whether one of the words, or words in a row, stands in a text.
fn has_barred(text: &str, barred: &[String]) -> bool {
    if barred.is_empty() {
        return false;
    }
    let text = words(text);
    barred.iter().map(|phrase| words(phrase)).any(|phrase| phrase.len() > 2 && text.contains(&phrase))
}

/// Words, each between two spaces.
fn words(text: &str) -> String {
    let folded = input::fold(text);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    format!(" {} ", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn fine() -> Facts<'static> {
        Facts {
            status: AccountStatus::Active,
            standing: Standing::Good,
            role: ContactRole::Administrator,
            rulings: &[],
            asked: &[],
            asked_by_account: &[],
            text: "",
            first_line: true,
            requests_a_day: None,
            barred: &[],
        }
    }

    const fn ruling(kind: RulingKind) -> Ruling {
        Ruling { kind, of_account: true, requests: 0, ends_at: None }
    }

    #[test]
    fn agree_06_agree_08_who_is_refused_and_whom_an_exception_lets_in() {
        let (bad, user) = (Facts { standing: Standing::Bad, ..fine() }, Facts { role: ContactRole::User, ..fine() });
        assert_eq!(
            [fine(), bad.clone(), user.clone()].map(|facts| judge(&facts)),
            [None, Some(Refusal::Standing), Some(Refusal::FirstLine)]
        );
        assert_eq!(judge(&Facts { first_line: false, ..user.clone() }), None);
        assert_eq!(judge(&Facts { status: AccountStatus::Closed, ..bad.clone() }), Some(Refusal::Closed));
        let exception = [ruling(RulingKind::Exception)];
        for facts in [bad, user] {
            assert_eq!(judge(&Facts { rulings: &exception, ..facts.clone() }), None);
            let both = [ruling(RulingKind::Exception), ruling(RulingKind::Stop)];
            assert_eq!(judge(&Facts { rulings: &both, ..facts }), Some(Refusal::Stopped { until: None }));
        }
    }

    #[test]
    fn agree_07_limits_say_when_there_is_room_again() {
        let asked = [at(0), at(600), at(1_200)];
        let limit = |requests, of_account| Ruling { requests, of_account, ..ruling(RulingKind::Limit) };
        let judged = |rulings: &[Ruling], requests_a_day| {
            judge(&Facts { rulings, requests_a_day, asked: &asked[..2], asked_by_account: &asked, ..fine() })
        };
        assert_eq!(judged(&[], Some(3)), None);
        assert_eq!(judged(&[], Some(2)), Some(Refusal::TooMany { most: 2, again: Some(at(0) + DAY) }));
        assert_eq!(
            judged(&[limit(1, true)], Some(2)),
            Some(Refusal::TooMany { most: 1, again: Some(at(1_200) + DAY) })
        );
        assert_eq!(judged(&[limit(0, false)], Some(2)), Some(Refusal::TooMany { most: 0, again: None }));
    }

    #[test]
    fn agree_07_barred_words_are_whole_words_in_any_dress() {
        let barred = ["darn".to_owned(), "Go  Away".to_owned(), "--".to_owned()];
        let judged = |text| judge(&Facts { text, barred: &barred, ..fine() });
        for text in ["DARN!", "oh, darn.", "please go\naway", "«Darn»"] {
            assert_eq!(judged(text), Some(Refusal::Wording), "{text}");
        }
        for text in ["darned", "I go to work away from home", "", "-- "] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    proptest! {
        /// Whoever waits until then is let in, and nobody is told to wait for longer than it takes.
        #[test]
        fn agree_07_after_the_time_that_was_said_there_is_room(minutes in proptest::collection::vec(0..1_440_i64, 0..30), most in 0..20_u32) {
            let asked: Vec<_> = minutes.into_iter().map(at).collect();
            let within = |now: DateTime<Utc>| asked.iter().copied().filter(|at| *at > now - DAY).collect::<Vec<_>>();
            let judged = |now| judge(&Facts { asked: &within(now), requests_a_day: Some(most), ..fine() });
            match judged(at(1_440)) {
                Some(Refusal::TooMany { again: Some(again), .. }) => {
                    prop_assert_eq!(judged(again), None);
                    prop_assert!(judged(again - TimeDelta::minutes(1)).is_some());
                }
                Some(Refusal::TooMany { again: None, .. }) => prop_assert_eq!(most, 0),
                refusal => {
                    prop_assert_eq!(refusal, None);
                    prop_assert!(within(at(1_440)).len() < most as usize);
                }
            }
        }
    }
}
