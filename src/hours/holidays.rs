//! The US federal holidays as rules, with the weekday each is observed on.

use chrono::{Datelike, NaiveDate, Weekday};

/// When in a year a holiday falls.
enum Falls {
    /// On this month and day, observed on the nearest weekday.
    On(u32, u32),
    /// On the first, second, … such weekday of the month.
    Nth(u32, Weekday, u8),
    /// On the last such weekday of the month.
    Last(u32, Weekday),
}

const FEDERAL: [(&str, Falls); 11] = [
    ("New Year's Day", Falls::On(1, 1)),
    ("Birthday of Martin Luther King, Jr.", Falls::Nth(1, Weekday::Mon, 3)),
    ("Washington's Birthday", Falls::Nth(2, Weekday::Mon, 3)),
    ("Memorial Day", Falls::Last(5, Weekday::Mon)),
    (JUNETEENTH, Falls::On(6, 19)),
    ("Independence Day", Falls::On(7, 4)),
    ("Labor Day", Falls::Nth(9, Weekday::Mon, 1)),
    ("Columbus Day", Falls::Nth(10, Weekday::Mon, 2)),
    ("Veterans Day", Falls::On(11, 11)),
    ("Thanksgiving Day", Falls::Nth(11, Weekday::Thu, 4)),
    ("Christmas Day", Falls::On(12, 25)),
];

const JUNETEENTH: &str = "Juneteenth National Independence Day";
const FIRST_JUNETEENTH: i32 = 2021;

/// The dates in `year` on which US federal holidays are observed, in order, with their names.
///
/// A holiday on a Saturday is observed the Friday before and one on a Sunday the Monday after. So
/// 31 December is in the list when the next New Year's Day is a Saturday, and that next year's
/// list is without one. These are today's rules, Juneteenth from 2021 on; they are right for the
/// years from 1986. A year outside chrono's range has none.
#[must_use]
pub fn us_federal(year: i32) -> Vec<(NaiveDate, &'static str)> {
    let mut observed: Vec<_> = [Some(year), year.checked_add(1)]
        .into_iter()
        .flatten()
        .flat_map(|year| {
            FEDERAL
                .iter()
                .filter(move |(name, _)| *name != JUNETEENTH || year >= FIRST_JUNETEENTH)
                .filter_map(move |(name, falls)| Some((falls.observed_in(year)?, *name)))
        })
        .filter(|(date, _)| date.year() == year)
        .collect();
    observed.sort_unstable();
    observed
}

impl Falls {
    fn observed_in(&self, year: i32) -> Option<NaiveDate> {
        match *self {
            Self::On(month, day) => {
                let date = NaiveDate::from_ymd_opt(year, month, day)?;
                match date.weekday() {
                    Weekday::Sat => date.pred_opt(),
                    Weekday::Sun => date.succ_opt(),
                    _ => Some(date),
                }
            }
            Self::Nth(month, weekday, nth) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth),
            Self::Last(month, weekday) => {
                [5, 4].into_iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth))
            }
        }
    }
}
