use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jobwise_claims::{Answer, Claim, Owner, Terms, remove_marks};

use super::Leases;
use super::group::Group;
use crate::{IndexSet, Result, Span};

/// The blocks of a job, claimed in directories.
pub(super) struct Leased {
    leases: Leases,
    blocks: Span,
    /// Positions that were claimed, or found done or held.
    tried: IndexSet,
    /// The position at hand, and its group.
    at: usize,
    group: Option<Group>,
    /// Whether others were seen.
    has_company: bool,
    /// Positions that others held when they were looked at, to be looked at in turn; and how many
    /// are left of this turn.
    withheld: VecDeque<usize>,
    turn: usize,
    /// When it was last looked how these stand, and for how long that is good enough.
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
        let has_company = owner.has_company()?;
        Ok(Leased {
            leases: leases.clone(),
            blocks,
            tried: IndexSet::new(),
            at: 0,
            group: None,
            has_company,
            withheld: VecDeque::new(),
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
        while self.tried.len() < self.blocks.len() {
            let position = self.choose()?;
            self.tried.insert(position..position + 1);
            self.at = position + 1;
            match self.attempt(position)? {
                Turn::Wait => self.withheld.push_back(position),
                turn => return Ok(turn),
            }
        }
        if self.withheld.is_empty() {
            return Ok(Turn::Finished);
        }
        if self.turn == 0 {
            if self.looked.elapsed() < self.patience {
                return Ok(Turn::Wait);
            }
            self.group = None;
            self.looked = Instant::now();
            self.patience = (self.patience * 3 / 2).min(Self::LATEST);
            self.turn = self.withheld.len();
        }
        while let Some(position) = self.withheld.pop_front() {
            self.turn = self.turn.saturating_sub(1);
            match self.attempt(position)? {
                Turn::Wait => self.withheld.push_back(position),
                turn => return Ok(turn),
            }
            if self.turn == 0 {
                break;
            }
        }
        Ok(Turn::Wait)
    }

    /// A position that was not tried: the one at hand, else one of its group that is far from what
    /// others have, else one of another group.
    fn choose(&mut self) -> Result<usize> {
        let (leases, blocks, at) = (&self.leases, self.blocks, self.at);
        let name = |position| name(leases, blocks, position);
        if let Some(group) = &mut self.group {
            let is_here = group.positions().contains(&at) && !self.tried.contains(at);
            if is_here && !group.is_taken(&name(at)) {
                return Ok(at);
            }
            if let Some(position) = group.widest(&self.tried, name) {
                return Ok(position);
            }
            // What others have of it is passed over.
            if let Some(left) = self.tried.missing(group.positions()).first() {
                return Ok(left.start);
            }
        }
        let position = self.elsewhere();
        let mut group = Group::open(leases, blocks, position, &self.owner)?;
        let widest = group.widest(&self.tried, name);
        let is_taken = group.is_taken(&name(position));
        self.group = Some(group);
        Ok(widest.filter(|_| is_taken).unwrap_or(position))
    }

    /// The next position that was not tried; where there are others, any of them, so that those who
    /// begin together do not try for the same groups.
    fn elsewhere(&self) -> usize {
        let left = self.tried.missing(0..self.blocks.len());
        let count = left.iter().map(Range::len).sum();
        if self.has_company {
            return nth(&left, place(self.owner.id(), self.tried.len(), count));
        }
        let next = left.iter().find(|run| run.end > self.at);
        let first = left.first().map_or(0, |run| run.start);
        next.map_or(first, |run| run.start.max(self.at))
    }

    /// Looks at the group of this position, unless it is at hand.
    fn open(&mut self, position: usize) -> Result<()> {
        let is_open = |group: &Group| group.positions().contains(&position);
        if !self.group.as_ref().is_some_and(is_open) {
            let group = Group::open(&self.leases, self.blocks, position, &self.owner)?;
            self.group = Some(group);
        }
        Ok(())
    }

    /// Claims the block at a position, unless others have it as far as was seen.
    fn attempt(&mut self, position: usize) -> Result<Turn> {
        let Some(block) = self.blocks.get(position) else {
            return Ok(Turn::Wait);
        };
        let name = name(&self.leases, self.blocks, position);
        self.open(position)?;
        let Some(group) = &mut self.group else {
            return Ok(Turn::Wait);
        };
        if group.is_done(&name) {
            return Ok(Turn::Done(position));
        }
        if group.is_taken(&name) {
            self.has_company = true;
            return Ok(Turn::Wait);
        }
        match group.claim(&self.owner, &name)? {
            Answer::Won(claim) => {
                // Somebody had it since the last look.
                if group.is_done(&name) {
                    self.has_company = true;
                    claim.release()?;
                    return Ok(Turn::Done(position));
                }
                self.held.insert(block, claim);
                Ok(Turn::Claimed(position))
            }
            Answer::Held(_) => {
                self.has_company = true;
                Ok(Turn::Wait)
            }
        }
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
    /// Gives everything back. The last one removes the marks, and what the dead left; what cannot
    /// be removed lies there until the next run.
    fn drop(&mut self) {
        self.held.clear();
        if self.owner.is_last().is_ok_and(|is_last| is_last) {
            let _ = remove_groups(self.leases.directory());
            let _ = self.owner.sweep();
        }
    }
}

/// What the block at this position is called in its group.
fn name(leases: &Leases, blocks: Span, position: usize) -> String {
    let block = blocks.get(position);
    block.map_or_else(String::new, |block| leases.name(block).name)
}

/// A place among `count`, not 0, that depends on a name and on a number.
fn place(name: &str, number: usize, count: usize) -> usize {
    // FNV-1a: the numbers of neighbours lie far from each other.
    let bytes = name.bytes().chain(number.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.checked_rem(count as u64).unwrap_or(0) as usize
}

/// The position with this number among all in these runs; the first one behind the last.
fn nth(runs: &[Range<usize>], mut number: usize) -> usize {
    for run in runs {
        if number < run.len() {
            return run.start + number;
        }
        number -= run.len();
    }
    runs.first().map_or(0, |run| run.start)
}

/// Removes the directories when it goes, if nobody is left in them.
struct Tidy(PathBuf);

impl Drop for Tidy {
    fn drop(&mut self) {
        // Marks of those who left together with this one.
        let _ = fs::remove_dir(owners(&self.0))
            .and_then(|()| remove_groups(&self.0))
            .and_then(|()| fs::remove_dir(&self.0));
    }
}

/// Removes the marks of all groups, and their directories where nothing else is in them.
fn remove_groups(directory: &Path) -> io::Result<()> {
    for found in fs::read_dir(directory)? {
        let found = found?;
        if found.file_name() != OWNERS && found.file_type()?.is_dir() {
            remove_marks(&found.path())?;
            fs::remove_dir(found.path())?;
        }
    }
    Ok(())
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

/// No group is called so.
const OWNERS: &str = "owners";

fn owners(directory: &Path) -> PathBuf {
    directory.join(OWNERS)
}
