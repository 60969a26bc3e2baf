use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::TaskPool;
use crate::error::context;
use crate::files::Files;
use crate::options::Options;
use crate::state::State;
use crate::store::Store;
use crate::task_table::{TaskStatus, TaskTable};
use jobwise_claims::unique_name;
use jobwise_core::{Cluster, Comm, Error, Job, Layout, Result, Span};

impl<'c> TaskPool<'c> {
    /// Tasks in memory, for this run alone: `tasks` of them, in workers of `worker_size` ranks
    /// each. They are open, or as `initial` says, which is looked at on rank 0 alone. Collective.
    ///
    /// # Errors
    /// On every rank: when the ranks do not divide into workers, when `initial` has another length,
    /// or the ranks do not agree on the numbers.
    pub fn in_memory(
        comm: &'c dyn Cluster,
        worker_size: usize,
        tasks: usize,
        initial: Option<&[State]>,
    ) -> Result<TaskPool<'c>> {
        let checked = check(comm, worker_size, tasks, initial);
        (comm as &dyn Comm).agree(checked)?;
        let table = TaskTable::new(comm, tasks, false)?;
        let begun = if comm.rank() == 0 {
            let statuses = initial.unwrap_or_default().iter().copied();
            table.begin(&statuses.map(TaskStatus::from).collect::<Vec<_>>())
        } else {
            Ok(())
        };
        (comm as &dyn Comm).agree(begun)?;
        TaskPool::assemble(comm, worker_size, tasks, table, None)
    }

    /// The tasks called `names` in the directory `root`, in workers of `worker_size` ranks each.
    /// Directories and state files are made where they are missing, with the states `initial`
    /// (looked at on rank 0 alone, and only for a directory that is not there yet) or open. Tasks
    /// that are there are as their files say; those that an earlier run declared invalid are open
    /// again. Collective.
    ///
    /// # Errors
    /// On every rank: as [`in_memory`](Self::in_memory); when a name is no place in `root`; when
    /// `initial` is given and `root` is there; when files cannot be read or written. What is wrong
    /// with the directory of one task is no error: that task is invalid, with a warning.
    pub fn on_directory<N: AsRef<OsStr>>(
        comm: &'c dyn Cluster,
        worker_size: usize,
        root: &Path,
        names: &[N],
        initial: Option<&[State]>,
        options: &Options,
    ) -> Result<TaskPool<'c>> {
        let group: &dyn Comm = comm;
        let checked = check(comm, worker_size, names.len(), initial).and_then(|()| {
            let names = names.iter().map(|name| name.as_ref().to_owned());
            Files::new(root, names.collect())
        });
        let files = group.agree(checked)?;
        let (job, initial) = group.compute_at_root(|| found(&files, initial, &options.label))?;

        let (worker, tasks) = (comm.rank() / worker_size, names.len());
        let store = Store::new(files, options.clone(), job, worker);
        let leftovers = group.compute_at_root(|| Ok(store.sweep()?.holders > 0))?;

        let table = TaskTable::new(comm, tasks, true)?;
        let prepared = if comm.rank().is_multiple_of(worker_size) {
            Job::new(worker, comm.size() / worker_size)
                .map_err(|error| Error::Program(error.into()))
                .and_then(|job| {
                    let part = Span::whole(tasks).part(job, Layout::Contiguous);
                    prepare(&store, &initial, part, leftovers)
                })
        } else {
            Ok(Vec::new())
        };
        // By one message for each part, to the rank that has the words.
        let all = group.gather_values(&group.agree(prepared)?)?;
        let begun = match all {
            Some(all) => begin(&table, &all.concat()),
            None => Ok(()),
        };
        group.agree(begun)?;
        TaskPool::assemble(comm, worker_size, tasks, table, Some(store))
    }

    fn assemble(
        comm: &'c dyn Cluster,
        worker_size: usize,
        tasks: usize,
        table: TaskTable<'c>,
        store: Option<Store>,
    ) -> Result<TaskPool<'c>> {
        let (worker, workers) = (comm.rank() / worker_size, comm.size() / worker_size);
        let worker_comm = comm.split(worker, comm.rank() % worker_size)?;
        Ok(TaskPool {
            comm,
            worker_comm,
            worker,
            workers,
            tasks,
            table,
            store,
        })
    }
}

/// Whether the arguments make sense and are those of rank 0. Collective.
fn check(
    comm: &dyn Cluster,
    worker_size: usize,
    tasks: usize,
    initial: Option<&[State]>,
) -> Result<()> {
    let first = (comm as &dyn Comm).broadcast_value(Some((worker_size, tasks)))?;
    let (rank, size) = (comm.rank(), comm.size());
    let wrong = if first != (worker_size, tasks) {
        format!(
            "rank {rank} wants {tasks} tasks in workers of {worker_size}, rank 0 something else: all must want the same"
        )
    } else if worker_size == 0 || !size.is_multiple_of(worker_size) {
        format!(
            "{size} ranks cannot form workers of {worker_size}: the size of a worker must divide the number of ranks"
        )
    } else if let (0, Some(states)) = (rank, initial)
        && states.len() != tasks
    {
        format!(
            "{} initial states were given for {tasks} tasks: give one for each",
            states.len()
        )
    } else {
        return Ok(());
    };
    Err(Error::Program(wrong.into()))
}

/// How all tasks are at the start, by number.
fn begin(table: &TaskTable<'_>, numbers: &[u8]) -> Result<()> {
    let statuses = numbers.iter().map(|&number| TaskStatus::of_number(number));
    let statuses: Option<Vec<TaskStatus>> = statuses.collect();
    table.begin(&statuses.ok_or_else(|| Error::Malformed("initial states".to_owned()))?)
}

/// Makes the directory, and tells the name of the job and the initial states, by number, if they
/// count.
fn found(files: &Files, initial: Option<&[State]>, label: &str) -> Result<(String, Vec<u8>)> {
    let root = files.root();
    if initial.is_some() {
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(context("make", parent))?;
        }
        fs::create_dir(root).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => {
                let what = format!("{} is there already: its files say how the tasks are, so give no initial states", root.display());
                Error::Program(what.into())
            }
            _ => context("make", root)(cause),
        })?;
    }
    let bookkeeping = files.bookkeeping();
    fs::create_dir_all(&bookkeeping).map_err(context("make", &bookkeeping))?;
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let label: String = label.chars().map(plain).take(60).collect();
    let states: Vec<u8> = initial
        .unwrap_or_default()
        .iter()
        .map(|state| (state.number() + 1) as u8)
        .collect();
    Ok((format!("{label}.{}", unique_name()), states))
}

/// Makes this worker's part of the tasks ready, and says how they are, by number.
fn prepare(store: &Store, initial: &[u8], tasks: Span, leftovers: bool) -> Result<Vec<u8>> {
    let prepare = |task| {
        let state = initial.get(task).map_or(Some(State::Open), |number| {
            State::of_number(i32::from(*number) - 1)
        });
        let state = state.ok_or_else(|| Error::Malformed("initial states".to_owned()))?;
        Ok(store.prepare(task, state, leftovers)?.number())
    };
    tasks.iter().map(prepare).collect()
}
