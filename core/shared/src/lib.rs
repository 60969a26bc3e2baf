//! What the ranks of a [`Cluster`](jobwise_core::Cluster) hold in common: arrays of which every
//! node has one copy, and a fair lock.
//!
//! | room | what is in it |
//! |---|---|
//! | [`SharedArray`], [`Patch`] | one copy per node, read without messages |
//! | [`FairLock`], [`Guard`] | one rank at a time, in the order in which they asked |
//! | `conformance` | the laws of both, for the tests of transports (feature `conformance`) |

#![forbid(unsafe_code)]

mod array;
#[cfg(feature = "conformance")]
pub mod conformance;
mod lock;

pub use array::{Patch, SharedArray};
pub use lock::{FairLock, Guard};
