use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Comm, Counter, Tag};
use crate::{Error, Result};

/// Ranks that are threads of this process: a whole cluster for tests and small machines.
#[derive(Clone, Copy, Debug)]
pub struct LocalCluster;

/// A rank of a [`LocalCluster`] that panicked instead of returning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl LocalCluster {
    /// Runs `body` on `size` ranks at once and returns what each returned, by rank. When a rank ends, by returning or by a
    /// panic, whoever still waits for a message from it gets [`Error::PeerLost`]: nobody hangs.
    ///
    /// # Panics
    /// When the system gives no more threads.
    pub fn run<R: Send>(size: usize, body: impl Fn(LocalComm) -> R + Sync) -> Vec<Result<R, Lost>> {
        let world = Arc::new(World {
            size,
            state: Mutex::default(),
        });
        std::thread::scope(|scope| {
            let ranks: Vec<_> = (0..size)
                .map(|rank| {
                    let (body, world) = (&body, world.clone());
                    scope.spawn(move || {
                        let _leave = Leave(rank, world.clone());
                        body(LocalComm { rank, world })
                    })
                })
                .collect();
            ranks
                .into_iter()
                .map(|rank| rank.join().map_err(|_| Lost))
                .collect()
        })
    }
}

type Letter = (usize, Vec<u8>);

#[derive(Default)]
struct State {
    /// By receiver and tag: senders and bytes.
    mail: HashMap<(usize, Tag), VecDeque<Letter>>,
    counters: HashMap<u64, Arc<AtomicU64>>,
    made: HashMap<usize, u64>,
    left: Vec<usize>,
}

struct World {
    size: usize,
    state: Mutex<State>,
}

impl World {
    /// The state is changed by single complete steps, so it is whole even when a rank panicked while holding the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Leave(usize, Arc<World>);

impl Drop for Leave {
    fn drop(&mut self) {
        self.1.state().left.push(self.0);
    }
}

/// One rank of a [`LocalCluster`].
pub struct LocalComm {
    rank: usize,
    world: Arc<World>,
}

impl std::fmt::Debug for LocalComm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalComm({}/{})", self.rank, self.world.size)
    }
}

impl Comm for LocalComm {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.world.size
    }

    fn send(&self, to: usize, tag: Tag, bytes: &[u8]) -> Result<()> {
        let mut state = self.world.state();
        let mail = state.mail.entry((to, tag)).or_default();
        mail.push_back((self.rank, bytes.to_vec()));
        Ok(())
    }

    fn poll(&self, from: Option<usize>, tag: Tag) -> Result<Option<(usize, Vec<u8>)>> {
        let mut state = self.world.state();
        let State { mail, left, .. } = &mut *state;
        let mail = mail.entry((self.rank, tag)).or_default();
        let at = mail
            .iter()
            .position(|(sender, _)| from.is_none_or(|wanted| wanted == *sender));
        if let Some(message) = at.and_then(|at| mail.remove(at)) {
            return Ok(Some(message));
        }
        let gone = match from {
            Some(rank) => left.contains(&rank),
            None => left.len() + 1 == self.world.size,
        };
        if gone {
            Err(Error::PeerLost { rank: from })
        } else {
            Ok(None)
        }
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        let mut state = self.world.state();
        let made = state.made.entry(self.rank).or_default();
        *made += 1;
        // Every rank's n-th counter is the same one.
        let number = *made;
        Ok(Box::new(Shared(
            state.counters.entry(number).or_default().clone(),
        )))
    }
}

struct Shared(Arc<AtomicU64>);

impl Counter for Shared {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        Ok(self.0.fetch_add(n, Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_rank_is_noticed_by_those_who_wait() {
        let outcomes = LocalCluster::run(3, |comm| {
            assert!(comm.rank() != 1, "gone");
            let comm: &dyn Comm = &comm;
            comm.barrier()
        });
        assert_eq!(outcomes[1].as_ref().unwrap_err(), &Lost);
        for rank in [0, 2] {
            let error = outcomes[rank].as_ref().unwrap().as_ref().unwrap_err();
            assert!(matches!(error, Error::PeerLost { .. }), "{error}");
        }
    }

    #[test]
    fn collectives_reach_everyone_from_any_root() {
        for size in [1, 2, 3, 5, 8] {
            for root in 0..size {
                let got = LocalCluster::run(size, |comm| {
                    let (rank, comm): (_, &dyn Comm) = (comm.rank(), &comm);
                    let mut bytes = if rank == root { vec![7, 8] } else { vec![] };
                    comm.broadcast(root, &mut bytes).unwrap();
                    comm.barrier().unwrap();
                    (bytes, comm.gather(root, &[rank as u8]).unwrap())
                });
                for (rank, outcome) in got.into_iter().enumerate() {
                    let (bytes, all) = outcome.unwrap();
                    assert_eq!(bytes, [7, 8]);
                    let expected: Vec<_> = (0..size).map(|r| vec![r as u8]).collect();
                    assert_eq!(all, (rank == root).then_some(expected));
                }
            }
        }
    }
}
