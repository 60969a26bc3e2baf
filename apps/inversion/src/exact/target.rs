use std::f64::consts::{SQRT_2, TAU};

use super::ratio::{Ratio, Term};
use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::options::LayersPrior;
use crate::settings::Settings;
use crate::{Error, Result, prior};

/// The prior of a sounding. Every part of it is a density that integrates to 1.
///
/// With k layers and n = k - 1 interfaces:
/// * k from 1 to the most: uniform, Poisson or geometric, normalised over that range;
/// * interfaces given k: uniform with gaps of at least `h`, density
///   `n! / (deepest - shallowest - (n - 1) h)^n`;
/// * ln(S/m): normal about one mean with the precision `I / s^2`, and `+ D^T D / g^2` with
///   `solve_gradient`, where D takes differences of neighbours; cut at `parameter_limits`;
/// * error levels that are solved for: uniform in the logarithm; the height: uniform.
#[derive(Clone, Debug)]
pub struct Target<'s> {
    settings: &'s Settings,
    /// ln(S/m).
    mean: f64,
    /// ln p(k), from k = 1.
    layers: Vec<f64>,
    /// ln of the density of depths, by the number of interfaces, from 0.
    depths: Vec<f64>,
    /// ln of the normalisation of conductivities, from k = 1.
    conductivities: Vec<f64>,
    least_thickness: f64,
    range: [f64; 2],
}

impl<'s> Target<'s> {
    /// Conductivities are spread about `conductivity` S/m.
    ///
    /// # Errors
    /// So many layers do not fit between the depths.
    pub fn new(
        settings: &'s Settings,
        layers_prior: LayersPrior,
        conductivity: f64,
    ) -> Result<Target<'s>> {
        let most = settings.maximum_number_of_layers;
        let depths = settings.depths();
        let (range, least) = (depths.range(), depths.least_thickness());
        let room = |interfaces: usize| {
            let gaps = interfaces.saturating_sub(1) as f64 * least;
            range[1] - range[0] - gaps
        };
        if most > 1 && room(most - 1) <= 0.0 {
            return Err(Error::Request(format!(
                "{} interfaces at least {least} m apart do not fit between minimum_depth {} m and \
                 maximum_depth {} m",
                most - 1,
                range[0],
                range[1]
            )));
        }
        let density = |n: usize| -> f64 { (1..=n).map(|i| (i as f64 / room(n)).ln()).sum() };
        Ok(Target {
            settings,
            mean: conductivity.ln(),
            layers: of_layers(layers_prior, most),
            depths: (0..most).map(density).collect(),
            conductivities: normalisations(settings, conductivity.ln()),
            least_thickness: least,
            range,
        })
    }

    /// The options.
    pub fn settings(&self) -> &'s Settings {
        self.settings
    }

    /// The mean of ln(S/m).
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// m: the shallowest and the deepest place of an interface.
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// m.
    pub fn least_thickness(&self) -> f64 {
        self.least_thickness
    }

    /// The most layers, the half-space among them.
    pub fn most_layers(&self) -> usize {
        self.layers.len()
    }

    /// The logarithm of the prior of so many interfaces, wherever they are.
    pub fn log_of_structure(&self, interfaces: usize) -> f64 {
        self.layers[interfaces] + self.depths[interfaces]
    }

    /// The precision of ln(S/m): on the diagonal by the number of neighbours, and beside it.
    pub fn precision(&self) -> ([f64; 3], f64) {
        precision(self.settings)
    }

    /// The parts of the logarithm of the prior of an earth, each its own term, times `sign`.
    pub fn add_earth(&self, earth: &Earth, sign: f64, ratio: &mut Ratio) {
        let count = earth.count();
        ratio.add(Term::Layers, sign * self.layers[count - 1]);
        ratio.add(Term::Depths, sign * self.depths[count - 1]);
        let normalisation = self.conductivities[count - 1];
        ratio.add(Term::Normalisation, sign * normalisation);
        ratio.add(Term::Conductivities, sign * self.exponent(earth));
    }

    /// Whether the prior is not zero there.
    pub fn allows(&self, earth: &Earth) -> bool {
        let [lowest, highest] = self.settings.parameter_limits;
        let mut conductivity = earth.conductivity().iter();
        if earth.count() > self.layers.len() || !conductivity.all(|x| *x >= lowest && *x <= highest)
        {
            return false;
        }
        let depth = earth.depth();
        let (Some(first), Some(last)) = (depth.first(), depth.last()) else {
            return true;
        };
        *first >= self.range[0]
            && *last <= self.range[1]
            && depth
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= self.least_thickness)
    }

    /// The logarithm of the prior of an earth; minus infinity where it is not allowed.
    pub fn log_of_earth(&self, earth: &Earth) -> f64 {
        if !self.allows(earth) {
            return f64::NEG_INFINITY;
        }
        let mut ratio = Ratio::default();
        self.add_earth(earth, 1.0, &mut ratio);
        ratio.log()
    }

    /// The logarithm of the prior of error levels and height, as [`prior::log_of_data`] says.
    pub fn log_of_data(&self, errors: &Errors, height_change: f64) -> f64 {
        prior::log_of_data(self.settings, errors, height_change)
    }

    /// `-(x - mean)^T Q (x - mean) / 2`.
    fn exponent(&self, earth: &Earth) -> f64 {
        let settings = self.settings;
        let logs = earth.log_conductivity();
        let square = |x: f64| x * x;
        let values: f64 = logs.iter().map(|x| square(x - self.mean)).sum();
        let mut exponent = values / square(settings.parameter_standard_deviation);
        if settings.solve_gradient {
            let changes: f64 = logs.windows(2).map(|pair| square(pair[1] - pair[0])).sum();
            exponent += changes / square(settings.gradient_standard_deviation);
        }
        -0.5 * exponent
    }
}

