use std::path::{Path, PathBuf};

use crate::owner::Owner;

/// The right of one thread of an owner to try for a name.
pub(crate) struct Attempt<'o> {
    owner: &'o Owner,
    key: PathBuf,
    pub(crate) entered: bool,
}

impl<'o> Attempt<'o> {
    pub(crate) fn new(owner: &'o Owner, dir: &Path, name: &str) -> Attempt<'o> {
        let key = dir.join(name);
        let entered = owner.held().insert(key.clone());
        Attempt {
            owner,
            key,
            entered,
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.entered {
            self.owner.held().remove(&self.key);
        }
    }
}
