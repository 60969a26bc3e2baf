use std::fmt;

use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::settings::Settings;

/// A number that chains give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// The number of layers.
    Layers,
    /// The sum of squares of what is left over, in standard deviations.
    Misfit,
    /// m above the ground.
    Height,
    /// The natural logarithm of the relative error of this component; not a number where it is 0.
    LogRelativeError(usize),
    /// The natural logarithm of the additive error of this system; not a number where it is 0.
    LogAdditiveError(usize),
    /// ln(S/m) at this depth in m.
    LogConductivity(f64),
}

impl Quantity {
    /// All that chains give: layers, misfit, height, relative and additive errors, conductivities.
    pub fn all(settings: &Settings, depths: &[f64]) -> Vec<Quantity> {
        let relative = (0..settings.relative_error.len()).map(Quantity::LogRelativeError);
        let additive = (0..settings.additive_error.len()).map(Quantity::LogAdditiveError);
        let depths = depths.iter();
        [Quantity::Layers, Quantity::Misfit, Quantity::Height]
            .into_iter()
            .chain(relative)
            .chain(additive)
            .chain(depths.map(|depth| Quantity::LogConductivity(*depth)))
            .collect()
    }

    /// Whether it is the level of an error.
    pub fn is_error(&self) -> bool {
        matches!(
            self,
            Quantity::LogRelativeError(_) | Quantity::LogAdditiveError(_)
        )
    }

    /// Whether it can change; the misfit follows from what can.
    pub fn is_solved_for(&self, settings: &Settings) -> bool {
        match *self {
            Quantity::Layers | Quantity::LogConductivity(_) => true,
            Quantity::Misfit => false,
            Quantity::Height => settings.height.is_some(),
            Quantity::LogRelativeError(component) => {
                settings.relative_error[component].walk.is_some()
            }
            Quantity::LogAdditiveError(system) => settings.additive_error[system].walk.is_some(),
        }
    }

    /// Of a state: its layers, levels of errors, m above the ground, misfit.
    pub(super) fn of(&self, earth: &Earth, errors: &Errors, height: f64, misfit: f64) -> f64 {
        let log = |level: f64| if level > 0.0 { level.ln() } else { f64::NAN };
        match *self {
            Quantity::Layers => earth.count() as f64,
            Quantity::Misfit => misfit,
            Quantity::Height => height,
            Quantity::LogRelativeError(component) => log(errors.relative[component]),
            Quantity::LogAdditiveError(system) => log(errors.additive[system]),
            Quantity::LogConductivity(depth) => earth.log_conductivity()[earth.layer_at(depth)],
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Layers => f.write_str("layers"),
            Quantity::Misfit => f.write_str("misfit"),
            Quantity::Height => f.write_str("height"),
            Quantity::LogRelativeError(component) => write!(f, "log_relative_error {component}"),
            Quantity::LogAdditiveError(system) => write!(f, "log_additive_error {system}"),
            Quantity::LogConductivity(depth) => write!(f, "log_conductivity {depth}"),
        }
    }
}
