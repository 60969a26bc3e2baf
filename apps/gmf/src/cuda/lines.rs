//! What `fdpt` has besides: the lag products of echoes, and the phasors of their largest lines.

use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream, DriverError};
use jobwise_cuda::{Cuda, Fault, Function, Image};

use super::search::DeviceSearch;
use super::spectrum::{Batch, Rows, Staged};
use crate::search::tables::Spectrum;

/// The spectrum whose lines are accelerations.
#[derive(Debug)]
pub(super) struct Lines {
    lag: Function,
    chirp: Function,
    spectrum: Staged,
    products: CudaSlice<f32>,
    accelerations: CudaSlice<f64>,
    /// The acceleration of every gate.
    pub(super) chosen: CudaSlice<i32>,
    /// Best row, which is 0, and bin.
    best: [CudaSlice<i32>; 2],
    /// The bin of the lowest acceleration.
    first: i32,
    /// Bins.
    bins: i32,
    /// The first acceleration that is searched.
    searched: i32,
    times: Times,
}

/// The times of decimated samples.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// From the acceleration in m/s² to turns per square second.
    rate: f64,
    sample_rate: f64,
    half: f64,
    start: i64,
    ipp: i64,
}

impl Lines {
    /// With room for so many gates; the images are those of the stages and of the spectrum.
    pub(super) fn new(
        search: &DeviceSearch,
        spectrum: &Spectrum,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        [stages, image]: [&Image; 2],
        units: usize,
    ) -> Result<Lines, Fault> {
        let parameters = &search.parameters;
        Ok(Lines {
            lag: stages.function("lag")?,
            chirp: stages.function("chirp")?,
            spectrum: Staged::new(spectrum, device, stream, image)?,
            products: stream.alloc_zeros(2 * units * spectrum.pulses * spectrum.terms)?,
            accelerations: stream.clone_htod(&parameters.accelerations[..])?,
            chosen: stream.alloc_zeros(units)?,
            best: [stream.alloc_zeros(units)?, stream.alloc_zeros(units)?],
            first: spectrum.scan.first as i32,
            bins: spectrum.scan.bins as i32,
            searched: spectrum.scan.wanted.start as i32,
            times: Times {
                rate: -0.5 / parameters.wavelength,
                sample_rate: parameters.sample_rate,
                half: (parameters.decimation - 1) as f64 / (2.0 * parameters.sample_rate),
                start: parameters.rx_window(0).start as i64,
                ipp: parameters.ipp_samp as i64,
            },
        })
    }

    /// Enqueues what leads from echoes to the phasors of each gate's acceleration, in `factors`.
    pub(super) fn launch(
        &mut self,
        stream: &Arc<CudaStream>,
        batch: Batch<'_>,
        echoes: &CudaSlice<f32>,
        factors: &mut CudaSlice<f32>,
    ) -> Result<(), DriverError> {
        let (blocks, block) = ([batch.units as u32, 1, 1], [super::lane::BLOCK, 1, 1]);
        self.lag
            .on(stream, blocks, block, 0)
            .arg(batch.amplitudes)
            .arg(echoes)
            .arg(&mut self.products)
            .enqueue()?;
        // It looks at no factors.
        let rows = Rows {
            factors: &*factors,
            apart: 0,
            count: 1,
        };
        self.spectrum
            .search(stream, batch, &self.products, rows, &mut self.best)?;
        let times = self.times;
        self.chirp
            .on(stream, blocks, block, 0)
            .arg(batch.amplitudes)
            .arg(&self.best[1])
            .arg(&self.accelerations)
            .arg(&self.first)
            .arg(&self.bins)
            .arg(&self.searched)
            .arg(&times.rate)
            .arg(&times.sample_rate)
            .arg(&times.half)
            .arg(&times.start)
            .arg(&times.ipp)
            .arg(&mut self.chosen)
            .arg(factors)
            .enqueue()
    }
}
