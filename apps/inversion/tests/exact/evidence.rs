//! How probable one, two and three layers are, by quadrature and by a chain.

use std::f64::consts::{PI, TAU};

use jobwise_inversion::earth::{Earth, Layers};
use jobwise_inversion::exact::{Chain, Design};
use jobwise_inversion::forward::Wanted;
use jobwise_inversion::likelihood::Errors;
use jobwise_inversion::sampler::{Position, Walk};
use jobwise_inversion::settings::{Level, Settings};
use jobwise_inversion::state::Sounding;

use crate::soundings::{settings, sounding, system};

/// One pair of coils, over 15 m of 0.02 S/m on 0.08 S/m, 30 m above.
const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
3000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";
/// From one normal number to the next, less than how far data let them spread.
const STEP: f64 = 0.5;
const DATA: [f64; 2] = [420.0, 560.0];

fn small() -> Settings {
    let fixed = |initial| Level {
        initial,
        walk: None,
    };
    Settings {
        relative_error: vec![fixed(0.3)],
        additive_error: vec![fixed(80.0)],
        height: None,
        ..settings(3)
    }
}

#[test]
fn layers_are_as_probable_as_quadrature_says() {
    let settings = small();
    let system = system(COILS);
    let sounding = sounding(&system, 30.0, &DATA, 1.0);
    let evidence: Vec<f64> = (1..=3)
        .map(|layers| evidence(&settings, &sounding, layers))
        .collect();
    let all: f64 = evidence.iter().sum();
    for temperatures in [1, 3] {
        let design = Design {
            temperatures,
            maximum_temperature: 8.0,
            ..Design::default()
        };
        let mut chain = Chain::new(&settings, &design, &sounding, 3, 0).unwrap();
        let iterations = 200_000 / temperatures as u64;
        let mut counts = [0; 4];
        for iteration in 1..=iterations {
            chain.step(iteration);
            counts[chain.state().earth.count()] += 1;
        }
        for layers in 1..=3 {
            let found = f64::from(counts[layers]) / iterations as f64;
            let expected = evidence[layers - 1] / all;
            println!("{layers} layers, {temperatures} temperatures: {found:.4}, {expected:.4}");
            assert!(
                (found - expected).abs() < 0.01,
                "{layers}: {found} {expected}"
            );
        }
    }
    // The data say something: the prior has a third for each.
    assert!((evidence[0] / all - 1.0 / 3.0).abs() > 0.03, "{evidence:?}");
}

/// The likelihood integrated over the prior, times what does not depend on the number of layers:
/// Gauss and Legendre over depths, the trapezoid rule over independent normal numbers.
fn evidence(settings: &Settings, sounding: &Sounding<'_>, layers: usize) -> f64 {
    let spread = spread(settings, layers);
    let normal: Vec<f64> = (-10..=10).map(|step| STEP * f64::from(step)).collect();
    let weight = |x: f64| STEP * (-0.5 * x * x).exp() / TAU.sqrt();
    let mut places = vec![(Vec::new(), 1.0)];
    for _ in 1..layers {
        places = places
            .into_iter()
            .flat_map(|(depth, weight)| deeper(settings, &depth, weight))
            .collect();
    }
    let all: f64 = places.iter().map(|(_, weight)| weight).sum();
    let mut likelihood = Likelihood::new(settings, sounding);
    let mut sum = 0.0;
    for (depth, part) in &places {
        for index in 0..normal.len().pow(layers as u32) {
            let (mut rest, mut product, mut numbers) = (index, part / all, Vec::new());
            for _ in 0..layers {
                let number = normal[rest % normal.len()];
                rest /= normal.len();
                product *= weight(number);
                numbers.push(number);
            }
            let logs: Vec<f64> = (0..layers)
                .map(|row| {
                    let own: f64 = (0..layers).map(|i| spread[i][row] * numbers[i]).sum();
                    0.03f64.ln() + own
                })
                .collect();
            sum += product * likelihood.of(depth, &logs);
        }
    }
    sum
}

