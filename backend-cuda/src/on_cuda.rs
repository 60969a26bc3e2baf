use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use cudarc::driver::CudaStream;
use jobwise_core::{Batch, Cause, Kernel, Signature, Workload, panics};

use crate::fault::{Broken, said};
use crate::room::bytes;
use crate::{Cuda, CudaKernel, Demand, Fault};

/// A [`CudaKernel`] as a kernel that backends run: it fits batches into memory, keeps errors and
/// panics to their items, and says when the device is broken.
#[derive(Clone, Copy, Debug)]
pub struct OnCuda<K>(pub K);

impl<K: CudaKernel> Signature for OnCuda<K> {
    type Item<'t>
        = K::Item<'t>
    where
        Self: 't;
    type Output = K::Output;
}

impl<K: CudaKernel + Workload> Workload for OnCuda<K> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn read(&self, index: usize) -> Result<K::Item<'_>, Cause> {
        self.0.read(index)
    }
}

impl<K: CudaKernel> Kernel<Cuda> for OnCuda<K> {
    type Scratch = Staged<K::Lane>;

    fn stage(&self, device: &Cuda) -> Result<Staged<K::Lane>, Cause> {
        let demand = self.0.demand(device)?;
        let refused = |error| Cause::from(format!("{device}: {}", said(error)));
        let stream = device.context().new_stream().map_err(refused)?;
        let mut staged = Staged {
            device: device.clone(),
            demand,
            room: demand.room(device),
            stream: ManuallyDrop::new(stream),
            lane: ManuallyDrop::new(None),
        };
        staged.make_lane(&self.0)?;
        Ok(staged)
    }

    fn batch(&self, device: &Cuda) -> usize {
        // What prevents the run is said when the lane is made.
        self.0
            .demand(device)
            .map_or(1, |demand| demand.room(device))
    }

    fn compute_batch<'t>(
        &'t self,
        _: &Cuda,
        staged: &mut Staged<K::Lane>,
        batch: Batch<'t, Self>,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) {
        let mut waiting = VecDeque::from(batch);
        let mut most = staged.room;
        while !waiting.is_empty() {
            most = match staged.compute(&self.0, &mut waiting, most, out) {
                Ok(most) => most,
                Err(Broken(text)) => {
                    for (index, _) in waiting.drain(..) {
                        out(index, Err(Broken(text.clone()).into()));
                    }
                    return;
                }
            };
        }
    }
}

/// What a lane of [`OnCuda`] keeps.
pub struct Staged<L> {
    device: Cuda,
    demand: Demand,
    /// The most items at once.
    room: usize,
    stream: ManuallyDrop<Arc<CudaStream>>,
    /// None after a panic, which may leave it half changed.
    lane: ManuallyDrop<Option<L>>,
}

impl<L> std::fmt::Debug for Staged<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Staged { device, room, .. } = self;
        write!(f, "a lane for {room} items on {device}")
    }
}

impl<L> Drop for Staged<L> {
    fn drop(&mut self) {
        // Buffers of a device that hangs cannot be freed: the call would not return.
        if !self.device.is_hung() {
            // SAFETY: each is dropped once, here.
            unsafe {
                ManuallyDrop::drop(&mut self.lane);
                ManuallyDrop::drop(&mut self.stream);
            }
        }
    }
}

/// Items that are packed, by slot.
type Packed<'t, K> = Vec<(usize, <K as Signature>::Item<'t>)>;

impl<L> Staged<L> {
    /// Makes the lane, smaller until it fits.
    fn make_lane<K: CudaKernel<Lane = L>>(&mut self, kernel: &K) -> Result<(), Cause> {
        loop {
            match kernel.lane(&self.device, &self.stream, self.room) {
                Ok(lane) => {
                    *self.lane = Some(lane);
                    return Ok(());
                }
                Err(fault) if fault.is_memory() && self.room > 1 => self.room /= 2,
                Err(fault) if fault.is_memory() => return Err(self.too_large(K::NAME).into()),
                Err(Fault::Cause(cause)) => return Err(cause),
                Err(fault) => return Err(format!("{}: {fault}", self.device).into()),
            }
        }
    }

    fn too_large(&self, kernel: &str) -> String {
        let Demand {
            lane, item, pinned, ..
        } = self.demand;
        let free = match self.device.memory() {
            Ok((free, total)) => format!("{} of {} are free there", bytes(free), bytes(total)),
            Err(error) => said(error),
        };
        format!(
            "{} has no memory for {}: with one item at once it needs {} on the device and {} of \
             pinned memory on the host, and {free}",
            self.device,
            kernel,
            bytes(lane.saturating_add(item)),
            bytes(pinned),
        )
    }

