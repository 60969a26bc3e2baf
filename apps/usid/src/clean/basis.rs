use ndarray::Array2;

use super::Selection;

/// What an image is projected on.
#[derive(Debug)]
pub(super) struct Basis {
    /// Of all components that were decomposed into.
    pub(super) singular: Vec<f64>,
    /// The kept ones: as chosen, and their numbers.
    pub(super) selection: Selection,
    pub(super) kept: Vec<usize>,
    /// The numbers of the components in the rows of `vectors`: the kept, or all where all are
    /// stored.
    pub(super) rows: Vec<usize>,
    pub(super) vectors: Array2<f64>,
}

impl Basis {
    /// The vectors of the kept components.
    pub(super) fn kept_vectors(&self) -> Array2<f64> {
        let place = |kept: &usize| self.rows.iter().position(|row| row == kept);
        let places: Vec<usize> = self.kept.iter().filter_map(place).collect();
        self.vectors.select(ndarray::Axis(0), &places)
    }
}
