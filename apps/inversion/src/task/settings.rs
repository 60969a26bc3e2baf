use super::Systems;
use crate::options::{ErrorOptions, Options, Proposal};
use crate::settings::{HeightWalk, Level, LevelWalk, Settings};
use crate::{Error, Result};

/// What options ask of each chain over these systems.
///
/// # Errors
/// A list of an error has not one value, one per system or one per component; or
/// [`Settings::check`] refuses.
pub fn settings(o: &Options, systems: &Systems) -> Result<Settings> {
    let components = systems.components();
    let count = components.last().map_or(0, |system| system + 1);
    let each: Vec<usize> = (0..count).collect();
    let settings = Settings {
        maximum_number_of_layers: o.maximum_number_of_layers,
        minimum_depth: o.minimum_depth,
        maximum_depth: o.maximum_depth,
        minimum_thickness: o.minimum_thickness,
        probability_of_birth: o.probability_of_birth,
        probability_of_death: o.probability_of_death,
        probability_of_perturb: o.probability_of_perturb,
        probability_of_no_change: o.probability_of_no_change,
        solve_parameter: o.solve_parameter,
        solve_gradient: o.solve_gradient,
        parameter_standard_deviation: o.parameter_standard_deviation,
        gradient_standard_deviation: o.gradient_standard_deviation,
        parameter_weight: o.parameter_weight,
        gradient_weight: o.gradient_weight,
        parameter_limits: o.parameter_limits,
        value_mean: o.value_mean,
        covariance_scaling: o.covariance_scaling,
        stochastic_newton: o.stochastic_newton,
        ignore_likelihood: o.ignore_likelihood,
        relative_error: levels("relative_error", &o.relative_error, &components)?,
        additive_error: levels("additive_error", &o.additive_error, &each)?,
        height: height(&o.z)?,
        n_markov_chains: o.n_markov_chains,
        minimum_burn_in: o.minimum_burn_in,
        number_of_depth_bins: o.number_of_depth_bins,
        number_of_edge_bins: o.number_of_edge_bins,
    };
    settings.check()?;
    Ok(settings)
}

/// One level per member of `systems`, which says the system that it is of. Lists have a value for
/// all, one per system, or one per member.
fn levels(name: &str, error: &ErrorOptions, systems: &[usize]) -> Result<Vec<Level>> {
    let count = systems.last().map_or(0, |system| system + 1);
    let value = |key: String, list: &[f64], place: usize| match list.len() {
        1 => Ok(list[0]),
        several if several == systems.len() => Ok(list[place]),
        several if several == count => Ok(list[systems[place]]),
        several => {
            let components = if systems.len() == count {
                String::new()
            } else {
                format!(", or {} for each component", systems.len())
            };
            Err(Error::Request(format!(
                "{key}: {several} values: one is expected, or {count} for each system{components}"
            )))
        }
    };
    let level = |place: usize| -> Result<Level> {
        let initial = match &error.initial[..] {
            // The file of data says them.
            [] => 0.0,
            list => value(format!("initial_{name}"), list, place)?,
        };
        let walk = if error.solve {
            Some(LevelWalk {
                minimum: value(format!("minimum_{name}"), &error.minimum, place)?,
                maximum: value(format!("maximum_{name}"), &error.maximum, place)?,
                proposal_variance: value(
                    format!("{name}_proposal_variance"),
                    &error.proposal_variance,
                    place,
                )?,
            })
        } else {
            None
        };
        Ok(Level { initial, walk })
    };
    (0..systems.len()).map(level).collect()
}

fn height(z: &Proposal) -> Result<Option<HeightWalk>> {
    match (z.solve, z.maximum_change, z.proposal_variance) {
        (false, ..) => Ok(None),
        (true, Some(maximum_change), Some(proposal_variance)) => Ok(Some(HeightWalk {
            maximum_change,
            proposal_variance,
        })),
        _ => Err(Error::Request(
            "solve_z needs maximum_z_change and z_proposal_variance".into(),
        )),
    }
}
