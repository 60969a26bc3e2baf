//! Kernels one by one, on fibers: in any order, and under `ThreadSanitizer`.

mod instruments;

use std::path::Path;

use jobwise_cuda_fake::{Argument, Compiled, Run};

use super::{frequency, time};
use crate::earth::Layers;
use crate::forward::{FrequencyDomain, Geometry, TimeDomain};
use crate::system::{FrequencySystem, System};

const COILS: &str = "freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
400, z, 1, 0, 0, 0, z, 1, 8, 0, 0
3300, x, -1, 0, 0, 0, x, 1, 9, 0, 0
";

/// Two earths, one of which has a layer only.
const EARTHS: [(&[f64], &[f64]); 2] = [(&[0.01, 0.3, 0.02], &[8.0, 25.0]), (&[0.05], &[])];
/// Derivatives by layers and by the height.
const WANTED: i32 = 5;

fn doubles(numbers: impl IntoIterator<Item = f64>) -> Argument {
    Argument::buffer(numbers.into_iter().map(f64::to_le_bytes))
}

fn ints(numbers: impl IntoIterator<Item = i32>) -> Argument {
    Argument::buffer(numbers.into_iter().map(i32::to_le_bytes))
}

fn int(number: usize) -> Argument {
    Argument::value((number as i32).to_le_bytes())
}

fn layers() -> Argument {
    let earths = EARTHS.iter();
    doubles(earths.flat_map(|(conductivity, thickness)| [*conductivity, *thickness].concat()))
}

fn compiled(text: &str, options: &[String], is_watched: bool) -> Compiled {
    Compiled::new(text, options, is_watched).unwrap_or_else(|log| panic!("{log}"))
}

/// The last buffer of a kernel that runs well, and whether races were seen.
fn last(run: &Run<'_>) -> (Vec<u8>, bool) {
    let mut outcome = run.run().unwrap();
    assert_eq!(outcome.complaint, None);
    (outcome.buffers.pop().unwrap(), !outcome.races.is_empty())
}

fn in_frequency(image: &Compiled, order: u64) -> (Vec<u8>, bool) {
    let system = FrequencySystem::parse(Path::new("coils.stm"), COILS).unwrap();
    let system = FrequencyDomain::new(&system);
    let ranges = system.nodes_at(30.0).into_iter();
    let ranges = ranges.flat_map(|nodes| [nodes.start as i32, nodes.end as i32]);
    let kept = (3 * frequency::OF_LAYER * size_of::<f64>()) as u32;
    let run = Run::new(image, "frequency_domain", [4, 1, 1], [32, 1, 1], kept)
        .order(order)
        .arg(doubles(system.tables()))
        .arg(doubles(system.omega_mu()))
        .arg(ints(ranges))
        .arg(ints([0, 3, WANTED, 0, 0, 0, 1, WANTED, 5, 20]))
        .arg(doubles([30.0, 30.5]))
        .arg(layers())
        .arg(doubles(vec![f64::NAN; 32]))
        .arg(int(system.nodes()))
        .arg(int(2));
    last(&run)
}

