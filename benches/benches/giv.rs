//! One position of G-IV: a period of 1000 points, 125 biases each way, 2000 samples at each.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jobwise_usid::giv::{Inference, Model, Period, Scratch};
use jobwise_usid::simulate::{self, BIAS_AMPLITUDE, BIAS_FREQUENCY, Sample};

fn position(c: &mut Criterion) {
    let mut group = c.benchmark_group("giv");
    let bias = simulate::bias(1000, BIAS_AMPLITUDE);
    let current = Sample::of(1).current(&bias, BIAS_FREQUENCY, 0.03);
    let period = |num_samples| {
        let model = Model {
            num_samples,
            ..Model::default()
        };
        Period::new(&bias, BIAS_FREQUENCY, &model).expect("a period of a sine")
    };
    group.bench_function("what depends on the bias alone", |b| {
        b.iter(|| period(black_box(2000)));
    });
    for samples in [2, 2000] {
        let period = period(samples);
        let (mut scratch, mut inference) = (Scratch::default(), Inference::default());
        group.bench_function(format!("one position, {samples} samples"), |b| {
            b.iter(|| {
                period.infer(black_box(&current), 1, 7, &mut scratch, &mut inference);
                black_box(inference.capacitance)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, position);
criterion_main!(benches);
