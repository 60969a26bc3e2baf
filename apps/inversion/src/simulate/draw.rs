use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::options::LayersPrior;
use crate::random::Draws;
use crate::settings::{Level, Settings};
use crate::{Error, Result};

/// A state drawn from the priors.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The layers.
    pub earth: Earth,
    /// The levels of the errors.
    pub errors: Errors,
    /// m above where the systems are said to have been.
    pub height_change: f64,
}

/// How often limits may refuse a draw before they are said to leave nothing.
const ATTEMPTS: usize = 100_000;

/// Draws a state from the priors that exact chains have ([`Target`](crate::exact::Target)): the
/// number of layers, then interfaces, conductivities, and what is solved for of errors and height.
///
/// # Errors
/// `value_mean` is not said, layers do not fit, or `parameter_limits` leave next to nothing.
pub fn draw(settings: &Settings, layers_prior: LayersPrior, draws: &mut Draws) -> Result<Drawn> {
    let Some(mean) = settings.value_mean else {
        return Err(Error::Request(
            "value_mean is needed to draw from the priors: without it their mean is fitted to data"
                .into(),
        ));
    };
    let weights = of_layers(layers_prior, settings.maximum_number_of_layers);
    for _ in 0..ATTEMPTS {
        let count = 1 + draws.categorical(&weights);
        let depth = interfaces(settings, count - 1, draws)?;
        let logs = conductivities(settings, mean.ln(), count, draws)?;
        let conductivity: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        // With `solve_gradient` the prior is cut as a whole.
        if !conductivity.iter().all(|x| is_inside(settings, *x)) {
            continue;
        }
        let mut earth = Earth::new(&depth, &conductivity)?;
        earth.set_log_conductivity(&logs);
        let change = settings.height.map_or(0.0, |walk| walk.maximum_change);
        return Ok(Drawn {
            earth,
            errors: Errors {
                relative: levels(&settings.relative_error, draws),
                additive: levels(&settings.additive_error, draws),
            },
            height_change: change * (2.0 * draws.uniform() - 1.0),
        });
    }
    Err(no_room())
}

/// How often each number of layers is, from 1; the largest is 1.
fn of_layers(prior: LayersPrior, most: usize) -> Vec<f64> {
    let step = |more: usize| match prior {
        LayersPrior::Uniform => 0.0,
        LayersPrior::Poisson(mean) => libm::log(mean / more as f64),
        LayersPrior::Geometric(p) => libm::log1p(-p),
    };
    let mut logs = vec![0.0];
    for more in 1..most {
        logs.push(logs[more - 1] + step(more));
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| libm::exp(log - largest)).collect()
}

/// m: so many depths, uniform among all that have the least thickness between them: uniform numbers
/// in what is left without the gaps, in order, and the gaps put in again.
fn interfaces(settings: &Settings, count: usize, draws: &mut Draws) -> Result<Vec<f64>> {
    let depths = settings.depths();
    let ([shallowest, deepest], gap) = (depths.range(), depths.least_thickness());
    let room = deepest - shallowest - gap * count.saturating_sub(1) as f64;
    if count > 0 && room <= 0.0 {
        return Err(Error::Request(format!(
            "{count} interfaces at least {gap} m apart do not fit between {shallowest} m and \
             {deepest} m"
        )));
    }
    let mut places: Vec<f64> = (0..count).map(|_| room * draws.uniform()).collect();
    places.sort_by(f64::total_cmp);
    let numbered = places.into_iter().enumerate();
    Ok(numbered
        .map(|(index, place)| shallowest + place + gap * index as f64)
        .collect())
}

/// ln(S/m): normal of the precision `I / s^2`, and `+ D^T D / g^2` with `solve_gradient`. With its
/// factor L, `precision = L L^T`, these are `mean + L^-T z`.
fn conductivities(
    settings: &Settings,
    mean: f64,
    count: usize,
    draws: &mut Draws,
) -> Result<Vec<f64>> {
    let value = settings.parameter_standard_deviation.powi(-2);
    if !settings.solve_gradient {
        let deviation = settings.parameter_standard_deviation;
        return (0..count)
            .map(|_| cut(settings, mean, deviation, draws))
            .collect();
    }
    let change = settings.gradient_standard_deviation.powi(-2);
    let (mut diagonal, mut beside) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut left: f64 = 0.0;
    for layer in 0..count {
        let neighbours = usize::from(layer > 0) + usize::from(layer + 1 < count);
        let pivot = (value + change * neighbours as f64 - left * left).sqrt();
        left = -change / pivot;
        diagonal.push(pivot);
        beside.push(left);
    }
    let mut logs: Vec<f64> = (0..count).map(|_| draws.normal()).collect();
    for layer in (0..count).rev() {
        let below = logs
            .get(layer + 1)
            .map_or(0.0, |below| beside[layer] * below);
        logs[layer] = (logs[layer] - below) / diagonal[layer];
    }
    Ok(logs.into_iter().map(|log| mean + log).collect())
}

