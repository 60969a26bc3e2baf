//! Earths drawn from the prior, and data drawn from them: each truth is as likely in one part of
//! its posterior as in any other.

use jobwise_inversion::earth::Earth;
use jobwise_inversion::forward::{FrequencyDomain, Wanted};
use jobwise_inversion::inference::{Found, Quantity, infer};
use jobwise_inversion::instrument::Instrument;
use jobwise_inversion::likelihood::{Errors, Observation};
use jobwise_inversion::options::ErrorModel;
use jobwise_inversion::random::{Draws, Stream};
use jobwise_inversion::settings::{Level, Settings};
use jobwise_testing::number;

use crate::soundings::{request, settings, sounding, system};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";
const HEIGHT: f64 = 30.0;
const DEPTHS: [f64; 2] = [10.0, 40.0];
const LAYERS: usize = 4;

/// What is true of a sounding, in the order of its statistics.
struct Truth {
    layers: usize,
    values: Vec<(Quantity, f64)>,
    data: Vec<f64>,
}

#[test]
fn truths_are_anywhere_in_their_posteriors() {
    let count = number("JOBWISE_CALIBRATIONS").unwrap_or(64);
    let mut settings = settings(LAYERS);
    settings.n_markov_chains = 3000;
    settings.minimum_burn_in = 500;
    let system = system(COILS);
    let mut ranks: Vec<Vec<f64>> = vec![Vec::new(); 6];
    for fiducial in 0..count {
        let mut draws = Stream::new(99, 5.0, fiducial as f64, 0).iteration(0);
        let truth = truth(&settings, &system, &mut draws);
        let sounding = sounding(&system, HEIGHT, &truth.data, fiducial as f64);
        let request = request(&settings, &sounding, &DEPTHS);
        let found = infer(&request, &|| false).unwrap().unwrap();
        ranks[0].push(layers_rank(&found, truth.layers, &mut draws));
        for ((quantity, value), ranks) in truth.values.iter().zip(&mut ranks[1..]) {
            ranks.push(rank(&found, *quantity, *value));
        }
    }
    for (place, ranks) in ranks.iter_mut().enumerate() {
        let distance = kolmogorov(ranks);
        println!("quantity {place}: {distance:.3} of {count}");
        // Of 0.1 % of uniform samples it is greater.
        assert!(distance < 1.95, "quantity {place}: {distance}");
    }
}

/// An earth, errors and a height from the prior, and data.
fn truth(settings: &Settings, system: &FrequencyDomain, draws: &mut Draws) -> Truth {
    let layers = 1 + draws.below(LAYERS);
    let [shallow, deep] = settings.depths().range();
    let least = settings.depths().least_thickness();
    let interfaces = layers - 1;
    let room = deep - shallow - interfaces.saturating_sub(1) as f64 * least;
    let mut depth: Vec<f64> = (0..interfaces).map(|_| draws.uniform()).collect();
    depth.sort_by(f64::total_cmp);
    for (place, depth) in depth.iter_mut().enumerate() {
        *depth = shallow + *depth * room + place as f64 * least;
    }
    let logs = conductivities(settings, layers, draws);
    let conductivity: Vec<f64> = logs.iter().map(|x| x.exp()).collect();
    let earth = Earth::new(&depth, &conductivity).unwrap();
    let mut level = |level: &Level| {
        let walk = level.walk.unwrap();
        walk.minimum * (walk.maximum / walk.minimum).powf(draws.uniform())
    };
    let errors = Errors {
        relative: vec![level(&settings.relative_error[0])],
        additive: vec![level(&settings.additive_error[0])],
    };
    let change = settings.height.unwrap().maximum_change * (2.0 * draws.uniform() - 1.0);
    let instrument = Instrument::frequency(system, HEIGHT).unwrap();
    let mut response = instrument.response(layers);
    let mut evaluator = instrument.evaluator(layers);
    evaluator.evaluate(
        earth.layers().unwrap(),
        change,
        Wanted::default(),
        &mut response,
    );
    let mut data = response.predicted;
    let ones = vec![1.0; data.len()];
    let observation = Observation::finite(&data, instrument.components(), &ones).unwrap();
    let observation = observation.with_error_model(ErrorModel::Predicted);
    let mut deviations = vec![0.0; data.len()];
    observation.deviations(&errors, &data, &mut deviations);
    for (datum, deviation) in data.iter_mut().zip(&deviations) {
        *datum += deviation * draws.normal();
    }
    let at = |depth: f64| earth.log_conductivity()[earth.layer_at(depth)];
    Truth {
        layers,
        values: vec![
            (Quantity::Height, HEIGHT + change),
            (Quantity::LogRelativeError(0), errors.relative[0].ln()),
            (Quantity::LogAdditiveError(0), errors.additive[0].ln()),
            (Quantity::LogConductivity(DEPTHS[0]), at(DEPTHS[0])),
            (Quantity::LogConductivity(DEPTHS[1]), at(DEPTHS[1])),
        ],
        data,
    }
}

/// ln(S/m) of all layers: each given the one above, from the normal distribution with the precision
/// of the prior. Pivots go from the last layer up.
fn conductivities(settings: &Settings, layers: usize, draws: &mut Draws) -> Vec<f64> {
    let value = settings.parameter_standard_deviation.powi(-2);
    let change = settings.gradient_standard_deviation.powi(-2);
    let mut pivots = vec![0.0; layers];
    for row in (0..layers).rev() {
        let neighbours = usize::from(row > 0) + usize::from(row + 1 < layers);
        let below = pivots
            .get(row + 1)
            .map_or(0.0, |pivot| change * change / pivot);
        pivots[row] = value + neighbours as f64 * change - below;
    }
    let mut above = 0.0;
    let mut logs = Vec::new();
    for pivot in pivots {
        above = change * above / pivot + draws.normal() / f64::sqrt(pivot);
        logs.push(0.03f64.ln() + above);
    }
    logs
}

/// The part of a posterior below a value.
fn rank(found: &Found, quantity: Quantity, value: f64) -> f64 {
    let mut all = found.statistics.iter();
    let statistic = all
        .find(|statistic| statistic.quantity == quantity)
        .unwrap();
    let quantiles = &statistic.quantiles;
    let below = quantiles.partition_point(|quantile| *quantile < value);
    if below == 0 {
        return 0.0;
    }
    if below == quantiles.len() {
        return 1.0;
    }
    let (from, to) = (quantiles[below - 1], quantiles[below]);
    (below as f64 - 1.0 + (value - from) / (to - from)) / (quantiles.len() - 1) as f64
}

/// The same for the number of layers; of those that have as many, a random part is below.
fn layers_rank(found: &Found, layers: usize, draws: &mut Draws) -> f64 {
    let counts = &found.posterior.layers;
    let below: u64 = counts[..layers].iter().sum();
    let own = counts[layers] as f64 * draws.uniform();
    (below as f64 + own) / counts.iter().sum::<u64>() as f64
}

/// The distance of Kolmogorov and Smirnov from even ranks, times the root of their number.
fn kolmogorov(ranks: &mut [f64]) -> f64 {
    ranks.sort_by(f64::total_cmp);
    let count = ranks.len() as f64;
    let distances = ranks.iter().enumerate().map(|(place, rank)| {
        let (below, above) = (place as f64 / count, (place + 1) as f64 / count);
        f64::max(rank - below, above - rank)
    });
    distances.fold(0.0, f64::max) * count.sqrt()
}
