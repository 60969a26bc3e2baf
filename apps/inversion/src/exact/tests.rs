//! The way there and the way back of every move, and data and earths drawn in turns.

use std::path::Path;

use super::jump::{Jump, Redraw};
use super::walker::{Walker, Whose, copy};
use super::{Design, Target, Term};
use crate::earth::Earth;
use crate::forward::{FrequencyDomain, at_once};
use crate::instrument::{Evaluator, Instrument};
use crate::likelihood::Observation;
use crate::options::{ErrorModel, LayersPrior};
use crate::random::Stream;
use crate::settings::{HeightWalk, Level, LevelWalk, Settings};
use crate::state::{Sounding, State};
use crate::system::FrequencySystem;

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 8, 0, 0
";
const HEIGHT: f64 = 30.0;

fn settings() -> Settings {
    let level = |initial, minimum, maximum| Level {
        initial,
        walk: Some(LevelWalk {
            minimum,
            maximum,
            proposal_variance: 1e-2,
        }),
    };
    Settings {
        maximum_number_of_layers: 5,
        minimum_depth: 2.0,
        maximum_depth: 90.0,
        minimum_thickness: Some(3.0),
        probability_of_birth: 0.3,
        probability_of_death: 0.2,
        probability_of_perturb: 0.2,
        probability_of_no_change: 0.3,
        solve_parameter: true,
        solve_gradient: true,
        parameter_standard_deviation: 1.0,
        gradient_standard_deviation: 1.5,
        parameter_weight: 1.0,
        gradient_weight: 0.0,
        parameter_limits: [1e-20, 1e20],
        value_mean: Some(0.03),
        covariance_scaling: 1.0,
        stochastic_newton: true,
        ignore_likelihood: false,
        relative_error: vec![level(0.05, 0.02, 0.2)],
        additive_error: vec![level(5.0, 2.0, 20.0)],
        height: Some(HeightWalk {
            maximum_change: 3.0,
            proposal_variance: 0.1,
        }),
        n_markov_chains: 1,
        minimum_burn_in: 0,
        number_of_depth_bins: None,
        number_of_edge_bins: None,
    }
}

fn system() -> FrequencyDomain {
    FrequencyDomain::new(&FrequencySystem::parse(Path::new("coils.stm"), COILS).unwrap())
}

fn sounding<'s>(system: &'s FrequencyDomain, data: &[f64]) -> Sounding<'s> {
    let instrument = Instrument::frequency(system, HEIGHT).unwrap();
    let observation = Observation::finite(data, instrument.components(), &[1.0; 6]).unwrap();
    Sounding {
        line: 1.0,
        fiducial: 2.0,
        observation: observation.with_error_model(ErrorModel::Predicted),
        instrument,
    }
}

fn walker<'s>(settings: &'s Settings, sounding: &'s Sounding<'s>) -> Walker<'s, Evaluator<'s>> {
    let target = Target::new(settings, LayersPrior::Poisson(1.5), 0.03).unwrap();
    let earth = Earth::half_space(0.03, settings.maximum_number_of_layers);
    let state = State::new(settings, sounding, earth).unwrap();
    let evaluator = sounding.instrument.evaluator(5);
    at_once(Walker::new(target, sounding, 1.0, state, evaluator))
}

