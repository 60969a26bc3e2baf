use std::ops::Range;

use hdf5::types::TypeDescriptor;
use hdf5::{Dataset, Datatype, H5Type};
use jobwise_core::IndexSet;

use super::{Marks, Partition};
use crate::descriptor::is_in_place;
use crate::{Error, Result};

/// What lies where in a file: datasets whose rows belong to the same positions, and their marks.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The path of the group that the names of datasets are relative to.
    pub group: String,
    /// The datasets, in the order in which [`Rows`](super::Rows) bring their bytes.
    pub datasets: Vec<RowDataset>,
    /// The name of the dataset of marks: u8, one per position.
    pub marks: String,
    /// Positions, units and items.
    pub partition: Partition,
}

/// A dataset of rows. A row is everything below one index of the leading axis.
#[derive(Clone, Debug)]
pub struct RowDataset {
    /// Its name, or its path below the plan's group.
    pub name: String,
    /// The type of an element, in memory and in the file.
    pub element: TypeDescriptor,
    /// Elements of a row: the product of all axes but the leading one.
    pub width: usize,
    /// How many rows there are.
    pub rows: Per,
}

/// How many rows a dataset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// One for each position.
    Position,
    /// One for each unit (several positions together).
    Unit,
    /// So many for each position.
    Piece(usize),
}

impl Per {
    /// The rows of a unit of `positions` positions.
    pub fn of(self, positions: usize) -> usize {
        match self {
            Per::Position => positions,
            Per::Unit => 1,
            Per::Piece(count) => positions * count,
        }
    }
}

impl RowDataset {
    /// A dataset of `T` with a row of `width` elements for each position.
    pub fn of<T: H5Type>(name: &str, width: usize) -> RowDataset {
        RowDataset {
            name: name.to_owned(),
            element: T::type_descriptor(),
            width,
            rows: Per::Position,
        }
    }

    /// The bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.element.size() * self.width
    }
}

/// The datasets of a plan, in an open file.
#[derive(Debug)]
pub(super) struct Opened {
    /// In the order of the plan.
    pub(super) datasets: Vec<Dataset>,
    pub(super) marks: Dataset,
}

impl Plan {
    /// The path of a dataset in the file.
    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.group.trim_end_matches('/'))
    }

    /// The rows of some neighbouring units in a dataset.
    pub(super) fn rows_of(&self, dataset: usize, units: &Range<usize>) -> Range<usize> {
        match self.datasets[dataset].rows {
            Per::Unit => units.clone(),
            per => {
                let positions = self.partition.positions_of(units);
                per.of(positions.start)..per.of(positions.end)
            }
        }
    }

    /// The bytes of the rows of an item in all datasets.
    pub(super) fn item_bytes(&self) -> usize {
        let units = self.partition.units_of(0);
        let bytes = |(index, dataset): (usize, &RowDataset)| {
            self.rows_of(index, &units).len() * dataset.row_bytes()
        };
        self.datasets.iter().enumerate().map(bytes).sum()
    }

    /// The items of which no unit is left to do.
    pub(super) fn items_done(&self, complete: &IndexSet, within: Range<usize>) -> IndexSet {
        let done = |item: &usize| {
            let units = self.partition.units_of(*item);
            let positions = self.partition.positions_of(&units);
            complete.missing(positions).is_empty()
        };
        within.filter(done).collect()
    }

    /// The marks of a file.
    ///
    /// # Errors
    /// There is no such dataset, or as [`Marks::read`].
    pub fn read_marks(&self, file: &hdf5::File) -> Result<Marks> {
        Marks::read(&self.dataset(file, &self.marks)?, self.partition.positions)
    }

    /// Opens all datasets, each of which must be as planned: rows are written as they are.
    ///
    /// # Errors
    /// A dataset is absent, has another shape or type, or elements that do not lie in it.
    pub(super) fn open(&self, file: &hdf5::File) -> Result<Opened> {
        let Partition { unit, batch, .. } = self.partition;
        if unit == 0 || batch == 0 {
            let problem = "a unit needs a position, and an item a unit".to_owned();
            return Err(wrong(file, &self.group, problem));
        }
        let whole = 0..self.partition.units();
        let mut datasets = Vec::new();
        for (index, planned) in self.datasets.iter().enumerate() {
            let rows = self.rows_of(index, &whole).len();
            let dataset = self.dataset(file, &planned.name)?;
            planned.check(&dataset, rows)?;
            datasets.push(dataset);
        }
        let marks = self.dataset(file, &self.marks)?;
        RowDataset::of::<u8>(&self.marks, 1).check(&marks, self.partition.positions)?;
        Ok(Opened { datasets, marks })
    }

    fn dataset(&self, file: &hdf5::File, name: &str) -> Result<Dataset> {
        let name = self.path_of(name);
        let found = file.dataset(&name);
        found.map_err(Error::hdf5(file.filename(), &name))
    }
}

impl RowDataset {
    fn check(&self, dataset: &Dataset, rows: usize) -> Result<()> {
        let refused = |source| Error::Hdf5 {
            path: dataset.filename().into(),
            object: dataset.name(),
            source,
        };
        let planned = Datatype::from_descriptor(&self.element).map_err(refused)?;
        let stored = dataset.dtype().map_err(refused)?;
        let shape = dataset.shape();
        let problem = if !is_in_place(&self.element) || self.row_bytes() == 0 {
            "rows of nothing, or of elements of variable length, cannot be stored".to_owned()
        } else if stored != planned {
            let element = &self.element;
            format!("holds elements of another type than {element}, of which rows are to be stored")
        } else if shape.first() != Some(&rows) || shape[1..].iter().product::<usize>() != self.width
        {
            let width = self.width;
            format!("has shape {shape:?}, and not {rows} rows of {width} elements")
        } else {
            return Ok(());
        };
        Err(Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem,
        })
    }
}

fn wrong(file: &hdf5::File, object: &str, problem: String) -> Error {
    Error::Format {
        path: file.filename().into(),
        object: object.to_owned(),
        problem,
    }
}
