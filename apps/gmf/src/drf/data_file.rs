//! One file of samples: checked once, then read in windows.

use std::any::Any;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hdf5::plist::dataset_create::Layout;
use jobwise_hdf5::Error as Stored;
use jobwise_hdf5::contiguous::Contiguous;
use jobwise_hdf5::element::{Element, ElementType, fill_value, read_column};
use jobwise_hdf5::{Left, file_access, lengths};
use jobwise_kit::regular_file;
use num_complex::Complex;

use super::{Block, Properties, cut};
use crate::{Error, Result};

/// Bytes of decoded chunks that HDF5 may keep for one open file, or one chunk where that is larger.
pub const CHUNK_CACHE: usize = 128 << 20;

/// Bytes that are read at once of a contiguous file with several sub-channels, whose samples lie
/// apart. With one sub-channel a window is one piece, and no more is read than that.
const SIEVE: usize = 64 << 10;

/// Inside a padded file, fill values in runs of this length or more were never recorded; shorter
/// runs are samples that happen to equal the fill value, as a receiver makes them that clips. The
/// format cannot tell one from the other.
const SHORTEST_PADDING: u64 = 256;

/// Most blocks that a file may hold; more is taken for damage.
const MOST_BLOCKS: usize = 1 << 22;

/// A file whose index has been checked: blocks ascend, do not overlap, and stay in its interval.
#[derive(Debug)]
pub(super) struct DataFile {
    path: PathBuf,
    // Declared before the file, so that it is closed first.
    samples: hdf5::Dataset,
    _file: hdf5::File,
    /// The samples, where they can be read without the library.
    contiguous: Option<Contiguous>,
    /// The fill value, a `Complex` of the samples' kind, once it was asked for.
    fill: OnceLock<Box<dyn Any + Send + Sync>>,
    element: ElementType,
    blocks: Vec<(Block, usize)>,
    is_padded: bool,
    /// What is left of a cut file.
    cut: Option<String>,
}

impl DataFile {
    /// Opens a file that may hold the samples `interval`.
    pub(super) fn open(
        path: &Path,
        properties: &Properties,
        interval: &Range<u64>,
    ) -> Result<Self> {
        regular_file(path).map_err(|source| Error::Io {
            path: path.to_path_buf(),
            source,
        })?;
        let sieve = if properties.subchannels == 1 {
            0
        } else {
            SIEVE
        };
        let capacity = interval.end - interval.start;
        let open = |cache| file_access::open_buffered(path, cache, sieve);
        match open(CHUNK_CACHE) {
            Ok(file) => Self::check(path, properties, interval, file, &open, None),
            // Only a file that the library refuses may be cut: whole ones cost nothing more.
            Err(error) => {
                let Some(left) = cut::left_of(path, properties, capacity)? else {
                    return Err(error.into());
                };
                let open = |cache| file_access::open_cut(path, left, cache);
                open(CHUNK_CACHE)
                    .map_err(Error::from)
                    .and_then(|file| {
                        Self::check(path, properties, interval, file, &open, Some(left))
                    })
                    .map_err(cut::not_enough(path, left))
            }
        }
    }

