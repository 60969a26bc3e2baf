//! Batches: as the other program's, where that is right; none lost, none done twice, however jobs
//! end.

mod directory;
mod errors;
mod jobs;
mod memory;
mod model;
mod peer;
mod scale;
mod scenarios;
mod shards;
mod storage;

use std::path::{Path, PathBuf};

use jobwise_core::{Cluster, Comm, Result};
use jobwise_tasks::{Options, TaskPool};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|task| format!("task-{task:04}")).collect()
}

/// Workers of one rank each, on a directory.
fn open<'c>(comm: &'c dyn Cluster, root: &Path, names: &[String]) -> Result<TaskPool<'c>> {
    TaskPool::on_directory(comm, 1, root, names, None, &Options::default())
}

/// Makes the files of all tasks, as the other program does at once. Collective.
fn make_all(pool: &TaskPool<'_>) {
    let group: &dyn Comm = pool.comm();
    if group.rank() == 0 {
        (0..pool.len()).for_each(|task| pool.make(task).unwrap());
    }
    group.barrier().unwrap();
}

/// A file of the reference data, where they lie beside the checkout.
fn reference(file: &str) -> Option<PathBuf> {
    jobwise_testing::reference(&format!("shm/{file}"))
}
