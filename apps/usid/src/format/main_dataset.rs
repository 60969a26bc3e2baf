use std::ops::Range;
use std::sync::OnceLock;

use hdf5::{Dataset, File, Group};
use ndarray::Array2;

use super::check::{Checked, check};
use super::{Ancillary, Dimension, Element, Value, failed, grid};
use crate::{Error, Result};

/// A main dataset: one row per position, one column per spectroscopic value.
#[derive(Clone, Debug)]
pub struct Main {
    dataset: Dataset,
    element: Element,
    checked: std::sync::Arc<Checked>,
    /// Its position dimensions, once they were asked for.
    positions: OnceLock<Vec<Dimension>>,
}

impl Main {
    /// Takes a dataset for a main dataset.
    ///
    /// # Errors
    /// It is none; the message says what it lacks.
    pub fn open(dataset: &Dataset) -> Result<Main> {
        let checked = check(dataset).map_err(|problem| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!("is no main dataset: {problem}"),
        })?;
        Ok(Main {
            element: Element::of(dataset)?,
            dataset: dataset.clone(),
            checked: checked.into(),
            positions: OnceLock::new(),
        })
    }

    /// Whether a dataset is a main dataset.
    pub fn is_main(dataset: &Dataset) -> bool {
        Main::open(dataset).is_ok()
    }

    /// The main dataset at a path.
    ///
    /// # Errors
    /// There is no dataset, or it is no main dataset.
    pub fn find(file: &File, path: &str) -> Result<Main> {
        let dataset = file.dataset(path).map_err(|_| Error::Format {
            path: file.filename().into(),
            object: path.to_owned(),
            problem: "there is no such dataset; `usid inspect` lists those that there are".into(),
        })?;
        Main::open(&dataset)
    }

    /// The dataset.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Its path in the file.
    pub fn path(&self) -> String {
        self.dataset.name()
    }

    /// The last part of its path.
    pub fn name(&self) -> String {
        let path = self.path();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The group that holds it.
    ///
    /// # Errors
    /// The file refuses.
    pub fn parent(&self) -> Result<Group> {
        let path = self.path();
        let parent = match path.rsplit_once('/') {
            Some(("", _)) | None => "/",
            Some((parent, _)) => parent,
        };
        let failed = || failed::member(&self.dataset, "");
        let file = self.dataset.file().map_err(failed())?;
        file.group(parent).map_err(failed())
    }

    /// The number of positions: rows.
    pub fn positions(&self) -> usize {
        self.checked.positions
    }

    /// The number of spectroscopic values: columns.
    pub fn width(&self) -> usize {
        self.checked.width
    }

    /// What a cell holds.
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// What was measured.
    pub fn quantity(&self) -> &str {
        &self.checked.quantity
    }

    /// In which units.
    pub fn units(&self) -> &str {
        &self.checked.units
    }

    /// One of the four datasets.
    pub fn ancillary(&self, which: Ancillary) -> &Dataset {
        &self.checked.ancillaries[which as usize]
    }

    /// The dimensions of the positions, slowest first.
    ///
    /// # Errors
    /// The positions are not a full grid in order, or cannot be read.
    pub fn position_dimensions(&self) -> Result<Vec<Dimension>> {
        // Every position has an entry: they are looked at once.
        if let Some(found) = self.positions.get() {
            return Ok(found.clone());
        }
        let found = self.dimensions(Ancillary::PositionIndices, Ancillary::PositionValues)?;
        Ok(self.positions.get_or_init(|| found).clone())
    }

    /// The dimensions of the spectroscopic values, slowest first.
    ///
    /// # Errors
    /// As [`position_dimensions`](Self::position_dimensions).
    pub fn spectroscopic_dimensions(&self) -> Result<Vec<Dimension>> {
        self.dimensions(
            Ancillary::SpectroscopicIndices,
            Ancillary::SpectroscopicValues,
        )
    }

    /// Some entries of an ancillary dataset, of any grid: one row per position (or column of the
    /// main dataset), one column per dimension, in the order of [`labels`](Self::labels).
    ///
    /// # Errors
    /// There are no such entries, or they cannot be read.
    pub fn entries(&self, which: Ancillary, range: Range<usize>) -> Result<Array2<f64>> {
        grid::values(self.ancillary(which), which.is_position(), range)
    }

    /// Name and units of the dimensions that an ancillary dataset describes, in the order of the
    /// file.
    pub fn labels(&self, which: Ancillary) -> impl Iterator<Item = (&str, &str)> {
        let labels = &self.checked.labels[usize::from(!which.is_position())];
        let names = labels.names.iter().map(String::as_str);
        names.zip(labels.units.iter().map(String::as_str))
    }

    fn dimensions(&self, indices: Ancillary, values: Ancillary) -> Result<Vec<Dimension>> {
        let is_position = indices.is_position();
        let (indices, values) = (self.ancillary(indices), self.ancillary(values));
        let found =
            grid::dimensions(indices, values, is_position)?.ok_or_else(|| Error::Format {
                path: self.dataset.filename().into(),
                object: indices.name(),
                problem: "its entries are not a full grid in order: every index of each dimension \
                          with every one of the others"
                    .into(),
            })?;
        let labels = &self.checked.labels[usize::from(!is_position)];
        let dimension = |column: grid::Column| Dimension {
            name: labels.names[column.stored].clone(),
            units: labels.units[column.stored].clone(),
            spacing: labels.spacings[column.stored],
            values: column.values,
        };
        Ok(found.into_iter().map(dimension).collect())
    }

    /// A number that describes the experiment: an attribute of the group that holds the dataset, or
    /// else of a group above it.
    ///
    /// # Errors
    /// It is there and is no number.
    pub fn experiment_number(&self, name: &str) -> Result<Option<f64>> {
        for group in self.above()? {
            if let Some(value) = Value::find(&group, name)? {
                return value.number().map(Some).ok_or_else(|| Error::Format {
                    path: self.dataset.filename().into(),
                    object: format!("{}@{name}", group.name()),
                    problem: format!("is {value}, not a number"),
                });
            }
        }
        Ok(None)
    }

    /// The group that holds the dataset, that which holds this, and so on up to the root.
    ///
    /// # Errors
    /// The file refuses.
    pub fn above(&self) -> Result<Vec<Group>> {
        let mut path = self.path();
        let failed = || failed::member(&self.dataset, "");
        let file = self.dataset.file().map_err(failed())?;
        let mut groups = Vec::new();
        while let Some((parent, _)) = path.rsplit_once('/') {
            let parent = parent.to_owned();
            let name = if parent.is_empty() { "/" } else { &parent };
            groups.push(file.group(name).map_err(failed())?);
            path = parent;
        }
        Ok(groups)
    }
}
