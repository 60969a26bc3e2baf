//! Functions, tables and buffers of one lane, and its launches.

use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream, DriverError, PinnedHostSlice};
use jobwise_cuda::{Cuda, Fault, Function, Image};

use super::search::DeviceSearch;
use super::shape::Shape;
use crate::parameters::Parameters;
use crate::search::tables::{Spectrum, roots};
use crate::search::{Integration, Sample};

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
    lag: Function,
    chirp: Function,
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

/// The search of a spectrum.
#[derive(Debug)]
struct Staged {
    function: Function,
    shape: Shape,
    /// Blocks of a launch where these have work space in global memory.
    blocks: usize,
    tables: CudaSlice<f32>,
    starts: CudaSlice<u32>,
    near: CudaSlice<u32>,
    weights: CudaSlice<f32>,
    workspace: CudaSlice<f32>,
}

/// What `fdpt` has besides.
#[derive(Debug)]
struct Lines {
    spectrum: Staged,
    products: CudaSlice<f32>,
    accelerations: CudaSlice<f64>,
    chosen: CudaSlice<i32>,
    /// Best row, which is 0, and bin.
    best: [CudaSlice<i32>; 2],
    first: i32,
    lines: i32,
    searched: i32,
    chirp: Chirp,
}

/// The times of decimated samples.
#[derive(Clone, Copy, Debug)]
struct Chirp {
    /// From the acceleration in m/s² to turns per square second.
    rate: f64,
    sample_rate: f64,
    half: f64,
    start: i64,
    ipp: i64,
}

/// Bytes of an integration, and the numbers of its largest buffer.
pub(super) struct Item {
    pub(super) device: usize,
    pub(super) pinned: usize,
    pub(super) largest: usize,
}

