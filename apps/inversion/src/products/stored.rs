//! Datasets of a file of results, row by row. No length is believed before it is compared with the
//! file.

use std::path::{Path, PathBuf};

use hdf5::types::FixedUnicode;
use hdf5::{Dataset, H5Type};
use jobwise_hdf5::{file_access, lengths, vlen};
use ndarray::{Array, Array1, IxDyn, s};

use crate::{Error, Result};

/// Elements of a row, at most: 2 x 10^8 iterations, as no real file has.
const WIDEST: usize = 1 << 28;

/// The most bytes of a text in a row.
const TEXT: usize = 1024;

/// A file whose datasets have a row per sounding.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    file: hdf5::File,
    rows: usize,
}

impl Stored {
    /// Opens a file; its soundings are those of the dataset `rows`.
    pub(super) fn open(path: &Path, rows: &str) -> Result<Stored> {
        let file = file_access::open(path)?;
        let mut stored = Stored {
            path: path.to_path_buf(),
            file,
            rows: 0,
        };
        let dataset = stored.dataset(rows)?;
        lengths::check(&dataset, size_of::<f64>())?;
        stored.rows = dataset.shape().first().copied().unwrap_or(0);
        Ok(stored)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let parts = name.match_indices('/').map(|(end, _)| &name[..end]);
        parts.chain([name]).all(|part| self.file.link_exists(part))
    }

    /// The names of what is in a group, sorted.
    pub(super) fn members(&self, group: &str) -> Result<Vec<String>> {
        let members = self
            .file
            .group(group)
            .and_then(|group| group.member_names());
        let mut members = members.map_err(self.refused(group))?;
        members.sort();
        Ok(members)
    }

    /// What is wrong with an object of the file.
    pub(super) fn wrong(&self, name: &str, problem: &str) -> Error {
        Error::File {
            path: self.path.clone(),
            problem: format!("{name}: {problem}"),
        }
    }

    /// All elements, whatever the shape.
    pub(super) fn all<T: H5Type>(&self, name: &str) -> Result<Vec<T>> {
        Ok(lengths::read(&self.dataset(name)?)?)
    }

    /// The only element.
    pub(super) fn single<T: H5Type + Copy>(&self, name: &str) -> Result<T> {
        match self.all(name)?[..] {
            [value] => Ok(value),
            _ => Err(self.wrong(name, "one number is expected")),
        }
    }

    /// Texts of variable length.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(name)?;
        let texts = vlen::texts(&dataset).map_err(self.refused(name))?;
        let texts = texts.iter().map(|text| String::from_utf8_lossy(text));
        Ok(texts.map(std::borrow::Cow::into_owned).collect())
    }

    /// One element per sounding.
    pub(super) fn column<T: H5Type>(&self, name: &str) -> Result<Vec<T>> {
        let column = self.all(name)?;
        if column.len() == self.rows {
            return Ok(column);
        }
        let problem = format!("{} values of {} soundings", column.len(), self.rows);
        Err(self.wrong(name, &problem))
    }

    /// The elements of a sounding, whatever the shape of a row.
    pub(super) fn row<T: H5Type>(&self, name: &str, row: usize) -> Result<Vec<T>> {
        let dataset = self.dataset(name)?;
        lengths::check(&dataset, size_of::<T>())?;
        let shape = dataset.shape();
        let width = shape
            .iter()
            .skip(1)
            .try_fold(1, |all: usize, n| all.checked_mul(*n));
        if shape.first().is_none_or(|rows| row >= *rows) || width.is_none_or(|all| all > WIDEST) {
            let problem = format!("shape {shape:?} has no row {row} of a sounding");
            return Err(self.wrong(name, &problem));
        }
        let values: Array<T, IxDyn> = match shape.len() {
            1 => lengths::read_slice(&dataset, s![row..=row])?,
            2 => lengths::read_slice(&dataset, s![row, ..])?,
            3 => lengths::read_slice(&dataset, s![row, .., ..])?,
            _ => return Err(self.wrong(name, "more than three dimensions")),
        };
        Ok(values.into_iter().collect())
    }

    /// The text of a sounding, of fixed length in the file.
    pub(super) fn text(&self, name: &str, row: usize) -> Result<String> {
        let dataset = self.dataset(name)?;
        lengths::check(&dataset, TEXT)?;
        let read: Array1<FixedUnicode<TEXT>> = lengths::read_slice(&dataset, s![row..=row])?;
        Ok(read.first().map(ToString::to_string).unwrap_or_default())
    }

    /// The extents of a row.
    pub(super) fn extents(&self, name: &str) -> Result<Vec<usize>> {
        Ok(self.dataset(name)?.shape().into_iter().skip(1).collect())
    }

    fn dataset(&self, name: &str) -> Result<Dataset> {
        self.file.dataset(name).map_err(self.refused(name))
    }

    fn refused(&self, name: &str) -> impl FnOnce(hdf5::Error) -> Error {
        let (path, name) = (self.path.clone(), name.to_owned());
        move |source| jobwise_hdf5::Error::hdf5(path, &name)(source).into()
    }
}

impl Stored {
    /// The attribute `repr` of a group: what it is to geobipy.
    pub(super) fn kind(&self, group: &str) -> Result<String> {
        let group = self.file.group(group).map_err(self.refused(group))?;
        Ok(jobwise_hdf5::attributes::read_text(&group, "repr")?)
    }
}
