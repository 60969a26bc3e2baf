//! The integrations that arrive, and the files that grow.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jobwise_core::{Arrival, Cause, Feed, IndexSet, Sink};
use jobwise_kit::Inputs;

use super::arrivals::Arrivals;
use super::tell::{News, Teller};
use crate::Result;
use crate::analyze::files::Files;
use crate::analyze::kernel::Row;
use crate::analyze::pointing::Pointing;
use crate::analyze::window::Window;

/// A file is replaced this long after the last time, at once when it is the first time,
/// while it grows.
pub(super) const SAVING: Duration = Duration::from_secs(1);

/// A run over integrations that have not all arrived yet: the feed of the engine's stream, and its
/// sink, in one.
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
    /// The run ends when nothing has arrived for this long.
    pub(super) idle_timeout: Option<Duration>,
    /// At most so many integrations are under way or wait for an earlier one.
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
    is_saved: bool,
    computing: Stopwatch,
    pub(super) skipped: usize,
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
            is_saved: false,
            computing: Stopwatch::default(),
            skipped: 0,
        }
    }

    fn in_flight(&self) -> usize {
        self.awaited.len() - self.early.len()
    }

    /// Time in which anything was in flight.
    pub(super) fn computing(&self) -> Duration {
        self.computing.elapsed()
    }
}

impl Live<'_> {
    fn save(&mut self) -> Result<()> {
        if let Some(file) = self.state.unsaved.take() {
            self.state.is_saved = true;
            self.find_pointing()?;
            self.files.write_begun(file)?;
        }
        Ok(())
    }

    /// The pointing channel may come into being after the first samples.
    fn find_pointing(&mut self) -> Result<()> {
        if self.files.pointing.is_none() {
            self.files.pointing = Pointing::open(self.recording, self.files.rate, self.inputs)?;
        }
        Ok(())
    }

    /// What has arrived: the next integration that is not done.
    fn poll(&mut self) -> Result<Arrival<usize>> {
        self.arrivals.look()?;
        if self.state.awaited.len() >= self.most_early {
            return Ok(Arrival::Wait);
        }
        if let Some(integration) = self.ready()? {
            return Ok(Arrival::Item(integration, integration));
        }
        if self.state.next >= self.window.integrations() {
            return Ok(Arrival::End);
        }
        if self.state.in_flight() > 0 {
            return Ok(Arrival::Wait);
        }
        let is_idle = |patience| self.arrivals.news().elapsed() >= patience;
        if self.idle_timeout.is_some_and(is_idle) {
            // Once more, with what has holes; after that there is nothing.
            self.arrivals.close();
            let last = self.ready()?;
            return Ok(last.map_or(Arrival::End, |integration| {
                Arrival::Item(integration, integration)
            }));
        }
        self.teller.show(
            self.arrivals
                .seconds_after(self.window.sample(self.state.next)),
            self.state.computing(),
        );
        Ok(Arrival::Wait)
    }

    /// The next integration, if it has arrived; those that are done are passed over.
    fn ready(&mut self) -> Result<Option<usize>> {
        loop {
            let next = self.state.next;
            if next >= self.window.integrations() {
                return Ok(None);
            }
            let Some(arrived) = self.arrivals.of(self.window, next) else {
                return Ok(None);
            };
            let file = self.window.file_of(next);
            let all = self.window.integrations_of(file);
            if self.state.begun != Some(file) {
                let is_there = |file| self.files.is_there(file);
                if let Some(next) = self.arrivals.beyond_gap(self.window, file, is_there)? {
                    self.state.next = next;
                    continue;
                }
                self.state.done = self.files.begin(file)?;
                self.state.begun = Some(file);
                self.state.skipped += self.state.done.len();
            }
            let left = self.state.done.missing(next..all.end);
            let first = left.first().map_or(all.end, |left| left.start);
            self.state.next = first;
            if first > next {
                continue;
            }
            if self.state.in_flight() == 0 {
                self.state.computing.start();
            }
            self.state.awaited.push_back((next, arrived));
            self.state.next += 1;
            self.arrivals.forget(self.window.sample(self.state.next));
            return Ok(Some(next));
        }
    }

    /// Tells the results whose turn it is and puts them into their file.
    fn deliver(&mut self) -> Result<(), Cause> {
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
            jobwise_kit::print(&line?).map_err(|failure| failure.to_string())?;
            let file = self.window.file_of(index);
            let is_last = index + 1 == self.window.integrations_of(file).end;
            if is_last {
                self.find_pointing()?;
            }
            self.files.write(index, row)?;
            self.state.unsaved = (!is_last).then_some(file);
            if !self.state.is_saved {
                self.save()?;
            }
        }
        Ok(())
    }
}

/// The side of a run that brings integrations.
pub(super) struct Coming<'l, 'a>(pub(super) &'l RefCell<Live<'a>>);

impl Feed<usize> for Coming<'_, '_> {
    fn poll(&mut self) -> Result<Arrival<usize>, Cause> {
        Ok(self.0.borrow_mut().poll()?)
    }
}

/// The side of a run that takes results, in any order.
pub(super) struct Going<'l, 'a>(pub(super) &'l RefCell<Live<'a>>);

impl<'a> Going<'_, 'a> {
    fn live(&self) -> RefMut<'_, Live<'a>> {
        self.0.borrow_mut()
    }
}

impl Sink<Row> for Going<'_, '_> {
    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        let mut live = self.live();
        live.state.early.insert(index, row);
        if live.state.in_flight() == 0 {
            live.state.computing.stop();
        }
        live.deliver()
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        Ok(self.live().save()?)
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
