use std::cell::Cell;
use std::sync::LazyLock;

use super::{Channel, Comm, Counter};
use crate::cluster::{Aligned, Cluster, Nodes, Region, SharedAtomics, Writer};
use crate::{Error, Result};

/// The group of one rank.
#[derive(Clone, Copy, Debug, Default)]
pub struct Solo;

impl Comm for Solo {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn nodes(&self) -> &Nodes {
        static ONE: LazyLock<Nodes> = LazyLock::new(|| Nodes::new(&[0]));
        &ONE
    }

    fn send(&self, to: usize, _: Channel, _: &[u8]) -> Result<()> {
        Err(Error::PeerLost { rank: Some(to) })
    }

    fn poll(&self, from: Option<usize>, _: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        Err(Error::PeerLost { rank: from })
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        Ok(Box::new(Own(Cell::new(0))))
    }
}

struct Own(Cell<u64>);

impl Counter for Own {
    fn fetch_add(&self, n: u64) -> Result<u64> {
        Ok(self.0.replace(self.0.get() + n))
    }
}

impl Cluster for Solo {
    fn split(&self, _: usize, _: usize) -> Result<Box<dyn Cluster + '_>> {
        Ok(Box::new(Solo))
    }

    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>> {
        Ok(Box::new(OwnWords(vec![Cell::new(0); count])))
    }

    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>> {
        let memory = Aligned::zeros(bytes).ok_or_else(|| {
            Error::Backend(format!("there is no memory for {bytes} bytes").into())
        })?;
        Ok(Box::new(memory))
    }
}

struct OwnWords(Vec<Cell<u64>>);

impl SharedAtomics for OwnWords {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        Ok(self.0[at].get())
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        Ok(self.0[at].replace(self.0[at].get().wrapping_add(n)))
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        let before = self.0[at].get();
        if before == expected {
            self.0[at].set(new);
        }
        Ok(before)
    }
}

impl Region for Aligned {
    fn bytes(&self) -> &[u8] {
        self.bytes()
    }

    fn update(&mut self, write: Option<&mut Writer<'_>>) -> Result<()> {
        write.map_or(Ok(()), |write| write(self.bytes_mut()))
    }
}
