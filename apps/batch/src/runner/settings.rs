use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use jobwise_tasks::{Ignore, Options};

use crate::list::{self, Separator};
use crate::signals::Told;
use crate::survey::Survey;
use crate::task::Task;
use crate::tasks;
use crate::template::Template;
use crate::{Error, Result, quote, record};

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory of the batch.
    pub root: PathBuf,
    /// Where the tasks are listed; those that the directory knows, if nowhere.
    pub list: Option<PathBuf>,
    /// What ends a name there.
    pub separator: Separator,
    /// What is run for each.
    pub template: Template,
    /// Ranks to a worker.
    pub worker_size: usize,
    /// Workers of a process that is its only rank.
    pub workers: usize,
    /// How long a command may take.
    pub timeout: Option<Duration>,
    /// How often a command that failed is run again.
    pub retries: u32,
    /// Tasks that are taken besides open ones.
    pub ignore: Ignore,
    /// Claims on the directory.
    pub options: Options,
    /// Whether to wait for tasks that other jobs hold, to take them over should their jobs die.
    pub wait: bool,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Print the plan and stop.
    pub dry_run: bool,
    /// Whether it is told to end.
    pub told: Told,
    /// How long commands may take to end when it is.
    pub grace: Duration,
}

impl Settings {
    /// Whether so many ranks can do it.
    pub(super) fn check(&self, ranks: usize) -> Result<()> {
        if ranks > 1 && self.workers > 1 {
            return Err(Error(format!(
                "--workers is for one process, and mpirun started {ranks}: leave it out, each rank \
                 (or --worker-size ranks) is a worker"
            )));
        }
        if ranks == 1 && self.worker_size > 1 {
            return Err(Error(
                "--worker-size groups the ranks of mpirun: without mpirun, say with --workers how \
                 many commands run at a time"
                    .to_owned(),
            ));
        }
        if !ranks.is_multiple_of(self.worker_size) {
            return Err(Error(format!(
                "{ranks} ranks cannot form workers of {}: --worker-size must divide the number of \
                 ranks",
                self.worker_size
            )));
        }
        Ok(())
    }

    /// The tasks of this run.
    pub(super) fn tasks(&self) -> Result<Vec<Task>> {
        match &self.list {
            Some(list) => {
                let list = list::read(list, self.separator)?.some()?;
                for warning in list.warnings {
                    log::warn!("{warning}");
                }
                tasks::as_they_are(&self.root, list.tasks)
            }
            None if self.root.is_dir() => tasks::known(&self.root),
            None => Err(Error(format!(
                "{} is not there yet: name its tasks with --tasks LIST, a file with one task per \
                 line",
                self.root.display()
            ))),
        }
    }

    /// How many commands run at a time.
    fn width(&self, ranks: usize) -> usize {
        if ranks > 1 {
            ranks / self.worker_size
        } else {
            self.workers
        }
    }

    /// The plan, for people: what would be done as the tasks stand now.
    pub(super) fn plan(&self, tasks: &[Task], ranks: usize) -> Result<String> {
        let survey = Survey::of(&tasks::dirs(&self.root)?, tasks)?;
        let list = self.list.as_deref().map(list::shown);
        let numbers = record::numbers(&self.root, tasks, list.as_deref())?;
        let to_do: Vec<usize> = (0..tasks.len())
            .filter(|&task| survey.is_to_do(task, self.ignore))
            .collect();
        let mut text = format!(
            "directory       {}\ntasks           {}, {} to do\nat a time       {}\nfails after     \
             {} runs that died with it, or {} commands that failed\n",
            self.root.display(),
            tasks.len(),
            to_do.len(),
            self.width(ranks),
            self.options.attempts,
            self.retries + 1
        );
        let timeout = self.timeout.map_or_else(
            || "none".to_owned(),
            |limit| format!("{} s", limit.as_secs_f64()),
        );
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "time-out        {timeout}\nlease           {} s",
            self.options.lease.as_secs_f64()
        );
        for &task in to_do.iter().take(3) {
            let words = self.template.fill(&tasks[task], numbers[task]);
            let _ = writeln!(text, "to run          {}", quote::command(&words));
        }
        if to_do.len() > 3 {
            let _ = writeln!(text, "                and {} more", to_do.len() - 3);
        }
        Ok(text)
    }
}
