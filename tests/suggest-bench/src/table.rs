//! The table of figures, in Markdown.

use crate::{
    measure::{Measured, Took},
    score::VARIANTS,
};

/// One table of what was measured on all sets.
pub fn of(sets: &[(String, Vec<Measured>)]) -> String {
    let mut out = String::from(
        "| set | engine | 30 % | 60 % | whole | one typo | p50 µs | p99 µs | times lexical, p50 / p99 | times full, p50 / p99 |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (set, measured) in sets {
        let of_tier = |tier: &str| measured.iter().find(|m| m.name.ends_with(tier)).and_then(|m| m.took);
        let (lexical, full) = (of_tier("lexical"), of_tier("full"));
        for Measured { name, recall, took } in measured {
            out += &format!("| {set} | {name} |");
            for variant in VARIANTS {
                out += &match recall.get(variant) {
                    Some(recall) => format!(" {:.1} / {:.1} |", recall.at_1, recall.at_10),
                    None => String::from(" |"),
                };
            }
            let figure =
                |of: fn(&Took) -> f64| took.as_ref().map(|took| format!("{:.0}", of(took))).unwrap_or_default();
            out += &format!(" {} | {} |", figure(|took| took.p50), figure(|took| took.p99));
            out += &format!(" {} | {} |\n", ratio(*took, lexical), ratio(*took, full));
        }
    }
    out
}

/// How many times as long it took.
fn ratio(took: Option<Took>, than: Option<Took>) -> String {
    let (Some(took), Some(than)) = (took, than) else { return String::new() };
    let digits = |times: f64| match times {
        ..0.95 => format!("{times:.2}"),
        ..9.95 => format!("{times:.1}"),
        _ => format!("{times:.0}"),
    };
    format!("{} / {}", digits(took.p50 / than.p50), digits(took.p99 / than.p99))
}
