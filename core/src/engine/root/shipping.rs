use std::ops::Range;

use super::parcel::{Parcel, Permit};
use crate::comm::{Channel, Comm, Wire};
use crate::{Cause, IndexSet, Result, Sink};

/// A worker's sink: outputs go to root.
pub(super) struct Shipping<'c> {
    comm: &'c dyn Comm,
    done: IndexSet,
    limit: usize,
    untaken: usize,
    /// How many may be; one before root has seen how large they are.
    credit: usize,
}

impl<'c> Shipping<'c> {
    pub(super) fn new(comm: &'c dyn Comm, done: IndexSet, limit: usize) -> Self {
        Shipping {
            comm,
            done,
            limit,
            untaken: 0,
            credit: 1,
        }
    }

    fn send<O: Wire>(&mut self, parcel: &Parcel<O>) -> Result<(), Cause> {
        self.untaken += 1;
        Ok(self.comm.send(0, Channel::OUTPUT, &parcel.to_bytes())?)
    }

    /// Tells root that this worker has nothing more.
    pub(super) fn end<O: Wire>(&self) -> Result<()> {
        self.comm
            .send(0, Channel::OUTPUT, &Parcel::<O>::End.to_bytes())
    }

    /// Takes the permits that are still on their way, so that none is left for the next run.
    pub(super) fn close(self) -> Result<()> {
        loop {
            let (_, bytes) = self.comm.receive(Some(0), Channel::PERMIT)?;
            if Permit::from_bytes(&bytes)?.is_none() {
                return Ok(());
            }
        }
    }
}

impl<O: Wire> Sink<O> for Shipping<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.done.within(within))
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        while let Some((_, bytes)) = self.comm.poll(Some(0), Channel::PERMIT)? {
            if let Some((taken, limit, credit)) = Permit::from_bytes(&bytes)? {
                self.untaken = self.untaken.saturating_sub(taken);
                self.limit = limit;
                self.credit = credit;
            }
        }
        Ok(if self.untaken < self.credit {
            self.limit
        } else {
            0
        })
    }

    fn write(&mut self, index: usize, output: O) -> Result<(), Cause> {
        self.send(&Parcel::Output(index, output))
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.send(&Parcel::<O>::Failed(index))
    }
}
