//! Backends with one fault each. A suite that does not notice them is worthless.

mod comm;
mod flaw;
mod work;

pub(super) use flaw::{Flaw, Through};

use super::{Subject, ToyDevice, judge};
use crate::{Backend, Cluster, Comm, Kernel, Read, Result, Work};
use comm::FaultyComm;
use work::FaultyWork;

/// A fault, and the law that must notice it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The backend loses an outcome.
    DropsItem,
    /// The backend runs the first hand-out twice.
    RepeatsItem,
    /// The backend reports two outcomes under each other's index.
    SwapsOutcomes,
    /// The backend loses outcomes that are errors.
    SwallowsErrors,
    /// The backend starts all there is at once.
    TakesTooMuch,
    /// The backend asks for all work first and does not stop when told.
    IgnoresStop,
    /// Claims of the shared counter overlap.
    OverlappingClaims,
    /// A message with items of a stream is lost.
    LosesItems,
    /// A message with items of a stream comes twice.
    RepeatsItems,
    /// A reader takes every rank for one that has room for everything.
    IgnoresCredit,
    /// The backend gets no more than three items at once.
    NarrowHandOuts,
    /// Interrupts are heard only when the run is over.
    MissedInterrupt,
    /// A panic's half-changed scratch is used for the next item.
    StaleScratch,
    /// Job `i` gets the items of job `i + 1`.
    WrongJob,
    /// The width of blocks depends on the number of ranks.
    WidthByRanks,
    /// The sink forgets what an earlier run had done.
    ForgetsDone,
    /// The sink marks items before their data is there.
    MarksBeforeData,
}

impl Mutant {
    /// Every mutant.
    pub const ALL: [Mutant; 17] = [
        Mutant::DropsItem,
        Mutant::RepeatsItem,
        Mutant::SwapsOutcomes,
        Mutant::SwallowsErrors,
        Mutant::TakesTooMuch,
        Mutant::IgnoresStop,
        Mutant::OverlappingClaims,
        Mutant::LosesItems,
        Mutant::RepeatsItems,
        Mutant::IgnoresCredit,
        Mutant::NarrowHandOuts,
        Mutant::MissedInterrupt,
        Mutant::StaleScratch,
        Mutant::WrongJob,
        Mutant::WidthByRanks,
        Mutant::ForgetsDone,
        Mutant::MarksBeforeData,
    ];

    /// The name of the law that must notice it.
    pub fn law(self) -> &'static str {
        match self {
            Mutant::DropsItem | Mutant::RepeatsItem | Mutant::OverlappingClaims => "once",
            Mutant::SwapsOutcomes | Mutant::WidthByRanks => "same_answer",
            Mutant::SwallowsErrors => "item_errors",
            Mutant::TakesTooMuch => "bounded",
            Mutant::IgnoresStop | Mutant::MissedInterrupt => "stop",
            Mutant::LosesItems | Mutant::RepeatsItems => "stream_once",
            Mutant::NarrowHandOuts => "batches",
            Mutant::IgnoresCredit => "stream_backpressure",
            Mutant::StaleScratch => "panics",
            Mutant::WrongJob => "cover",
            Mutant::ForgetsDone | Mutant::MarksBeforeData => "resume",
        }
    }

    /// Whether one rank alone can show it.
    pub fn shows_on_one_rank(self) -> bool {
        !matches!(
            self,
            Mutant::MissedInterrupt
                | Mutant::WidthByRanks
                | Mutant::LosesItems
                | Mutant::RepeatsItems
                | Mutant::IgnoresCredit
        )
    }

    /// Whether only a device that wants many items at once can show it.
    pub fn needs_batches(self) -> bool {
        self == Mutant::NarrowHandOuts
    }

    /// What is wrong in how the engine is used, rather than in the backend.
    fn flaw(self) -> Option<Flaw> {
        match self {
            Mutant::StaleScratch => Some(Flaw::StaleScratch),
            Mutant::WrongJob => Some(Flaw::WrongJob),
            Mutant::WidthByRanks => Some(Flaw::WidthByRanks),
            Mutant::ForgetsDone => Some(Flaw::ForgetsDone),
            Mutant::MarksBeforeData => Some(Flaw::MarksBeforeData),
            _ => None,
        }
    }

    /// Gives `backend` this fault and returns how its law complains. Collective.
    ///
    /// # Errors
    /// When the law does not notice.
    pub fn caught<B: Backend<Device: ToyDevice>>(self, backend: &B) -> Result<String, String> {
        let faulty = Faulty {
            inner: backend,
            comm: FaultyComm::new(backend.comm(), self),
            mutant: self,
        };
        match judge(self.law(), &Subject::flawed(&faulty, self.flaw())) {
            Err(complaint) => Ok(complaint),
            Ok(()) => Err(format!("law {} does not notice {self:?}", self.law())),
        }
    }
}

/// A backend with a fault.
#[derive(Debug)]
struct Faulty<'b, B> {
    inner: &'b B,
    comm: FaultyComm<'b>,
    mutant: Mutant,
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
        work: &mut dyn Work<K::Output>,
    ) -> Result<()> {
        let mut work = FaultyWork::new(work, self.mutant);
        let driven = self.inner.drive(kernel, read, &mut work);
        work.flush();
        driven
    }
}
