//! Backends with one fault each. A suite that does not notice them is worthless.

mod comm;
mod feed;
mod flaw;
mod merges_late;
mod scheduler;
mod sink;
mod table;

pub(super) use feed::FaultyFeed;
pub(super) use flaw::Flaw;
pub(super) use merges_late::MergesLate;
pub(super) use sink::FaultySink;
pub use table::Mutant;

use std::cell::Cell;

use super::{Subject, ToyDevice, judge};
use crate::{Backend, Cluster, Comm, Kernel, MAX_GRAIN, Read, Result, Scheduler};
use comm::FaultyComm;
use scheduler::FaultyScheduler;

impl Mutant {
    /// Whether the fault shows on `backend`, which some do on several ranks or lanes only.
    pub fn shows_on<B: Backend<Device: ToyDevice>>(self, backend: &B) -> bool {
        match self {
            // A device with less memory refuses.
            Mutant::TakesTooMuch => backend.grain() == MAX_GRAIN,
            Mutant::WaitsForEach => backend.lanes() > 1,
            Mutant::MissedInterrupt
            | Mutant::RepeatsInterrupt
            | Mutant::WidthByRanks
            | Mutant::LosesItems
            | Mutant::RepeatsItems
            | Mutant::RepeatsEnd
            | Mutant::IgnoresCredit
            | Mutant::EndsEarly
            | Mutant::OvertakenNotice
            | Mutant::NamesByRank
            | Mutant::IgnoresLimit => backend.comm().size() > 1,
            // With one rank that computes all go there.
            Mutant::DealsByLoad => backend.comm().size() > 2,
            _ => true,
        }
    }

    /// Whether only a device that wants many items at once can show it.
    pub fn needs_batches(self) -> bool {
        self == Mutant::NarrowHandOuts
    }

    /// Gives `backend` this fault and returns how its laws complain. Collective.
    ///
    /// # Errors
    /// When a law does not notice, or complains of something else.
    pub fn caught<B: Backend<Device: ToyDevice>>(self, backend: &B) -> Result<String, String> {
        let mut complaints = Vec::new();
        for &(law, says) in self.laws() {
            let faulty = Faulty {
                inner: backend,
                comm: FaultyComm::new(backend.comm(), self),
                mutant: self,
                was_stopped: Cell::new(false),
            };
            match judge(law, &Subject::flawed(&faulty, self.flaw())) {
                Err(complaint) if complaint.contains(says) => complaints.push(complaint),
                Err(complaint) => {
                    return Err(format!(
                        "law {law} does not say '{says}' of {self:?}: {complaint}"
                    ));
                }
                Ok(()) => return Err(format!("law {law} does not notice {self:?}")),
            }
        }
        Ok(complaints.join("; "))
    }
}

/// A backend with a fault.
#[derive(Debug)]
struct Faulty<'b, B> {
    inner: &'b B,
    comm: FaultyComm<'b>,
    mutant: Mutant,
    was_stopped: Cell<bool>,
}

impl<B: Backend<Device: ToyDevice>> Backend for Faulty<'_, B> {
    type Device = B::Device;

    fn cluster(&self) -> &dyn Cluster {
        self.inner.cluster()
    }

    fn comm(&self) -> &dyn Comm {
        &self.comm
    }

    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn grain(&self) -> usize {
        self.inner.grain()
    }

    fn drive<'k, K: Kernel<B::Device>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        let mut scheduler = FaultyScheduler::new(scheduler, self.mutant, &self.was_stopped);
        let driven = self.inner.drive(kernel, read, &mut scheduler);
        scheduler.flush();
        driven
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Mutant;
    use crate::conformance::emulated::EmulatedBackend;
    use crate::conformance::laws;

    #[test]
    fn every_law_has_a_mutant_and_every_mutant_a_law() {
        let laws = laws::<EmulatedBackend>().into_iter();
        let laws: BTreeSet<&str> = laws.map(|(law, _)| law).collect();
        let noticed = Mutant::ALL.iter().flat_map(|mutant| mutant.laws());
        let noticed: BTreeSet<&str> = noticed.map(|(law, _)| *law).collect();
        assert_eq!(laws, noticed);
    }
}
