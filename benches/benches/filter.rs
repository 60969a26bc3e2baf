//! One line through its filter: a real signal, its spectrum, a low pass, the noise floor, and back.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jobwise_usid::filter::{
    Composite, Filtering, FrequencyFilter, NoiseFloor, Real, Residual, Sampling,
};
use jobwise_usid::process::PixelKernel;
use jobwise_usid::simulate::{self, SAMPLING_RATE};
use num_complex::Complex64;

const LOW: FrequencyFilter = FrequencyFilter::LowPass {
    cutoff: 100e3,
    roll_off: 0.05,
};

fn line<T: Real>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("filter, {}", T::NAME));
    for points in [16_384, 65_536] {
        let signal: Vec<f64> = simulate::signal(0, points)
            .into_iter()
            .map(f64::from)
            .collect();
        let sampling = Sampling {
            points,
            rate: SAMPLING_RATE,
        };
        let mask: Vec<Complex64> = Composite::new(&[LOW], sampling)
            .expect("the filter fits the signal")
            .expect("there is a filter")
            .half()
            .into_iter()
            .map(Complex64::from)
            .collect();
        let floor = NoiseFloor::new(1e-6, Residual::Absolute).expect("a probability");
        group.throughput(Throughput::Elements(points as u64));
        for (name, floor) in [("low pass", None), ("low pass and noise", Some(floor))] {
            let kernel = Filtering::<T>::new(points, Some(&mask), floor);
            let mut scratch = kernel.scratch().expect("buffers");
            let mut outputs = vec![Vec::new(); 1 + usize::from(floor.is_some())];
            let mut row = signal.clone();
            group.bench_function(format!("{name}, {points} points"), |b| {
                b.iter(|| {
                    outputs.iter_mut().for_each(Vec::clear);
                    row.clone_from(&signal);
                    kernel
                        .compute(0, black_box(&mut row), &mut scratch, &mut outputs)
                        .expect("the signal is as long as the mask");
                    assert_eq!(outputs[0].len(), points);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, line::<f64>, line::<f32>);
criterion_main!(benches);
