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
    name: Arc<dyn Fn(usize) -> LeaseName + Send + Sync>,
}

/// What a block is called where runs claim it. Both parts are components of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseName {
    /// Neighbouring blocks with the same group are claimed in a directory of their own. A claim
    /// costs a look at it, so it should have some thousand blocks at most.
    pub group: String,
    /// The block among those of its group.
    pub name: String,
}

/// So many blocks of a job without names are a group.
const GROUP: usize = 1024;

impl Leases {
    /// Claims in `directory`, which all runs see; it is made when it is absent and removed when
    /// nobody needs it any more. A run that died is noticed at once on the same machine, and
    /// elsewhere when `lease` has passed without a sign of life. Blocks go by their numbers: all
    /// runs must number them alike.
    pub fn new(directory: impl Into<PathBuf>, lease: Duration) -> Leases {
        Leases {
            directory: directory.into(),
            lease,
            name: Arc::new(|block| LeaseName {
                group: format!("blocks-{}", block / GROUP),
                name: block.to_string(),
            }),
        }
    }

    /// Blocks go by these names, for runs that number them differently.
    #[must_use]
    pub fn named(mut self, name: impl Fn(usize) -> LeaseName + Send + Sync + 'static) -> Leases {
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
    pub(super) fn name(&self, block: usize) -> LeaseName {
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
