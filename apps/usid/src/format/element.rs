use std::fmt;

use hdf5::types::{CompoundField, CompoundType, TypeDescriptor};
use hdf5::{Dataset, Datatype};
use jobwise_hdf5::numbers;

use super::{Losses, Scalar, failed};
use crate::{Error, Result};

/// A cell of a main dataset in memory, and in the files that we write: a number, or several that
/// are flattened to real numbers for computing. However a source stores its cells (byte order,
/// gaps, fewer bits than bytes), they are read as this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A real number.
    Real(Scalar),
    /// A compound of `r` and `i` of the same kind.
    Complex(Scalar),
    /// A compound of named elements, without gaps.
    Compound(Vec<(String, Element)>),
}

impl Element {
    /// The element that holds the cells of a dataset.
    ///
    /// # Errors
    /// It holds something else than numbers: texts, references, truth values, arrays.
    pub fn of(dataset: &Dataset) -> Result<Element> {
        let dtype = dataset.dtype().map_err(failed::member(dataset, ""))?;
        let native = numbers::native(&dtype).map_err(|what| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "has cells of type {what}; readable are integers of 8 to 64 bits and floats of up \
                 to 64, of any byte \
                 order, complex numbers and compounds of these"
            ),
        })?;
        Ok(Element::described(&native))
    }

    /// The element of a native type.
    fn described(native: &TypeDescriptor) -> Element {
        let TypeDescriptor::Compound(compound) = native else {
            // The native types of numbers are numbers.
            return Element::Real(Scalar::find(native).unwrap_or(Scalar::F64));
        };
        let fields: Vec<(String, Element)> = compound
            .fields
            .iter()
            .map(|field| (field.name.clone(), Element::described(&field.ty)))
            .collect();
        match fields.as_slice() {
            [(r, Element::Real(part)), (i, Element::Real(other))]
                if r == "r" && i == "i" && part == other =>
            {
                Element::Complex(*part)
            }
            _ => Element::Compound(fields),
        }
    }

    /// Whether the bytes of a dataset are those of this element, so that rows can be put in their
    /// place as they are.
    ///
    /// # Errors
    /// They are not, or the type cannot be read.
    pub fn must_lie_in(&self, dataset: &Dataset) -> Result<()> {
        let stored = dataset.dtype().map_err(failed::member(dataset, ""))?;
        if stored == self.datatype(dataset)? {
            return Ok(());
        }
        let other = match Element::of(dataset) {
            Ok(other) if other == *self => format!("{other} of another layout or byte order"),
            Ok(other) => other.to_string(),
            Err(_) => "no numbers".to_owned(),
        };
        Err(Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "holds {other}, not {self} as it is written now; --override starts a new results \
                 group"
            ),
        })
    }

    /// Its type in memory, for reading from a dataset.
    ///
    /// # Errors
    /// The library refuses.
    pub fn datatype(&self, dataset: &Dataset) -> Result<Datatype> {
        Datatype::from_descriptor(&self.descriptor()).map_err(failed::member(dataset, ""))
    }

    /// Bytes of a cell.
    pub fn size(&self) -> usize {
        match self {
            Element::Real(scalar) => scalar.size(),
            Element::Complex(part) => 2 * part.size(),
            Element::Compound(fields) => fields.iter().map(|(_, field)| field.size()).sum(),
        }
    }

    /// Real numbers of a cell.
    pub fn reals(&self) -> usize {
        self.parts().len()
    }

    /// The real numbers of a cell in the order of flattening, without gaps.
    fn parts(&self) -> Vec<Scalar> {
        match self {
            Element::Real(scalar) => vec![*scalar],
            Element::Complex(part) => vec![*part, *part],
            Element::Compound(fields) => {
                fields.iter().flat_map(|(_, field)| field.parts()).collect()
            }
        }
    }

    /// Appends the numbers of one row: all first fields (or real parts), then all second ones, and
    /// so on. What was lost on the way: integers beyond 2^53.
    ///
    /// Of real elements it may be several rows at once.
    pub fn decode(&self, row: &[u8], into: &mut Vec<f64>) -> Losses {
        let size = self.size();
        let (mut place, mut losses) = (0, Losses::default());
        for part in self.parts() {
            losses += part.gather(row, size, place, into);
            place += part.size();
        }
        losses
    }

    /// Appends the bytes of one row whose numbers are in the order of [`decode`](Self::decode);
    /// what was lost on the way.
    ///
    /// Floats are rounded to their width. Integers are rounded to the nearest, halves to the even
    /// one, and end at their limits; NaN becomes 0. Of real elements it may be several rows at
    /// once.
    ///
    /// # Panics
    /// The numbers are not a whole number of cells.
    pub fn encode(&self, row: &[f64], into: &mut Vec<u8>) -> Losses {
        let (size, parts) = (self.size(), self.parts());
        assert_eq!(row.len() % parts.len(), 0, "not a whole number of cells");
        let width = row.len() / parts.len();
        let start = into.len();
        into.resize(start + width * size, 0);
        let (mut place, mut losses) = (0, Losses::default());
        for (k, part) in parts.iter().enumerate() {
            let numbers = &row[k * width..][..width];
            losses += part.scatter(numbers, &mut into[start..], size, place);
            place += part.size();
        }
        losses
    }

    /// Its type in a file.
    pub fn descriptor(&self) -> TypeDescriptor {
        let part = |part: &Scalar| Element::Real(*part);
        match self {
            Element::Real(scalar) => scalar.descriptor(),
            Element::Complex(scalar) => packed(&[("r", part(scalar)), ("i", part(scalar))]),
            Element::Compound(fields) => {
                let fields: Vec<(&str, Element)> = fields
                    .iter()
                    .map(|(name, field)| (name.as_str(), field.clone()))
                    .collect();
                packed(&fields)
            }
        }
    }
}

/// A compound of neighbours.
fn packed(fields: &[(&str, Element)]) -> TypeDescriptor {
    let mut size = 0;
    let fields = fields.iter().enumerate().map(|(index, (name, field))| {
        size += field.size();
        CompoundField::new(name, field.descriptor(), size - field.size(), index)
    });
    let fields = fields.collect();
    TypeDescriptor::Compound(CompoundType { fields, size })
}

/// For people: `f32`, `complex f64`, `{Forward: f32, Reverse: f32}`.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::Real(scalar) => scalar.fmt(f),
            Element::Complex(part) => write!(f, "complex {part}"),
            Element::Compound(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, field)| format!("{name}: {field}"))
                    .collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
        }
    }
}
