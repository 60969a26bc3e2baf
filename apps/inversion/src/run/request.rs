use std::path::PathBuf;
use std::time::Duration;

use jobwise_core::{Cancel, Job};
use jobwise_kit::Sharing;

use crate::options::Options;
use crate::survey::Reading;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to invert, and how.
    pub options: Options,
    /// How columns of data are read.
    pub reading: Reading,
    /// Where the files of results are; made where it is absent.
    pub output: PathBuf,
    /// Which soundings.
    pub selection: Selection,
    /// What becomes of earlier results.
    pub policy: Policy,
    /// What becomes of the run where a sounding has no result to rely on.
    pub on_failure: OnFailure,
    /// Between two commits: what a killed run loses at most, beside what is at work.
    pub checkpoint: Duration,
    /// The part of the soundings to do.
    pub job: Job,
    /// How soundings are dealt.
    pub sharing: Sharing,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// The switch that ends the run early.
    pub cancel: Cancel,
}

/// Which soundings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Selection {
    /// Of this line.
    pub line: Option<f64>,
    /// With this fiducial.
    pub fiducial: Option<f64>,
    /// The one at this place, by line and fiducial, from 0; of the line where one is given.
    pub index: Option<usize>,
}

/// What becomes of earlier results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// They are continued.
    #[default]
    Continue,
    /// Files of all lines of the selection are made anew.
    Override,
}

/// What becomes of the run where a sounding has no result to rely on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The sounding is marked, and the run goes on.
    #[default]
    Continue,
    /// The run ends.
    Stop,
}