/// Threads of a block, but for the search.
const BLOCK: u32 = 128;
/// Warps of such a block.
const WARPS: usize = 4;
/// Gates of a warp of `echo`.
const GATES: usize = 128;

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
        let stages = image()?;
        let stages = Stages {
            weights: stages.function("weights")?,
            echo: stages.function("echo")?,
            scale: stages.function("scale")?,
            lag: stages.function("lag")?,
            chirp: stages.function("chirp")?,
            winner: stages.function("winner")?,
        };
        let [tx, rx] = samples(parameters);
        let (gates, elements) = (parameters.ranges.len(), elements(parameters));
        let units = room * gates;
        let lines = match &search.lines {
            Some(lines) => Some(Lines::new(search, lines, device, stream, &image()?, units)?),
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
        let [tx, rx] = self.samples.map(|samples| 2 * used * samples);
        let stream = Arc::clone(&self.stream);
        stream.memcpy_htod(
            &self.host.amplitudes.as_slice()?[..used],
            &mut self.amplitudes,
        )?;
        stream.memcpy_htod(&self.host.tx.as_slice()?[..tx], &mut self.tx)?;
        stream.memcpy_htod(&self.host.rx.as_slice()?[..rx], &mut self.rx)?;
        let (slots, units) = (used as i32, (used * self.gates) as i32);
        let gates = self.gates as i32;
        let wide = |blocks: usize| [blocks as u32, 1, 1];
        let block = [BLOCK, 1, 1];
        let per_unit = wide(used * self.gates);
        let warp_per_unit = wide((used * self.gates).div_ceil(WARPS));
        let amplitudes = &self.amplitudes;
        self.stages
            .weights
            .on(&stream, wide((tx / 2).div_ceil(BLOCK as usize)), block, 0)
            .arg(&self.tx)
            .arg(amplitudes)
            .arg(&slots)
            .arg(&mut self.weights)
            .enqueue()?;
        let warps = used * self.gates.div_ceil(GATES) * self.elements;
        self.stages
            .echo
            .on(&stream, wide(warps.div_ceil(WARPS)), block, 0)
            .arg(&self.weights)
            .arg(&self.rx)
            .arg(amplitudes)
            .arg(&slots)
            .arg(&mut self.echoes)
            .enqueue()?;
        self.stages
            .scale
            .on(&stream, per_unit, block, 0)
            .arg(amplitudes)
            .arg(&mut self.echoes)
            .arg(&mut self.exponents)
            .enqueue()?;
        let mut apart = 0;
        let mut rows = search.parameters.selected.len();
        if let Some(lines) = &mut self.lines {
            (apart, rows) = (self.elements, 1);
            self.stages
                .lag
                .on(&stream, per_unit, block, 0)
                .arg(amplitudes)
                .arg(&self.echoes)
                .arg(&mut lines.products)
                .enqueue()?;
            let products = &lines.products;
            let launch = Batch {
                amplitudes,
                units,
                gates,
            };
            // It looks at no factors.
            lines.spectrum.search(
                &stream,
                launch,
                products,
                &self.factors,
                (0, 1),
                &mut lines.best,
            )?;
            let chirp = lines.chirp;
            self.stages
                .chirp
                .on(&stream, per_unit, block, 0)
                .arg(amplitudes)
                .arg(&lines.best[1])
                .arg(&lines.accelerations)
                .arg(&lines.first)
                .arg(&lines.lines)
                .arg(&lines.searched)
                .arg(&chirp.rate)
                .arg(&chirp.sample_rate)
                .arg(&chirp.half)
                .arg(&chirp.start)
                .arg(&chirp.ipp)
                .arg(&mut lines.chosen)
                .arg(&mut self.factors)
                .enqueue()?;
        }
        let launch = Batch {
            amplitudes,
            units,
            gates,
        };
        let factors = &self.factors;
        self.rates.search(
            &stream,
            launch,
            &self.echoes,
            factors,
            (apart, rows),
            &mut self.best,
        )?;
        let [power, still] = &mut self.powers;
        let [rate, acceleration] = &mut self.places;
        let [row, bin] = &self.best;
        // Without lines the rows are the accelerations.
        let chosen = self.lines.as_ref().map_or(row, |lines| &lines.chosen);
        self.stages
            .winner
            .on(&stream, warp_per_unit, block, 0)
            .arg(amplitudes)
            .arg(&units)
            .arg(&self.echoes)
            .arg(&self.exponents)
            .arg(factors)
            .arg(row)
            .arg(bin)
            .arg(chosen)
            .arg(&(search.parameters.selected.start as i32))
            .arg(&self.turns)
            .arg(&mut *power)
            .arg(&mut *still)
            .arg(&mut *rate)
            .arg(&mut *acceleration)
            .enqueue()?;
        let count = used * self.gates;
        for (from, to) in [power, still].into_iter().zip(&mut self.host.powers) {
            stream.memcpy_dtoh(&from.slice(..count), &mut to.as_mut_slice()?[..count])?;
        }
        for (from, to) in [rate, acceleration].into_iter().zip(&mut self.host.places) {
            stream.memcpy_dtoh(&from.slice(..count), &mut to.as_mut_slice()?[..count])?;
        }
        Ok(())
    }
}

/// What a launch is about.
#[derive(Clone, Copy)]
struct Batch<'a> {
    amplitudes: &'a CudaSlice<f64>,
    units: i32,
    gates: i32,
}

/// The tables of a spectrum, as the kernel has them.
pub(super) struct Tables {
    /// Twists, roots across pulses, of coarse transforms, of bins.
    pub(super) numbers: Vec<f32>,
    /// For every coarse sample where its bins start in `near`.
    pub(super) starts: Vec<u32>,
    /// Bins, and which weights lead to them.
    pub(super) near: Vec<u32>,
    pub(super) weights: Vec<f32>,
}

