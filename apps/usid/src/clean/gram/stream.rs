use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, Par};
use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Engine, Signature, Workload};
use ndarray::{Array2, ArrayView2};

use super::total::Total;
use crate::clean::windows::Windows;

/// Windows in a block: long enough for the product, short enough for the cache.
const BLOCK: usize = 256;
/// Blocks of windows in one item.
const BLOCKS: usize = 16;

/// The Gram matrix of all windows of an image, from blocks of windows: item `i` is the lower
/// triangle of the matrix of its windows, column by column.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
    weights: Vec<f64>,
}

impl<'a> Stream<'a> {
    /// The windows of an image of their size.
    pub fn new(image: ArrayView2<'a, f32>, windows: &'a Windows) -> Stream<'a> {
        Stream {
            image,
            windows,
            weights: windows.weights(),
        }
    }

    /// Multiply-adds, about.
    pub(super) fn cost(&self) -> f64 {
        let pixels = self.windows.pixels() as f64;
        // Half the matrix per window, and forming the window.
        self.windows.count() as f64 * pixels * (0.5 * pixels + 8.0)
    }
}

impl Signature for Stream<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Stream<'_> {
    fn len(&self) -> usize {
        self.windows.count().div_ceil(BLOCK * BLOCKS)
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Stream<'_> {
    type Scratch = Mat<f64>;

    fn scratch(&self) -> Result<Mat<f64>, Cause> {
        Ok(Mat::zeros(self.windows.pixels(), BLOCK))
    }

    fn compute(&self, index: usize, (): (), block: &mut Mat<f64>) -> Result<Vec<f64>, Cause> {
        let pixels = self.windows.pixels();
        let mut sum = Mat::<f64>::zeros(pixels, pixels);
        let first = index * BLOCK * BLOCKS;
        let end = (first + BLOCK * BLOCKS).min(self.windows.count());
        for start in (first..end).step_by(BLOCK) {
            let count = BLOCK.min(end - start);
            for (column, window) in (start..start + count).enumerate() {
                let column = block.col_as_slice_mut(column);
                self.windows.cut(self.image, &self.weights, window, column);
            }
            let windows = block.as_ref().subcols(0, count);
            matmul(
                sum.as_mut(),
                BlockStructure::TriangularLower,
                Accum::Add,
                windows,
                BlockStructure::Rectangular,
                windows.transpose(),
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        Ok((0..pixels)
            .flat_map(|c| sum.col_as_slice(c)[c..].to_vec())
            .collect())
    }
}

pub(super) fn gram<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
) -> jobwise_core::Result<Array2<f64>> {
    let lower = engine.reduce(&Stream::new(image, windows), &Total)?;
    let pixels = windows.pixels();
    let mut gram = Array2::zeros((pixels, pixels));
    let entries = (0..pixels).flat_map(|c| (c..pixels).map(move |r| (r, c)));
    for ((row, column), value) in entries.zip(lower) {
        gram[[row, column]] = value;
        gram[[column, row]] = value;
    }
    Ok(gram)
}
