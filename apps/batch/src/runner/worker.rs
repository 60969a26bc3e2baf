use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jobwise_core::batch::{Batch, Sighting, State};
use jobwise_core::{Comm, Observer, Progress, Result};
use jobwise_kit::Bar;
use rustix::process::{Resource, getrlimit};

use super::clearing::{Clearing, Way};
use super::life::Life;
use super::slot::{Slot, Stage, doubt};
use super::{LOOK, Settings, Tally, ended};
use crate::running::{End, Running, Start};
use crate::tasks::Task;
use crate::{plain, quote, survey};

/// One rank that runs commands, one or several at a time.
pub(super) struct Worker<'r, 'c> {
    batch: &'r Batch<'c>,
    settings: &'r Settings,
    tasks: &'r [Task],
    /// The number of each task in its directory.
    numbers: &'r [usize],
    width: usize,
    /// How many commands this process has file handles for.
    room: usize,
    bar: Option<&'r Bar>,
    slots: Vec<Slot>,
    life: Life,
    tally: Tally,
    began: Instant,
    /// When `next` last had nothing.
    asked: Option<Instant>,
    /// When ranks were last asked whether to end, and progress was last shown.
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
            "{room} commands at a time, not {width}: this process may have {most} files open (ulimit -n)"
        );
    }
    room.min(width)
}

/// Tells others that this rank was told to end, if it was, and whether any was.
pub(super) type Stop<'s> = dyn Fn(bool) -> Result<bool> + 's;

impl<'r, 'c> Worker<'r, 'c> {
    /// How long to wait before tasks that others hold are asked for again.
    const AGAIN: Duration = Duration::from_millis(200);
    /// How long nothing is said while there is nothing to do but to wait for others.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Some launchers send two signals in a row. Who sends more is in a hurry: then commands are
    /// killed at once.
    const PATIENT_SIGNALS: usize = 2;

