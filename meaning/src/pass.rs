//! The forward pass: from tokens to one vector of length 1 (Devlin et al., BERT, 2019; Reimers and Gurevych, Sentence-BERT, 2019).

use super::{
    file::{Norm, Weights},
    products::{Input, LANES, Matrix, Multiply, ROUND, Unit, Work, largest},
};

/// What a layer norm adds to the variance.
const EPSILON: f32 = 1e-12;

/// The room that passes on one thread share.
#[derive(Debug, Default)]
pub struct Room {
    /// The tokens, a row each.
    states: Vec<f32>,
    /// Queries, keys and values of each token.
    attention: Vec<f32>,
    attended: Vec<f32>,
    inner: Vec<f32>,
    change: Vec<f32>,
    shares: Vec<f32>,
    input: Input,
}

/// What some tokens mean together; there is at least one, and no more than the model has positions.
pub fn embed(weights: &Weights<'_>, tokens: &[u32], unit: Unit, room: &mut Room) -> Vec<f32> {
    unit.run(Pass { weights, tokens, room })
}

struct Pass<'a> {
    weights: &'a Weights<'a>,
    tokens: &'a [u32],
    room: &'a mut Room,
}

impl Work for Pass<'_> {
    type Out = Vec<f32>;

    #[inline(always)]
    fn run(self, unit: impl Multiply) -> Vec<f32> {
        let Pass { weights, tokens, room } = self;
        let width = weights.width;
        room.states.clear();
        for (token, place) in tokens.iter().zip(weights.positions.chunks_exact(width)) {
            let token = *token as usize;
            let scale = weights.word_scales[token];
            let word = &weights.words[token * width..][..width];
            room.states.extend(word.iter().zip(place).map(|(word, place)| f32::from(*word) * scale + place));
        }
        normalize(&mut room.states, weights.norm);
        for layer in &weights.layers {
            multiply(unit, &layer.attention, &mut room.input, &room.states, &mut room.attention);
            attend(&room.attention, width, weights.heads, &mut room.shares, &mut room.attended);
            multiply(unit, &layer.output, &mut room.input, &room.attended, &mut room.change);
            add(&mut room.states, &room.change);
            normalize(&mut room.states, layer.output_norm);
            multiply(unit, &layer.inner, &mut room.input, &room.states, &mut room.inner);
            for value in &mut room.inner {
                *value = gelu(*value);
            }
            multiply(unit, &layer.outer, &mut room.input, &room.inner, &mut room.change);
            add(&mut room.states, &room.change);
            normalize(&mut room.states, layer.outer_norm);
        }
        let mut mean = vec![0.0; width];
        room.states.chunks_exact(width).for_each(|state| add(&mut mean, state));
        to_length_one(&mut mean);
        mean
    }
}

/// Divides by the length.
pub fn to_length_one(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-9);
    vector.iter_mut().for_each(|value| *value /= length);
}

#[inline(always)]
fn multiply(unit: impl Multiply, matrix: &Matrix<'_>, input: &mut Input, rows: &[f32], out: &mut Vec<f32>) {
    let columns = matrix.columns();
    input.read(rows, columns);
    out.resize(rows.len() / columns * matrix.rows(), 0.0);
    unit.multiply(matrix, input, out);
}

#[inline(always)]
fn add(to: &mut [f32], other: &[f32]) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += other;
    }
}

#[inline(always)]
fn normalize(rows: &mut [f32], norm: Norm<'_>) {
    let width = norm.gain.len();
    for row in rows.chunks_exact_mut(width) {
        let mean = sum(row, |value| value) / width as f32;
        let variance = sum(row, |value| (value - mean) * (value - mean)) / width as f32;
        let scale = 1.0 / (variance + EPSILON).sqrt();
        for (value, (gain, shift)) in row.iter_mut().zip(norm.gain.iter().zip(norm.shift)) {
            *value = (*value - mean) * scale * gain + shift;
        }
    }
}

#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|value| of(*value)).sum();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += of(*value);
        }
    }
    total(sums) + rest
}

/// Each token takes of the others' values, by head, as their keys fit its query.
#[inline(always)]
fn attend(attention: &[f32], width: usize, heads: usize, shares: &mut Vec<f32>, out: &mut Vec<f32>) {
    let row = 3 * width;
    let count = attention.len() / row;
    let part = width / heads;
    let scale = 1.0 / (part as f32).sqrt();
    out.clear();
    out.resize(count * width, 0.0);
    shares.resize(count, 0.0);
    for (at, out) in out.chunks_exact_mut(width).enumerate() {
        for head in 0..heads {
            let of = |token: usize, which: usize| &attention[token * row + which * width + head * part..][..part];
            let query = of(at, 0);
            for (token, share) in shares.iter_mut().enumerate() {
                *share = dot(query, of(token, 1)) * scale;
            }
            let most = largest(shares, |share| share);
            for share in shares.iter_mut() {
                *share = exp(*share - most);
            }
            let whole = 1.0 / sum(shares, |share| share);
            let out = &mut out[head * part..][..part];
            for (token, share) in shares.iter().enumerate() {
                let share = share * whole;
                for (out, value) in out.iter_mut().zip(of(token, 2)) {
                    *out += share * value;
                }
            }
        }
    }
}

/// The sum of a register's lanes, half by half.
#[inline(always)]
fn total(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (one, other) in one.chunks_exact(LANES).zip(other.chunks_exact(LANES)) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    total(sums)
}

/// The Gaussian error linear unit, by its sigmoid form.
#[inline(always)]
fn gelu(value: f32) -> f32 {
    value / (1.0 + exp(-1.595_769 * (value + 0.044_715 * value * value * value)))
}

/// The exponential: a power of two times a polynomial, right to six digits. Nothing in it keeps it from running on many values at
/// once: no comparison that cares for what is no number, no rounding that a register cannot do.
#[inline(always)]
fn exp(value: f32) -> f32 {
    let powers = value * std::f32::consts::LOG2_E;
    let powers = if powers > -126.0 { powers } else { -126.0 };
    let powers = if powers < 126.0 { powers } else { 126.0 };
    let rounded = powers + ROUND;
    let rest = (powers - (rounded - ROUND)) * std::f32::consts::LN_2;
    let series = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest / 120.0))));
    // The low bits of what was rounded are the whole number.
    let power = f32::from_bits((rounded.to_bits().wrapping_add(127)) << 23);
    power * series
}
