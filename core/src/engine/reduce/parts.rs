use std::ops::Range;

use crate::division::Chunks;
use crate::{Comm, Counter, Division, Error, Job, Layout, Result, Span};

/// The blocks of a reduction that this rank folds, by their positions in the job. They lie together,
/// so that few nodes of the tree cover them: see the decision 0024.
pub(super) enum Parts<'c> {
    /// What is left of this rank's own part.
    Fixed(Range<usize>),
    /// Chunks, whoever is first.
    Dynamic {
        counter: Box<dyn Counter + 'c>,
        chunks: Chunks,
        /// What is left of the last one.
        held: Range<usize>,
        /// The last one's size: no later one is larger.
        size: usize,
        /// The most accumulators of finished blocks; `None` on the rank that does what is left.
        most: Option<usize>,
    },
}

impl<'c> Parts<'c> {
    /// Divides so many blocks among the ranks. Collective.
    pub(super) fn new(division: Division<'_>, blocks: usize, comm: &'c dyn Comm) -> Result<Self> {
        match division {
            Division::Claimed { chunk } => Ok(Parts::Dynamic {
                counter: comm.counter()?,
                chunks: Chunks::new(blocks, comm.size(), chunk),
                held: 0..0,
                size: 1,
                most: (comm.rank() > 0).then(|| 2 * log2(blocks)),
            }),
            Division::Static | Division::Leased(_) => {
                let me =
                    Job::new(comm.rank(), comm.size()).map_err(|e| Error::Backend(e.into()))?;
                let part = Span::whole(blocks).part(me, Layout::Contiguous);
                let first = part.at(0).unwrap_or(0);
                Ok(Parts::Fixed(first..first + part.len()))
            }
        }
    }

    /// At most `want` neighbouring positions, and at least one, for a rank that keeps `nodes`
    /// accumulators of finished blocks; `None` when there is nothing more.
    pub(super) fn next(&mut self, want: usize, nodes: usize) -> Result<Option<Range<usize>>> {
        let held = match self {
            Parts::Fixed(left) => left,
            Parts::Dynamic {
                counter,
                chunks,
                held,
                size,
                most,
            } => {
                let is_full = most.is_some_and(|most| nodes + log2(*size) > most);
                if Range::is_empty(held) && !is_full {
                    let chunk = chunks.get(counter.fetch_add(1)?);
                    *held = chunk.unwrap_or(0..0);
                    *size = held.len();
                }
                held
            }
        };
        let positions = held.start..held.end.min(held.start.saturating_add(want.max(1)));
        held.start = positions.end;
        Ok((!positions.is_empty()).then_some(positions))
    }
}

/// The levels of a tree over so many blocks.
fn log2(blocks: usize) -> usize {
    blocks.max(1).next_power_of_two().ilog2() as usize
}
