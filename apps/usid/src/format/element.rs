use hdf5::Dataset;
use hdf5::datatype::ByteOrder;
use hdf5::types::{CompoundField, CompoundType, TypeDescriptor};
use jobwise_kit::h5::element::Kind;

use crate::error::refused;
use crate::{Error, Result};

/// A real number as it lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Its kind.
    pub kind: Kind,
    /// Whether its most significant byte comes first.
    pub big_endian: bool,
}

impl Scalar {
    /// A 32-bit float, little-endian.
    pub const F32: Scalar = Scalar::little(Kind::F32);
    /// A 64-bit float, little-endian.
    pub const F64: Scalar = Scalar::little(Kind::F64);

    /// A number of this kind, little-endian.
    pub const fn little(kind: Kind) -> Scalar {
        Scalar {
            kind,
            big_endian: false,
        }
    }

    fn read(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        let size = self.kind.size();
        word[..size].copy_from_slice(&bytes[..size]);
        if self.big_endian {
            word[..size].reverse();
        }
        let short = |n: usize| {
            let mut part = [0; 4];
            part[..n].copy_from_slice(&word[..n]);
            u32::from_le_bytes(part)
        };
        match self.kind {
            Kind::F64 => f64::from_le_bytes(word),
            Kind::F32 => f64::from(f32::from_bits(short(4))),
            Kind::I8 => f64::from(word[0] as i8),
            Kind::U8 => f64::from(word[0]),
            Kind::I16 => f64::from(short(2) as i16),
            Kind::U16 => f64::from(short(2) as u16),
            Kind::I32 => f64::from(short(4) as i32),
            Kind::U32 => f64::from(short(4)),
            Kind::I64 => i64::from_le_bytes(word) as f64,
            Kind::U64 => u64::from_le_bytes(word) as f64,
        }
    }

    /// Floats are rounded; integers are rounded to the nearest and end at their limits, and NaN becomes 0.
    fn write(self, number: f64, into: &mut Vec<u8>) {
        let start = into.len();
        let whole = number.round_ties_even();
        match self.kind {
            Kind::F64 => into.extend(number.to_le_bytes()),
            Kind::F32 => into.extend((number as f32).to_le_bytes()),
            Kind::I8 => into.extend((whole as i8).to_le_bytes()),
            Kind::U8 => into.push(whole as u8),
            Kind::I16 => into.extend((whole as i16).to_le_bytes()),
            Kind::U16 => into.extend((whole as u16).to_le_bytes()),
            Kind::I32 => into.extend((whole as i32).to_le_bytes()),
            Kind::U32 => into.extend((whole as u32).to_le_bytes()),
            Kind::I64 => into.extend((whole as i64).to_le_bytes()),
            Kind::U64 => into.extend((whole as u64).to_le_bytes()),
        }
        if self.big_endian {
            into[start..].reverse();
        }
    }
}

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
    /// It is nothing that a main dataset holds: text, references, nested or padded compounds, 16-bit floats.
    pub fn of(dataset: &Dataset) -> Result<Element> {
        let dtype = dataset
            .dtype()
            .map_err(refused(dataset.filename(), dataset.name()))?;
        let big_endian = dtype.byte_order() == ByteOrder::BigEndian;
        let descriptor = dtype.to_descriptor().ok();
        let element = descriptor.and_then(|kind| Element::find(&kind, big_endian));
        element.ok_or_else(|| Error::Format {
            path: dataset.filename().into(),
            object: dataset.name(),
            problem: format!(
                "holds {}, not real or complex numbers or compounds of real numbers",
                dtype.to_descriptor().map_or_else(
                    |_| "a type without a name".to_owned(),
                    |kind| kind.to_string()
                )
            ),
        })
    }

    fn find(kind: &TypeDescriptor, big_endian: bool) -> Option<Element> {
        let scalar = |kind: &TypeDescriptor| Kind::of(kind).map(|kind| Scalar { kind, big_endian });
        let TypeDescriptor::Compound(compound) = kind else {
            return scalar(kind).map(Element::Real);
        };
        let mut end = 0;
        let mut fields = Vec::new();
        for CompoundField {
            name, ty, offset, ..
        } in &compound.fields
        {
            let field = scalar(ty)?;
            if *offset != end {
                return None;
            }
            end += field.kind.size();
            fields.push((name.clone(), field));
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
        match self {
            Element::Real(scalar) => scalar.kind.size(),
            Element::Complex(part) => 2 * part.kind.size(),
            Element::Compound(fields) => fields.iter().map(|(_, field)| field.kind.size()).sum(),
        }
    }

    /// Real numbers of a cell.
    pub fn reals(&self) -> usize {
        match self {
            Element::Real(_) => 1,
            Element::Complex(_) => 2,
            Element::Compound(fields) => fields.len(),
        }
    }

    /// The fields in the order in which they are flattened, with their places in a cell.
    fn parts(&self) -> Vec<(usize, Scalar)> {
        match self {
            Element::Real(scalar) => vec![(0, *scalar)],
            Element::Complex(part) => vec![(0, *part), (part.kind.size(), *part)],
            Element::Compound(fields) => {
                let mut end = 0;
                let place = |(_, field): &(String, Scalar)| {
                    end += field.kind.size();
                    (end - field.kind.size(), *field)
                };
                fields.iter().map(place).collect()
            }
        }
    }

    /// Appends the numbers of one row: all first fields (or real parts), then all second ones, and so on.
    pub fn decode(&self, row: &[u8], into: &mut Vec<f64>) {
        for (place, part) in self.parts() {
            let cells = row.chunks_exact(self.size());
            into.extend(cells.map(|cell| part.read(&cell[place..])));
        }
    }

    /// Appends the bytes of one row whose numbers are in the order of [`decode`](Self::decode).
    ///
    /// Floats are rounded to their width; integers to the nearest within their limits, NaN to 0.
    pub fn encode(&self, row: &[f64], into: &mut Vec<u8>) {
        let parts = self.parts();
        let width = row.len() / parts.len();
        for cell in 0..width {
            for (part, (_, scalar)) in parts.iter().enumerate() {
                scalar.write(row[part * width + cell], into);
            }
        }
    }

    /// The type in a file, little-endian.
    pub fn descriptor(&self) -> TypeDescriptor {
        let compound = |fields: &[(&str, Scalar)]| {
            let mut end = 0;
            let mut placed = Vec::new();
            for (index, (name, field)) in fields.iter().enumerate() {
                placed.push(CompoundField::new(
                    name,
                    field.kind.descriptor(),
                    end,
                    index,
                ));
                end += field.kind.size();
            }
            TypeDescriptor::Compound(CompoundType {
                fields: placed,
                size: end,
            })
        };
        match self {
            Element::Real(scalar) => scalar.kind.descriptor(),
            Element::Complex(part) => compound(&[("r", *part), ("i", *part)]),
            Element::Compound(fields) => {
                let fields: Vec<(&str, Scalar)> =
                    fields.iter().map(|(name, f)| (name.as_str(), *f)).collect();
                compound(&fields)
            }
        }
    }

    /// The same element, little-endian.
    #[must_use]
    pub fn little_endian(&self) -> Element {
        let little = |scalar: &Scalar| Scalar::little(scalar.kind);
        match self {
            Element::Real(scalar) => Element::Real(little(scalar)),
            Element::Complex(part) => Element::Complex(little(part)),
            Element::Compound(fields) => Element::Compound(
                fields
                    .iter()
                    .map(|(name, field)| (name.clone(), little(field)))
                    .collect(),
            ),
        }
    }
}
