//! What is measured of an engine: the quality of its answers, and the time that each keystroke takes.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    Result,
    data::Set,
    peers::{Engine, Peer},
    score::{self, Answer, Recall, VARIANTS},
};

/// How many solutions a search returns.
pub const LISTED: usize = 10;
/// Keystrokes before the clock counts: as many as for the product.
const WARM_UP: usize = 500;

/// The figures of one engine on one set.
#[derive(Debug)]
pub struct Measured {
    pub name: String,
    pub recall: BTreeMap<&'static str, Recall>,
    /// Nothing: the set has no keystrokes.
    pub took: Option<Took>,
}

/// Microseconds a keystroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Took {
    pub p50: f64,
    pub p99: f64,
}

/// Measures an engine other than the product's. The keystrokes go to the largest desk.
pub fn peer(name: &str, engine: &Engine<'_>, set: &Set) -> Result<Measured> {
    let mut answers = Vec::new();
    let mut largest: Option<(usize, Box<dyn Peer>)> = None;
    for (tenant, solutions) in &set.desks {
        let mut desk = engine(solutions)?;
        for question in set.questions.iter().filter(|question| question.tenant == *tenant) {
            for variant in VARIANTS {
                let Some(text) = question.text(variant) else { continue };
                let found = desk.ask(text)?;
                let ranked = found.into_iter().filter_map(|at| Some(solutions.get(at)?.id.clone())).collect();
                answers.push(Answer { id: question.id.clone(), variant: variant.to_owned(), ranked });
            }
        }
        if largest.as_ref().is_none_or(|(count, _)| solutions.len() > *count) {
            largest = Some((solutions.len(), desk));
        }
    }
    let took = match largest {
        Some((_, mut desk)) if !set.keystrokes.is_empty() => Some(time(&mut *desk, &set.keystrokes)?),
        _ => None,
    };
    Ok(Measured { name: name.to_owned(), recall: score::recall(set, &answers), took })
}

fn time(desk: &mut dyn Peer, keystrokes: &[String]) -> Result<Took> {
    for text in keystrokes.iter().take(WARM_UP) {
        desk.ask(text)?;
    }
    let mut took = Vec::with_capacity(keystrokes.len());
    for text in keystrokes {
        let begun = Instant::now();
        desk.ask(text)?;
        took.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
    Ok(Took { p50: at(0.5), p99: at(0.99) })
}