    pub(super) fn new(
        batch: &'r Batch<'c>,
        settings: &'r Settings,
        (tasks, numbers): (&'r [Task], &'r [usize]),
        comm: &dyn Comm,
        bar: Option<&'r Bar>,
    ) -> Self {
        let width = if comm.size() > 1 { 1 } else { settings.workers };
        Worker {
            batch,
            settings,
            tasks,
            numbers,
            width,
            room: room(width),
            bar,
            slots: Vec::new(),
            life: Life::default(),
            tally: Tally::default(),
            began: Instant::now(),
            asked: None,
            looked: None,
            shown: None,
            before: None,
            waiting: None,
            stopping: None,
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
            self.tell_of_waiting()?;
            if self.slots.is_empty()
                && !self.is_told_anew()
                && (self.stopping.is_some() || self.is_over()?)
            {
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

    /// Whether this rank or another was told to end; what was odd; and that this run is alive.
    fn look(&mut self, stop: &Stop<'_>) -> Result<()> {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) && !self.is_told_anew() {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        self.life.keep(self.batch, &mut self.slots);
        for warning in self.batch.take_warnings() {
            log::warn!("{warning}");
        }
        if let Some(since) = self.stopping {
            if self.settings.told.count() > Self::PATIENT_SIGNALS
                || since.elapsed() > self.settings.grace
            {
                self.slots.iter_mut().for_each(Slot::hurry);
            }
        } else if stop(self.settings.told.cancel().is_cancelled())? {
            self.stopping = Some(Instant::now());
            self.tally.cancelled = true;
            // Where that cannot be written, what this run gives back tells it.
            let _ = self.batch.tell_end();
            self.slots.iter_mut().for_each(Slot::stop);
        }
        Ok(())
    }

    /// Whether this rank was told to end, and has not done so yet.
    fn is_told_anew(&self) -> bool {
        self.stopping.is_none() && self.settings.told.cancel().is_cancelled()
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
    fn fill(&mut self) -> Result<bool> {
        let mut any = false;
        while self.stopping.is_none()
            && !self.is_told_anew()
            && !self.life.is_late()
            && self.slots.len() < self.room
        {
            if self.asked.is_some_and(|at| at.elapsed() < Self::AGAIN) {
                break;
            }
            let Some(task) = self.batch.next(self.settings.ignore)? else {
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
            any = true;
        }
        Ok(any)
    }

    fn clearing(&self, task: usize) -> Stage {
        let directory = self.directory(task);
        let log = directory.join("log");
        Stage::Clearing(Clearing::new(&directory, &log, self.tasks[task].shown()))
    }

    /// What is to be run for a slot, and the line before its output.
    fn start(&self, slot: &Slot) -> (Start, String) {
        let Slot { task, place, .. } = *slot;
        let directory = self.directory(task);
        let attempt = self.batch.attempt(task).unwrap_or(1) + slot.tries();
        let words = self
            .settings
            .template
            .fill(&self.tasks[task], self.numbers[task]);
        let worker = self.batch.worker() * self.width + place;
        let workers = self.batch.workers() * self.width;
        let environment = [
            ("BATCH_TASK", self.tasks[task].text.clone()),
            ("BATCH_DIR", directory.clone().into()),
            ("BATCH_INDEX", self.numbers[task].to_string().into()),
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
            words,
            environment: environment.into(),
            log: directory.join("log"),
            directory,
            timeout: self.settings.timeout,
        };
        (start, header)
    }

    fn directory(&self, task: usize) -> PathBuf {
        let root =
            std::path::absolute(&self.settings.root).unwrap_or_else(|_| self.settings.root.clone());
        root.join(&self.tasks[task].name)
    }

    /// Takes note of commands that have ended, and begins what can be begun.
    fn settle(&mut self) -> Result<bool> {
        let before = self.slots.len();
        let mut any = false;
        for slot in std::mem::take(&mut self.slots) {
            let was_running = matches!(slot.stage, Stage::Running(_));
            if let Some(slot) = self.advance(slot)? {
                any |= was_running != matches!(slot.stage, Stage::Running(_));
                self.slots.push(slot);
            }
        }
        Ok(any || self.slots.len() < before)
    }

    /// Does what there is to do about a task at this moment; nothing of it is left when it is
    /// settled.
    fn advance(&mut self, mut slot: Slot) -> Result<Option<Slot>> {
        let stopping = self.stopping.is_some();
        let was_left = slot.tries() == 0 && self.batch.was_left(slot.task);
        match &mut slot.stage {
            Stage::Clearing(clearing) => {
                if stopping {
                    clearing.hurry();
                }
                match clearing.look(was_left) {
                    Ok(Way::Blocked) => Ok(Some(slot)),
                    Ok(Way::Clear(_)) if stopping => self.give_back(&slot),
                    Ok(Way::Clear(log)) => self.begin(slot, log),
                    Err(error) => self.cannot_begin(&slot, &error),
                }
            }
            Stage::Running(running) => match running.poll().map_err(ended)? {
                None => Ok(Some(slot)),
                Some(End::Well { at, .. }) if self.was_told_by(at) => self.give_back(&slot),
                Some(End::Well { told: false, .. }) => self.done(&slot),
                Some(End::Stopped) => self.give_back(&slot),
                Some(End::Late) => self.late(&slot),
                Some(end) => {
                    let since = Instant::now();
                    slot.stage = Stage::Doubtful { since, end };
                    Ok(Some(slot))
                }
            },
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
        let running = plain::add_line(&mut log, &header).and_then(|()| Running::start(&start, log));
        match running {
            Ok(mut running) => {
                running.go_on_until(self.life.until());
                slot.stage = Stage::Running(running);
                Ok(Some(slot))
            }
            Err(error) => self.cannot_begin(&slot, &error),
        }
    }

    /// What is wrong with the log of one task is that task's failure; what this machine has no room
    /// for ends the run.
    fn cannot_begin(&mut self, slot: &Slot, error: &std::io::Error) -> Result<Option<Slot>> {
        use std::io::ErrorKind;
        let log = self.directory(slot.task).join("log");
        let why = format!("cannot begin: {}: {error}", log.display());
        let is_circle = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
        match error.kind() {
            _ if is_circle => self.failed(slot, &why),
            ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory => self.failed(slot, &why),
            _ => Err(ended(crate::Error(why))),
        }
    }

    /// A command ended, and not because this run was told to end.
    fn conclude(&mut self, mut slot: Slot, end: End) -> Result<Option<Slot>> {
        let shown = self.tasks[slot.task].shown();
        let why = match end {
            End::Well { .. } => return self.done(&slot),
            End::Badly { why, .. } => {
                slot.failures += 1;
                if slot.failures > self.settings.retries {
                    return self.failed(&slot, &why);
                }
                why
            }
            End::Told => {
                slot.told += 1;
                "a signal from outside has ended it".to_owned()
            }
            _ => {
                slot.kills += 1;
                let why = "its process was killed from outside (out of memory?)";
                if slot.kills >= self.settings.options.attempts {
                    return self.failed(&slot, why);
                }
                why.to_owned()
            }
        };
        log::info!("{shown}: {why}; it is begun again");
        slot.stage = self.clearing(slot.task);
        self.advance(slot)
    }

    fn done(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if self.batch.set(slot.task, State::Done)? {
            log::info!("{}: done", self.tasks[slot.task].shown());
            self.tally.done += 1;
        } else {
            self.lost(slot);
        }
        Ok(None)
    }

    fn give_back(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if self.batch.set(slot.task, State::Open)? {
            self.tally.given_back += 1;
        } else {
            self.lost(slot);
        }
        Ok(None)
    }

    /// Its guard has ended the command, or this run has, because others take over after the lease.
    fn late(&mut self, slot: &Slot) -> Result<Option<Slot>> {
        if !self.batch.set(slot.task, State::Open)? {
            self.lost(slot);
            return Ok(None);
        }
        log::warn!(
            "{}: its command was ended, because this run gave no sign of life for too long; the task is open again",
            self.tasks[slot.task].shown()
        );
        if self.stopping.is_some() {
            self.tally.given_back += 1;
        }
        self.asked = None;
        Ok(None)
    }

    /// A task failed; it is not this run's any more if others took it over.
    fn failed(&mut self, slot: &Slot, why: &str) -> Result<Option<Slot>> {
        let shown = self.tasks[slot.task].shown();
        log::info!("{shown}: {why}");
        if self.batch.fail(slot.task, why)? {
            self.tally.failed(&shown, why);
        } else {
            self.lost(slot);
        }
        Ok(None)
    }

    fn lost(&mut self, slot: &Slot) {
        self.tally.lost += 1;
        log::warn!(
            "{}: another run has taken it over, because this one gave no sign of life for too long, or its directory has changed; what its command did here does not count",
            self.tasks[slot.task].shown()
        );
    }

    /// Whether nothing is left that this run may yet have to do.
    fn is_over(&self) -> Result<bool> {
        Ok(self.asked.is_some() && (!self.settings.wait || self.batch.pending()? == 0))
    }

    /// Says that there is nothing to do but to wait for others, once each time.
    fn tell_of_waiting(&mut self) -> Result<()> {
        if !self.slots.is_empty() || self.asked.is_none() {
            self.waiting = None;
            return Ok(());
        }
        let (since, told) = *self.waiting.get_or_insert((Instant::now(), false));
        if told || since.elapsed() < Self::PATIENCE {
            return Ok(());
        }
        self.waiting = Some((since, true));
        let pending = self.batch.pending()?;
        if pending > 0 && self.batch.worker() == 0 {
            let first = self
                .longest_claim()
                .map_or_else(String::new, |claim| format!("; {claim}"));
            log::warn!(
                "waiting for {} that others hold (batch status tells who; --no-wait ends instead){first}",
                crate::tasks_in_words(pending)
            );
        }
        Ok(())
    }

    /// What there is to be said of the claim for which this run may have to wait longest.
    fn longest_claim(&self) -> Option<String> {
        // Of very many tasks only those that can be looked at in no time.
        let since = Instant::now();
        let looked_at = self
            .tasks
            .iter()
            .take_while(|_| since.elapsed() < Self::AGAIN);
        let claims = looked_at.filter_map(|task| {
            let seen = Sighting::of(&self.settings.root, &task.name).ok()?;
            Some((task, seen.claim?))
        });
        let (task, claim) = claims.max_by_key(|(_, claim)| claim.lease)?;
        Some(format!("{}: {}", task.shown(), survey::at_work(&claim)))
    }

    /// Shows how far the whole batch is, once a second at most, and so that looking costs a
    /// twentieth of the time at most.
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