fn precision(settings: &Settings) -> ([f64; 3], f64) {
    let value = settings.parameter_standard_deviation.powi(-2);
    let change = if settings.solve_gradient {
        settings.gradient_standard_deviation.powi(-2)
    } else {
        0.0
    };
    ([value, value + change, value + 2.0 * change], -change)
}

/// ln p(k), from k = 1.
fn of_layers(prior: LayersPrior, most: usize) -> Vec<f64> {
    let mut logs = vec![0.0; most];
    for more in 1..most {
        logs[more] = logs[more - 1]
            + match prior {
                LayersPrior::Uniform => 0.0,
                LayersPrior::Poisson(mean) => (mean / more as f64).ln(),
                LayersPrior::Geometric(p) => (1.0 - p).ln(),
            };
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
    let all = largest + sum.ln();
    logs.iter().map(|log| log - all).collect()
}

/// `(ln det Q - k ln 2 pi) / 2` from k = 1, the determinant by the pivots of the tridiagonal
/// matrix. Where no changes are weighed, less the part that the limits leave.
fn normalisations(settings: &Settings, mean: f64) -> Vec<f64> {
    let (diagonal, beside) = precision(settings);
    let most = settings.maximum_number_of_layers;
    let [mut inner, mut logs] = [0.0, 0.0];
    let mut found = Vec::with_capacity(most);
    for count in 1..=most {
        // The last row has one neighbour less than it will have.
        let less = if count == 1 {
            0.0
        } else {
            beside * beside / inner
        };
        let last = diagonal[usize::from(count > 1)] - less;
        let half = 0.5 * (logs + last.ln() - count as f64 * TAU.ln());
        found.push(half - count as f64 * part_inside(settings, mean).ln());
        let pivot = diagonal[if count == 1 { 1 } else { 2 }] - less;
        logs += pivot.ln();
        inner = pivot;
    }
    found
}

/// The part of the normal distribution that the limits leave; 1 where changes are weighed, for
/// which there is no formula.
fn part_inside(settings: &Settings, mean: f64) -> f64 {
    if settings.solve_gradient {
        return 1.0;
    }
    let below = |x: f64| {
        let ratio = (x.ln() - mean) / settings.parameter_standard_deviation;
        0.5 * libm::erfc(-ratio / SQRT_2)
    };
    let [lowest, highest] = settings.parameter_limits;
    below(highest) - below(lowest)
}
