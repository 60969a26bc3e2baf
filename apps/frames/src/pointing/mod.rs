//! Where detectors look: quaternions, the boresight of a scan, offsets in the focal plane.
//!
//! A quaternion `q` ([`Quat`](crate::object::Quat)) stands for the rotation that takes the x axis
//! `(1, 0, 0)` to the line of sight: a detector with the direction `o` in the focal plane looks at
//! `q o ~q`. Angles are radians.

mod boresight;
mod coordinates;
mod quaternion;

pub use boresight::{Boresight, Directions, rotations};
pub use coordinates::Coordinates;
