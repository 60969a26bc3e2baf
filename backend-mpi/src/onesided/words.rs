use std::sync::atomic::Ordering;

use jobwise_core::{Result, SharedAtomics};

use super::{Memory, Shape};

/// Words in the memory of the one node that all ranks are on: no call of MPI.
pub(crate) struct NodeWords(Memory);

impl NodeWords {
    /// What `count` words need.
    pub(crate) fn shape(count: usize) -> Shape {
        Shape {
            words: count,
            bytes: 0,
        }
    }

    /// The words of memory that is made for them.
    pub(crate) fn new(memory: Memory) -> NodeWords {
        NodeWords(memory)
    }
}

impl SharedAtomics for NodeWords {
    fn len(&self) -> usize {
        self.0.words().len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        Ok(self.0.words()[at].load(Ordering::SeqCst))
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        Ok(self.0.words()[at].fetch_add(n, Ordering::SeqCst))
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        let done =
            self.0.words()[at].compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst);
        Ok(done.unwrap_or_else(|before| before))
    }
}
