//! Positioned writes into contiguous datasets: rows, forced to the disk, then marks.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hdf5::Dataset;
use hdf5::plist::dataset_create::Layout;

use super::plan::Opened;
use super::rows::Run;
use super::{Marks, Plan};
use crate::{Error, Result};

/// What rows in place are written to.
pub(super) trait Disk: Debug {
    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes durable what was written.
    fn force(&self) -> io::Result<()>;
}

impl Disk for File {
    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn force(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A file whose rows and marks each have a place of their own.
#[derive(Debug)]
pub(super) struct InPlace {
    path: PathBuf,
    pub(super) disk: Box<dyn Disk>,
    datasets: Vec<Place>,
    marks: Place,
    /// Marks of positions whose rows are in the file, and that are not marked yet.
    unmarked: Marks,
}

/// Where the rows of a contiguous dataset lie in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The first byte of the first row.
    offset: u64,
    row_bytes: u64,
}

impl Place {
    /// `None` where rows have no place of their own: chunked, compact, or not allocated.
    fn of(dataset: &Dataset, row_bytes: usize) -> Option<Place> {
        let rows = dataset.shape().first().copied().unwrap_or(0);
        let (rows, row_bytes) = (rows as u64, row_bytes as u64);
        let has_all = dataset.storage_size() == rows * row_bytes;
        if dataset.layout() != Layout::Contiguous || rows == 0 || !has_all {
            return None;
        }
        let offset = dataset.offset()?;
        Some(Place { offset, row_bytes })
    }

    /// The first byte of a row.
    fn of_row(&self, row: usize) -> u64 {
        self.offset + row as u64 * self.row_bytes
    }
}

/// Where the rows of each dataset of the plan lie, and the marks; `None` where one of them has no
/// place of its own: then the library changes the file's structure as rows are written.
pub(super) fn places(plan: &Plan, opened: &Opened) -> Option<(Vec<Place>, Place)> {
    let planned = plan.datasets.iter().zip(&opened.datasets);
    let datasets: Option<Vec<Place>> = planned
        .map(|(planned, dataset)| Place::of(dataset, planned.row_bytes()))
        .collect();
    datasets.zip(Place::of(&opened.marks, 1))
}

impl InPlace {
    /// The file at `path`, in which `opened` are the plan's datasets; `None` where one of them
    /// cannot be written in place.
    ///
    /// # Errors
    /// The file cannot be opened for writing.
    pub(super) fn open(path: &Path, plan: &Plan, opened: &Opened) -> Result<Option<InPlace>> {
        let Some((datasets, marks)) = places(plan, opened) else {
            return Ok(None);
        };
        let file = File::options().write(true).open(path);
        Ok(Some(InPlace {
            path: path.to_path_buf(),
            disk: Box::new(file.map_err(Error::io(path))?),
            datasets,
            marks,
            unmarked: Marks::default(),
        }))
    }

    /// Writes rows, which are not marked yet.
    pub(super) fn write(&mut self, plan: &Plan, runs: &[Run]) -> Result<()> {
        for run in runs {
            for (index, bytes) in run.datasets.iter().enumerate() {
                let first = plan.rows_of(index, &run.units).start;
                let offset = self.datasets[index].of_row(first);
                let written = self.disk.write(offset, bytes);
                written.map_err(Error::io(&self.path))?;
            }
            let positions = plan.partition.positions_of(&run.units);
            self.unmarked.insert(positions, run.mark);
        }
        Ok(())
    }

    /// Forces the rows written since the last call to the disk, marks them, and forces the marks to
    /// the disk; what was marked.
    pub(super) fn mark(&mut self) -> Result<Marks> {
        if self.unmarked.iter().next().is_none() {
            return Ok(Marks::default());
        }
        self.force()?;
        for (mark, positions) in self.unmarked.iter() {
            for run in positions.runs() {
                let bytes = vec![mark; run.len()];
                let marked = self.disk.write(self.marks.of_row(run.start), &bytes);
                marked.map_err(Error::io(&self.path))?;
            }
        }
        self.force()?;
        Ok(std::mem::take(&mut self.unmarked))
    }

    fn force(&self) -> Result<()> {
        self.disk.force().map_err(Error::io(&self.path))
    }
}
