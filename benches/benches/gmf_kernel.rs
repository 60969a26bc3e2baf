//! One integration of the radar search: 16 range gates, 19 accelerations, spectra of 12 500 bins,
//! echo in noise.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::parameters::Parameters;
use jobwise_gmf::search::{Level, Path, Sample, Search};
use jobwise_gmf::settings::{Method, Settings};
use num_complex::Complex;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const GATES: i64 = 16;
const FIRST_GATE: i64 = 7032;
const ACCELERATIONS: usize = 19;
/// Where the echo stands: a gate of the middle.
const ECHO_DELAY: usize = 8;
const CHIP: usize = 60;

fn settings(gmf_method: Method) -> Settings {
    Settings {
        gmf_method,
        min_range_gate: FIRST_GATE,
        max_range_gate: FIRST_GATE + GATES,
        frequency_decimation: 16,
        min_acceleration: -300.0,
        max_acceleration: 300.0,
        ..Settings::default()
    }
}

/// Transmitted and received windows of all pulses: a random code of amplitude 100, and its echo of
/// amplitude 0.25 in noise of unit variance per component.
fn samples(parameters: &Parameters) -> (Vec<Sample>, Vec<Sample>) {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let (mut tx, mut rx) = (Vec::new(), Vec::new());
    for _ in 0..parameters.n_ipp {
        let pulse: Vec<f32> = (0..parameters.tx_pulse_samps.div_ceil(CHIP))
            .map(|_| if random.random::<bool>() { 1.0 } else { -1.0 })
            .flat_map(|chip| [chip; CHIP])
            .take(parameters.tx_pulse_samps)
            .collect();
        tx.extend(pulse.iter().map(|&chip| Complex::new(100.0 * chip, 0.0)));
        let first = rx.len() + ECHO_DELAY;
        rx.extend((0..parameters.rx_window_samps()).map(|_| -> Sample {
            Complex::new(random.sample(StandardNormal), random.sample(StandardNormal))
        }));
        for (sample, chip) in rx[first..].iter_mut().zip(pulse) {
            *sample += 0.25 * chip;
        }
    }
    (tx, rx)
}

fn integration(c: &mut Criterion) {
    let mut group = c.benchmark_group("one integration, per gate and acceleration");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    let lanes = Level::available()
        .into_iter()
        .flat_map(|level| [Path::Decomposed(level), Path::Bounded(level)]);
    let paths = std::iter::once(Path::Plain).chain(lanes);
    let cases = paths.flat_map(|path| [(path, Method::Fgmf), (path, Method::Fdpt)]);
    for (path, method) in cases {
        let name = match path {
            Path::Plain => format!("{} plain", method.name()),
            Path::Decomposed(level) => format!("{} decomposed {level}", method.name()),
            Path::Bounded(level) => format!("{} bounded {level}", method.name()),
        };
        let settings = settings(method);
        let experiment = Experiment::of_shape(20_000, 82.0..2002.0, 929.6);
        let parameters = Parameters::new(&experiment, &settings).expect("the settings fit");
        assert_eq!(parameters.ranges.len(), GATES as usize);
        assert_eq!(parameters.selected.len(), ACCELERATIONS);
        assert_eq!(parameters.decimated_read_length, 12_500);
        let (tx, rx) = samples(&parameters);
        let search =
            Search::with_path(&parameters, &settings, path).expect("the search takes any shape");
        let mut scratch = search.scratch();
        group.throughput(Throughput::Elements(GATES as u64 * ACCELERATIONS as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let found = search.integrate(black_box(&tx), black_box(&rx), &mut scratch);
                assert!(found.gmf_peak > 0.0);
                found
            });
        });
    }
    group.finish();
}

criterion_group!(benches, integration);
criterion_main!(benches);
