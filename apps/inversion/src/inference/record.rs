use super::{Best, Quantity, Request, Trace};
use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::options::Traces;
use crate::posterior::Posterior;
use crate::settings::Settings;
use crate::state::State;
use crate::statistics::Series;

/// Bytes that a chain takes on the host while it goes on, with what is kept of it; about, and most
/// of it.
pub fn chain_bytes(settings: &Settings, depths: &[f64], traces: Traces) -> usize {
    let quantities = Quantity::all(settings, depths).len();
    // Two traces, which grow by doubling.
    let trace = match traces {
        Traces::None => 0,
        Traces::Thin => Trace::THIN_BYTES,
        Traces::Full => 18 * usize::try_from(settings.n_markov_chains).unwrap_or(usize::MAX / 18),
    };
    let kept = Posterior::new(settings, 1.0).bytes() + quantities * Series::BYTES;
    // States, responses and matrices of a walker.
    let walker = 64 << 10;
    kept.saturating_add(trace).saturating_add(walker)
}

/// What is kept of a chain while it goes on. Iterations in which it stays where it is are counted
/// when it leaves.
pub(super) struct Record<'r> {
    request: &'r Request<'r>,
    quantities: &'r [Quantity],
    /// Of the kept iterations.
    pub(super) posterior: Posterior,
    /// One per quantity.
    pub(super) series: Vec<Series>,
    pub(super) best: Best,
    /// Where the chain is, and for how many iterations that are not counted yet.
    earth: Earth,
    errors: Errors,
    height_change: f64,
    misfit: f64,
    pending: u64,
}

impl<'r> Record<'r> {
    /// A chain that has not begun.
    pub(super) fn new(
        request: &'r Request<'r>,
        quantities: &'r [Quantity],
        half_space: f64,
        state: &State,
    ) -> Record<'r> {
        let layers = request.settings.maximum_number_of_layers;
        let mut record = Record {
            request,
            quantities,
            posterior: Posterior::new(request.settings, half_space),
            series: quantities.iter().map(|_| Series::new()).collect(),
            best: Best::new(state, layers),
            earth: Earth::half_space(1.0, layers),
            errors: state.errors.clone(),
            height_change: 0.0,
            misfit: 0.0,
            pending: 0,
        };
        record.enter(state);
        record
    }

    /// Counts an iteration, after it.
    pub(super) fn add(&mut self, iteration: u64, state: &State, changed: bool) {
        if changed {
            self.count();
            self.enter(state);
            self.best.improve(state, iteration);
        }
        self.pending += 1;
    }

    /// Forgets all iterations but the last one, which was this one.
    pub(super) fn restart(&mut self, iteration: u64, state: &State) {
        self.posterior.clear();
        self.series.iter_mut().for_each(Series::clear);
        self.pending = 1;
        self.best.log_posterior = f64::NEG_INFINITY;
        self.best.improve(state, iteration);
    }

    /// Counts the iterations that are not counted yet.
    pub(super) fn count(&mut self) {
        let times = std::mem::take(&mut self.pending);
        if times == 0 {
            return;
        }
        let settings = self.request.settings;
        let (earth, errors) = (&self.earth, &self.errors);
        let change = self.height_change;
        self.posterior.add(settings, earth, errors, change, times);
        let height = self.request.sounding.instrument.height() + change;
        for (series, quantity) in self.series.iter_mut().zip(self.quantities) {
            series.add(quantity.of(earth, errors, height, self.misfit), times);
        }
    }

    fn enter(&mut self, state: &State) {
        self.earth.copy(&state.earth);
        self.errors.relative.clone_from(&state.errors.relative);
        self.errors.additive.clone_from(&state.errors.additive);
        self.height_change = state.height_change;
        self.misfit = state.misfit;
    }
}