/// The three steps, each with what the last one gave.
fn in_time(image: &Compiled, order: u64) -> (Vec<u8>, bool) {
    let path = Path::new("ramp.stm");
    let text = include_str!("../../tests/ramp.stm");
    let System::Time(system) = System::parse(path, text).unwrap().remove(0) else {
        panic!("a time-domain system");
    };
    let system = TimeDomain::new(&system);
    let geometry = Geometry {
        tx_height: 30.0,
        tx_roll: 5.0,
        txrx_dx: -12.0,
        txrx_dy: 1.0,
        txrx_dz: 2.0,
        ..Geometry::default()
    };
    let (frequencies, components) = (system.frequencies(), system.axes().count());
    let (values, windows) = (2 * frequencies, system.windows());
    let mut numbers = vec![geometry.horizontal()];
    for [a, b, c] in system.integral_weights(&geometry) {
        numbers.extend([a, b, c, 0.0]);
    }
    let place = || doubles(numbers.iter().copied());
    let integrals = 3 * values * (3 + 2);
    let second = components * windows * (3 + 2);
    let models = || {
        let numbers = [0, 3, WANTED as usize, 0, 0, 0];
        let others = [0, 1, WANTED as usize, 5, integrals, second];
        ints(
            [numbers, others]
                .concat()
                .into_iter()
                .map(|number| number as i32),
        )
    };
    let heights = || doubles([0.0, 0.5].map(|change| geometry.height_sum_at(change)));
    let means = EARTHS.map(|(conductivity, thickness)| {
        TimeDomain::mean_conductivity(Layers::new(conductivity, thickness).unwrap())
    });
    let kernel = |name, blocks: usize, threads, shared: usize| {
        let shared = (shared * size_of::<f64>()) as u32;
        Run::new(image, name, [blocks as u32, 1, 1], [threads, 1, 1], shared).order(order)
    };
    let omega_mu = || doubles(system.omega_mu());
    let blocks = (2 * frequencies).div_ceil(128);
    let run = kernel("node_ranges", blocks, 128, 0)
        .arg(omega_mu())
        .arg(models())
        .arg(heights())
        .arg(doubles(means))
        .arg(layers())
        .arg(doubles(vec![f64::NAN; 2 * values]))
        .arg(int(frequencies))
        .arg(int(system.abscissae()))
        .arg(int(2));
    let (ranges, first_races) = last(&run);
    let kept = 3 * time::OF_LAYER + 6 * (3 + 2);
    let run = kernel("hankel_integrals", 2 * frequencies, 32, kept)
        .arg(omega_mu())
        .arg(doubles(TimeDomain::bessel_table()))
        .arg(place())
        .arg(models())
        .arg(heights())
        .arg(layers())
        .arg(Argument::Buffer(ranges))
        .arg(doubles(vec![f64::NAN; integrals + 3 * values * 3]))
        .arg(int(frequencies))
        .arg(int(system.abscissae()))
        .arg(int(components))
        .arg(Argument::value(system.loop_radius().to_le_bytes()));
    let (found, second_races) = last(&run);
    let run = kernel("windows", 2 * 5, 32, values)
        .arg(doubles(system.window_weights()))
        .arg(doubles(system.scales().flat_map(|scale| [scale, 1.0])))
        .arg(place())
        .arg(models())
        .arg(Argument::Buffer(found))
        .arg(doubles(vec![f64::NAN; second + components * windows * 3]))
        .arg(int(frequencies))
        .arg(int(windows))
        .arg(int(components))
        .arg(int(5));
    let (found, third_races) = last(&run);
    (found, first_races || second_races || third_races)
}

/// A kernel, its text and its options.
type Case = (
    fn(&Compiled, u64) -> (Vec<u8>, bool),
    &'static str,
    Vec<String>,
);

fn cases() -> [Case; 2] {
    [
        (in_frequency, frequency::SOURCE, frequency::options()),
        (in_time, time::SOURCE, time::options()),
    ]
}

#[test]
fn the_order_of_threads_does_not_matter_and_nothing_races() {
    for (run, text, options) in cases() {
        let (found, _) = run(&compiled(text, &options, false), 0);
        let numbers = found.chunks_exact(8);
        let numbers = numbers.map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()));
        assert!(numbers.clone().count() > 0 && numbers.clone().all(f64::is_finite));
        let image = compiled(text, &options, true);
        for order in [0, 1, 7] {
            let (again, races) = run(&image, order);
            assert!(!races, "order {order}");
            assert_eq!(again, found, "order {order}");
        }
    }
}

#[test]
fn a_barrier_that_is_left_out_is_noticed() {
    const BARRIER: &str = "__syncwarp();";
    let mut barriers = 0;
    for (run, text, options) in cases() {
        for (at, _) in text.match_indices(BARRIER) {
            let mut other = text.to_owned();
            other.replace_range(at..at + BARRIER.len(), ";");
            let image = compiled(&other, &options, true);
            let noticed = [0, 1, 7].into_iter().any(|order| run(&image, order).1);
            let line = text[..at].lines().count();
            assert!(noticed, "line {line}");
            barriers += 1;
        }
    }
    assert_eq!(barriers, 4);
}