/// The density of the way there over that of the way back is the inverse of what it is from there.
#[test]
fn what_leads_there_leads_back() {
    let (settings, system) = (settings(), system());
    let sounding = sounding(&system, &[20.0, 130.0, -3.0, 80.0, 150.0, 900.0]);
    let mut walker = walker(&settings, &sounding);
    let stream = Stream::new(1, 2.0, 3.0, 0);
    let mut seen = [0; 14];
    for iteration in 0..3000 {
        let mut draws = stream.iteration(iteration);
        if let (_, Some(jump)) = at_once(walker.propose(&mut draws))
            && walker.target.allows(&walker.candidate.earth)
        {
            at_once(walker.predict(Whose::Candidate, jump == Jump::Value));
            let there = at_once(walker.log_ratio(jump));
            // As if the candidate had been the state.
            walker.accept();
            if jump.redraws_all() {
                assert!(at_once(walker.prepare_there(jump.reverse())));
            }
            if walker.candidate.response.jacobian.is_empty() && jump == Jump::Value {
                at_once(walker.predict(Whose::Candidate, true));
            }
            let back = at_once(walker.log_ratio(jump.reverse()));
            walker.accept();
            let scale = 1.0 + there.abs();
            assert!(
                (there + back).abs() < 1e-7 * scale,
                "{jump:?}: {there} {back}"
            );
            seen[match jump {
                Jump::Birth(_, Redraw::Split) => 0,
                Jump::Death(_, Redraw::Split) => 1,
                Jump::Birth(_, Redraw::All) => 2,
                Jump::Death(_, Redraw::All) => 3,
                Jump::Shift(_, _, Redraw::Split) => 4,
                Jump::Teleport(_, _, Redraw::Split) => 5,
                Jump::Shift(_, _, Redraw::All) => 6,
                Jump::Teleport(_, _, Redraw::All) => 7,
                Jump::Value => 8,
                Jump::Refresh(_) => 13,
                Jump::Fork(_, Redraw::Split) => 9,
                Jump::Fuse(_, Redraw::Split) => 10,
                Jump::Fork(_, Redraw::All) => 11,
                Jump::Fuse(_, Redraw::All) => 12,
            }] += 1;
        }
        at_once(walker.step(&mut stream.iteration(1_000_000 + iteration)));
    }
    assert!(seen.iter().all(|times| *times > 20), "{seen:?}");
}

/// A candidate that a birth made becomes the state again by the death that is its way back.
#[test]
fn joining_undoes_splitting() {
    let (settings, system) = (settings(), system());
    let sounding = sounding(&system, &[20.0, 130.0, 1100.0, 80.0, 150.0, 900.0]);
    let mut walker = walker(&settings, &sounding);
    let stream = Stream::new(1, 2.0, 3.0, 1);
    let mut seen = 0;
    for iteration in 0..500 {
        if let (_, Some(Jump::Birth(place, Redraw::Split))) =
            at_once(walker.propose(&mut stream.iteration(iteration)))
        {
            super::structure::join(&mut walker.candidate.earth, place.interface);
            let logs = |state: &State| state.earth.log_conductivity().to_vec();
            for (again, before) in logs(&walker.candidate).iter().zip(logs(&walker.state)) {
                assert!((again - before).abs() < 1e-12);
            }
            seen += 1;
        }
        at_once(walker.step(&mut stream.iteration(1_000_000 + iteration)));
    }
    assert!(seen > 30);
}

/// Geweke (2004): data drawn from the state, then an iteration on these data, again and again,
/// leave states distributed as the prior. How far from that they are, in standard errors.
fn geweke(omitted: Option<Term>, iterations: u64) -> f64 {
    let (settings, system) = (settings(), system());
    let mut state = {
        let sounding = sounding(&system, &[1.0; 6]);
        walker(&settings, &sounding).state
    };
    let stream = Stream::new(7, 2.0, 3.0, 0);
    let noise = Stream::new(8, 2.0, 3.0, 0);
    let mut tally = Tally::default();
    for iteration in 0..iterations {
        let mut draws = noise.iteration(iteration);
        let deviations = state.deviations.iter();
        let data: Vec<f64> = (state.response.predicted.iter().zip(deviations))
            .map(|(predicted, deviation)| predicted + deviation * draws.normal())
            .collect();
        let sounding = sounding(&system, &data);
        let mut walker = walker(&settings, &sounding);
        walker.omitted = omitted;
        copy(&state, &mut walker.state);
        at_once(walker.predict(Whose::State, true));
        at_once(walker.step(&mut stream.iteration(iteration)));
        at_once(walker.predict(Whose::State, false));
        state = walker.state;
        tally.add(&state);
    }
    tally.distance_from_prior(&settings)
}

