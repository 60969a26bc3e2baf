//! Figures of recordings and results, each with a table of the numbers it shows.
//!
//! | room | one idea |
//! |---|---|
//! | `rti` | range-time intensity of a recording: which samples, which axes |
//! | `raw` | the power of those samples, reduced while they are read |
//! | `found` | the strongest gate of every integration of an analysis |
//! | `peaks` | figures of those against time and against each other |
//! | `maps` | power over time and range, and the noise floor |

mod found;
mod maps;
mod peaks;
mod raw;
mod rti;

pub use found::{Found, Point};
pub use maps::Maps;
pub use rti::{RangeUnit, Rti, RtiRequest};

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
    pub figure: jobwise_kit::plot::Figure,
}

/// The largest numbers of cells of a map, (columns, rows): about the pixels there are for it.
const MOST_CELLS: (usize, usize) = (1000, 600);
