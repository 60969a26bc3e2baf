use std::sync::Mutex;
use std::time::Instant;

use jobwise_core::{Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, State, TaskPool};

const ALL: Ignore = Ignore {
    running: true,
    failed: true,
    done: true,
};
const OPEN: Ignore = Ignore {
    running: false,
    failed: false,
    done: false,
};

#[test]
fn each_task_goes_to_one_worker_and_the_lowest_first() {
    for (ranks, worker_size, tasks) in [
        (1, 1, 0),
        (1, 1, 25),
        (2, 2, 25),
        (4, 1, 10_000),
        (4, 2, 1000),
    ] {
        let taken = LocalCluster::run(ranks, |comm| {
            let pool = TaskPool::in_memory(&comm, worker_size, tasks, None).unwrap();
            let mut mine = Vec::new();
            while let Some(task) = pool.next(OPEN).unwrap() {
                mine.push(task);
                pool.worker_comm().barrier().unwrap();
                if pool.worker_rank() == 0 {
                    assert!(pool.set(task, State::Done).unwrap());
                }
            }
            (&comm as &dyn Comm).barrier().unwrap();
            assert!(
                pool.states()
                    .unwrap()
                    .iter()
                    .all(|state| *state == State::Done)
            );
            mine
        });
        let taken: Vec<_> = taken.into_iter().map(Result::unwrap).collect();
        for worker in taken.chunks(worker_size) {
            assert!(
                worker.windows(2).all(|ranks| ranks[0] == ranks[1]),
                "all ranks of a worker have the same tasks"
            );
            assert!(worker[0].is_sorted());
        }
        let mut all: Vec<_> = taken.into_iter().step_by(worker_size).flatten().collect();
        all.sort_unstable();
        assert_eq!(all, (0..tasks).collect::<Vec<_>>());
    }
}

#[test]
fn a_million_tasks_cost_a_million_times_one() {
    let pool = TaskPool::in_memory(&Solo, 1, 1_000_000, None).unwrap();
    let since = Instant::now();
    for task in 0..1_000_000 {
        assert_eq!(pool.next(OPEN).unwrap(), Some(task));
        if task % 2 == 0 {
            pool.set(task, State::Done).unwrap();
        }
    }
    assert_eq!(pool.next(OPEN).unwrap(), None);
    // With a cost that grows with the number of tasks this would take a quarter of an hour.
    assert!(since.elapsed().as_secs() < 60);
}

#[test]
fn tasks_that_are_opened_again_are_found_whoever_looks_at_that_moment() {
    // Each task is opened again twice by whoever has it: none may slip under a cursor.
    let rounds = 3;
    let tasks = 2000;
    let turns = Mutex::new(vec![0; tasks]);
    let outcomes = LocalCluster::run(4, |comm| {
        let pool = TaskPool::in_memory(&comm, 1, tasks, None).unwrap();
        loop {
            let Some(task) = pool.next(OPEN).unwrap() else {
                // Another rank may open one yet.
                if pool
                    .states()
                    .unwrap()
                    .iter()
                    .all(|state| *state == State::Done)
                {
                    break;
                }
                continue;
            };
            let turn = {
                let mut turns = turns.lock().unwrap();
                turns[task] += 1;
                turns[task]
            };
            pool.set(
                task,
                if turn < rounds {
                    State::Open
                } else {
                    State::Done
                },
            )
            .unwrap();
        }
    });
    assert!(outcomes.iter().all(Result::is_ok));
    assert!(
        turns
            .into_inner()
            .unwrap()
            .iter()
            .all(|turn| *turn == rounds)
    );
}

#[test]
fn states_of_the_start_are_ignored_once_and_invalid_tasks_never() {
    let initial = [
        State::Done,
        State::Failed,
        State::Invalid,
        State::Running,
        State::Open,
    ];
    let pool = TaskPool::in_memory(&Solo, 1, 5, Some(&initial)).unwrap();
    assert_eq!(pool.states().unwrap(), initial);
    assert_eq!(
        pool.next(Ignore {
            failed: true,
            ..OPEN
        })
        .unwrap(),
        Some(1)
    );
    let rest: Vec<_> = std::iter::from_fn(|| pool.next(ALL).unwrap()).collect();
    assert_eq!(rest, [0, 3, 4]);
    // What failed in this run is tried again only when somebody says so.
    pool.set(4, State::Failed).unwrap();
    assert_eq!(pool.next(ALL).unwrap(), None);
    pool.set(4, State::Open).unwrap();
    assert_eq!(pool.next(OPEN).unwrap(), Some(4));
    pool.set(2, State::Open).unwrap();
    pool.set(1, State::Open).unwrap();
    assert_eq!(
        [pool.next(ALL).unwrap(), pool.next(OPEN).unwrap()],
        [Some(1), Some(2)]
    );
}

#[test]
fn what_is_wrong_is_said_on_every_rank() {
    let said = |worker_size: usize, initial: Option<&'static [State]>, of_rank_2: usize| {
        let outcomes = LocalCluster::run(4, move |comm| {
            let tasks = if comm.rank() == 2 { of_rank_2 } else { 3 };
            TaskPool::in_memory(&comm, worker_size, tasks, initial)
                .map(drop)
                .unwrap_err()
                .to_string()
        });
        let said: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        assert!(said.iter().all(|said| !said.contains('\n')));
        said
    };
    assert!(
        said(3, None, 3)
            .iter()
            .all(|said| said.contains("4 ranks cannot form workers of 3"))
    );
    assert!(
        said(0, None, 3)
            .iter()
            .all(|said| said.contains("workers of 0"))
    );
    assert!(
        said(1, Some(&[State::Open]), 3)
            .iter()
            .all(|said| said.contains("1 initial states were given for 3 tasks"))
    );
    assert!(
        said(1, None, 4)
            .iter()
            .all(|said| said.contains("rank 2 wants 4 tasks"))
    );
    let pool = TaskPool::in_memory(&Solo, 1, 3, None).unwrap();
    for outcome in [
        pool.set(3, State::Done).map(drop),
        pool.get(usize::MAX).map(drop),
    ] {
        assert!(outcome.unwrap_err().to_string().contains("the batch has 3"));
    }
    assert_eq!(
        pool.next(OPEN).unwrap(),
        Some(0),
        "a wrong number harms nobody else"
    );
}
