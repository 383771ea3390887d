//! Vectors as they are kept: int8 with a scale, a quarter of the room, and no worse in any ranking.

use super::products::{Input, Matrix, Multiply, Unit, Work};

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

    /// The direction that was kept.
    pub fn direction(&self) -> Vec<f32> {
        self.values.iter().map(|value| f32::from(*value) * self.scale).collect()
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

/// Several vectors as they are stored, one after the other.
pub fn to_bytes(vectors: &[Vector]) -> Vec<u8> {
    vectors.iter().flat_map(Vector::to_bytes).collect()
}

/// Reads so many vectors that `to_bytes` wrote; nothing: it is something else.
pub fn from_bytes(bytes: &[u8], count: usize) -> Option<Vec<Vector>> {
    let vectors: Vec<_> =
        bytes.chunks(bytes.len().div_ceil(count).max(1)).map(Vector::from_bytes).collect::<Option<_>>()?;
    (vectors.len() == count).then_some(vectors)
}

/// Vectors in rows, as products take them.
#[derive(Debug, Default)]
pub struct Vectors {
    width: usize,
    count: usize,
    /// In tiles, as those of a [`Matrix`].
    values: Vec<i8>,
    scales: Vec<f32>,
    sums: Vec<i32>,
    /// Nothing is added to any product.
    bias: Vec<f32>,
}

impl Vectors {
    /// Adds a row; one that is unknown is like nothing.
    pub fn push(&mut self, vector: Option<&Vector>) {
        let row = self.count;
        self.count += 1;
        self.make_room();
        if let Some(vector) = vector {
            self.set(row, vector);
        }
    }

    /// Sets a row that there is.
    pub fn set(&mut self, row: usize, vector: &Vector) {
        if self.width == 0 {
            self.width = vector.values.len();
            self.make_room();
        }
        if row < self.count && vector.values.len() == self.width {
            for (column, value) in vector.values.iter().enumerate() {
                self.values[Matrix::place(row, column, self.width)] = *value;
            }
            self.scales[row] = vector.scale;
            self.sums[row] = vector.values.iter().map(|value| i32::from(*value)).sum();
        }
    }

    fn make_room(&mut self) {
        let rows = self.count.next_multiple_of(Matrix::BLOCK);
        self.values.resize(rows * self.width, 0);
        self.scales.resize(rows, 0.0);
        self.sums.resize(rows, 0);
        self.bias.resize(rows, 0.0);
    }

    /// Whether a row is known.
    pub fn is_known(&self, row: usize) -> bool {
        self.scales.get(row).is_some_and(|scale| *scale != 0.0)
    }

    /// Gives room back that is not used.
    pub fn shrink(&mut self) {
        self.values.shrink_to_fit();
        self.scales.shrink_to_fit();
        self.sums.shrink_to_fit();
        self.bias.shrink_to_fit();
    }

    /// How like each row is to a direction, 1 at the most.
    pub fn likeness(&self, to: &[f32], unit: Unit, input: &mut Input, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.scales.len(), 0.0);
        let matrix = Matrix::new(self.width, &self.values, &self.scales, &self.bias, &self.sums);
        if let Some(matrix) = matrix.filter(|matrix| matrix.columns() == to.len() && !to.is_empty()) {
            input.read(to, self.width);
            unit.run(Likeness { matrix, input, out });
        }
        out.truncate(self.count);
    }
}

struct Likeness<'a> {
    matrix: Matrix<'a>,
    input: &'a Input,
    out: &'a mut [f32],
}

impl Work for Likeness<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self, unit: impl Multiply) {
        unit.multiply(&self.matrix, self.input, self.out);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As wide as the model's, from a seed.
    fn direction(seed: u64) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        let values: Vec<f32> = (0..384).map(|_| next()).collect();
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        values.iter().map(|value| value / length).collect()
    }

    #[test]
    fn a_vector_comes_back_from_its_bytes() {
        let vector = Vector::of(&direction(7));
        assert_eq!(Vector::from_bytes(&vector.to_bytes()), Some(vector.clone()));
        assert_eq!(Vector::of(&vector.direction()), vector);
        assert_eq!(vector.to_bytes().len(), 388);
        assert_eq!(Vector::from_bytes(&[1, 2, 3]), None);
        let three = [1, 2, 3].map(|seed| Vector::of(&direction(seed)));
        assert_eq!(from_bytes(&to_bytes(&three), 3), Some(three.to_vec()));
        assert_eq!(from_bytes(&to_bytes(&three[..1]), 3).filter(|read| *read == three[..1]), None);
        assert_eq!(from_bytes(&[], 3), None);
        assert_eq!(Vector::from_bytes(&f32::NAN.to_le_bytes().repeat(9)), None);
    }

    #[test]
    fn rows_of_another_width_and_unknown_ones_are_like_nothing() {
        let mut vectors = Vectors::default();
        vectors.push(None);
        vectors.push(Some(&Vector::of(&direction(1))));
        vectors.push(Some(&Vector::of(&[1.0; 8])));
        vectors.set(99, &Vector::of(&direction(1)));
        let mut out = Vec::new();
        vectors.likeness(&direction(1), Unit::best(), &mut Input::default(), &mut out);
        assert_eq!(out.len(), 3);
        assert!(out[0] == 0.0 && (out[1] - 1.0).abs() < 0.01 && out[2] == 0.0, "{out:?}");
        assert!(!vectors.is_known(0) && vectors.is_known(1) && !vectors.is_known(2) && !vectors.is_known(9));
        vectors.likeness(&[1.0; 8], Unit::best(), &mut Input::default(), &mut out);
        assert_eq!(out, [0.0; 3]);
    }

    proptest! {
        #[test]
        fn likeness_is_the_cosine_on_every_unit(count in 0..40_u64, seed in 0..1000_u64) {
            let mut vectors = Vectors::default();
            let rows: Vec<Vec<f32>> = (0..count).map(|row| direction(seed * 64 + row)).collect();
            rows.iter().for_each(|row| vectors.push(Some(&Vector::of(row))));
            let to = direction(seed * 64 + count / 2);
            let likeness: Vec<Vec<f32>> = Unit::all().into_iter().map(|unit| {
                let mut out = Vec::new();
                vectors.likeness(&to, unit, &mut Input::default(), &mut out);
                out
            }).collect();
            prop_assert!(likeness.windows(2).all(|pair| pair[0] == pair[1]), "all units say the same");
            let cosines = rows.iter().map(|row| row.iter().zip(&to).map(|(a, b)| a * b).sum::<f32>());
            prop_assert!(cosines.zip(&likeness[0]).all(|(right, said)| (right - said).abs() < 0.02));
            prop_assert_eq!(likeness[0].len() as u64, count);
        }
    }
}
