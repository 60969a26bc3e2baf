//! A kernel with what a real one has: items that are read, a table of work in pinned memory, shared
//! memory and barriers on the device; and faults of its author, where a test wants them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jobwise_core::{Cause, Signature, Workload};
use jobwise_cuda::driver::{CudaSlice, CudaStream, PinnedHostSlice};
use jobwise_cuda::{Cuda, CudaBackend, CudaKernel, Demand, Fault, Function, Image, Source};

/// Numbers of an item.
pub(crate) const WIDTH: usize = 64;

/// Where an author's code fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    Pack,
    PanicInPack,
    /// Of every launch that has this item.
    Launch,
    PanicInLaunch,
    Unpack,
    PanicInUnpack,
}

impl Slip {
    pub(crate) const ALL: [Slip; 6] = [
        Slip::Pack,
        Slip::PanicInPack,
        Slip::Launch,
        Slip::PanicInLaunch,
        Slip::Unpack,
        Slip::PanicInUnpack,
    ];
}

/// The sums of squares of `len` items.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) len: usize,
    pub(crate) slips: BTreeMap<usize, Slip>,
    /// Bytes that a lane wants beside its buffers.
    pub(crate) ballast: usize,
    /// Bytes that an item wants beside its buffers.
    pub(crate) ballast_each: usize,
    /// The largest batch that was launched.
    pub(crate) largest: AtomicUsize,
    /// How many lanes were made.
    pub(crate) lanes: AtomicUsize,
}

impl Sums {
    pub(crate) fn new(len: usize) -> Sums {
        Sums {
            len,
            ..Sums::default()
        }
    }

    pub(crate) fn number(index: usize, at: usize) -> f32 {
        let mixed = (index as u64 * 0x9e37_79b9 + at as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as f32 * 0.37 - 1000.0
    }

    /// What the item gives, in the order of the kernel.
    pub(crate) fn expected(index: usize) -> f64 {
        let mut squares = [0.0; WIDTH];
        for (at, square) in squares.iter_mut().enumerate() {
            *square = f64::from(Self::number(index, at)).powi(2);
        }
        let mut half = WIDTH / 2;
        while half > 0 {
            for at in 0..half {
                squares[at] += squares[at + half];
            }
            half /= 2;
        }
        squares[0]
    }

    pub(crate) fn largest(&self) -> usize {
        self.largest.load(Ordering::SeqCst)
    }

    fn slip(&self, index: usize, error: Slip, panic: Slip) -> Result<(), Cause> {
        match self.slips.get(&index) {
            Some(&slip) if slip == error => Err(format!("a slip at {index}").into()),
            Some(&slip) if slip == panic => std::panic::resume_unwind(Box::new("a slip")),
            _ => Ok(()),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Lane {
    stream: Arc<CudaStream>,
    sums: Function,
    items: PinnedHostSlice<f32>,
    results: PinnedHostSlice<f64>,
    device_items: CudaSlice<f32>,
    device_results: CudaSlice<f64>,
    indices: Vec<usize>,
    _ballast: Option<CudaSlice<u8>>,
}

impl Signature for Sums {
    type Item<'t> = Vec<f32>;
    type Output = f64;
}

impl Workload for Sums {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, index: usize) -> Result<Vec<f32>, Cause> {
        Ok((0..WIDTH).map(|at| Self::number(index, at)).collect())
    }
}

impl CudaKernel for Sums {
    const NAME: &'static str = "sums of squares";

    type Lane = Lane;

    fn demand(&self, _: &Cuda) -> Result<Demand, Cause> {
        Ok(Demand {
            lane: self.ballast,
            item: 4 * WIDTH + 8 + self.ballast_each,
            pinned: 4 * WIDTH + 8,
            useful: 32,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        self.lanes.fetch_add(1, Ordering::SeqCst);
        let source = Source {
            name: "sums.cu",
            text: include_str!("sums.cu"),
            options: vec![format!("-DWIDTH={WIDTH}")],
        };
        let ballast = self.ballast + room * self.ballast_each;
        Ok(Lane {
            stream: stream.clone(),
            sums: Image::of(device, &source)?.function("sums")?,
            items: device.pinned(room * WIDTH)?,
            results: device.pinned(room)?,
            device_items: stream.alloc_zeros(room * WIDTH)?,
            device_results: stream.alloc_zeros(room)?,
            indices: vec![0; room],
            _ballast: (ballast > 0)
                .then(|| stream.alloc_zeros(ballast))
                .transpose()?,
        })
    }

    fn pack(
        &self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        item: &Vec<f32>,
    ) -> Result<(), Cause> {
        lane.items.as_mut_slice()?[slot * WIDTH..][..WIDTH].copy_from_slice(item);
        lane.indices[slot] = index;
        self.slip(index, Slip::Pack, Slip::PanicInPack)
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        self.largest.fetch_max(used, Ordering::SeqCst);
        lane.stream
            .memcpy_htod(&lane.items, &mut lane.device_items)?;
        lane.sums
            .on(&lane.stream, [used as u32, 1, 1], [WIDTH as u32, 1, 1], 0)
            .arg(&lane.device_items)
            .arg(&mut lane.device_results)
            .enqueue()?;
        for &index in &lane.indices[..used] {
            self.slip(index, Slip::Launch, Slip::PanicInLaunch)?;
        }
        lane.stream
            .memcpy_dtoh(&lane.device_results, &mut lane.results)?;
        Ok(())
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        index: usize,
        _: Vec<f32>,
    ) -> Result<f64, Cause> {
        self.slip(index, Slip::Unpack, Slip::PanicInUnpack)?;
        Ok(lane.results.as_slice()?[slot])
    }
}

/// The fake devices that this test has to itself.
pub(crate) fn devices(which: Range<usize>) -> CudaBackend {
    jobwise_cuda_fake::install("devices=30,memory=64");
    let devices = which.map(|index| Cuda::open(index).expect("a fake device"));
    CudaBackend::new(devices.collect()).expect("fake devices")
}
