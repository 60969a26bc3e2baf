use super::{Chain, Step};
use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::posterior::Posterior;
use crate::settings::Settings;

/// What a chain found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Counts and moments of the kept iterations: all where the chain never burned in.
    pub posterior: Posterior,
    /// The most probable state of the kept iterations.
    pub best: Best,
    /// The first kept iteration; none where the misfit never came below the number of data. The
    /// chain has failed then.
    pub burned_in: Option<u64>,
    /// All iterations, from 1.
    pub iterations: u64,
    /// In how many of the kept iterations the candidate was accepted.
    pub accepted: u64,
}

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

/// Runs a chain to its end: `n_markov_chains` iterations after burn-in, or in all where there is
/// none. Tells `each` of every iteration: its number, what it did, and the misfit after it.
pub fn run(
    settings: &Settings,
    chain: &mut Chain<'_>,
    depths: &[f64],
    mut each: impl FnMut(u64, Step, f64),
) -> Outcome {
    let mut found = Outcome {
        posterior: Posterior::new(settings, chain.half_space(), depths),
        best: Best::of(chain, 0, settings.maximum_number_of_layers),
        burned_in: settings.ignore_likelihood.then_some(0),
        iterations: 0,
        accepted: 0,
    };
    let target = chain.target_misfit();
    // Iterations that the chain has been where it is and that are not counted yet.
    let mut pending = 0;
    while found.iterations < settings.n_markov_chains + found.burned_in.unwrap_or(0) {
        found.iterations += 1;
        let before = pending;
        let step = chain.step(found.iterations);
        if step.accepted {
            found.accepted += 1;
            // The state before is the candidate now.
            found.posterior.add(settings, chain.other(), before);
            pending = 0;
        }
        pending += 1;
        let misfit = chain.state().misfit;
        each(found.iterations, step, misfit);
        let is_late = found.iterations > settings.minimum_burn_in;
        if found.burned_in.is_none() && is_late && misfit < target {
            found.burned_in = Some(found.iterations);
            found.posterior.clear();
            found.accepted = u64::from(step.accepted);
            pending = 1;
            found.best.log_posterior = f64::NEG_INFINITY;
        }
        found.best.improve(chain, found.iterations);
    }
    found.posterior.add(settings, chain.state(), pending);
    found
}

impl Best {
    fn of(chain: &Chain<'_>, iteration: u64, layers: usize) -> Best {
        let state = chain.state();
        let mut earth = Earth::half_space(1.0, layers);
        earth.copy(&state.earth);
        Best {
            iteration,
            earth,
            errors: state.errors.clone(),
            height_change: state.height_change,
            predicted: state.response.predicted.clone(),
            log_posterior: state.log_prior() + state.log_likelihood,
        }
    }

    /// Becomes the chain's state if that is more probable.
    fn improve(&mut self, chain: &Chain<'_>, iteration: u64) {
        let state = chain.state();
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
