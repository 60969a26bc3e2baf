use std::ops::Range;

/// The chunks by which a reduction is given out: neighbours of one another, each a power of two of
/// blocks that begins at a multiple of itself, and none larger than the one before. They follow
/// from the numbers of blocks and ranks alone, so that ranks need agree on a chunk's number only.
pub(crate) struct Chunks {
    blocks: usize,
    ranks: usize,
    least: usize,
    /// The number of the chunk that begins at `start`.
    number: u64,
    start: usize,
}

impl Chunks {
    /// Of so many blocks, for so many ranks, of at least `least` blocks (rounded to a power of
    /// two).
    pub(crate) fn new(blocks: usize, ranks: usize, least: usize) -> Chunks {
        Chunks {
            blocks,
            ranks: ranks.max(1),
            least: power_of_two(least),
            number: 0,
            start: 0,
        }
    }

    /// Chunk `number`, which is no earlier than the last one that was asked for; `None` behind the
    /// last one.
    pub(crate) fn get(&mut self, number: u64) -> Option<Range<usize>> {
        while self.number < number && self.start < self.blocks {
            self.start = self.end();
            self.number += 1;
        }
        (self.start < self.blocks).then(|| self.start..self.end())
    }

    fn end(&self) -> usize {
        let left = self.blocks - self.start;
        let size = power_of_two(left / (2 * self.ranks)).max(self.least);
        self.start.saturating_add(size).min(self.blocks)
    }
}

/// The largest power of two that is no more than `number`, at least 1.
fn power_of_two(number: usize) -> usize {
    1 << number.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_all_and_are_nodes_of_the_tree() {
        for (blocks, ranks, least) in [(1, 1, 1), (1024, 4, 1), (100_000, 3, 5), (7, 50, 1)] {
            let mut chunks = Chunks::new(blocks, ranks, least);
            let (mut at, mut before) = (0, usize::MAX);
            for number in 0.. {
                let Some(chunk) = chunks.get(number) else {
                    break;
                };
                assert_eq!(chunk.start, at);
                if chunk.end < blocks {
                    assert!(chunk.len().is_power_of_two() && chunk.len() <= before);
                    assert_eq!(chunk.start % chunk.len(), 0);
                }
                (at, before) = (chunk.end, chunk.len());
            }
            assert_eq!(at, blocks);
        }
    }

    #[test]
    fn chunks_may_be_passed_over() {
        let all: Vec<_> = {
            let mut chunks = Chunks::new(1000, 2, 1);
            (0..).map_while(|number| chunks.get(number)).collect()
        };
        let mut chunks = Chunks::new(1000, 2, 1);
        assert_eq!(chunks.get(3).as_ref(), Some(&all[3]));
        assert_eq!(chunks.get(7).as_ref(), Some(&all[7]));
        assert_eq!(chunks.get(all.len() as u64), None);
        // A rank of 100 000 blocks among four is dealt some 20 chunks.
        let mut chunks = Chunks::new(100_000, 4, 1);
        let count = (0..).map_while(|number| chunks.get(number)).count();
        assert!((60..110).contains(&count), "{count}");
    }
}
