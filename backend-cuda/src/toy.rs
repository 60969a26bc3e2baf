//! The kernel of the laws on CUDA devices.

use std::sync::Arc;

use cudarc::driver::{CudaSlice, CudaStream, PinnedHostSlice};
use jobwise_core::conformance::{Toy, ToyDevice, ToyItem, ToyRow};
use jobwise_core::{Cause, Kernel, Signature};

use crate::on_cuda::Staged;
use crate::{Cuda, CudaKernel, Demand, Fault, Function, Image, OnCuda, Source};

/// The toy of the laws.
pub(crate) struct ToyKernel<'t>(&'t Toy);

impl ToyKernel<'_> {
    /// Threads of a block.
    const BLOCK: u32 = 64;
}

/// What a lane has for it.
#[derive(Debug)]
pub struct Lane {
    stream: Arc<CudaStream>,
    values: Function,
    host_indices: PinnedHostSlice<u64>,
    host_values: PinnedHostSlice<f64>,
    indices: CudaSlice<u64>,
    numbers: CudaSlice<f64>,
}

impl Signature for ToyKernel<'_> {
    type Item<'i>
        = ToyItem
    where
        Self: 'i;
    type Output = ToyRow;
}

impl CudaKernel for ToyKernel<'_> {
    const NAME: &'static str = "the toy of the laws";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        Ok(Demand {
            lane: 0,
            item: 16,
            pinned: 16,
            useful: usize::MAX,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        self.0.set_up()?;
        let source = Source {
            name: "toy.cu",
            text: include_str!("toy.cu"),
            options: Vec::new(),
        };
        Ok(Lane {
            stream: stream.clone(),
            values: Image::of(device, &source)?.function("toy_values")?,
            host_indices: device.pinned(room)?,
            host_values: device.pinned(room)?,
            indices: stream.alloc_zeros(room)?,
            numbers: stream.alloc_zeros(room)?,
        })
    }

    fn pack(
        &self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        item: &ToyItem,
    ) -> Result<(), Cause> {
        if self.0.is_stale() {
            return Err("the scratch is half changed".into());
        }
        self.0.begin(index, item)?;
        lane.host_indices.as_mut_slice()?[slot] = index as u64;
        Ok(())
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let (stream, count) = (&lane.stream, used as u32);
        stream.memcpy_htod(&lane.host_indices, &mut lane.indices)?;
        let grid = [count.div_ceil(Self::BLOCK), 1, 1];
        lane.values
            .on(stream, grid, [Self::BLOCK, 1, 1], 0)
            .arg(&self.0.seed())
            .arg(&lane.indices)
            .arg(&mut lane.numbers)
            .arg(&(used as i32))
            .enqueue()?;
        stream.memcpy_dtoh(&lane.numbers, &mut lane.host_values)?;
        Ok(())
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        _: usize,
        item: ToyItem,
    ) -> Result<ToyRow, Cause> {
        Ok(self.0.row(item, lane.host_values.as_slice()?[slot]))
    }
}

impl ToyDevice for Cuda {
    type Scratch = Staged<Lane>;

    fn batch(&self) -> usize {
        self.share().grain
    }

    fn stage(&self, toy: &Toy) -> Result<Self::Scratch, Cause> {
        OnCuda(ToyKernel(toy)).stage(self)
    }

    fn compute(
        &self,
        toy: &Toy,
        staged: &mut Self::Scratch,
        batch: Vec<(usize, ToyItem)>,
        out: &mut dyn FnMut(usize, Result<ToyRow, Cause>),
    ) {
        OnCuda(ToyKernel(toy)).compute_batch(self, staged, batch, out);
    }
}
