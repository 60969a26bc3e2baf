use std::path::PathBuf;
use std::time::Duration;

use jobwise_core::{Cancel, Job};
use jobwise_kit::{Choice, Sharing};

/// What is done about results of an earlier run of the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Complete results are taken, partial ones continued.
    #[default]
    Resume,
    /// A new results group, whatever there is.
    Override,
    /// This group is continued.
    Continue(String),
}

/// Who writes the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writer {
    /// Rank 0.
    #[default]
    Single,
    /// A rank of each node; needs parallel HDF5.
    Nodes,
    /// All ranks together; needs parallel HDF5.
    Parallel,
}

/// Where a process runs on what, and how it writes.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a choice of its own
pub struct Settings {
    /// The USID file.
    pub file: PathBuf,
    /// The path of the main dataset; `None`: the only one.
    pub source: Option<String>,
    /// The group that holds results groups; `None`: the source's own.
    pub target: Option<String>,
    /// What is done about earlier results.
    pub policy: Policy,
    /// Compress new results with gzip at this level.
    pub compression: Option<u8>,
    /// Who writes.
    pub writer: Writer,
    /// The time between checkpoints.
    pub checkpoint: Duration,
    /// Memory for batches in flight on this rank, in bytes.
    pub memory: usize,
    /// Only this part of the batches.
    pub job: Job,
    /// How the items of that part are dealt to the ranks; not leased, as the results are in one
    /// file.
    pub sharing: Sharing,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Print what would be done.
    pub dry_run: bool,
    /// End with an error at the first row that cannot be read, instead of leaving it out.
    pub is_strict: bool,
    /// What was chosen to run on, where flags did: CUDA devices of a plan, and the threads beside
    /// them.
    pub choice: Option<Choice>,
    /// The switch that ends the run early.
    pub cancel: Cancel,
}
