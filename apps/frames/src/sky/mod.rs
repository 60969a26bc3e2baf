//! Pixels of the sky: flat projections and `HEALPix`, and which pixel a direction falls into.
//!
//! Pixels are numbered from 0. Directions outside of a map have [`OUTSIDE`]. All angles are
//! radians.

mod angle;
mod flat;
mod geometry;
mod healpix;
mod projection;
mod wire;

pub use flat::Flat;
pub use geometry::{Geometry, Grid};
pub use healpix::{Healpix, Order};
pub use projection::Projection;

/// The pixel of directions that no pixel of the map covers.
pub const OUTSIDE: i64 = -1;
