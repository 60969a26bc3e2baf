use super::record::Record;
use super::{Request, Trace};
use crate::exact;
use crate::forward::Responder;
use crate::posterior::Posterior;
use crate::sampler::{Acceptance, Position, Walk};
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

/// What is kept of a chain on its way from its start over burn-in to its end: `n_markov_chains`
/// iterations after burn-in, or in all where there is none. It has burned in when its misfit is
/// below the number of data, after `minimum_burn_in` iterations; from the start where data are
/// ignored.
pub(super) struct Course<'r> {
    request: &'r Request<'r>,
    burned_in: Option<u64>,
    record: Record<'r>,
    trace: Trace,
    iterations: u64,
}

impl<'r> Course<'r> {
    /// Of a chain that has not begun.
    pub(super) fn new(
        request: &'r Request<'r>,
        quantities: &'r [Quantity],
        chain: &(impl Position + ?Sized),
    ) -> Course<'r> {
        Course {
            request,
            burned_in: request.settings.ignore_likelihood.then_some(0),
            record: Record::new(request, quantities, chain.half_space(), chain.state()),
            trace: Trace::new(request.traces),
            iterations: 0,
        }
    }

    /// The next iteration, from 1; none at the end.
    pub(super) fn next(&mut self) -> Option<u64> {
        let most = self.request.settings.n_markov_chains + self.burned_in.unwrap_or(0);
        (self.iterations < most).then(|| {
            self.iterations += 1;
            self.iterations
        })
    }

    /// Whether it is time to ask whether to stop, before an iteration.
    pub(super) fn is_time_to_ask(iteration: u64) -> bool {
        (iteration - 1).is_multiple_of(PATIENCE)
    }

    /// Takes what the iteration has led to.
    pub(super) fn add(&mut self, chain: &(impl Position + ?Sized), changed: bool) {
        let (iteration, state, settings) = (self.iterations, chain.state(), self.request.settings);
        self.record.add(iteration, state, changed);
        let traces = self.request.traces;
        self.trace.add(traces, iteration, state.misfit, changed);
        let target = self.request.sounding.observation.active().len() as f64;
        let is_late = iteration > settings.minimum_burn_in;
        if self.burned_in.is_none() && is_late && state.misfit < target {
            self.burned_in = Some(iteration);
            self.record.restart(iteration, state);
        }
    }

    /// The end.
    pub(super) fn end(mut self, chain: &(impl Position + ?Sized)) -> Ended {
        self.record.count();
        Ended {
            iterations: self.iterations,
            burned_in: self.burned_in,
            misfit: chain.state().misfit,
            posterior: self.record.posterior,
            series: self.record.series,
            best: self.record.best,
            acceptance: chain.acceptance(),
            trace: self.trace,
        }
    }
}

/// Runs a chain to its end. None where `stop` says so.
pub(super) fn run(
    request: &Request<'_>,
    quantities: &[Quantity],
    walk: &mut dyn Walk,
    stop: &dyn Fn() -> bool,
) -> Option<Ended> {
    let mut course = Course::new(request, quantities, walk);
    while let Some(iteration) = course.next() {
        if Course::is_time_to_ask(iteration) && stop() {
            return None;
        }
        let changed = walk.step(iteration);
        course.add(walk, changed);
    }
    Some(course.end(walk))
}

/// The same of an exact chain whose responses a responder computes.
pub(super) async fn run_with<R: Responder>(
    request: &Request<'_>,
    quantities: &[Quantity],
    chain: &mut exact::Chain<'_, R>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Ended> {
    let mut course = Course::new(request, quantities, chain);
    while let Some(iteration) = course.next() {
        if Course::is_time_to_ask(iteration) && stop() {
            return None;
        }
        let changed = chain.advance(iteration).await;
        course.add(chain, changed);
    }
    Some(course.end(chain))
}
