use super::entry::TEXT;
use crate::inference::{ChainFound, Found};
use crate::posterior::Histogram;
use crate::sampler::Move;
use crate::settings::Settings;
use crate::state;

/// What a row holds of what chains found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Iterations,
    BurnedInIteration,
    BestIteration,
    IsBurnedIn,
    /// Of the first chain, so many iterations.
    AcceptanceTrace(usize),
    MisfitTrace(usize),
    /// So many counts.
    Zeros(usize),
    HalfSpace,
    LogHalfSpace,
    Height,
    HeightCounts,
    Deviations,
    Predicted,
    BestLevels(Level),
    /// Which of those that are solved for.
    LevelCounts(Level, usize),
    BestLayers,
    LayerCounts,
    /// So many edges.
    BestEdges(usize),
    InterfaceCounts,
    /// So many layers.
    BestConductivity(usize),
    ConductivityCounts,
    Reason,
    Quantities(OfQuantity),
    Quantiles,
    LargestRHat,
    LeastEffective,
    Chains(OfChain),
    BurnedInIterations,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Level {
    Relative,
    Additive,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum OfQuantity {
    Mean,
    Deviation,
    Effective,
    RHat,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum OfChain {
    MeanLayers,
    EffectiveLayers,
    EffectiveConductivity,
    EffectiveErrors,
    EffectiveHeight,
    Acceptance(Move),
}

/// What a row is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) settings: &'a Settings,
    pub(super) sounding: &'a state::Sounding<'a>,
    /// m, as the file of data has it.
    pub(super) height: f64,
    pub(super) found: &'a Found,
}

impl Cell {
    /// The bytes of the row.
    pub(super) fn bytes(self, of: &Source<'_>) -> Vec<u8> {
        let found = of.found;
        let posterior = &found.posterior;
        let best = &found.best;
        match self {
            // geobipy's counter has gone on when a chain stops.
            Cell::Iterations => whole(Some(found.iterations + 1)),
            Cell::BurnedInIteration => whole(found.burned_in),
            Cell::BestIteration => whole(Some(best.iteration)),
            Cell::IsBurnedIn => vec![u8::from(found.burned_in.is_some())],
            Cell::AcceptanceTrace(length) => acceptance(found, length),
            Cell::MisfitTrace(length) => misfit(found, length),
            Cell::Zeros(count) => vec![0; count * size_of::<i32>()],
            Cell::HalfSpace => numbers([found.half_space]),
            Cell::LogHalfSpace => numbers([found.half_space.log10()]),
            Cell::Height => numbers([of.height + best.height_change]),
            Cell::HeightCounts => counts(posterior.height.iter()),
            Cell::Deviations => deviations(of),
            Cell::Predicted => numbers(best.predicted.iter().copied()),
            Cell::BestLevels(level) => {
                let levels = match level {
                    Level::Relative => &best.errors.relative,
                    Level::Additive => &best.errors.additive,
                };
                numbers(levels.iter().copied())
            }
            Cell::LevelCounts(level, index) => counts([match level {
                Level::Relative => &posterior.relative_error[index],
                Level::Additive => &posterior.additive_error[index],
            }]),
            Cell::BestLayers => (best.earth.count() as i32).to_ne_bytes().to_vec(),
            Cell::LayerCounts => posterior.layers.iter().flat_map(|n| count(*n)).collect(),
            Cell::BestEdges(length) => {
                let depths = best.earth.depth().iter().copied();
                let edges = [0.0].into_iter().chain(depths).chain([f64::INFINITY]);
                padded(edges, length)
            }
            Cell::InterfaceCounts => counts([&posterior.interfaces]),
            Cell::BestConductivity(length) => {
                padded(best.earth.conductivity().iter().copied(), length)
            }
            Cell::ConductivityCounts => conductivities(&posterior.conductivity),
            Cell::Reason => reason(found.failure.as_deref().unwrap_or_default()),
            Cell::Quantities(which) => numbers(found.statistics.iter().map(|s| match which {
                OfQuantity::Mean => s.mean,
                OfQuantity::Deviation => s.deviation,
                OfQuantity::Effective => s.effective,
                OfQuantity::RHat => s.r_hat,
            })),
            Cell::Quantiles => {
                let quantiles = found.statistics.iter().flat_map(|s| &s.quantiles);
                quantiles.flat_map(|q| (*q as f32).to_ne_bytes()).collect()
            }
            Cell::LargestRHat => numbers([found.r_hat_max(of.settings)]),
            Cell::LeastEffective => numbers([found.effective_min(of.settings)]),
            Cell::Chains(which) => numbers(found.chains.iter().map(|chain| which.of(chain))),
            Cell::BurnedInIterations => {
                let chains = found.chains.iter();
                chains.flat_map(|chain| whole(chain.burned_in)).collect()
            }
        }
    }
}

impl OfChain {
    fn of(self, chain: &ChainFound) -> f64 {
        match self {
            OfChain::MeanLayers => chain.mean_layers,
            OfChain::EffectiveLayers => chain.effective_layers,
            OfChain::EffectiveConductivity => chain.effective_conductivity,
            OfChain::EffectiveErrors => chain.effective_errors,
            OfChain::EffectiveHeight => chain.effective_height,
            OfChain::Acceptance(of) => chain.acceptance.rate(of),
        }
    }
}

/// A sentence as the bytes of a row; a long one loses its end.
pub(super) fn reason(text: &str) -> Vec<u8> {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = text.as_bytes()[..end].to_vec();
    bytes.resize(TEXT, 0);
    bytes
}

/// NaN has one form in files, whatever made it.
fn numbers(values: impl IntoIterator<Item = f64>) -> Vec<u8> {
    let values = values.into_iter();
    let values = values.map(|x| if x.is_nan() { f64::NAN } else { x });
    values.flat_map(f64::to_ne_bytes).collect()
}

fn padded(values: impl Iterator<Item = f64>, length: usize) -> Vec<u8> {
    let none = std::iter::repeat(f64::NAN);
    numbers(values.chain(none).take(length))
}

fn whole(value: Option<u64>) -> Vec<u8> {
    let value = value.map_or(i64::MIN, |value| i64::try_from(value).unwrap_or(i64::MAX));
    value.to_ne_bytes().to_vec()
}

fn count(count: impl TryInto<i32>) -> [u8; 4] {
    count.try_into().unwrap_or(i32::MAX).to_ne_bytes()
}

fn counts<'h>(histograms: impl IntoIterator<Item = &'h Histogram>) -> Vec<u8> {
    let counts = histograms.into_iter().flat_map(Histogram::counts);
    counts.flat_map(|n| count(*n)).collect()
}

