//! Which rows of a chunked dataset are stored: a chunk that was never written takes no place in the
//! file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use hdf5::Dataset;
use hdf5_sys::h5::{herr_t, hsize_t};
use hdf5_sys::h5i::hid_t;

use super::{Error, Result};

unsafe extern "C" {
    /// The binding has no name for it. The library looks the chunk up in its index.
    fn H5Dget_chunk_storage_size(
        dataset: hid_t,
        place: *const hsize_t,
        bytes: *mut hsize_t,
    ) -> herr_t;
}

/// The runs of rows (indices of the leading axis) of which at least one chunk is not stored, in
/// order; none of a dataset without chunks. Time and memory go with the chunks that are stored, not
/// with those that the shape promises.
///
/// # Errors
/// The index of the chunks is damaged, or cannot be read.
pub fn never_stored(dataset: &Dataset) -> Result<Vec<Range<usize>>> {
    let (shape, Some(chunk)) = (dataset.shape(), dataset.chunk()) else {
        return Ok(Vec::new());
    };
    if shape.contains(&0) {
        return Ok(Vec::new());
    }
    let stored = dataset.num_chunks().ok_or_else(|| damaged(dataset))?;
    let grid = Grid::new(&shape, &chunk);
    if Some(stored) == grid.all() {
        return Ok(Vec::new());
    }
    if stored == 0 {
        return Ok(std::iter::once(0..shape[0]).collect());
    }
    if grid.is_listed_sooner(stored) {
        listed(dataset, &grid, stored)
    } else {
        looked_up(dataset, &grid, stored)
    }
}

/// How a dataset is cut into chunks.
struct Grid {
    rows: usize,
    chunk: Vec<usize>,
    /// Chunks along each axis.
    counts: Vec<usize>,
}

impl Grid {
    fn new(shape: &[usize], chunk: &[usize]) -> Grid {
        let chunk: Vec<usize> = chunk.iter().map(|&length| length.max(1)).collect();
        let counts = shape.iter().zip(&chunk);
        Grid {
            rows: shape[0],
            counts: counts.map(|(&length, &of)| length.div_ceil(of)).collect(),
            chunk,
        }
    }

    /// Chunks of the whole dataset; `None` of more than can be counted.
    fn all(&self) -> Option<usize> {
        product(&self.counts)
    }

    /// Whether it takes fewer steps to ask for each chunk that is stored than for each of the grid.
    fn is_listed_sooner(&self, stored: usize) -> bool {
        // To ask for the chunk of a number, the library passes all before it.
        let steps = (stored as u64).saturating_mul(stored as u64) / 64;
        self.all().is_none_or(|all| steps < all as u64)
    }

    /// The rows from the first of a block of chunks to the first of another.
    fn rows(&self, blocks: Range<usize>) -> Range<usize> {
        let first = |block: usize| block.saturating_mul(self.chunk[0]).min(self.rows);
        first(blocks.start)..first(blocks.end)
    }
}

fn product(counts: &[usize]) -> Option<usize> {
    let mut counts = counts.iter();
    counts.try_fold(1, |all: usize, &count| all.checked_mul(count))
}

/// Asks for each chunk that is stored.
fn listed(dataset: &Dataset, grid: &Grid, stored: usize) -> Result<Vec<Range<usize>>> {
    let mut found: BTreeMap<usize, BTreeSet<Vec<u64>>> = BTreeMap::new();
    for index in 0..stored {
        let chunk = dataset.chunk_info(index).ok_or_else(|| damaged(dataset))?;
        let block = (chunk.offset[0] / grid.chunk[0] as u64) as usize;
        let is_new = found.entry(block).or_default().insert(chunk.offset);
        if !is_new || block >= grid.counts[0] {
            return Err(damaged(dataset));
        }
    }
    let across = product(&grid.counts[1..]);
    let (mut missing, mut next) = (Vec::new(), 0);
    let whole = found.iter().filter(|(_, it)| Some(it.len()) == across);
    for block in whole.map(|(&block, _)| block).chain([grid.counts[0]]) {
        if next < block {
            missing.push(grid.rows(next..block));
        }
        next = block + 1;
    }
    Ok(missing)
}

