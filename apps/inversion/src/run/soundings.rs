use std::sync::atomic::{AtomicBool, Ordering};

use jobwise_core::{Cancel, Cause, CpuKernel, Signature, Workload};
use jobwise_hdf5::row_store::Rows;

use super::lines::{Line, Places};
use super::request::OnFailure;
use crate::inference::{Found, infer};
use crate::task::Task;
use crate::{Error, Result, state, survey};

/// The soundings of a run, as the engine's items: the chains of each, and the rows for its file.
#[derive(Debug)]
pub(crate) struct Soundings<'r> {
    pub(crate) task: &'r Task,
    pub(super) lines: &'r [Line<'r>],
    pub(super) places: &'r Places,
    pub(super) on_failure: OnFailure,
    pub(super) cancel: &'r Cancel,
    /// Whether a sounding has failed that ends the run.
    pub(super) is_ending: AtomicBool,
}

impl Soundings<'_> {
    /// An item.
    pub(crate) fn sounding(&self, index: usize) -> &survey::Sounding {
        let (line, row) = self.places.of(index);
        &self.lines[line].soundings[row]
    }

    /// Whether chains are to end before they are done.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.cancel.is_cancelled() || self.is_ending.load(Ordering::Relaxed)
    }

    /// Nothing where the run is to end before the chains do.
    fn infer(&self, index: usize, of: &survey::Sounding) -> Result<Option<Rows>> {
        let sounding = self.task.sounding(of)?;
        let found = infer(&self.task.request(&sounding), &|| self.is_to_stop())?;
        self.rows(index, &sounding, found)
    }

    /// The rows of what was found.
    ///
    /// # Errors
    /// It cannot be relied on, and the run is to end then.
    pub(crate) fn rows(
        &self,
        index: usize,
        sounding: &state::Sounding<'_>,
        found: Option<Found>,
    ) -> Result<Option<Rows>> {
        let (line, row) = self.places.of(index);
        let Some(found) = found else {
            return Ok(None);
        };
        if let (OnFailure::Stop, Some(failure)) = (self.on_failure, &found.failure) {
            return Err(Error::Request(failure.clone()));
        }
        Ok(Some(self.lines[line].file.rows(row, sounding, &found)))
    }

    /// What becomes of an item with these rows, or with this problem.
    pub(crate) fn outcome(
        &self,
        index: usize,
        sounding: &survey::Sounding,
        rows: Result<Option<Rows>>,
    ) -> Result<Rows, Cause> {
        let (line, row) = self.places.of(index);
        match (rows, self.on_failure) {
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
        Ok(self.sounding(index))
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
        self.outcome(index, sounding, self.infer(index, sounding))
    }
}
