//! Cleaning of an image of N x N pixels: the Gram matrix, its components, the projection. Elements
//! are additions and multiplications of f64 that the algorithms need, so that elements per second
//! compare with the peak that is measured beside them.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use jobwise_core::Engine;
use jobwise_serial::Serial;
use jobwise_usid::clean::{Axis, Method, Way, Windows, components, gram, project};
use jobwise_usid::simulate;
use ndarray::{Array2, s};
use pulp::{Arch, Simd, WithSimd};

const WINDOW: usize = 32;
const KEPT: usize = 24;
/// Of more windows, what forms them one by one takes too long to repeat.
const MOST_FORMED: usize = 100_000;

/// Multiply-adds that do not wait for each other.
const CHAINS: usize = 16;
const ROUNDS: usize = 100_000;

/// A loop of nothing but multiply-adds in registers.
struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    /// A sum of everything, and the additions and multiplications it took.
    type Output = (f64, usize);

    #[inline(always)]
    #[allow(clippy::inline_always)] // only so it is compiled for the processor's level
    fn with_simd<S: Simd>(self, simd: S) -> (f64, usize) {
        let (a, b) = (black_box(0.999), black_box(0.001));
        let (a, b) = (simd.splat_f64s(a), simd.splat_f64s(b));
        let mut sums = [simd.splat_f64s(0.0); CHAINS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f64s(a, *sum, b);
            }
        }
        let total = sums.into_iter().map(|sum| simd.reduce_sum_f64s(sum)).sum();
        (total, 2 * CHAINS * ROUNDS * S::F64_LANES)
    }
}

fn peak(c: &mut Criterion) {
    let mut group = c.benchmark_group("peak");
    let arch = Arch::new();
    group.throughput(Throughput::Elements(arch.dispatch(MultiplyAdds).1 as u64));
    group.bench_function("multiply-adds in registers", |b| {
        b.iter(|| arch.dispatch(MultiplyAdds));
    });
    group.finish();
}

fn cleaning(c: &mut Criterion) {
    for (size, step) in [(256, 1), (512, 2), (1024, 1)] {
        let mut group = c.benchmark_group(format!("clean {size} x {size}, step {step}"));
        group.sample_size(10);
        one(&mut group, size, step);
        group.finish();
    }
}

fn one(group: &mut BenchmarkGroup<'_, WallTime>, size: usize, step: usize) {
    let serial = Serial::new();
    let engine = Engine::new(&serial);
    let image = simulate::image(size);
    let windows = Windows::new([size; 2], [WINDOW; 2], [step; 2], false).expect("windows fit");
    let formed = |method| gram(&engine, image.view(), &windows, method).expect("a Gram matrix");

    group.throughput(Throughput::Elements(by_shifts(&windows)));
    group.bench_function("Gram by shifts", |b| b.iter(|| formed(Method::Shifts)));
    let pixels = windows.pixels() as u64;
    let few = windows.count() <= MOST_FORMED;
    if few {
        let operations = windows.count() as u64 * pixels * pixels;
        group.throughput(Throughput::Elements(operations));
        group.bench_function("Gram by blocks of windows", |b| {
            b.iter(|| formed(Method::Stream));
        });
    }

    let matrix = formed(Method::Shifts);
    let found = |matrix: &Array2<f64>| components(matrix, KEPT).expect("components");
    group.throughput(Throughput::Elements(pixels.pow(3)));
    group.bench_function("components, as pixels cubed", |b| {
        b.iter(|| found(black_box(&matrix)));
    });

    let kept = found(&matrix).vectors.slice(s![..KEPT, ..]).to_owned();
    let ways = [
        (Way::Filter, by_filter(&windows)),
        (Way::Direct, per_window() * windows.count() as u64),
    ];
    for (way, operations) in &ways[..=usize::from(few)] {
        group.throughput(Throughput::Elements(*operations));
        group.bench_function(format!("projection, {way:?}").to_lowercase(), |b| {
            b.iter(|| project(&engine, image.view(), &windows, &kept, *way).expect("an image"));
        });
    }
}

/// Products summed down the columns once for every row of a step, sums moved by a step (two
/// products each), and all added along the rows.
fn by_shifts(windows: &Windows) -> u64 {
    let (x, y) = (&windows.x, &windows.y);
    let shifts = (1..y.window)
        .map(|_| 1..x.window)
        .chain((0..y.window).map(|_| 0..x.window));
    let columns = shifts.flatten().map(|dx| {
        let rows = x.window - dx;
        let first = rows.min(x.step);
        2 * first * x.count() + 4 * (rows - first) + rows
    });
    (columns.sum::<usize>() * y.image) as u64
}

/// Scores of a window, and what they make up.
fn per_window() -> u64 {
    (4 * WINDOW * WINDOW * KEPT) as u64
}

/// Every tap for every pixel inside; windows across the edges one by one.
fn by_filter(windows: &Windows) -> u64 {
    let (x, y) = (&windows.x, &windows.y);
    let taps = (2 * x.window - 1) * (2 * y.window - 1);
    let inside = x.interior().len() * y.interior().len();
    let whole = |axis: &Axis| {
        let interior = axis.interior();
        let origins = (0..axis.count()).map(|index| axis.origin(index));
        origins
            .filter(|&origin| interior.start <= origin && origin + axis.window <= interior.end)
            .count()
    };
    let edges = windows.count() - whole(x) * whole(y);
    (2 * taps * inside) as u64 + per_window() * edges as u64
}

criterion_group!(benches, peak, cleaning);
criterion_main!(benches);
