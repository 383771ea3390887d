//! How good a run is: of how many questions the right solution is first, and among the first ten.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::data::Set;

/// How much of a question is there: 30 and 60 % of its letters, all of it, all of it mistyped once.
pub const VARIANTS: [&str; 4] = ["p30", "p60", "text", "typo"];

/// What was found for one variant of a question.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The question.
    pub id: String,
    pub variant: String,
    /// The solutions found, best first.
    pub ranked: Vec<String>,
}

/// Shares of questions, in percent: the mean over the tenants, so that one with many questions does not outvote the others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recall {
    /// With a right solution first.
    pub at_1: f64,
    /// With a right solution among the first ten.
    pub at_10: f64,
}

/// The shares by variant, of those that were answered.
pub fn recall(set: &Set, answers: &[Answer]) -> BTreeMap<&'static str, Recall> {
    let questions: HashMap<&str, _> = set.questions.iter().map(|question| (question.id.as_str(), question)).collect();
    let mut places: HashMap<&str, BTreeMap<&str, Vec<Option<usize>>>> = HashMap::new();
    for answer in answers {
        let Some(question) = questions.get(answer.id.as_str()) else { continue };
        let place = answer.ranked.iter().take(10).position(|id| question.relevant.contains(id));
        places.entry(&answer.variant).or_default().entry(&question.tenant).or_default().push(place);
    }
    let of = |variant| {
        let tenants = places.get(variant)?;
        let share = |most: usize| {
            let right = |places: &Vec<Option<usize>>| places.iter().flatten().filter(|place| **place < most).count();
            let shares = tenants.values().map(|places| right(places) as f64 / places.len() as f64);
            100.0 * shares.sum::<f64>() / tenants.len() as f64
        };
        Some((variant, Recall { at_1: share(1), at_10: share(10) }))
    };
    VARIANTS.into_iter().filter_map(of).collect()
}
