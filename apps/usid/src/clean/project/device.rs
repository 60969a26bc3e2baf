//! Filters on CUDA devices: an item is a band, as on the host. What lies near edges is computed on the host.

use std::fmt;
use std::sync::Arc;

use jobwise_core::{Cause, CpuKernel};
use jobwise_cuda::driver::{CudaSlice, CudaStream, PinnedHostSlice};
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault, Function, Image, Source};

use super::{Projection, Scratch};

/// Threads of a block: columns.
const COLUMNS: usize = 128;
/// How many items at once fill a device.
const USEFUL: usize = 4;

/// What a lane has for a batch of bands.
pub struct Lane {
    stream: Arc<CudaStream>,
    filter: Function,
    image: CudaSlice<f64>,
    host_bands: PinnedHostSlice<i32>,
    bands: CudaSlice<i32>,
    /// By set of components; none where it is not kept by a filter.
    sets: Vec<Option<OfSet>>,
    /// For what is near edges.
    scratch: Scratch,
}

struct OfSet {
    taps: CudaSlice<f64>,
    filtered: CudaSlice<f64>,
    host: PinnedHostSlice<f64>,
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a lane for bands of {} sets", self.sets.len())
    }
}

impl Projection {
    /// Pixels of a band that are filtered, at most.
    fn item(&self) -> usize {
        self.height() * self.windows.y.interior().len()
    }

    /// The numbers of all filters.
    fn taps(&self) -> impl Iterator<Item = usize> {
        let taps = self.sets.iter().filter_map(|set| set.taps());
        taps.map(|taps| taps.values().len())
    }
}

impl CudaKernel for Projection {
    const NAME: &'static str = "the filter of kept components";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        let bytes = self.taps().count() * self.item() * size_of::<f64>() + 2 * size_of::<i32>();
        Ok(Demand {
            lane: (self.image.len() + self.taps().sum::<usize>()) * size_of::<f64>(),
            item: bytes,
            pinned: bytes,
            useful: USEFUL,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let source = Source {
            name: "filter.cu",
            text: include_str!("filter.cu"),
            options: Vec::new(),
        };
        let pixels: Vec<f64> = self.image.iter().map(|&pixel| f64::from(pixel)).collect();
        // A buffer has at least one number.
        let item = (room * self.item()).max(1);
        let of_set = |taps: &[f64]| -> Result<OfSet, Fault> {
            Ok(OfSet {
                taps: stream.clone_htod(taps)?,
                filtered: stream.alloc_zeros(item)?,
                host: device.pinned(item)?,
            })
        };
        let sets = self.sets.iter().map(|set| {
            let taps = set.taps();
            taps.map(|taps| of_set(taps.values())).transpose()
        });
        Ok(Lane {
            filter: Image::of(device, &source)?.function("filter")?,
            image: stream.clone_htod(&pixels)?,
            host_bands: device.pinned(2 * room)?,
            bands: stream.alloc_zeros(2 * room)?,
            sets: sets.collect::<Result<_, Fault>>()?,
            scratch: self.scratch()?,
            stream: stream.clone(),
        })
    }

    fn pack(&self, lane: &mut Lane, slot: usize, index: usize, (): &()) -> Result<(), Cause> {
        let rows = self.inside(&self.rows(index));
        let bands = lane.host_bands.as_mut_slice()?;
        (bands[2 * slot], bands[2 * slot + 1]) = (rows.start as i32, rows.end as i32);
        Ok(())
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let (x, y) = (&self.windows.x, &self.windows.y);
        let inside = y.interior();
        if inside.is_empty() {
            return Ok(());
        }
        let stream = &lane.stream;
        stream.memcpy_htod(&lane.host_bands.as_slice()?[..2 * used], &mut lane.bands)?;
        let grid = [inside.len().div_ceil(COLUMNS), self.height(), used];
        let number = |number: usize| number as i32;
        for (of, set) in lane.sets.iter_mut().zip(&self.sets) {
            let (Some(of), Some(taps)) = (of, set.taps()) else {
                continue;
            };
            let grid = grid.map(|blocks| blocks as u32);
            lane.filter
                .on(stream, grid, [COLUMNS as u32, 1, 1], 0)
                .arg(&lane.image)
                .arg(&of.taps)
                .arg(&lane.bands)
                .arg(&mut of.filtered)
                .arg(&(self.item() as i64))
                .arg(&number(taps.padding()))
                .arg(&number(x.image))
                .arg(&number(y.image))
                .arg(&number(inside.start))
                .arg(&number(inside.end))
                .arg(&number(x.window))
                .arg(&number(y.window))
                .arg(&number(x.step))
                .arg(&number(y.step))
                .enqueue()?;
            stream.memcpy_dtoh(&of.filtered, &mut of.host)?;
        }
        Ok(())
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        (): (),
    ) -> Result<Vec<Vec<f64>>, Cause> {
        let band = self.rows(index);
        let mut found = Vec::new();
        for (of, set) in lane.sets.iter().zip(&self.sets) {
            let filtered = match of {
                Some(of) => Some(&of.host.as_slice()?[slot * self.item()..][..self.item()]),
                None => None,
            };
            found.push(self.band(set, &band, &mut lane.scratch, filtered));
        }
        Ok(found)
    }
}
