//! The search of a spectrum on a lane: its tables, and its launch.

use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream, DriverError};
use jobwise_cuda::{Cuda, Fault, Function, Image};

use super::shape::Shape;
use crate::search::tables::{Spectrum, roots};

/// The search of a spectrum.
#[derive(Debug)]
pub(super) struct Staged {
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

/// What a launch is about.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) amplitudes: &'a CudaSlice<f64>,
    pub(super) units: i32,
    pub(super) gates: i32,
}

/// Factors of elements.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) factors: &'a CudaSlice<f32>,
    /// Elements from those of one unit to those of the next; 0 where units share them.
    pub(super) apart: usize,
    /// Rows of a unit.
    pub(super) count: usize,
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
    pub(super) fn new(
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

    /// Enqueues the search of the spectra of each unit, one for each row of factors; what is best
    /// goes into two buffers, of rows and bins.
    pub(super) fn search(
        &mut self,
        stream: &Arc<CudaStream>,
        batch: Batch<'_>,
        elements: &CudaSlice<f32>,
        rows: Rows<'_>,
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
            .arg(rows.factors)
            .arg(&(rows.apart as i64))
            .arg(&(rows.count as i32))
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

/// Complex numbers of work space in global memory, for all blocks of a launch.
pub(super) fn workspace(shape: &Shape, processors: usize) -> usize {
    if shape.in_global {
        shape.work * processors * shape.blocks
    } else {
        0
    }
}
