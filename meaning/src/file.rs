//! The model as it lies in its file, which `model/convert.py` makes and describes: nothing is copied.

use bytemuck::{Pod, try_cast_slice};

use super::products::Matrix;

const NAME: &[u8] = b"DESKMEAN";
const VERSION: u32 = 1;
/// Each part begins at a multiple of this.
const ALIGNED: usize = 64;

/// A layer norm.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// By what each value is multiplied.
    pub gain: &'a [f32],
    /// What is added to it.
    pub shift: &'a [f32],
}

/// One layer of the transformer.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// Queries, keys and values, one after the other.
    pub attention: Matrix<'a>,
    /// What becomes of the values that were attended to.
    pub output: Matrix<'a>,
    /// After it.
    pub output_norm: Norm<'a>,
    /// The wide layer.
    pub inner: Matrix<'a>,
    /// Back from it.
    pub outer: Matrix<'a>,
    /// After it.
    pub outer_norm: Norm<'a>,
}

/// All weights of the model.
#[derive(Clone, Debug)]
pub struct Weights<'a> {
    /// How many values stand for a token.
    pub width: usize,
    /// How many heads attend.
    pub heads: usize,
    /// The words and pieces of words, by token.
    pub vocabulary: &'a str,
    /// By token, a row each.
    pub words: &'a [i8],
    /// By token.
    pub word_scales: &'a [f32],
    /// The average of all words.
    pub average: &'a [f32],
    /// By place, a row each.
    pub positions: &'a [f32],
    /// After the embedding.
    pub norm: Norm<'a>,
    /// In the order in which they work.
    pub layers: Vec<Layer<'a>>,
}

impl<'a> Weights<'a> {
    /// Reads a file's content, which begins at a multiple of four in memory; nothing: it is another file.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut parts = Parts { bytes, at: 0 };
        if parts.bytes(NAME.len())? != NAME {
            return None;
        }
        let head: &[u32] = try_cast_slice(parts.bytes.get(NAME.len()..NAME.len() + 32)?).ok()?;
        let head: [u32; 8] = head.try_into().ok()?;
        let [version, words, width, layers, heads, inner, positions, vocabulary] = head.map(|n| n as usize);
        if version != VERSION as usize || width == 0 || heads == 0 || width % heads != 0 {
            return None;
        }
        let vocabulary = std::str::from_utf8(parts.bytes(vocabulary)?).ok()?;
        Some(Self {
            width,
            heads,
            vocabulary,
            words: parts.values(words * width)?,
            word_scales: parts.values(words)?,
            average: parts.values(width)?,
            positions: parts.values(positions * width)?,
            norm: parts.norm(width)?,
            layers: (0..layers).map(|_| parts.layer(width, inner)).collect::<Option<_>>()?,
        })
    }
}

struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parts<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let start = self.at.next_multiple_of(ALIGNED);
        self.at = start.checked_add(count)?;
        self.bytes.get(start..self.at)
    }

    fn values<T: Pod>(&mut self, count: usize) -> Option<&'a [T]> {
        try_cast_slice(self.bytes(count.checked_mul(size_of::<T>())?)?).ok()
    }

    fn norm(&mut self, width: usize) -> Option<Norm<'a>> {
        Some(Norm { gain: self.values(width)?, shift: self.values(width)? })
    }

    fn matrix(&mut self, rows: usize, columns: usize) -> Option<Matrix<'a>> {
        let tiles = self.values(rows * columns)?;
        Matrix::new(columns, tiles, self.values(rows)?, self.values(rows)?, self.values(rows)?)
    }

    fn layer(&mut self, width: usize, inner: usize) -> Option<Layer<'a>> {
        Some(Layer {
            attention: self.matrix(3 * width, width)?,
            output: self.matrix(width, width)?,
            output_norm: self.norm(width)?,
            inner: self.matrix(inner, width)?,
            outer: self.matrix(width, inner)?,
            outer_norm: self.norm(width)?,
        })
    }
}
