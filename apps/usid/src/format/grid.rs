//! The dimensions of a full grid, found in the indices and values of its entries, whichever of them
//! changes fastest.

use std::ops::Range;

use hdf5::{Dataset, H5Type};
use jobwise_hdf5::element::Kind;
use jobwise_hdf5::lengths;
use ndarray::{Array2, s};

use super::{Absent, Element, Scalar};
use crate::{Error, Result};

/// Entries read at a time.
const SLAB: usize = 1 << 16;

/// Some values of an ancillary dataset: one row per entry, one column per dimension as stored.
pub(super) fn values(
    dataset: &Dataset,
    is_position: bool,
    entries: Range<usize>,
) -> Result<Array2<f64>> {
    scalar(dataset)?;
    slab(dataset, is_position, entries)
}

/// Some indices, likewise. Those without sign keep their bits: what matters is which are equal.
fn indices(dataset: &Dataset, is_position: bool, entries: Range<usize>) -> Result<Array2<i64>> {
    match scalar(dataset)? {
        Scalar::Of(Kind::U64) => {
            let indices: Array2<u64> = slab(dataset, is_position, entries)?;
            Ok(indices.mapv(|index| index as i64))
        }
        // The usual ones, without the library's conversion.
        Scalar::Of(Kind::U32) => {
            let indices: Array2<u32> = slab(dataset, is_position, entries)?;
            Ok(indices.mapv(i64::from))
        }
        integer if !integer.is_float() => slab(dataset, is_position, entries),
        _ => {
            let numbers: Array2<f64> = slab(dataset, is_position, entries)?;
            let is_whole = |x: &f64| x.fract() == 0.0 && x.abs() < 2_f64.powi(53);
            match numbers.iter().find(|x| !is_whole(x)) {
                None => Ok(numbers.mapv(|x| x as i64)),
                Some(odd) => Err(wrong(dataset, format!("holds {odd}, which is no index"))),
            }
        }
    }
}

/// What an ancillary dataset holds.
fn scalar(dataset: &Dataset) -> Result<Scalar> {
    match Element::of(dataset)? {
        Element::Real(scalar) => Ok(scalar),
        other => {
            let problem =
                format!("has cells of type {other}; entries of dimensions are real numbers");
            Err(wrong(dataset, problem))
        }
    }
}

fn wrong(dataset: &Dataset, problem: String) -> Error {
    Error::Format {
        path: dataset.filename().into(),
        object: dataset.name(),
        problem,
    }
}

fn slab<T: H5Type>(
    dataset: &Dataset,
    is_position: bool,
    entries: Range<usize>,
) -> Result<Array2<T>> {
    if is_position {
        return Ok(lengths::read_slice(dataset, s![entries, ..])?);
    }
    let slab: Array2<T> = lengths::read_slice(dataset, s![.., entries])?;
    Ok(slab.reversed_axes())
}

/// A dimension of a grid.
#[derive(Debug)]
pub(super) struct Column {
    /// Its column as stored.
    pub(super) stored: usize,
    /// How many entries follow each other with the same index.
    step: usize,
    length: usize,
    /// Of the next entry: how many before it follow each other with its index, and the place of
    /// that among the indices.
    repeated: usize,
    place: usize,
    /// The indices in order. Some writers leave gaps between them.
    indices: Vec<i64>,
    /// Of the same entries.
    pub(super) values: Vec<f64>,
}

impl Column {
    /// Takes the next entry; whether it is the one of a full grid.
    fn accept(&mut self, index: i64, value: f64) -> bool {
        if self.place == self.indices.len() {
            self.indices.push(index);
            self.values.push(value);
        }
        let is_same = self.indices[self.place] == index;
        self.repeated += 1;
        if self.repeated == self.step {
            self.repeated = 0;
            self.place += 1;
            if self.place == self.length {
                self.place = 0;
            }
        }
        is_same
    }

    fn is_distinct(&self) -> bool {
        let mut sorted = self.indices.clone();
        sorted.sort_unstable();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    }
}

/// The dimensions of a full grid, slowest first. `None` where the entries are not a
/// full grid in order.
pub(super) fn dimensions(
    stored: &Dataset,
    values: &Dataset,
    is_position: bool,
) -> Result<Option<Vec<Column>>> {
    for dataset in [stored, values] {
        Absent::refuse_any(dataset)?;
    }
    let axis = usize::from(!is_position);
    let entries = stored.shape()[axis];
    let slabs = || {
        (0..entries)
            .step_by(SLAB)
            .map(|start| start..(start + SLAB).min(entries))
    };
    let mut changes = Changes::new(stored.shape()[1 - axis]);
    for range in slabs() {
        changes.add(&indices(stored, is_position, range)?);
    }
    let Some(mut columns) = changes.columns(entries) else {
        return Ok(None);
    };
    for range in slabs() {
        let indices = indices(stored, is_position, range.clone())?;
        let values = self::values(values, is_position, range)?;
        for column in &mut columns {
            let indices = indices.column(column.stored).into_iter();
            for (&index, &value) in indices.zip(values.column(column.stored)) {
                if !column.accept(index, value) {
                    return Ok(None);
                }
            }
        }
    }
    let is_grid = columns.iter().all(Column::is_distinct);
    Ok(is_grid.then_some(columns))
}

/// How often the index of each column changes from one entry to the next.
#[derive(Debug)]
struct Changes {
    counts: Vec<usize>,
    last: Option<Vec<i64>>,
}

impl Changes {
    fn new(columns: usize) -> Changes {
        Changes {
            counts: vec![0; columns],
            last: None,
        }
    }

    fn add(&mut self, slab: &Array2<i64>) {
        for row in slab.rows() {
            let last = self.last.get_or_insert_with(|| row.to_vec());
            for ((count, last), &index) in self.counts.iter_mut().zip(last).zip(row) {
                *count += usize::from(*last != index);
                *last = index;
            }
        }
    }

    /// The columns, slowest first; `None` where their lengths do not make up the entries.
    ///
    /// In a full grid, a dimension of more than one index changes once less often than the lengths
    /// of it and of all slower ones, multiplied.
    fn columns(&self, entries: usize) -> Option<Vec<Column>> {
        let mut order: Vec<usize> = (0..self.counts.len()).collect();
        // Stable: columns that never change keep their places among each other.
        order.sort_by_key(|&column| self.counts[column]);
        let mut slower = 1;
        let mut columns = Vec::new();
        for stored in order {
            let runs = match self.counts[stored] {
                0 => slower,
                changes => changes + 1,
            };
            if !runs.is_multiple_of(slower) || !entries.is_multiple_of(runs) {
                return None;
            }
            columns.push(Column {
                stored,
                step: entries / runs,
                length: runs / slower,
                repeated: 0,
                place: 0,
                indices: Vec::new(),
                values: Vec::new(),
            });
            slower = runs;
        }
        // Without entries, the dimensions have no values.
        (slower == entries || entries == 0).then_some(columns)
    }
}
