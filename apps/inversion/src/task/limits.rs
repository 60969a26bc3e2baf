use crate::exact::Design;
use crate::options::{Jacobian, Mode, Options};
use crate::{Error, Result};

/// Refuses what options ask for and no chain does. A sentence for each option that is read and does
/// nothing goes to `notes`.
///
/// # Errors
/// The message names the option.
pub(super) fn check(o: &Options, notes: &mut Vec<String>) -> Result<()> {
    let refuse = |problem: String| Err(Error::Request(problem));
    for (name, proposal) in o.proposals() {
        if proposal.solve && name != "z" {
            return refuse(format!(
                "solve_{name}: only the height can be solved for (solve_z): set it to False"
            ));
        }
    }
    let formula = match o.mode {
        Mode::Compat => Jacobian::Peer,
        Mode::Exact => Jacobian::Correct,
    };
    if o.jacobian != formula {
        return refuse(format!(
            "jacobian: chains of mode {} take {formula} derivatives, not {}",
            o.mode, o.jacobian
        ));
    }
    if o.mode == Mode::Compat && o.temperatures > 1 {
        return refuse(format!(
            "temperatures: {}: mode compat has none, as geobipy",
            o.temperatures
        ));
    }
    let unused = |key: &str| format!("{key} is read and does nothing");
    if (o.multiplier - 1.0).abs() > 0.0 {
        notes.push(unused("multiplier"));
    }
    if o.mode == Mode::Exact && !o.solve_parameter {
        notes.push(
            "solve_parameter: the prior of conductivities counts in mode exact all the same: \
             without it there is no density"
                .into(),
        );
    }
    if o.mode == Mode::Exact {
        let changed = [
            (
                "covariance_scaling",
                (o.covariance_scaling - 1.0).abs() > 0.0,
            ),
            ("parameter_weight", (o.parameter_weight - 1.0).abs() > 0.0),
            ("gradient_weight", o.gradient_weight.abs() > 0.0),
            ("stochastic_newton", !o.stochastic_newton),
        ];
        for (key, is_changed) in changed {
            if is_changed {
                notes.push(format!("{} in mode exact", unused(key)));
            }
        }
    }
    Ok(())
}

/// What options ask of exact chains beside the settings.
pub(super) fn design(o: &Options) -> Design {
    Design {
        layers_prior: o.layers_prior,
        temperatures: o.temperatures,
        maximum_temperature: o.maximum_temperature,
    }
}
