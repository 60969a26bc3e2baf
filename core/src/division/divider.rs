use std::ops::Range;

use super::Division;
use super::leased::{Leased, Turn};
use crate::comm::{Comm, Counter};
use crate::{Error, Job, Layout, Result, Span};

/// The blocks of this rank, while they are dealt.
pub(crate) struct Divider<'c> {
    /// The job's blocks. A *position* is a place in this span.
    blocks: Span,
    hand: Strategy<'c>,
}

enum Strategy<'c> {
    /// This rank's positions, and how many of them are dealt.
    Fixed {
        part: Span,
        dealt: usize,
    },
    /// Positions claimed and not yet dealt.
    Dynamic {
        counter: Box<dyn Counter + 'c>,
        chunk: usize,
        held: Range<usize>,
    },
    Leased(Box<Leased>),
}

/// What there is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Portion {
    /// These neighbouring blocks, by their numbers.
    Blocks(Range<usize>),
    /// These neighbouring blocks, by their numbers, which others did.
    Done(Range<usize>),
    /// Others hold what is left: ask again soon.
    Wait,
    /// All is dealt.
    Finished,
}

impl<'c> Divider<'c> {
    /// Deals `blocks` among the ranks. Collective.
    pub(crate) fn new(
        division: Division<'_>,
        layout: Layout,
        blocks: Span,
        comm: &'c dyn Comm,
    ) -> Result<Divider<'c>> {
        let hand = match division {
            Division::Static => {
                let me =
                    Job::new(comm.rank(), comm.size()).map_err(|e| Error::Backend(e.into()))?;
                Strategy::Fixed {
                    part: Span::whole(blocks.len()).part(me, layout),
                    dealt: 0,
                }
            }
            Division::Dynamic { chunk } => Strategy::Dynamic {
                counter: comm.counter()?,
                chunk: chunk.max(1),
                held: 0..0,
            },
            Division::Leased(leases) => Strategy::Leased(Box::new(Leased::new(leases, blocks)?)),
        };
        Ok(Divider { blocks, hand })
    }

    /// At most `want` neighbouring blocks, at least one.
    pub(crate) fn next(&mut self, want: usize) -> Result<Portion> {
        let positions = match &mut self.hand {
            Strategy::Fixed { part, dealt } => {
                let want = if part.stride() == 1 { want.max(1) } else { 1 };
                let count = self.blocks.at_once(want).min(part.len() - *dealt);
                let first = part.get(*dealt);
                *dealt += count;
                first.map(|first| first..first + count)
            }
            Strategy::Dynamic {
                counter,
                chunk,
                held,
            } => {
                if Range::is_empty(held) {
                    let size = want.max(*chunk);
                    let first = counter.fetch_add(size as u64)?;
                    let first = usize::try_from(first).unwrap_or(usize::MAX);
                    let total = self.blocks.len();
                    *held = first.min(total)..first.saturating_add(size).min(total);
                }
                let count = self.blocks.at_once(want.max(1)).min(held.len());
                let positions = held.start..held.start + count;
                held.start = positions.end;
                (count > 0).then_some(positions)
            }
            Strategy::Leased(leased) => match leased.next()? {
                Turn::Claimed(position) => Some(position..position + 1),
                Turn::Done(position) => {
                    let block = self.blocks.get(position).unwrap_or(0);
                    return Ok(Portion::Done(block..block + 1));
                }
                Turn::Wait => return Ok(Portion::Wait),
                Turn::Finished => None,
            },
        };
        let blocks = positions.and_then(|positions| {
            let first = self.blocks.get(positions.start)?;
            Some(first..first + positions.len())
        });
        Ok(blocks.map_or(Portion::Finished, Portion::Blocks))
    }

    /// Whether other processes wait for the end of a block.
    pub(crate) fn is_leased(&self) -> bool {
        matches!(self.hand, Strategy::Leased(_))
    }

    /// What was to be done of this block is done and durable, or some of it was given up.
    pub(crate) fn finished(&mut self, block: usize, is_done: bool) -> Result<()> {
        match &mut self.hand {
            Strategy::Leased(leased) => leased.finished(block, is_done),
            _ => Ok(()),
        }
    }

    /// The blocks that this rank will be dealt, or all ranks together when they claim.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = usize> {
        let positions = match &self.hand {
            Strategy::Fixed { part, .. } => *part,
            Strategy::Dynamic { .. } | Strategy::Leased(_) => Span::whole(self.blocks.len()),
        };
        positions
            .iter()
            .filter_map(|position| self.blocks.get(position))
    }
}
