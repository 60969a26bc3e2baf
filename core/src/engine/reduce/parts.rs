use std::ops::Range;

use crate::division::Chunks;
use crate::reduce::Tree;
use crate::{Comm, Counter, Division, Error, Job, Layout, Result, Span};

/// The blocks of a reduction that this rank folds, by their positions in the job. They lie
/// together, so that few nodes of the tree cover them: see the decision 0024.
pub(super) enum Parts<'c> {
    /// What is left of this rank's own part.
    Fixed(Range<usize>),
    /// Chunks, whoever is first.
    Dynamic {
        counter: Box<dyn Counter + 'c>,
        chunks: Chunks,
        /// What is left of the last one.
        held: Range<usize>,
        /// The nodes that this rank has when all it took is folded: much of it may be in flight.
        taken: Tree<()>,
        room: Room,
    },
}

/// What there is for a rank.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    /// Neighbouring blocks, by their positions.
    Blocks(Range<usize>),
    /// There is something, but not for a rank with so many nodes.
    Wait,
    /// Nothing more.
    Finished,
}

impl<'c> Parts<'c> {
    /// Divides so many blocks among the ranks. Collective.
    pub(super) fn new(division: Division<'_>, blocks: usize, comm: &'c dyn Comm) -> Result<Self> {
        match division {
            Division::Dynamic { chunk } => Ok(Parts::Dynamic {
                counter: comm.counter()?,
                chunks: Chunks::new(blocks, comm.size(), chunk),
                held: 0..0,
                taken: Tree::new(blocks),
                room: Room::new(blocks, comm),
            }),
            Division::Static | Division::Leased(_) => {
                let me =
                    Job::new(comm.rank(), comm.size()).map_err(|e| Error::Backend(e.into()))?;
                let part = Span::whole(blocks).part(me, Layout::Contiguous);
                let first = part.get(0).unwrap_or(0);
                Ok(Parts::Fixed(first..first + part.len()))
            }
        }
    }

    /// At most `want` neighbouring positions, and at least one.
    pub(super) fn next(&mut self, want: usize) -> Result<Part> {
        let held = match self {
            Parts::Fixed(left) => left,
            Parts::Dynamic {
                counter,
                chunks,
                held,
                taken,
                room,
            } => {
                if Range::is_empty(held) {
                    // Whoever takes the next one, none after it is of a higher level.
                    if !matches!(room, Room::Any)
                        && let Some(next) = chunks.get(counter.fetch_add(0)?)
                        && !room.allows(log2(next.len()), taken)
                    {
                        return Ok(Part::Wait);
                    }
                    *held = chunks.get(counter.fetch_add(1)?).unwrap_or(0..0);
                    if !Range::is_empty(held) {
                        let level = log2(held.len());
                        taken.insert((level, held.start >> level), (), |(), ()| ());
                    }
                }
                held
            }
        };
        let positions = held.start..held.end.min(held.start.saturating_add(want.max(1)));
        held.start = positions.end;
        Ok(if positions.is_empty() {
            Part::Finished
        } else {
            Part::Blocks(positions)
        })
    }
}

/// For how many nodes a rank has room.
#[derive(Clone, Copy, Debug)]
pub(super) enum Room {
    /// For all: a rank alone has the nodes of one run of neighbours, and one of two has every other
    /// chunk at worst, some three for two levels.
    Any,
    /// For `2 * levels`, with those within the next chunk.
    Some { levels: usize },
}

impl Room {
    fn new(blocks: usize, comm: &dyn Comm) -> Room {
        match comm.size() {
            1 | 2 => Room::Any,
            _ => Room::Some {
                levels: log2(blocks),
            },
        }
    }

    /// Whether a rank that took these nodes may take a chunk of this level at most. Not all ranks
    /// are refused one at a time: there are too few chunks, as the test below counts.
    fn allows(self, level: usize, nodes: &Tree<()>) -> bool {
        match self {
            Room::Any => true,
            Room::Some { levels } => nodes.len() + level <= 2 * levels,
        }
    }
}

