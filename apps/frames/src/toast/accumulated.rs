use std::path::Path;

use jobwise_core::{Cause, Comm, Error, Result, Wire};

use super::{Export, Source, Written};
use crate::accumulate::{Accumulated, Found, Group, Observation, Packed};
use crate::frame::{Frame, FrameType};

/// A scan that an accumulator keeps for files of TOAST, behind the last Observation and Calibration
/// frame in front of it. Of frames that nothing has changed it keeps the bytes of their file.
#[derive(Clone, Debug)]
pub struct Observed(Vec<Packed>);

/// What an [`Accumulator`](crate::accumulate::Accumulator) is to find for
/// [`to_hdf5`](Accumulated::to_hdf5): every Scan frame, by observation.
pub fn scans() -> impl FnMut(&Frame) -> Result<Option<Found<(), Observed>>, Cause> + Send {
    let mut observation = Observation::new();
    let mut before: [Option<Packed>; 2] = [None, None];
    move |frame| {
        observation.see(frame);
        match frame.kind() {
            FrameType::OBSERVATION => before[0] = Some(Packed::new(frame)?),
            FrameType::CALIBRATION => before[1] = Some(Packed::new(frame)?),
            FrameType::SCAN => {
                let scan = Some(Packed::new(frame)?);
                return Ok(Some(Found {
                    group: observation.name(frame)?,
                    metadata: (),
                    data: Observed(before.iter().cloned().chain([scan]).flatten().collect()),
                }));
            }
            _ => {}
        }
        Ok(None)
    }
}

impl<M> Accumulated<M, Observed> {
    /// Writes `<observation>.h5` into a directory for each observation, as [`Export::write`] does:
    /// rank 0 writes, and has one scan at a time. Returns what was written on rank 0, and nothing
    /// on the others. Collective.
    ///
    /// # Errors
    /// On every rank, those of [`Export::write`]; or a rank is gone.
    pub fn to_hdf5(
        &self,
        comm: &dyn Comm,
        export: &Export,
        directory: &Path,
    ) -> Result<Vec<Written>> {
        let written = self.at_root(comm, |get| {
            let mut source = Everywhere {
                groups: self.groups(),
                get,
                lost: None,
            };
            let written = export.write(&mut source, directory);
            match source.lost {
                Some(lost) => Err(lost),
                None => written.map_err(|error| Error::Program(error.into())),
            }
        })?;
        Ok(written.unwrap_or_default())
    }
}

/// The scans of all ranks, as rank 0 gets them.
struct Everywhere<'a, M> {
    groups: &'a [Group<M>],
    get: &'a mut dyn FnMut(usize, usize) -> Result<Observed>,
    /// Why a scan could not be had.
    lost: Option<Error>,
}

impl<M> Source for Everywhere<'_, M> {
    fn each(&mut self, take: &mut dyn FnMut(&Frame) -> super::Result<()>) -> super::Result<()> {
        for (group, named) in self.groups.iter().enumerate() {
            for entry in 0..named.entries.len() {
                let Observed(frames) = (self.get)(group, entry).map_err(|error| {
                    let told = super::Error::observation(&named.name, error.to_string());
                    self.lost = Some(error);
                    told
                })?;
                for packed in &frames {
                    let frame = packed.frame().map_err(|damage| super::Error::Scan {
                        at: packed.at(),
                        problem: damage.to_string(),
                    })?;
                    take(&frame)?;
                }
            }
        }
        Ok(())
    }
}

impl Wire for Observed {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Vec::take(input).map(Observed)
    }
}
