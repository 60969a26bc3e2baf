//! Jobs, kernels, backends and the engine that runs one on the other.
//!
//! A [`Workload`] is a number of independent items; a [`CpuKernel`] computes one of them. The
//! [`Engine`] deals the items of a [`Job`] to the ranks and lanes of a [`Backend`] and brings the
//! outputs where they belong: to a [`Sink`] on each rank, to one sink at the root, or into one
//! value by a [`Reduce`]. Items of a number that nobody knows beforehand come from a [`Feed`]. The
//! same kernel gives the same bits on every backend, for any number of ranks and lanes, and after
//! any number of interruptions.
//!
//! ```
//! use jobwise_core::{Across, Cause, Comm, CpuKernel, Engine, LocalCluster, Memory};
//! use jobwise_core::{Signature, Workload};
//! # use jobwise_core::{Backend, Cluster, Cpu, Kernel, Read, Result, Scheduler, Solo};
//! # use jobwise_core::drive_one_lane;
//! # struct Inline;
//! # impl Backend for Inline {
//! #     type Device = Cpu;
//! #     fn cluster(&self) -> &dyn Cluster { &Solo }
//! #     fn lanes(&self) -> usize { 1 }
//! #     fn drive<'k, K: Kernel<Cpu>>(
//! #         &self, kernel: &'k K, read: Read<'_, K::Item<'k>>,
//! #         scheduler: &mut dyn Scheduler<K::Output>,
//! #     ) -> Result<()> {
//! #         drive_one_lane(&Cpu, 1, kernel, read, scheduler)
//! #     }
//! # }
//!
//! /// The squares of 0, 1, ... 9.
//! struct Squares;
//!
//! impl Signature for Squares {
//!     type Item<'t> = u64;
//!     type Output = u64;
//! }
//!
//! impl Workload for Squares {
//!     fn len(&self) -> usize { 10 }
//!     fn read(&self, index: usize) -> Result<u64, Cause> { Ok(index as u64) }
//! }
//!
//! impl CpuKernel for Squares {
//!     type Scratch = ();
//!     fn scratch(&self) -> Result<(), Cause> { Ok(()) }
//!     fn compute(&self, _: usize, x: u64, _: &mut ()) -> Result<u64, Cause> { Ok(x * x) }
//! }
//!
//! // `Inline` is a one-screen backend; three ranks of it, as threads of this process.
//! let totals = LocalCluster::run(3, |comm| {
//!     let backend = Across::new(comm, Inline);
//!     let mut sink = Memory::new();
//!     Engine::new(&backend).write(&Squares, &mut sink).unwrap().done
//! });
//! assert!(totals.iter().all(|done| done == &Ok(10)));
//! ```
//!
//! | room | what is in it |
//! |---|---|
//! | `job` | [`Job`], [`Span`]: division into parts, nested |
//! | `kernel` | [`Signature`], [`Workload`], [`CpuKernel`], [`Kernel`], [`Device`] |
//! | `feed` | [`Feed`], [`read_ahead`]: items that come one after the other |
//! | `backend` | [`Backend`], [`Scheduler`], [`Across`], [`Beside`], [`Indices`] |
//! | `lane_queue` | [`LaneQueue`] |
//! | `engine` | [`Engine`]: write, write at root, reduce, collect, stream |
//! | `division` | [`Division`]: fixed parts, claims, leases |
//! | `sink`, `reduce` | where outputs go |
//! | `comm` | [`Comm`], [`Channel`], [`Solo`], [`LocalCluster`], [`Wire`] |
//! | `cluster` | [`Cluster`]: nodes, groups, shared words and memory |
//! | `control` | [`Cancel`], [`Observer`] |
//! | `panics` | panics of kernels become errors |
//! | [`random`] | numbers that are a function of seed and index |
//! | `conformance` | the laws, for every backend's tests (feature `conformance`) |
//!
//! Beside the engine lie crates of their own: `jobwise-claims` (claims on names in a directory),
//! `jobwise-shared` (arrays and a lock that ranks share) and `jobwise-tasks` (a pool of tasks).

#![forbid(unsafe_code)]

mod backend;
mod cluster;
mod comm;
#[cfg(feature = "conformance")]
pub mod conformance;
mod control;
mod division;
mod engine;
mod error;
mod feed;
mod index_set;
mod indices;
mod job;
mod kernel;
mod lane_queue;
pub mod panics;
pub mod random;
mod read_ahead;
mod reduce;
mod sink;

pub use backend::{
    Across, Backend, Beside, MAX_GRAIN, Next, Read, Scheduler, drive_one_lane, run_items, stage,
};
pub use cluster::{Cluster, Nodes, Region, SharedAtomics, Turn, Writer};
pub use comm::{
    Backoff, Channel, Comm, Counter, LocalCluster, LocalComm, Lost, Message, Solo, Wire,
};
pub use control::{Cancel, Observer, Progress, Unobserved};
pub use division::{Division, LeaseName, Leases};
pub use engine::{Dealing, Engine, ItemFailure, Notice, NoticeHandler, OnError, Report};
pub use error::{Cause, Error, Result};
pub use feed::{Arrival, Feed};
pub use index_set::IndexSet;
pub use indices::Indices;
pub use job::{InvalidJob, Job, Layout, Span};
pub use kernel::{Batch, Cpu, CpuKernel, Device, Kernel, Signature, Workload};
pub use lane_queue::LaneQueue;
pub use read_ahead::read_ahead;
pub use reduce::Reduce;
pub use sink::{Memory, Ordered, Sink};
