use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jobwise_core::batch::{Batch, State};
use jobwise_core::{Comm, Observer, Progress, Result};
use jobwise_kit::Bar;

use super::{LOOK, Settings, Tally, ended};
use crate::running::{End, Running, Start};
use crate::tasks::Task;

/// One rank that runs commands, one or several at a time.
pub(super) struct Worker<'r, 'c> {
    batch: &'r Batch<'c>,
    settings: &'r Settings,
    tasks: &'r [Task],
    /// The number of each task in its directory.
    numbers: &'r [usize],
    width: usize,
    bar: Option<&'r Bar>,
    slots: Vec<Slot>,
    tally: Tally,
    began: Instant,
    /// When `next` last had nothing.
    asked: Option<Instant>,
    /// When ranks were last asked whether to end, and progress was last shown.
    looked: Option<Instant>,
    shown: Option<(Instant, Duration)>,
    /// How many were done at the first look.
    before: Option<usize>,
    stopping: bool,
}

/// A task at work.
struct Slot {
    /// Which of the places for commands it has, from 0.
    place: usize,
    task: usize,
    /// How often its command has failed in this run.
    failures: u32,
    /// How often its guard was killed.
    kills: u32,
    running: Running,
}

/// Tells others that this rank was told to end, if it was, and whether any was.
pub(super) type Stop<'s> = dyn Fn(bool) -> Result<bool> + 's;

impl<'r, 'c> Worker<'r, 'c> {
    /// How long to wait before tasks that others hold are asked for again.
    const AGAIN: Duration = Duration::from_millis(200);

    pub(super) fn new(
        batch: &'r Batch<'c>,
        settings: &'r Settings,
        (tasks, numbers): (&'r [Task], &'r [usize]),
        comm: &dyn Comm,
        bar: Option<&'r Bar>,
    ) -> Self {
        Worker {
            batch,
            settings,
            tasks,
            numbers,
            width: if comm.size() > 1 { 1 } else { settings.workers },
            bar,
            slots: Vec::new(),
            tally: Tally::default(),
            began: Instant::now(),
            asked: None,
            looked: None,
            shown: None,
            before: None,
            stopping: false,
        }
    }

    /// Runs commands until there is no task to be had.
    pub(super) fn work(mut self, stop: &Stop<'_>) -> Result<Tally> {
        let mut nap = Duration::ZERO;
        loop {
            self.look(stop)?;
            let started = self.fill()?;
            let settled = self.settle()?;
            self.show()?;
            if self.slots.is_empty() && (self.stopping || self.is_over()?) {
                break;
            }
            // Short commands are met awake, long ones are left alone.
            nap = if started || settled {
                Duration::from_micros(200)
            } else {
                (nap * 2).clamp(Duration::from_micros(200), Duration::from_millis(20))
            };
            std::thread::sleep(nap);
        }
        self.tally.seconds = self.began.elapsed().as_secs_f64();
        Ok(self.tally)
    }

    /// Whether this rank or another was told to end.
    fn look(&mut self, stop: &Stop<'_>) -> Result<()> {
        if self.stopping || self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        if stop(self.settings.cancel.is_cancelled())? {
            self.stopping = true;
            self.tally.cancelled = true;
            self.slots.iter_mut().for_each(|slot| slot.running.stop());
        }
        Ok(())
    }

    /// Starts commands where there is room.
    fn fill(&mut self) -> Result<bool> {
        let mut any = false;
        while !self.stopping && self.slots.len() < self.width {
            if self.asked.is_some_and(|at| at.elapsed() < Self::AGAIN) {
                break;
            }
            let Some(task) = self.batch.next(self.settings.ignore)? else {
                self.asked = Some(Instant::now());
                break;
            };
            self.asked = None;
            let free = |place: &usize| self.slots.iter().all(|slot| slot.place != *place);
            let place = (0..self.width).find(free).unwrap_or_default();
            let running = self.start(task, place, 0)?;
            self.slots.push(Slot {
                place,
                task,
                failures: 0,
                kills: 0,
                running,
            });
            any = true;
        }
        Ok(any)
    }

