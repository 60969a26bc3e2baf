mod ending;
mod telling;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jobwise_core::{Comm, Result};
use jobwise_kit::Bar;
use jobwise_tasks::{TaskDirs, TaskPool};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, getrlimit};

use super::clearing::{Clearing, Way};
use super::life::Life;
use super::roll::Roll;
use super::slot::{Slot, Stage, doubt};
use super::{Settings, Tally, engine_error, look_every};
use crate::guard::{BATCH_DIR, CommandLine, Guards};
use crate::running::{End, Running, Start};
use crate::task::Task;
use crate::{plain, quote};
use ending::cannot_start;

/// One rank that runs commands, one or several at a time.
pub(super) struct Worker<'r, 'c> {
    pool: &'r TaskPool<'c>,
    settings: &'r Settings,
    roll: &'r Roll<'c>,
    width: usize,
    /// How many commands this process has file handles for.
    room: usize,
    bar: Option<&'r Bar>,
    slots: Vec<Slot>,
    guards: Guards,
    /// By their whole paths.
    dirs: TaskDirs,
    life: Life,
    tally: Tally,
    began: Instant,
    /// When `next` last had nothing.
    asked: Option<Instant>,
    /// How often ranks are asked whether to end, and when they were; when progress was last shown.
    look_every: Duration,
    looked: Option<Instant>,
    shown: Option<(Instant, Duration)>,
    /// How many were done at the first look.
    before: Option<usize>,
    /// Since when there is nothing to do but to wait for others, and whether that was told.
    waiting: Option<(Instant, bool)>,
    /// Since when it is stopping.
    stopping: Option<Instant>,
}

/// How many of so many commands this process has file handles for: one each, and some for itself.
fn room(width: usize) -> usize {
    const OWN: u64 = 32;
    let Some(most) = getrlimit(Resource::Nofile).current else {
        return width;
    };
    let room = usize::try_from(most.saturating_sub(OWN).max(1)).unwrap_or(usize::MAX);
    if room < width {
        log::warn!(
            "{room} commands at a time, not {width}: this process may have {most} files open \
             (ulimit -n)"
        );
    }
    room.min(width)
}

/// Tells others that this rank was told to end, if it was, and whether any was.
pub(super) type Stop<'s> = dyn Fn(bool) -> Result<bool> + 's;

impl<'r, 'c> Worker<'r, 'c> {
    /// For how long at most nothing is looked at.
    const PATIENCE: Duration = Duration::from_millis(20);

    /// How long to wait before tasks that others hold are asked for again.
    const AGAIN: Duration = Duration::from_millis(200);

    /// Some launchers send two signals in a row. Who sends more is in a hurry: then commands are
    /// killed at once.
    const PATIENT_SIGNALS: usize = 2;

    pub(super) fn new(
        pool: &'r TaskPool<'c>,
        settings: &'r Settings,
        roll: &'r Roll<'c>,
        comm: &dyn Comm,
        bar: Option<&'r Bar>,
    ) -> Self {
        let width = if comm.size() > 1 { 1 } else { settings.workers };
        // Commands may work elsewhere.
        let root = std::path::absolute(&settings.root);
        let root = root.unwrap_or_else(|_| settings.root.clone());
        Worker {
            pool,
            settings,
            roll,
            width,
            room: room(width),
            bar,
            slots: Vec::new(),
            guards: Guards::new(&root),
            dirs: pool.dirs().below(&root),
            life: Life::default(),
            tally: Tally::default(),
            began: Instant::now(),
            asked: None,
            look_every: look_every(comm.size()),
            looked: None,
            shown: None,
            before: None,
            waiting: None,
            stopping: None,
        }
    }

    /// Runs commands until there is no task to be had.
    pub(super) fn work(mut self, stop: &Stop<'_>) -> Result<Tally> {
        let outcome = self.go_through(stop);
        if outcome.is_err() {
            // Together, not one after the other when they are dropped.
            self.slots.iter_mut().for_each(Slot::stop);
        }
        outcome.map(|()| self.tally)
    }

