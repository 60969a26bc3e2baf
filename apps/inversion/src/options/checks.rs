//! What options must be, each by itself and together.

use std::path::Path;

use super::plain::{ErrorModel, ErrorOptions, LayersPrior, Mode, Options};
use crate::{Error, Result};

/// Layers, chains, temperatures and bins, at most: results hold arrays of them.
const MOST: usize = 1000;
/// Depths at which chains keep samples.
const MOST_DEPTHS: usize = 100;
const MOST_BINS: usize = 100_000;

/// Checks all options.
///
/// # Errors
/// A line: which option is impossible, and why.
pub(super) fn check(path: &Path, options: &Options) -> Result<()> {
    let problem = numbers(options)
        .or_else(|| options.depths().problem())
        .or_else(|| depths(options))
        .or_else(|| errors(options))
        .or_else(|| proposals(options));
    match problem {
        None => Ok(()),
        Some(problem) => Err(Error::File {
            path: path.to_path_buf(),
            problem,
        }),
    }
}

fn numbers(o: &Options) -> Option<String> {
    let counts = [
        ("maximum_number_of_layers", o.maximum_number_of_layers, MOST),
        ("chains", o.chains, MOST),
        ("temperatures", o.temperatures, MOST),
        (
            "number_of_depth_bins",
            o.number_of_depth_bins.unwrap_or(1),
            MOST_BINS,
        ),
        (
            "number_of_edge_bins",
            o.number_of_edge_bins.unwrap_or(1),
            MOST_BINS,
        ),
        ("digitise", o.digitise as usize, MOST),
    ];
    for (key, count, most) in counts {
        if !(1..=most).contains(&count) {
            return Some(format!(
                "{key}: a whole number from 1 to {most} is expected"
            ));
        }
    }
    // Results hold two numbers per iteration.
    for (key, count, least) in [
        ("n_markov_chains", o.n_markov_chains, 1),
        ("minimum_burn_in", o.minimum_burn_in, 0),
        ("update_plot_every", o.update_plot_every, 1),
    ] {
        if !(least..=1_000_000_000_000).contains(&count) {
            return Some(format!("{key}: {count} is not from {least} to 1e12"));
        }
    }
    if o.mode == Mode::Compat && o.maximum_number_of_layers < 2 {
        return Some("maximum_number_of_layers: geobipy's prior needs at least 2".into());
    }
    if o.mode == Mode::Compat && o.error_model == ErrorModel::Predicted {
        return Some("error_model: in mode compat it is observed, as in geobipy".into());
    }
    if o.mode == Mode::Compat && o.layers_prior != LayersPrior::Uniform {
        return Some("layers_prior: in mode compat it is uniform, as in geobipy".into());
    }
    let hottest = o.maximum_temperature;
    if !(1.0..=1e6).contains(&hottest) || (o.temperatures > 1) != (hottest > 1.0) {
        return Some(format!(
            "temperatures: {} to {hottest}: several need a hottest one above 1, [N, TMAX]",
            o.temperatures
        ));
    }
    let probabilities = [
        ("probability_of_birth", o.probability_of_birth),
        ("probability_of_death", o.probability_of_death),
        ("probability_of_perturb", o.probability_of_perturb),
        ("probability_of_no_change", o.probability_of_no_change),
    ];
    for (key, probability) in probabilities {
        if !(0.0..=1.0).contains(&probability) {
            return Some(format!("{key}: {probability} is no probability, 0 to 1"));
        }
    }
    if probabilities
        .iter()
        .all(|(_, probability)| *probability == 0.0)
    {
        return Some("probability_of_birth, _death, _perturb and _no_change are all 0".into());
    }
    if (o.probability_of_birth > 0.0) != (o.probability_of_death > 0.0) {
        return Some("probability_of_birth and probability_of_death: only one of them is 0".into());
    }
    let positive = [
        (
            "parameter_standard_deviation",
            o.parameter_standard_deviation,
        ),
        ("gradient_standard_deviation", o.gradient_standard_deviation),
        ("covariance_scaling", o.covariance_scaling),
        ("multiplier", o.multiplier),
        ("value_mean", o.value_mean.unwrap_or(1.0)),
    ];
    for (key, value) in positive {
        if value <= 0.0 {
            return Some(format!("{key}: {value} is not positive"));
        }
    }
    if o.parameter_weight < 0.0 || o.gradient_weight < 0.0 {
        return Some("parameter_weight and gradient_weight must not be negative".into());
    }
    let [least, greatest] = o.parameter_limits;
    if !(least > 0.0 && greatest > least) {
        return Some("parameter_limits: [least, greatest] is expected, both positive".into());
    }
    None
}

fn depths(o: &Options) -> Option<String> {
    let are_depths = o.depths.len() <= MOST_DEPTHS
        && o.depths
            .iter()
            .all(|depth| depth.is_finite() && *depth >= 0.0)
        && o.depths.is_sorted_by(|a, b| a < b);
    if !are_depths {
        return Some(format!(
            "depths: rising numbers of m, at most {MOST_DEPTHS}, are expected"
        ));
    }
    None
}

fn errors(o: &Options) -> Option<String> {
    if o.use_errors && (o.relative_error.solve || o.additive_error.solve) {
        return Some(
            "use_errors takes the standard deviations of the data: solve_relative_error and \
             solve_additive_error must be False"
                .into(),
        );
    }
    let errors = [
        ("relative_error", &o.relative_error),
        ("additive_error", &o.additive_error),
    ];
    errors
        .into_iter()
        .find_map(|(name, error)| bounds(name, error))
}

fn bounds(name: &str, error: &ErrorOptions) -> Option<String> {
    let lists = [
        (format!("initial_{name}"), &error.initial),
        (format!("minimum_{name}"), &error.minimum),
        (format!("maximum_{name}"), &error.maximum),
        (
            format!("{name}_proposal_variance"),
            &error.proposal_variance,
        ),
    ];
    let several = lists.iter().map(|(_, list)| list.len()).max().unwrap_or(0);
    for (key, list) in &lists {
        if list.len() > 1 && list.len() != several {
            return Some(format!(
                "{key}: {} values where others have {several}",
                list.len()
            ));
        }
        if let Some(value) = list.iter().find(|value| **value <= 0.0) {
            return Some(format!("{key}: {value} is not positive"));
        }
    }
    if !error.solve {
        return None;
    }
    let at = |list: &[f64], index: usize| list[if list.len() == 1 { 0 } else { index }];
    (0..several).find_map(|index| {
        let least = at(&error.minimum, index);
        let greatest = at(&error.maximum, index);
        let initial = at(&error.initial, index);
        (least >= greatest || !(least..=greatest).contains(&initial)).then(|| {
            format!(
                "{name}: minimum {least} < maximum {greatest}, and initial {initial} between them, \
                 is needed"
            )
        })
    })
}

fn proposals(o: &Options) -> Option<String> {
    for (name, proposal) in o.proposals() {
        let numbers = [
            (format!("maximum_{name}_change"), proposal.maximum_change),
            (
                format!("{name}_proposal_variance"),
                proposal.proposal_variance,
            ),
        ];
        for (key, number) in numbers {
            if number.is_some_and(|number| number <= 0.0) {
                return Some(format!("{key} is not positive"));
            }
        }
    }
    None
}
