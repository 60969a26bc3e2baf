//! The search on CUDA devices, by a driver that computes on the CPU, against the plain path.

use jobwise_cuda::Cuda;
use jobwise_gmf::cuda::DeviceSearch;
use jobwise_gmf::search::{Integration, Path, Sample};
use jobwise_gmf::settings::{Method, Settings};
use jobwise_testing::number;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::case::Case;
use crate::paths::{self, compare};
use crate::shapes;

/// One of three fake devices, or of those of this machine.
fn device(index: usize) -> Cuda {
    jobwise_cuda_fake::install("devices=3,memory=512,processors=4");
    let count = Cuda::count().expect("a driver");
    Cuda::open(index % count).expect("a device")
}

/// The order of threads and blocks on fake devices.
fn order(order: u64) {
    jobwise_cuda_fake::install(&format!("order={order}"));
}

type Windows = (Vec<Sample>, Vec<Sample>);

/// Searches integrations on a device, so many at once.
fn search(case: &Case, items: &[Windows], device: &Cuda, batch: usize) -> Vec<Integration> {
    let search = DeviceSearch::new(&case.parameters(), &case.settings).unwrap();
    search_by(&search, items, device, batch)
}

fn search_by(
    search: &DeviceSearch,
    items: &[Windows],
    device: &Cuda,
    batch: usize,
) -> Vec<Integration> {
    let stream = device.context().new_stream().unwrap();
    let mut lane = search.lane(device, &stream, batch).expect("a lane");
    let mut found = Vec::new();
    for items in items.chunks(batch) {
        for (slot, (tx, rx)) in items.iter().enumerate() {
            search.pack(&mut lane, slot, tx, rx).unwrap();
        }
        search.launch(&mut lane, items.len()).unwrap();
        device.wait(&stream).unwrap();
        found.extend((0..items.len()).map(|slot| search.unpack(&mut lane, slot).unwrap()));
    }
    found
}

/// The same radar with other samples.
fn with_seeds(case: &Case, seeds: std::ops::Range<u64>) -> Vec<Case> {
    let seeded = |seed| {
        let samples = paths::samples(case, seed);
        Case {
            samples,
            ..case.clone()
        }
    };
    seeds.map(seeded).collect()
}

/// Which places of a spectrum are sampled.
#[derive(Clone, Copy)]
enum Sampled {
    Coarsely,
    Everywhere,
}

/// Random radars, each with several integrations.
fn walk(sampled: Sampled, seed: u8, radars: u32, integrations: u64) {
    let device = device(0);
    let config = Config {
        cases: radars,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let walked = TestRunner::new_with_rng(config, random).run(&paths::cases(), |case| {
        let cases = with_seeds(&case, 0..integrations);
        let items: Vec<Windows> = cases.iter().map(Case::windows).collect();
        let (parameters, settings) = (case.parameters(), &case.settings);
        let search = match sampled {
            Sampled::Coarsely => DeviceSearch::new(&parameters, settings),
            Sampled::Everywhere => DeviceSearch::exhaustive(&parameters, settings),
        };
        let found = search_by(&search.unwrap(), &items, &device, 3);
        for (case, found) in cases.iter().zip(found) {
            compare(case, &found, &case.integrate(Path::Plain))?;
        }
        Ok(())
    });
    if let Err(error) = walked {
        panic!("{error}");
    }
}

/// With `JOBWISE_LONG` in the environment 170 radars, from `JOBWISE_SEED` on.
#[test]
fn random_radars_are_searched_as_by_the_plain_path() {
    let seed = number("JOBWISE_SEED").unwrap_or(1) as u8;
    let is_long = std::env::var_os("JOBWISE_LONG").is_some();
    walk(Sampled::Coarsely, seed, if is_long { 170 } else { 14 }, 3);
}

/// Every bin a sample, and no bound but the best.
#[test]
fn every_bin_of_random_radars_is_searched_as_by_the_plain_path() {
    let seed = number("JOBWISE_SEED").unwrap_or(2) as u8;
    let is_long = std::env::var_os("JOBWISE_LONG").is_some();
    walk(Sampled::Everywhere, seed, if is_long { 60 } else { 7 }, 2);
}

fn bits(found: &Integration) -> impl PartialEq + use<> {
    let powers = found.gmf.iter().chain(&found.gmf_zero_frequency);
    let powers: Vec<u32> = powers.map(|power| power.to_bits()).collect();
    let places = (
        found.range_rate_index.clone(),
        found.acceleration_index.clone(),
    );
    (
        powers,
        places,
        found.tx_power.to_bits(),
        found.range_peak.to_bits(),
    )
}

/// A radar of so many pulses of so many samples every `ipp`, decimated, and its gates.
fn radar(
    (n_ipp, ipp, pulse, decimation): (i64, usize, usize, i64),
    gates: i64,
    method: Method,
) -> Case {
    let mut case = Case {
        settings: Settings {
            gmf_method: method,
            min_range_gate: pulse as i64,
            max_range_gate: pulse as i64 + gates,
            min_tx_amplitude: 0.0,
            ..shapes::settings(n_ipp, decimation)
        },
        ipp,
        pulse,
        samples: Vec::new(),
    };
    let step = case.parameters().acceleration_step;
    case.settings.min_acceleration = -1.1 * step;
    case.settings.max_acceleration = 1.1 * step;
    case
}

#[test]
fn bits_are_the_same_for_any_batch_lane_device_and_order() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let case = radar((6, 120, 24, 2), 7, method);
        let cases = with_seeds(&case, 0..32);
        let items: Vec<Windows> = cases.iter().map(Case::windows).collect();
        let expected: Vec<_> = search(&case, &items, &device(0), 1)
            .iter()
            .map(bits)
            .collect();
        for (batch, place, turn) in [(3, 1, 1), (32, 2, 7), (5, 0, 8)] {
            order(turn);
            let found = search(&case, &items, &device(place), batch);
            order(0);
            let found: Vec<_> = found.iter().map(bits).collect();
            assert!(
                found == expected,
                "{method:?}, {batch} at once, order {turn}"
            );
        }
    }
}

