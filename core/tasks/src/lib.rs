//! Many uneven tasks for groups of ranks, in memory or on a directory.
//!
//! The ranks of a [`Cluster`](jobwise_core::Cluster) form *workers*, groups of equal size. Each
//! worker asks for its [`next`](TaskPool::next) task, works on it, and [`set`](TaskPool::set)s its
//! state. On a directory, several jobs may work at once, on several machines and without MPI among
//! them; what a job leaves unfinished when it dies is taken over by another one; and state files
//! are as the Python package `pshmem` writes and reads them.
//!
//! ```
//! use jobwise_tasks::{Ignore, State, TaskPool};
//! use jobwise_core::LocalCluster;
//!
//! // Four ranks, two to a worker, and ten tasks.
//! let done = LocalCluster::run(4, |comm| {
//!     let pool = TaskPool::in_memory(&comm, 2, 10, None)?;
//!     let mut mine = 0;
//!     while let Some(task) = pool.next(Ignore::default())? {
//!         // Both ranks of the worker come here with the same task.
//!         mine += 1;
//!         pool.worker_comm().barrier()?;
//!         if pool.worker_rank() == 0 {
//!             pool.set(task, State::Done)?;
//!         }
//!     }
//!     Ok::<_, jobwise_core::Error>(mine)
//! });
//! assert_eq!(done.into_iter().map(|mine| mine.unwrap().unwrap()).sum::<usize>(), 20);
//! ```
//!
//! | room | what is in it |
//! |---|---|
//! | [`TaskPool`] | the tasks and the workers of a job |
//! | [`Options`], [`Ignore`] | how the claims of others are dealt with, and what is handed out |
//! | [`Layout`], [`TaskDirs`] | where the directories of tasks lie |
//! | [`Names`] | names of tasks, once per node |
//! | [`State`] | what became of a task |
//! | [`Sighting`] | a look at a task without taking part |

#![forbid(unsafe_code)]

mod error;
mod files;
mod journal;
mod layout;
mod marks;
mod names;
mod options;
mod pool;
mod recycled_files;
mod sighting;
mod start;
mod state;
mod store;
mod take;
mod task_dir;
mod task_table;

pub use layout::{Layout, TaskDirs};
pub use names::Names;
pub use options::{Ignore, Options};
pub use pool::TaskPool;
pub use sighting::Sighting;
pub use state::State;
