//! What the kept iterations of a chain, or of several, say.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Bins`], [`Histogram`] | counts between edges |
//! | [`Moments`] | means and variances |
//! | [`Posterior`] | all counts and moments of a sounding |

mod bins;
mod moments;

use std::f64::consts::LN_10;

pub use bins::{Bins, Histogram};
pub use moments::Moments;

use crate::settings::{Level, Settings};
use crate::state::State;

/// How many bins quantities have that are solved for.
const BINS: usize = 99;
/// How many bins conductivities have.
const CONDUCTIVITY_BINS: usize = 250;
/// How many standard deviations of the prior they reach, either way.
const CONDUCTIVITY_REACH: f64 = 4.0;
/// How far depths reach, in parts of the maximum depth.
const DEPTH_REACH: f64 = 1.01;
/// An interface counts where the conductivity below is at most, or at least, so many times that
/// above.
const CONTRAST: [f64; 2] = [0.5, 1.5];

/// Counts and moments over all kept iterations of a sounding.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// Iterations, by their number of layers, from 0.
    pub layers: Vec<u64>,
    /// Depths of interfaces in m where the conductivity changes by much.
    pub interfaces: Histogram,
    /// log10(S/m) at the middle of each bin of depth.
    pub conductivity: Vec<Histogram>,
    /// log10 of each relative error that is solved for.
    pub relative_error: Vec<Histogram>,
    /// log10 of each additive error that is solved for.
    pub additive_error: Vec<Histogram>,
    /// The change of the height in m, where it is solved for.
    pub height: Option<Histogram>,
    /// Of the number of layers.
    pub layers_moments: Moments,
    /// Of ln(S/m) at the depths that were asked for.
    pub log_conductivity: Vec<Moments>,
    /// Of the natural logarithm of each relative error.
    pub log_relative_error: Vec<Moments>,
    /// Of the natural logarithm of each additive error.
    pub log_additive_error: Vec<Moments>,
    /// Of the change of the height in m.
    pub height_moments: Moments,
    /// Of the misfit.
    pub misfit: Moments,
    depths: Vec<f64>,
}

impl Posterior {
    /// No iteration yet. Conductivities are counted about that of the best half-space in S/m;
    /// moments are taken at `depths` in m.
    pub fn new(settings: &Settings, half_space: f64, depths: &[f64]) -> Posterior {
        let [shallow, deep] = [0.0, DEPTH_REACH * settings.maximum_depth];
        let bins = settings.maximum_depth / (0.5 * settings.depths().least_thickness());
        let depth = Bins::new(shallow, deep, (bins as usize).max(1));
        let reach = CONDUCTIVITY_REACH * settings.parameter_standard_deviation / LN_10;
        let middle = half_space.log10();
        let conductivity = Bins::new(middle - reach, middle + reach, CONDUCTIVITY_BINS);
        let levels = |levels: &[Level]| -> Vec<Histogram> {
            let walks = levels.iter().filter_map(|level| level.walk);
            let bins =
                walks.map(|walk| Bins::new(walk.minimum.log10(), walk.maximum.log10(), BINS));
            bins.map(Histogram::new).collect()
        };
        let none = Moments::default();
        Posterior {
            layers: vec![0; settings.maximum_number_of_layers + 1],
            interfaces: Histogram::new(depth),
            conductivity: vec![Histogram::new(conductivity); depth.count()],
            relative_error: levels(&settings.relative_error),
            additive_error: levels(&settings.additive_error),
            height: settings.height.map(|walk| {
                Histogram::new(Bins::new(-walk.maximum_change, walk.maximum_change, BINS))
            }),
            layers_moments: none,
            log_conductivity: vec![none; depths.len()],
            log_relative_error: vec![none; settings.relative_error.len()],
            log_additive_error: vec![none; settings.additive_error.len()],
            height_moments: none,
            misfit: none,
            depths: depths.to_vec(),
        }
    }

    /// Adds so many iterations that the chain was in this state.
    ///
    /// # Panics
    /// The state has more layers than the settings allow.
    pub fn add(&mut self, settings: &Settings, state: &State, times: u64) {
        let earth = &state.earth;
        self.layers[earth.count()] += times;
        self.layers_moments.add(earth.count() as f64, times);
        self.misfit.add(state.misfit, times);
        self.height_moments.add(state.height_change, times);
        if let Some(height) = &mut self.height {
            height.add(state.height_change, times);
        }
        for (pair, depth) in earth.conductivity().windows(2).zip(earth.depth()) {
            let ratio = pair[1] / pair[0];
            if ratio <= CONTRAST[0] || ratio >= CONTRAST[1] {
                self.interfaces.add(*depth, times);
            }
        }
        let middles = self.interfaces.bins();
        let mut layer = 0;
        let mut place = None;
        for (bin, histogram) in self.conductivity.iter_mut().enumerate() {
            while earth
                .depth()
                .get(layer)
                .is_some_and(|depth| *depth <= middles.middle(bin))
            {
                layer += 1;
                place = None;
            }
            // The same for the whole layer.
            let clipped = || {
                histogram
                    .bins()
                    .clipped(earth.log_conductivity()[layer] / LN_10)
            };
            let place = *place.get_or_insert_with(clipped);
            histogram.add_at(place, times);
        }
        for (moments, depth) in self.log_conductivity.iter_mut().zip(&self.depths) {
            moments.add(earth.log_conductivity()[earth.layer_at(*depth)], times);
        }
        for (levels, values, histograms, moments) in [
            (
                &settings.relative_error,
                &state.errors.relative,
                &mut self.relative_error,
                &mut self.log_relative_error,
            ),
            (
                &settings.additive_error,
                &state.errors.additive,
                &mut self.additive_error,
                &mut self.log_additive_error,
            ),
        ] {
            let mut histograms = histograms.iter_mut();
            for ((level, value), moments) in levels.iter().zip(values).zip(moments) {
                moments.add(value.ln(), times);
                if level.walk.is_some()
                    && let Some(histogram) = histograms.next()
                {
                    histogram.add(value.log10(), times);
                }
            }
        }
    }

    /// Forgets all iterations.
    pub fn clear(&mut self) {
        self.layers.fill(0);
        let errors = self
            .relative_error
            .iter_mut()
            .chain(&mut self.additive_error);
        let histograms = errors.chain(&mut self.height).chain(&mut self.conductivity);
        for histogram in histograms.chain([&mut self.interfaces]) {
            histogram.clear();
        }
        let levels = self
            .log_relative_error
            .iter_mut()
            .chain(&mut self.log_additive_error);
        let single = [
            &mut self.layers_moments,
            &mut self.height_moments,
            &mut self.misfit,
        ];
        for moments in levels.chain(&mut self.log_conductivity).chain(single) {
            *moments = Moments::default();
        }
    }

    /// The iterations that were added.
    pub fn kept(&self) -> u64 {
        self.layers.iter().sum()
    }
}
