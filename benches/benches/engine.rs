//! What the engine costs per item: the kernel does nothing.

use std::hint::black_box;
use std::thread::available_parallelism;
use std::time::Instant;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use jobwise_benches::{Discard, Empty, Sum};
use jobwise_core::{Across, Backend, Comm, Cpu, Division, Engine, LocalCluster};
use jobwise_serial::{Serial, Threads};

const ITEMS: usize = 200_000;
const TASK: Empty = Empty { len: ITEMS };
const TOTAL: u64 = (ITEMS as u64) * (ITEMS as u64 - 1) / 2;

/// The blocks of a reduction: its leaves.
const LEAF: usize = 64;

const DIVISIONS: [(&str, Division); 3] = [
    ("static", Division::Static),
    ("claimed one by one", Division::Dynamic { chunk: 1 }),
    ("claimed by 64", Division::Dynamic { chunk: 64 }),
];

fn one_rank(c: &mut Criterion) {
    let mut group = c.benchmark_group("one rank");
    group.throughput(Throughput::Elements(ITEMS as u64));
    both(&mut group, "serial", &Serial::new());
    let all = available_parallelism().map_or(1, usize::from);
    let mut counts = vec![1, 2, all];
    counts.dedup();
    for count in counts {
        let threads = Threads::new(Some(count));
        both(&mut group, &format!("{count} threads"), &threads);
    }
}

fn both<B: Backend<Device = Cpu>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    backend: &B,
) {
    group.bench_function(BenchmarkId::new("write", name), |b| {
        b.iter(|| {
            let mut sink = Discard::default();
            let report = Engine::new(backend).write(&TASK, &mut sink);
            assert_eq!(report.map(|report| report.done).ok(), Some(ITEMS));
            assert_eq!(sink.sum, TOTAL);
        });
    });
    group.bench_function(BenchmarkId::new("reduce", name), |b| {
        b.iter(|| {
            let sum = Engine::new(backend).block(LEAF).reduce(&TASK, &Sum);
            assert_eq!(black_box(sum).ok(), Some(TOTAL));
        });
    });
}

fn two_local_ranks(c: &mut Criterion) {
    let mut group = c.benchmark_group("two local ranks, serial");
    group.throughput(Throughput::Elements(ITEMS as u64));
    for (name, division) in DIVISIONS {
        group.bench_function(BenchmarkId::new("write", name), |b| {
            b.iter(|| {
                let sums = LocalCluster::run(2, |comm| {
                    let backend = Across::new(comm, Serial::new());
                    let mut sink = Discard::default();
                    let engine = Engine::new(&backend).division(division);
                    engine.write(&TASK, &mut sink).map(|_| sink.sum).ok()
                });
                let sum: Option<u64> = sums.into_iter().map(|sum| sum.ok().flatten()).sum();
                assert_eq!(sum, Some(TOTAL));
            });
        });
        group.bench_function(BenchmarkId::new("reduce", name), |b| {
            b.iter(|| {
                let sums = LocalCluster::run(2, |comm| {
                    let backend = Across::new(comm, Serial::new());
                    let engine = Engine::new(&backend).division(division).block(LEAF);
                    engine.reduce(&TASK, &Sum).ok()
                });
                assert!(sums.iter().all(|sum| *sum == Ok(Some(TOTAL))));
            });
        });
    }
}

/// An agreement of threads that already run, as long as it takes rank 0.
fn many_local_ranks(c: &mut Criterion) {
    let mut group = c.benchmark_group("local ranks agree");
    group.sample_size(10);
    for ranks in [64, 2304] {
        group.bench_function(BenchmarkId::from_parameter(ranks), |b| {
            b.iter_custom(|times| {
                let elapsed = LocalCluster::run(ranks, |comm| {
                    let comm: &dyn Comm = &comm;
                    comm.barrier().unwrap();
                    let started = Instant::now();
                    for _ in 0..times {
                        comm.agree(Ok(())).unwrap();
                    }
                    started.elapsed()
                });
                elapsed[0].as_ref().copied().unwrap_or_default()
            });
        });
    }
}

criterion_group!(benches, one_rank, two_local_ranks, many_local_ranks);
criterion_main!(benches);