    /// Takes items from the front of `waiting`, at most `most`, and computes them; what is to be
    /// done again goes back to the front. Returns how many to take next.
    fn compute<'t, K: CudaKernel<Lane = L>>(
        &mut self,
        kernel: &'t K,
        waiting: &mut VecDeque<(usize, K::Item<'t>)>,
        most: usize,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) -> Result<usize, Broken> {
        if self.lane.is_none() {
            match panics::caught(|| self.make_lane(kernel)) {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => return Err(self.cannot_go_on(&cause.to_string())),
                Err(panic) => return Err(self.cannot_go_on(&panic.to_string())),
            }
        }
        let most = most.clamp(1, self.room);
        let (packed, is_half_changed) = self.pack(kernel, waiting, most, out);
        if packed.is_empty() {
            if is_half_changed {
                *self.lane = None;
            }
            return Ok(self.room);
        }
        let Some(lane) = self.lane.as_mut() else {
            return Ok(self.room);
        };
        let device = self.device.clone();
        let under_way = device.begin(packed.iter().map(|(index, _)| *index).collect());
        let launched = panics::caught(|| {
            kernel.launch(lane, packed.len())?;
            Ok(device.wait(&self.stream)?)
        });
        let next = match launched {
            Ok(Ok(())) => {
                drop(under_way);
                self.unpack(kernel, packed, out);
                self.room
            }
            failed => {
                let fault = failed.unwrap_or_else(|panic| {
                    *self.lane = None;
                    Err(Fault::Cause(panic.into()))
                });
                let fault = fault.err().unwrap_or_else(|| "".into());
                self.again::<K>(packed, fault, waiting, out)?
            }
        };
        if is_half_changed {
            *self.lane = None;
        }
        Ok(next)
    }

    /// Why a lane cannot be made anew; where the device failed meanwhile, that.
    fn cannot_go_on(&self, why: &str) -> Broken {
        self.device.failure().unwrap_or_else(|| Broken(why.into()))
    }

    /// Packs up to `most` items, and says whether one of them panicked, which ends the batch.
    fn pack<'t, K: CudaKernel<Lane = L>>(
        &mut self,
        kernel: &'t K,
        waiting: &mut VecDeque<(usize, K::Item<'t>)>,
        most: usize,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) -> (Packed<'t, K>, bool) {
        let mut packed = Vec::with_capacity(most.min(waiting.len()));
        let Some(lane) = self.lane.as_mut() else {
            return (packed, false);
        };
        while packed.len() < most
            && let Some((index, item)) = waiting.pop_front()
        {
            match panics::caught(|| kernel.pack(lane, packed.len(), index, &item)) {
                Ok(Ok(())) => packed.push((index, item)),
                Ok(Err(cause)) => out(index, Err(cause)),
                Err(panic) => {
                    out(index, Err(panic.into()));
                    return (packed, true);
                }
            }
        }
        (packed, false)
    }

    /// Hands on the outputs.
    fn unpack<'t, K: CudaKernel<Lane = L>>(
        &mut self,
        kernel: &'t K,
        packed: Packed<'t, K>,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) {
        let mut is_half_changed = false;
        for (slot, (index, item)) in packed.into_iter().enumerate() {
            // What others left in their slots is whole whatever one of them did to the rest.
            let Some(lane) = self.lane.as_mut() else {
                return;
            };
            let outcome = panics::caught(|| kernel.unpack(lane, slot, index, item));
            out(
                index,
                outcome.unwrap_or_else(|panic| {
                    is_half_changed = true;
                    Err(panic.into())
                }),
            );
        }
        if is_half_changed {
            *self.lane = None;
        }
    }

    /// What becomes of a batch that failed: the run ends where the device is broken; else the items
    /// are done again, fewer at once, and an item that fails alone has the error.
    fn again<'t, K: CudaKernel<Lane = L>>(
        &mut self,
        packed: Packed<'t, K>,
        fault: Fault,
        waiting: &mut VecDeque<(usize, K::Item<'t>)>,
        out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
    ) -> Result<usize, Broken> {
        // What was enqueued must be over before the lane is used again.
        let _ = self.device.wait(&self.stream);
        let ailment = self.device.ailment(&self.stream);
        if ailment.is_none() && packed.len() == 1 {
            let index = packed[0].0;
            let told = fault.is_memory().then(|| self.too_large(K::NAME).into());
            out(index, Err(told.unwrap_or_else(|| fault.into())));
            return Ok(self.room);
        }
        let (count, is_memory) = (packed.len(), fault.is_memory());
        let broken = ailment.map(|error| self.device.fail(K::NAME, error));
        for item in packed.into_iter().rev() {
            waiting.push_front(item);
        }
        match broken {
            Some(broken) => Err(broken),
            None if is_memory => {
                // A smaller lane, so that its buffers leave room for what the launch wants.
                self.room = (count / 2).max(1);
                *self.lane = None;
                Ok(self.room)
            }
            None => Ok(1),
        }
    }
}