/// The levels of a tree over so many blocks.
fn log2(blocks: usize) -> usize {
    blocks.max(1).next_power_of_two().ilog2() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_too_few_for_all_ranks_to_be_refused() {
        let sizes = (2..300).chain([1000, 1024, 1025, 4096, 99_999, 100_000, 1 << 20]);
        for blocks in sizes {
            for (ranks, least) in (3..20)
                .chain([64, 1000, 9000])
                .flat_map(|ranks| [1, 2, 3, 64, 5000].map(|least| (ranks, least)))
            {
                let levels = log2(blocks);
                let mut chunks = Chunks::new(blocks, ranks, least);
                for number in 0.. {
                    let Some(chunk) = chunks.get(number) else {
                        break;
                    };
                    let level = log2(chunk.len());
                    // Every node is one of the chunks that were dealt before this one.
                    let refused = (2 * levels + 1).saturating_sub(level);
                    assert!(
                        (number as usize) < ranks * refused,
                        "{blocks} blocks, {ranks} ranks, chunk {number}, at least {least}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_rank_that_is_full_waits_and_the_others_do_the_rest() {
        const BLOCKS: usize = 1024;
        let outcomes = crate::LocalCluster::run(3, |comm| {
            let dynamic = Division::Dynamic { chunk: 1 };
            let mut parts = Parts::new(dynamic, BLOCKS, &comm).unwrap();
            // Rank 2 has more nodes than any rank may have.
            if let Parts::Dynamic { taken, .. } = &mut parts
                && comm.rank() == 2
            {
                *taken = Tree::new(1 << 30);
                (0..40).for_each(|leaf| taken.insert((0, 4 * leaf), (), |(), ()| ()));
            }
            let (mut blocks, mut waits) = (0, 0);
            loop {
                match parts.next(7).unwrap() {
                    Part::Blocks(positions) => blocks += positions.len(),
                    Part::Wait => waits += 1,
                    Part::Finished => return (blocks, waits),
                }
                std::thread::yield_now();
            }
        });
        let counts: Vec<(usize, usize)> = outcomes.into_iter().map(Result::unwrap).collect();
        let blocks: usize = counts.iter().map(|(blocks, _)| blocks).sum();
        assert_eq!((blocks, counts[2].0), (BLOCKS, 0), "{counts:?}");
    }

    #[test]
    fn what_is_in_flight_counts() {
        const BLOCKS: usize = 100_000;
        let outcomes = crate::LocalCluster::run(3, |comm| {
            let dynamic = Division::Dynamic { chunk: 2 };
            let comm: &dyn Comm = &comm;
            let mut parts = Parts::new(dynamic, BLOCKS, comm).unwrap();
            // Nothing is folded. Ranks 1 and 2 take chunks in turns, so that no two are neighbours.
            let mut nodes = 0;
            for turn in 0..200 {
                comm.agree(Ok(())).unwrap();
                if comm.rank() == 1 + turn % 2
                    && matches!(parts.next(usize::MAX).unwrap(), Part::Blocks(_))
                {
                    nodes += 1;
                }
            }
            nodes
        });
        let most = outcomes.into_iter().map(Result::unwrap).max();
        assert!(most <= Some(2 * log2(BLOCKS)), "{most:?} nodes on a rank");
    }

    #[test]
    fn every_other_chunk_is_not_too_much() {
        for blocks in (2..1000).chain([1024, 4096, 9999, 10_000]) {
            for first in [0, 1] {
                let levels = log2(blocks);
                let mut chunks = Chunks::new(blocks, 2, 1);
                let (mut tree, mut most) = (Tree::new(blocks), 0);
                for number in (first..).step_by(2) {
                    let Some(chunk) = chunks.get(number) else {
                        break;
                    };
                    let level = log2(chunk.len());
                    most = most.max(tree.len() + level);
                    tree.insert((level, chunk.start >> level), (), |(), ()| ());
                }
                assert!(most.max(tree.len()) <= 2 * levels, "{blocks}: {most}");
            }
        }
    }
}