    fn start(&self, task: usize, place: usize, failures: u32) -> Result<Running> {
        let directory = self.directory(task);
        let attempt = self.batch.attempt(task).unwrap_or(1) + failures;
        let words = self
            .settings
            .template
            .fill(&self.tasks[task], self.numbers[task]);
        let shown: Vec<String> = words
            .iter()
            .map(|word| word.display().to_string())
            .collect();
        let worker = self.batch.worker() * self.width + place;
        let workers = self.batch.workers() * self.width;
        let environment = [
            ("BATCH_TASK", OsString::from(&self.tasks[task].text)),
            ("BATCH_DIR", directory.clone().into()),
            ("BATCH_INDEX", self.numbers[task].to_string().into()),
            ("BATCH_ATTEMPT", attempt.to_string().into()),
            ("BATCH_WORKER", worker.to_string().into()),
            ("BATCH_WORKERS", workers.to_string().into()),
            (
                "BATCH_WORKER_SIZE",
                self.settings.worker_size.to_string().into(),
            ),
        ];
        let start = Start {
            header: format!(
                "=== {:.0} attempt {attempt}: {}",
                Timestamp::now(),
                shown.join(" ")
            ),
            words,
            environment: environment.into(),
            log: directory.join("log"),
            timeout: self.settings.timeout,
        };
        log::debug!("{}", start.header);
        Running::start(&start).map_err(ended)
    }

    fn directory(&self, task: usize) -> PathBuf {
        let root =
            std::path::absolute(&self.settings.root).unwrap_or_else(|_| self.settings.root.clone());
        root.join(&self.tasks[task].name)
    }

    /// Takes note of commands that have ended.
    fn settle(&mut self) -> Result<bool> {
        let mut any = false;
        let mut at = 0;
        while at < self.slots.len() {
            let Some(end) = self.slots[at].running.poll().map_err(ended)? else {
                at += 1;
                continue;
            };
            any = true;
            let slot = &self.slots[at];
            let (place, task) = (slot.place, slot.task);
            let (failures, kills) = match end {
                End::Badly(_) => (slot.failures + 1, slot.kills),
                End::Killed => (slot.failures, slot.kills + 1),
                End::Well | End::Stopped => (slot.failures, slot.kills),
            };
            let again = match end {
                End::Badly(_) => failures <= self.settings.retries,
                End::Killed => kills < self.settings.options.attempts,
                End::Well | End::Stopped => false,
            };
            if again && !self.stopping {
                let running = self.start(task, place, failures + kills)?;
                self.slots[at] = Slot {
                    place,
                    task,
                    failures,
                    kills,
                    running,
                };
                at += 1;
                continue;
            }
            match end {
                End::Well => {
                    self.batch.set(task, State::Done)?;
                    log::info!("{}: done", self.tasks[task].text);
                    self.tally.done += 1;
                }
                End::Killed if !again => {
                    self.failed(task, "its process was killed from outside (out of memory?)")?;
                }
                End::Badly(why) => self.failed(task, &why)?,
                End::Stopped | End::Killed => {
                    self.batch.set(task, State::Open)?;
                    self.tally.given_back += 1;
                }
            }
            self.slots.swap_remove(at);
        }
        Ok(any)
    }

    /// A task failed; it is not this run's any more if others took it over.
    fn failed(&mut self, task: usize, why: &str) -> Result<()> {
        let text = &self.tasks[task].text;
        log::info!("{text}: {why}");
        if self.batch.fail(task, why)? {
            self.tally.failed(text, why);
        } else {
            self.tally.lost += 1;
        }
        Ok(())
    }

    /// Whether nothing is left that this run may yet have to do.
    fn is_over(&self) -> Result<bool> {
        Ok(self.asked.is_some() && (!self.settings.wait || self.batch.pending()? == 0))
    }

    /// Shows how far the whole batch is, once a second at most, and so that looking costs a twentieth of the time at most.
    fn show(&mut self) -> Result<()> {
        let Some(bar) = self.bar else { return Ok(()) };
        if let Some((at, cost)) = self.shown
            && at.elapsed() < (20 * cost).max(Duration::from_millis(500))
            && !(self.slots.is_empty() && self.asked.is_some())
        {
            return Ok(());
        }
        let at = Instant::now();
        let states = self.batch.states()?;
        let count = |wanted: State| states.iter().filter(|&&state| state == wanted).count();
        let (done, failed) = (count(State::Done), count(State::Failed));
        let before = *self.before.get_or_insert(done);
        bar.progress(Progress {
            total: states.len(),
            done: done.saturating_sub(before),
            skipped: before,
            failed,
        });
        self.shown = Some((at, at.elapsed()));
        Ok(())
    }
}
