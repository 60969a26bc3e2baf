use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::parts::{Part, Parts};
use crate::comm::Interrupt;
use crate::reduce::Tree;
use crate::{Cancel, Cause, Error, Indices, Next, Reduce, Result, Scheduler, Span};

/// A run that reduces, from the side of one rank.
pub(super) struct Folding<'c, O, R: Reduce<O>> {
    pub(super) reduce: &'c R,
    pub(super) parts: Parts<'c>,
    pub(super) interrupt: Interrupt<'c>,
    pub(super) cancel: &'c Cancel,
    /// The job's blocks, their width, and the number of items.
    pub(super) blocks: Span,
    pub(super) width: usize,
    pub(super) len: usize,
    /// Of blocks that are open and not started.
    pub(super) ready: VecDeque<Range<usize>>,
    pub(super) open: Open<O, R::Acc>,
    pub(super) tree: Tree<R::Acc>,
    pub(super) error: Option<Error>,
}

/// The blocks with items in flight.
pub(super) struct Open<O, A> {
    /// By position in the job.
    blocks: BTreeMap<usize, Block<O, A>>,
    /// How many outputs wait for one before them, and how many may before nothing more is started.
    /// What they wait for has been started, as items are handed out in order.
    waiting: usize,
    most_waiting: usize,
    /// How many accumulators belong to blocks behind the first: of open blocks, and of finished
    /// ones in the tree.
    begun: usize,
    finished: usize,
    most_ahead: usize,
}

/// A block that is being folded, left to right.
struct Block<O, A> {
    /// None before its first output is folded.
    acc: Option<A>,
    /// The next item to fold, the items that came before their turn, and the end.
    next: usize,
    early: BTreeMap<usize, O>,
    end: usize,
}

impl<O, A> Open<O, A> {
    /// For a backend of so many lanes, which takes at most `grain` items at once on each.
    pub(super) fn new(lanes: usize, grain: usize) -> Open<O, A> {
        Open {
            blocks: BTreeMap::new(),
            waiting: 0,
            most_waiting: 2 * lanes * grain,
            begun: 0,
            finished: 0,
            most_ahead: lanes.saturating_sub(1),
        }
    }

    fn first(&self) -> Option<usize> {
        self.blocks.first_key_value().map(|(&position, _)| position)
    }
}

impl<O, R: Reduce<O>> Folding<'_, O, R> {
    pub(super) fn fail(&mut self, error: Error) {
        self.interrupt.raise();
        self.error.get_or_insert(error);
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.error.is_none() && self.cancel.is_cancelled() {
            self.fail(Error::Cancelled);
        }
        if self.error.is_some() || self.interrupt.is_raised()? {
            return Ok(Next::Stop);
        }
        if want == 0 || self.open.waiting >= self.open.most_waiting {
            return Ok(Next::Wait);
        }
        let mut items = Indices::new();
        let (mut left, mut is_finished) = (want, false);
        while left > 0 {
            let Some(run) = self.ready.front_mut() else {
                match self.parts.next(left / self.width)? {
                    Part::Blocks(positions) => self.open_blocks(positions),
                    Part::Wait => break,
                    Part::Finished => {
                        is_finished = true;
                        break;
                    }
                }
                continue;
            };
            let end = run.end.min(run.start.saturating_add(left));
            left -= end - run.start;
            items.push(run.start..end);
            run.start = end;
            if Range::is_empty(run) {
                self.ready.pop_front();
            }
        }
        Ok(if !items.is_empty() {
            Next::Start(items)
        } else if is_finished {
            Next::Finished
        } else {
            Next::Wait
        })
    }

    /// Opens the blocks at these positions.
    fn open_blocks(&mut self, positions: Range<usize>) {
        for position in positions {
            let Some(number) = self.blocks.get(position) else {
                continue;
            };
            let items = number * self.width..((number + 1) * self.width).min(self.len);
            let block = Block {
                acc: None,
                next: items.start,
                early: BTreeMap::new(),
                end: items.end,
            };
            self.open.blocks.insert(position, block);
            match self.ready.back_mut() {
                Some(last) if last.end == items.start => last.end = items.end,
                _ => self.ready.push_back(items),
            }
        }
    }

    /// Folds what waits in the block at `position`, if it is its turn, and in those that it held
    /// up.
    fn fold(&mut self, mut position: usize) {
        let reduce = self.reduce;
        while let Some(first) = self.open.first() {
            let is_first = position == first;
            let ahead = self.open.begun + self.open.finished;
            let Some(block) = self.open.blocks.get_mut(&position) else {
                return;
            };
            if block.acc.is_none() && !is_first && ahead >= self.open.most_ahead {
                return;
            }
            while let Some(output) = block.early.remove(&block.next) {
                self.open.waiting -= 1;
                let acc = block.acc.get_or_insert_with(|| {
                    self.open.begun += usize::from(!is_first);
                    reduce.identity()
                });
                reduce.fold(acc, block.next, output);
                block.next += 1;
            }
            if block.next < block.end {
                return;
            }
            let finished = self.open.blocks.remove(&position);
            let Some(acc) = finished.and_then(|block| block.acc) else {
                return;
            };
            let before = self.tree.len();
            let merge = |left: &mut R::Acc, right| reduce.merge(left, right);
            self.tree.insert((0, position), acc, merge);
            if !is_first {
                self.open.begun -= 1;
                self.open.finished = self.open.finished + self.tree.len() - before;
                return;
            }
            let Some(next) = self.open.first() else {
                self.open.finished = 0;
                return;
            };
            // The first is not ahead of itself.
            let is_begun = |block: &Block<O, R::Acc>| block.acc.is_some();
            let is_next_begun = self.open.blocks.get(&next).is_some_and(is_begun);
            self.open.begun -= usize::from(is_next_begun);
            if self.open.finished > 0 {
                self.open.finished = self.tree.count_behind(next);
            }
            position = next;
        }
    }
}

impl<O, R: Reduce<O>> Scheduler<O> for Folding<'_, O, R> {
    fn next(&mut self, want: usize) -> Next {
        self.try_next(want).unwrap_or_else(|error| {
            self.fail(error);
            Next::Stop
        })
    }

    fn done(&mut self, index: usize, outcome: Result<O, Cause>) {
        let output = match outcome {
            Ok(output) => output,
            Err(cause) => return self.fail(Error::Item { index, cause }),
        };
        let Some(position) = self.blocks.position(index / self.width) else {
            return;
        };
        let Some(block) = self.open.blocks.get_mut(&position) else {
            return;
        };
        if index == block.next
            && let Some(acc) = &mut block.acc
        {
            // The rule: the next one of a block that has begun.
            self.reduce.fold(acc, index, output);
            block.next += 1;
            if block.next < block.end && block.early.is_empty() {
                return;
            }
        } else {
            block.early.insert(index, output);
            self.open.waiting += 1;
        }
        self.fold(position);
    }
}
