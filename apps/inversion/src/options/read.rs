//! From keys and values to plain data: the keys, and their defaults.

use std::path::PathBuf;

use super::fields::Fields;
use super::plain::{
    DataType, ErrorModel, ErrorOptions, Jacobian, LayersPrior, Loop, Mode, Options, Proposal,
    Traces,
};
use crate::Result;

/// m: where conductivities have statistics, if nothing else is said.
const DEPTHS: [f64; 10] = [2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 80.0, 120.0];

/// Takes all options.
///
/// # Errors
/// A value is of another kind than its option, or is no word that the option knows.
pub(super) fn options(fields: &mut Fields) -> Result<Options> {
    let mode = fields.word_or("mode", Mode::Exact)?;
    let (jacobian, error_model, chains) = match mode {
        Mode::Exact => (Jacobian::Correct, ErrorModel::Predicted, 4),
        Mode::Compat => (Jacobian::Peer, ErrorModel::Observed, 1),
    };
    fields.required("data_type", String::new())?;
    let use_errors = fields.or("use_errors", false)?;
    let temperatures = temperatures(fields)?;
    Ok(Options {
        data_directory: PathBuf::from(fields.required("data_directory", String::new())?),
        data_type: fields.word_or("data_type", DataType::Fdem)?,
        data_filename: fields.required("data_filename", String::new())?,
        system_filename: fields.required("system_filename", Vec::new())?,
        mode,
        jacobian: fields.word_or("jacobian", jacobian)?,
        n_markov_chains: fields.required("n_markov_chains", 0)?,
        minimum_burn_in: fields.or("minimum_burn_in", 5000)?,
        chains: fields.or("chains", chains)?,
        temperatures: temperatures.0,
        maximum_temperature: temperatures.1,
        seed: fields.or("seed", 0)?,
        update_plot_every: fields.required("update_plot_every", 0)?,
        traces: fields.word_or("traces", Traces::Thin)?,
        depths: fields.or("depths", DEPTHS.to_vec())?,
        digitise: fields.or("digitise", 1u64)?.min(u64::from(u32::MAX)) as u32,
        solve_parameter: fields.required("solve_parameter", false)?,
        solve_gradient: fields.required("solve_gradient", false)?,
        maximum_number_of_layers: fields.required("maximum_number_of_layers", 0)?,
        layers_prior: fields.word_or("layers_prior", LayersPrior::Uniform)?,
        minimum_depth: fields.required("minimum_depth", 0.0)?,
        maximum_depth: fields.required("maximum_depth", 0.0)?,
        minimum_thickness: fields.optional("minimum_thickness")?,
        parameter_standard_deviation: fields.or("parameter_standard_deviation", 2.39)?,
        gradient_standard_deviation: fields.or("gradient_standard_deviation", 1.5)?,
        parameter_weight: fields.or("parameter_weight", 1.0)?,
        gradient_weight: fields.or("gradient_weight", 0.0)?,
        parameter_limits: limits(fields)?,
        value_mean: fields.optional("value_mean")?,
        probability_of_birth: fields.required("probability_of_birth", 0.0)?,
        probability_of_death: fields.required("probability_of_death", 0.0)?,
        probability_of_perturb: fields.required("probability_of_perturb", 0.0)?,
        probability_of_no_change: fields.required("probability_of_no_change", 0.0)?,
        covariance_scaling: fields.or("covariance_scaling", 1.0)?,
        multiplier: fields.or("multiplier", 1.0)?,
        factor: fields.or("factor", 10.0)?,
        stochastic_newton: fields.or("stochastic_newton", true)?,
        ignore_likelihood: fields.or("ignore_likelihood", false)?,
        error_model: fields.word_or("error_model", error_model)?,
        use_errors,
        relative_error: error(fields, "relative_error", use_errors)?,
        additive_error: error(fields, "additive_error", use_errors)?,
        x: proposal(fields, "x")?,
        y: proposal(fields, "y")?,
        z: proposal(fields, "z")?,
        transmitter: coil(fields, "transmitter")?,
        receiver: coil(fields, "receiver")?,
        number_of_depth_bins: fields.optional("number_of_depth_bins")?,
        number_of_edge_bins: fields.optional("number_of_edge_bins")?,
        interactive_plot: fields.required("interactive_plot", false)?,
        save_png: fields.required("save_png", false)?,
        save_hdf5: fields.required("save_hdf5", false)?,
        reciprocate_parameters: fields.or("reciprocate_parameters", false)?,
    })
}

/// Their number, or their number and the hottest.
fn temperatures(fields: &mut Fields) -> Result<(usize, f64)> {
    let given: Vec<f64> = fields.or("temperatures", vec![1.0])?;
    let hottest = fields.or("maximum_temperature", given.get(1).copied().unwrap_or(1.0))?;
    // What is no whole number is 0 here, which is refused.
    let number = if given.len() <= 2 && given[0].fract() == 0.0 {
        given[0] as usize
    } else {
        0
    };
    Ok((number, hottest))
}

fn limits(fields: &mut Fields) -> Result<[f64; 2]> {
    let given: Vec<f64> = fields.or("parameter_limits", vec![1e-20, 1e20])?;
    // What are no two numbers are limits here that are refused.
    Ok(<[f64; 2]>::try_from(given).unwrap_or([f64::NAN; 2]))
}

fn proposal(fields: &mut Fields, name: &str) -> Result<Proposal> {
    let solve = fields.or(&format!("solve_{name}"), false)?;
    let mut number = |key: String| {
        if solve {
            fields.required(&key, 0.0).map(Some)
        } else {
            fields.optional(&key)
        }
    };
    Ok(Proposal {
        solve,
        maximum_change: number(format!("maximum_{name}_change"))?,
        proposal_variance: number(format!("{name}_proposal_variance"))?,
    })
}

fn coil(fields: &mut Fields, name: &str) -> Result<Loop> {
    let mut of = |what: &str| proposal(fields, &format!("{name}_{what}"));
    Ok(Loop {
        pitch: of("pitch")?,
        roll: of("roll")?,
        yaw: of("yaw")?,
        x: of("x")?,
        y: of("y")?,
        z: of("z")?,
    })
}

fn error(fields: &mut Fields, name: &str, is_given: bool) -> Result<ErrorOptions> {
    let solve = fields.or(&format!("solve_{name}"), false)?;
    let mut numbers = |key: String, is_required: bool| {
        if is_required {
            fields.required(&key, Vec::new())
        } else {
            fields.optional(&key).map(Option::unwrap_or_default)
        }
    };
    Ok(ErrorOptions {
        solve,
        initial: numbers(format!("initial_{name}"), !is_given)?,
        minimum: numbers(format!("minimum_{name}"), solve)?,
        maximum: numbers(format!("maximum_{name}"), solve)?,
        proposal_variance: numbers(format!("{name}_proposal_variance"), solve)?,
    })
}
