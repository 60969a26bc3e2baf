//! What the ranks of a [`Cluster`](crate::Cluster) hold in common.

mod array;

pub use array::{Patch, SharedArray};
