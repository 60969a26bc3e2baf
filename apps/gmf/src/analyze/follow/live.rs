//! The work that is handed out as it arrives, and the files that grow.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jobwise_core::{Cancel, Cause, Error, IndexSet, Next, Result, Sink, Work};
use jobwise_kit::Inputs;

use super::arrivals::Arrivals;
use super::tell::{News, Teller};
use crate::analyze::files::Files;
use crate::analyze::kernel::Row;
use crate::analyze::pointing::Pointing;
use crate::analyze::window::Window;

/// The file of a task is replaced this long after the last time, at once when it is the first time,
/// while it grows.
const SAVING: Duration = Duration::from_secs(1);

/// A run over integrations that have not all arrived yet, from the side of the thread that owns the
/// files.
///
/// Integrations are handed out in order, as they arrive; results are told and put into their file
/// in order, too, so that a file always holds its first integrations.
pub(super) struct Live<'a> {
    pub(super) files: &'a mut Files,
    pub(super) recording: &'a Path,
    pub(super) inputs: &'a Arc<Inputs>,
    pub(super) window: &'a Window,
    pub(super) arrivals: Arrivals<'a>,
    pub(super) teller: Teller,
    pub(super) cancel: &'a Cancel,
    /// The run ends when nothing has arrived for this long.
    pub(super) idle_timeout: Option<Duration>,
    /// At most so many results wait for an earlier one.
    pub(super) most_early: usize,
    pub(super) state: State,
}

/// How far a run is.
pub(super) struct State {
    started: Instant,
    /// The next integration to hand out.
    next: usize,
    /// The last file that was asked what it holds.
    begun: Option<usize>,
    /// What it holds.
    done: IndexSet,
    /// Handed out and not told yet, with the time of arrival.
    awaited: VecDeque<(usize, Instant)>,
    /// Results that wait for an earlier one.
    early: BTreeMap<usize, Row>,
    /// The file with results that are not durable.
    unsaved: Option<usize>,
    saved: Option<Instant>,
    computing: Stopwatch,
    pub(super) skipped: usize,
    is_cancelled: bool,
    error: Option<Error>,
}

impl State {
    pub(super) fn new() -> State {
        State {
            started: Instant::now(),
            next: 0,
            begun: None,
            done: IndexSet::new(),
            awaited: VecDeque::new(),
            early: BTreeMap::new(),
            unsaved: None,
            saved: None,
            computing: Stopwatch::default(),
            skipped: 0,
            is_cancelled: false,
            error: None,
        }
    }

    fn in_flight(&self) -> usize {
        self.awaited.len() - self.early.len()
    }

    /// When results that are not durable yet must be written; `None` where there is none.
    fn saving_due(&self) -> Option<Instant> {
        self.unsaved?;
        Some(self.saved.map_or(self.started, |at| at + SAVING))
    }

    /// Time in which anything was in flight.
    pub(super) fn computing(&self) -> Duration {
        self.computing.elapsed()
    }
}

