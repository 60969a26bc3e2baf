use std::path::Path;

use jobwise_inversion::exact::Design;
use jobwise_inversion::forward::FrequencyDomain;
use jobwise_inversion::inference::Request;
use jobwise_inversion::instrument::Instrument;
use jobwise_inversion::likelihood::Observation;
use jobwise_inversion::options::{Mode, Traces};
use jobwise_inversion::settings::{HeightWalk, Level, LevelWalk, Settings};
use jobwise_inversion::state::Sounding;
use jobwise_inversion::system::{FrequencySystem, TimeSystem};

/// Three pairs of coils of a helicopter.
pub(crate) const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";

/// What these measured in ppm over 20 m of 0.01 S/m on 0.1 S/m, 30 m above, with noise.
pub(crate) const DATA: [f64; 6] = [20.0, 130.0, 1100.0, 80.0, 150.0, 900.0];

pub(crate) fn system(text: &str) -> FrequencyDomain {
    FrequencyDomain::new(&FrequencySystem::parse(Path::new("coils.stm"), text).unwrap())
}

pub(crate) fn sounding<'s>(
    system: &'s FrequencyDomain,
    height: f64,
    data: &[f64],
    fiducial: f64,
) -> Sounding<'s> {
    let instrument = Instrument::frequency(system, height).unwrap();
    let ones = vec![1.0; data.len()];
    Sounding {
        line: 100.0,
        fiducial,
        observation: Observation::positive(data, instrument.components(), &ones).unwrap(),
        instrument,
    }
}

/// Those of the reference line, with so many iterations.
pub(crate) fn settings(n_markov_chains: u64) -> Settings {
    let level = |initial, minimum, maximum, proposal_variance| Level {
        initial,
        walk: Some(LevelWalk {
            minimum,
            maximum,
            proposal_variance,
        }),
    };
    Settings {
        maximum_number_of_layers: 30,
        minimum_depth: 1.0,
        maximum_depth: 150.0,
        minimum_thickness: None,
        probability_of_birth: 1.0 / 6.0,
        probability_of_death: 1.0 / 6.0,
        probability_of_perturb: 1.0 / 6.0,
        probability_of_no_change: 0.5,
        solve_parameter: true,
        solve_gradient: true,
        parameter_standard_deviation: 2.39,
        gradient_standard_deviation: 1.5,
        parameter_weight: 1.0,
        gradient_weight: 0.0,
        parameter_limits: [1e-20, 1e20],
        value_mean: None,
        covariance_scaling: 1.0,
        stochastic_newton: true,
        ignore_likelihood: false,
        relative_error: vec![level(0.05, 1e-3, 0.5, 2.5e-3)],
        additive_error: vec![level(5.0, 3.0, 20.0, 1e-2)],
        height: None,
        n_markov_chains,
        minimum_burn_in: 2000,
        number_of_depth_bins: None,
        number_of_edge_bins: None,
    }
}

/// One chain of geobipy's kind, with a trace of all iterations.
pub(crate) fn request<'s>(settings: &'s Settings, sounding: &'s Sounding<'s>) -> Request<'s> {
    Request {
        settings,
        sounding,
        mode: Mode::Compat,
        design: Design::default(),
        chains: 1,
        seed: 3,
        depths: &[5.0, 50.0],
        traces: Traces::Full,
    }
}

/// A dipole with a short ramp; three windows of x and z.
pub(crate) fn time_system() -> TimeSystem {
    TimeSystem::parse(Path::new("ramp.stm"), include_str!("../ramp.stm")).unwrap()
}

/// Errors for its data, of which there are so many components; the height is solved for.
pub(crate) fn time_settings(n_markov_chains: u64, components: usize) -> Settings {
    let level = |initial: f64| Level {
        initial,
        walk: Some(LevelWalk {
            minimum: initial / 30.0,
            maximum: initial * 10.0,
            proposal_variance: 1e-2,
        }),
    };
    Settings {
        relative_error: vec![level(0.03); components],
        additive_error: vec![level(1e-17)],
        height: Some(HeightWalk {
            maximum_change: 1.0,
            proposal_variance: 0.01,
        }),
        maximum_number_of_layers: 12,
        ..settings(n_markov_chains)
    }
}
