use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::{CudaSlice, CudaStream, PinnedHostSlice};
use jobwise_cuda::{Cuda, CudaKernel, Demand, Fault, Function, Image, Source};

use crate::{DAYS, Stars, TRIED};

/// Numbers of a star's result.
const RESULTS: usize = 2;

/// What a lane has: the kernel, and buffers for its stars and their results.
#[derive(Debug)]
pub struct Lane {
    stream: Arc<CudaStream>,
    periods: Function,
    stars: PinnedHostSlice<f64>,
    results: PinnedHostSlice<f64>,
    device_stars: CudaSlice<f64>,
    device_results: CudaSlice<f64>,
}

impl CudaKernel for Stars {
    const NAME: &'static str = "periods";

    type Lane = Lane;

    fn demand(&self, device: &Cuda) -> Result<Demand, Cause> {
        let bytes = size_of::<f64>() * (DAYS + RESULTS);
        Ok(Demand {
            lane: 0,
            item: bytes,
            pinned: bytes,
            // A star is a block; some blocks are at work on each processor, others wait.
            useful: 16 * device.processors()?,
        })
    }

    fn lane(&self, device: &Cuda, stream: &Arc<CudaStream>, room: usize) -> Result<Lane, Fault> {
        let source = Source {
            name: "periods.cu",
            text: include_str!("periods.cu"),
            options: vec![format!("-DDAYS={DAYS}"), format!("-DTRIED={TRIED}")],
        };
        Ok(Lane {
            stream: stream.clone(),
            periods: Image::of(device, &source)?.function("periods")?,
            stars: device.pinned(room * DAYS)?,
            results: device.pinned(room * RESULTS)?,
            device_stars: stream.alloc_zeros(room * DAYS)?,
            device_results: stream.alloc_zeros(room * RESULTS)?,
        })
    }

    fn pack(&self, lane: &mut Lane, slot: usize, _: usize, star: &Vec<f64>) -> Result<(), Cause> {
        lane.stars.as_mut_slice()?[slot * DAYS..][..DAYS].copy_from_slice(star);
        Ok(())
    }

    fn launch(&self, lane: &mut Lane, used: usize) -> Result<(), Fault> {
        let Lane {
            stream, periods, ..
        } = lane;
        stream.memcpy_htod(&lane.stars, &mut lane.device_stars)?;
        periods
            .on(stream, [used as u32, 1, 1], [TRIED as u32, 1, 1], 0)
            .arg(&lane.device_stars)
            .arg(&mut lane.device_results)
            .enqueue()?;
        stream.memcpy_dtoh(&lane.device_results, &mut lane.results)?;
        Ok(())
    }

    fn unpack(
        &self,
        lane: &mut Lane,
        slot: usize,
        _: usize,
        _: Vec<f64>,
    ) -> Result<Vec<f64>, Cause> {
        Ok(lane.results.as_slice()?[slot * RESULTS..][..RESULTS].to_vec())
    }
}
