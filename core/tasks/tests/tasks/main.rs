//! Batches: as the other program's, where that is right; none lost, none done twice, however jobs end.

mod directory;
mod errors;
mod jobs;
mod memory;
mod model;
mod peer;
mod scenarios;
mod storage;

use std::path::{Path, PathBuf};

use jobwise_core::{Cluster, Result};
use jobwise_tasks::{Options, TaskPool};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|task| format!("task-{task:04}")).collect()
}

/// Workers of one rank each, on a directory.
fn open<'c>(comm: &'c dyn Cluster, root: &Path, names: &[String]) -> Result<TaskPool<'c>> {
    TaskPool::on_directory(comm, 1, root, names, None, &Options::default())
}

/// What could not be run here, and why. A failure where everything must run.
fn skipped<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("JOBWISE_REQUIRE_ALL").is_none(),
        "JOBWISE_REQUIRE_ALL is set, but {why}"
    );
    eprintln!("SKIPPED: {why}");
    None
}

/// A file of the reference data, where they lie beside the checkout.
fn reference(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/shm")
        .join(file);
    if path.exists() {
        Some(path)
    } else {
        skipped(&format!("reference data not found at {}", path.display()))
    }
}
