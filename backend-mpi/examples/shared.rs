//! A table that every node has once, a lock that one rank holds at a time, and tasks of uneven
//! length.
//!
//! `cargo build --release -p jobwise-mpi --example shared && mpirun -n 4
//! target/release/examples/shared`

use std::time::Duration;

use jobwise_core::{Comm, Error, Result};
use jobwise_mpi::{MpiComm, Watchdog, run_guarded};
use jobwise_shared::{FairLock, Patch, SharedArray};
use jobwise_tasks::{Ignore, State, TaskPool};
use ndarray::{Array2, s};

fn main() {
    // An error of one rank, and a panic, end all of them with a message.
    run_guarded(Watchdog::default(), body);
}

fn body(comm: &MpiComm) -> Result<()> {
    // Rank 0 brings the data; afterwards all ranks of all nodes read them, without a copy of their
    // own.
    let mut table = SharedArray::<f64>::new(comm, &[1000, 3])?;
    let data = Array2::from_shape_fn((1000, 3), |(row, column)| (row * 3 + column) as f64);
    table.set(0, (comm.rank() == 0).then(|| Patch::new(data.view())))?;
    assert_eq!(table.view()[[999, 2]] as usize, 2999);

    // Any rank may change any part; every rank takes part in the change.
    let last = comm.size() - 1;
    let ones = Array2::ones((1000, 1));
    table.assign(s![.., 2..3], (comm.rank() == last).then(|| ones.view()))?;
    let sum: f64 = table.view().index_axis(ndarray::Axis(1), 2).sum();

    // One rank after the other, in the order in which they ask.
    let lock = FairLock::new(comm)?;
    {
        let _guard = lock.lock()?;
        println!("rank {}: the last column adds up to {sum}", comm.rank());
    }
    if let Some(_guard) = lock.lock_timeout(Duration::from_secs(5))? {
        // Nobody else is here.
    }

    // Tasks in memory; `TaskPool::on_directory` has them in files, for several jobs and after
    // crashes.
    let pool = TaskPool::in_memory(comm, 1, 20, None)?;
    let mut mine = Vec::new();
    while let Some(task) = pool.next(Ignore::default())? {
        mine.push(task);
        pool.set(task, State::Done)?;
    }
    let all: &dyn Comm = comm;
    let counts = all.gather(0, &[mine.len() as u8])?;
    if let Some(counts) = counts {
        let total: usize = counts.iter().map(|count| usize::from(count[0])).sum();
        if total != 20 {
            return Err(Error::Program(
                format!("{total} tasks were done, not 20").into(),
            ));
        }
        println!("20 tasks: {counts:?}");
    }
    Ok(())
}
