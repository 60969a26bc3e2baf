use std::ffi::OsString;
use std::fmt::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jobwise_batch::guard::{GRACE, SLACK};
use jobwise_batch::runner::{BatchRun, Settings, Stands, Tally};
use jobwise_batch::signals::Told;
use jobwise_batch::template::Template;
use jobwise_batch::{tasks, tasks_in_words};
use jobwise_core::Job;
use jobwise_kit::{BackendName, Choice, Failure, RunFlags};
use jobwise_tasks::{Ignore, Layout, Options};

use super::failed;

/// Run a command per task
///
/// Every task has a directory DIR/TASK with its state (a word, as pshmem writes it), its claim, its
/// log, and if it failed, the reason. Any number of runs may work on one DIR at once; a task is
/// done by one of them. Run again, it does what is left; what a run that was killed had begun is
/// begun anew.
///
/// In COMMAND, {task} is the line of the list, {name} the name of its directory (a/b is a%2Fb) and
/// {index} its number in DIR, from 0 and always the same. Its environment has BATCH_TASK,
/// BATCH_DIR, BATCH_INDEX, BATCH_ATTEMPT, BATCH_WORKER (from 0, below BATCH_WORKERS),
/// BATCH_WORKER_SIZE and BATCH_GUARD. It reads nothing from standard input; what it prints is added
/// to the log. A task is done when its COMMAND ends with status 0. When the run ends, so do its
/// commands: by SIGTERM, and 3 s later (or at its third signal) by SIGKILL, with all they started,
/// but not in sessions of their own. The tasks are open again: being told to end is no failure.
// Each is a flag of its own on the command line.
#[allow(clippy::struct_excessive_bools)]
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The directory of the batch; made if it is not there
    directory: PathBuf,
    /// The tasks, one per line; - is standard input [default: those that DIR knows]
    #[arg(long, value_name = "LIST")]
    tasks: Option<PathBuf>,
    /// Names in LIST end with NUL bytes, not with lines
    #[arg(short = '0', long)]
    null: bool,
    /// Put the directories of tasks into 256 directories, as DIR/3f/TASK, for very many tasks: for
    /// a DIR that is new; one that is there keeps what it has
    #[arg(long)]
    shards: bool,
    /// Commands at a time, in one process [default: one per processor this process may use]
    #[arg(long, value_name = "N", value_parser = some::<NonZero<u16>, 65_535>)]
    workers: Option<NonZero<u16>>,
    /// Ranks of mpirun to a worker: one command at a time for so many ranks
    #[arg(long, value_name = "N", default_value = "1", value_parser = some::<NonZero<u16>, 65_535>)]
    worker_size: NonZero<u16>,
    /// End a command that takes longer, and count it as failed
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds)]
    timeout: Option<Duration>,
    /// Run a command that failed so many times again, at once
    #[arg(long, value_name = "N", default_value = "0", value_parser = some::<u32, { u32::MAX }>)]
    retries: u32,
    /// Also do tasks that failed in earlier runs
    #[arg(long)]
    retry_failed: bool,
    #[command(flatten)]
    claims: ClaimFlags,
    /// Report progress also when the output is not a terminal
    #[arg(short, long)]
    progress: bool,
    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Seconds without a sign of life from another rank until the job is ended
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(1..),
        hide_short_help = true
    )]
    watchdog: u32,
    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Sharing the directory")]
struct ClaimFlags {
    /// A run that gave no sign of life for so long (stopped, or its machine is gone) has ended its
    /// commands and loses its tasks to others (less than 8 s: after half of it and 4 s); one whose
    /// process is gone loses them to others on the same machine as soon as its commands are gone
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = a_second_or_more)]
    lease: Duration,
    /// After so many runs that died with a task, without having been told to end, it has failed
    #[arg(
        long,
        value_name = "N",
        default_value = "3",
        value_parser = some::<NonZero<u32>, { u32::MAX }>
    )]
    attempts: NonZero<u32>,
    /// Take tasks that are running in nobody's hands for so long, as programs without claims leave
    /// them when they crash and have them while they work [default without a number: an hour]
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = seconds,
        num_args = 0..=1,
        default_missing_value = "3600"
    )]
    reclaim_unowned: Option<Duration>,
    /// End when there is nothing left to take, also while others are still at work, whose tasks
    /// would have to be taken over should they die
    #[arg(long)]
    no_wait: bool,
}

