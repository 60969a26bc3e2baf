//! Without data, chains give their priors back.

use jobwise_inversion::exact::{Chain, Design, Term};
use jobwise_inversion::options::LayersPrior;
use jobwise_inversion::sampler::{Position, Walk};
use jobwise_inversion::settings::Settings;

use crate::soundings::{settings, sounding, system};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
3000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";

/// Iterations of one batch, and how many batches.
const BATCH: usize = 2000;
const BATCHES: usize = 50;

/// The greatest distance of a number of layers from its prior, in standard errors of batches.
fn distance(
    settings: &Settings,
    prior: LayersPrior,
    expected: &[f64],
    omitted: Option<Term>,
) -> f64 {
    let system = system(COILS);
    let sounding = sounding(&system, 30.0, &[420.0, 560.0], 1.0);
    let design = Design {
        layers_prior: prior,
        ..Design::default()
    };
    let chain = Chain::new(settings, &design, &sounding, 5, 0).unwrap();
    let mut chain = chain.without(omitted);
    let mut iterations = 1..;
    let mut batch = || {
        let mut counts = vec![0.0; expected.len()];
        for iteration in iterations.by_ref().take(BATCH) {
            chain.step(iteration);
            counts[chain.state().earth.count() - 1] += 1.0 / BATCH as f64;
        }
        counts
    };
    let batches: Vec<Vec<f64>> = (0..BATCHES).map(|_| batch()).collect();
    let mut greatest = 0.0;
    for (place, expected) in expected.iter().enumerate() {
        let parts = || batches.iter().map(|batch| batch[place]);
        let mean = parts().sum::<f64>() / BATCHES as f64;
        let squares: f64 = parts().map(|part| (part - mean).powi(2)).sum();
        let error = (squares / (BATCHES * (BATCHES - 1)) as f64).sqrt();
        greatest = f64::max(greatest, (mean - expected).abs() / error);
    }
    greatest
}

fn without_data(layers: usize, solve_gradient: bool) -> Settings {
    Settings {
        ignore_likelihood: true,
        solve_gradient,
        ..settings(layers)
    }
}

#[test]
fn every_number_of_layers_is_as_frequent_as_its_prior() {
    let even = distance(
        &without_data(8, true),
        LayersPrior::Uniform,
        &[0.125; 8],
        None,
    );
    assert!(even < 4.0, "{even} standard errors");
    let parts: Vec<f64> = (0..5).map(|more| 0.6f64.powi(more)).collect();
    let all: f64 = parts.iter().sum();
    let parts: Vec<f64> = parts.iter().map(|part| part / all).collect();
    let geometric = LayersPrior::Geometric(0.4);
    let off = distance(&without_data(5, false), geometric, &parts, None);
    assert!(off < 4.0, "{off} standard errors");
}

#[test]
fn limits_leave_numbers_of_layers_as_they_are() {
    // About a tenth of the normal distribution is beyond the limits.
    let settings = Settings {
        parameter_limits: [0.007, 0.2],
        ..without_data(5, false)
    };
    let off = distance(&settings, LayersPrior::Uniform, &[0.2; 5], None);
    assert!(off < 4.0, "{off} standard errors");
    let missed = distance(
        &settings,
        LayersPrior::Uniform,
        &[0.2; 5],
        Some(Term::Normalisation),
    );
    assert!(missed > 6.0, "{missed} standard errors");
}
