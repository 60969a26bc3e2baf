//! Responses of layered earths and iterations of chains, of airborne systems made up for this.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jobwise_inversion::earth::{Earth, Layers};
use jobwise_inversion::exact::Design;
use jobwise_inversion::forward::{Formula, FrequencyDomain, Geometry, TimeDomain, Wanted};
use jobwise_inversion::inference::Request;
use jobwise_inversion::instrument::{Instrument, TimePart};
use jobwise_inversion::likelihood::Observation;
use jobwise_inversion::options::{ErrorModel, Mode, Traces};
use jobwise_inversion::settings::{Level, LevelWalk, Settings};
use jobwise_inversion::state::Sounding;
use jobwise_inversion::system::{FrequencySystem, TimeSystem};

/// Six pairs of coils of a helicopter: 12 channels.
const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 7.9, 0, 0
1800, z, 1, 0, 0, 0, z, 1, 7.9, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9.0, 0, 0
8200, z, 1, 0, 0, 0, z, 1, 7.9, 0, 0
41000, z, 1, 0, 0, 0, z, 1, 7.9, 0, 0
130000, z, 1, 0, 0, 0, z, 1, 7.9, 0, 0
";

/// A loop with 12 windows of dB/dt in z.
const LOOP: &str = "System Begin
 Type = Time Domain
 Transmitter Begin
  NumberOfTurns = 1
  PeakCurrent = 1
  LoopArea = 1
  BaseFrequency = 225
  WaveformDigitisingFrequency = 3686400
  WaveFormCurrent Begin
   -1.0e-3 0
   -8.0e-4 0.9
   0 1
   2.0e-6 0.6
   8.0e-6 0
   1.25e-3 0
  WaveFormCurrent End
 Transmitter End
 Receiver Begin
  NumberOfWindows = 12
  WindowWeightingScheme = AreaUnderCurve
  WindowTimes Begin
   1.1e-5 1.5e-5
   1.5e-5 2.1e-5
   2.1e-5 3.0e-5
   3.0e-5 4.2e-5
   4.2e-5 6.0e-5
   6.0e-5 8.5e-5
   8.5e-5 1.2e-4
   1.2e-4 1.7e-4
   1.7e-4 2.4e-4
   2.4e-4 3.4e-4
   3.4e-4 4.8e-4
   4.8e-4 6.8e-4
  WindowTimes End
  LowPassFilter Begin
   CutOffFrequency = 300000 450000
   Order = 1 1
  LowPassFilter End
 Receiver End
 ForwardModelling Begin
  ModellingLoopRadius = 10
  OutputType = dB/dt
  ZOutputScaling = 1
  FrequenciesPerDecade = 6
  NumberOfAbsiccaInHankelTransformEvaluation = 21
 ForwardModelling End
System End
";

/// An earth of so many layers, of 8 m each but the last.
fn earth(layers: usize) -> (Vec<f64>, Vec<f64>) {
    let conductivity = [0.01, 0.1, 0.02, 0.3, 0.005].into_iter().cycle();
    (conductivity.take(layers).collect(), vec![8.0; layers - 1])
}

fn frequency() -> FrequencyDomain {
    let system = FrequencySystem::parse(Path::new("coils.stm"), COILS);
    FrequencyDomain::new(&system.expect("a system"))
}

fn time() -> TimeDomain {
    let system = TimeSystem::parse(Path::new("loop.stm"), LOOP);
    TimeDomain::new(&system.expect("a system"))
}

fn in_frequency(system: &FrequencyDomain) -> Instrument<'_> {
    Instrument::frequency(system, 32.0).expect("above the ground")
}

fn in_time(system: &TimeDomain) -> Instrument<'_> {
    let geometry = Geometry {
        tx_height: 32.0,
        txrx_dx: -13.0,
        txrx_dz: 2.0,
        ..Geometry::default()
    };
    let part = TimePart {
        system,
        geometry,
        with_primary: false,
    };
    Instrument::time(&[part]).expect("above the ground")
}

fn responses(c: &mut Criterion) {
    let (frequency, time) = (frequency(), time());
    let mut group = c.benchmark_group("inversion response");
    for (name, instrument) in [
        ("6 frequencies", in_frequency(&frequency)),
        ("12 windows", in_time(&time)),
    ] {
        for layers in [1, 3, 5, 10] {
            let (conductivity, thickness) = earth(layers);
            let earth = Layers::new(&conductivity, &thickness).expect("an earth");
            let mut evaluator = instrument.evaluator(layers);
            let mut response = instrument.response(layers);
            for (what, jacobian) in [("", None), (" and derivatives", Some(Formula::Correct))] {
                let wanted = Wanted {
                    jacobian,
                    height: false,
                };
                group.bench_function(format!("{name}, {layers} layers{what}"), |b| {
                    b.iter(|| {
                        evaluator.evaluate(black_box(earth), 0.0, wanted, &mut response);
                        black_box(&response);
                    });
                });
            }
        }
    }
    group.finish();
}

