use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Leases;
use crate::{Result, Span};
use jobwise_claims::{Answer, Claim, Owner, Terms};

/// The blocks of a job, claimed in a directory.
pub(super) struct Leased {
    leases: Leases,
    blocks: Span,
    /// The first position that was not tried yet.
    untried: usize,
    /// Positions that others held when they were tried, and when that was last.
    elsewhere: Vec<usize>,
    looked: Instant,
    /// By block, what this rank holds.
    held: BTreeMap<usize, Claim>,
    /// Goes after the claims, and the directories after it.
    owner: Owner,
    _tidy: Tidy,
}

impl Leased {
    /// How often blocks that others hold are tried again.
    const EVERY: Duration = Duration::from_millis(200);

    pub(super) fn new(leases: &Leases, blocks: Span) -> Result<Leased> {
        let owner = join(leases)?;
        owner.sweep()?;
        Ok(Leased {
            leases: leases.clone(),
            blocks,
            untried: 0,
            elsewhere: Vec::new(),
            looked: Instant::now(),
            held: BTreeMap::new(),
            owner,
            _tidy: Tidy(leases.directory().to_owned()),
        })
    }

    /// The position of a block that is claimed now, if one can be had at this moment.
    pub(super) fn next(&mut self) -> Result<Option<usize>> {
        while self.untried < self.blocks.len() {
            let position = self.untried;
            self.untried += 1;
            if self.claim(position)? {
                return Ok(Some(position));
            }
            self.elsewhere.push(position);
            self.looked = Instant::now();
        }
        if self.looked.elapsed() < Self::EVERY {
            return Ok(None);
        }
        for at in 0..self.elsewhere.len() {
            if self.claim(self.elsewhere[at])? {
                return Ok(Some(self.elsewhere.remove(at)));
            }
        }
        self.looked = Instant::now();
        Ok(None)
    }

    /// Whether every block was had.
    pub(super) fn is_exhausted(&self) -> bool {
        self.untried == self.blocks.len() && self.elsewhere.is_empty()
    }

    fn claim(&mut self, position: usize) -> Result<bool> {
        let Some(block) = self.blocks.get(position) else {
            return Ok(false);
        };
        let (directory, name) = (self.leases.directory(), self.leases.name(block));
        Ok(match self.owner.claim(directory, &name)? {
            Answer::Won(claim) => {
                self.held.insert(block, claim);
                true
            }
            Answer::Held(_) => false,
        })
    }

    /// Gives back what this rank holds of a block.
    pub(super) fn finished(&mut self, block: usize) -> Result<()> {
        if let Some(claim) = self.held.remove(&block) {
            claim.release()?;
        }
        Ok(())
    }
}

impl Drop for Leased {
    /// Gives everything back, and removes what the dead left.
    fn drop(&mut self) {
        self.held.clear();
        // What is left lies there until the next run.
        let _ = self.owner.sweep();
    }
}

/// Removes the directories when it goes, if nobody is left in them.
struct Tidy(PathBuf);

impl Drop for Tidy {
    fn drop(&mut self) {
        let _ = fs::remove_dir(owners(&self.0)).and_then(|()| fs::remove_dir(&self.0));
    }
}

/// Another run may just be removing the directories, because it was the last.
fn join(leases: &Leases) -> Result<Owner> {
    let terms = Terms {
        lease: leases.lease(),
        ..Terms::new("division")
    };
    let mut tries = 0..4;
    loop {
        tries.next();
        let joined = Owner::join(&owners(leases.directory()), &terms);
        if joined.is_ok() || tries.is_empty() {
            return Ok(joined?);
        }
    }
}

fn owners(directory: &Path) -> PathBuf {
    directory.join("owners")
}