const EXAMPLES: &str = "Examples:
  batch run fits --tasks list -- python3 fit.py '{task}'
  ls data/*.h5 | batch run fits --tasks - --timeout 600 --retries 1 -- sh -c 'fit \"$BATCH_TASK\" \
      > \"$BATCH_DIR/result\"'
  batch run fits --workers 4 -- python3 fit.py '{task}'
  mpirun -n 64 batch run fits --tasks list --worker-size 4 -- python3 fit.py '{task}'

Exit status: 0 when every task is done (with --no-wait, done or at work elsewhere); 1 when some \
      failed, in this run or before, or could not be done; 2 when the
request makes no sense; 128 + the signal's number when it was told to end (SIGTERM, SIGINT, \
      SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU). mpirun passes SIGUSR1 on; SIGTERM and Ctrl-C it \
      answers itself, with a status of its own.";

/// How many of something, which are `MOST` at most.
pub(super) fn some<N: FromStr, const MOST: u32>(text: &str) -> Result<N, String> {
    let least = u8::from("0".parse::<N>().is_err());
    let number = text.parse();
    number.map_err(|_| format!("not a whole number from {least} to {MOST}"))
}

/// A time of at most some thirty years.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|s| (0.0..=1e9).contains(s));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "not a number of seconds from 0 to 1e9".to_owned())
}

/// The same, but not none.
fn some_seconds(text: &str) -> Result<Duration, String> {
    let time = seconds(text)?;
    if time.is_zero() {
        return Err("not a time longer than 0 s".to_owned());
    }
    Ok(time)
}

/// The same, but long enough to be alive in.
fn a_second_or_more(text: &str) -> Result<Duration, String> {
    let time = seconds(text)?;
    if time < Duration::from_secs(1) {
        return Err("not a time of at least 1 s".to_owned());
    }
    Ok(time)
}

impl Flags {
    /// What the kit asks to choose a backend.
    fn running(&self) -> RunFlags {
        let alone = !cfg!(feature = "mpi") || !jobwise_kit::is_launched();
        RunFlags {
            backend: alone.then_some(BackendName::Serial),
            device: None,
            gpus: Vec::new(),
            lanes: None,
            threads: None,
            job: Job::WHOLE,
            progress: self.progress,
            dry_run: self.dry_run,
            watchdog: self.watchdog,
        }
    }
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let usage = |error: jobwise_batch::Error| Failure::usage(error.to_string());
    let choice = Choice::new(&flags.running(), "jobwise-batch")?;
    let template = Template::new(&flags.command).map_err(usage)?;
    if !template.names_the_task() && jobwise_kit::is_first_rank() {
        log::warn!(
            "the command is the same for every task, apart from BATCH_TASK in its environment; \
             {{task}} stands for the task"
        );
    }
    let workers = match flags.workers {
        Some(workers) => usize::from(workers.get()),
        None if jobwise_kit::is_launched() => 1,
        None => std::thread::available_parallelism().map_or(1, NonZero::get),
    };
    let farewell = "batch: told to end before a command was begun; run again";
    let signals = Told::by_signals(farewell, jobwise_kit::is_launched()).map_err(failed)?;
    let directory = flags.directory.clone();
    // mpirun kills its ranks a second after it has told them to end.
    let grace = if jobwise_kit::is_launched() {
        Duration::from_millis(400)
    } else {
        GRACE
    };
    let wait = !flags.claims.no_wait;
    let settings = Settings {
        root: flags.directory,
        list: flags.tasks,
        separator: super::separator(flags.null),
        template,
        worker_size: usize::from(flags.worker_size.get()),
        workers,
        timeout: flags.timeout,
        retries: flags.retries,
        ignore: Ignore {
            failed: flags.retry_failed,
            ..Ignore::default()
        },
        options: Options {
            lease: flags.claims.lease,
            grace: GRACE + SLACK,
            attempts: flags.claims.attempts.get(),
            reclaim_unowned: flags.claims.reclaim_unowned,
            layout: if flags.shards {
                Layout::Shards
            } else {
                Layout::Flat
            },
            label: std::env::var("SLURM_JOB_ID").unwrap_or_else(|_| "batch".to_owned()),
        },
        wait,
        progress: flags.progress,
        dry_run: flags.dry_run,
        told: signals,
        grace,
    };
    let Some(tally) = choice.run(BatchRun { settings })? else {
        return Ok(());
    };
    let printed = if jobwise_kit::is_first_rank() {
        jobwise_kit::print(&describe(&tally))
    } else {
        Ok(())
    };
    if tally.cancelled {
        // That the terminal is gone says less than why the run has ended.
        if let Err(failure) = printed {
            log::warn!("{failure}");
        }
        return Err(Failure::cancelled(
            "told to end; what was done is kept, run again for the rest",
        ));
    }
    printed?;
    outcome(&tally.stands, &directory, wait)
}

/// Whether every task is done, or else what is left.
fn outcome(stands: &Stands, directory: &Path, wait: bool) -> Result<(), Failure> {
    let &Stands {
        failed,
        invalid,
        open,
        running,
        ..
    } = stands;
    let mut left = Vec::new();
    if failed > 0 {
        let shard = match tasks::dirs(directory).map(|dirs| dirs.layout()) {
            Ok(Layout::Shards) => "*/",
            _ => "",
        };
        left.push(format!(
            "{} failed (see {}/{shard}TASK/log; batch reset --failed opens what failed again)",
            tasks_in_words(failed),
            directory.display()
        ));
    }
    if invalid > 0 {
        left.push(format!(
            "{} with a state that makes no sense (batch reset --invalid)",
            tasks_in_words(invalid)
        ));
    }
    if open > 0 {
        left.push(format!(
            "{} opened by others meanwhile (run again)",
            tasks_in_words(open)
        ));
    }
    if wait && running > 0 {
        left.push(format!(
            "{} running in nobody's hands (batch status tells)",
            tasks_in_words(running)
        ));
    }
    if left.is_empty() {
        Ok(())
    } else {
        Err(Failure::failed(left.join("; ")))
    }
}

