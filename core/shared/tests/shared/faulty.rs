use jobwise_core::{
    Channel, Cluster, Comm, Counter, LocalComm, Nodes, Region, Result, SharedAtomics,
};

/// What is wrong with the words of a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Replaces whatever is there.
    Swaps,
    /// Others may come between its reading and its adding.
    AddsInTwoSteps,
    /// Never replaces anything.
    NeverReplaces,
}

impl Fault {
    pub(crate) const ALL: [Fault; 3] = [Fault::Swaps, Fault::AddsInTwoSteps, Fault::NeverReplaces];
}

/// A cluster whose words have a fault.
pub(crate) struct Faulty(pub(crate) LocalComm, pub(crate) Fault);

struct FaultyWords<'c>(Box<dyn SharedAtomics + 'c>, Fault);

impl SharedAtomics for FaultyWords<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        self.0.load(at)
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        let Fault::AddsInTwoSteps = self.1 else {
            return self.0.add(at, n);
        };
        let before = self.0.load(at)?;
        std::thread::yield_now();
        self.put(at, before.wrapping_add(n))?;
        Ok(before)
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        match self.1 {
            Fault::Swaps => self.put(at, new),
            Fault::NeverReplaces => self.0.load(at),
            Fault::AddsInTwoSteps => self.0.replace(at, expected, new),
        }
    }
}

impl FaultyWords<'_> {
    fn put(&self, at: usize, new: u64) -> Result<u64> {
        loop {
            let before = self.0.load(at)?;
            if self.0.replace(at, before, new)? == before {
                return Ok(before);
            }
        }
    }
}

impl Comm for Faulty {
    fn rank(&self) -> usize {
        self.0.rank()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn nodes(&self) -> &Nodes {
        self.0.nodes()
    }

    fn send(&self, to: usize, channel: Channel, bytes: &[u8]) -> Result<()> {
        self.0.send(to, channel, bytes)
    }

    fn poll(&self, from: Option<usize>, channel: Channel) -> Result<Option<(usize, Vec<u8>)>> {
        self.0.poll(from, channel)
    }

    fn counter(&self) -> Result<Box<dyn Counter + '_>> {
        self.0.counter()
    }
}

impl Cluster for Faulty {
    fn split(&self, colour: usize, key: usize) -> Result<Box<dyn Cluster + '_>> {
        self.0.split(colour, key)
    }

    fn words(&self, count: usize) -> Result<Box<dyn SharedAtomics + '_>> {
        Ok(Box::new(FaultyWords(self.0.words(count)?, self.1)))
    }

    fn region(&self, bytes: usize) -> Result<Box<dyn Region + '_>> {
        self.0.region(bytes)
    }
}
