use std::ops::Range;

use super::Engine;
use super::ledger::{Closed, Ledger};
use crate::division::{Divider, Portion};
use crate::{Backend, Comm, Job, Result, Span};

/// What comes next for this rank.
pub(super) enum Assigned {
    /// The items of some neighbouring blocks.
    Items(Range<usize>),
    /// The items of some neighbouring blocks, which others did.
    Done(Range<usize>),
    /// Nothing at this moment.
    Wait,
    /// All is dealt.
    Finished,
}

/// The items of this rank, as they are dealt.
pub(super) struct Assignment<'c> {
    deal: Divider<'c>,
    width: usize,
    len: usize,
}

impl<'c> Assignment<'c> {
    /// Deals a task of `len` items. Collective.
    pub(super) fn new<B: Backend>(
        engine: &Engine<'_, B>,
        comm: &'c dyn Comm,
        len: usize,
    ) -> Result<Self> {
        let blocks = blocks(engine.block, len).part(engine.job, engine.layout);
        Ok(Assignment {
            deal: Divider::new(engine.division, engine.layout, blocks, comm)?,
            width: engine.block,
            len,
        })
    }

    /// At least one block, with about `want` items in all.
    pub(super) fn next(&mut self, want: usize) -> Result<Assigned> {
        Ok(match self.deal.next(want / self.width)? {
            Portion::Blocks(blocks) => Assigned::Items(self.items(&blocks)),
            Portion::Done(blocks) => Assigned::Done(self.items(&blocks)),
            Portion::Wait => Assigned::Wait,
            Portion::Finished => Assigned::Finished,
        })
    }

    /// Where it is written down what of the blocks is left, when others wait for their ends.
    pub(super) fn ledger(&self) -> Option<Ledger> {
        self.deal.is_leased().then(|| Ledger::new(self.width))
    }

    fn items(&self, blocks: &Range<usize>) -> Range<usize> {
        blocks.start * self.width..(blocks.end * self.width).min(self.len)
    }

    /// What was to be done of these blocks is done and durable, or some of it was given up.
    pub(super) fn finished(&mut self, blocks: &[Closed]) -> Result<()> {
        let mut blocks = blocks.iter();
        blocks.try_for_each(|closed| self.deal.finished(closed.block, closed.is_done))
    }

    /// How many items this rank will be dealt, or all ranks together when they claim.
    pub(super) fn total(&self) -> usize {
        let items = |block: usize| self.width.min(self.len - block * self.width);
        self.deal.blocks().map(items).sum()
    }
}

/// The blocks of a task.
pub(super) fn blocks(width: usize, len: usize) -> Span {
    Span::whole(len.div_ceil(width))
}

/// The items of one job's blocks, in order, one range for each block.
pub(super) fn items<B: Backend>(
    engine: &Engine<'_, B>,
    len: usize,
) -> impl Iterator<Item = Range<usize>> {
    let (job, layout, width): (Job, _, _) = (engine.job, engine.layout, engine.block);
    let blocks = blocks(width, len).part(job, layout);
    blocks
        .iter()
        .map(move |b| b * width..((b + 1) * width).min(len))
}
