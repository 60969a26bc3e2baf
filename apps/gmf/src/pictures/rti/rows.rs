//! Which samples of a pulse are shown.

use std::ops::Range;

use super::{RangeUnit, RtiRequest};
use crate::clock::Rate;
use crate::experiment::Experiment;
use crate::parameters::Timing;
use crate::units::metres_per_sample;
use crate::{Error, Result};

/// The samples of a pulse that lie within the ranges asked for.
pub(super) fn rows(request: &RtiRequest, timing: &Timing, rate: Rate) -> Result<Range<usize>> {
    let sample = |range: Option<f64>, default: i64| match (range, request.unit) {
        (None, _) => default,
        (Some(range), RangeUnit::Sample) => range.round() as i64,
        (Some(range), RangeUnit::Length(unit)) => {
            let path = range * unit.metres() * request.path.ways();
            let delay = (path / metres_per_sample(rate.as_f64())).round() as i64;
            timing.tx_start.saturating_add(delay)
        }
    };
    let start = sample(request.ranges.0, 0);
    let end = sample(request.ranges.1, timing.ipp);
    if start < 0 || end > timing.ipp || start >= end {
        return Err(Error::Request(format!(
            "the ranges asked for are samples {start} to {end}; they must rise and lie within the \
             {} samples of a pulse",
            timing.ipp
        )));
    }
    Ok(start as usize..end as usize)
}

/// The samples of a pulse during which the radar transmits or measures injected noise.
pub(super) fn hidden(experiment: &Experiment, timing: &Timing) -> Vec<Range<usize>> {
    let samples = |microseconds: f64| {
        let samples = microseconds * 1e-6 * experiment.sample_rate.as_f64();
        samples.round_ties_even().clamp(0.0, timing.ipp as f64) as usize
    };
    let transmitted = timing.tx_start as usize..timing.tx_end as usize;
    let injected = experiment.cal_on.zip(experiment.cal_off);
    let injected = injected.map(|(on, off)| samples(on)..samples(off));
    std::iter::once(transmitted).chain(injected).collect()
}
