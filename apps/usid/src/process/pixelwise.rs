use std::ops::Range;

use hdf5::Group;
use jobwise_core::Cause;
use pulp::Arch;

use super::{Output, Process, Rows, Tally};
use crate::format::{Element, Main, Scalar, SourceRows};

/// A computation on the numbers of one unit.
pub trait PixelKernel: Sync {
    /// Buffers and plans of one lane.
    type Scratch;

    /// Makes a lane's scratch.
    ///
    /// # Errors
    /// Whatever prevents it.
    fn scratch(&self) -> Result<Self::Scratch, Cause>;

    /// Computes one unit: `signal` holds the rows of its positions, one after the other, and may be
    /// changed or exchanged for a buffer of the kernel's. Appends numbers to each of `outputs`: one
    /// row for each of the unit's positions, or one in all.
    ///
    /// # Errors
    /// Whatever the computation meets.
    fn compute(
        &self,
        unit: usize,
        signal: &mut Vec<f64>,
        scratch: &mut Self::Scratch,
        outputs: &mut [Vec<f64>],
    ) -> Result<(), Cause>;

    /// The type that it computes in: what the numbers lose on their way into it is counted.
    fn computes_in(&self) -> Scalar {
        Scalar::F64
    }

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
/// A unit that holds a number that is not finite is not computed: its rows are NaN, and it is
/// counted.
#[derive(Debug)]
pub struct Pixelwise<K> {
    kernel: K,
    outputs: Vec<Output>,
    unit: usize,
    source: SourceRows,
    /// What numbers of the source are multiplied with, for the units that the kernel wants.
    factor: f64,
}

impl<K: PixelKernel> Pixelwise<K> {
    /// `kernel` over the rows of `source`, `unit` of them at a time.
    ///
    /// # Errors
    /// The library refuses.
    pub fn new(kernel: K, outputs: Vec<Output>, unit: usize, source: &Main) -> crate::Result<Self> {
        Ok(Pixelwise {
            kernel,
            outputs,
            unit,
            source: SourceRows::of(source)?,
            factor: 1.0,
        })
    }

    /// The same, on numbers multiplied with `factor`.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// The kernel.
    pub fn kernel(&self) -> &K {
        &self.kernel
    }
}

/// Whether all numbers are finite. Within a block, all are looked at: that is quicker than to stop.
fn are_finite(numbers: &[f64]) -> bool {
    let block = |numbers: &[f64]| numbers.iter().fold(true, |all, x| all & x.is_finite());
    Arch::new().dispatch(|| numbers.chunks(256).all(block))
}

/// A lane's kernel scratch and number buffers.
#[derive(Debug)]
pub struct Scratch<S> {
    kernel: S,
    signal: Vec<f64>,
    /// The signal as f32, for counting what that loses.
    narrowed: Vec<u8>,
    outputs: Vec<Vec<f64>>,
}

impl<K: PixelKernel> Process for Pixelwise<K> {
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
        self.unit * self.source.row_bytes()
    }

    fn scratch(&self) -> Result<Self::Scratch, Cause> {
        Ok(Scratch {
            kernel: self.kernel.scratch()?,
            signal: Vec::new(),
            narrowed: Vec::new(),
            outputs: vec![Vec::new(); self.outputs.len()],
        })
    }

    fn source(&self) -> &SourceRows {
        &self.source
    }

    fn compute(
        &self,
        units: Range<usize>,
        input: &[u8],
        scratch: &mut Self::Scratch,
        rows: &mut Rows,
        tally: &mut Tally,
    ) -> Result<(), Cause> {
        let row_bytes = self.source.row_bytes();
        let single = Element::Real(Scalar::F32);
        // Numbers of up to 16 bits, and f32, are what they were.
        let fits =
            matches!(self.source.element(), Element::Real(kind) if kind.float() == Scalar::F32);
        let is_narrowed = self.kernel.computes_in() == Scalar::F32 && !fits;
        for (unit, bytes) in units.zip(input.chunks(row_bytes * self.unit)) {
            scratch.signal.clear();
            for row in bytes.chunks_exact(row_bytes) {
                tally.source += self.source.element().decode(row, &mut scratch.signal);
            }
            #[allow(clippy::float_cmp)] // a factor of exactly 1 changes nothing
            if self.factor != 1.0 {
                scratch.signal.iter_mut().for_each(|x| *x *= self.factor);
            }
            scratch.outputs.iter_mut().for_each(Vec::clear);
            if is_narrowed {
                scratch.narrowed.clear();
                tally.source += single.encode(&scratch.signal, &mut scratch.narrowed);
            }
            let (first, positions) = (unit * self.unit, bytes.len() / row_bytes);
            if are_finite(&scratch.signal) {
                self.kernel.compute(
                    unit,
                    &mut scratch.signal,
                    &mut scratch.kernel,
                    &mut scratch.outputs,
                )?;
                if !scratch.outputs.iter().all(|numbers| are_finite(numbers)) {
                    tally.left_range.insert(first..first + positions);
                }
            } else {
                tally.not_finite.insert(first..first + positions);
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
}