    fn go_through(&mut self, stop: &Stop<'_>) -> Result<()> {
        loop {
            self.look(stop)?;
            self.settle()?;
            self.fill()?;
            self.show()?;
            self.tell_of_waiting()?;
            if self.slots.is_empty()
                && !self.is_told_anew()
                && (self.stopping.is_some() || self.is_over()?)
            {
                break;
            }
            self.wait();
        }
        self.tally.seconds = self.began.elapsed().as_secs_f64();
        Ok(())
    }

    /// Until a guard has something to say, or it is time to look at all that says nothing.
    fn wait(&self) {
        let sockets = self.slots.iter().filter_map(Slot::socket);
        let mut heard: Vec<PollFd<'_>> = sockets
            .map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN))
            .collect();
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: Self::PATIENCE.subsec_nanos().into(),
        };
        // A signal that interrupts it is seen next.
        let _ = poll(&mut heard, Some(&timeout));
    }

    /// Whether this rank or another was told to end; what was odd; and that this run is alive.
    fn look(&mut self, stop: &Stop<'_>) -> Result<()> {
        if self.looked.is_some_and(|at| at.elapsed() < self.look_every) && !self.is_told_anew() {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        self.life.keep(self.pool, &mut self.slots);
        for warning in self.pool.take_warnings() {
            log::warn!("{warning}");
        }
        if let Some(since) = self.stopping {
            if self.settings.told.count() > Self::PATIENT_SIGNALS
                || since.elapsed() > self.settings.grace
            {
                self.slots.iter_mut().for_each(Slot::hurry);
            }
        } else if stop(self.settings.told.is_told())? {
            self.stopping = Some(Instant::now());
            self.tally.cancelled = true;
            // Where that cannot be written, what this run gives back tells it.
            let _ = self.pool.tell_end();
            self.slots.iter_mut().for_each(Slot::stop);
        }
        Ok(())
    }

    /// Whether this rank was told to end, and has not done so yet.
    fn is_told_anew(&self) -> bool {
        self.stopping.is_none() && self.settings.told.is_told()
    }

    /// Whether this rank had been told to end when a command ended. It may have been told too, and
    /// have answered by ending well with its work half done.
    fn was_told_by(&self, time: Duration) -> bool {
        // A signal is noted when the system has woken up the thread that hears it.
        let late = Duration::from_millis(10);
        let told = self.settings.told.since();
        told.is_some_and(|told| time + late > told)
    }

    /// Begins tasks where there is room.
    fn fill(&mut self) -> Result<()> {
        while self.stopping.is_none()
            && !self.is_told_anew()
            && !self.life.is_late()
            && self.slots.len() < self.room
        {
            if self.asked.is_some_and(|at| at.elapsed() < Self::AGAIN) {
                break;
            }
            let Some(task) = self.pool.next(self.settings.ignore)? else {
                self.asked = Some(Instant::now());
                break;
            };
            self.asked = None;
            self.waiting = None;
            let free = |place: &usize| self.slots.iter().all(|slot| slot.place != *place);
            let place = (0..self.width).find(free).unwrap_or_default();
            let slot = Slot {
                place,
                task,
                failures: 0,
                kills: 0,
                told: 0,
                stage: self.clearing(task),
            };
            if let Some(slot) = self.advance(slot)? {
                self.slots.push(slot);
            }
        }
        Ok(())
    }

    fn clearing(&self, task: usize) -> Stage {
        let directory = self.directory(task);
        let log = directory.join("log");
        Stage::Clearing(Clearing::new(&directory, &log, self.roll.shown(task)))
    }

    /// What is to be run for a slot, and the line before its output.
    fn start(&self, slot: &Slot) -> (Start, String) {
        let Slot { task, place, .. } = *slot;
        let directory = self.directory(task);
        let attempt = self.pool.attempt(task).unwrap_or(1) + slot.tries();
        let number = self.roll.number(task);
        let called = Task {
            text: self.roll.text(task).to_owned(),
            name: self.pool.name(task).to_owned(),
        };
        let words = self.settings.template.fill(&called, number);
        let worker = self.pool.worker() * self.width + place;
        let workers = self.pool.workers() * self.width;
        let environment = [
            ("BATCH_TASK", called.text),
            (BATCH_DIR, directory.clone().into()),
            ("BATCH_INDEX", number.to_string().into()),
            ("BATCH_ATTEMPT", attempt.to_string().into()),
            ("BATCH_WORKER", worker.to_string().into()),
            ("BATCH_WORKERS", workers.to_string().into()),
            (
                "BATCH_WORKER_SIZE",
                OsString::from(self.settings.worker_size.to_string()),
            ),
        ];
        let now = Timestamp::now();
        let header = format!("=== {now:.0} attempt {attempt}: {}", quote::command(&words));
        let start = Start {
            command: CommandLine {
                words,
                environment: environment.into(),
            },
            log: directory.join("log"),
            directory,
            timeout: self.settings.timeout,
        };
        (start, header)
    }

    fn directory(&self, task: usize) -> PathBuf {
        self.dirs.of(self.pool.name(task))
    }

    /// Takes note of commands that have ended, and begins what can be begun.
    fn settle(&mut self) -> Result<()> {
        let mut slots = std::mem::take(&mut self.slots).into_iter();
        while let Some(slot) = slots.next() {
            let advanced = self.advance(slot);
            if advanced.is_err() {
                self.slots.extend(slots.by_ref());
            }
            if let Some(slot) = advanced? {
                self.slots.push(slot);
            }
        }
        Ok(())
    }

    /// Does what there is to do about a task at this moment; nothing of it is left when it is
    /// settled.
    fn advance(&mut self, mut slot: Slot) -> Result<Option<Slot>> {
        let stopping = self.stopping.is_some();
        let was_left = slot.tries() == 0 && self.pool.was_left(slot.task);
        match &mut slot.stage {
            Stage::Clearing(clearing) => match clearing.look(was_left) {
                Ok(Way::Blocked) => Ok(Some(slot)),
                Ok(Way::Clear(_)) if stopping => self.give_back(&slot),
                Ok(Way::Clear(log)) => self.begin(slot, log),
                Err(error) => self.cannot_begin(&slot, &error),
            },
            Stage::Running(running) => {
                match running.poll(&mut self.guards).map_err(engine_error)? {
                    None => Ok(Some(slot)),
                    Some(End::Well { at, .. }) if self.was_told_by(at) => self.give_back(&slot),
                    Some(End::Well { told: false, .. }) => self.done(&slot),
                    Some(End::Stopped) => self.give_back(&slot),
                    Some(End::Late) => self.late(&slot),
                    Some(End::NoRoom) => Err(cannot_start(&"this machine has no room for it")),
                    Some(end) => {
                        let since = Instant::now();
                        slot.stage = Stage::Doubtful { since, end };
                        Ok(Some(slot))
                    }
                }
            }
            Stage::Doubtful { .. } if stopping => self.give_back(&slot),
            Stage::Doubtful { since, end } => {
                if since.elapsed() < doubt(end) {
                    return Ok(Some(slot));
                }
                let end = end.clone();
                self.conclude(slot, end)
            }
        }
    }

    fn begin(&mut self, mut slot: Slot, mut log: std::fs::File) -> Result<Option<Slot>> {
        let (start, header) = self.start(&slot);
        log::debug!("{header}");
        if let Err(error) = plain::add_line(&mut log, &header) {
            return self.cannot_begin(&slot, &error);
        }
        let running = Running::start(start, &log, self.life.until(), &mut self.guards);
        slot.stage = Stage::Running(running.map_err(|error| cannot_start(&error))?);
        Ok(Some(slot))
    }

    /// Whether nothing is left that this run may yet have to do.
    fn is_over(&self) -> Result<bool> {
        Ok(self.asked.is_some() && (!self.settings.wait || self.pool.pending()? == 0))
    }
}
