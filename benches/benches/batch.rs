//! What a task of a batch costs: in memory, and on a directory in the temporary directory's file
//! system.

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jobwise_claims::{Answer, Owner, Terms};
use jobwise_core::{Cluster, Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, Options, State, TaskPool};

/// Takes tasks in memory until there are none; how long that took on this rank.
fn take_all(comm: &dyn Cluster, tasks: usize) -> Duration {
    let pool = TaskPool::in_memory(comm, 1, tasks, None).expect("a batch");
    (comm as &dyn Comm).barrier().expect("a barrier");
    let since = Instant::now();
    while pool.next(Ignore::default()).expect("a task").is_some() {}
    since.elapsed()
}

fn memory(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch in memory");
    group.sample_size(10);
    for tasks in [1000, 1_000_000] {
        group.throughput(Throughput::Elements(tasks as u64));
        group.bench_with_input(BenchmarkId::new("1 rank", tasks), &tasks, |b, &tasks| {
            b.iter_custom(|times| (0..times).map(|_| take_all(&Solo, tasks)).sum());
        });
        for ranks in [2, 4] {
            group.bench_with_input(
                BenchmarkId::new(format!("{ranks} threads as ranks"), tasks),
                &tasks,
                |b, &tasks| {
                    b.iter_custom(|times| {
                        let run = || LocalCluster::run(ranks, |comm| take_all(&comm, tasks));
                        (0..times)
                            .map(|_| run().into_iter().flatten().max().unwrap_or_default())
                            .sum()
                    });
                },
            );
        }
    }
    group.finish();
}

/// Takes all tasks of a new directory and declares them done; how long that took.
fn do_all(root: &Path, names: &[String]) -> Duration {
    let pool =
        TaskPool::on_directory(&Solo, 1, root, names, None, &Options::default()).expect("a batch");
    let since = Instant::now();
    while let Some(task) = pool.next(Ignore::default()).expect("a task") {
        pool.set(task, State::Done).expect("a state");
    }
    since.elapsed()
}

fn directory(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch on a directory");
    group.sample_size(10);
    for tasks in [100, 4000] {
        let names: Vec<String> = (0..tasks).map(|task| format!("task-{task}")).collect();
        group.throughput(Throughput::Elements(tasks));
        group.bench_with_input(
            BenchmarkId::new("claim and done", tasks),
            &names,
            |b, names| {
                b.iter_custom(|times| {
                    let run = || {
                        let dir = tempfile::tempdir().expect("a directory");
                        do_all(&dir.path().join("batch"), names)
                    };
                    (0..times).map(|_| run()).sum()
                });
            },
        );
    }
    group.finish();
}

fn claims(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let owner = Owner::join(&dir.path().join(".claims"), &Terms::new("bench")).expect("an owner");
    c.bench_function("claim and give back", |b| {
        b.iter(
            || match owner.claim(dir.path(), "block").expect("an answer") {
                Answer::Won(claim) => claim.release().expect("a release"),
                Answer::Held(by) => panic!("held by {by}"),
            },
        );
    });
}

criterion_group!(benches, memory, directory, claims);
criterion_main!(benches);
