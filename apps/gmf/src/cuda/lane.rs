//! Functions, tables and buffers of one lane, and its launches.

use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream, DriverError, PinnedHostSlice};
use jobwise_cuda::{Cuda, Fault, Function, Image};

use super::lines::Lines;
use super::search::DeviceSearch;
use super::shape::Shape;
use super::spectrum::{Batch, Rows, Staged, workspace};
use crate::parameters::Parameters;
use crate::search::tables::Spectrum;
use crate::search::{Integration, Sample};

/// Threads of a block, but for the search of a spectrum.
pub(super) const BLOCK: u32 = 128;
/// Warps of such a block.
const WARPS: usize = 4;
/// Gates of a warp of `echo`.
const GATES: usize = 128;

/// What one lane has on a device, and on the host for it.
#[derive(Debug)]
pub struct Lane {
    stream: Arc<CudaStream>,
    stages: Stages,
    lines: Option<Lines>,
    rates: Staged,
    /// Phasors of accelerations: of all gates, or one row for each gate.
    factors: CudaSlice<f32>,
    turns: CudaSlice<f64>,
    host: Host,
    amplitudes: CudaSlice<f64>,
    tx: CudaSlice<f32>,
    rx: CudaSlice<f32>,
    weights: CudaSlice<f32>,
    echoes: CudaSlice<f32>,
    exponents: CudaSlice<i32>,
    /// Best row and bin of every unit.
    best: [CudaSlice<i32>; 2],
    powers: [CudaSlice<f32>; 2],
    places: [CudaSlice<i32>; 2],
    /// Samples of an integration: transmitted, received.
    samples: [usize; 2],
    gates: usize,
    /// Elements of an echo.
    elements: usize,
}

#[derive(Debug)]
struct Stages {
    weights: Function,
    echo: Function,
    scale: Function,
    winner: Function,
}

/// Pinned memory.
#[derive(Debug)]
struct Host {
    amplitudes: PinnedHostSlice<f64>,
    tx: PinnedHostSlice<f32>,
    rx: PinnedHostSlice<f32>,
    powers: [PinnedHostSlice<f32>; 2],
    places: [PinnedHostSlice<i32>; 2],
    /// Transmitted power of every slot: not pinned, as it goes nowhere.
    transmitted: Vec<f64>,
}

/// Bytes of an integration, and the numbers of its largest buffer.
pub(super) struct Item {
    pub(super) device: usize,
    pub(super) pinned: usize,
    pub(super) largest: usize,
}

impl Lane {
    /// Complex numbers of the tables of a spectrum.
    pub(super) fn table_length(spectrum: &Spectrum) -> usize {
        spectrum.twists.len() + spectrum.bands + spectrum.grid.length + spectrum.scan.bins
    }

    /// Bytes on the device whatever the number of integrations.
    pub(super) fn fixed(search: &DeviceSearch, device: &Cuda) -> Result<usize, DriverError> {
        let shared = device.shared_memory()?;
        let processors = device.processors()?;
        let spectra = [Some(&search.rates), search.lines.as_ref()];
        let tables = spectra.into_iter().flatten().map(|spectrum| {
            let shape = Shape::new(spectrum, shared);
            let between = &spectrum.scan.between;
            let work = workspace(&shape, processors);
            8 * Lane::table_length(spectrum)
                + 4 * (between.starts.len() + 2 * between.bins.len() + between.weights.len())
                + 8 * work
        });
        let accelerations = search
            .lines
            .as_ref()
            .map(|_| search.parameters.accelerations.len());
        let rows = 4 * search.rows.len() + 8 * search.turns.len();
        Ok(tables.sum::<usize>() + rows + 8 * accelerations.unwrap_or(0))
    }

    pub(super) fn item(search: &DeviceSearch) -> Item {
        let [tx, rx] = samples(&search.parameters);
        let gates = search.parameters.ranges.len();
        let echoes = gates * elements(&search.parameters);
        let products = search
            .lines
            .as_ref()
            .map_or(0, |lines| gates * lines.pulses * lines.terms);
        // With a row of phasors for each gate.
        let per_gate = if search.lines.is_some() { echoes } else { 0 };
        Item {
            device: 8 * (2 * tx + rx + echoes + products + per_gate) + 4 * 9 * gates + 8,
            pinned: 8 * (tx + rx) + 4 * 4 * gates + 8,
            largest: 2 * echoes.max(rx).max(tx),
        }
    }

