use std::ops::Range;

use super::Division;
use super::leased::Leased;
use crate::comm::{Comm, Counter};
use crate::{Error, Job, Layout, Result, Span};

/// The blocks of this rank, while they are dealt.
pub(crate) struct Deal<'c> {
    /// The job's blocks. A *position* is a place in this span.
    blocks: Span,
    hand: Hand<'c>,
}

enum Hand<'c> {
    /// This rank's positions, and how many of them are dealt.
    Fixed {
        part: Span,
        dealt: usize,
    },
    /// Positions claimed and not yet dealt.
    Claimed {
        counter: Box<dyn Counter + 'c>,
        chunk: usize,
        held: Range<usize>,
    },
    Leased(Leased),
}

/// What there is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Dealing {
    /// These neighbouring blocks, by their numbers.
    Blocks(Range<usize>),
    /// Others hold what is left: ask again soon.
    Wait,
    /// All is dealt.
    Finished,
}

impl<'c> Deal<'c> {
    /// Deals `blocks` among the ranks. Collective.
    pub(crate) fn new(
        division: Division<'_>,
        layout: Layout,
        blocks: Span,
        comm: &'c dyn Comm,
    ) -> Result<Deal<'c>> {
        let hand = match division {
            Division::Static => {
                let me =
                    Job::new(comm.rank(), comm.size()).map_err(|e| Error::Backend(e.into()))?;
                Hand::Fixed {
                    part: Span::whole(blocks.len()).part(me, layout),
                    dealt: 0,
                }
            }
            Division::Claimed { chunk } => Hand::Claimed {
                counter: comm.counter()?,
                chunk: chunk.max(1),
                held: 0..0,
            },
            Division::Leased(leases) => Hand::Leased(Leased::new(leases, blocks)?),
        };
        Ok(Deal { blocks, hand })
    }

    /// At most `want` neighbouring blocks, at least one.
    pub(crate) fn next(&mut self, want: usize) -> Result<Dealing> {
        let positions = match &mut self.hand {
            Hand::Fixed { part, dealt } => {
                let want = if part.stride() == 1 { want.max(1) } else { 1 };
                let count = self.blocks.at_once(want).min(part.len() - *dealt);
                let first = part.at(*dealt);
                *dealt += count;
                first.map(|first| first..first + count)
            }
            Hand::Claimed {
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
            Hand::Leased(leased) => match leased.next()? {
                Some(position) => Some(position..position + 1),
                None if leased.is_exhausted() => None,
                None => return Ok(Dealing::Wait),
            },
        };
        let blocks = positions.and_then(|positions| {
            let first = self.blocks.at(positions.start)?;
            Some(first..first + positions.len())
        });
        Ok(blocks.map_or(Dealing::Finished, Dealing::Blocks))
    }

    /// Whether other processes wait for the end of a block.
    pub(crate) fn is_leased(&self) -> bool {
        matches!(self.hand, Hand::Leased(_))
    }

    /// What was to be done of this block is done and durable, or was given up.
    pub(crate) fn finished(&mut self, block: usize) -> Result<()> {
        match &mut self.hand {
            Hand::Leased(leased) => leased.finished(block),
            _ => Ok(()),
        }
    }

    /// The blocks that this rank will be dealt, or all ranks together when they claim.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = usize> {
        let positions = match &self.hand {
            Hand::Fixed { part, .. } => *part,
            Hand::Claimed { .. } | Hand::Leased(_) => Span::whole(self.blocks.len()),
        };
        positions
            .iter()
            .filter_map(|position| self.blocks.at(position))
    }
}
