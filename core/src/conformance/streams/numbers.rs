use std::time::{Duration, Instant};

use super::super::toy::{FAULT, Read};
use crate::conformance::bounded::now;
use crate::{Arrival, Cause, Feed};

/// The feed of the laws: every `step`-th index from `next` on, below `end`.
pub(super) struct Numbers {
    pub(super) next: usize,
    pub(super) step: usize,
    pub(super) end: usize,
    /// How often it was asked, and whether there is nothing each third time.
    asked: usize,
    pub(super) is_slow: bool,
    /// When each item was brought.
    pub(super) brought: Vec<u64>,
    /// What it does instead of ending.
    pub(super) last: Last,
}

/// How a feed ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    End,
    Fails,
    /// It waits for so long before it ends.
    Waits(Duration, Instant),
}

impl Numbers {
    /// The share of rank `rank`, which is one of those that read.
    pub(super) fn of(roles: &[bool], rank: usize, end: usize) -> Option<Numbers> {
        let readers = roles.iter().filter(|reads| **reads).count();
        let before = roles[..rank].iter().filter(|reads| **reads).count();
        roles[rank].then(|| Numbers {
            next: before,
            step: readers,
            end,
            asked: 0,
            is_slow: true,
            brought: Vec::new(),
            last: Last::End,
        })
    }
}

impl Feed<Read> for Numbers {
    fn poll(&mut self) -> Result<Arrival<Read>, Cause> {
        self.asked += 1;
        if self.is_slow && self.asked.is_multiple_of(3) {
            return Ok(Arrival::Wait);
        }
        let index = self.next;
        if index < self.end {
            self.next += self.step;
            self.brought.push(now());
            return Ok(Arrival::Item(index, Read::of(index)));
        }
        match self.last {
            Last::Fails => Err(FAULT.into()),
            Last::Waits(most, since) if since.elapsed() < most => Ok(Arrival::Wait),
            Last::End | Last::Waits(..) => Ok(Arrival::End),
        }
    }
}
