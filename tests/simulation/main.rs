//! A day of 10,000 chats and 200 people through the product's own routing, beside two plain policies on the same arrivals:
//! `cargo test --release --test simulation -- --nocapture` prints waits, utilisation and fairness.

mod day;
mod policy;
mod report;

use day::{Day, run};
use policy::{LongestIdle, Product, RoundRobin};
use report::Report;

#[test]
fn live_06_a_day_of_ten_thousand_chats() {
    // Unoptimised, a smaller desk on a day that is as busy.
    let (chats, people) = if cfg!(debug_assertions) { (2_500, 50) } else { (10_000, 200) };
    let day = Day::new(7, chats, people);
    let product = Report::of("Deskbell", &day, &run(&day, &mut Product));
    let round_robin = Report::of("round robin", &day, &run(&day, &mut RoundRobin::default()));
    let longest_idle = Report::of("longest idle", &day, &run(&day, &mut LongestIdle));
    println!("{}", Report::HEAD);
    for report in [&product, &round_robin, &longest_idle] {
        println!("{report}");
        assert_eq!(report.over_capacity, 0, "{} gave somebody more than the places", report.name);
    }
    assert_eq!(product.served, chats, "nobody is left without an answer");
    for plain in [&round_robin, &longest_idle] {
        assert!(product.in_time > plain.in_time, "more are answered in time than by {}", plain.name);
        assert!(product.worst_first < plain.worst_first, "the most urgent wait less than by {}", plain.name);
        assert!(product.spread < plain.spread, "the load is spread more evenly than by {}", plain.name);
    }
}
