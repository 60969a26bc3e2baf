//! How likely an earth, error levels and a height are before anything is measured: the terms of
//! geobipy 2.3.2.

use std::f64::consts::TAU;

use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::settings::{Level, Settings};

/// The prior of one sounding.
#[derive(Clone, Debug)]
pub struct Prior<'s> {
    settings: &'s Settings,
    /// ln(S/m): the mean of the logarithms of all conductivities.
    mean: f64,
}

impl<'s> Prior<'s> {
    /// Conductivities are spread about `conductivity` S/m.
    pub fn new(settings: &'s Settings, conductivity: f64) -> Prior<'s> {
        Prior {
            settings,
            mean: conductivity.ln(),
        }
    }

    /// The mean of ln(S/m).
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Of the layers: their number, conductivities where `solve_parameter` says so, and changes
    /// from layer to layer where `solve_gradient` does. Minus infinity beyond the limits. Depths
    /// have no term.
    pub fn log_of_earth(&self, earth: &Earth) -> f64 {
        let settings = self.settings;
        let [lowest, highest] = settings.parameter_limits;
        let mut conductivity = earth.conductivity().iter();
        if !conductivity.all(|x| *x >= lowest && *x <= highest) {
            return f64::NEG_INFINITY;
        }
        // geobipy has one less than the number of values that k can have: a constant.
        let mut log = -((settings.maximum_number_of_layers.max(2) - 1) as f64).ln();
        let logs = earth.log_conductivity();
        if settings.solve_parameter {
            let deviation = settings.parameter_standard_deviation;
            log += logs
                .iter()
                .map(|x| normal(x - self.mean, deviation))
                .sum::<f64>();
        }
        if settings.solve_gradient {
            let deviation = settings.gradient_standard_deviation;
            if earth.count() == 1 {
                log += normal(0.0, deviation);
            }
            for (pair, thickness) in logs.windows(2).zip(earth.thickness()) {
                log += normal((pair[1] - pair[0]) / thickness.ln(), deviation);
            }
        }
        log
    }

    /// Of the error levels and the change of the height in m, as [`log_of_data`] says.
    pub fn log_of_data(&self, errors: &Errors, height_change: f64) -> f64 {
        log_of_data(self.settings, errors, height_change)
    }
}

/// The logarithm of the prior of the error levels, a density in their logarithms, and of the change
/// of the height in m, as far as they are solved for, in either mode. Minus infinity beyond their
/// limits.
pub fn log_of_data(settings: &Settings, errors: &Errors, height_change: f64) -> f64 {
    let levels = (settings.relative_error.iter().zip(&errors.relative))
        .chain(settings.additive_error.iter().zip(&errors.additive));
    let mut log: f64 = levels
        .map(|(level, value)| log_of_level(level, *value))
        .sum();
    if let Some(walk) = settings.height {
        log += if height_change.abs() <= walk.maximum_change {
            -(2.0 * walk.maximum_change).ln()
        } else {
            f64::NEG_INFINITY
        };
    }
    log
}

/// Uniform in the logarithm.
fn log_of_level(level: &Level, value: f64) -> f64 {
    match level.walk {
        None => 0.0,
        Some(walk) if value >= walk.minimum && value <= walk.maximum => {
            -(walk.maximum / walk.minimum).ln().ln()
        }
        Some(_) => f64::NEG_INFINITY,
    }
}

/// The logarithm of a normal density of mean 0.
fn normal(x: f64, deviation: f64) -> f64 {
    let ratio = x / deviation;
    -0.5 * (ratio * ratio + TAU.ln()) - deviation.ln()
}
