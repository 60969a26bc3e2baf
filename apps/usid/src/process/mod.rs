//! What all computations on main datasets have in common: found again, resumed, written safely, on
//! any backend.
//!
//! A [`Recipe`] is a request (tool and parameters) before anything is computed; it prepares a
//! [`Process`], which computes units of neighbouring positions. [`ProcessRun`] does the rest: it
//! looks for an earlier run of the same thing, makes the results group, deals batches of units to
//! lanes and ranks, and writes rows before it marks them ([decision
//! 0010](../../../../docs/decisions/0010-life-cycle-of-a-process.md)).
//!
//! Most processes compute every position for itself: they implement [`PixelKernel`] and are wrapped
//! in [`Pixelwise`]; [`crate::spectrum`] is a small one.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Recipe`], [`Process`], [`PixelKernel`] | what a process says of itself |
//! | [`Output`], [`Rows`] | result datasets and their rows |
//! | [`Parameters`] | what must be equal for a run to be the same |
//! | `earlier`, [`verify`], `seal` | results groups of earlier runs, and whether they are as they were written |
//! | `decision` | what is done about them |
//! | `create` | the results group, made whole |
//! | [`Tally`] | what numbers lost, and which rows could not be read |
//! | `digests` | what rows were computed from, and what they are |
//! | `machine` | what a recipe is prepared on |
//! | `batches`, `computing` | batches of units, computed and stored by `jobwise_hdf5::row_store` |
//! | [`ProcessRun`], [`Trial`] | a whole run; one unit without a file |

mod batches;
mod computing;
mod create;
mod decision;
mod digests;
pub mod earlier;
mod fingerprint;
mod kind_text;
mod machine;
mod marks;
mod output;
mod parameters;
mod pixelwise;
mod rows;
mod run;
mod seal;
mod settings;
mod tally;
mod trial;
pub mod verify;

use std::ops::Range;

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cause, Cluster, Cpu};
#[cfg(feature = "cuda")]
use jobwise_kit::Choice;

use crate::Result;
#[cfg(feature = "cuda")]
use crate::error::engine_error;
use crate::format::{Main, SourceRows};

pub use digests::DIGESTS;
pub use jobwise_hdf5::row_store::Per;
pub(crate) use marks::read_marks;
pub use output::{Columns, Output};
pub use parameters::Parameters;
pub use pixelwise::{PixelKernel, Pixelwise};
pub use rows::Rows;
pub use run::{Outcome, ProcessRun};
pub use seal::{OUTPUTS, SEAL};
pub use settings::{Policy, Settings, Writer};
pub use tally::Tally;
pub use trial::{Sample, Trial};

/// The name of the dataset of marks: u8, one per position, 1 where every output holds the
/// position's row.
pub const COMPLETED: &str = "completed_positions";

/// The attribute of a results group with the digest of what its source said of its rows and
/// columns.
pub const FINGERPRINT: &str = "jobwise_source";

/// The attribute of a results group with the stages of its runs that CUDA devices computed; absent
/// where processors computed all.
pub const ON_CUDA: &str = "jobwise_on_cuda";

/// The attribute of older programs: all positions below it are done.
pub const LAST_PIXEL: &str = "last_pixel";

/// A request: a tool and its parameters, for any source.
pub trait Recipe: Sync {
    /// What all units share and every node keeps once, as a picture that each of them needs whole;
    /// `()` where there is nothing.
    type Common<'c>;

    /// What it becomes.
    type Process<'s>: Process;

    /// The name of the tool, as in the names of results groups.
    fn tool(&self) -> &'static str;

    /// The parameters that the results depend on, for this source. Cheap: nothing is computed.
    ///
    /// # Errors
    /// The parameters do not fit the source.
    fn parameters(&self, source: &Main) -> Result<Parameters>;

    /// How it would be computed, in whole lines: shown by a dry run.
    ///
    /// # Errors
    /// As [`parameters`](Self::parameters).
    fn plan(&self, source: &Main) -> Result<String> {
        let _ = source;
        Ok(String::new())
    }