#[test]
fn what_is_not_transmitted_and_what_is_no_number_is_found_nowhere() {
    for method in [Method::Fgmf, Method::Fdpt] {
        let case = radar((4, 120, 24, 2), 7, method);
        let cases = with_seeds(&case, 0..1);
        let (tx, rx) = cases[0].windows();
        let mut damaged = rx.clone();
        // The first sample of a window belongs to gate 0 alone.
        damaged[0].re = f32::NAN;
        let mut infinite = rx.clone();
        infinite[0].im = f32::INFINITY;
        let silent = vec![Sample::default(); rx.len()];
        let nothing = vec![Sample::default(); tx.len()];
        let items = [
            (tx.clone(), rx.clone()),
            (nothing, rx.clone()),
            (tx.clone(), damaged),
            (Vec::new(), Vec::new()),
            (tx.clone(), infinite),
            (tx.clone(), silent),
            (tx, rx),
        ];
        let found = search(&case, &items, &device(1), 7);
        assert!(bits(&found[0]) == bits(&found[6]));
        assert!(found[0].gmf.iter().all(|&power| power > 0.0));
        for nowhere in [&found[1], &found[3], &found[5]] {
            assert!(nowhere.gmf.iter().all(|&power| power == 0.0));
            assert!(nowhere.range_rate_index.iter().all(|&index| index == -1));
            assert!(nowhere.acceleration_index.iter().all(|&index| index == -1));
            assert!(nowhere.range_peak.is_nan());
        }
        for spoilt in [&found[2], &found[4]] {
            assert_eq!(
                (spoilt.gmf[0].to_bits(), spoilt.range_rate_index[0]),
                (0, -1)
            );
            assert_eq!(spoilt.gmf[1..], found[0].gmf[1..]);
        }
    }
}

/// Transforms across pulses in several passes, and of primes; pulses longer than a block has
/// threads.
#[test]
fn many_pulses_and_long_ones_are_searched_as_by_the_plain_path() {
    for (radar_of, method) in [
        ((20, 70, 24, 2), Method::Fgmf),
        ((34, 66, 22, 2), Method::Fgmf),
        ((19, 66, 22, 2), Method::Fdpt),
        ((60, 50, 10, 1), Method::Fdpt),
        ((3, 1200, 420, 1), Method::Fgmf),
    ] {
        let case = radar(radar_of, 3, method);
        let cases = with_seeds(&case, 0..2);
        let items: Vec<Windows> = cases.iter().map(Case::windows).collect();
        let found = search(&case, &items, &device(1), 2);
        for (case, found) in cases.iter().zip(found) {
            compare(case, &found, &case.integrate(Path::Plain)).unwrap();
        }
    }
}

/// More work space than a block has shared memory: it lies in global memory.
#[test]
fn work_space_beyond_shared_memory_gives_the_same() {
    let case = radar((3, 9000, 4200, 1), 2, Method::Fgmf);
    let cases = with_seeds(&case, 0..2);
    let items: Vec<Windows> = cases.iter().map(Case::windows).collect();
    let device = device(0);
    let demand = DeviceSearch::new(&case.parameters(), &case.settings).unwrap();
    let demand = demand.demand(&device).unwrap();
    assert!(demand.lane > 1 << 20, "{demand:?}");
    let found = search(&case, &items, &device, 2);
    for (case, found) in cases.iter().zip(found) {
        compare(case, &found, &case.integrate(Path::Plain)).unwrap();
    }
}

#[test]
fn what_stays_on_the_host_is_refused() {
    let case = radar((4, 120, 24, 2), 7, Method::NoReduce);
    let error = DeviceSearch::new(&case.parameters(), &case.settings).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("grid-fast-no-reduce") && said.contains("--device cpu"),
        "{said}"
    );
}
