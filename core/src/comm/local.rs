use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Backoff, Channel, Comm, Counter};
use crate::cluster::Nodes;
use crate::{Error, Result};

mod shared;

use shared::Shared;

/// Ranks that are threads of this process: a whole cluster for tests and small machines.
#[derive(Clone, Copy, Debug)]
pub struct LocalCluster;

/// A rank of a [`LocalCluster`] that panicked instead of returning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl LocalCluster {
    /// Runs `body` on `size` ranks at once and returns what each returned, by rank. When a rank
    /// ends, by returning or by a panic, whoever still waits for a message from it gets
    /// [`Error::PeerLost`]: nobody hangs.
    ///
    /// # Panics
    /// When the system gives no more threads.
    pub fn run<R: Send>(size: usize, body: impl Fn(LocalComm) -> R + Sync) -> Vec<Result<R, Lost>> {
        Self::run_on(Nodes::new(&vec![0; size]), body)
    }

    /// As [`run`](Self::run), on ranks that behave as if they were on these nodes.
    ///
    /// # Panics
    /// When the system gives no more threads.
    pub fn run_on<R: Send>(
        nodes: Nodes,
        body: impl Fn(LocalComm) -> R + Sync,
    ) -> Vec<Result<R, Lost>> {
        let size = nodes.ranks();
        let world = Arc::new(World::new(nodes));
        std::thread::scope(|scope| {
            let ranks: Vec<_> = (0..size)
                .map(|rank| {
                    let (body, world) = (&body, world.clone());
                    scope.spawn(move || {
                        let _seat = Seat(rank, world.clone());
                        body(LocalComm::new(rank, world, None))
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

/// What has arrived for a rank.
#[derive(Default)]
struct Mail {
    /// By channel: senders and bytes.
    letters: HashMap<Channel, VecDeque<Letter>>,
    /// How many there have been.
    arrived: u64,
}

/// Where letters for a rank are put.
#[derive(Default)]
struct Mailbox {
    mail: Mutex<Mail>,
    arrival: Condvar,
}

impl Mailbox {
    /// The mail is changed by single complete steps, so it is whole even when a rank panicked
    /// while holding the lock.
    fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct World {
    nodes: Nodes,
    mailboxes: Vec<Mailbox>,
    /// By rank, whether it has ended, and how many have.
    has_left: Vec<AtomicBool>,
    left: AtomicUsize,
    shared: Mutex<Shared>,
}

impl World {
    fn new(nodes: Nodes) -> World {
        let ranks = nodes.ranks();
        World {
            nodes,
            mailboxes: (0..ranks).map(|_| Mailbox::default()).collect(),
            has_left: (0..ranks).map(|_| AtomicBool::new(false)).collect(),
            left: AtomicUsize::new(0),
            shared: Mutex::default(),
        }
    }

    /// As [`Mailbox::mail`].
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_left(&self, rank: usize) -> bool {
        self.has_left[rank].load(Ordering::SeqCst)
    }
}

/// A rank's place among the living.
struct Seat(usize, Arc<World>);

impl Drop for Seat {
    fn drop(&mut self) {
        let Seat(rank, world) = self;
        world.has_left[*rank].store(true, Ordering::SeqCst);
        world.left.fetch_add(1, Ordering::SeqCst);
    }
}

/// One rank of a [`LocalCluster`].
pub struct LocalComm {
    rank: usize,
    world: Arc<World>,
    /// How many letters had arrived when this rank last looked.
    seen: Cell<u64>,
    /// Of a part of a cluster; the whole one's is kept until the rank returns.
    _seat: Option<Seat>,
}

impl LocalComm {
    fn new(rank: usize, world: Arc<World>, seat: Option<Seat>) -> LocalComm {
        LocalComm {
            rank,
            world,
            seen: Cell::new(0),
            _seat: seat,
        }
    }
}

impl std::fmt::Debug for LocalComm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalComm({}/{})", self.rank, self.world.nodes.ranks())
    }
}

impl Comm for LocalComm {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.world.nodes.ranks()
    }

    fn nodes(&self) -> &Nodes {
        &self.world.nodes
    }

    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        self.send_owned(to, channel, bytes.to_vec())
    }

    fn send_owned(&self, to: usize, channel: Channel, bytes: Vec<u8>) -> Result<()> {
        let mailbox = &self.world.mailboxes[to];
        let mut mail = mailbox.mail();
        let letters = mail.letters.entry(channel).or_default();
        letters.push_back((self.rank, bytes));
        mail.arrived += 1;
        mailbox.arrival.notify_one();
        Ok(())
    }

    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        // Before the mail: what a rank sent before it left is there.
        let gone = match from {
            Some(rank) => self.world.has_left(rank),
            None => self.world.left.load(Ordering::SeqCst) + 1 == self.size(),
        };
        let mut mail = self.world.mailboxes[self.rank].mail();
        self.seen.set(mail.arrived);
        if let Some(letters) = mail.letters.get_mut(&channel) {
            let is_wanted = |(sender, _): &Letter| from.is_none_or(|wanted| wanted == *sender);
            let at = letters.iter().position(is_wanted);
            if let Some(letter) = at.and_then(|at| letters.remove(at)) {
                return Ok(Some(letter));
            }
        }
        if gone {
            Err(Error::PeerLost { rank: from })
        } else {
            Ok(None)
        }
    }

    fn rest(&self, backoff: &mut Backoff) {
        /// A letter wakes the rank; that another one has left does not.
        const LONGEST: Duration = Duration::from_millis(50);
        // Thousands of ranks that look in vain would take the time of those that have letters.
        let ranks = self.size() as u32;
        let shortest = (ranks * Duration::from_micros(16)).max(Duration::from_millis(1));
        let mailbox = &self.world.mailboxes[self.rank];
        let mail = mailbox.mail();
        let is_asleep = |mail: &mut Mail| mail.arrived == self.seen.get();
        let longest = (backoff.so_far() / 8).clamp(shortest.min(LONGEST), LONGEST);
        drop(mailbox.arrival.wait_timeout_while(mail, longest, is_asleep));
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        Ok(Box::new(Count(
            self.meet(0, Self::WHOLE, || AtomicU64::new(0)),
        )))
    }
}

struct Count(Arc<AtomicU64>);

impl Counter for Count {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        Ok(self.0.fetch_add(n, Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;

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

    /// Two nodes of three ranks in turns: each writes in its turn, and everybody of the node reads
    /// it.
    #[test]
    fn regions_are_one_copy_per_node_and_changes_are_seen_by_all() {
        let outcomes = LocalCluster::run_on(Nodes::new(&[0, 1, 0, 1, 1, 0]), |comm| {
            let mut region = comm.region(1000).unwrap();
            assert_eq!(region.bytes().as_ptr().align_offset(64), 0);
            for round in 0..60u8 {
                let node = comm.nodes().of(comm.rank());
                let members = comm.nodes().members(node);
                let writes = members[usize::from(round) % 3] == comm.rank();
                let mut write = |bytes: &mut [u8]| {
                    bytes.fill(round + node as u8);
                    Ok(())
                };
                region.update(writes.then_some(&mut write)).unwrap();
                assert_eq!(region.bytes(), [round + node as u8; 1000]);
            }
        });
        assert!(outcomes.iter().all(Result::is_ok));
    }

    #[test]
    fn a_failed_update_fails_on_every_rank_of_the_node_and_the_next_is_fine() {
        let outcomes = LocalCluster::run(3, |comm| {
            let mut region = comm.region(8).unwrap();
            let mut failing = |_: &mut [u8]| Err(Error::Malformed("no".into()));
            let failed = region.update((comm.rank() == 1).then_some(&mut failing));
            let crowd = region.update((comm.rank() > 0).then_some(&mut |_: &mut [u8]| Ok(())));
            let nobody = region.update(None);
            let last = region.update((comm.rank() == 2).then_some(&mut |bytes: &mut [u8]| {
                bytes[0] = 7;
                Ok(())
            }));
            (
                failed,
                crowd,
                nobody.is_ok() && last.is_ok() && region.bytes()[0] == 7,
            )
        });
        for (rank, outcome) in outcomes.into_iter().enumerate() {
            let (failed, crowd, fine) = outcome.unwrap();
            match failed.unwrap_err() {
                Error::Malformed(_) => assert_eq!(rank, 1),
                Error::Peer { rank: 1, cause } => assert_eq!(cause, "malformed message: no"),
                other => panic!("{other}"),
            }
            assert!(crowd.unwrap_err().to_string().contains("2 ranks of a node"));
            assert!(fine);
        }
    }

    #[test]
    fn parts_of_a_cluster_have_words_and_messages_of_their_own() {
        let outcomes = LocalCluster::run_on(Nodes::new(&[0, 0, 1, 1, 1]), |comm| {
            let part = comm.split(comm.rank() % 2, 9 - comm.rank()).unwrap();
            let words = part.words(2).unwrap();
            words.add(1, comm.rank() as u64).unwrap();
            (&*part as &dyn Comm).barrier().unwrap();
            let all = words.load(1).unwrap();
            (&comm as &dyn Comm).barrier().unwrap();
            (part.rank(), part.size(), part.nodes().clone(), all)
        });
        let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        // Even ranks 4, 2, 0 and odd ranks 3, 1, in that order.
        let even = Nodes::new(&[1, 1, 0]);
        let odd = Nodes::new(&[1, 0]);
        assert_eq!(outcomes[0], (2, 3, even.clone(), 6));
        assert_eq!(outcomes[1], (1, 2, odd.clone(), 4));
        assert_eq!(outcomes[2], (1, 3, even.clone(), 6));
        assert_eq!(outcomes[3], (0, 2, odd, 4));
        assert_eq!(outcomes[4], (0, 3, even, 6));
    }

    #[test]
    fn a_rank_that_is_lost_in_an_update_is_noticed() {
        let outcomes = LocalCluster::run(3, |comm| {
            let mut region = comm.region(8).unwrap();
            assert!(comm.rank() != 1, "gone");
            region.update(None)
        });
        for rank in [0, 2] {
            let error = outcomes[rank].as_ref().unwrap().as_ref().unwrap_err();
            assert!(matches!(error, Error::PeerLost { .. }), "{error}");
        }
    }
}
