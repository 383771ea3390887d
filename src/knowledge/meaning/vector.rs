//! Vectors as they are kept: int8 with a scale, a quarter of the room, and no worse in any ranking.

use super::products::{Multiply, Unit, Work};

/// A direction in the space of meanings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vector {
    scale: f32,
    values: Vec<i8>,
}

impl Vector {
    /// The nearest that can be kept.
    pub fn of(values: &[f32]) -> Self {
        let most = values.iter().fold(1e-9_f32, |most, value| most.max(value.abs()));
        let scale = most / 127.0;
        Self { scale, values: values.iter().map(|value| (value / scale).round() as i8).collect() }
    }

    /// As it is stored: the scale, little-endian, then the values.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.scale.to_le_bytes().into_iter().chain(self.values.iter().map(|value| *value as u8)).collect()
    }

    /// Reads what `to_bytes` wrote; nothing: it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (scale, values) = bytes.split_first_chunk()?;
        let scale = f32::from_le_bytes(*scale);
        (scale.is_finite() && !values.is_empty())
            .then(|| Self { scale, values: values.iter().map(|value| *value as i8).collect() })
    }
}

/// Vectors in rows.
#[derive(Debug, Default)]
pub struct Vectors {
    width: usize,
    scales: Vec<f32>,
    values: Vec<i8>,
}

impl Vectors {
    /// Adds a row; one that is unknown is like nothing.
    pub fn push(&mut self, vector: Option<&Vector>) {
        let row = self.scales.len();
        self.scales.push(0.0);
        self.values.resize((row + 1) * self.width, 0);
        if let Some(vector) = vector {
            self.set(row, vector);
        }
    }

    /// Sets a row that there is.
    pub fn set(&mut self, row: usize, vector: &Vector) {
        if self.width == 0 {
            self.width = vector.values.len();
            self.values.resize(self.scales.len() * self.width, 0);
        }
        let values = self.values.get_mut(row * self.width..(row + 1) * self.width);
        if let (Some(values), Some(scale)) = (values, self.scales.get_mut(row))
            && vector.values.len() == self.width
        {
            values.copy_from_slice(&vector.values);
            *scale = vector.scale;
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether a row is known.
    pub fn is_known(&self, row: usize) -> bool {
        self.scales.get(row).is_some_and(|scale| *scale != 0.0)
    }

    /// Gives room back that is not used.
    pub fn shrink(&mut self) {
        self.scales.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    /// How like each row is to a vector, 1 at the most.
    pub fn likeness(&self, to: &Vector, unit: Unit, out: &mut Vec<f32>) {
        out.clear();
        if to.values.len() == self.width {
            unit.run(Likeness { rows: self, to, out });
        } else {
            out.resize(self.len(), 0.0);
        }
    }
}

struct Likeness<'a> {
    rows: &'a Vectors,
    to: &'a Vector,
    out: &'a mut Vec<f32>,
}

impl Work for Likeness<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self, _: impl Multiply) {
        let Self { rows, to, out } = self;
        for (row, scale) in rows.values.chunks_exact(rows.width).zip(&rows.scales) {
            out.push(product(row, &to.values) as f32 * scale * to.scale);
        }
    }
}

/// How many values are multiplied side by side.
const LANES: usize = 32;

#[inline(always)]
fn product(one: &[i8], other: &[i8]) -> i32 {
    let mut sums = [0_i32; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: i32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    for (one, other) in ones.zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(one).zip(other) {
            *sum += i32::from(*a) * i32::from(*b);
        }
    }
    rest + sums.iter().sum::<i32>()
}
