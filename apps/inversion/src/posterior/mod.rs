//! What the kept iterations of a chain, or of several, say.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Bins`], [`Histogram`] | counts between edges |
//! | [`Moments`] | means and variances |
//! | [`Posterior`] | all counts of a sounding |

mod bins;
mod moments;

use std::f64::consts::LN_10;

pub use bins::{Bins, Histogram};
pub use moments::Moments;

use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::settings::{HeightWalk, Level, LevelWalk, Settings};

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

/// Counts over all kept iterations of a sounding.
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
    /// The bins of depth of the conductivities.
    depth: Bins,
}

impl Posterior {
    /// No iteration yet. Conductivities are counted about that of the best half-space in S/m.
    pub fn new(settings: &Settings, half_space: f64) -> Posterior {
        let bins = settings.maximum_depth / (0.5 * settings.depths().least_thickness());
        let bins = |count: Option<usize>| {
            let count = count.unwrap_or(bins as usize).max(1);
            Bins::new(0.0, DEPTH_REACH * settings.maximum_depth, count)
        };
        let [depth, interfaces] =
            [settings.number_of_depth_bins, settings.number_of_edge_bins].map(bins);
        let reach = CONDUCTIVITY_REACH * settings.parameter_standard_deviation / LN_10;
        let middle = half_space.log10();
        let conductivity = Bins::new(middle - reach, middle + reach, CONDUCTIVITY_BINS);
        let levels = |levels: &[Level]| -> Vec<Histogram> {
            let walks = levels.iter().filter_map(|level| level.walk);
            let bins = walks.map(Posterior::level_bins);
            bins.map(Histogram::new).collect()
        };
        Posterior {
            layers: vec![0; settings.maximum_number_of_layers + 1],
            interfaces: Histogram::new(interfaces),
            depth,
            conductivity: vec![Histogram::new(conductivity); depth.count()],
            relative_error: levels(&settings.relative_error),
            additive_error: levels(&settings.additive_error),
            height: settings
                .height
                .map(|walk| Histogram::new(Posterior::height_bins(walk))),
        }
    }

    /// What it takes on the heap, but for a few kB.
    pub fn bytes(&self) -> usize {
        let bins: usize = self.conductivity.iter().map(|one| one.counts().len()).sum();
        bins * size_of::<u32>()
    }

    /// The bins of log10 of an error level.
    pub fn level_bins(walk: LevelWalk) -> Bins {
        Bins::new(walk.minimum.log10(), walk.maximum.log10(), BINS)
    }

    /// The bins of the change of the height in m.
    pub fn height_bins(walk: HeightWalk) -> Bins {
        Bins::new(-walk.maximum_change, walk.maximum_change, BINS)
    }

    /// Adds so many iterations that the chain was in this state: layers, levels of errors, m above
    /// where the systems are said to have been.
    ///
    /// # Panics
    /// The earth has more layers than the settings allow.
    pub fn add(
        &mut self,
        settings: &Settings,
        earth: &Earth,
        errors: &Errors,
        height_change: f64,
        times: u64,
    ) {
        self.layers[earth.count()] += times;
        if let Some(height) = &mut self.height {
            height.add(height_change, times);
        }
        for (pair, depth) in earth.conductivity().windows(2).zip(earth.depth()) {
            let ratio = pair[1] / pair[0];
            if ratio <= CONTRAST[0] || ratio >= CONTRAST[1] {
                self.interfaces.add(*depth, times);
            }
        }
        let mut layer = 0;
        let mut place = None;
        for (bin, histogram) in self.conductivity.iter_mut().enumerate() {
            while earth
                .depth()
                .get(layer)
                .is_some_and(|depth| *depth <= self.depth.middle(bin))
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
        for (levels, values, histograms) in [
            (
                &settings.relative_error,
                &errors.relative,
                &mut self.relative_error,
            ),
            (
                &settings.additive_error,
                &errors.additive,
                &mut self.additive_error,
            ),
        ] {
            let solved = levels.iter().zip(values);
            let solved = solved.filter(|(level, _)| level.walk.is_some());
            for ((_, value), histogram) in solved.zip(histograms) {
                histogram.add(value.log10(), times);
            }
        }
    }

    /// Forgets all iterations.
    pub fn clear(&mut self) {
        self.layers.fill(0);
        for histogram in self.histograms_mut() {
            histogram.clear();
        }
    }

    /// Adds what another one counted of the same bins.
    pub fn merge(&mut self, other: &Posterior) {
        for (count, other) in self.layers.iter_mut().zip(&other.layers) {
            *count += other;
        }
        for (histogram, other) in self.histograms_mut().zip(other.histograms()) {
            histogram.merge(other);
        }
    }

    /// The bins of depth of the conductivities; those of interfaces may be others.
    pub fn depth(&self) -> Bins {
        self.depth
    }

    fn histograms(&self) -> impl Iterator<Item = &Histogram> {
        let errors = self.relative_error.iter().chain(&self.additive_error);
        let histograms = errors.chain(&self.height).chain(&self.conductivity);
        histograms.chain([&self.interfaces])
    }

    fn histograms_mut(&mut self) -> impl Iterator<Item = &mut Histogram> {
        let errors = self
            .relative_error
            .iter_mut()
            .chain(&mut self.additive_error);
        let histograms = errors.chain(&mut self.height).chain(&mut self.conductivity);
        histograms.chain([&mut self.interfaces])
    }

    /// The iterations that were added.
    pub fn kept(&self) -> u64 {
        self.layers.iter().sum()
    }
}
