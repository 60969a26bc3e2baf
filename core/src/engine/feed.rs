use std::ops::Range;

use super::Engine;
use crate::division::Deal;
use crate::{Backend, Comm, Job, Result, Span};

/// The items of this rank, as they are dealt.
pub(super) struct Feed<'c> {
    deal: Deal<'c>,
    width: usize,
    len: usize,
}

impl<'c> Feed<'c> {
    /// Deals a task of `len` items. Collective.
    pub(super) fn new<B: Backend>(
        engine: &Engine<'_, B>,
        comm: &'c dyn Comm,
        len: usize,
    ) -> Result<Self> {
        let blocks = blocks(engine.block, len).part(engine.job, engine.layout);
        Ok(Feed {
            deal: Deal::new(engine.division, engine.layout, blocks, comm)?,
            width: engine.block,
            len,
        })
    }

    /// The items of at least one block, of about `want` items in all, with the blocks' positions in the job;
    /// `None` when all are dealt.
    pub(super) fn next(&mut self, want: usize) -> Result<Option<(Range<usize>, Range<usize>)>> {
        let dealt = self.deal.next(want / self.width)?;
        Ok(dealt.map(|dealt| {
            let items = dealt.blocks.start * self.width..dealt.blocks.end * self.width;
            (dealt.positions, items.start..items.end.min(self.len))
        }))
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
