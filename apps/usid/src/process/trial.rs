use std::path::PathBuf;

use jobwise_core::{Backend, Cancel, Cpu};
use jobwise_hdf5::file_access;
use jobwise_kit::{Choice, Program};

#[cfg(feature = "cuda")]
use super::machine::WithDevices;
use super::machine::{Host, Machine};
use super::{Output, Process, Recipe, Rows, Tally};
use crate::error::engine_error;
use crate::format::Main;
use crate::{Error, Result};

/// One unit computed, nothing written.
#[derive(Debug)]
pub struct Trial<R> {
    /// What is computed.
    pub recipe: R,
    /// The USID file.
    pub file: PathBuf,
    /// The path of the main dataset; `None`: the only one.
    pub source: Option<String>,
    /// A position of the unit.
    pub position: usize,
    /// As in [`Settings`](super::Settings).
    pub choice: Option<Choice>,
}

/// The rows of one unit, as real numbers.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The unit's first position, and the one after its last.
    pub positions: std::ops::Range<usize>,
    /// Each output with its rows, one after the other.
    pub outputs: Vec<(Output, Vec<f64>)>,
    /// What was met with, and lost.
    pub tally: Tally,
}

impl<R: Recipe> Program for Trial<R> {
    type Output = Sample;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Sample> {
        self.carry_out(&Host(backend))
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> jobwise_core::Result<Sample> {
        let choice = self.choice.as_ref();
        self.carry_out(&WithDevices {
            host: jobwise_kit::threads_beside(backend, choice),
            devices: backend,
            choice,
        })
    }
}

impl<R: Recipe> Trial<R> {
    /// Collective.
    fn carry_out<M: Machine<R>>(&self, machine: &M) -> jobwise_core::Result<Sample> {
        let comm = machine.host().comm();
        let source = comm.agree(self.open().map_err(engine_error))?;
        let common = self.recipe.common(&source, machine.host().cluster())?;
        let process =
            machine.prepare(&self.recipe, (&source, &common), None, &Cancel::default())?;
        comm.agree(self.sample(&source, &process).map_err(engine_error))
    }

    fn open(&self) -> Result<Main> {
        let file = file_access::open(&self.file)?;
        let source = Main::choose(&file, self.source.as_deref())?;
        if self.position >= source.positions() {
            return Err(Error::Request(format!(
                "{} has positions 0 to {}, not {}",
                source.path(),
                source.positions().saturating_sub(1),
                self.position
            )));
        }
        self.recipe.parameters(&source)?;
        Ok(source)
    }

    fn sample(&self, source: &Main, process: &R::Process<'_>) -> Result<Sample> {
        let unit = self.position / process.unit();
        let first = unit * process.unit();
        let positions = first..(first + process.unit()).min(source.positions());
        let mut rows = Rows::new(process.outputs().len());
        let mut tally = Tally::default();
        let computed = process.scratch().and_then(|mut scratch| {
            let input = process.source().read(positions.clone())?;
            process.compute(unit..unit + 1, &input, &mut scratch, &mut rows, &mut tally)
        });
        computed.map_err(|cause| {
            Error::Request(format!(
                "{}: position {}: {cause}",
                source.path(),
                self.position
            ))
        })?;
        tally.outputs = rows.losses().to_vec();
        let outputs = process.outputs().iter().zip(rows.outputs());
        let numbers = outputs.map(|(output, bytes)| {
            let mut numbers = Vec::new();
            for row in bytes.chunks_exact(output.row_bytes()) {
                output.element.decode(row, &mut numbers);
            }
            (output.clone(), numbers)
        });
        Ok(Sample {
            positions,
            outputs: numbers.collect(),
            tally,
        })
    }
}