/// By conductivity, then by depth.
fn conductivities(by_depth: &[Histogram]) -> Vec<u8> {
    let bins = by_depth.first().map_or(0, |first| first.counts().len());
    let mut bytes = Vec::with_capacity(bins * by_depth.len() * size_of::<i32>());
    for bin in 0..bins {
        for histogram in by_depth {
            bytes.extend(count(histogram.counts()[bin]));
        }
    }
    bytes
}

/// Standard deviations at the errors of the best earth; NaN where a datum does not count.
fn deviations(of: &Source<'_>) -> Vec<u8> {
    let observation = &of.sounding.observation;
    let best = &of.found.best;
    let mut active = vec![f64::NAN; observation.active().len()];
    observation.deviations(&best.errors, &best.predicted, &mut active);
    let mut all = vec![f64::NAN; observation.channels()];
    for (channel, deviation) in observation.active().iter().zip(&active) {
        all[channel.channel] = *deviation;
    }
    numbers(all)
}

/// The misfit after each iteration of the first chain; zeros after its end, as in geobipy. NaN
/// where it is not kept.
fn misfit(found: &Found, length: usize) -> Vec<u8> {
    let Some(trace) = found.traces.first() else {
        return Vec::new();
    };
    let mut all = vec![f64::NAN; length];
    for (place, misfit) in places(trace.stride, &trace.misfit) {
        if let Some(slot) = all.get_mut(place) {
            *slot = *misfit;
        }
    }
    let end = usize::try_from(found.iterations).unwrap_or(length);
    all[end.min(length)..].fill(0.0);
    numbers(all)
}

/// Whether each iteration of the first chain was accepted; 0 where it is not kept.
fn acceptance(found: &Found, length: usize) -> Vec<u8> {
    let Some(trace) = found.traces.first() else {
        return Vec::new();
    };
    let mut all = vec![0; length];
    for (place, accepted) in places(trace.stride, &trace.accepted) {
        if let Some(slot) = all.get_mut(place) {
            *slot = u8::from(*accepted);
        }
    }
    all
}

/// The places of the values of a trace.
fn places<T>(stride: u64, values: &[T]) -> impl Iterator<Item = (usize, &T)> {
    let stride = usize::try_from(stride).unwrap_or(usize::MAX).max(1);
    (0..).step_by(stride).zip(values)
}