    /// A digest of what all results depend on beside the parameters and their own positions' rows;
    /// `None` where there is nothing.
    ///
    /// # Errors
    /// The source cannot be read.
    fn depends_on(&self, source: &Main) -> Result<Option<u64>> {
        let _ = source;
        Ok(None)
    }

    /// Brings what all units share to every node. Collective.
    ///
    /// # Errors
    /// On every rank: the source does not fit, or a node has no room.
    fn common<'c>(
        &self,
        source: &Main,
        cluster: &'c dyn Cluster,
    ) -> jobwise_core::Result<Self::Common<'c>>;

    /// Computes what all units share. `earlier` is the results group of a run that is continued.
    /// Collective.
    ///
    /// # Errors
    /// The source does not fit, or the computation fails.
    fn prepare<'s, B: Backend<Device = Cpu>>(
        &self,
        on: (&Main, &'s Self::Common<'_>),
        earlier: Option<&Group>,
        backend: &B,
        cancel: &Cancel,
    ) -> jobwise_core::Result<Self::Process<'s>>;

    /// Whether some of its stages may run on CUDA devices.
    const HAS_CUDA: bool = false;

    /// The same where CUDA devices are there beside the host: each stage runs on what suits it.
    /// What is stored may differ by rounding. Collective.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    #[cfg(feature = "cuda")]
    fn prepare_on_cuda<'s, H, B>(
        &self,
        on: (&Main, &'s Self::Common<'_>),
        earlier: Option<&Group>,
        (host, devices): (&H, &B),
        cancel: &Cancel,
    ) -> jobwise_core::Result<Self::Process<'s>>
    where
        H: Backend<Device = Cpu>,
        B: Backend<Device = jobwise_cuda::Cuda>,
    {
        let _ = devices;
        self.prepare(on, earlier, host, cancel)
    }

    /// As [`plan`](Self::plan), where CUDA devices are there.
    ///
    /// # Errors
    /// As [`plan`](Self::plan); or a device is not there.
    #[cfg(feature = "cuda")]
    fn plan_on_cuda(&self, source: &Main, choice: Option<&Choice>) -> jobwise_core::Result<String> {
        let _ = choice;
        self.plan(source).map_err(engine_error)
    }
}

/// A computation on units of neighbouring positions, ready to run: every number that it needs is
/// there.
///
/// What a unit gives depends on the unit alone, not on which others are computed with it.
pub trait Process: Sync {
    /// Buffers and plans of one lane.
    type Scratch;

    /// Positions of a unit.
    fn unit(&self) -> usize {
        1
    }

    /// The result datasets.
    fn outputs(&self) -> &[Output];

    /// The stages that CUDA devices computed for this run.
    fn on_cuda(&self) -> &[&'static str] {
        &[]
    }

    /// Writes what does not belong to a position into the new results group.
    ///
    /// # Errors
    /// When the file refuses.
    fn write_constants(&self, group: &Group, source: &Main) -> Result<()> {
        let _ = (group, source);
        Ok(())
    }

    /// Adds to the results group what needs all rows, once they are there: within the amendment
    /// that ends the run, on rank 0.
    ///
    /// # Errors
    /// When the file refuses.
    fn finish(&self, group: &Group, source: &Main) -> Result<()> {
        let _ = (group, source);
        Ok(())
    }

    /// Bytes that a unit brings into memory beside its outputs.
    fn unit_bytes(&self) -> usize;

    /// Makes a lane's scratch.
    ///
    /// # Errors
    /// Whatever prevents it.
    fn scratch(&self) -> Result<Self::Scratch, Cause>;

    /// The rows that units are computed from.
    fn source(&self) -> &SourceRows;

    /// Computes some neighbouring units from their rows of the source, and appends their rows, in
    /// order. What the user must know is added to the tally.
    ///
    /// # Errors
    /// Whatever the computation meets.
    fn compute(
        &self,
        units: Range<usize>,
        input: &[u8],
        scratch: &mut Self::Scratch,
        rows: &mut Rows,
        tally: &mut Tally,
    ) -> Result<(), Cause>;
}