    pub(super) fn new(
        search: &DeviceSearch,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        room: usize,
    ) -> Result<Lane, Fault> {
        let parameters = &search.parameters;
        let shared = device.shared_memory()?;
        let mut sources = search.sources(shared).into_iter();
        let mut image = || {
            let source = sources.next().ok_or("a source is missing")?;
            Ok::<_, Fault>(Image::of(device, &source)?)
        };
        let stages_image = image()?;
        let stages = Stages {
            weights: stages_image.function("weights")?,
            echo: stages_image.function("echo")?,
            scale: stages_image.function("scale")?,
            winner: stages_image.function("winner")?,
        };
        let [tx, rx] = samples(parameters);
        let (gates, elements) = (parameters.ranges.len(), elements(parameters));
        let units = room * gates;
        let lines = match &search.lines {
            Some(lines) => {
                let images = [&stages_image, &image()?];
                Some(Lines::new(search, lines, device, stream, images, units)?)
            }
            None => None,
        };
        let factors = match &lines {
            Some(_) => stream.alloc_zeros(2 * units * elements)?,
            None => stream.clone_htod(&search.rows[..])?,
        };
        Ok(Lane {
            rates: Staged::new(&search.rates, device, stream, &image()?)?,
            stages,
            lines,
            factors,
            turns: stream.clone_htod(&search.turns[..])?,
            host: Host {
                amplitudes: device.pinned(room)?,
                tx: device.pinned(2 * room * tx)?,
                rx: device.pinned(2 * room * rx)?,
                powers: [device.pinned(units)?, device.pinned(units)?],
                places: [device.pinned(units)?, device.pinned(units)?],
                transmitted: vec![0.0; room],
            },
            amplitudes: stream.alloc_zeros(room)?,
            tx: stream.alloc_zeros(2 * room * tx)?,
            rx: stream.alloc_zeros(2 * room * rx)?,
            weights: stream.alloc_zeros(2 * room * tx)?,
            echoes: stream.alloc_zeros(2 * units * elements)?,
            exponents: stream.alloc_zeros(units)?,
            best: [stream.alloc_zeros(units)?, stream.alloc_zeros(units)?],
            powers: [stream.alloc_zeros(units)?, stream.alloc_zeros(units)?],
            places: [stream.alloc_zeros(units)?, stream.alloc_zeros(units)?],
            samples: [tx, rx],
            gates,
            elements,
            stream: Arc::clone(stream),
        })
    }

    /// Puts an integration into a slot, with its power and amplitude; the amplitude is 0 where
    /// nothing is to be computed.
    pub(super) fn put(
        &mut self,
        slot: usize,
        (power, amplitude): (f64, f64),
        tx: &[Sample],
        rx: &[Sample],
    ) -> Result<(), DriverError> {
        self.host.transmitted[slot] = power;
        self.host.amplitudes.as_mut_slice()?[slot] = amplitude;
        if amplitude > 0.0 {
            let [of_tx, of_rx] = self.samples;
            assert_eq!((tx.len(), rx.len()), (of_tx, of_rx), "samples in tx and rx");
            copy(tx, &mut self.host.tx.as_mut_slice()?[2 * of_tx * slot..]);
            copy(rx, &mut self.host.rx.as_mut_slice()?[2 * of_rx * slot..]);
        }
        Ok(())
    }

    /// Transmitted power of a slot.
    pub(super) fn power(&self, slot: usize) -> f32 {
        self.host.transmitted[slot] as f32
    }

    pub(super) fn is_analysed(&self, slot: usize) -> Result<bool, DriverError> {
        Ok(self.host.amplitudes.as_slice()?[slot] > 0.0)
    }

    /// What was found in a slot.
    pub(super) fn take(&self, slot: usize, result: &mut Integration) -> Result<(), DriverError> {
        let gates = slot * self.gates..(slot + 1) * self.gates;
        let [power, still] = &self.host.powers;
        let [rate, acceleration] = &self.host.places;
        result
            .gmf
            .copy_from_slice(&power.as_slice()?[gates.clone()]);
        let zero_frequency = &still.as_slice()?[gates.clone()];
        result.gmf_zero_frequency.copy_from_slice(zero_frequency);
        let rates = &rate.as_slice()?[gates.clone()];
        result.range_rate_index.copy_from_slice(rates);
        let accelerations = &acceleration.as_slice()?[gates];
        result.acceleration_index.copy_from_slice(accelerations);
        Ok(())
    }

