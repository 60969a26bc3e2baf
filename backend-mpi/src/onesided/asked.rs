use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use jobwise_core::{Backoff, Result, SharedAtomics, Wire};

use super::Memory;
use super::answers::{ANSWER, Answers, REQUEST};
use super::request::{Operation, Request};
use super::window::OWNER;
use crate::link::Link;
use crate::progress::Served;

/// Where MPI has no one-sided operations between nodes: how a group asks its rank 0 for words.
pub(crate) struct Asking {
    side: Side,
    made: Cell<u64>,
}

enum Side {
    Owner {
        /// First: the thread that serves has left the communicator when this thread gives it back.
        _served: Served,
        answers: Arc<Answers>,
    },
    Other(Rc<Link>),
}

impl Asking {
    /// With a communicator that is made for it. Collective.
    ///
    /// # Errors
    /// When MPI cannot make one.
    pub(crate) fn new(group: &Link) -> Result<Asking> {
        let link = group.split(0, group.rank())?;
        let side = if group.rank() == OWNER {
            let answers = Arc::new(Answers::new(link));
            Side::Owner {
                _served: Served::by(answers.clone()),
                answers,
            }
        } else {
            Side::Other(Rc::new(link))
        };
        Ok(Asking {
            side,
            made: Cell::new(0),
        })
    }

    /// The next `len` words. `near` are the ranks on the owner's node, and `memory` has the words
    /// there. All ranks make the same words in the same order; they may be used when all have made
    /// them.
    pub(crate) fn next(&self, len: usize, near: bool, memory: Memory) -> AskedWords {
        let number = self.made.get();
        self.made.set(number + 1);
        let way = match &self.side {
            Side::Owner { answers, .. } => {
                let memory = Arc::new(memory);
                answers.begin(number, memory.clone());
                Way::Owner(memory, answers.clone())
            }
            Side::Other(_) if near => Way::Near(memory),
            Side::Other(link) => Way::Far(link.clone()),
        };
        AskedWords { len, number, way }
    }
}

/// Words in the memory of rank 0 and its node, for which ranks of other nodes ask by messages.
pub(crate) struct AskedWords {
    len: usize,
    number: u64,
    way: Way,
}

enum Way {
    Owner(Arc<Memory>, Arc<Answers>),
    Near(Memory),
    Far(Rc<Link>),
}

impl AskedWords {
    fn done(&self, at: usize, operation: Operation) -> Result<u64> {
        assert!(at < self.len, "word {at} of {}", self.len);
        let link = match &self.way {
            Way::Owner(memory, _) => return Ok(operation.on(&memory.words()[at])),
            Way::Near(memory) => return Ok(operation.on(&memory.words()[at])),
            Way::Far(link) => link,
        };
        let request = Request {
            words: self.number,
            at,
            operation,
        };
        link.send(OWNER, REQUEST, request.to_bytes())?;
        let mut patience = Backoff::new();
        loop {
            if let Some((_, before)) = link.take(Some(OWNER), ANSWER)? {
                return u64::from_bytes(&before);
            }
            patience.snooze();
        }
    }
}

impl SharedAtomics for AskedWords {
    fn len(&self) -> usize {
        self.len
    }

    fn load(&self, at: usize) -> Result<u64> {
        self.done(at, Operation::Add(0))
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        self.done(at, Operation::Add(n))
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        self.done(at, Operation::Replace { expected, new })
    }
}

impl Drop for AskedWords {
    fn drop(&mut self) {
        if let Way::Owner(_, answers) = &self.way {
            answers.end(self.number);
        }
    }
}
