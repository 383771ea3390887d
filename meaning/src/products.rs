//! Products of int8 matrices on the best unit that the processor has: the one file with `unsafe`. All units give the same numbers,
//! to the last bit of the whole-number part.
//!
//! `unsafe` is used for two things. Functions that need features of the processor are called only with a [`Unit`], and there is none
//! without the features. Loads and stores of registers have their slices' bounds checked in words beside them.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// Rows of a tile.
const ROWS: usize = 16;
/// Columns of a tile.
const COLUMNS: usize = 4;
/// How many rows of the input are multiplied at once: as many as there are registers for.
const AT_ONCE: usize = 16;
/// What is added to an input value, so that it has no sign.
const OFFSET: i32 = 128;

/// A number this large has no room for a fraction: what is added to it is rounded, and stands in its low bits.
pub const ROUND: f32 = 12_582_912.0;

/// How many values are worked on side by side: as many as a register takes.
pub const LANES: usize = 16;

/// The largest of what some values are made into, none of which is no number.
#[inline(always)]
pub fn largest(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let larger = |one: f32, other: f32| if other > one { other } else { one };
    let mut most = [f32::MIN; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder().iter().fold(f32::MIN, |most, value| larger(most, of(*value)));
    for chunk in chunks {
        for (most, value) in most.iter_mut().zip(chunk) {
            *most = larger(*most, of(*value));
        }
    }
    most.into_iter().fold(rest, larger)
}

/// A matrix of int8 with a scale and a bias for each row, in tiles of sixteen rows and four columns.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    columns: usize,
    tiles: &'a [i8],
    scales: &'a [f32],
    bias: &'a [f32],
    /// Of each row's values.
    sums: &'a [i32],
}

impl<'a> Matrix<'a> {
    /// A matrix of parts that fit each other; nothing: they do not.
    pub fn new(columns: usize, tiles: &'a [i8], scales: &'a [f32], bias: &'a [f32], sums: &'a [i32]) -> Option<Self> {
        let rows = scales.len();
        let fit = columns.is_multiple_of(COLUMNS) && rows.is_multiple_of(ROWS) && tiles.len() == rows * columns;
        (fit && bias.len() == rows && sums.len() == rows).then_some(Self { columns, tiles, scales, bias, sums })
    }

    /// Its rows are a multiple of this.
    pub const BLOCK: usize = ROWS;

