//! Rows of results in HDF5 files, and marks that say which of them are done: never a mark before
//! its rows are on the disk.
//!
//! What lies where is a [`Plan`]. *Positions* are what is marked: one byte each, [`OPEN`],
//! [`DONE`], or another number for what was given up. A *unit* is some neighbouring positions that
//! are computed together, an *item* of the engine some units; in the simplest case all three are
//! the same. An item brings [`Rows`], and [`RowStore`], a [`Sink`](jobwise_core::Sink), brings
//! these into a file that exists. With parallel HDF5, [`Rounds`] does so on all ranks together.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Plan`], [`RowDataset`], [`Per`], [`Partition`] | what lies where |
//! | [`Rows`] | what an item brings |
//! | [`Marks`], [`create_marks`], [`set_marks`] | the dataset of marks |
//! | [`RowStore`] | one process writes |
//! | `in_place`, `amending` | how: contiguous datasets, and others |
//! | [`Rounds`], [`Writers`], `collective_store`, `window` | all ranks compute, several write |
//! | `pending` | rows in memory |
//!
//! Why it is so: `docs/decisions/0028-one-store-of-rows.md`.
//!
//! Soundings of a survey line, each with a misfit and a histogram, and with a mark 2 and a reason
//! where there is no result:
//!
//! ```
//! # fn main() -> Result<(), jobwise_core::Cause> {
//! use hdf5::types::FixedAscii;
//! use jobwise_core::Sink;
//! use jobwise_hdf5::amendment::Writable;
//! use jobwise_hdf5::atomic::AtomicFile;
//! use jobwise_hdf5::row_store::{
//!     DONE, Marks, Partition, Plan, RowDataset, RowStore, Rows, create_marks,
//! };
//!
//! const FAILED: u8 = 2;
//! const SOUNDINGS: usize = 10;
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("100.0.h5");
//!
//! // The file appears whole, with room for all. A chunk is a sounding.
//! let new = AtomicFile::new(&path)?;
//! let file = new.create_h5()?;
//! let packed = |width| file.new_dataset_builder().chunk((1, width)).deflate(4);
//! packed(1).empty::<f64>().shape((SOUNDINGS, 1)).create("misfit")?;
//! packed(250).empty::<i32>().shape((SOUNDINGS, 250)).create("histogram")?;
//! let group = file.create_group("jobwise")?;
//! group.new_dataset::<FixedAscii<64>>().shape(SOUNDINGS).create("reason")?;
//! create_marks(&group, "status", SOUNDINGS)?;
//! drop(group);
//! new.commit_h5(file)?;
//!
//! let plan = Plan {
//!     group: "/".into(),
//!     datasets: vec![
//!         RowDataset::of::<f64>("misfit", 1),
//!         RowDataset::of::<i32>("histogram", 250),
//!         RowDataset::of::<FixedAscii<64>>("jobwise/reason", 1),
//!     ],
//!     marks: "jobwise/status".into(),
//!     partition: Partition::single(SOUNDINGS),
//! };
//! let mut file = Writable::claim(&path)?;
//! let marks = plan.read_marks(&file.open()?)?;
//! let mut store = RowStore::open(&mut file, plan.clone(), marks.of(DONE))?;
//!
//! // What a kernel computes for an item, and the engine brings.
//! let histogram: Vec<u8> = [1_i32; 250].iter().flat_map(|n| n.to_ne_bytes()).collect();
//! let misfit = 0.25_f64.to_ne_bytes().to_vec();
//! store.write(3, Rows::done(3..4, vec![misfit, histogram, vec![0; 64]]))?;
//! let mut reason = b"the data are not finite".to_vec();
//! reason.resize(64, 0);
//! store.write(5, Rows::marked(5..6, FAILED, vec![vec![], vec![], reason]))?;
//! store.commit(&[3, 5])?;
//! drop(store);
//! drop(file);
//!
//! // Another run, later: sounding 3 need not be done again, nor 5 if failures are not tried again.
//! let mut file = Writable::claim(&path)?;
//! let marks = plan.read_marks(&file.open()?)?;
//! assert!(marks.of(FAILED).contains(5));
//! let mut store = RowStore::open(&mut file, plan, marks.of(DONE))?;
//! let done = store.done(0..SOUNDINGS)?;
//! assert!(done.contains(3) && done.len() == 1);
//! # Ok(())
//! # }
//! ```

mod amending;
mod collective_store;
mod in_place;
mod marks;
mod partition;
mod pending;
mod plan;
mod rounds;
mod rows;
mod store;
mod window;
mod writers;

pub use marks::{DONE, Marks, OPEN, create_marks, set_marks};
pub use partition::Partition;
pub use plan::{Per, Plan, RowDataset};
pub use rounds::Rounds;
pub use rows::Rows;
pub use store::RowStore;
pub use writers::Writers;

#[cfg(test)]
mod tests;