/// A normal number, drawn again beyond the limits.
fn cut(settings: &Settings, mean: f64, deviation: f64, draws: &mut Draws) -> Result<f64> {
    for _ in 0..ATTEMPTS {
        let log = mean + deviation * draws.normal();
        if is_inside(settings, log.exp()) {
            return Ok(log);
        }
    }
    Err(no_room())
}

fn is_inside(settings: &Settings, conductivity: f64) -> bool {
    let [lowest, highest] = settings.parameter_limits;
    conductivity >= lowest && conductivity <= highest
}

fn no_room() -> Error {
    Error::Request(
        "parameter_limits leave next to nothing of the prior about value_mean: widen them".into(),
    )
}

/// Uniform in the logarithm where they are solved for.
fn levels(levels: &[Level], draws: &mut Draws) -> Vec<f64> {
    let level = |level: &Level| match level.walk {
        None => level.initial,
        Some(walk) => {
            let span = libm::log(walk.maximum / walk.minimum);
            walk.minimum * libm::exp(span * draws.uniform())
        }
    };
    levels.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::settings::{HeightWalk, LevelWalk};

    fn settings() -> Settings {
        let level = Level {
            initial: 0.05,
            walk: Some(LevelWalk {
                minimum: 0.01,
                maximum: 0.5,
                proposal_variance: 1e-2,
            }),
        };
        Settings {
            maximum_number_of_layers: 4,
            minimum_depth: 2.0,
            maximum_depth: 50.0,
            minimum_thickness: Some(5.0),
            probability_of_birth: 0.25,
            probability_of_death: 0.25,
            probability_of_perturb: 0.25,
            probability_of_no_change: 0.25,
            solve_parameter: true,
            solve_gradient: true,
            parameter_standard_deviation: 1.5,
            gradient_standard_deviation: 0.8,
            parameter_weight: 1.0,
            gradient_weight: 0.0,
            parameter_limits: [1e-20, 1e20],
            value_mean: Some(0.02),
            covariance_scaling: 1.0,
            stochastic_newton: true,
            ignore_likelihood: false,
            relative_error: vec![level],
            additive_error: vec![Level {
                initial: 5.0,
                walk: None,
            }],
            height: Some(HeightWalk {
                maximum_change: 2.0,
                proposal_variance: 0.1,
            }),
            n_markov_chains: 1,
            minimum_burn_in: 0,
            number_of_depth_bins: None,
            number_of_edge_bins: None,
        }
    }

    fn drawn(settings: &Settings, prior: LayersPrior, count: u64) -> Vec<Drawn> {
        let stream = Stream::new(3, 1.0, 2.0, 0);
        let one = |number| draw(settings, prior, &mut stream.iteration(number)).unwrap();
        (0..count).map(one).collect()
    }

    /// Each bound is five standard deviations.
    fn near(found: f64, expected: f64, variance: f64, count: f64) {
        let error = (found - expected).abs();
        assert!(
            error < 5.0 * (variance / count).sqrt(),
            "{found}, not {expected}"
        );
    }

    #[test]
    fn layers_are_as_often_as_their_prior_says() {
        let count = 20_000;
        for (prior, weights) in [
            (LayersPrior::Uniform, [1.0; 4]),
            (LayersPrior::Poisson(1.5), [1.0, 1.5, 1.125, 0.5625]),
            (LayersPrior::Geometric(0.5), [1.0, 0.5, 0.25, 0.125]),
        ] {
            let found = drawn(&settings(), prior, count);
            for (layers, weight) in weights.iter().enumerate() {
                let p = weight / weights.iter().sum::<f64>();
                let these = found.iter().filter(|one| one.earth.count() == layers + 1);
                let part = these.count() as f64 / count as f64;
                near(part, p, p * (1.0 - p), count as f64);
            }
        }
    }

    #[test]
    fn conductivities_have_the_variances_of_the_precision() {
        let settings = settings();
        let found = drawn(&settings, LayersPrior::Uniform, 40_000);
        // Of two layers: Q = [a + c, -c; -c, a + c], whose inverse is this.
        let (a, c) = (1.0 / 2.25, 1.0 / 0.64);
        let determinant = a * (a + 2.0 * c);
        let (variance, covariance) = ((a + c) / determinant, c / determinant);
        let mean = 0.02f64.ln();
        let of = |count| found.iter().filter(move |one| one.earth.count() == count);
        let count = of(2).count() as f64;
        let average = |f: &dyn Fn(f64, f64) -> f64| {
            let values = of(2).map(|one| {
                let logs = one.earth.log_conductivity();
                f(logs[0] - mean, logs[1] - mean)
            });
            values.sum::<f64>() / count
        };
        near(average(&|x, _| x), 0.0, variance, count);
        near(
            average(&|x, _| x * x),
            variance,
            2.0 * variance * variance,
            count,
        );
        near(
            average(&|_, y| y * y),
            variance,
            2.0 * variance * variance,
            count,
        );
        let spread = variance * variance + covariance * covariance;
        near(average(&|x, y| x * y), covariance, spread, count);
        let single = of(1).count() as f64;
        let square = |one: &Drawn| (one.earth.log_conductivity()[0] - mean).powi(2);
        let found = of(1).map(square).sum::<f64>() / single;
        near(found, 2.25, 2.0 * 2.25 * 2.25, single);
    }

    #[test]
    fn interfaces_errors_and_heights_are_uniform_where_they_may_be() {
        let settings = settings();
        let found = drawn(&settings, LayersPrior::Uniform, 40_000);
        let two: Vec<&[f64]> = found.iter().map(|one| one.earth.depth()).collect();
        let two: Vec<&[f64]> = two.into_iter().filter(|depth| depth.len() == 2).collect();
        assert!(
            two.iter()
                .all(|d| d[0] >= 5.0 && d[1] <= 50.0 && d[1] - d[0] >= 5.0)
        );
        // The smaller one of two uniform numbers has the mean 1/3 and the variance 1/18.
        let (room, count) = (40.0, two.len() as f64);
        let mean = |place: usize| two.iter().map(|d| d[place]).sum::<f64>() / count;
        near(mean(0), 5.0 + room / 3.0, room * room / 18.0, count);
        near(mean(1), 10.0 + 2.0 * room / 3.0, room * room / 18.0, count);
        let count = found.len() as f64;
        let (span, middle) = (50f64.ln(), 0.5 * (0.01f64 * 0.5).ln());
        let errors = found.iter().map(|one| one.errors.relative[0].ln());
        near(
            errors.sum::<f64>() / count,
            middle,
            span * span / 12.0,
            count,
        );
        let heights = found.iter().map(|one| one.height_change);
        near(heights.sum::<f64>() / count, 0.0, 16.0 / 12.0, count);
        assert!(found.iter().all(|one| one.height_change.abs() < 2.0));
        assert!(
            found
                .iter()
                .all(|one| (one.errors.additive[0] - 5.0).abs() < 1e-15)
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let mut draws = Stream::new(3, 1.0, 2.0, 0).iteration(0);
        let mut no = |settings: &Settings| {
            draw(settings, LayersPrior::Uniform, &mut draws)
                .unwrap_err()
                .to_string()
        };
        let unfixed = Settings {
            value_mean: None,
            ..settings()
        };
        assert!(no(&unfixed).contains("value_mean"));
        let narrow = Settings {
            parameter_limits: [1e10, 1e11],
            solve_gradient: false,
            ..settings()
        };
        assert!(no(&narrow).contains("parameter_limits"));
    }

    #[test]
    fn limits_cut() {
        for solve_gradient in [false, true] {
            let settings = Settings {
                parameter_limits: [0.01, 0.05],
                solve_gradient,
                ..settings()
            };
            let found = drawn(&settings, LayersPrior::Uniform, 500);
            let all = found.iter().flat_map(|one| one.earth.conductivity());
            assert!(all.into_iter().all(|x| (0.0099..0.0501).contains(x)));
        }
    }
}
