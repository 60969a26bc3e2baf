use jobwise_hdf5::row_store::{Per, RowDataset};

use crate::format::{Dimension, Element};

/// One result dataset: what a row is, and how many there are.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name within the results group.
    pub name: String,
    /// What is stored, for example `Current`.
    pub quantity: String,
    /// Its units, for example `nA`.
    pub units: String,
    /// The type of a cell in the file.
    pub element: Element,
    /// The cells of a row.
    pub columns: Columns,
    /// The number of rows.
    pub rows: Per,
}

/// What the cells of a row stand for: the spectroscopic axis.
#[derive(Clone, Debug)]
pub enum Columns {
    /// The same as the source's.
    OfSource {
        /// How many.
        width: usize,
    },
    /// Axes of their own, slowest first, in datasets of this prefix (`Noise_Spec`:
    /// `Noise_Spec_Indices`, `Noise_Spec_Values`). Outputs that name the same prefix share them.
    Own {
        /// The prefix.
        prefix: String,
        /// The axes.
        dimensions: Vec<Dimension>,
    },
}

impl Output {
    /// The number of cells of a row.
    pub fn width(&self) -> usize {
        match &self.columns {
            Columns::OfSource { width } => *width,
            Columns::Own { dimensions, .. } => dimensions.iter().map(|d| d.values.len()).product(),
        }
    }

    /// The real numbers of a row.
    pub fn reals(&self) -> usize {
        self.width() * self.element.reals()
    }

    /// The bytes of a row in the file.
    pub fn row_bytes(&self) -> usize {
        self.width() * self.element.size()
    }

    /// Where its rows lie, for the store.
    pub(super) fn stored(&self) -> RowDataset {
        RowDataset {
            name: self.name.clone(),
            element: self.element.descriptor(),
            width: self.width(),
            rows: self.rows,
        }
    }
}
