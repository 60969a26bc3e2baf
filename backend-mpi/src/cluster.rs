//! What the ranks of a group share beyond messages.

use std::rc::Rc;

use jobwise_core::{Channel, Cluster, Comm, Error, Region, Result, SharedAtomics, Wire};

use crate::comm::{Group, MpiComm};
use crate::kept::in_all;
use crate::onesided::{Memory, NodeRegion, NodeWords, Offer, Shape};

impl Cluster for MpiComm {
    fn split(&self, colour: usize, key: usize) -> Result<Box<dyn Cluster + '_>> {
        let all = self.everyone((colour, key))?;
        let mut members: Vec<(usize, usize)> = all
            .iter()
            .enumerate()
            .filter(|(_, (its_colour, _))| *its_colour == colour)
            .map(|(rank, (_, its_key))| (*its_key, rank))
            .collect();
        members.sort_unstable();
        let ranks: Vec<usize> = members.into_iter().map(|(_, rank)| rank).collect();
        // Colours and keys that surely are numbers of MPI.
        let place = ranks.iter().position(|&rank| rank == self.rank());
        let place = place.ok_or_else(|| Error::Malformed("a colour without its rank".into()))?;
        let link = self.group.link.split(ranks[0], place);
        let link = self.agree_to(link)?;
        let part = Group::new(link, self.group.reach.clone());
        let part = self.group.kept.keep(part);
        Ok(Box::new(MpiComm::part(part, self.nodes.among(&ranks))))
    }

    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>> {
        self.shared_words(count)
    }

    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>> {
        let memory = self.memory(NodeRegion::shape(bytes))?;
        let members = self.neighbours();
        let member = members.partition_point(|&rank| rank < self.rank());
        let link = &self.group.link;
        Ok(Box::new(NodeRegion::new(
            memory,
            link,
            member,
            members.len(),
        )))
    }
}

impl MpiComm {
    /// As [`words`](Cluster::words); they may outlive this value, but not MPI.
    pub(crate) fn shared_words(&self, count: usize) -> Result<Box<dyn SharedAtomics>> {
        if self.nodes.count() == 1 {
            let memory = self.memory(NodeWords::shape(count))?;
            return Ok(Box::new(NodeWords::new(memory)));
        }
        Ok(Box::new(Far(self.far_words(count)?)))
    }

    /// Every rank's `mine`, by rank. Frees what no rank uses any more, too. Collective.
    pub(crate) fn everyone<T: Wire>(&self, mine: T) -> Result<Vec<T>> {
        let comm: &dyn Comm = self;
        let all = comm.all_gather(&(mine, self.group.kept.unused()))?;
        let (everyone, unused): (Vec<T>, Vec<Vec<u64>>) = all.into_iter().unzip();
        self.group.kept.free(&in_all(&unused));
        Ok(everyone)
    }

    /// Every rank learns whether all succeeded, however long one of them takes (reserving memory
    /// may take a minute): if not, the lowest that failed returns its own error and the others that
    /// one as their peer's. Collective.
    pub(crate) fn agree_to<T>(&self, mine: Result<T>) -> Result<T> {
        let outcomes = self.everyone(mine.as_ref().err().map(ToString::to_string))?;
        let failed = outcomes
            .into_iter()
            .enumerate()
            .find_map(|(rank, outcome)| Some((rank, outcome?)));
        match (failed, mine) {
            (Some((rank, _)), Err(error)) if rank == self.rank() => Err(error),
            (Some((rank, cause)), _) => Err(Error::Peer { rank, cause }),
            (None, mine) => mine,
        }
    }

    /// The ranks of this node.
    fn neighbours(&self) -> &[usize] {
        self.nodes.members(self.nodes.of(self.rank()))
    }

    /// Memory of this shape, once on every node; the shape may differ between nodes. Collective.
    pub(crate) fn memory(&self, shape: Shape) -> Result<Memory> {
        let comm: &dyn Comm = self;
        let (leader, others) = self.neighbours().split_at(1);
        if others.is_empty() {
            return self.agree_to(Memory::private(shape));
        }
        if leader[0] == self.rank() {
            let made = Memory::shared(shape);
            let offer = made.as_ref().ok().map(|(_, _, offer)| offer.to_bytes());
            for &rank in others {
                self.send(rank, Channel::COLLECTIVE, &offer.to_bytes())?;
            }
            // The file is open until all have taken it.
            let (memory, _file, _) = self.agree_to(made)?;
            return Ok(memory);
        }
        let (_, offer) = comm.receive(Some(leader[0]), Channel::COLLECTIVE)?;
        let offer = Option::<Vec<u8>>::from_bytes(&offer)?;
        let taken = match offer {
            Some(offer) => Offer::from_bytes(&offer)
                .and_then(|offer| Memory::offered(shape, &offer))
                .map(Some),
            None => Ok(None),
        };
        self.agree_to(taken)?
            .ok_or_else(|| Error::Malformed("no memory was offered, and no rank says why".into()))
    }
}

/// Words that the group keeps.
struct Far(Rc<dyn SharedAtomics>);

impl SharedAtomics for Far {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        self.0.load(at)
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        self.0.add(at, n)
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        self.0.replace(at, expected, new)
    }
}
