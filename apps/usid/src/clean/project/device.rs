//! Filters on CUDA devices: what lies away from the edges, an item for each band. The rest of a
//! band is the host's.

use std::sync::Arc;

use jobwise_core::{Cause, Signature, Workload};
use jobwise_cuda::driver::{CudaSlice, CudaStream};
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault, Function, Image, Source};

use super::Projection;
use crate::clean::slots::Slots;

/// Threads of a block: columns.
const COLUMNS: usize = 128;
/// How many items at once fill a device.
const USEFUL: usize = 4;

/// The pixels of a band away from the edges, by set of components; none of a set that is not kept
/// by a filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Insides<'p, 'i>(pub(super) &'p Projection<'i>);

/// What a lane has for a batch of bands.
#[derive(Debug)]
pub(super) struct Lane {
    stream: Arc<CudaStream>,
    filter: Function,
    image: CudaSlice<f64>,
    /// The first row of each item, and the one after its last.
    bands: Slots<i32>,
    /// By set of components; none where it is not kept by a filter.
    sets: Vec<Option<OfSet>>,
}

/// What it has for one set of components.
#[derive(Debug)]
struct OfSet {
    taps: CudaSlice<f64>,
    filtered: Slots<f64>,
}

impl Insides<'_, '_> {
    /// Pixels of a band that are filtered, at most.
    fn item(self) -> usize {
        self.0.height() * self.0.windows.y.interior().len()
    }

    /// The numbers of all filters.
    fn taps(self) -> impl Iterator<Item = usize> {
        let taps = self.0.sets.iter().filter_map(|set| set.taps());
        taps.map(|taps| taps.values().len())
    }
}

impl Signature for Insides<'_, '_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<Vec<f64>>;
}

impl Workload for Insides<'_, '_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CudaKernel for Insides<'_, '_> {
    const NAME: &'static str = "the filter of kept components";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        let filtered = self.taps().count() * Slots::<f64>::bytes(self.item());
        let slots = filtered + Slots::<i32>::bytes(2);
        Ok(Demand {
            lane: (self.0.image.len() + self.taps().sum::<usize>()) * size_of::<f64>(),
            item: slots,
            pinned: slots,
            useful: USEFUL,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let source = Source {
            name: "filter.cu",
            text: include_str!("filter.cu"),
            options: Vec::new(),
        };
        let pixels: Vec<f64> = self.0.image.iter().map(|&pixel| f64::from(pixel)).collect();
        let of_set = |taps: &[f64]| -> Result<OfSet, Fault> {
            Ok(OfSet {
                taps: stream.clone_htod(taps)?,
                filtered: Slots::new(device, stream, room, self.item())?,
            })
        };
        let sets = self.0.sets.iter().map(|set| {
            let taps = set.taps();
            taps.map(|taps| of_set(taps.values())).transpose()
        });
        Ok(Lane {
            filter: Image::of(device, &source)?.function("filter")?,
            image: stream.clone_htod(&pixels)?,
            bands: Slots::new(device, stream, room, 2)?,
            sets: sets.collect::<Result<_, Fault>>()?,
            stream: stream.clone(),
        })
    }

    fn pack(&self, lane: &mut Lane, slot: usize, index: usize, (): &()) -> Result<(), Cause> {
        let rows = self.0.inside(&self.0.rows(index));
        let rows = [rows.start, rows.end].map(|row| row as i32);
        lane.bands.put(slot, &rows)
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let (x, y) = (&self.0.windows.x, &self.0.windows.y);
        let inside = y.interior();
        let stream = &lane.stream;
        lane.bands.send(stream, used)?;
        let grid = [inside.len().div_ceil(COLUMNS), self.0.height(), used];
        let grid = grid.map(|blocks| blocks as u32);
        let number = |number: usize| number as i32;
        for (of, set) in lane.sets.iter_mut().zip(&self.0.sets) {
            let (Some(of), Some(taps)) = (of, set.taps()) else {
                continue;
            };
            lane.filter
                .on(stream, grid, [COLUMNS as u32, 1, 1], 0)
                .arg(&lane.image)
                .arg(&of.taps)
                .arg(lane.bands.on_device())
                .arg(of.filtered.on_device_mut())
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
            of.filtered.fetch(stream, used)?;
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
        let rows = self.0.inside(&self.0.rows(index));
        let pixels = rows.len() * self.0.windows.y.interior().len();
        let of_set = |of: &Option<OfSet>| match of {
            Some(of) => Ok(of.filtered.get(slot)?[..pixels].to_vec()),
            None => Ok(Vec::new()),
        };
        lane.sets.iter().map(of_set).collect()
    }
}