/// Options of the reference lines; the errors are those of the data below.
fn settings(relative: f64, additive: f64, layers: usize) -> Settings {
    let level = |initial, variance| Level {
        initial,
        walk: Some(LevelWalk {
            minimum: 0.1 * initial,
            maximum: 10.0 * initial,
            proposal_variance: variance,
        }),
    };
    Settings {
        maximum_number_of_layers: layers,
        minimum_depth: 1.0,
        maximum_depth: 150.0,
        minimum_thickness: None,
        probability_of_birth: 1.0 / 6.0,
        probability_of_death: 1.0 / 6.0,
        probability_of_perturb: 1.0 / 6.0,
        probability_of_no_change: 0.5,
        solve_parameter: true,
        solve_gradient: true,
        parameter_standard_deviation: 2.39,
        gradient_standard_deviation: 1.5,
        parameter_weight: 1.0,
        gradient_weight: 0.0,
        parameter_limits: [1e-20, 1e20],
        value_mean: None,
        covariance_scaling: 1.0,
        stochastic_newton: true,
        ignore_likelihood: false,
        relative_error: vec![level(relative, 2.5e-3)],
        additive_error: vec![level(additive, 1e-2)],
        height: None,
        n_markov_chains: 1,
        minimum_burn_in: 0,
        number_of_depth_bins: None,
        number_of_edge_bins: None,
    }
}

/// Three layers, with noise of the size of the errors.
fn sounding<'s>(
    instrument: Instrument<'s>,
    additive: &[f64],
    settings: &Settings,
    error_model: ErrorModel,
) -> Sounding<'s> {
    let earth = Earth::new(&[15.0, 45.0], &[0.01, 0.1, 0.02]).expect("an earth");
    let mut response = instrument.response(3);
    let mut evaluator = instrument.evaluator(3);
    let layers = earth.layers().expect("an earth");
    evaluator.evaluate(layers, 0.0, Wanted::default(), &mut response);
    let noise = [
        0.6, -1.1, 0.2, 1.4, -0.3, -0.8, 0.9, -0.1, 0.4, -1.6, 1.0, -0.5,
    ];
    let mut data = response.predicted;
    for ((datum, factor), noise) in data.iter_mut().zip(additive).zip(noise) {
        let relative = settings.relative_error[0].initial * *datum;
        *datum += noise * relative.hypot(settings.additive_error[0].initial * factor);
    }
    let observation = Observation::finite(&data, instrument.components(), additive);
    Sounding {
        line: 100.0,
        fiducial: 4.0,
        observation: observation.expect("data").with_error_model(error_model),
        instrument,
    }
}

/// Iterations of a chain that has burned in.
fn chains(c: &mut Criterion) {
    let (frequency, time) = (frequency(), time());
    let middles = LOOP.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<f64>);
        let (begin, end) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        (begin > 0.0 && end < 1e-3 && end > begin).then_some(0.5 * (begin + end))
    });
    let falling: Vec<f64> = middles.map(|time| (time / 1e-3).powf(-0.5)).collect();
    assert_eq!(falling.len(), 12);
    let mut group = c.benchmark_group("inversion iteration");
    group.throughput(Throughput::Elements(1));
    for (mode, error_model, most) in [
        (Mode::Compat, ErrorModel::Observed, 30),
        (Mode::Exact, ErrorModel::Predicted, 8),
    ] {
        for (name, instrument, factors, settings) in [
            (
                "6 frequencies",
                in_frequency(&frequency),
                &[1.0; 12][..],
                settings(0.05, 5.0, most),
            ),
            (
                "12 windows",
                in_time(&time),
                &falling,
                settings(0.03, 1e-13, most),
            ),
        ] {
            let sounding = sounding(instrument, factors, &settings, error_model);
            let request = Request {
                settings: &settings,
                sounding: &sounding,
                mode,
                design: Design::default(),
                chains: 1,
                seed: 1,
                depths: &[],
                traces: Traces::None,
            };
            let mut walk = request.walk(0).expect("a chain");
            let mut iteration = 0;
            for _ in 0..5000 {
                iteration += 1;
                walk.step(iteration);
            }
            assert!(walk.state().misfit < 60.0, "{}", walk.state().misfit);
            group.bench_function(format!("{mode}, {name}, at most {most} layers"), |b| {
                b.iter(|| {
                    iteration += 1;
                    black_box(walk.step(iteration))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, responses, chains);
criterion_main!(benches);
