use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Backoff, Error, Result};

/// How the ranks of a node wait for each other and take turns at writing, by words in memory that
/// they share. For transports.
///
/// An update has two barriers: after the first nobody reads, after the second the writer has ended.
/// What became of an update is told in one of two places, used in turns: the first member clears
/// the place of the next update between the barriers, when everybody has left the one before.
#[derive(Debug)]
pub struct Turn<'w> {
    words: &'w [AtomicU64],
    member: usize,
    members: usize,
}

/// Words on cache lines of their own.
const ARRIVED: usize = 0;
const GENERATION: usize = 8;
const PLACES: usize = 16;
/// Of a place: the writer's rank + 1, how many ranks brought a writer, the failed rank + 1, the
/// length of its message, its message.
const WRITER: usize = 0;
const WRITERS: usize = 1;
const FAILED: usize = 2;
const LENGTH: usize = 3;
const TEXT: usize = 4;
const PLACE: usize = 64;

impl Turn<'_> {
    /// How many words it needs, all 0 at first.
    pub const WORDS: usize = PLACES + 2 * PLACE;
}

impl<'w> Turn<'w> {
    /// Of member number `member` of a node's ranks, `members` in number, that share `words`.
    ///
    /// # Panics
    /// When there are fewer than [`WORDS`](Self::WORDS) words.
    pub fn new(words: &'w [AtomicU64], member: usize, members: usize) -> Turn<'w> {
        assert!(words.len() >= Self::WORDS, "room for a turn");
        Turn {
            words,
            member,
            members,
        }
    }

    /// Returns when every member has come. Calls `alive` now and then while it waits.
    ///
    /// # Errors
    /// That of `alive`.
    pub fn barrier(&self, alive: &dyn Fn() -> Result<()>) -> Result<()> {
        if self.members == 1 {
            return Ok(());
        }
        let generation = self.words[GENERATION].load(Ordering::Acquire);
        let before = self.words[ARRIVED].fetch_add(1, Ordering::AcqRel);
        if before + 1 == self.members as u64 {
            self.words[ARRIVED].store(0, Ordering::Relaxed);
            self.words[GENERATION].fetch_add(1, Ordering::Release);
            return Ok(());
        }
        // A peer that comes at once is met awake; one that does not may need this processor.
        for _ in 0..200 {
            if self.words[GENERATION].load(Ordering::Acquire) != generation {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        let mut backoff = Backoff::new();
        let here = || self.words[GENERATION].load(Ordering::Acquire) != generation;
        while !here() {
            // Who came last may have left since.
            if let Err(lost) = alive()
                && !here()
            {
                return Err(lost);
            }
            backoff.snooze();
        }
        Ok(())
    }

    /// Runs `write` on the rank that brings it, alone, between two barriers. `rank` is this one's,
    /// `round` counts this node's updates from 0.
    ///
    /// # Errors
    /// As [`Region::update`](super::Region::update); that of `alive`.
    pub fn update(
        &self,
        rank: usize,
        round: u64,
        write: Option<&mut dyn FnMut() -> Result<()>>,
        alive: &dyn Fn() -> Result<()>,
    ) -> Result<()> {
        let place = |of: u64| {
            let first = PLACES + (of % 2) as usize * PLACE;
            &self.words[first..first + PLACE]
        };
        let here = place(round);
        if write.is_some() {
            here[WRITERS].fetch_add(1, Ordering::AcqRel);
            here[WRITER].store(rank as u64 + 1, Ordering::Release);
        }
        self.barrier(alive)?;
        if self.member == 0 {
            // The words of the message need no clearing: LENGTH says how many are meant.
            for word in [WRITER, WRITERS, FAILED, LENGTH] {
                place(round + 1)[word].store(0, Ordering::Relaxed);
            }
        }
        let mut own = None;
        let writers = here[WRITERS].load(Ordering::Acquire);
        if let Some(write) = write
            && here[WRITER].load(Ordering::Acquire) == rank as u64 + 1
        {
            let outcome = if writers == 1 {
                write()
            } else {
                Err(Error::Program(
                    format!("{writers} ranks of a node write at once").into(),
                ))
            };
            if let Err(error) = outcome {
                tell(here, rank, &error.to_string());
                own = Some(error);
            }
        }
        self.barrier(alive)?;
        match (own, here[FAILED].load(Ordering::Acquire)) {
            (Some(error), _) => Err(error),
            (None, 0) => Ok(()),
            (None, failed) => Err(Error::Peer {
                rank: failed as usize - 1,
                cause: describe(here),
            }),
        }
    }
}

/// Leaves a message for the other ranks of the node, cut where there is no room.
fn tell(place: &[AtomicU64], rank: usize, message: &str) {
    let room = 8 * (PLACE - TEXT);
    let mut end = message.len().min(room);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    for (word, bytes) in place[TEXT..]
        .iter()
        .zip(message.as_bytes()[..end].chunks(8))
    {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        word.store(u64::from_le_bytes(eight), Ordering::Relaxed);
    }
    place[LENGTH].store(end as u64, Ordering::Relaxed);
    place[FAILED].store(rank as u64 + 1, Ordering::Release);
}

fn describe(place: &[AtomicU64]) -> String {
    let bytes: Vec<u8> = place[TEXT..]
        .iter()
        .flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes())
        .take(place[LENGTH].load(Ordering::Relaxed) as usize)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
