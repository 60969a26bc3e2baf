use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Leases;
use crate::{Result, Span};
use jobwise_claims::{Answer, Claim, Overview, Owner, Terms, remove_marks};

/// The blocks of a job, claimed in a directory.
pub(super) struct Leased {
    leases: Leases,
    blocks: Span,
    /// Where this rank began, and how many positions it has tried from there on, around the end.
    first: usize,
    tried: usize,
    /// Positions that others held when they were looked at, to be looked at in turn; and how many
    /// are left of this turn.
    elsewhere: VecDeque<usize>,
    turn: usize,
    /// How others stand, when that was last looked at, and for how long it is good enough.
    overview: Overview,
    looked: Instant,
    patience: Duration,
    /// By block, what this rank holds.
    held: BTreeMap<usize, Claim>,
    /// Goes after the claims, and the directories after it.
    owner: Owner,
    _tidy: Tidy,
}

/// What there is for a rank.
#[derive(Debug, PartialEq)]
pub(super) enum Turn {
    /// The block at this position is claimed now.
    Claimed(usize),
    /// The block at this position is done, by somebody who takes part.
    Done(usize),
    /// Others hold what is left.
    Wait,
    /// Every block was had.
    Finished,
}

impl Leased {
    /// How often it is looked what became of blocks that others hold: soon at first.
    const SOONEST: Duration = Duration::from_millis(200);
    const LATEST: Duration = Duration::from_secs(10);

    pub(super) fn new(leases: &Leases, blocks: Span) -> Result<Leased> {
        let owner = join(leases)?;
        // Who begins together does not try for the same blocks.
        let first = if owner.has_company()? {
            place(owner.id(), blocks.len())
        } else {
            0
        };
        Ok(Leased {
            overview: owner.overview(leases.directory())?,
            leases: leases.clone(),
            blocks,
            first,
            tried: 0,
            elsewhere: VecDeque::new(),
            turn: 0,
            looked: Instant::now(),
            patience: Self::SOONEST,
            held: BTreeMap::new(),
            owner,
            _tidy: Tidy(leases.directory().to_owned()),
        })
    }

    /// The next block for this rank, or one that it need not look at.
    pub(super) fn next(&mut self) -> Result<Turn> {
        while self.tried < self.blocks.len() {
            let position = (self.first + self.tried) % self.blocks.len();
            self.tried += 1;
            match self.attempt(position)? {
                Turn::Wait => self.elsewhere.push_back(position),
                turn => return Ok(turn),
            }
        }
        if self.elsewhere.is_empty() {
            return Ok(Turn::Finished);
        }
        if self.turn == 0 {
            if self.looked.elapsed() < self.patience {
                return Ok(Turn::Wait);
            }
            self.look()?;
            self.patience = (self.patience * 3 / 2).min(Self::LATEST);
            self.turn = self.elsewhere.len();
        }
        while let Some(position) = self.elsewhere.pop_front() {
            self.turn = self.turn.saturating_sub(1);
            match self.attempt(position)? {
                Turn::Wait => self.elsewhere.push_back(position),
                turn => return Ok(turn),
            }
            if self.turn == 0 {
                break;
            }
        }
        Ok(Turn::Wait)
    }

    /// Claims the block at a position, unless others have it as far as was seen.
    fn attempt(&mut self, position: usize) -> Result<Turn> {
        let Some(block) = self.blocks.get(position) else {
            return Ok(Turn::Wait);
        };
        let name = self.leases.name(block);
        if self.overview.is_done(&name) {
            return Ok(Turn::Done(position));
        }
        if self.overview.is_held(&name) {
            return Ok(Turn::Wait);
        }
        match self.owner.claim(self.leases.directory(), &name)? {
            Answer::Won(claim) => {
                self.held.insert(block, claim);
                Ok(Turn::Claimed(position))
            }
            Answer::Held(_) => {
                // Others are here: what else do they have?
                self.look()?;
                Ok(Turn::Wait)
            }
        }
    }

    fn look(&mut self) -> Result<()> {
        self.overview = self.owner.overview(self.leases.directory())?;
        self.looked = Instant::now();
        Ok(())
    }

    /// Gives back what this rank holds of a block, of which everything `is_done` or not.
    pub(super) fn finished(&mut self, block: usize, is_done: bool) -> Result<()> {
        match self.held.remove(&block) {
            Some(claim) if is_done => Ok(claim.finish()?),
            Some(claim) => Ok(claim.release()?),
            None => Ok(()),
        }
    }
}

impl Drop for Leased {
    /// Gives everything back. The last one removes the marks, and what the dead left; what cannot be
    /// removed lies there until the next run.
    fn drop(&mut self) {
        self.held.clear();
        if self.owner.is_last().is_ok_and(|is_last| is_last) {
            let _ = remove_marks(self.leases.directory());
            let _ = self.owner.sweep();
        }
    }
}

/// A place among so many that depends on a name.
fn place(name: &str, count: usize) -> usize {
    // FNV-1a: the numbers of neighbours lie far from each other.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.checked_rem(count as u64).unwrap_or(0) as usize
}

/// Removes the directories when it goes, if nobody is left in them.
struct Tidy(PathBuf);

impl Drop for Tidy {
    fn drop(&mut self) {
        // Marks of those who left together with this one.
        let _ = fs::remove_dir(owners(&self.0))
            .and_then(|()| remove_marks(&self.0))
            .and_then(|()| fs::remove_dir(&self.0));
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
