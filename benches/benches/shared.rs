//! What it costs to change a shared array and to take a lock, in one process.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jobwise_core::{Comm, LocalCluster, Nodes, Solo};
use jobwise_shared::{FairLock, Patch, SharedArray};
use ndarray::{Array2, ArrayView1, arr0};

fn arrays(c: &mut Criterion) {
    let mut group = c.benchmark_group("set of an array");
    for bytes in [8, 1 << 20] {
        let source = vec![7u8; bytes];
        let mut array = SharedArray::new(&Solo, &[bytes]).expect("an array");
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("{bytes} bytes"), |b| {
            b.iter(|| array.set(0, Some(Patch::new(ArrayView1::from(black_box(&source))))));
        });
    }
    let rows = Array2::<f64>::zeros((1024, 1024));
    let mut array = SharedArray::<f64>::new(&Solo, &[1024, 1024]).expect("an array");
    group.throughput(Throughput::Bytes(8 << 20));
    group.bench_function("8 MiB in other order", |b| {
        b.iter(|| array.set(0, Some(Patch::new(black_box(&rows).t()))));
    });
    let mut single = SharedArray::<f64>::new(&Solo, &[]).expect("an array");
    group.throughput(Throughput::Bytes(8));
    group.bench_function("one number by slices", |b| {
        b.iter(|| single.assign([], Some(black_box(&arr0(1.0)).view())));
    });
    group.finish();
}

/// All ranks take the lock so often; how long that took.
fn sections(nodes: &Nodes, times: u64) -> Duration {
    let took = LocalCluster::run_on(nodes.clone(), |comm| {
        let lock = FairLock::new(&comm).expect("a lock");
        (&comm as &dyn Comm).barrier().expect("a barrier");
        let start = Instant::now();
        for _ in 0..times {
            lock.lock()
                .and_then(jobwise_shared::Guard::unlock)
                .expect("a section");
        }
        start.elapsed()
    });
    took.into_iter().flatten().max().unwrap_or_default()
}

fn locks(c: &mut Criterion) {
    let mut group = c.benchmark_group("section of a lock");
    for labels in [&[0][..], &[0, 0], &[0, 1], &[0, 0, 0, 0]] {
        let nodes = Nodes::new(labels);
        group.throughput(Throughput::Elements(labels.len() as u64));
        group.bench_function(format!("nodes {labels:?}"), |b| {
            b.iter_custom(|times| sections(&nodes, times));
        });
    }
    group.finish();
}

criterion_group!(benches, arrays, locks);
criterion_main!(benches);