/// A tally in words. Writing to a String cannot fail.
fn describe(tally: &Tally) -> String {
    let rate = tally.done as f64 / tally.seconds.max(1e-9);
    let mut text = format!(
        "{} done in {:.1} s",
        tasks_in_words(tally.done),
        tally.seconds
    );
    if tally.done > 0 {
        let _ = write!(text, ", {rate:.1} per second");
    }
    text.push('\n');
    for misfortune in &tally.misfortunes {
        let _ = writeln!(text, "FAILED {}: {}", misfortune.task, misfortune.why);
    }
    let untold = tally.failed - tally.misfortunes.len();
    if untold > 0 {
        let _ = writeln!(text, "FAILED {untold} more");
    }
    if tally.given_back > 0 {
        let _ = writeln!(
            text,
            "{} ended and open again",
            tasks_in_words(tally.given_back)
        );
    }
    if tally.lost > 0 {
        let _ = writeln!(
            text,
            "{} taken over by others, because this run gave no sign of life for too long",
            tasks_in_words(tally.lost)
        );
    }
    let Stands {
        tasks,
        done,
        running,
        ..
    } = tally.stands;
    let others = done.saturating_sub(tally.done);
    if others > 0 {
        let _ = writeln!(text, "{} done before, or by others", tasks_in_words(others));
    }
    if running > 0 {
        let _ = writeln!(
            text,
            "{} running elsewhere, or in nobody's hands",
            tasks_in_words(running)
        );
    }
    if done == tasks {
        let _ = writeln!(text, "all {tasks} done");
    }
    text
}
