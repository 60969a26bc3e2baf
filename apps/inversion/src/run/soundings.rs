use std::sync::atomic::{AtomicBool, Ordering};

use jobwise_core::{Cancel, Cause, CpuKernel, Signature, Workload};
use jobwise_hdf5::row_store::Rows;

use super::lines::{Line, Places};
use super::request::OnFailure;
use crate::inference::infer;
use crate::survey;
use crate::task::Task;
use crate::{Error, Result};

/// The soundings of a run, as the engine's items: the chains of each, and the rows for its file.
#[derive(Debug)]
pub(super) struct Soundings<'r> {
    pub(super) task: &'r Task,
    pub(super) lines: &'r [Line<'r>],
    pub(super) places: &'r Places,
    pub(super) on_failure: OnFailure,
    pub(super) cancel: &'r Cancel,
    /// Whether a sounding has failed that ends the run.
    pub(super) is_ending: AtomicBool,
}

impl Soundings<'_> {
    /// Nothing where the run is to end before the chains do.
    fn rows(&self, index: usize, of: &survey::Sounding) -> Result<Option<Rows>> {
        let (line, row) = self.places.of(index);
        let sounding = self.task.sounding(of)?;
        let stop = || self.cancel.is_cancelled() || self.is_ending.load(Ordering::Relaxed);
        let Some(found) = infer(&self.task.request(&sounding), &stop)? else {
            return Ok(None);
        };
        if let (OnFailure::Stop, Some(failure)) = (self.on_failure, &found.failure) {
            return Err(Error::Request(failure.clone()));
        }
        Ok(Some(self.lines[line].file.rows(row, &sounding, &found)))
    }
}

impl Signature for Soundings<'_> {
    type Item<'t>
        = &'t survey::Sounding
    where
        Self: 't;
    type Output = Rows;
}

impl Workload for Soundings<'_> {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn read(&self, index: usize) -> Result<&survey::Sounding, Cause> {
        let (line, row) = self.places.of(index);
        Ok(&self.lines[line].soundings[row])
    }
}

impl CpuKernel for Soundings<'_> {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(
        &self,
        index: usize,
        sounding: &survey::Sounding,
        (): &mut (),
    ) -> Result<Rows, Cause> {
        let (line, row) = self.places.of(index);
        match (self.rows(index, sounding), self.on_failure) {
            (Ok(Some(rows)), _) => Ok(rows),
            // What brings nothing stays open.
            (Ok(None), _) => Ok(Rows::new()),
            (Err(problem), OnFailure::Continue) => {
                let file = &self.lines[line].file;
                Ok(file.rows_of_failed(row, &problem.to_string()))
            }
            (Err(problem), OnFailure::Stop) => {
                self.is_ending.store(true, Ordering::Relaxed);
                let (line, fiducial) = (sounding.line, sounding.fiducial);
                Err(format!("line {line}, fiducial {fiducial}: {problem}").into())
            }
        }
    }
}
