//! Figures of recordings and results, each with a table of the numbers it shows.
//!
//! | room | one idea |
//! |---|---|
//! | `rti` | range-time intensity of a recording: which samples, which axes |
//! | `range_unit` | the unit of its ranges |
//! | `raw` | the power of those samples, reduced while they are read |
//! | `found` | the strongest gate of every integration of an analysis |
//! | `peaks` | figures of those against time and against each other |
//! | `maps` | power over time and range, and the noise floor |

mod found;
mod maps;
mod peaks;
mod range_unit;
mod raw;
mod rti;

pub use found::{Found, Point};
pub use maps::Maps;
pub use range_unit::RangeUnit;
pub use rti::{Rti, RtiRequest};

/// Which range is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOf {
    /// From transmitter to target to receiver, as in the files.
    TotalPath,
    /// From a radar with one antenna to the target: half of it. Rates and accelerations are halved
    /// too.
    OneWay,
}

impl RangeOf {
    /// How axes and columns name a quantity of it.
    fn named(self, quantity: &str) -> String {
        match self {
            RangeOf::TotalPath => format!("{quantity} of the total path"),
            RangeOf::OneWay => format!("monostatic {quantity}"),
        }
    }

    /// The same at the beginning of a label.
    fn titled(self, quantity: &str) -> String {
        let text = self.named(&quantity.to_lowercase());
        let (first, rest) = text.split_at(1);
        first.to_uppercase() + rest
    }

    /// How often it is in the total path.
    fn ways(self) -> f64 {
        match self {
            RangeOf::TotalPath => 1.0,
            RangeOf::OneWay => 2.0,
        }
    }
}

/// A table of comma-separated values and the name it is stored under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What is in it: the end of its file name.
    pub name: &'static str,
    /// Header line and lines of values.
    pub csv: String,
}

/// A figure and the name it is stored under.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it shows: the end of its file name.
    pub name: &'static str,
    /// The figure.
    pub figure: jobwise_figures::Figure,
}

/// As many cells, (columns, rows), as there are pixels for a map in a figure of this size with so
/// many panels above each other.
fn most_cells(size: (u32, u32), panels: u32) -> (usize, usize) {
    // Labels and the colour bar take the rest.
    let width = size.0.saturating_sub(150).max(50);
    let height = (size.1.saturating_sub(40) / panels)
        .saturating_sub(66)
        .max(50);
    (width as usize, height as usize)
}
