use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::state::State;

/// A state worth keeping.
#[derive(Clone, Debug)]
pub struct Best {
    /// When it was met.
    pub iteration: u64,
    /// The layers.
    pub earth: Earth,
    /// The levels of the errors.
    pub errors: Errors,
    /// m.
    pub height_change: f64,
    /// One per channel.
    pub predicted: Vec<f64>,
    /// The logarithms of prior and likelihood together.
    pub log_posterior: f64,
}

impl Best {
    /// The state of a chain that begins, with memory for so many layers.
    pub(super) fn new(state: &State, layers: usize) -> Best {
        let mut earth = Earth::half_space(1.0, layers);
        earth.copy(&state.earth);
        Best {
            iteration: 0,
            earth,
            errors: state.errors.clone(),
            height_change: state.height_change,
            predicted: state.response.predicted.clone(),
            log_posterior: state.log_prior() + state.log_likelihood,
        }
    }

    /// Becomes a state if that is more probable.
    pub(super) fn improve(&mut self, state: &State, iteration: u64) {
        let log_posterior = state.log_prior() + state.log_likelihood;
        if log_posterior > self.log_posterior {
            self.iteration = iteration;
            self.log_posterior = log_posterior;
            self.earth.copy(&state.earth);
            self.errors.relative.clone_from(&state.errors.relative);
            self.errors.additive.clone_from(&state.errors.additive);
            self.height_change = state.height_change;
            self.predicted.clone_from(&state.response.predicted);
        }
    }
}
