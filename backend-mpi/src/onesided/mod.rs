//! One-sided access to the memory of other ranks: the room of all `unsafe` code that shared arrays,
//! locks and batches stand on.
//!
//! * [`Memory`] is memory that the ranks of one node have in common. Nothing of it has a name in a
//!   file system, so nothing is left behind however a job ends, and it costs no communicator, no
//!   window and no open file: tens of thousands of arrays are possible.
//! * [`NodeWords`] and [`NodeRegion`] are words and regions in such memory.
//! * [`Window`] is words in the memory of one rank, reached by the ranks of all nodes through MPI.
//! * [`Asking`] makes such words where MPI has no one-sided operations: other nodes ask by
//!   messages.
//! * [`available`] says how much memory a node has left.

mod answers;
mod asked;
mod available;
mod mapping;
mod memory;
mod region;
mod request;
mod window;
mod words;

pub(crate) use asked::Asking;
pub(crate) use available::available;
pub(crate) use memory::{Memory, Offer, Shape};
pub(crate) use region::NodeRegion;
pub(crate) use window::{OWNER, Window};
pub(crate) use words::NodeWords;

/// How ranks of several nodes reach the words of rank 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    OneSided,
    Messages,
}