impl Tables {
    pub(super) fn of(spectrum: &Spectrum) -> Tables {
        let between = &spectrum.scan.between;
        let bands = roots(spectrum.bands);
        let coarse = roots(spectrum.grid.length);
        let numbers = [&spectrum.twists, &bands, &coarse, &spectrum.scan.roots];
        let near = between
            .bins
            .iter()
            .flat_map(|&(bin, weights)| [bin, weights]);
        Tables {
            numbers: numbers.into_iter().flatten().flatten().copied().collect(),
            starts: between.starts.clone(),
            near: near.collect(),
            weights: between.weights.clone(),
        }
    }
}

impl Staged {
    fn new(
        spectrum: &Spectrum,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        image: &Image,
    ) -> Result<Staged, Fault> {
        let shape = Shape::new(spectrum, device.shared_memory()?);
        let function = image.function("spectrum")?;
        if shape.shared > 0 {
            function.allow_shared(shape.shared)?;
        }
        let processors = device.processors()?;
        let work = workspace(&shape, processors);
        let tables = Tables::of(spectrum);
        Ok(Staged {
            function,
            blocks: work / shape.work.max(1),
            shape,
            tables: stream.clone_htod(&tables.numbers[..])?,
            starts: stream.clone_htod(&tables.starts[..])?,
            near: stream.clone_htod(&tables.near[..])?,
            weights: stream.clone_htod(&tables.weights[..])?,
            workspace: stream.alloc_zeros(2 * work.max(1))?,
        })
    }

    /// Searches one spectrum of each unit, or several: `rows` of factors, each unit's `apart`
    /// elements after those of the one before.
    fn search(
        &mut self,
        stream: &Arc<CudaStream>,
        batch: Batch<'_>,
        elements: &CudaSlice<f32>,
        factors: &CudaSlice<f32>,
        (apart, rows): (usize, usize),
        [row, bin]: &mut [CudaSlice<i32>; 2],
    ) -> Result<(), DriverError> {
        let blocks = if self.shape.in_global {
            self.blocks.min(batch.units as usize)
        } else {
            batch.units as usize
        };
        self.function
            .on(
                stream,
                [blocks as u32, 1, 1],
                [self.shape.threads as u32, 1, 1],
                self.shape.shared as u32,
            )
            .arg(elements)
            .arg(factors)
            .arg(&(apart as i64))
            .arg(&(rows as i32))
            .arg(&batch.units)
            .arg(&batch.gates)
            .arg(batch.amplitudes)
            .arg(&self.tables)
            .arg(&self.starts)
            .arg(&self.near)
            .arg(&self.weights)
            .arg(&mut self.workspace)
            .arg(row)
            .arg(bin)
            .enqueue()
    }
}

impl Lines {
    fn new(
        search: &DeviceSearch,
        spectrum: &Spectrum,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        image: &Image,
        units: usize,
    ) -> Result<Lines, Fault> {
        let parameters = &search.parameters;
        Ok(Lines {
            spectrum: Staged::new(spectrum, device, stream, image)?,
            products: stream.alloc_zeros(2 * units * spectrum.pulses * spectrum.terms)?,
            accelerations: stream.clone_htod(&parameters.accelerations[..])?,
            chosen: stream.alloc_zeros(units)?,
            best: [stream.alloc_zeros(units)?, stream.alloc_zeros(units)?],
            first: spectrum.scan.first as i32,
            lines: spectrum.scan.bins as i32,
            searched: spectrum.scan.wanted.start as i32,
            chirp: Chirp {
                rate: -0.5 / parameters.wavelength,
                sample_rate: parameters.sample_rate,
                half: (parameters.decimation - 1) as f64 / (2.0 * parameters.sample_rate),
                start: parameters.rx_window(0).start as i64,
                ipp: parameters.ipp_samp as i64,
            },
        })
    }
}

/// Complex numbers of work space in global memory, for all blocks of a launch.
fn workspace(shape: &Shape, processors: usize) -> usize {
    if shape.in_global {
        shape.work * processors * shape.blocks
    } else {
        0
    }
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
