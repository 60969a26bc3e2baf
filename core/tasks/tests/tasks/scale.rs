//! Operations on shared words, which are all in the memory of rank 0: some for each task, and some
//! for each rank, but none for each pair of them.

use jobwise_core::conformance::counting::Counting;
use jobwise_core::{Comm, LocalCluster};
use jobwise_tasks::{Ignore, Options, State, TaskPool};

use crate::names;

/// Runs `work` on so many ranks, and returns how many operations all did together.
fn words(ranks: usize, work: impl Fn(&Counting<'_>) + Sync) -> usize {
    let counts = LocalCluster::run(ranks, |comm| {
        let comm = Counting::new(comm);
        work(&comm);
        comm.counts().get().words as usize
    });
    counts.into_iter().map(Result::unwrap).sum()
}

/// Takes what there is, and sets it done.
fn work(pool: &TaskPool<'_>) {
    // All begin together, at the same task.
    (pool.comm() as &dyn Comm).barrier().unwrap();
    while let Some(task) = pool.next(Ignore::default()).unwrap() {
        assert!(pool.set(task, State::Done).unwrap());
    }
}

#[test]
fn ranks_that_take_tasks_do_not_look_at_those_of_others() {
    for (ranks, each) in [(8, 4), (64, 4), (512, 4), (64, 64)] {
        let tasks = ranks * each;
        let words = words(ranks, |comm| {
            let pool = TaskPool::in_memory(comm, 1, tasks, None).unwrap();
            work(&pool);
        });
        let most = 8 * tasks + 16 * ranks;
        assert!(
            words <= most,
            "{ranks} ranks, {tasks} tasks: {words} operations"
        );
    }
}

#[test]
fn a_batch_that_is_done_costs_a_word_for_each_task_when_it_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let tasks = 200;
    let open = |comm: &Counting<'_>| {
        let names = names(tasks);
        let pool = TaskPool::on_directory(comm, 1, dir.path(), &names, None, &Options::default());
        work(&pool.unwrap());
    };
    words(4, open);
    for ranks in [1, 8, 32] {
        let words = words(ranks, open);
        assert!(
            words <= tasks + 16 * ranks + 32,
            "{ranks} ranks: {words} operations"
        );
    }
}