/// Asks for each chunk of the grid whether it is stored, until all that are stored were met.
fn looked_up(dataset: &Dataset, grid: &Grid, stored: usize) -> Result<Vec<Range<usize>>> {
    let mut missing: Vec<Range<usize>> = Vec::new();
    let across = product(&grid.counts[1..]).ok_or_else(|| damaged(dataset))?;
    let mut place = vec![0; grid.counts.len()];
    let mut found = 0;
    let mut add = |rows: Range<usize>| match missing.last_mut() {
        Some(last) if last.end == rows.start => last.end = rows.end,
        _ => missing.push(rows),
    };
    for block in 0..grid.counts[0] {
        if found == stored {
            add(grid.rows(block..grid.counts[0]));
            break;
        }
        let before = found;
        for mut index in 0..across {
            place[0] = (block * grid.chunk[0]) as u64;
            for axis in (1..place.len()).rev() {
                place[axis] = (index % grid.counts[axis] * grid.chunk[axis]) as u64;
                index /= grid.counts[axis];
            }
            found += usize::from(is_stored(dataset, &place));
        }
        if found - before < across {
            add(grid.rows(block..block + 1));
        }
    }
    if found != stored {
        return Err(damaged(dataset));
    }
    Ok(missing)
}

/// Whether the chunk that begins at `place` is stored, as far as the library finds it.
fn is_stored(dataset: &Dataset, place: &[hsize_t]) -> bool {
    let mut bytes = 0;
    // SAFETY: the library lock is held and the identifier is open. `place` has a number for each
    // axis of the dataset, and the result goes into a number of ours.
    let status = hdf5::sync::sync(|| unsafe {
        H5Dget_chunk_storage_size(dataset.id(), place.as_ptr(), &raw mut bytes)
    });
    // Of a chunk that is not there, some versions of the library tell 0, others an error.
    status >= 0 && bytes > 0
}

fn damaged(dataset: &Dataset) -> Error {
    Error::Format {
        path: dataset.filename().into(),
        object: dataset.name(),
        problem: "the index of its chunks is damaged: which are stored cannot be told".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_access;

    #[test]
    fn chunks_are_found_in_steps_that_go_with_those_that_are_stored() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        // One in so many is missing.
        let new = |name: &str, rows: usize| {
            let builder = file.new_dataset::<u8>().chunk(1).shape(rows);
            builder.create(name).unwrap()
        };
        let many = new("many", 50_000);
        many.write_slice(&vec![1u8; 30_000], 0..30_000).unwrap();
        many.write_slice(&vec![1u8; 19_999], 30_001..).unwrap();
        let found = |dataset: &Dataset| -> Vec<(usize, usize)> {
            let runs = never_stored(dataset).unwrap().into_iter();
            runs.map(|run| (run.start, run.end)).collect()
        };
        assert_eq!(found(&many), [(30_000, 30_001)]);
        let is_listed_sooner = |dataset: &Dataset, stored| {
            Grid::new(&dataset.shape(), &dataset.chunk().unwrap()).is_listed_sooner(stored)
        };
        assert!(!is_listed_sooner(&many, 49_999));
        assert!(is_listed_sooner(&many, 1000));
        // The grid is vast, and one chunk is there, or none.
        let builder = file.new_dataset::<u8>().chunk((1, 8, 8));
        let vast = builder.shape((1 << 30, 8, 8)).create("vast").unwrap();
        assert_eq!(found(&vast), [(0, 1 << 30)]);
        let page = ndarray::Array3::<u8>::ones((1, 8, 8));
        vast.write_slice(&page, (7..8, .., ..)).unwrap();
        assert_eq!(found(&vast), [(0, 7), (8, 1 << 30)]);
        assert!(is_listed_sooner(&vast, 1) && is_listed_sooner(&vast, 200_000));
    }

    #[test]
    fn both_ways_find_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let file = file_access::create(directory.path().join("a.h5")).unwrap();
        let builder = file.new_dataset::<f32>().chunk((2, 4)).deflate(1);
        let dataset = builder.shape((9, 6)).create("x").unwrap();
        let some = |rows: Range<usize>, columns: Range<usize>| {
            let part = ndarray::Array2::<f32>::ones((rows.len(), columns.len()));
            dataset.write_slice(&part, (rows, columns)).unwrap();
        };
        some(2..4, 0..6);
        some(4..6, 4..6);
        some(8..9, 0..6);
        let grid = Grid::new(&[9, 6], &[2, 4]);
        let expected = [0..2, 4..8];
        assert_eq!(listed(&dataset, &grid, 5).unwrap(), expected);
        assert_eq!(looked_up(&dataset, &grid, 5).unwrap(), expected);
        assert!(looked_up(&dataset, &grid, 6).is_err());
    }
}
