//! Image cleaning: overlapping windows, their principal components, and the image the leading ones
//! make up.

// Views of an image are references with extents.
#![allow(clippy::needless_pass_by_value)]

mod axis;
mod basis;
mod cleaned;
mod compatible;
mod components;
mod eigen;
mod fields;
mod gram;
mod kept;
mod lanes;
mod pixels;
mod project;
mod recipe;
mod request;
mod rows;
mod scores;
#[cfg(feature = "cuda")]
mod slots;
mod spectrum;
mod taper;
mod whole;
mod window_size;
mod windows;

pub use axis::Axis;
pub use cleaned::Cleaned;
pub use components::{Selection, by_elbow, by_variance};
pub use eigen::{Components, components};
pub use fields::{Fields, Rows};
pub use gram::{Method, Shifts, ShiftsDevice, Stream, gram, gram_by_shifts};
pub use kept::Kept;
pub use pixels::Pixels;
pub use project::{FilterDevice, Projection, Way, cheapest, project};
pub use request::{Request, Setting};
pub use scores::{Scores, oriented};
pub use spectrum::spectrum;
pub use taper::Taper;
pub use window_size::{WindowSize, window_size};
pub use windows::{Windows, pixels};