    /// Checks an open file; `open` opens it with other room for decoded chunks.
    fn check(
        path: &Path,
        properties: &Properties,
        interval: &Range<u64>,
        mut file: hdf5::File,
        open: &dyn Fn(usize) -> jobwise_hdf5::Result<hdf5::File>,
        left: Option<Left>,
    ) -> Result<Self> {
        let refused = |object: &'static str| Stored::hdf5(path, object);
        let wrong = |problem: String| Error::Format {
            path: path.to_path_buf(),
            problem,
        };
        let mut samples = file.dataset("rf_data").map_err(refused("rf_data"))?;
        let chunk = chunk_bytes(&samples).map_err(refused("rf_data"))?;
        let cache = if left.is_some() && !cut::is_packed(&samples) {
            0
        } else {
            chunk.max(CHUNK_CACHE)
        };
        if cache != CHUNK_CACHE {
            // A chunk that the cache cannot hold would be decoded again for every window. While a
            // file is open the library takes its cache for the new one too.
            drop((samples, file));
            file = open(cache)?;
            samples = file.dataset("rf_data").map_err(refused("rf_data"))?;
        }
        lengths::check_head(&samples)?;
        let element = ElementType::of(&samples)?;
        if (
            element.kind.is_float(),
            element.kind.size(),
            element.is_complex,
        ) != (properties.is_float, properties.size, properties.is_complex)
        {
            return Err(wrong(format!(
                "rf_data holds {element:?}, which the channel's properties contradict"
            )));
        }
        let &[rows, columns] = samples.shape().as_slice() else {
            return Err(wrong(format!("rf_data has {} axes, not 2", samples.ndim())));
        };
        if columns != properties.subchannels {
            return Err(wrong(format!(
                "rf_data has {columns} sub-channels, not {}",
                properties.subchannels
            )));
        }
        let capacity = interval.end - interval.start;
        if rows as u64 > capacity {
            return Err(wrong(format!(
                "rf_data has {rows} samples in an interval of {capacity}"
            )));
        }
        let mut blocks = match index_of(path, &file, rows) {
            // Samples that fill the interval can only be those of the interval.
            Err(Error::Stored(Stored::Hdf5 { .. }))
                if left.is_some() && rows as u64 == capacity =>
            {
                let (start, length) = (interval.start, capacity);
                vec![(Block { start, length }, 0)]
            }
            entries => blocks(&entries?, rows, interval).map_err(wrong)?,
        };
        let cut = match left {
            Some(left) => Some(cut::keep(path, left, &samples, &mut blocks)?),
            None => None,
        };
        // What is left of a cut file only the library's driver knows.
        let contiguous = match left {
            None => Contiguous::of(path, &samples, element),
            Some(_) => None,
        };
        Ok(Self {
            path: path.to_path_buf(),
            is_padded: samples.layout() == Layout::Contiguous,
            contiguous,
            fill: OnceLock::new(),
            samples,
            _file: file,
            element,
            blocks,
            cut,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// That the file was cut, and how much of it is used; `None` for a whole file.
    pub(super) fn cut(&self) -> Option<&str> {
        self.cut.as_deref()
    }

    pub(super) fn element(&self) -> ElementType {
        self.element
    }

    /// Whether samples that equal the fill value were never recorded.
    pub(super) fn is_padded(&self) -> bool {
        self.is_padded
    }

    /// The continuous pieces according to the index, ascending.
    pub(super) fn blocks(&self) -> impl DoubleEndedIterator<Item = Block> {
        self.blocks.iter().map(|(block, _)| *block)
    }

    /// Hands the recorded samples of `window` to `place`, piece by piece, ascending.
    ///
    /// `place` gets the index of the first sample of the piece. Returns how many of the samples
    /// handed over equal the fill value of a padded file.
    pub(super) fn read<T: Element>(
        &self,
        window: &Range<u64>,
        subchannel: usize,
        place: &mut impl FnMut(u64, &[Complex<T>]),
    ) -> Result<u64> {
        if T::KIND != self.element.kind {
            return Err(Error::Format {
                path: self.path.clone(),
                problem: format!("rf_data holds {:?}, not {:?}", self.element.kind, T::KIND),
            });
        }
        let mut like_fill = 0;
        let from = self
            .blocks
            .partition_point(|(block, _)| block.end() <= window.start);
        for block in &self.blocks[from..] {
            let first = block.0.start.max(window.start);
            let end = block.0.end().min(window.end);
            if first >= end {
                break;
            }
            let values = self.column::<T>(block, &(first..end), subchannel)?;
            if !self.is_padded {
                place(first, &values);
                continue;
            }
            let fill = self.fill::<T>()?;
            let mut begin = first;
            for run in values.chunk_by(|a, b| is_fill(*a, fill) == is_fill(*b, fill)) {
                let samples = begin..begin + run.len() as u64;
                begin = samples.end;
                if is_fill(run[0], fill) {
                    if self.is_padding(block, &samples, subchannel, fill)? {
                        continue;
                    }
                    like_fill += run.len() as u64;
                }
                place(samples.start, run);
            }
        }
        Ok(like_fill)
    }

    fn fill<T: Element>(&self) -> Result<Complex<T>> {
        if let Some(known) = self.fill.get().and_then(|fill| fill.downcast_ref()) {
            return Ok(*known);
        }
        let fill = fill_value::<T>(&self.samples, self.element.is_complex)?;
        // Another thread may have been quicker, with the same.
        let _ = self.fill.set(Box::new(fill));
        Ok(fill)
    }

    /// The samples of a block in a range that lies in it.
    fn column<T: Element>(
        &self,
        (block, row): &(Block, usize),
        samples: &Range<u64>,
        subchannel: usize,
    ) -> Result<Vec<Complex<T>>> {
        let begin = row + (samples.start - block.start) as usize;
        let rows = begin..begin + (samples.end - samples.start) as usize;
        if let Some(contiguous) = &self.contiguous {
            return Ok(contiguous.read_column(rows, subchannel)?);
        }
        let is_complex = self.element.is_complex;
        Ok(read_column::<T>(
            &self.samples,
            is_complex,
            rows,
            subchannel,
        )?)
    }

    /// Whether fill values of a padded file were never recorded: NaN, at either end of the file, or
    /// many in a row.
    fn is_padding<T: Element>(
        &self,
        block: &(Block, usize),
        run: &Range<u64>,
        subchannel: usize,
        fill: Complex<T>,
    ) -> Result<bool> {
        if fill.re.to_f32().is_nan() || run.end - run.start >= SHORTEST_PADDING {
            return Ok(true);
        }
        // The window may have cut the run.
        let (start, end) = (block.0.start, block.0.end());
        let before = run.start.saturating_sub(SHORTEST_PADDING).max(start)..run.start;
        let after = run.end..(run.end + SHORTEST_PADDING).min(end);
        let before = self.column::<T>(block, &before, subchannel)?;
        let after = self.column::<T>(block, &after, subchannel)?;
        let fills = |values: &mut dyn Iterator<Item = &Complex<T>>| {
            values.take_while(|value| is_fill(**value, fill)).count() as u64
        };
        let begin = run.start - fills(&mut before.iter().rev());
        let finish = run.end + fills(&mut after.iter());
        Ok(begin == start || finish == end || finish - begin >= SHORTEST_PADDING)
    }
}

/// The index of a file with so many samples: pairs of the first sample of a block and its row.
fn index_of(path: &Path, file: &hdf5::File, rows: usize) -> Result<Vec<u64>> {
    let refused = || Stored::hdf5(path, "rf_data_index");
    let wrong = |problem: String| Error::Format {
        path: path.to_path_buf(),
        problem,
    };
    let index = file.dataset("rf_data_index").map_err(refused())?;
    lengths::check_head(&index)?;
    let entries = match index.shape().as_slice() {
        &[entries, 2] => entries,
        other => {
            return Err(wrong(format!(
                "rf_data_index has shape {other:?}, not (n, 2)"
            )));
        }
    };
    if entries > rows.min(MOST_BLOCKS) {
        return Err(wrong(format!(
            "rf_data_index has {entries} rows for {rows} samples"
        )));
    }
    Ok(index.read_raw::<u64>().map_err(refused())?)
}

/// Bytes of a decoded chunk; 0 if the dataset is contiguous.
fn chunk_bytes(dataset: &hdf5::Dataset) -> hdf5::Result<usize> {
    let element = dataset.dtype()?.size();
    Ok(dataset.chunk().map_or(0, |shape| {
        shape
            .iter()
            .fold(element, |bytes, &n| bytes.saturating_mul(n))
    }))
}

fn is_fill<T: Element>(value: Complex<T>, fill: Complex<T>) -> bool {
    value.re.is(fill.re) && value.im.is(fill.im)
}

/// Turns pairs (index of the first sample, its row) into blocks with their first rows.
fn blocks(
    entries: &[u64],
    rows: usize,
    interval: &Range<u64>,
) -> std::result::Result<Vec<(Block, usize)>, String> {
    let pairs = entries
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect::<Vec<_>>();
    let mut blocks = Vec::with_capacity(pairs.len());
    let mut free = interval.start;
    for (position, &(start, row)) in pairs.iter().enumerate() {
        let next_row = pairs.get(position + 1).map_or(rows as u64, |next| next.1);
        let problem = if position == 0 && row != 0 {
            "does not begin with row 0"
        } else if row >= next_row || next_row > rows as u64 {
            "points to rows that do not ascend or lie beyond rf_data"
        } else if start < free {
            "is not sorted, overlaps, or begins before the file's interval"
        } else if start
            .checked_add(next_row - row)
            .is_none_or(|end| end > interval.end)
        {
            "points beyond the file's interval"
        } else {
            let block = Block {
                start,
                length: next_row - row,
            };
            free = block.end();
            blocks.push((block, row as usize));
            continue;
        };
        return Err(format!(
            "rf_data_index row {position} ({start}, {row}) {problem}"
        ));
    }
    if blocks.is_empty() && rows > 0 {
        return Err(format!(
            "rf_data_index is empty, but rf_data has {rows} samples"
        ));
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_the_index() {
        let found = blocks(&[100, 0, 110, 4, 150, 5], 9, &(100..200)).unwrap();
        let expected = [(100, 4, 0), (110, 1, 4), (150, 4, 5)]
            .map(|(start, length, row)| (Block { start, length }, row));
        assert_eq!(found, expected);
        assert_eq!(blocks(&[], 0, &(100..200)).unwrap(), []);
    }

    #[test]
    fn hostile_indices_are_refused() {
        let cases: [(&[u64], &str); 8] = [
            (&[], "is empty"),
            (&[100, 1], "row 0"),
            (&[100, 0, 120, 9], "do not ascend"),
            (&[100, 0, 120, 3, 130, 2], "do not ascend"),
            (&[100, 0, 102, 5], "not sorted"),
            (&[99, 0], "before the file's interval"),
            (&[195, 0], "beyond the file's interval"),
            (&[u64::MAX - 3, 0], "beyond the file's interval"),
        ];
        for (entries, expected) in cases {
            let error = blocks(entries, 9, &(100..200)).unwrap_err();
            assert!(error.contains(expected), "{entries:?}: {error}");
        }
    }
}
