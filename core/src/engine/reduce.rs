use std::collections::BTreeMap;
use std::ops::Range;

use super::Engine;
use super::feed::{Fed, Feed, blocks};
use crate::comm::{Bell, Wire};
use crate::reduce::{Place, Tree};
use crate::{Backend, Cancel, Cause, Error, Kernel, MAX_GRAIN, Next, Reduce, Result, Work};

impl<B: Backend> Engine<'_, B> {
    /// Computes the job's items and combines them into one value, the same bits on every rank, for any number of ranks and
    /// lanes and any division. The leaves are the engine's blocks: another width is another order of addition. Collective.
    ///
    /// At most one accumulator per block in flight is alive on a rank, and the O(log blocks) maximal nodes of the tree; and
    /// at most `2 * lanes * MAX_GRAIN` outputs that wait for an item before them.
    ///
    /// # Errors
    /// On every rank when one fails, as for [`write`](Engine::write), and with a [leased](crate::Division::Leased) division.
    pub fn reduce<K: Kernel<B::Device>, R: Reduce<K::Output>>(
        &self,
        kernel: &K,
        reduce: &R,
    ) -> Result<R::Acc> {
        self.is_whole()?;
        let comm = self.backend.comm();
        let feed = comm.agree(Feed::new(self, comm, kernel.len()))?;
        let leaves = blocks(self.block, kernel.len())
            .part(self.job, self.layout)
            .len();
        let mut folding = Folding {
            reduce,
            feed,
            bell: Bell::new(comm),
            cancel: &self.cancel,
            width: self.block,
            len: kernel.len(),
            ready: 0..0,
            open: BTreeMap::new(),
            early: 0,
            most_early: 2 * self.backend.lanes() * MAX_GRAIN,
            tree: Tree::new(leaves),
            error: None,
        };
        if let Err(error) = self.backend.drive(kernel, &mut folding) {
            folding.fail(error);
        }
        let outcome = folding.error.map_or(Ok(()), Err);
        folding.bell.settle(outcome, &self.cancel)?;

        let nodes: Vec<(Place, R::Acc)> = folding.tree.into_nodes().collect();
        let mut bytes = Vec::new();
        if comm.size() == 1 {
            return Ok(root_of(nodes, reduce));
        }
        if let Some(all) = comm.gather(0, &nodes.to_bytes())? {
            let mut tree = Tree::new(leaves);
            for nodes in all {
                for (place, acc) in Vec::<(Place, R::Acc)>::from_bytes(&nodes)? {
                    tree.insert(place, acc, |left, right| reduce.merge(left, right));
                }
            }
            bytes = root_of(tree.into_nodes(), reduce).to_bytes();
        }
        comm.broadcast(0, &mut bytes)?;
        R::Acc::from_bytes(&bytes)
    }
}

/// The value of a finished tree: its one node, or none for no items.
fn root_of<O, R: Reduce<O>>(
    nodes: impl IntoIterator<Item = (Place, R::Acc)>,
    reduce: &R,
) -> R::Acc {
    let root = nodes.into_iter().next();
    root.map_or_else(|| reduce.identity(), |(_, acc)| acc)
}

/// A run that reduces, from the side of one rank.
struct Folding<'c, O, R: Reduce<O>> {
    reduce: &'c R,
    feed: Feed<'c>,
    bell: Bell<'c>,
    cancel: &'c Cancel,
    width: usize,
    len: usize,
    ready: Range<usize>,
    /// Blocks with items in flight, by block number.
    open: BTreeMap<usize, Block<O, R::Acc>>,
    /// How many outputs wait in the open blocks, and how many may before nothing more is started. What they wait for
    /// has been started, as the items of a block are handed out in order.
    early: usize,
    most_early: usize,
    tree: Tree<R::Acc>,
    error: Option<Error>,
}

/// A block that is being folded, left to right.
struct Block<O, A> {
    /// Its position in the job: its leaf in the tree.
    leaf: usize,
    acc: A,
    /// The next item to fold, the items that came before their turn, and the end.
    next: usize,
    early: BTreeMap<usize, O>,
    end: usize,
}

impl<O, R: Reduce<O>> Folding<'_, O, R> {
    fn fail(&mut self, error: Error) {
        self.bell.ring();
        self.error.get_or_insert(error);
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.error.is_none() && self.cancel.is_cancelled() {
            self.fail(Error::Cancelled);
        }
        if self.error.is_some() || self.bell.heard()? {
            return Ok(Next::Stop);
        }
        if want == 0 || self.early >= self.most_early {
            return Ok(Next::Wait);
        }
        if self.ready.is_empty() {
            let (positions, items) = match self.feed.next(want)? {
                Fed::Blocks { positions, items } => (positions, items),
                Fed::Wait => return Ok(Next::Wait),
                Fed::Finished => return Ok(Next::Finished),
            };
            for (leaf, start) in positions.zip(items.clone().step_by(self.width)) {
                let block = Block {
                    leaf,
                    acc: self.reduce.identity(),
                    next: start,
                    early: BTreeMap::new(),
                    end: (start + self.width).min(self.len),
                };
                self.open.insert(start / self.width, block);
            }
            self.ready = items;
        }
        let end = self.ready.end.min(self.ready.start.saturating_add(want));
        let items = self.ready.start..end;
        self.ready.start = end;
        Ok(Next::Start(items))
    }
}

impl<O, R: Reduce<O>> Work<O> for Folding<'_, O, R> {
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
        let number = index / self.width;
        let Some(block) = self.open.get_mut(&number) else {
            return;
        };
        block.early.insert(index, output);
        self.early += 1;
        while let Some(output) = block.early.remove(&block.next) {
            self.early -= 1;
            self.reduce.fold(&mut block.acc, block.next, output);
            block.next += 1;
        }
        if block.next == block.end
            && let Some(Block { leaf, acc, .. }) = self.open.remove(&number)
        {
            let reduce = self.reduce;
            self.tree
                .insert((0, leaf), acc, |left, right| reduce.merge(left, right));
        }
    }
}
