//! Many commands, for the tasks of a batch.

mod clearing;
mod distinct;
mod life;
mod roll;
mod settings;
mod slot;
mod tally;
mod worker;

pub use settings::Settings;
pub use tally::{Misfortune, Stands, Tally};

use std::ffi::OsStr;
use std::time::Duration;

use jobwise_core::{Backend, Cluster, Comm, Cpu, Error as Ended, SharedAtomics};
use jobwise_kit::{Bar, Program};
use jobwise_tasks::TaskPool;

use crate::task::Task;
use crate::{list, record};
use roll::Roll;
use worker::Worker;

/// Runs the tasks of a directory on any backend.
///
/// The ranks form workers of equal size. The first rank of a worker runs its commands, one after
/// the other; the others keep their processors free for them. In one process, there are as many
/// workers as asked for.
#[derive(Debug)]
pub struct BatchRun {
    /// What to do, and how.
    pub settings: Settings,
}

/// How often each of so many ranks looks whether another was told to end: all of them ask one rank,
/// of which that may take a hundredth of its time.
fn look_every(ranks: usize) -> Duration {
    const SOONEST: Duration = Duration::from_millis(50);
    const LATEST: Duration = Duration::from_secs(1);
    let ranks = u32::try_from(ranks).unwrap_or(u32::MAX);
    Duration::from_micros(200)
        .saturating_mul(ranks)
        .clamp(SOONEST, LATEST)
}

impl Program for BatchRun {
    /// `None` of a dry run.
    type Output = Option<Tally>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Tally>> {
        let cluster = backend.cluster();
        let comm = backend.comm();
        let settings = self.settings;
        comm.agree(settings.check(comm.size()).map_err(engine_error))?;
        let tasks = listed(comm, &settings)?;
        if settings.dry_run {
            let told = if comm.rank() == 0 {
                tell(&settings, &tasks, comm.size())
            } else {
                Ok(())
            };
            comm.agree(told)?;
            return Ok(None);
        }
        let numbers = numbered(comm, &settings, &tasks)?;
        // How many leaders have ended; whether anybody was told to end.
        let words = cluster.words(2)?;
        let leads = comm.rank().is_multiple_of(settings.worker_size);
        let part = cluster.split(usize::from(!leads), comm.rank())?;
        let mine = if leads {
            let outcome = lead(
                part.as_ref(),
                comm,
                &settings,
                (tasks, numbers),
                words.as_ref(),
            );
            words.add(ENDED, 1)?;
            outcome
        } else {
            keep_free(&settings, words.as_ref(), comm.size())
        };
        comm.agree(mine)?.of_all(comm).map(Some)
    }
}

const ENDED: usize = 0;
const STOP: usize = 1;

/// The tasks, on rank 0. Collective.
fn listed(comm: &dyn Comm, settings: &Settings) -> jobwise_core::Result<Vec<Task>> {
    comm.agree(match comm.rank() {
        0 => settings.tasks().map_err(engine_error),
        _ => Ok(Vec::new()),
    })
}

/// The number of each task in its directory, on rank 0, which notes new ones down. Collective.
fn numbered(
    comm: &dyn Comm,
    settings: &Settings,
    tasks: &[Task],
) -> jobwise_core::Result<Vec<usize>> {
    let list = settings.list.as_deref().map(list::shown);
    comm.agree(match comm.rank() {
        0 => record::remember(&settings.root, tasks, list.as_deref()).map_err(engine_error),
        _ => Ok(Vec::new()),
    })
}

/// Prints the plan.
fn tell(settings: &Settings, tasks: &[Task], ranks: usize) -> jobwise_core::Result<()> {
    let plan = settings.plan(tasks, ranks).map_err(engine_error)?;
    jobwise_kit::print(&plan).map_err(|failure| Ended::Program(failure.to_string().into()))
}

/// A rank that runs commands.
fn lead(
    leaders: &dyn Cluster,
    comm: &dyn Comm,
    settings: &Settings,
    (tasks, numbers): (Vec<Task>, Vec<usize>),
    words: &dyn SharedAtomics,
) -> jobwise_core::Result<Tally> {
    let names: Vec<&OsStr> = tasks.iter().map(|task| task.name.as_os_str()).collect();
    let pool = TaskPool::on_directory(leaders, 1, &settings.root, &names, None, &settings.options)?;
    let group: &dyn Comm = leaders;
    let distinct = if leaders.rank() == 0 {
        distinct::check(&pool, &tasks)
    } else {
        Ok(())
    };
    group.agree(distinct)?;
    let roll = Roll::share(leaders, &tasks, &numbers)?;
    drop((tasks, numbers));
    let bar =
        (leaders.rank() == 0).then(|| Bar::new("tasks", settings.progress, &jobwise_core::Solo));
    settings.told.begin_work();
    let worker = Worker::new(&pool, settings, &roll, comm, bar.as_ref());
    let outcome = worker.work(&|mine| {
        if mine {
            words.add(STOP, 1)?;
        }
        Ok(words.load(STOP)? > 0)
    });
    if let Some(bar) = &bar {
        bar.finish();
    }
    if outcome.is_err() {
        // The error says more than that the others could not be told.
        let _ = words.add(STOP, 1);
    }
    let given_back = pool.release();
    for warning in pool.take_warnings() {
        log::warn!("{warning}");
    }
    let outcome = outcome.and_then(|tally| given_back.map(|_| tally));
    // How it stands is counted when all leaders have ended, by the rank that has the states at
    // hand.
    let mut tally = group.agree(outcome)?;
    if leaders.rank() == 0 {
        tally.stands = Stands::of(&pool.states()?);
    }
    Ok(tally)
}

/// A rank whose processor belongs to the commands of its worker's leader: it waits until all have
/// ended.
fn keep_free(
    settings: &Settings,
    words: &dyn SharedAtomics,
    ranks: usize,
) -> jobwise_core::Result<Tally> {
    let leaders = ranks / settings.worker_size;
    // The leader gives back its tasks after the second signal too, and needs all ranks for that.
    settings.told.begin_work();
    let mut told = false;
    while words.load(ENDED)? < leaders as u64 {
        if settings.told.is_told() && !told {
            words.add(STOP, 1)?;
            told = true;
        }
        std::thread::sleep(look_every(ranks));
    }
    Ok(Tally::default())
}

/// The error of a collective agreement.
fn engine_error(error: crate::Error) -> Ended {
    Ended::Program(error.into())
}
