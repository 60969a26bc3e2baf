use std::ops::Range;

use hdf5::{Dataset, Datatype};
use jobwise_kit::h5::raw_rows;

use super::{Element, Losses, Main};
use crate::Result;

/// The rows of a main dataset, read as its [`Element`] whatever the file stores: the one way by which cells come into memory.
#[derive(Debug)]
pub struct SourceRows {
    dataset: Dataset,
    kind: Datatype,
    element: Element,
    width: usize,
}

impl SourceRows {
    /// Those of `main`.
    ///
    /// # Errors
    /// The library refuses.
    pub fn of(main: &Main) -> Result<SourceRows> {
        SourceRows::of_dataset(main.dataset(), main.element(), main.width())
    }

    /// Those of a dataset of `width` columns.
    ///
    /// # Errors
    /// The library refuses.
    pub fn of_dataset(dataset: &Dataset, element: &Element, width: usize) -> Result<SourceRows> {
        Ok(SourceRows {
            kind: element.datatype(dataset)?,
            dataset: dataset.clone(),
            element: element.clone(),
            width,
        })
    }

    /// What a cell holds.
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// Bytes of a row in memory.
    pub fn row_bytes(&self) -> usize {
        self.width * self.element.size()
    }

    /// Reads rows, of [`row_bytes`](Self::row_bytes) bytes each.
    ///
    /// # Errors
    /// There are no such rows, or they cannot be read.
    pub fn read(&self, rows: Range<usize>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        raw_rows::read_as(&self.dataset, self.kind.clone(), rows, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads rows as numbers, each row flattened as its element says; what was lost on the way.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn numbers(&self, rows: Range<usize>) -> Result<(Vec<f64>, Losses)> {
        let bytes = self.read(rows)?;
        let (mut numbers, mut losses) = (Vec::new(), Losses::default());
        for row in bytes.chunks_exact(self.row_bytes().max(1)) {
            losses += self.element.decode(row, &mut numbers);
        }
        Ok((numbers, losses))
    }
}
