use super::toy::{Buffer, OnHost, Read, Row, Toy};
use crate::{Cause, Cpu, Device, Kernel};

/// A device that has a kernel for the toy of the laws: what it takes for all laws to hold it to
/// their promises.
///
/// The number of item `index` is [`toy_value`](super::toy_value)`(toy.seed(), index)`, bit by bit.
pub trait ToyDevice: Device + Sized {
    /// What a lane keeps on the device.
    type Scratch;

    /// How many toys it wants at once.
    fn batch(&self) -> usize {
        1
    }

    /// Makes a lane's scratch, after [`Toy::set_up`].
    ///
    /// # Errors
    /// Those of `set_up` and of the device.
    fn stage(&self, toy: &Toy) -> Result<Self::Scratch, Cause>;

    /// Computes a batch and calls `out` once for each item: [`Toy::begin`] on the host, whose
    /// errors and panics are those of the item alone, the number on the device, then [`Toy::row`].
    fn compute(
        &self,
        toy: &Toy,
        scratch: &mut Self::Scratch,
        batch: Vec<(usize, Read)>,
        out: &mut dyn FnMut(usize, Result<Row, Cause>),
    );
}

impl ToyDevice for Cpu {
    type Scratch = Option<Buffer>;

    fn stage(&self, toy: &Toy) -> Result<Self::Scratch, Cause> {
        Kernel::stage(&OnHost(toy), self)
    }

    fn compute(
        &self,
        toy: &Toy,
        scratch: &mut Self::Scratch,
        batch: Vec<(usize, Read)>,
        out: &mut dyn FnMut(usize, Result<Row, Cause>),
    ) {
        OnHost(toy).compute_batch(self, scratch, batch, out);
    }
}
