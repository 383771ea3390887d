//! US federal holidays against published lists.

use chrono::{Datelike, NaiveDate, Weekday};
use deskbell::hours::holidays::us_federal;

fn days(year: i32) -> Vec<String> {
    us_federal(year).iter().map(|(date, _)| date.format("%m-%d").to_string()).collect()
}

#[test]
fn hours_03_the_lists_of_the_office_of_personnel_management() {
    // 2021: Juneteenth for the first time, and the next New Year's Day on 31 December.
    assert_eq!(
        days(2021),
        ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31"]
    );
    assert_eq!(days(2022), ["01-17", "02-21", "05-30", "06-20", "07-04", "09-05", "10-10", "11-11", "11-24", "12-26"]);
    assert_eq!(
        days(2023),
        ["01-02", "01-16", "02-20", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]
    );
    assert_eq!(
        days(2026),
        ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]
    );
    assert_eq!(
        days(2010),
        ["01-01", "01-18", "02-15", "05-31", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31"]
    );
}

#[test]
fn hours_03_names_stand_by_their_dates() {
    let named = |year, month, day| {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        us_federal(year).into_iter().find(|(observed, _)| *observed == date).map(|(_, name)| name)
    };
    assert_eq!(named(2021, 12, 31), Some("New Year's Day"));
    assert_eq!(named(2021, 6, 18), Some("Juneteenth National Independence Day"));
    assert_eq!(named(2026, 1, 19), Some("Birthday of Martin Luther King, Jr."));
    assert_eq!(named(2026, 10, 12), Some("Columbus Day"));
}

#[test]
fn hours_03_every_holiday_is_once_a_year_on_a_working_day() {
    for year in 1990..2100 {
        let list = us_federal(year);
        assert!(list.is_sorted());
        assert!(list.iter().all(|(date, _)| date.year() == year));
        assert!(list.iter().all(|(date, _)| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)));
        assert!((9..=12).contains(&list.len()), "{year} has {}", list.len());
    }
    let all: usize = (2021..2121).map(|year| us_federal(year).len()).sum();
    assert!((1099..=1101).contains(&all), "eleven a year, give or take a New Year's Day: {all}");
    assert!(us_federal(i32::MAX).is_empty() && us_federal(i32::MIN).is_empty());
}