impl Live<'_> {
    /// Makes everything durable and tells how the run ended.
    pub(super) fn end(&mut self, driven: Result<()>) -> Result<()> {
        self.teller.clear();
        let saved = self.save();
        match self.state.error.take() {
            Some(error) => Err(error),
            None => driven.and(saved).and(if self.state.is_cancelled {
                Err(Error::Cancelled)
            } else {
                Ok(())
            }),
        }
    }

    fn save(&mut self) -> Result<()> {
        match self.state.unsaved.take() {
            Some(file) => {
                self.state.saved = Some(Instant::now());
                self.find_pointing()?;
                self.files.write_begun(file).map_err(sink)
            }
            None => Ok(()),
        }
    }

    /// The pointing channel may come into being after the first samples.
    fn find_pointing(&mut self) -> Result<()> {
        if self.files.pointing.is_none() {
            self.files.pointing =
                Pointing::open(self.recording, self.files.rate, self.inputs).map_err(sink)?;
        }
        Ok(())
    }

    fn try_next(&mut self, want: usize) -> Result<Next> {
        if self.cancel.is_cancelled() {
            self.state.is_cancelled = true;
        }
        if self.state.error.is_some() || self.state.is_cancelled {
            return Ok(Next::Stop);
        }
        self.arrivals.look().map_err(program)?;
        let now = Instant::now();
        if self.state.saving_due().is_some_and(|due| now >= due) {
            self.save()?;
        }
        let want = want.min(self.most_early.saturating_sub(self.state.awaited.len()));
        if want == 0 {
            return Ok(Next::Wait);
        }
        if let Some(items) = self.ready(want)? {
            return Ok(Next::Start(items.into()));
        }
        if self.state.next >= self.window.integrations() {
            return Ok(Next::Finished);
        }
        if self.state.in_flight() > 0 {
            return Ok(Next::Wait);
        }
        let is_idle = |patience| self.arrivals.news().elapsed() >= patience;
        if self.idle_timeout.is_some_and(is_idle) {
            // Once more, with what has holes; after that there is nothing.
            self.arrivals.close();
            return Ok(self
                .ready(want)?
                .map_or(Next::Finished, |items| Next::Start(items.into())));
        }
        self.teller.show(
            self.arrivals
                .seconds_after(self.window.sample(self.state.next)),
            self.state.computing(),
        );
        let look = self.arrivals.due();
        let until = self.state.saving_due().map_or(look, |due| due.min(look));
        thread::sleep(until.saturating_duration_since(Instant::now()));
        Ok(Next::Wait)
    }

    /// At most `want` integrations of one file that have arrived and are not done yet.
    fn ready(&mut self, want: usize) -> Result<Option<Range<usize>>> {
        loop {
            let first = self.state.next;
            if first >= self.window.integrations() || self.arrivals.of(self.window, first).is_none()
            {
                return Ok(None);
            }
            let file = self.window.file_of(first);
            let all = self.window.integrations_of(file);
            if self.state.begun != Some(file) {
                let is_there = |file| self.files.is_there(file);
                let beyond = self.arrivals.beyond_gap(self.window, file, is_there);
                if let Some(next) = beyond.map_err(program)? {
                    self.state.next = next;
                    continue;
                }
                self.state.done = self.files.begin(file).map_err(sink)?;
                self.state.begun = Some(file);
                self.state.skipped += self.state.done.len();
            }
            let left = self.state.done.missing(first..all.end);
            let Some(left) = left.first() else {
                self.state.next = all.end;
                continue;
            };
            if left.start > first {
                self.state.next = left.start;
                continue;
            }
            if self.state.in_flight() == 0 {
                self.state.computing.start();
            }
            let end = left.end.min(first.saturating_add(want));
            while self.state.next < end
                && let Some(arrived) = self.arrivals.of(self.window, self.state.next)
            {
                self.state.awaited.push_back((self.state.next, arrived));
                self.state.next += 1;
            }
            self.arrivals.forget(self.window.sample(self.state.next));
            return Ok(Some(first..self.state.next));
        }
    }

    /// Tells the results whose turn it is and puts them into their file.
    fn deliver(&mut self) -> Result<()> {
        while let Some(&(index, arrived)) = self.state.awaited.front()
            && let Some(row) = self.state.early.remove(&index)
        {
            self.state.awaited.pop_front();
            let is_live = arrived > self.state.started;
            let line = self.teller.line(&News {
                start: self.window.sample(index),
                integration: &row.integration,
                latency: is_live.then(|| arrived.elapsed()),
                behind: self.arrivals.seconds_after(self.window.end(index)),
                computing: self.state.computing(),
            });
            self.teller.clear();
            jobwise_kit::print(&line.map_err(program)?)
                .map_err(|failure| Error::Program(failure.to_string().into()))?;
            let file = self.window.file_of(index);
            let is_last = index + 1 == self.window.integrations_of(file).end;
            if is_last {
                self.find_pointing()?;
            }
            self.files.write(index, row).map_err(Error::Sink)?;
            self.state.unsaved = (!is_last).then_some(file);
        }
        Ok(())
    }
}

impl Work<Row> for Live<'_> {
    fn next(&mut self, want: usize) -> Next {
        self.try_next(want).unwrap_or_else(|error| {
            self.state.error.get_or_insert(error);
            Next::Stop
        })
    }

    fn done(&mut self, index: usize, outcome: Result<Row, Cause>) {
        let delivered = match outcome {
            Ok(row) => {
                self.state.early.insert(index, row);
                if self.state.in_flight() == 0 {
                    self.state.computing.stop();
                }
                self.deliver()
            }
            Err(cause) => Err(Error::Item { index, cause }),
        };
        if let Err(error) = delivered {
            self.state.error.get_or_insert(error);
        }
    }
}

/// Adds up the times between starts and stops.
#[derive(Debug, Default)]
struct Stopwatch {
    before: Duration,
    since: Option<Instant>,
}

impl Stopwatch {
    fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    fn stop(&mut self) {
        self.before = self.elapsed();
        self.since = None;
    }

    fn elapsed(&self) -> Duration {
        self.before + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

fn program(error: crate::Error) -> Error {
    Error::Program(error.into())
}

fn sink(error: crate::Error) -> Error {
    Error::Sink(error.into())
}
