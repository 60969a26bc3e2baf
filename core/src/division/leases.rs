use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the runs of one job claim its blocks, and for how long a claim holds without a sign of
/// life.
#[derive(Clone)]
pub struct Leases {
    directory: PathBuf,
    lease: Duration,
    name: Arc<dyn Fn(usize) -> String + Send + Sync>,
}

impl Leases {
    /// Claims in `directory`, which all runs see; it is made when it is absent and removed when
    /// nobody needs it any more. A run that died is noticed at once on the same machine, and
    /// elsewhere when `lease` has passed without a sign of life. Blocks go by their numbers: all
    /// runs must number them alike.
    pub fn new(directory: impl Into<PathBuf>, lease: Duration) -> Leases {
        Leases {
            directory: directory.into(),
            lease,
            name: Arc::new(|block| block.to_string()),
        }
    }

    /// Blocks go by these names, for runs that number them differently. A name is one component of
    /// a path.
    #[must_use]
    pub fn named(mut self, name: impl Fn(usize) -> String + Send + Sync + 'static) -> Leases {
        self.name = Arc::new(name);
        self
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn lease(&self) -> Duration {
        self.lease
    }

    /// What a block is called.
    pub(super) fn name(&self, block: usize) -> String {
        (self.name)(block)
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases")
            .field("directory", &self.directory)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
