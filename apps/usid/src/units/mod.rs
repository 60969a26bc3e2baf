//! Units as files and people write them, and what numbers are in others.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Unit`] | a unit: what it measures, and its size |
//! | `symbols` | the names of units and of their prefixes |
//! | `words` | texts to units |
//! | [`Conversion`] | from the units of a file to those of a computation |

mod conversion;
mod symbols;
mod words;

pub use conversion::{Conversion, convert, quantity};
pub use words::read;

/// A unit: the exponents of metre, kilogram, second, ampere, kelvin and radian, and its size in
/// these.
///
/// The size is `mantissa * 10^exponent`, so that the ratio of two units that differ by a prefix is
/// the nearest number to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    dimension: [i32; 6],
    mantissa: f64,
    exponent: i32,
}

impl Unit {
    /// The number 1.
    const ONE: Unit = Unit {
        dimension: [0; 6],
        mantissa: 1.0,
        exponent: 0,
    };

    /// A unit with a prefix.
    fn shifted(self, exponent: i32) -> Unit {
        Unit {
            exponent: self.exponent + exponent,
            ..self
        }
    }

    /// The product with a power of another.
    fn times(self, other: Unit, power: i32) -> Unit {
        let mut dimension = self.dimension;
        for (mine, theirs) in dimension.iter_mut().zip(other.dimension) {
            *mine += power * theirs;
        }
        Unit {
            dimension,
            mantissa: self.mantissa * other.mantissa.powi(power),
            exponent: self.exponent + power * other.exponent,
        }
    }

    /// What numbers in this unit are multiplied with to be in another; `None` where the two measure
    /// different things.
    pub fn in_units_of(self, other: Unit) -> Option<f64> {
        if self.dimension != other.dimension {
            return None;
        }
        let ten = format!("1e{}", self.exponent - other.exponent).parse();
        Some(self.mantissa / other.mantissa * ten.unwrap_or(f64::NAN))
    }
}

/// What a text about units says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// This unit.
    Known(Unit),
    /// Nothing: it is empty, or says that the units are arbitrary or unknown.
    Nothing,
    /// Something that is no unit here.
    Unknown,
}