    /// Enqueues the search of the slots `0..used`: copies, kernels, copies back.
    pub(super) fn launch(&mut self, search: &DeviceSearch, used: usize) -> Result<(), DriverError> {
        let stream = Arc::clone(&self.stream);
        self.copy_in(&stream, used)?;
        self.correlate(&stream, used)?;
        let batch = Batch {
            amplitudes: &self.amplitudes,
            units: (used * self.gates) as i32,
            gates: self.gates as i32,
        };
        let (mut apart, mut count) = (0, search.parameters.selected.len());
        if let Some(lines) = &mut self.lines {
            (apart, count) = (self.elements, 1);
            lines.launch(&stream, batch, &self.echoes, &mut self.factors)?;
        }
        let rows = Rows {
            factors: &self.factors,
            apart,
            count,
        };
        self.rates
            .search(&stream, batch, &self.echoes, rows, &mut self.best)?;
        self.evaluate(&stream, search.parameters.selected.start, used)?;
        self.copy_out(&stream, used)
    }

    fn copy_in(&mut self, stream: &Arc<CudaStream>, used: usize) -> Result<(), DriverError> {
        let [tx, rx] = self.samples.map(|samples| 2 * used * samples);
        let amplitudes = &self.host.amplitudes.as_slice()?[..used];
        stream.memcpy_htod(amplitudes, &mut self.amplitudes)?;
        stream.memcpy_htod(&self.host.tx.as_slice()?[..tx], &mut self.tx)?;
        stream.memcpy_htod(&self.host.rx.as_slice()?[..rx], &mut self.rx)
    }

    /// From samples to echoes of a magnitude of about one.
    fn correlate(&mut self, stream: &Arc<CudaStream>, used: usize) -> Result<(), DriverError> {
        let slots = used as i32;
        let block = [BLOCK, 1, 1];
        let samples = used * self.samples[0];
        self.stages
            .weights
            .on(stream, wide(samples.div_ceil(BLOCK as usize)), block, 0)
            .arg(&self.tx)
            .arg(&self.amplitudes)
            .arg(&slots)
            .arg(&mut self.weights)
            .enqueue()?;
        let warps = used * self.gates.div_ceil(GATES) * self.elements;
        self.stages
            .echo
            .on(stream, wide(warps.div_ceil(WARPS)), block, 0)
            .arg(&self.weights)
            .arg(&self.rx)
            .arg(&self.amplitudes)
            .arg(&slots)
            .arg(&mut self.echoes)
            .enqueue()?;
        self.stages
            .scale
            .on(stream, wide(used * self.gates), block, 0)
            .arg(&self.amplitudes)
            .arg(&mut self.echoes)
            .arg(&mut self.exponents)
            .enqueue()
    }

    /// The power at the best bin of each gate, and that without Doppler. The first row is that of
    /// the acceleration `selected`.
    fn evaluate(
        &mut self,
        stream: &Arc<CudaStream>,
        selected: usize,
        used: usize,
    ) -> Result<(), DriverError> {
        let units = used * self.gates;
        let [power, still] = &mut self.powers;
        let [rate, acceleration] = &mut self.places;
        let [row, bin] = &self.best;
        // Without lines the rows are the accelerations.
        let chosen = self.lines.as_ref().map_or(row, |lines| &lines.chosen);
        self.stages
            .winner
            .on(stream, wide(units.div_ceil(WARPS)), [BLOCK, 1, 1], 0)
            .arg(&self.amplitudes)
            .arg(&(units as i32))
            .arg(&self.echoes)
            .arg(&self.exponents)
            .arg(&self.factors)
            .arg(row)
            .arg(bin)
            .arg(chosen)
            .arg(&(selected as i32))
            .arg(&self.turns)
            .arg(power)
            .arg(still)
            .arg(rate)
            .arg(acceleration)
            .enqueue()
    }

    fn copy_out(&mut self, stream: &Arc<CudaStream>, used: usize) -> Result<(), DriverError> {
        let count = used * self.gates;
        for (from, to) in self.powers.iter().zip(&mut self.host.powers) {
            stream.memcpy_dtoh(&from.slice(..count), &mut to.as_mut_slice()?[..count])?;
        }
        for (from, to) in self.places.iter().zip(&mut self.host.places) {
            stream.memcpy_dtoh(&from.slice(..count), &mut to.as_mut_slice()?[..count])?;
        }
        Ok(())
    }
}

/// So many blocks in a row.
fn wide(blocks: usize) -> [u32; 3] {
    [blocks as u32, 1, 1]
}

/// Samples of an integration: transmitted, received.
fn samples(parameters: &Parameters) -> [usize; 2] {
    [
        parameters.coh_int_samps,
        parameters.n_ipp * parameters.rx_window_samps(),
    ]
}

/// Elements of an echo.
fn elements(parameters: &Parameters) -> usize {
    parameters.n_ipp * parameters.decimated_pulse()
}

fn copy(samples: &[Sample], floats: &mut [f32]) {
    for (pair, z) in floats.chunks_exact_mut(2).zip(samples) {
        pair.copy_from_slice(&[z.re, z.im]);
    }
}
