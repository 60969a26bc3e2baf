//! The kernels under `ThreadSanitizer`, and what the waits of their threads are needed for.

use jobwise_cuda_fake::{Argument, Compiled, Outcome, Run};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::search::DeviceSearch;
use super::shape::Shape;
use super::spectrum::Tables;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::search::tables::Spectrum;
use crate::settings::{Method, Settings};

/// Shared memory that a block may have here, in bytes: so little that bands take several rounds.
const SHARED: usize = 24 << 10;

/// A radar of so many pulses, each of 24 decimated samples every 120.
fn search(n_ipp: i64, gmf_method: Method) -> DeviceSearch {
    let experiment = Experiment::of_shape(240, 3.0..51.0, 929.6);
    let mut settings = Settings {
        gmf_method,
        n_ipp,
        frequency_decimation: 2,
        dpt_ipp_delay_parameter: 1,
        min_range_gate: 60,
        max_range_gate: 62,
        min_acceleration: -1e30,
        max_acceleration: 1e30,
        ..Settings::default()
    };
    let all = Parameters::new(&experiment, &settings).unwrap();
    settings.min_acceleration = -1.1 * all.acceleration_step;
    settings.max_acceleration = 1.1 * all.acceleration_step;
    let parameters = Parameters::new(&experiment, &settings).unwrap();
    DeviceSearch::new(&parameters, &settings).unwrap()
}

fn noise(count: usize) -> Argument {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let numbers = (0..count).map(|_| random.random_range(-1.0_f32..1.0));
    Argument::buffer(numbers.map(f32::to_le_bytes))
}

fn int(number: i32) -> Argument {
    Argument::value(number.to_le_bytes())
}

fn long(number: i64) -> Argument {
    Argument::value(number.to_le_bytes())
}

fn double(number: f64) -> Argument {
    Argument::value(number.to_le_bytes())
}

fn ints(numbers: &[i32]) -> Argument {
    Argument::buffer(numbers.iter().map(|x| x.to_le_bytes()))
}

fn words(numbers: &[u32]) -> Argument {
    Argument::buffer(numbers.iter().map(|x| x.to_le_bytes()))
}

fn floats(numbers: &[f32]) -> Argument {
    Argument::buffer(numbers.iter().map(|x| x.to_le_bytes()))
}

fn doubles(numbers: &[f64]) -> Argument {
    Argument::buffer(numbers.iter().map(|x| x.to_le_bytes()))
}

/// A buffer that a kernel fills.
fn to_fill(bytes: usize) -> Argument {
    Argument::Buffer(vec![0xcd; bytes])
}

/// A launch of the search of a spectrum over two gates of noise.
fn launch<'c>(search: &DeviceSearch, compiled: &'c Compiled, order: u64) -> Run<'c> {
    let Spectrum { pulses, terms, .. } = search.rates;
    let shape = Shape::new(&search.rates, SHARED);
    let tables = Tables::of(&search.rates);
    let elements = pulses * terms;
    let rows = search.parameters.selected.len();
    let block = [shape.threads as u32, 1, 1];
    // One block after the other computes both gates.
    Run::new(compiled, "spectrum", [1, 1, 1], block, shape.shared as u32)
        .order(order)
        .arg(noise(2 * 2 * elements))
        .arg(floats(&search.rows))
        .arg(Argument::value(0_i64.to_le_bytes()))
        .arg(int(rows as i32))
        .arg(int(2))
        .arg(int(2))
        .arg(Argument::buffer([1.0_f64.to_le_bytes()]))
        .arg(floats(&tables.numbers))
        .arg(words(&tables.starts))
        .arg(words(&tables.near))
        .arg(floats(&tables.weights))
        .arg(floats(&[0.0; 2]))
        .arg(Argument::Buffer(vec![0xcd; 8]))
        .arg(Argument::Buffer(vec![0xcd; 8]))
}

/// What was found: rows and bins.
fn found(outcome: &Outcome) -> (Option<String>, Vec<Vec<u8>>) {
    let results = outcome.buffers.len().saturating_sub(2);
    (
        outcome.complaint.clone(),
        outcome.buffers[results..].to_vec(),
    )
}

/// The places of every wait in a text.
fn waits(text: &str) -> Vec<(usize, &'static str)> {
    let of = |wait: &'static str| text.match_indices(wait).map(move |(at, _)| (at, wait));
    of("__syncthreads();").chain(of("__syncwarp();")).collect()
}

/// A number of pulses whose transform takes one pass, and one whose transform takes several.
#[test]
fn races_are_seen_where_a_wait_is_missing_and_nowhere_else() {
    let radars = [6, 34].map(|pulses| search(pulses, Method::Fgmf));
    let text = |search: &DeviceSearch| search.sources(SHARED).pop().unwrap();
    let whole: Vec<_> = radars
        .iter()
        .map(|search| {
            let source = text(search);
            let compiled = |is_watched| {
                Compiled::new(source.text, &source.options, is_watched).expect("it compiles")
            };
            let watched = launch(search, &compiled(true), 0).run().unwrap();
            assert!(watched.races.is_empty(), "{}", watched.races.join("\n"));
            let plain = compiled(false);
            let expected = found(&launch(search, &plain, 0).run().unwrap());
            assert_eq!(expected.0, None);
            for order in [1, 2, 3] {
                let again = launch(search, &plain, order).run().unwrap();
                assert_eq!(found(&again), expected, "order {order}");
            }
            (source, expected)
        })
        .collect();
    let waits = waits(whole[0].0.text);
    assert!(waits.len() >= 6, "{waits:?}");
    for (at, wait) in waits {
        let is_noticed = radars
            .iter()
            .zip(&whole)
            .any(|(search, (source, expected))| {
                let mut mutant = source.text.to_owned();
                mutant.replace_range(at..at + wait.len(), ";");
                let compiled = Compiled::new(&mutant, &source.options, true).expect("it compiles");
                let watched = launch(search, &compiled, 0).run().unwrap();
                !watched.races.is_empty() || found(&watched) != *expected
            });
        let line = whole[0].0.text[..at].lines().count();
        assert!(is_noticed, "nobody misses the wait in line {line}");
    }
}

