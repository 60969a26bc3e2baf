//! What makes a dataset a main dataset.

use hdf5::{Dataset, ReferencedObject};

use super::Value;
use super::believable::believable;
use super::dimension::Spacing;
use super::reference::{is_same, path_of, resolve};

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

    /// Whether it has a row for each position, and not a column for each spectroscopic value.
    pub(super) fn is_position(self) -> bool {
        matches!(self, Ancillary::PositionIndices | Ancillary::PositionValues)
    }
}

/// Names, units and kinds of the dimensions of the rows or of the columns, as stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    pub(super) names: Vec<String>,
    pub(super) units: Vec<String>,
    pub(super) spacings: Vec<Spacing>,
}

/// What the checks find of a main dataset.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) positions: usize,
    pub(super) width: usize,
    pub(super) quantity: String,
    pub(super) units: String,
    pub(super) ancillaries: [Dataset; 4],
    /// Of the positions and of the spectroscopic values.
    pub(super) labels: [Labels; 2],
}

/// The checks of the format; or what is amiss.
pub(super) fn check(dataset: &Dataset) -> Result<Checked, String> {
    let &[positions, width] = dataset.shape().as_slice() else {
        return Err(format!("it has {} axes, not 2", dataset.ndim()));
    };
    let text = |name: &str| match Value::find(dataset, name) {
        Ok(Some(Value::Text(text))) => Ok(text),
        Ok(Some(other)) => Err(format!("its {name} is {other}, not one text")),
        Ok(None) => Err(format!("it has no attribute {name}")),
        Err(error) => Err(format!("its {name} cannot be read ({error})")),
    };
    let ancillary = |which: Ancillary| {
        let name = which.name();
        match resolve(dataset, name) {
            Some(ReferencedObject::Dataset(target)) if is_beside(dataset, name, &target) => {
                Ok(target)
            }
            // What was deleted may still be read, until something else is written over it.
            Some(ReferencedObject::Dataset(target)) if path_of(dataset, &target).is_none() => {
                Err(format!(
                    "its {name} refers to an object that was deleted: it has no name in the file"
                ))
            }
            Some(ReferencedObject::Dataset(target)) => Ok(target),
            _ => Err(format!(
                "it has no attribute {name} that refers to a dataset"
            )),
        }
    };
    let [a, b, c, d] = Ancillary::ALL.map(ancillary);
    let ancillaries = [a?, b?, c?, d?];
    believable(dataset)?;
    for (which, ancillary) in Ancillary::ALL.into_iter().zip(&ancillaries) {
        believable(ancillary).map_err(|problem| format!("of its {}, {problem}", which.name()))?;
    }
    let [position, spectroscopic] = [(0, 1, positions), (2, 3, width)].map(|(i, v, entries)| {
        let which = [Ancillary::ALL[i], Ancillary::ALL[v]];
        pair([&ancillaries[i], &ancillaries[v]], which, entries)
    });
    Ok(Checked {
        positions,
        width,
        quantity: text("quantity")?,
        units: text("units")?,
        labels: [position?, spectroscopic?],
        ancillaries,
    })
}

/// Whether `target` lies beside a dataset, under this name: as usual, and found without a look at
/// the whole file.
fn is_beside(dataset: &Dataset, name: &str, target: &Dataset) -> bool {
    let path = dataset.name();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let usual = dataset
        .file()
        .and_then(|file| file.dataset(&format!("{parent}/{name}")));
    usual.is_ok_and(|usual| is_same(&usual, target))
}

/// Checks indices and values against each other and against the number of `entries` of the main
/// dataset.
fn pair(
    [indices, values]: [&Dataset; 2],
    which: [Ancillary; 2],
    entries: usize,
) -> Result<Labels, String> {
    let [first, second] = which.map(Ancillary::name);
    let shape = indices.shape();
    let (found, dimensions) = match *shape.as_slice() {
        [rows, dimensions] if which[0].is_position() => (rows, dimensions),
        [dimensions, columns] => (columns, dimensions),
        _ => return Err(format!("its {first} has {} axes, not 2", shape.len())),
    };
    if values.shape() != shape {
        let other = values.shape();
        return Err(format!(
            "its {first} has shape {shape:?} and its {second} {other:?}"
        ));
    }
    if found != entries {
        let what = if which[0].is_position() {
            "rows"
        } else {
            "columns"
        };
        return Err(format!(
            "its {first} describes {found} {what}, and it has {entries}"
        ));
    }
    let [labels, other] = [labels(indices, first)?, labels(values, second)?];
    for (name, labels) in [(first, &labels), (second, &other)] {
        let (names, units) = (labels.names.len(), labels.units.len());
        if (names, units) != (dimensions, dimensions) {
            return Err(format!(
                "its {name} has {names} labels and {units} units for {dimensions} dimensions"
            ));
        }
    }
    if labels.names != other.names || labels.units != other.units {
        return Err(format!(
            "its {first} and {second} differ in labels or units"
        ));
    }
    Ok(labels)
}

fn labels(dataset: &Dataset, which: &str) -> Result<Labels, String> {
    let texts = |name: &str| match Value::find(dataset, name) {
        Ok(Some(Value::Texts(texts))) => Ok(texts),
        Ok(Some(Value::Text(text))) => Ok(vec![text]),
        _ => Err(format!("its {which} has no {name} (an array of texts)")),
    };
    let names = texts("labels")?;
    // Older files have none.
    let codes = match Value::find(dataset, "type") {
        Ok(Some(Value::Integers(codes))) => codes,
        _ => Vec::new(),
    };
    let code = |k: usize| codes.get(k).copied().unwrap_or(0);
    Ok(Labels {
        units: texts("units")?,
        spacings: (0..names.len()).map(|k| Spacing::find(code(k))).collect(),
        names,
    })
}