    /// Where a value lies in tiles.
    pub fn place(row: usize, column: usize, columns: usize) -> usize {
        let (block, tile) = (row / ROWS * ROWS * columns, column / COLUMNS * ROWS * COLUMNS);
        block + tile + row % ROWS * COLUMNS + column % COLUMNS
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// The input of a product: rows of int8 with a scale each. They lie in panels of as many rows as are multiplied at once, and in a panel
/// the values of a tile's columns lie together, row by row: whoever multiplies reads on and on.
#[derive(Debug, Default)]
pub struct Input {
    columns: usize,
    /// With [`OFFSET`] added.
    values: Vec<u8>,
    scales: Vec<f32>,
}

impl Input {
    /// Takes rows in.
    #[inline(always)]
    pub fn read(&mut self, rows: &[f32], columns: usize) {
        self.columns = columns;
        self.values.resize(rows.len(), 0);
        self.scales.clear();
        let panels = self.values.chunks_mut(AT_ONCE * columns);
        for (rows, panel) in rows.chunks(AT_ONCE * columns).zip(panels) {
            let step = rows.len() / columns * COLUMNS;
            for (at, row) in rows.chunks_exact(columns).enumerate() {
                let largest = largest(row, f32::abs).max(1e-9);
                let scale = 127.0 / largest;
                for (values, out) in row.chunks_exact(COLUMNS).zip(panel.chunks_exact_mut(step)) {
                    for (value, out) in values.iter().zip(&mut out[at * COLUMNS..][..COLUMNS]) {
                        *out = (value * scale + ROUND).to_bits() as u8 ^ OFFSET as u8;
                    }
                }
                self.scales.push(largest / 127.0);
            }
        }
    }

    fn rows(&self) -> usize {
        self.scales.len()
    }

    /// The panels, each with its first row and how many rows it has.
    fn panels(&self) -> impl Iterator<Item = (usize, usize, &[u8])> {
        let panels = self.values.chunks(AT_ONCE * self.columns);
        panels.enumerate().map(|(at, panel)| (at * AT_ONCE, panel.len() / self.columns, panel))
    }
}

/// Multiplies on one unit.
pub trait Multiply: Copy {
    /// Writes the product of each row of the input with each row of the matrix, a row of the output for each of the input.
    fn multiply(self, matrix: &Matrix<'_>, input: &Input, out: &mut [f32]);
}

/// Work that multiplies; it is compiled for each unit.
pub trait Work {
    /// What comes out.
    type Out;
    /// Does it: `#[inline(always)]`, so that all of it is compiled for the unit.
    fn run(self, unit: impl Multiply) -> Self::Out;
}

/// A unit of this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Unit {
    /// Those that this processor has, the best first.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni")
                && is_x86_feature_detected!("fma")
            {
                all.push(Self(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Self(Kind::Avx2));
            }
        }
        all.push(Self(Kind::Portable));
        all
    }

    /// The best one.
    pub fn best() -> Self {
        Self::all().into_iter().next().unwrap_or(Self(Kind::Portable))
    }

    /// Does work on this unit.
    pub fn run<W: Work>(self, work: W) -> W::Out {
        match self.0 {
            // SAFETY: there is no such unit without the features that the functions need.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { on_avx512(work) },
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { on_avx2(work) },
            Kind::Portable => work.run(Portable),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
fn on_avx512<W: Work>(work: W) -> W::Out {
    work.run(Avx512(()))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn on_avx2<W: Work>(work: W) -> W::Out {
    work.run(Avx2(()))
}

/// Any processor.
#[derive(Clone, Copy)]
struct Portable;

impl Multiply for Portable {
    #[inline(always)]
    fn multiply(self, matrix: &Matrix<'_>, input: &Input, out: &mut [f32]) {
        let rows = matrix.rows();
        for (block, tiles) in matrix.tiles.chunks_exact(matrix.columns * ROWS).enumerate() {
            for (first, count, panel) in input.panels() {
                for at in 0..count {
                    let mut products = [0_i32; ROWS];
                    for (tile, values) in tiles.chunks_exact(ROWS * COLUMNS).zip(panel.chunks_exact(count * COLUMNS)) {
                        let values = &values[at * COLUMNS..][..COLUMNS];
                        for (product, weights) in products.iter_mut().zip(tile.chunks_exact(COLUMNS)) {
                            for (weight, value) in weights.iter().zip(values) {
                                *product += i32::from(*weight) * (i32::from(*value) - OFFSET);
                            }
                        }
                    }
                    for (row, product) in products.into_iter().enumerate() {
                        let row = block * ROWS + row;
                        out[(first + at) * rows + row] =
                            (product as f32).mul_add(matrix.scales[row] * input.scales[first + at], matrix.bias[row]);
                    }
                }
            }
        }
    }
}

/// AVX2: the values are widened to 16 bits, so no sum of two products is cut off.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Multiply for Avx2 {
    #[inline(always)]
    fn multiply(self, matrix: &Matrix<'_>, input: &Input, out: &mut [f32]) {
        // SAFETY: an `Avx2` is made in `on_avx2` only.
        unsafe { multiply_avx2(matrix, input, out) }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_avx2(matrix: &Matrix<'_>, input: &Input, out: &mut [f32]) {
    let rows = matrix.rows();
    let offset = _mm_set1_epi16(OFFSET as i16);
    for (block, tiles) in matrix.tiles.chunks_exact(matrix.columns * ROWS).enumerate() {
        for (first, count, panel) in input.panels() {
            for at in 0..count {
                // Of four rows each: two sums a row.
                let mut sums = [_mm256_setzero_si256(); 4];
                for (tile, values) in tiles.chunks_exact(ROWS * COLUMNS).zip(panel.chunks_exact(count * COLUMNS)) {
                    let values = &values[at * COLUMNS..][..COLUMNS];
                    let values = i32::from_le_bytes([values[0], values[1], values[2], values[3]]);
                    let values = _mm_sub_epi16(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(values)), offset);
                    let values = _mm256_broadcastq_epi64(values);
                    for (sum, weights) in sums.iter_mut().zip(tile.chunks_exact(16)) {
                        // SAFETY: the chunk has sixteen bytes.
                        let weights = unsafe { _mm_loadu_si128(weights.as_ptr().cast()) };
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(weights), values));
                    }
                }
                let mut halves = [0_i32; 2 * ROWS];
                for (half, sum) in halves.chunks_exact_mut(8).zip(sums) {
                    // SAFETY: the chunk has eight times four bytes.
                    unsafe { _mm256_storeu_si256(half.as_mut_ptr().cast(), sum) };
                }
                for (row, pair) in halves.chunks_exact(2).enumerate() {
                    let row = block * ROWS + row;
                    let product = (pair[0] + pair[1]) as f32;
                    let scale = matrix.scales[row] * input.scales[first + at];
                    out[(first + at) * rows + row] = product.mul_add(scale, matrix.bias[row]);
                }
            }
        }
    }
}

/// AVX-512 with VNNI: 64 products in one instruction.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx512(());

#[cfg(target_arch = "x86_64")]
impl Multiply for Avx512 {
    #[inline(always)]
    fn multiply(self, matrix: &Matrix<'_>, input: &Input, out: &mut [f32]) {
        // SAFETY: an `Avx512` is made in `on_avx512` only.
        unsafe { multiply_avx512(matrix, input, out) }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
fn multiply_avx512(matrix: &Matrix<'_>, input: &Input, out: &mut [f32]) {
    assert!(input.columns == matrix.columns && out.len() >= input.rows() * matrix.rows());
    // A block's tiles stay in the nearest cache while all rows of the input pass: the matrix is read once.
    for block in 0..matrix.rows() / ROWS {
        for (first, count, panel) in input.panels() {
            match count {
                1 => rows_avx512::<1>(matrix, input, out, block, first, panel),
                2 => rows_avx512::<2>(matrix, input, out, block, first, panel),
                3 => rows_avx512::<3>(matrix, input, out, block, first, panel),
                4 => rows_avx512::<4>(matrix, input, out, block, first, panel),
                5 => rows_avx512::<5>(matrix, input, out, block, first, panel),
                6 => rows_avx512::<6>(matrix, input, out, block, first, panel),
                7 => rows_avx512::<7>(matrix, input, out, block, first, panel),
                8 => rows_avx512::<8>(matrix, input, out, block, first, panel),
                9 => rows_avx512::<9>(matrix, input, out, block, first, panel),
                10 => rows_avx512::<10>(matrix, input, out, block, first, panel),
                11 => rows_avx512::<11>(matrix, input, out, block, first, panel),
                12 => rows_avx512::<12>(matrix, input, out, block, first, panel),
                13 => rows_avx512::<13>(matrix, input, out, block, first, panel),
                14 => rows_avx512::<14>(matrix, input, out, block, first, panel),
                15 => rows_avx512::<15>(matrix, input, out, block, first, panel),
                _ => rows_avx512::<AT_ONCE>(matrix, input, out, block, first, panel),
            }
        }
    }
}

/// The `N` rows of one panel of the input, which begins with row `first`, with one block of the matrix.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
fn rows_avx512<const N: usize>(
    matrix: &Matrix<'_>,
    input: &Input,
    out: &mut [f32],
    block: usize,
    first: usize,
    panel: &[u8],
) {
    let (rows, columns) = (matrix.rows(), matrix.columns);
    let tiles = &matrix.tiles[block * ROWS * columns..][..ROWS * columns];
    let mut sums = [_mm512_setzero_si512(); N];
    for (tile, values) in tiles.chunks_exact(ROWS * COLUMNS).zip(panel.chunks_exact(N * COLUMNS)) {
        // SAFETY: the chunk has 64 bytes.
        let weights = unsafe { _mm512_loadu_si512(tile.as_ptr().cast()) };
        for (sum, values) in sums.iter_mut().zip(values.chunks_exact(COLUMNS)) {
            let values = i32::from_le_bytes([values[0], values[1], values[2], values[3]]);
            *sum = _mm512_dpbusd_epi32(*sum, _mm512_set1_epi32(values), weights);
        }
    }
    let place = block * ROWS..(block + 1) * ROWS;
    let (scales, bias, whole) = (&matrix.scales[place.clone()], &matrix.bias[place.clone()], &matrix.sums[place]);
    // SAFETY: each of the slices has sixteen times four bytes.
    let (scales, bias, whole) = unsafe {
        (_mm512_loadu_ps(scales.as_ptr()), _mm512_loadu_ps(bias.as_ptr()), _mm512_loadu_si512(whole.as_ptr().cast()))
    };
    // What the offset of the values added to each sum.
    let extra = _mm512_slli_epi32::<7>(whole);
    for (row, sum) in sums.into_iter().enumerate() {
        let product = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, extra));
        let scale = _mm512_mul_ps(scales, _mm512_set1_ps(input.scales[first + row]));
        let out = &mut out[(first + row) * rows + block * ROWS..][..ROWS];
        // SAFETY: the slice has sixteen times four bytes.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), _mm512_fmadd_ps(product, scale, bias)) };
    }
}