/// A kernel of the stages over two slots of two gates: its blocks and arguments.
type Stage = (&'static str, usize, Vec<Argument>);

fn stages(search: &DeviceSearch) -> [Stage; 6] {
    let parameters = &search.parameters;
    let elements = parameters.n_ipp * parameters.decimated_pulse();
    let rx = parameters.n_ipp * parameters.rx_window_samps();
    let products = search
        .lines
        .as_ref()
        .map_or(0, |lines| lines.pulses * lines.terms);
    let amplitudes = || doubles(&[3.0, 5.0]);
    let tx = parameters.coh_int_samps;
    let echoes = || noise(2 * 4 * elements);
    [
        (
            "weights",
            (2 * tx).div_ceil(128),
            vec![noise(4 * tx), amplitudes(), int(2), to_fill(16 * tx)],
        ),
        (
            "echo",
            (2 * elements).div_ceil(4),
            vec![
                noise(4 * tx),
                noise(4 * rx),
                amplitudes(),
                int(2),
                to_fill(8 * 4 * elements),
            ],
        ),
        ("scale", 4, vec![amplitudes(), echoes(), to_fill(16)]),
        (
            "lag",
            4,
            vec![amplitudes(), echoes(), to_fill(8 * 4 * products)],
        ),
        (
            "chirp",
            4,
            vec![
                amplitudes(),
                ints(&[0, 5, -1, 7]),
                doubles(&parameters.accelerations),
                int(3),
                int(parameters.accelerations.len() as i32),
                int(0),
                double(-1.5),
                double(parameters.sample_rate),
                double(0.0),
                long(54),
                long(240),
                to_fill(16),
                to_fill(8 * 4 * elements),
            ],
        ),
        (
            "winner",
            1,
            vec![
                amplitudes(),
                int(4),
                echoes(),
                ints(&[0, 1, -1, 2]),
                echoes(),
                ints(&[0; 4]),
                ints(&[0, 5, -1, 7]),
                ints(&[1, 2, 3, 4]),
                int(0),
                doubles(&search.turns),
                to_fill(16),
                to_fill(16),
                to_fill(16),
                to_fill(16),
            ],
        ),
    ]
}

/// Every stage, under `ThreadSanitizer`.
#[test]
fn no_stage_has_a_race() {
    let search = search(6, Method::Fdpt);
    let source = &search.sources(SHARED)[0];
    let compiled = Compiled::new(source.text, &source.options, true).expect("it compiles");
    let launches = stages(&search);
    let run = |compiled: &Compiled, (kernel, blocks, arguments): &Stage| {
        let run = Run::new(compiled, kernel, [*blocks as u32, 1, 1], [128, 1, 1], 0);
        let run = arguments.iter().cloned().fold(run, Run::arg);
        run.run()
            .unwrap_or_else(|error| panic!("{kernel}: {error}"))
    };
    for launch in &launches {
        let outcome = run(&compiled, launch);
        assert_eq!(outcome.complaint, None, "{}", launch.0);
        assert!(
            outcome.races.is_empty(),
            "{}: {}",
            launch.0,
            outcome.races.join("\n")
        );
    }
    let waits = waits(source.text);
    assert_eq!(waits.len(), 1);
    let mutant = source.text.replace(waits[0].1, ";");
    let compiled = Compiled::new(&mutant, &source.options, true).expect("it compiles");
    assert!(!run(&compiled, &launches[2]).races.is_empty());
}

/// What ci/cuda compiles for real devices is what runs there.
#[test]
fn the_usual_radar_is_in_the_list_of_kernels() {
    let list = include_str!("../../../../ci/cuda-kernels");
    let experiment = Experiment::of_shape(20_000, 3.0..1923.0, 929.6);
    for gmf_method in [Method::Fgmf, Method::Fdpt] {
        let settings = Settings {
            gmf_method,
            n_ipp: 10,
            frequency_decimation: 16,
            min_range_gate: 1920,
            max_range_gate: 2400,
            min_acceleration: -300.0,
            max_acceleration: 300.0,
            ..Settings::default()
        };
        let parameters = Parameters::new(&experiment, &settings).unwrap();
        let search = DeviceSearch::new(&parameters, &settings).unwrap();
        let every_bin = DeviceSearch::exhaustive(&parameters, &settings).unwrap();
        let sources = [search, every_bin].map(|search| search.sources(232_448));
        for source in sources.iter().flatten() {
            let line = format!("{} {}", source.name, source.options.join(" "));
            assert!(list.contains(&line), "ci/cuda-kernels lacks {line}");
        }
    }
}
