//! Shifts on CUDA devices: an item is all shifts of one distance along y, as on the host.

use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::{CudaSlice, CudaStream};
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault, Function, Image, Source};

use super::Shifts;
use crate::clean::slots::Slots;

/// Shifts along x that a thread sums at once.
const SHIFTS: usize = 8;
/// Threads of a block: columns of a strip.
const STRIP: usize = 128;
/// Threads of a block along a row of sums.
const ALONG: u32 = 64;
/// How many items at once fill a device.
const USEFUL: usize = 4;

/// What a lane has for a batch of shifts.
#[derive(Debug)]
pub struct Lane {
    stream: Arc<CudaStream>,
    sums_down: Function,
    sums_along: Function,
    image: CudaSlice<f32>,
    /// The shift along y of each item.
    dys: Slots<i32>,
    sums: CudaSlice<f64>,
    entries: Slots<f64>,
}

/// How large an item is at most.
#[derive(Clone, Copy, Debug)]
struct Size {
    rows: usize,
    sums: usize,
    entries: usize,
}

impl Shifts<'_> {
    fn size(&self) -> Size {
        let (x, y) = (&self.windows().x, &self.windows().y);
        let rows = x.window * (x.window + 1) / 2;
        Size {
            rows,
            sums: rows * y.image,
            entries: rows * y.window,
        }
    }
}

impl CudaKernel for Shifts<'_> {
    const NAME: &'static str = "the Gram matrix by shifts";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        let Size { sums, entries, .. } = self.size();
        let slots = Slots::<f64>::bytes(entries) + Slots::<i32>::bytes(1);
        Ok(Demand {
            lane: self.image().len() * size_of::<f32>(),
            item: sums * size_of::<f64>() + slots,
            pinned: slots,
            useful: USEFUL,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let source = Source {
            name: "shifts.cu",
            text: include_str!("shifts.cu"),
            options: vec![format!("-DSHIFTS={SHIFTS}")],
        };
        let module = Image::of(device, &source)?;
        let Size { sums, entries, .. } = self.size();
        let image = self.image();
        let pixels = image.as_standard_layout();
        let pixels = pixels.as_slice().ok_or("an image with gaps")?;
        Ok(Lane {
            sums_down: module.function("sums_down")?,
            sums_along: module.function("sums_along")?,
            image: stream.clone_htod(pixels)?,
            dys: Slots::new(device, stream, room, 1)?,
            sums: stream.alloc_zeros(room * sums)?,
            entries: Slots::new(device, stream, room, entries)?,
            stream: stream.clone(),
        })
    }

    fn pack(&self, lane: &mut Lane, slot: usize, index: usize, (): &()) -> Result<(), Cause> {
        lane.dys.put(slot, &[self.shift_along_y(index) as i32])
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let (x, y) = (&self.windows().x, &self.windows().y);
        let Size {
            rows,
            sums,
            entries,
        } = self.size();
        let stream = &lane.stream;
        lane.dys.send(stream, used)?;
        let number = |number: usize| number as i32;
        let last = |last: Option<usize>| last.map_or(-1, number);
        let (sums, entries) = (sums as i64, entries as i64);
        let groups = x.window.div_ceil(SHIFTS);
        let grid = [groups, y.image.div_ceil(STRIP), used].map(|blocks| blocks as u32);
        lane.sums_down
            .on(stream, grid, [STRIP as u32, 1, 1], 0)
            .arg(&lane.image)
            .arg(lane.dys.on_device())
            .arg(&mut lane.sums)
            .arg(&sums)
            .arg(&number(x.image))
            .arg(&number(y.image))
            .arg(&number(x.window))
            .arg(&number(x.step.min(x.image)))
            .arg(&number(x.regular))
            .arg(&last(x.last))
            .enqueue()?;
        let grid = [rows, 1, used].map(|blocks| blocks as u32);
        lane.sums_along
            .on(stream, grid, [ALONG, 1, 1], 0)
            .arg(lane.dys.on_device())
            .arg(&lane.sums)
            .arg(lane.entries.on_device_mut())
            .arg(&sums)
            .arg(&entries)
            .arg(&number(y.image))
            .arg(&number(x.window))
            .arg(&number(y.window))
            .arg(&number(y.step.min(y.image)))
            .arg(&number(y.regular))
            .arg(&last(y.last))
            .enqueue()?;
        Ok(lane.entries.fetch(stream, used)?)
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        (): (),
    ) -> Result<Vec<f64>, Cause> {
        Ok(lane.entries.get(slot)?[..self.entries(index)].to_vec())
    }
}
