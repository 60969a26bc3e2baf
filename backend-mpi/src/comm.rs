use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use jobwise_core::{Backoff, Channel, Comm, Counter, Nodes, Result};

use crate::counter::Counters;
use crate::kept::Kept;
use crate::launch::Session;
use crate::layout;
use crate::link::Link;
use crate::onesided::{Asking, Reach};
use crate::watchdog::Watchdog;

/// The ranks that `mpirun` started, as a group, or a part of them. There is one of all ranks in a
/// process.
///
/// When that one is dropped on every rank, it waits until all have come to that point, and ends
/// MPI.
pub struct MpiComm {
    pub(crate) nodes: Nodes,
    pub(crate) group: Rc<Group>,
    /// Of the group of all ranks. Last: MPI ends after everything that uses it.
    session: Option<Session>,
}

/// What outlives the group's last use on this rank, until all ranks have left it.
pub(crate) struct Group {
    counters: OnceCell<Counters>,
    pub(crate) kept: Kept,
    /// How ranks of several nodes reach words of rank 0, once it is known.
    pub(crate) reach: OnceCell<Reach>,
    /// For words that are asked for.
    pub(crate) asking: OnceCell<Asking>,
    /// Last: what is kept was made with it.
    pub(crate) link: Link,
}

impl Group {
    pub(crate) fn new(link: Link, reach: OnceCell<Reach>) -> Group {
        Group {
            counters: OnceCell::new(),
            kept: Kept::default(),
            reach,
            asking: OnceCell::new(),
            link,
        }
    }
}

impl std::fmt::Debug for MpiComm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MpiComm({}/{})", self.rank(), self.size())
    }
}

impl MpiComm {
    /// Initialises MPI and makes all ranks a group. Collective. Started without `mpirun`, it is a
    /// group of one.
    ///
    /// # Errors
    /// When MPI was initialised before in this process, does not allow calls from two threads, or
    /// fails; when the environment variable `JOBWISE_PSEUDO_NODES` does not say where each rank is.
    pub fn world(watchdog: Watchdog) -> Result<MpiComm> {
        let mut session = Session::begin()?;
        let link = Link::new()?;
        if link.size() > 1 {
            session.watch(watchdog.start(Link::new()?)?);
        }
        let mut comm = MpiComm {
            // Until it is known: only messages are exchanged before.
            nodes: Nodes::new(&vec![(); link.size()]),
            group: Rc::new(Group::new(link, OnceCell::new())),
            session: Some(session),
        };
        comm.nodes = layout::nodes(&comm.group.link, &comm)?;
        Ok(comm)
    }

    /// A part of the ranks, for which MPI ends later.
    pub(crate) fn part(group: Rc<Group>, nodes: Nodes) -> MpiComm {
        MpiComm {
            nodes,
            group,
            session: None,
        }
    }
}

impl Drop for MpiComm {
    fn drop(&mut self) {
        if self.session.is_none() || std::thread::panicking() {
            return;
        }
        // Nobody ends while a peer still works, or the peer would be taken for lost.
        let ended = (&*self as &dyn Comm).barrier();
        let mut patience = Backoff::new();
        while ended.is_ok() && self.group.link.unsent().is_ok_and(|unsent| unsent > 0) {
            patience.snooze();
            if patience.so_far() > Duration::from_secs(10) {
                break;
            }
        }
    }
}

impl Comm for MpiComm {
    fn rank(&self) -> usize {
        self.group.link.rank()
    }

    fn size(&self) -> usize {
        self.group.link.size()
    }

    fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        self.group.link.send_message(to, channel, bytes)
    }

    fn send_owned(&self, to: usize, channel: Channel, bytes: Vec<u8>) -> Result<()> {
        self.group.link.send_owned(to, channel, bytes)
    }

    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        self.group.link.poll_message(from, channel)
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        let counters = if let Some(counters) = self.group.counters.get() {
            counters
        } else {
            let counters = Counters::new(self.shared_words(Counters::WORDS)?);
            self.group.counters.get_or_init(|| counters)
        };
        Ok(Box::new(counters.next(self.rank() == 0)?))
    }
}
