//! Figures: maps with their hits, timestreams and their spectra before and after a filter.

mod cells;
mod ladder;
mod map;
mod spectrum;
mod timestreams;

pub use ladder::ladder;
pub use map::map;
pub use spectrum::amplitude_spectrum;
pub use timestreams::{Selection, timestreams};
