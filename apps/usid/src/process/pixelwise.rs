use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use hdf5::{Dataset, Group};
use jobwise_core::Cause;
use jobwise_kit::h5::raw_rows;

use super::{Output, Process, Rows};
use crate::format::{Element, Main};

/// A computation on the numbers of one unit.
pub trait PixelKernel: Sync {
    /// Buffers and plans of one lane.
    type Scratch;

    /// Makes a lane's scratch.
    ///
    /// # Errors
    /// Whatever prevents it.
    fn scratch(&self) -> Result<Self::Scratch, Cause>;

    /// Computes one unit: `signal` holds the rows of its positions, one after the other. Appends numbers to each of
    /// `outputs`: one row for each of the unit's positions, or one in all.
    ///
    /// # Errors
    /// Whatever the computation meets.
    fn compute(
        &self,
        unit: usize,
        signal: &[f64],
        scratch: &mut Self::Scratch,
        outputs: &mut [Vec<f64>],
    ) -> Result<(), Cause>;

    /// As [`Process::write_constants`].
    ///
    /// # Errors
    /// When the file refuses.
    fn write_constants(&self, group: &Group, source: &Main) -> crate::Result<()> {
        let _ = (group, source);
        Ok(())
    }

    /// As [`Process::finish`].
    ///
    /// # Errors
    /// When the file refuses.
    fn finish(&self, group: &Group, source: &Main) -> crate::Result<()> {
        let _ = (group, source);
        Ok(())
    }
}

/// A [`PixelKernel`] over the rows of a main dataset.
///
/// A unit that holds a number that is not finite is not computed: its rows are NaN, and it is counted.
#[derive(Debug)]
pub struct Pixelwise<K> {
    kernel: K,
    outputs: Vec<Output>,
    unit: usize,
    source: Dataset,
    element: Element,
    width: usize,
    not_finite: AtomicUsize,
}

impl<K: PixelKernel> Pixelwise<K> {
    /// `kernel` over the rows of `source`, `unit` of them at a time.
    pub fn new(kernel: K, outputs: Vec<Output>, unit: usize, source: &Main) -> Self {
        Pixelwise {
            kernel,
            outputs,
            unit,
            source: source.dataset().clone(),
            element: source.element().clone(),
            width: source.width(),
            not_finite: AtomicUsize::new(0),
        }
    }

    /// The kernel.
    pub fn kernel(&self) -> &K {
        &self.kernel
    }
}

/// A lane's kernel scratch and number buffers.
#[derive(Debug)]
pub struct Scratch<S> {
    kernel: S,
    signal: Vec<f64>,
    outputs: Vec<Vec<f64>>,
}

impl<K: PixelKernel> Process for Pixelwise<K> {
    /// The rows as they are in the file.
    type Input<'p>
        = Vec<u8>
    where
        Self: 'p;
    type Scratch = Scratch<K::Scratch>;

    fn unit(&self) -> usize {
        self.unit
    }

    fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    fn write_constants(&self, group: &Group, source: &Main) -> crate::Result<()> {
        self.kernel.write_constants(group, source)
    }

    fn finish(&self, group: &Group, source: &Main) -> crate::Result<()> {
        self.kernel.finish(group, source)
    }

    fn unit_bytes(&self) -> usize {
        self.unit * self.width * self.element.size()
    }

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        Ok(Scratch {
            kernel: self.kernel.scratch()?,
            signal: Vec::new(),
            outputs: vec![Vec::new(); self.outputs.len()],
        })
    }

    fn read(&self, _: Range<usize>, positions: Range<usize>) -> Result<Vec<u8>, Cause> {
        let mut bytes = Vec::new();
        raw_rows::read(&self.source, positions, &mut bytes)?;
        Ok(bytes)
    }

    fn compute(
        &self,
        units: Range<usize>,
        input: Vec<u8>,
        scratch: &mut Self::Scratch,
        rows: &mut Rows,
    ) -> Result<(), Cause> {
        let row_bytes = self.width * self.element.size();
        for (unit, bytes) in units.zip(input.chunks(row_bytes * self.unit)) {
            scratch.signal.clear();
            for row in bytes.chunks_exact(row_bytes) {
                self.element.decode(row, &mut scratch.signal);
            }
            scratch.outputs.iter_mut().for_each(Vec::clear);
            if scratch.signal.iter().all(|number| number.is_finite()) {
                self.kernel.compute(
                    unit,
                    &scratch.signal,
                    &mut scratch.kernel,
                    &mut scratch.outputs,
                )?;
            } else {
                let positions = bytes.len() / row_bytes;
                self.not_finite.fetch_add(positions, Ordering::Relaxed);
                for (output, numbers) in self.outputs.iter().zip(&mut scratch.outputs) {
                    numbers.resize(output.reals() * output.rows.of(positions), f64::NAN);
                }
            }
            for (index, numbers) in scratch.outputs.iter().enumerate() {
                rows.push(&self.outputs, index, numbers);
            }
        }
        Ok(())
    }

    fn not_finite(&self) -> usize {
        self.not_finite.load(Ordering::Relaxed)
    }
}
