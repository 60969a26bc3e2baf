use std::fmt;

use hdf5::datatype::ByteOrder;
use hdf5::types::{CompoundField, CompoundType, TypeDescriptor};
use hdf5::{Dataset, Datatype};
use jobwise_kit::h5::element::Order;

use super::{Scalar, failed};
use crate::{Error, Result};

/// A cell of a main dataset: a number, or several that are flattened to real numbers for computing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A real number.
    Real(Scalar),
    /// A compound of `r` and `i` of the same kind.
    Complex(Scalar),
    /// A compound of named real numbers, without padding.
    Compound(Vec<(String, Scalar)>),
}

impl Element {
    /// The element of a dataset.
    ///
    /// # Errors
    /// It is nothing that a main dataset holds: text, references, nested or padded compounds.
    pub fn of(dataset: &Dataset) -> Result<Element> {
        let dtype = dataset.dtype().map_err(failed::at(dataset, ""))?;
        Element::find(&dtype).map_err(|what| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "has cells of type {what}; readable are real numbers, complex ones (r, i), and compounds of real numbers without padding"
            ),
        })
    }

    /// The element of a type, or what it is instead.
    fn find(dtype: &Datatype) -> Result<Element, String> {
        let descriptor = dtype
            .to_descriptor()
            .map_err(|_| format!("of {} bytes without a name", dtype.size()))?;
        let order = match dtype.byte_order() {
            ByteOrder::BigEndian => Order::Big,
            ByteOrder::LittleEndian | ByteOrder::None => Order::Little,
            other => return Err(format!("{descriptor} in byte order {other:?}")),
        };
        Element::described(&descriptor, order).ok_or_else(|| descriptor.to_string())
    }

    fn described(descriptor: &TypeDescriptor, order: Order) -> Option<Element> {
        let TypeDescriptor::Compound(compound) = descriptor else {
            return Scalar::find(descriptor, order).map(Element::Real);
        };
        let mut end = 0;
        let mut fields = Vec::new();
        for field in &compound.fields {
            let scalar = Scalar::find(&field.ty, order)?;
            if field.offset != end {
                return None;
            }
            end += scalar.size();
            fields.push((field.name.clone(), scalar));
        }
        if end != compound.size {
            return None;
        }
        Some(match fields.as_slice() {
            [(r, part), (i, other)] if r == "r" && i == "i" && part == other => {
                Element::Complex(*part)
            }
            _ => Element::Compound(fields),
        })
    }

    /// Bytes of a cell.
    pub fn size(&self) -> usize {
        self.parts().iter().map(|part| part.size()).sum()
    }

    /// Real numbers of a cell.
    pub fn reals(&self) -> usize {
        self.parts().len()
    }

    /// The real numbers of a cell in the order of the file, which is that of flattening.
    fn parts(&self) -> Vec<Scalar> {
        match self {
            Element::Real(scalar) => vec![*scalar],
            Element::Complex(part) => vec![*part, *part],
            Element::Compound(fields) => fields.iter().map(|&(_, field)| field).collect(),
        }
    }

    /// Appends the numbers of one row: all first fields (or real parts), then all second ones, and so on.
    ///
    /// Of real elements it may be several rows at once.
    pub fn decode(&self, row: &[u8], into: &mut Vec<f64>) {
        let size = self.size();
        let mut place = 0;
        for part in self.parts() {
            part.gather(row, size, place, into);
            place += part.size();
        }
    }

    /// Appends the bytes of one row whose numbers are in the order of [`decode`](Self::decode).
    ///
    /// Floats are rounded to their width. Integers are rounded to the nearest, halves to the even one, and end at their limits;
    /// NaN becomes 0.
    ///
    /// # Panics
    /// The numbers are not a whole number of cells.
    pub fn encode(&self, row: &[f64], into: &mut Vec<u8>) {
        let (size, parts) = (self.size(), self.parts());
        assert_eq!(row.len() % parts.len(), 0, "not a whole number of cells");
        let width = row.len() / parts.len();
        let start = into.len();
        into.resize(start + width * size, 0);
        let mut place = 0;
        for (k, part) in parts.iter().enumerate() {
            let numbers = &row[k * width..][..width];
            part.scatter(numbers, &mut into[start..], size, place);
            place += part.size();
        }
    }

    /// Its type in a file, little-endian.
    pub fn descriptor(&self) -> TypeDescriptor {
        let mut end = 0;
        let mut field = |index: usize, name: &str, scalar: Scalar| {
            end += scalar.size();
            CompoundField::new(name, scalar.descriptor(), end - scalar.size(), index)
        };
        let fields = match self {
            Element::Real(scalar) => return scalar.descriptor(),
            Element::Complex(part) => vec![field(0, "r", *part), field(1, "i", *part)],
            Element::Compound(fields) => fields
                .iter()
                .enumerate()
                .map(|(index, (name, scalar))| field(index, name, *scalar))
                .collect(),
        };
        TypeDescriptor::Compound(CompoundType {
            fields,
            size: self.size(),
        })
    }

    /// The same element, little-endian.
    #[must_use]
    pub fn little_endian(&self) -> Element {
        match self {
            Element::Real(scalar) => Element::Real(scalar.little_endian()),
            Element::Complex(part) => Element::Complex(part.little_endian()),
            Element::Compound(fields) => Element::Compound(
                fields
                    .iter()
                    .map(|(name, field)| (name.clone(), field.little_endian()))
                    .collect(),
            ),
        }
    }
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
                    .map(|(name, scalar)| format!("{name}: {scalar}"))
                    .collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
        }
    }
}