#[test]
fn data_and_earths_in_turns_give_the_prior() {
    let off = geweke(None, 40_000);
    assert!(off < 4.5, "{off} standard errors");
}

#[test]
fn every_term_of_a_ratio_is_missed() {
    for term in Term::ALL {
        let off = geweke(Some(term), 15_000);
        assert!(off > 4.5, "without {term:?}: {off} standard errors");
    }
}

/// Sums over states, in batches.
#[derive(Default)]
struct Tally {
    rows: Vec<[f64; 12]>,
}

impl Tally {
    fn add(&mut self, state: &State) {
        let earth = &state.earth;
        let logs = earth.log_conductivity();
        let last = logs[logs.len() - 1] - 0.03f64.ln();
        let is = |count: usize| f64::from(u8::from(earth.count() == count));
        let depth = earth.depth().first().map_or(0.0, |depth| *depth - 40.0);
        self.rows.push([
            is(1),
            is(2),
            is(3),
            is(4),
            last,
            last * last,
            depth * is(2),
            depth * depth * is(2),
            state.height_change,
            state.height_change.powi(2),
            (state.errors.relative[0] / 0.02).ln(),
            (state.errors.additive[0] / 2.0).ln(),
        ]);
    }

    /// Means of batches against what the prior says, in standard errors: the largest.
    fn distance_from_prior(&self, settings: &Settings) -> f64 {
        let target = Target::new(settings, LayersPrior::Poisson(1.5), 0.03).unwrap();
        let [shallow, deep] = target.range();
        let weights: Vec<f64> = [
            1.0,
            1.5,
            1.5 * 1.5 / 2.0,
            1.5f64.powi(3) / 6.0,
            1.5f64.powi(4) / 24.0,
        ]
        .to_vec();
        let all: f64 = weights.iter().sum();
        let p: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
        // The variance of ln(S/m) of the last layer, by the number of layers.
        let variance: f64 = (1..=5)
            .map(|count| p[count - 1] * last_variance(settings, count))
            .sum();
        let middle = 0.5 * (shallow + deep) - 40.0;
        let width = deep - shallow;
        let expected = [
            p[0],
            p[1],
            p[2],
            p[3],
            0.0,
            variance,
            p[1] * middle,
            p[1] * (middle * middle + width * width / 12.0),
            0.0,
            3.0,
            0.5 * 10f64.ln(),
            0.5 * 10f64.ln(),
        ];
        let batches = 60;
        let size = self.rows.len() / batches;
        let mut largest = 0.0;
        for (column, expected) in expected.into_iter().enumerate() {
            let means: Vec<f64> = self
                .rows
                .chunks_exact(size)
                .map(|rows| rows.iter().map(|row| row[column]).sum::<f64>() / size as f64)
                .collect();
            let mean = means.iter().sum::<f64>() / batches as f64;
            let squares: f64 = means.iter().map(|x| (x - mean).powi(2)).sum();
            let error = (squares / (batches * (batches - 1)) as f64).sqrt();
            largest = f64::max(largest, ((mean - expected) / error).abs());
        }
        largest
    }
}

/// The last diagonal entry of the inverse of the precision, by Gauss and Jordan.
fn last_variance(settings: &Settings, count: usize) -> f64 {
    let value = settings.parameter_standard_deviation.powi(-2);
    let change = settings.gradient_standard_deviation.powi(-2);
    let mut pivot = 0.0;
    for row in 0..count {
        let neighbours = usize::from(row > 0) + usize::from(row + 1 < count);
        let own = value + neighbours as f64 * change;
        pivot = if row == 0 {
            own
        } else {
            own - change * change / pivot
        };
    }
    1.0 / pivot
}

#[test]
fn temperatures_are_at_equal_ratios() {
    let design = Design {
        temperatures: 3,
        maximum_temperature: 16.0,
        ..Design::default()
    };
    assert_eq!(design.weights(), [1.0, 0.25, 0.0625]);
    assert_eq!(Design::default().weights(), [1.0]);
}
