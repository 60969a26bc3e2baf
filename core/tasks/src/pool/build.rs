use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::TaskPool;
use crate::error::context;
use crate::files::{Files, check_names};
use crate::layout::{BOOKKEEPING, Layout, TaskDirs};
use crate::names::Names;
use crate::options::Options;
use crate::start::Found;
use crate::state::State;
use crate::store::Store;
use crate::task_table::{TaskStatus, TaskTable};
use jobwise_claims::unique_name;
use jobwise_core::{Cluster, Comm, Error, Result};

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
        let checked = check(comm, worker_size, Some(tasks), initial);
        (comm as &dyn Comm).agree(checked)?;
        let table = TaskTable::new(comm, tasks, false)?;
        let begun = if comm.rank() == 0 {
            let states = initial.unwrap_or_default().iter().copied();
            table.begin(states.map(TaskStatus::at_start).enumerate())
        } else {
            Ok(())
        };
        (comm as &dyn Comm).agree(begun)?;
        TaskPool::assemble(comm, worker_size, tasks, table, None)
    }

    /// The tasks called `names` in the directory `root`, in workers of `worker_size` ranks each.
    /// Names and `initial` are looked at on rank 0 alone. Tasks that are there are as their files
    /// say; those that an earlier run declared invalid are open again. A task without a directory
    /// is open, and its files are made when it is taken; with states `initial`, which are for a
    /// directory that is not there yet, all are made now. Collective.
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
        let own = (comm.rank() == 0).then_some(names.len());
        group.agree(check(comm, worker_size, own, initial))?;
        let (job, is_in_shards, is_given) = group.compute_at_root(|| {
            check_names(&names.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
            let (job, layout) = found(root, initial.is_some(), options)?;
            Ok((job, layout == Layout::Shards, initial.is_some()))
        })?;
        let layout = if is_in_shards {
            Layout::Shards
        } else {
            Layout::Flat
        };
        let files = Files::new(TaskDirs::new(root, layout), Names::share(comm, names)?);
        let (worker, tasks) = (comm.rank() / worker_size, files.len());
        let store = Store::new(files, options.clone(), job, worker);
        let leftovers = group.compute_at_root(|| {
            if let Some(initial) = initial {
                make_all(&store, initial)?;
            }
            store.tell_layout();
            Ok(store.sweep()?.holders > 0)
        })?;

        let table = TaskTable::new(comm, tasks, true)?;
        let found = if is_given {
            // Others may have begun them since; who takes a task looks.
            Ok(given(initial.filter(|_| comm.rank() == 0)))
        } else if comm.rank().is_multiple_of(worker_size) {
            store.look_at_part(worker, comm.size() / worker_size, leftovers)
        } else {
            Ok(Vec::new())
        };
        // By one message for each part, to the rank that has the words.
        let all = group.gather_values(&group.agree(found)?)?;
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
        store: Option<Store<'c>>,
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

/// Whether the arguments make sense and are those of rank 0, apart from a number of tasks that
/// another rank does not give. Collective.
fn check(
    comm: &dyn Cluster,
    worker_size: usize,
    tasks: Option<usize>,
    initial: Option<&[State]>,
) -> Result<()> {
    let first = (comm as &dyn Comm).broadcast_value(Some((worker_size, tasks.unwrap_or(0))))?;
    let (rank, size) = (comm.rank(), comm.size());
    let wrong = if first != (worker_size, tasks.unwrap_or(first.1)) {
        let tasks = tasks.map_or_else(String::new, |tasks| format!("{tasks} tasks in "));
        format!(
            "rank {rank} wants {tasks}workers of {worker_size}, rank 0 something else: all must \
             want the same"
        )
    } else if worker_size == 0 || !size.is_multiple_of(worker_size) {
        format!(
            "{size} ranks cannot form workers of {worker_size}: the size of a worker must divide \
             the number of ranks"
        )
    } else if let (0, Some(states)) = (rank, initial)
        && states.len() != first.1
    {
        format!(
            "{} initial states were given for {} tasks: give one for each",
            states.len(),
            first.1
        )
    } else {
        return Ok(());
    };
    Err(Error::Program(wrong.into()))
}

/// How tasks are at the start, by number.
fn begin(table: &TaskTable<'_>, found: &[(usize, u8)]) -> Result<()> {
    let malformed = || Error::Malformed("states of tasks".to_owned());
    let is = |&(task, number)| TaskStatus::of_number(number).map(|status| (task, status));
    let found: Option<Vec<_>> = found.iter().map(is).collect();
    table.begin(found.ok_or_else(malformed)?)
}

/// Makes the directory, and tells the name of the job and the layout.
fn found(root: &Path, is_new: bool, options: &Options) -> Result<(String, Layout)> {
    if is_new {
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(context("make", parent))?;
        }
        fs::create_dir(root).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => {
                let what = format!(
                    "{} is there already: its files say how the tasks are, so give \
                     no initial states",
                    root.display()
                );
                Error::Program(what.into())
            }
            _ => context("make", root)(cause),
        })?;
    }
    let bookkeeping = root.join(BOOKKEEPING);
    fs::create_dir_all(&bookkeeping).map_err(context("make", &bookkeeping))?;
    let layout = Layout::settle(root, options.layout)?;
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let label: String = options.label.chars().map(plain).take(60).collect();
    Ok((format!("{label}.{}", unique_name()), layout))
}

/// How tasks are that a new directory begins with.
fn given(initial: Option<&[State]>) -> Found {
    let states = initial.unwrap_or_default().iter().enumerate();
    let number = |(task, &state)| (task, TaskStatus::at_start(state).number());
    states.map(number).collect()
}

/// Writes the states that a new directory begins with.
fn make_all(store: &Store<'_>, initial: &[State]) -> Result<()> {
    initial
        .iter()
        .enumerate()
        .try_for_each(|(task, &state)| store.ensure(task, state))
}
