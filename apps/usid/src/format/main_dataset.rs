use hdf5::{Dataset, File, Group, ObjectReference, ObjectReference1, ReferencedObject};
use ndarray::Array2;

use super::dimension::order;
use super::{Dimension, Element, Value};
use crate::error::refused;
use crate::{Error, Result};

/// The four datasets that say what the rows and columns of a main dataset are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of the attributes
pub enum Ancillary {
    PositionIndices,
    PositionValues,
    SpectroscopicIndices,
    SpectroscopicValues,
}

impl Ancillary {
    /// All four.
    pub const ALL: [Ancillary; 4] = [
        Ancillary::PositionIndices,
        Ancillary::PositionValues,
        Ancillary::SpectroscopicIndices,
        Ancillary::SpectroscopicValues,
    ];

    /// The name of the attribute that refers to it.
    pub fn name(self) -> &'static str {
        match self {
            Ancillary::PositionIndices => "Position_Indices",
            Ancillary::PositionValues => "Position_Values",
            Ancillary::SpectroscopicIndices => "Spectroscopic_Indices",
            Ancillary::SpectroscopicValues => "Spectroscopic_Values",
        }
    }

    fn is_position(self) -> bool {
        matches!(self, Ancillary::PositionIndices | Ancillary::PositionValues)
    }
}

/// A main dataset: one row per position, one column per spectroscopic value.
#[derive(Clone, Debug)]
pub struct Main {
    dataset: Dataset,
    positions: usize,
    width: usize,
    element: Element,
    quantity: String,
    units: String,
    ancillaries: Vec<Dataset>,
    labels: [Labels; 2],
}

/// The labels and units of the dimensions of positions, or of spectroscopic values.
#[derive(Clone, Debug, PartialEq)]
struct Labels {
    names: Vec<String>,
    units: Vec<String>,
}

