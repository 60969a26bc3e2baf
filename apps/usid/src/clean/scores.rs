use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Engine, Reduce, Signature, Workload};
use ndarray::ArrayView2;

use super::eigen::Components;
use super::windows::Windows;

/// Windows in an item.
const BLOCK: usize = 256;
/// Singular values below, over the largest, are rounding errors of the Gram matrix.
const VANISHED: f64 = 1e-7;

/// The left singular vectors: item `i` is rows `256 i ..` of `U = M V / S`, `[windows, components]`
/// in C order. A column whose singular value is at most `1e-7` of the largest is not determined,
/// and 0.
#[derive(Debug)]
pub struct Scores<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
    weights: Vec<f64>,
    /// `V / S`, one component per column.
    scaled: Mat<f64>,
}

impl<'a> Scores<'a> {
    /// Of the windows of an image of their size.
    ///
    /// # Panics
    /// The image or the components are not of the windows' size.
    pub fn new(
        image: ArrayView2<'a, f32>,
        windows: &'a Windows,
        components: &Components,
    ) -> Scores<'a> {
        assert_eq!(
            image.dim(),
            (windows.x.image, windows.y.image),
            "the image has another size"
        );
        let Components { singular, vectors } = components;
        assert_eq!(
            vectors.ncols(),
            windows.pixels(),
            "the components have another size"
        );
        let least = VANISHED * singular.first().copied().unwrap_or(0.0);
        let scale = |s: f64| if s > least { 1.0 / s } else { 0.0 };
        Scores {
            image,
            windows,
            weights: windows.weights(),
            scaled: Mat::from_fn(vectors.ncols(), vectors.nrows(), |pixel, c| {
                vectors[[c, pixel]] * scale(singular[c])
            }),
        }
    }

    /// The first window of item `index`.
    pub fn first(&self, index: usize) -> usize {
        index * BLOCK
    }
}

impl Signature for Scores<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Scores<'_> {
    fn len(&self) -> usize {
        self.windows.count().div_ceil(BLOCK)
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Scores<'_> {
    type Scratch = Mat<f64>;

    fn scratch(&self) -> Result<Mat<f64>, Cause> {
        Ok(Mat::zeros(self.windows.pixels(), BLOCK))
    }

    fn compute(&self, index: usize, (): (), block: &mut Mat<f64>) -> Result<Vec<f64>, Cause> {
        let first = self.first(index);
        let count = BLOCK.min(self.windows.count() - first);
        for (column, window) in (first..first + count).enumerate() {
            let column = block.col_as_slice_mut(column);
            self.windows.cut(self.image, &self.weights, window, column);
        }
        let mut rows = Mat::<f64>::zeros(self.scaled.ncols(), count);
        let windows = block.as_ref().subcols(0, count);
        matmul(
            rows.as_mut(),
            Accum::Replace,
            self.scaled.transpose(),
            windows,
            1.0,
            Par::Seq,
        );
        Ok((0..count)
            .flat_map(|window| rows.col_as_slice(window).to_vec())
            .collect())
    }
}

/// For every component the score of the largest magnitude, the first of equals.
struct Extremes {
    components: usize,
}

impl Extremes {
    fn keep(extremes: &mut [f64], scores: &[f64]) {
        for (extreme, score) in extremes.iter_mut().zip(scores) {
            if score.abs() > extreme.abs() {
                *extreme = *score;
            }
        }
    }
}

impl Reduce<Vec<f64>> for Extremes {
    type Acc = Vec<f64>;

    fn identity(&self) -> Vec<f64> {
        vec![0.0; self.components]
    }

    fn fold(&self, acc: &mut Vec<f64>, _: usize, output: Vec<f64>) {
        for scores in output.chunks_exact(self.components.max(1)) {
            Extremes::keep(acc, scores);
        }
    }

    fn merge(&self, left: &mut Vec<f64>, right: Vec<f64>) {
        Extremes::keep(left, &right);
    }
}

/// Turns components so that the largest magnitude of each column of `U` (the first of equals) is
/// positive. Costs a pass over all windows; cleaning does not depend on signs. Collective.
///
/// # Errors
/// As [`Engine::reduce`].
///
/// # Panics
/// As [`Scores::new`].
pub fn oriented<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
    mut components: Components,
) -> jobwise_core::Result<Components> {
    let extremes = Extremes {
        components: components.singular.len(),
    };
    let scores = Scores::new(image, windows, &components);
    for (mut vector, extreme) in components
        .vectors
        .rows_mut()
        .into_iter()
        .zip(engine.reduce(&scores, &extremes)?)
    {
        if extreme < 0.0 {
            vector.mapv_inplace(|v| -v);
        }
    }
    Ok(components)
}
