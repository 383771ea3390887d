//! Business time against a table that pandas made (`data/make_table.py`): seven years of New York with their holidays and clock changes.

use chrono::{DateTime, Utc};
use deskbell::hours::{business::Meaning, calendar::DayRule, holidays::us_federal};

use crate::office::{NEW_YORK, office};

#[test]
fn hours_05_business_time_is_what_pandas_says() {
    let mut calendar = office(NEW_YORK);
    let years = (2024..=2032).flat_map(us_federal);
    calendar.days = years.map(|(date, name)| (date, DayRule::closed(name))).collect();
    let mut seen = [0, 0];
    for row in include_str!("data/pandas.csv").lines().skip(1) {
        let [meaning, start, hours, due] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (start, due): (DateTime<Utc>, DateTime<Utc>) = (start.parse().unwrap(), due.parse().unwrap());
        let meaning = match meaning {
            "business_days" => Meaning::BusinessDays,
            "opening_hours" => Meaning::OpeningHours,
            other => panic!("{other}"),
        };
        seen[usize::from(meaning == Meaning::OpeningHours)] += 1;
        assert_eq!(calendar.add_business(start, hours.parse().unwrap(), meaning), Some(due), "{row}");
    }
    assert_eq!(seen, [400, 400]);
}
