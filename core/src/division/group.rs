use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jobwise_claims::{Answer, Overview, Owner};

use super::Leases;
use crate::{Error, IndexSet, Result, Span};

/// Neighbouring blocks that are claimed in one directory, and how they stand.
pub(super) struct Group {
    positions: Range<usize>,
    directory: PathBuf,
    overview: Overview,
    /// Others have all that is left of it.
    is_full: bool,
}

impl Group {
    /// The group of the block at `position`, as it is now. Makes its directory.
    pub(super) fn open(
        leases: &Leases,
        blocks: Span,
        position: usize,
        owner: &Owner,
    ) -> Result<Group> {
        let name_of = |position| blocks.get(position).map(|block| leases.name(block).group);
        let name = name_of(position).unwrap_or_default();
        let is_here = |position: &usize| name_of(*position).as_deref() == Some(&name);
        let before = (0..position).rev().take_while(is_here).count();
        let after = (position + 1..blocks.len()).take_while(is_here).count();
        let directory = leases.directory().join(&name);
        make(&directory)?;
        Ok(Group {
            positions: position - before..position + 1 + after,
            overview: overview(owner, &directory)?,
            directory,
            is_full: false,
        })
    }

    pub(super) fn positions(&self) -> Range<usize> {
        self.positions.clone()
    }

    pub(super) fn is_done(&self, name: &str) -> bool {
        self.overview.is_done(name)
    }

    /// Whether it was seen that somebody has a block of this name, or had.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.overview.is_done(name) || self.overview.is_held(name)
    }

    /// Claims a block. Shows at the same time how all of the group stand.
    pub(super) fn claim(&mut self, owner: &Owner, name: &str) -> Result<Answer> {
        let (answer, seen) = match owner.claim_and_look(&self.directory, name) {
            // The last run of before was still removing what it had left.
            Err(error) if error.is_absent() => {
                make(&self.directory)?;
                owner.claim_and_look(&self.directory, name)?
            }
            answer => answer?,
        };
        self.overview = match answer {
            Answer::Won(_) => seen,
            Answer::Held(_) => owner.glance(&self.directory)?,
        };
        Ok(answer)
    }

    /// The middle of the longest run of blocks that nobody has, of those that are not `tried`; its
    /// beginning where no other is seen.
    pub(super) fn widest(
        &mut self,
        tried: &IndexSet,
        name: impl Fn(usize) -> String,
    ) -> Option<usize> {
        if self.is_full {
            return None;
        }
        let mut widest = 0..0;
        let mut meets = false;
        for gap in tried.missing(self.positions()) {
            let mut start = gap.start;
            for position in gap.clone().chain([gap.end]) {
                let is_end = position == gap.end;
                if !is_end && !self.is_taken(&name(position)) {
                    continue;
                }
                meets |= !is_end;
                if position - start > widest.len() {
                    widest = start..position;
                }
                start = position + 1;
            }
        }
        let first = if meets { widest.len() / 2 } else { 0 };
        self.is_full = widest.is_empty();
        (!self.is_full).then_some(widest.start + first)
    }
}

/// How all of a directory stand; that directory may have gone meanwhile.
fn overview(owner: &Owner, directory: &Path) -> Result<Overview> {
    match owner.overview(directory) {
        Err(error) if error.is_absent() => {
            make(directory)?;
            Ok(owner.overview(directory)?)
        }
        overview => Ok(overview?),
    }
}

fn make(directory: &Path) -> Result<()> {
    match fs::create_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(directory),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
    .map_err(|cause| jobwise_claims::Error::new("make", directory, cause))
    .map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use jobwise_claims::Terms;

    use super::*;

    fn widest(len: usize, tried: &[usize], taken: &[usize]) -> Option<usize> {
        let directory = tempfile::tempdir().unwrap();
        let owners = directory.path().join("owners");
        let [me, other] = [(); 2].map(|()| Owner::join(&owners, &Terms::new("test")).unwrap());
        let claims: Vec<_> = taken
            .iter()
            .map(|at| other.claim(directory.path(), &at.to_string()).unwrap())
            .collect();
        let mut group = Group {
            positions: 0..len,
            overview: me.overview(directory.path()).unwrap(),
            directory: directory.path().to_owned(),
            is_full: false,
        };
        drop(claims);
        group.widest(&tried.iter().copied().collect(), |at| at.to_string())
    }

    #[test]
    fn runs_keep_far_from_each_other() {
        assert_eq!(widest(9, &[], &[]), Some(0), "nobody else is there");
        assert_eq!(widest(9, &[0, 1, 2], &[]), Some(3));
        assert_eq!(widest(9, &[], &[0]), Some(5));
        assert_eq!(widest(9, &[], &[0, 5]), Some(3));
        assert_eq!(widest(9, &[4], &[0, 1, 8]), Some(6));
        assert_eq!(widest(3, &[1], &[0, 2]), None);
        assert_eq!(widest(0, &[], &[]), None);
    }
}
