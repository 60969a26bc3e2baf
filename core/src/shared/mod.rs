//! What the ranks of a [`Cluster`](crate::Cluster) hold in common.

mod array;
mod lock;

pub use array::{Patch, SharedArray};
pub use lock::{FairLock, Guard};
