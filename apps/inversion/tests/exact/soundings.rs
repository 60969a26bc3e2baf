use std::path::Path;

use jobwise_inversion::exact::Design;
use jobwise_inversion::forward::FrequencyDomain;
use jobwise_inversion::inference::Request;
use jobwise_inversion::instrument::Instrument;
use jobwise_inversion::likelihood::Observation;
use jobwise_inversion::options::{ErrorModel, Mode, Traces};
use jobwise_inversion::settings::{HeightWalk, Level, LevelWalk, Settings};
use jobwise_inversion::state::Sounding;
use jobwise_inversion::system::FrequencySystem;

pub(crate) fn system(text: &str) -> FrequencyDomain {
    FrequencyDomain::new(&FrequencySystem::parse(Path::new("coils.stm"), text).unwrap())
}

/// All data count, and errors are parts of what is predicted.
pub(crate) fn sounding<'s>(
    system: &'s FrequencyDomain,
    height: f64,
    data: &[f64],
    fiducial: f64,
) -> Sounding<'s> {
    let instrument = Instrument::frequency(system, height).unwrap();
    let ones = vec![1.0; data.len()];
    let observation = Observation::finite(data, instrument.components(), &ones).unwrap();
    Sounding {
        line: 100.0,
        fiducial,
        observation: observation.with_error_model(ErrorModel::Predicted),
        instrument,
    }
}

/// Between two ends, of which the geometric mean is the beginning.
pub(crate) fn walked(minimum: f64, maximum: f64) -> Level {
    Level {
        initial: (minimum * maximum).sqrt(),
        walk: Some(LevelWalk {
            minimum,
            maximum,
            proposal_variance: 1e-2,
        }),
    }
}

/// Few layers, everything solved for.
pub(crate) fn settings(layers: usize) -> Settings {
    Settings {
        maximum_number_of_layers: layers,
        minimum_depth: 2.0,
        maximum_depth: 80.0,
        minimum_thickness: Some(4.0),
        number_of_depth_bins: None,
        number_of_edge_bins: None,
        probability_of_birth: 0.2,
        probability_of_death: 0.2,
        probability_of_perturb: 0.2,
        probability_of_no_change: 0.4,
        solve_parameter: true,
        solve_gradient: true,
        parameter_standard_deviation: 1.0,
        gradient_standard_deviation: 1.5,
        parameter_weight: 1.0,
        gradient_weight: 0.0,
        parameter_limits: [1e-20, 1e20],
        value_mean: Some(0.03),
        covariance_scaling: 1.0,
        stochastic_newton: true,
        ignore_likelihood: false,
        relative_error: vec![walked(0.02, 0.2)],
        additive_error: vec![walked(2.0, 20.0)],
        height: Some(HeightWalk {
            maximum_change: 3.0,
            proposal_variance: 0.1,
        }),
        n_markov_chains: 1000,
        minimum_burn_in: 200,
    }
}

pub(crate) fn request<'s>(
    settings: &'s Settings,
    sounding: &'s Sounding<'s>,
    depths: &'s [f64],
) -> Request<'s> {
    Request {
        settings,
        sounding,
        mode: Mode::Exact,
        design: Design::default(),
        chains: 1,
        seed: 11,
        depths,
        traces: Traces::None,
    }
}
