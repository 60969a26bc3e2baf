use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{LocalComm, Seat, World};
use crate::cluster::{Aligned, Cluster, Region, SharedAtomics, Turn, Writer};
use crate::{Comm, Error, Result};

/// What ranks make together, until the last of them has taken it.
#[derive(Default)]
pub(super) struct Shared {
    /// By rank, how many things it has made: every rank's n-th thing is the same one.
    made: HashMap<usize, u64>,
    /// By number and part (a node, a colour): the thing, and how many ranks have not come for it.
    waiting: HashMap<(u64, usize), (Arc<dyn Any + Send + Sync>, usize)>,
}

impl LocalComm {
    /// The part of a thing that all ranks share.
    pub(super) const WHOLE: usize = 0;

    /// The next thing that is made together, of which each part is the same for `parties` ranks,
    /// all if 0. The first of them makes it.
    pub(super) fn meet<T: Any + Send + Sync>(
        &self,
        parties: usize,
        part: usize,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        let parties = if parties == 0 { self.size() } else { parties };
        let mut shared = self.world.shared();
        let Shared { made, waiting } = &mut *shared;
        let number = made.entry(self.rank).or_default();
        *number += 1;
        let key = (*number, part);
        let entry = waiting
            .entry(key)
            .or_insert_with(|| (Arc::new(make()), parties));
        let thing = entry.0.clone();
        entry.1 -= 1;
        if entry.1 == 0 {
            waiting.remove(&key);
        }
        thing
            .downcast()
            .expect("all ranks make the same things in the same order")
    }
}

impl Cluster for LocalComm {
    fn split(&self, colour: usize, key: usize) -> Result<Box<dyn Cluster + '_>> {
        let comm: &dyn Comm = self;
        let all = comm.all_gather(&(colour, key))?.into_iter().enumerate();
        let mut members: Vec<(usize, usize)> = all
            .filter(|(_, (its_colour, _))| *its_colour == colour)
            .map(|(rank, (_, its_key))| (its_key, rank))
            .collect();
        members.sort_unstable();
        let ranks: Vec<usize> = members.into_iter().map(|(_, rank)| rank).collect();
        let world = self.meet(ranks.len(), colour, || {
            World::new(self.world.nodes.among(&ranks))
        });
        let rank = ranks.iter().position(|&rank| rank == self.rank);
        let rank = rank.expect("a rank has its own colour");
        let seat = Seat(rank, world.clone());
        Ok(Box::new(LocalComm::new(rank, world, Some(seat))))
    }

    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>> {
        let words = self.meet(0, Self::WHOLE, || {
            (0..count).map(|_| AtomicU64::new(0)).collect::<Vec<_>>()
        });
        Ok(Box::new(Common(words)))
    }

    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>> {
        let node = self.world.nodes.of(self.rank);
        let members = self.world.nodes.members(node);
        let memory = self.meet(members.len(), node, || Memory::new(bytes));
        let mine = memory.copy();
        (self as &dyn Comm).agree(mine.as_ref().map(|_| ()).ok_or_else(|| {
            Error::Backend(format!("there is no memory for {bytes} bytes").into())
        }))?;
        Ok(Box::new(Part {
            comm: self,
            memory,
            mine,
            round: 0,
        }))
    }
}

struct Common(Arc<Vec<AtomicU64>>);

impl SharedAtomics for Common {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        Ok(self.0[at].load(Ordering::SeqCst))
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        Ok(self.0[at].fetch_add(n, Ordering::SeqCst))
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        let done = self.0[at].compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst);
        Ok(done.unwrap_or_else(|before| before))
    }
}

/// One node's copy of a region. It lies here between updates; each rank that reads holds it too, so
/// that a writer, which must hold it alone, cannot meet a reader.
struct Memory {
    copy: Mutex<Option<Arc<Aligned>>>,
    words: Vec<AtomicU64>,
}

impl Memory {
    fn new(bytes: usize) -> Memory {
        Memory {
            copy: Mutex::new(Aligned::zeros(bytes).map(Arc::new)),
            words: (0..Turn::WORDS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn copy(&self) -> Option<Arc<Aligned>> {
        self.slot().clone()
    }

    /// It is taken out and put back whole, so it is whole also after a panic.
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Arc<Aligned>>> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A region from the side of one rank.
struct Part<'c> {
    comm: &'c LocalComm,
    memory: Arc<Memory>,
    mine: Option<Arc<Aligned>>,
    round: u64,
}

impl Region for Part<'_> {
    fn bytes(&self) -> &[u8] {
        self.mine.as_ref().map_or(&[], |mine| mine.bytes())
    }

    fn update(&mut self, write: Option<&mut Writer<'_>>) -> Result<()> {
        let world = &self.comm.world;
        let members = world.nodes.members(world.nodes.of(self.comm.rank));
        let member = members.partition_point(|&rank| rank < self.comm.rank);
        let alive = || {
            let lost = members.iter().find(|&&rank| world.has_left(rank));
            lost.map_or(Ok(()), |&rank| Err(Error::PeerLost { rank: Some(rank) }))
        };
        self.mine = None;
        let mut write = write.map(|write| {
            || {
                let mut slot = self.memory.slot();
                let copy = slot.as_mut().and_then(Arc::get_mut);
                let copy = copy.ok_or(Error::PeerLost { rank: None })?;
                write(copy.bytes_mut())
            }
        });
        let turn = Turn::new(&self.memory.words, member, members.len());
        let write = write
            .as_mut()
            .map(|write| write as &mut dyn FnMut() -> Result<()>);
        let outcome = turn.update(self.comm.rank, self.round, write, &alive);
        self.round += 1;
        self.mine = self.memory.copy();
        outcome
    }
}
