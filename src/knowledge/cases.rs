//! What closed cases say of the solutions that closed them.

use super::meaning::{Input, OF_A_CASE, Unit, Vector, Vectors};

/// Most cases of a solution that count.
pub const MOST_CASES: usize = 50;

/// How much less the text of a solution counts when its cases speak for it, too.
const CASES_INSTEAD: f32 = 0.2;
/// From which likeness on the nearest case speaks for its solution, and how loud; and from which on it speaks louder.
const CASE_FROM: f32 = 0.4;
const CASE: f32 = 0.3;
const CLOSE_FROM: f32 = 0.7;
const CLOSE: f32 = 0.3;
/// What the share of a solution's cases among all that are near counts, and how sharply nearness decides.
const CASE_SHARE: f32 = 0.15;
const CASE_SHARPNESS: f32 = 20.0;
/// Of many cases one is near by chance: what is taken off, times the logarithm of their number and one.
const CASE_CHANCE: f32 = 0.02;

/// The closed cases of all solutions.
#[derive(Debug, Default)]
pub struct Cases {
    /// One after the other, each whole and after its beginnings.
    vectors: Vectors,
    /// The places of their solutions.
    owners: Vec<u32>,
    /// By place, how many there are.
    counts: Vec<u16>,
}

/// What those who ask on one thread reuse.
#[derive(Debug, Default)]
pub struct Heard {
    likeness: Vec<f32>,
    /// By place.
    nearest: Vec<f32>,
    /// By place.
    shares: Vec<f32>,
}

impl Cases {
    /// Takes the cases of the next place in; the first [`MOST_CASES`] count.
    pub fn push(&mut self, place: u32, cases: &[[Vector; OF_A_CASE]]) {
        let cases = cases.get(..MOST_CASES).unwrap_or(cases);
        self.counts.push(cases.len() as u16);
        for case in cases {
            self.owners.push(place);
            case.iter().for_each(|part| self.vectors.push(Some(part)));
        }
    }

    /// Gives room back that is not used.
    pub fn shrink(&mut self) {
        self.vectors.shrink();
        self.owners.shrink_to_fit();
    }

    /// Adds what the cases say of a text to what the solutions' own texts say, by place. A solution without cases loses nothing to
    /// one that has some: its own text counts for all.
    pub fn speak(&self, text: &[f32], unit: Unit, input: &mut Input, heard: &mut Heard, scores: &mut [f32]) {
        let Heard { likeness, nearest, shares } = heard;
        self.vectors.likeness(text, unit, input, likeness);
        nearest.clear();
        nearest.resize(scores.len(), 0.0);
        shares.clear();
        shares.resize(scores.len(), 0.0);
        let mut most = 0.0_f32;
        for (owner, parts) in self.owners.iter().zip(likeness.chunks_exact(OF_A_CASE)) {
            let place = *owner as usize;
            let like = parts.iter().fold(0.0_f32, |most, part| most.max(*part));
            nearest[place] = nearest[place].max(like);
            shares[place] += (CASE_SHARPNESS * (like - 1.0)).exp();
            most = most.max(like);
        }
        let whole = shares.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        for (place, score) in scores.iter_mut().enumerate().filter(|(place, _)| self.counts[*place] > 0) {
            let like = nearest[place];
            *score *= 1.0 - CASES_INSTEAD;
            *score += CASE * (like - CASE_FROM).max(0.0) + CLOSE * (like - CLOSE_FROM).max(0.0);
            *score += CASE_SHARE * most * shares[place] / whole;
            *score -= CASE_CHANCE * f32::from(self.counts[place]).ln_1p();
        }
    }
}