impl Main {
    /// Takes a dataset for a main dataset.
    ///
    /// # Errors
    /// It is none; the message says what it lacks.
    pub fn open(dataset: &Dataset) -> Result<Main> {
        let wrong = |problem: String| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!("is no main dataset: {problem}"),
        };
        let &[positions, width] = dataset.shape().as_slice() else {
            return Err(wrong(format!("it has {} axes, not 2", dataset.ndim())));
        };
        let text = |name: &str| match Value::find(dataset, name)? {
            Some(Value::Text(text)) => Ok(text),
            Some(other) => Err(wrong(format!("its {name} is {other}, not a text"))),
            None => Err(wrong(format!("it has no attribute {name}"))),
        };
        let (quantity, units) = (text("quantity")?, text("units")?);
        let ancillaries = Ancillary::ALL
            .into_iter()
            .map(|which| refer(dataset, which).map_err(wrong))
            .collect::<Result<Vec<Dataset>>>()?;
        let labels = [[0, 1], [2, 3]].map(|[indices, values]| {
            let names = [Ancillary::ALL[indices], Ancillary::ALL[values]];
            pair(
                &ancillaries[indices],
                &ancillaries[values],
                names,
                (positions, width),
            )
        });
        let [position, spectroscopic] = labels;
        Ok(Main {
            labels: [position.map_err(wrong)?, spectroscopic.map_err(wrong)?],
            element: Element::of(dataset)?,
            dataset: dataset.clone(),
            positions,
            width,
            quantity,
            units,
            ancillaries,
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
    pub fn at(file: &File, path: &str) -> Result<Main> {
        let dataset = file.dataset(path).map_err(|_| Error::Format {
            path: file.filename().into(),
            object: path.to_owned(),
            problem: "there is no such dataset; `usid inspect` lists those that there are".into(),
        })?;
        Main::open(&dataset)
    }

    /// The main dataset at `path`, or the only one that is not a result.
    ///
    /// # Errors
    /// There is none, or several and no path.
    pub fn choose(file: &File, path: Option<&str>) -> Result<Main> {
        if let Some(path) = path {
            return Main::at(file, path);
        }
        let mut sources: Vec<Main> = mains(file)?
            .into_iter()
            .filter(|main| !is_result(&main.path()))
            .collect();
        let wrong = |problem: String| Error::Format {
            path: file.filename().into(),
            object: "/".into(),
            problem,
        };
        match sources.len() {
            1 => Ok(sources.remove(0)),
            0 => Err(wrong(
                "holds no main dataset, so it is no USID file; `usid import` makes one from a picture".into(),
            )),
            _ => {
                let names: Vec<String> = sources.iter().map(Main::path).collect();
                Err(wrong(format!(
                    "holds several main datasets, choose one with --dataset: {}",
                    names.join(", ")
                )))
            }
        }
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
        let failed = refused(self.dataset.filename(), parent);
        let file = self.dataset.file().map_err(&failed)?;
        file.group(parent).map_err(&failed)
    }

    /// The number of positions: rows.
    pub fn positions(&self) -> usize {
        self.positions
    }

    /// The number of spectroscopic values: columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What a cell holds.
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// What was measured.
    pub fn quantity(&self) -> &str {
        &self.quantity
    }

    /// In which units.
    pub fn units(&self) -> &str {
        &self.units
    }

    /// One of the four datasets.
    pub fn ancillary(&self, which: Ancillary) -> &Dataset {
        &self.ancillaries[which as usize]
    }

    /// The dimensions of positions, slowest first.
    ///
    /// # Errors
    /// The positions are no full grid, or cannot be read.
    pub fn position_dimensions(&self) -> Result<Vec<Dimension>> {
        self.dimensions(Ancillary::PositionIndices, Ancillary::PositionValues)
    }

    /// The dimensions of spectroscopic values, slowest first.
    ///
    /// # Errors
    /// As [`position_dimensions`](Self::position_dimensions).
    pub fn spectroscopic_dimensions(&self) -> Result<Vec<Dimension>> {
        self.dimensions(
            Ancillary::SpectroscopicIndices,
            Ancillary::SpectroscopicValues,
        )
    }

    /// The values of the axis, one row per position or column of the main dataset, one column per dimension as stored.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn matrix(&self, which: Ancillary) -> Result<Array2<f64>> {
        let dataset = self.ancillary(which);
        let matrix: Array2<f64> = dataset
            .read_2d()
            .map_err(refused(dataset.filename(), &dataset.name()))?;
        Ok(match which.is_position() {
            true => matrix,
            false => matrix.reversed_axes(),
        })
    }

    fn dimensions(&self, indices: Ancillary, values: Ancillary) -> Result<Vec<Dimension>> {
        let labels = &self.labels[usize::from(!indices.is_position())];
        let grid = self.matrix(indices)?.mapv(|index| index as u32);
        let values = self.matrix(values)?;
        let order = order(grid.view()).ok_or_else(|| Error::Format {
            path: self.dataset.filename().into(),
            object: self.ancillary(indices).name(),
            problem: "its entries are not those of a full grid in order".into(),
        })?;
        let along = |&column: &usize| {
            let highest = grid.column(column).iter().copied().max().unwrap_or(0);
            let mut axis = vec![f64::NAN; highest as usize + 1];
            // Backwards, so that the first entry of each index stays.
            for (&index, &value) in grid.column(column).iter().zip(values.column(column)).rev() {
                axis[index as usize] = value;
            }
            Dimension {
                name: labels.names[column].clone(),
                units: labels.units[column].clone(),
                values: axis,
            }
        };
        Ok(order.iter().map(along).collect())
    }

    /// A number that describes the experiment: an attribute of the group that holds the dataset, or of a group above it.
    ///
    /// # Errors
    /// It is there and is no number.
    pub fn experiment_number(&self, name: &str) -> Result<Option<f64>> {
        let mut path = self.path();
        let failed = refused(self.dataset.filename(), name);
        let file = self.dataset.file().map_err(&failed)?;
        while let Some((parent, _)) = path.rsplit_once('/') {
            let parent = parent.to_owned();
            let group = file
                .group(if parent.is_empty() { "/" } else { &parent })
                .map_err(&failed)?;
            match Value::find(&group, name)? {
                Some(value) => {
                    return value.number().map(Some).ok_or_else(|| Error::Format {
                        path: self.dataset.filename().into(),
                        object: format!("{}@{name}", group.name()),
                        problem: format!("is {value}, not a number"),
                    });
                }
                None => path = parent,
            }
        }
        Ok(None)
    }
}

/// The dataset that an attribute refers to.
fn refer(dataset: &Dataset, which: Ancillary) -> std::result::Result<Dataset, String> {
    let name = which.name();
    let attribute = dataset
        .attr(name)
        .map_err(|_| format!("it has no attribute {name}"))?;
    let reference = attribute
        .read_scalar::<ObjectReference1>()
        .map_err(|_| format!("its {name} is no object reference"))?;
    match reference.dereference(dataset) {
        Ok(ReferencedObject::Dataset(target)) => Ok(target),
        Ok(_) => Err(format!("its {name} refers to something that is no dataset")),
        Err(_) => Err(format!("its {name} refers to nothing")),
    }
}

/// Checks the indices and values of positions or of spectroscopic values against each other and the main dataset.
fn pair(
    indices: &Dataset,
    values: &Dataset,
    names: [Ancillary; 2],
    (positions, width): (usize, usize),
) -> std::result::Result<Labels, String> {
    let [first, second] = names.map(Ancillary::name);
    let (rows, dimensions, wanted) = match (names[0].is_position(), indices.shape().as_slice()) {
        (true, &[rows, dimensions]) => (rows, dimensions, positions),
        (false, &[dimensions, columns]) => (columns, dimensions, width),
        (_, shape) => return Err(format!("its {first} has shape {shape:?}, not 2 axes")),
    };
    if indices.shape() != values.shape() {
        let (a, b) = (indices.shape(), values.shape());
        return Err(format!(
            "its {first} has shape {a:?} and its {second} {b:?}"
        ));
    }
    if rows != wanted {
        return Err(format!("its {first} describes {rows} instead of {wanted}"));
    }
    let [a, b] = [indices, values].map(labels);
    let (a, b) = (a?, b?);
    if a != b {
        return Err(format!(
            "{first} and {second} have different labels or units"
        ));
    }
    if a.names.len() != dimensions || a.units.len() != dimensions {
        return Err(format!(
            "its {first} has {} labels and {} units for {dimensions} dimensions",
            a.names.len(),
            a.units.len()
        ));
    }
    Ok(a)
}

fn labels(dataset: &Dataset) -> std::result::Result<Labels, String> {
    let texts = |name: &str| match Value::find(dataset, name) {
        Ok(Some(Value::Texts(texts))) => Ok(texts),
        Ok(Some(Value::Text(text))) => Ok(vec![text]),
        _ => Err(format!("{} has no {name}", dataset.name())),
    };
    Ok(Labels {
        names: texts("labels")?,
        units: texts("units")?,
    })
}

/// Whether a path leads into a results group.
fn is_result(path: &str) -> bool {
    path.split('/').any(|part| {
        let index = part.rsplit_once('_').map(|(_, index)| index);
        let numbered = index.is_some_and(|i| i.len() >= 3 && i.bytes().all(|b| b.is_ascii_digit()));
        numbered && part.contains('-')
    })
}

/// All main datasets of a file, by path.
///
/// # Errors
/// The file cannot be read.
pub fn mains(file: &File) -> Result<Vec<Main>> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut groups = vec![file.group("/").map_err(refused(file.filename(), "/"))?];
    while let Some(group) = groups.pop() {
        let failed = refused(file.filename(), group.name());
        let info = group.loc_info().map_err(&failed)?;
        if !seen.insert(format!("{:?}", info.token)) {
            continue;
        }
        let datasets = group.datasets().map_err(&failed)?;
        found.extend(
            datasets
                .iter()
                .filter_map(|dataset| Main::open(dataset).ok()),
        );
        groups.extend(group.groups().map_err(&failed)?);
    }
    found.sort_by_key(Main::path);
    found.dedup_by_key(|main| main.path());
    Ok(found)
}
