use std::ops::Range;

use hdf5::{Dataset, Datatype};
use jobwise_hdf5::raw_rows;

use super::{Absent, Element, Losses, Main};
use crate::{Error, Result};

/// The rows of a main dataset, read as its [`Element`] whatever the file stores: the one way by
/// which cells come into memory.
#[derive(Debug)]
pub struct SourceRows {
    dataset: Dataset,
    kind: Datatype,
    element: Element,
    width: usize,
    absent: Absent,
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
            absent: Absent::of(dataset)?,
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

    /// Of how many rows nothing is stored, so that they hold the fill value that the file defines,
    /// in words; `None` of none.
    pub(crate) fn filled(&self) -> Option<String> {
        self.absent.filled()
    }

    /// Reads rows, of [`row_bytes`](Self::row_bytes) bytes each.
    ///
    /// # Errors
    /// There are no such rows, they were never stored, or they cannot be read.
    pub fn read(&self, rows: Range<usize>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_into(rows, &mut bytes)?;
        Ok(bytes)
    }

    /// The same into a buffer that may have been used before.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_into(&self, rows: Range<usize>, bytes: &mut Vec<u8>) -> Result<()> {
        self.absent.refuse(&self.dataset, rows.clone())?;
        raw_rows::read_as(&self.dataset, self.kind.clone(), rows, bytes)?;
        Ok(())
    }

    /// Tries to read some of the rows that are there, before anything is made of them.
    ///
    /// # Errors
    /// None of them can be read, for whatever is wrong with the first; a filter that is wanting is
    /// named.
    pub(crate) fn probe(&self) -> Result<()> {
        const TRIED: usize = 64;
        let rows = self.dataset.shape().first().copied().unwrap_or(0);
        let mut there = self.absent.there(rows);
        if there.is_empty() {
            there.push(0..rows);
        }
        let count: usize = there.iter().map(ExactSizeIterator::len).sum();
        let tried = count.min(TRIED);
        let mut first = None;
        for k in 0..tried {
            // The row of this number among them.
            let mut number = k * count / tried;
            let row = there.iter().find_map(|run| {
                let row = run.start + number;
                number = number.saturating_sub(run.len());
                (row < run.end).then_some(row)
            });
            let Some(row) = row else { break };
            match self.read(row..row + 1) {
                Ok(_) => return Ok(()),
                Err(error) => first = first.or(Some(error)),
            }
        }
        let Some(first) = first else {
            return Ok(());
        };
        let why = match self.wanting() {
            filters if filters.is_empty() => first.to_string(),
            filters => format!("this HDF5 library lacks the filter {}", filters.join(", ")),
        };
        Err(Error::Format {
            path: self.dataset.filename().into(),
            object: self.dataset.name(),
            problem: format!("none of its rows can be read ({tried} were tried): {why}"),
        })
    }

    /// The filters that the rows went through and that are not there.
    fn wanting(&self) -> Vec<String> {
        let known = [
            (307, "bzip2"),
            (32000, "lzf"),
            (32001, "blosc"),
            (32004, "lz4"),
            (32008, "bitshuffle"),
            (32013, "zfp"),
            (32015, "zstd"),
            (32026, "blosc2"),
        ];
        let filters = self.dataset.filters().into_iter();
        let wanting = filters
            .filter(|filter| !filter.is_available())
            .map(|filter| {
                let id = filter.id();
                let name = known.iter().find(|(number, _)| *number == id);
                name.map_or_else(
                    || format!("number {id}"),
                    |(_, name)| format!("{name} ({id})"),
                )
            });
        wanting.collect()
    }

    /// Reads rows as numbers, each row flattened as its element says; what was lost on the way.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn numbers(&self, rows: Range<usize>) -> Result<(Vec<f64>, Losses)> {
        let bytes = self.read(rows)?;
        let (mut numbers, mut losses) = (Vec::new(), Losses::default());
        if let Element::Real(_) = self.element {
            // Rows of real numbers are flat already.
            losses += self.element.decode(&bytes, &mut numbers);
            return Ok((numbers, losses));
        }
        for row in bytes.chunks_exact(self.row_bytes().max(1)) {
            losses += self.element.decode(row, &mut numbers);
        }
        Ok((numbers, losses))
    }
}

#[cfg(test)]
mod tests {
    use jobwise_hdf5::file_access;

    use super::*;
    use crate::format::Scalar;

    #[test]
    fn rows_that_are_there_are_tried_wherever_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        let builder = file.new_dataset::<f32>().chunk((2, 4));
        let dataset = builder.shape((1000, 4)).create("x").unwrap();
        let rows = || SourceRows::of_dataset(&dataset, &Element::Real(Scalar::F32), 4).unwrap();
        assert!(
            rows()
                .probe()
                .unwrap_err()
                .to_string()
                .contains("none of its rows")
        );
        let some = ndarray::Array2::<f32>::ones((2, 4));
        for first in [502, 996] {
            dataset.write_slice(&some, (first..first + 2, ..)).unwrap();
            file.flush().unwrap();
            rows().probe().unwrap();
        }
    }
}
