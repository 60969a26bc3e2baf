use super::record::Record;
use super::{Request, Trace};
use crate::posterior::Posterior;
use crate::sampler::{Acceptance, Walk};
use crate::statistics::Series;

use super::{Best, Quantity};

/// From one question whether to stop to the next, in iterations.
const PATIENCE: u64 = 100;

/// A chain at its end.
pub(super) struct Ended {
    /// All iterations.
    pub(super) iterations: u64,
    /// The first kept one; none where the misfit never came below the number of data.
    pub(super) burned_in: Option<u64>,
    /// The misfit at the end.
    pub(super) misfit: f64,
    /// Of the kept iterations: all where the chain never burned in.
    pub(super) posterior: Posterior,
    /// The same.
    pub(super) series: Vec<Series>,
    /// The same.
    pub(super) best: Best,
    pub(super) acceptance: Acceptance,
    pub(super) trace: Trace,
}

/// Runs a chain to its end: `n_markov_chains` iterations after burn-in, or in all where there is
/// none. It has burned in when its misfit is below the number of data, after `minimum_burn_in`
/// iterations; from the start where data are ignored. None where `stop` says so.
pub(super) fn run(
    request: &Request<'_>,
    quantities: &[Quantity],
    walk: &mut dyn Walk,
    stop: &dyn Fn() -> bool,
) -> Option<Ended> {
    let settings = request.settings;
    let target = request.sounding.observation.active().len() as f64;
    let mut burned_in = settings.ignore_likelihood.then_some(0);
    let mut record = Record::new(request, quantities, walk.half_space(), walk.state());
    let mut trace = Trace::new(request.traces);
    let mut iterations = 0;
    while iterations < settings.n_markov_chains + burned_in.unwrap_or(0) {
        if iterations.is_multiple_of(PATIENCE) && stop() {
            return None;
        }
        iterations += 1;
        let changed = walk.step(iterations);
        let state = walk.state();
        record.add(iterations, state, changed);
        trace.add(request.traces, iterations, state.misfit, changed);
        let is_late = iterations > settings.minimum_burn_in;
        if burned_in.is_none() && is_late && state.misfit < target {
            burned_in = Some(iterations);
            record.restart(iterations, state);
        }
    }
    record.count();
    Some(Ended {
        iterations,
        burned_in,
        misfit: walk.state().misfit,
        posterior: record.posterior,
        series: record.series,
        best: record.best,
        acceptance: walk.acceptance(),
        trace,
    })
}