/// One interface more at several places, with their weights.
fn deeper(settings: &Settings, depth: &[f64], weight: f64) -> Vec<(Vec<f64>, f64)> {
    let [shallow, deep] = settings.depths().range();
    let least = settings.depths().least_thickness();
    let from = depth.last().map_or(shallow, |above| above + least);
    let width = (deep - from).max(0.0);
    let add = |(x, own): (f64, f64)| {
        let mut depth = depth.to_vec();
        depth.push(from + 0.5 * (1.0 + x) * width);
        (depth, weight * 0.5 * own * width)
    };
    legendre(8).into_iter().map(add).collect()
}

/// Nodes and weights of Gauss and Legendre on -1 to 1.
fn legendre(count: usize) -> Vec<(f64, f64)> {
    let polynomial = |x: f64| {
        let (mut before, mut now) = (1.0, x);
        for n in 1..count {
            let n = n as f64;
            (before, now) = (now, ((2.0 * n + 1.0) * x * now - n * before) / (n + 1.0));
        }
        (now, count as f64 * (x * now - before) / (x * x - 1.0))
    };
    let node = |place: usize| {
        let mut x = (PI * (place as f64 + 0.75) / (count as f64 + 0.5)).cos();
        for _ in 0..20 {
            let (value, slope) = polynomial(x);
            x -= value / slope;
        }
        let slope = polynomial(x).1;
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(node).collect()
}

/// A root of the covariance of ln(S/m): columns that independent normal numbers are multiplied
/// with, `L^-T` for the precision `L L^T`.
fn spread(settings: &Settings, layers: usize) -> Vec<Vec<f64>> {
    let value = settings.parameter_standard_deviation.powi(-2);
    let change = settings.gradient_standard_deviation.powi(-2);
    let precision = |row: usize, column: usize| -> f64 {
        let neighbours = usize::from(row > 0) + usize::from(row + 1 < layers);
        match row.abs_diff(column) {
            0 => value + neighbours as f64 * change,
            1 => -change,
            _ => 0.0,
        }
    };
    let mut lower = vec![vec![0.0; layers]; layers];
    for row in 0..layers {
        for column in 0..=row {
            let inner: f64 = (0..column).map(|i| lower[row][i] * lower[column][i]).sum();
            let left: f64 = precision(row, column) - inner;
            lower[row][column] = if row == column {
                left.sqrt()
            } else {
                left / lower[column][column]
            };
        }
    }
    // Column by column, from below.
    let column = |column: usize| {
        let mut found = vec![0.0; layers];
        for row in (0..layers).rev() {
            let unit = f64::from(u8::from(row == column));
            let below: f64 = (row + 1..layers).map(|i| lower[i][row] * found[i]).sum();
            found[row] = (unit - below) / lower[row][row];
        }
        found
    };
    (0..layers).map(column).collect()
}

/// The likelihood of earths.
struct Likelihood<'s> {
    sounding: &'s Sounding<'s>,
    evaluator: jobwise_inversion::instrument::Evaluator<'s>,
    response: jobwise_inversion::forward::Response,
    errors: Errors,
    deviations: Vec<f64>,
}

impl<'s> Likelihood<'s> {
    fn new(settings: &Settings, sounding: &'s Sounding<'s>) -> Likelihood<'s> {
        Likelihood {
            sounding,
            evaluator: sounding.instrument.evaluator(3),
            response: sounding.instrument.response(3),
            errors: Errors {
                relative: vec![settings.relative_error[0].initial],
                additive: vec![settings.additive_error[0].initial],
            },
            deviations: vec![0.0; sounding.observation.active().len()],
        }
    }

    fn of(&mut self, depth: &[f64], logs: &[f64]) -> f64 {
        let conductivity: Vec<f64> = logs.iter().map(|x| x.exp()).collect();
        let earth = Earth::new(depth, &conductivity).unwrap();
        let layers: Layers<'_> = earth.layers().unwrap();
        let response = &mut self.response;
        self.evaluator
            .evaluate(layers, 0.0, Wanted::default(), response);
        let observation = &self.sounding.observation;
        let predicted = &response.predicted;
        observation.deviations(&self.errors, predicted, &mut self.deviations);
        let misfit = observation.misfit(predicted, &self.deviations);
        observation.log_likelihood(misfit, &self.deviations).exp()
    }
}
