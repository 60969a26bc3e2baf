//! Contiguous datasets read without the library, by any number of threads at once.
//!
//! The library has one lock, and takes some ten calls for every piece that is read. Where elements
//! lie one after the other, in the machine's byte order, an address is all that is needed.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hdf5::Dataset;
use hdf5::plist::dataset_create::Layout;
use num_complex::Complex;

use super::element::{Element, ElementType, Order};
use super::{Error, Result};

/// The rows of a contiguous dataset of shape (rows, columns).
#[derive(Debug)]
pub struct Contiguous {
    path: PathBuf,
    file: File,
    /// Where the first row lies.
    start: u64,
    rows: usize,
    columns: usize,
    element: ElementType,
}

impl Contiguous {
    /// The dataset of this file and element type; `None` if the library is needed to read it, as it
    /// is not contiguous, was never written to, has another byte order, or claims more than there
    /// is.
    pub fn of(path: &Path, dataset: &Dataset, element: ElementType) -> Option<Contiguous> {
        let &[rows, columns] = dataset.shape().as_slice() else {
            return None;
        };
        let start = dataset.offset()?;
        if dataset.layout() != Layout::Contiguous
            || element.order != Order::Little
            || cfg!(target_endian = "big")
            || dataset.dtype().ok()? != element.datatype().ok()?
        {
            return None;
        }
        let length = (rows as u64)
            .checked_mul(columns as u64)?
            .checked_mul(element.size() as u64)?;
        let file = File::open(path).ok()?;
        if start.checked_add(length)? > file.metadata().ok()?.len() {
            return None;
        }
        Some(Contiguous {
            path: path.to_path_buf(),
            file,
            start,
            rows,
            columns,
            element,
        })
    }

    /// Reads rows of one column. Real elements get the imaginary part 0.
    ///
    /// # Errors
    /// The system does not let the file be read, or it has become shorter.
    ///
    /// # Panics
    /// When `T` is not of the dataset's kind, or the rows or the column lie outside it.
    pub fn read_column<T: Element>(
        &self,
        rows: Range<usize>,
        column: usize,
    ) -> Result<Vec<Complex<T>>> {
        assert!(T::KIND == self.element.kind, "the kind of the elements");
        assert!(
            rows.start <= rows.end && rows.end <= self.rows && column < self.columns,
            "rows {rows:?} and column {column} lie in the dataset"
        );
        let size = self.element.size();
        let mut bytes = vec![0; rows.len() * self.columns * size];
        let at = self.start + (rows.start * self.columns * size) as u64;
        self.file
            .read_exact_at(&mut bytes, at)
            .map_err(Error::io(&self.path))?;
        // Lengths that the compiler knows: a copy, as a rule.
        let complex = |element: &[u8]| {
            let (re, im) = element.split_at(size_of::<T>());
            Complex::new(T::from_bytes(re), T::from_bytes(im))
        };
        let rows = bytes.chunks_exact(self.columns * size);
        let elements = rows.map(|row| &row[column * size..(column + 1) * size]);
        Ok(match (self.element.is_complex, self.columns) {
            (true, 1) => bytes
                .chunks_exact(2 * size_of::<T>())
                .map(complex)
                .collect(),
            (true, _) => elements.map(complex).collect(),
            (false, _) => elements
                .map(|re| Complex::new(T::from_bytes(re), T::default()))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests;
