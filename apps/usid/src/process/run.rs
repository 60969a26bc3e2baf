//! A whole run: from a request to a complete results group.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jobwise_core::{
    Backend, Cancel, Comm, Cpu, Engine, Error as Ended, IndexSet, Job, Memory, Observer, Wire,
};
use jobwise_kit::h5::unlocked;
use jobwise_kit::h5::writable::Writable;
use jobwise_kit::{Bar, Program, Sharing};

use super::batches::Batches;
use super::create::{self, Order};
use super::earlier::{self, Earlier, Found};
use super::rounds::{Rounds, everywhere};
use super::store::Store;
use super::{Cut, Parameters, Process, Recipe};
use crate::error::refused;
use crate::format::{Bookkeeping, Main, Storage};
use crate::{Error, Result};

/// What is done about results of an earlier run of the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Complete results are taken, partial ones continued.
    #[default]
    Resume,
    /// A new results group, whatever there is.
    Override,
    /// This group is continued.
    Continue(String),
}

/// Who writes the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writer {
    /// Rank 0.
    #[default]
    Single,
    /// All ranks together; needs parallel HDF5.
    Parallel,
}

/// Where a process runs on what, and how it writes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The USID file.
    pub file: PathBuf,
    /// The path of the main dataset; `None`: the only one.
    pub source: Option<String>,
    /// The group that holds results groups; `None`: the source's own.
    pub target: Option<String>,
    /// What is done about earlier results.
    pub policy: Policy,
    /// Compress new results with gzip at this level.
    pub compression: Option<u8>,
    /// Who writes.
    pub writer: Writer,
    /// The time between checkpoints.
    pub checkpoint: Duration,
    /// Memory for batches in flight on this rank, in bytes.
    pub memory: usize,
    /// Only this part of the batches.
    pub job: Job,
    /// How the items of that part are dealt to the ranks; not leased, as the results are in one file.
    pub sharing: Sharing,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Print what would be done.
    pub dry_run: bool,
    /// The switch that ends the run early.
    pub cancel: Cancel,
}

/// What a run did, on all ranks together.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The path of the results group.
    pub group: String,
    /// Positions of the source.
    pub positions: usize,
    /// Positions done now.
    pub done: usize,
    /// Positions done by earlier runs.
    pub before: usize,
    /// Positions of those done now whose source is not finite: their results are NaN.
    pub not_finite: usize,
    /// From the start to the end.
    pub elapsed: Duration,
}

/// A recipe, on a file.
#[derive(Debug)]
pub struct Run<R> {
    /// What is computed.
    pub recipe: R,
    /// On what, and how.
    pub settings: Settings,
}

/// What rank 0 decided about earlier results.
enum Decision {
    New,
    /// All is done in this group.
    Complete(String),
    Continue(String),
}

impl<R: Recipe> Program for Run<R> {
    /// `None` of a dry run.
    type Output = Option<Outcome>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Outcome>> {
        let started = Instant::now();
        let (comm, settings) = (backend.comm(), &self.settings);
        let at_root = comm.rank() == 0;
        let mut claimed = comm.agree(
            (at_root && !settings.dry_run)
                .then(|| Writable::claim(&settings.file).map_err(Error::from))
                .transpose()
                .map_err(ended),
        )?;
        let opened = self.open();
        let (source, parameters) = comm.agree(opened.map_err(ended))?;
        let found = comm.agree(
            at_root
                .then(|| self.look(&source, &parameters))
                .transpose()
                .map_err(ended),
        )?;
        if settings.dry_run {
            if let Some((found, decision)) = &found {
                let plan = self.plan(&source, &parameters, found, decision);
                let own = self.recipe.plan(&source).map_err(ended)?;
                let (ranks, lanes) = (comm.size(), backend.lanes());
                let plan = format!("{plan}{own}lanes        {ranks} x {lanes}\n");
                jobwise_kit::print(&plan)
                    .map_err(|failure| Ended::Program(failure.to_string().into()))?;
            }
            return Ok(None);
        }
        let decision = told(comm, found.as_ref().map(|(_, decision)| decision))?;
        if let Decision::Complete(group) = decision {
            return Ok(Some(Outcome {
                group,
                positions: source.positions(),
                done: 0,
                before: source.positions(),
                not_finite: 0,
                elapsed: started.elapsed(),
            }));
        }
        let earlier = match &decision {
            Decision::Continue(path) => Some(comm.agree(group(&source, path).map_err(ended))?),
            _ => None,
        };
        let process = self
            .recipe
            .prepare(&source, earlier.as_ref(), backend, &settings.cancel)?;
        drop(earlier);
        let mut cut = comm.agree(self.cut(&source, &process, backend.lanes()).map_err(ended))?;
        // Ranks may have different numbers of lanes, and must cut alike.
        cut.batch = everywhere(comm, &cut.batch)?
            .into_iter()
            .min()
            .unwrap_or(cut.batch);
        let made = claimed.as_mut().map(|file| {
            let found = found.as_ref().map(|(found, _)| found);
            self.make(file, &source, &parameters, &process, &decision, found)
        });
        let (group, complete) = share(comm, comm.agree(made.transpose().map_err(ended))?)?;

        let bar = Bar::new("batches", settings.progress, comm);
        let before = complete.len();
        let run = Computing {
            backend,
            process: &process,
            settings,
            cut,
            group: &group,
            observer: &bar,
        };
        let ran = match settings.writer {
            Writer::Single => run.single(claimed.as_mut(), complete),
            Writer::Parallel => run.parallel(complete),
        };
        bar.finish();
        let now = ran?;
        let finished = claimed
            .as_mut()
            .filter(|_| now == source.positions())
            .map(|file| create::finish(file, &group, &source.path(), &process));
        comm.agree(finished.transpose().map_err(ended))?;
        let (now, not_finite) = sums(comm, now, process.not_finite())?;
        Ok(Some(Outcome {
            group,
            positions: source.positions(),
            done: now - before,
            before,
            not_finite,
            elapsed: started.elapsed(),
        }))
    }
}

/// The part of a run that computes, on one rank.
struct Computing<'a, B, P> {
    backend: &'a B,
    process: &'a P,
    settings: &'a Settings,
    cut: Cut,
    group: &'a str,
    observer: &'a dyn Observer,
}

impl<B: Backend<Device = Cpu>, P: Process> Computing<'_, B, P> {
    /// Rank 0, which has claimed the file, writes; how many positions are marked in the end, there. Collective.
    fn single(
        &self,
        claimed: Option<&mut Writable>,
        complete: IndexSet,
    ) -> jobwise_core::Result<usize> {
        let comm = self.backend.comm();
        let kernel = Batches {
            process: self.process,
            cut: self.cut,
            first: 0,
            items: self.cut.items(),
            outputs: self.process.outputs().len(),
        };
        let engine = Engine::new(self.backend)
            .job(self.settings.job)
            .division(self.settings.sharing.division(None))
            .cancel(&self.settings.cancel)
            .observer(self.observer)
            .checkpoint(self.settings.checkpoint);
        let store = claimed
            .map(|file| Store::open(file, self.group, self.process.outputs(), self.cut, complete));
        match comm.agree(store.transpose().map_err(ended))? {
            Some(mut store) => {
                engine.write_at_root(&kernel, &mut store)?;
                Ok(store.complete().len())
            }
            None => engine.write_at_root(&kernel, &mut Memory::new()).map(|_| 0),
        }
    }

    /// All ranks write together; how many positions are marked in the end. Collective.
    fn parallel(&self, complete: IndexSet) -> jobwise_core::Result<usize> {
        let outputs = self.process.outputs();
        let path = &self.settings.file;
        let rounds = Rounds::open(path, self.group, outputs, self.cut, complete);
        let rounds = self.backend.comm().agree(rounds.map_err(ended))?;
        rounds.run(self.backend, self.process, self.settings, self.observer)
    }
}

/// An error of the application, as the engine carries it.
pub(super) fn ended(error: Error) -> Ended {
    Ended::Program(error.into())
}

impl<R: Recipe> Run<R> {
    /// The source and the parameters for it.
    fn open(&self) -> Result<(Main, Parameters)> {
        let file = unlocked::open(&self.settings.file)?;
        let source = Main::choose(&file, self.settings.source.as_deref())?;
        if source.positions() == 0 || source.width() == 0 {
            return Err(Error::Format {
                path: self.settings.file.clone(),
                object: source.path(),
                problem: format!(
                    "has {} positions of {} values: nothing to compute",
                    source.positions(),
                    source.width()
                ),
            });
        }
        let parameters = self.recipe.parameters(&source)?;
        Ok((source, parameters))
    }

    /// Looks for earlier results and decides about them.
    fn look(&self, source: &Main, parameters: &Parameters) -> Result<(Found, Decision)> {
        let parent = self.target_path(source)?;
        let found = match group(source, &parent) {
            Ok(parent) => earlier::search(&parent, source, self.recipe.tool(), parameters)?,
            // It will be made.
            Err(_) => Found::default(),
        };
        for (path, reason) in &found.others {
            log::info!("{path}: not the same: {reason}");
        }
        let go_on = |group: &Earlier| {
            if group.is_complete() {
                Decision::Complete(group.path.clone())
            } else {
                Decision::Continue(group.path.clone())
            }
        };
        let decision = match &self.settings.policy {
            Policy::Override => Decision::New,
            Policy::Resume => found.best().map_or(Decision::New, go_on),
            Policy::Continue(wanted) => {
                let path = format!("/{}", wanted.trim_matches('/'));
                let chosen = found.groups.iter().find(|group| group.path == path);
                let why = found.others.iter().find(|(other, _)| *other == path);
                go_on(chosen.ok_or_else(|| {
                    Error::Request(match why {
                        Some((_, reason)) => format!("{path} cannot be continued: {reason}"),
                        None => format!("{path} is no results group of this source and tool"),
                    })
                })?)
            }
        };
        Ok((found, decision))
    }

    /// The group that holds the results groups.
    fn target_path(&self, source: &Main) -> Result<String> {
        match &self.settings.target {
            Some(target) => Ok(format!("/{}", target.trim_matches('/'))),
            None => Ok(source.parent()?.name()),
        }
    }

    /// How the units are cut; fewer together where memory is short.
    fn cut(&self, source: &Main, process: &R::Process, lanes: usize) -> Result<Cut> {
        let outputs = process.outputs().iter();
        let rows = outputs.map(|output| output.row_bytes() * output.rows.of(process.unit()));
        let unit = process.unit_bytes() + rows.sum::<usize>();
        let mut cut = Cut::new(source.positions(), process.unit(), unit);
        // A batch in work and one waiting for each lane.
        let room = self.settings.memory / (2 * lanes * unit.max(1));
        if room == 0 {
            let mib = |bytes: usize| bytes.div_ceil(1 << 20);
            return Err(Error::Request(format!(
                "{} positions together take {} MiB on each of {lanes} lanes, twice over, and --max-memory is {} MiB: \
                 allow more, or use fewer --threads",
                process.unit(),
                mib(unit),
                mib(self.settings.memory)
            )));
        }
        cut.batch = cut.batch.min(room);
        Ok(cut)
    }

    /// Makes the results group, or makes an earlier one ready; what is done in it.
    fn make(
        &self,
        file: &mut Writable,
        source: &Main,
        parameters: &Parameters,
        process: &R::Process,
        decision: &Decision,
        found: Option<&Found>,
    ) -> Result<(String, IndexSet)> {
        let earlier = match decision {
            Decision::Continue(path) => {
                found.and_then(|found| found.groups.iter().find(|group| group.path == *path))
            }
            _ => None,
        };
        if let Some(earlier) = earlier {
            create::check_fit(source, &earlier.path, process)?;
            if !earlier.marked {
                create::add_marks(file, &earlier.path, source.positions(), &earlier.done)?;
            }
            return Ok((earlier.path.clone(), earlier.done.clone()));
        }
        let order = Order {
            source: source.path(),
            parent: self.target_path(source)?,
            tool: self.recipe.tool(),
            parameters,
            process,
            storage: match self.settings.compression {
                // New space of an amendment reads as zero.
                None => Storage::Unwritten,
                Some(level) => Storage::Gzip { level },
            },
            bookkeeping: &Bookkeeping::now(),
        };
        let group = file.amend(|open| order.carry_out(open))?;
        Ok((group, IndexSet::new()))
    }

    /// What would be done, in words. Writing to a String cannot fail.
    fn plan(
        &self,
        source: &Main,
        parameters: &Parameters,
        found: &Found,
        decision: &Decision,
    ) -> String {
        let (file, tool) = (self.settings.file.display(), self.recipe.tool());
        let mut plan = format!(
            "source       {file}, {}: {} positions x {} values, {} ({})\n",
            source.path(),
            source.positions(),
            source.width(),
            source.quantity(),
            source.units()
        );
        for (name, value) in parameters.attributes() {
            let _ = writeln!(plan, "parameter    {name} = {value}");
        }
        for (path, reason) in &found.others {
            let _ = writeln!(plan, "other        {path}: {reason}");
        }
        let results = match decision {
            Decision::New => {
                let parent = self.target_path(source).unwrap_or_default();
                let (parent, name) = (parent.trim_end_matches('/'), source.name());
                format!("a new group {parent}/{name}-{tool}_NNN")
            }
            Decision::Complete(path) => format!("{path}, complete: nothing to do"),
            Decision::Continue(path) => format!("{path}, continued"),
        };
        let _ = writeln!(plan, "results      {results}");
        plan
    }
}

/// A group of the source's file.
fn group(source: &Main, path: &str) -> Result<hdf5::Group> {
    let failed = refused(source.dataset().filename(), path);
    let file = source.dataset().file().map_err(&failed)?;
    file.group(path).map_err(&failed)
}

/// Root's decision, on every rank.
fn told(comm: &dyn Comm, mine: Option<&Decision>) -> jobwise_core::Result<Decision> {
    let mut bytes = match mine {
        None => Vec::new(),
        Some(Decision::New) => (0u8, String::new()).to_bytes(),
        Some(Decision::Complete(path)) => (1u8, path.clone()).to_bytes(),
        Some(Decision::Continue(path)) => (2u8, path.clone()).to_bytes(),
    };
    comm.broadcast(0, &mut bytes)?;
    Ok(match <(u8, String)>::from_bytes(&bytes)? {
        (0, _) => Decision::New,
        (1, path) => Decision::Complete(path),
        (_, path) => Decision::Continue(path),
    })
}

/// Root's results group and what is done in it, on every rank.
fn share(
    comm: &dyn Comm,
    mine: Option<(String, IndexSet)>,
) -> jobwise_core::Result<(String, IndexSet)> {
    let mut bytes = mine.map_or_else(Vec::new, |mine| mine.to_bytes());
    comm.broadcast(0, &mut bytes)?;
    <(String, IndexSet)>::from_bytes(&bytes)
}

/// Root's count of positions, and the sum of all ranks' counts of those that are not finite.
fn sums(comm: &dyn Comm, now: usize, not_finite: usize) -> jobwise_core::Result<(usize, usize)> {
    let mut bytes = (now, not_finite).to_bytes();
    if let Some(all) = comm.gather(0, &bytes)? {
        let mut sum = 0;
        for rank in &all {
            sum += <(usize, usize)>::from_bytes(rank)?.1;
        }
        bytes = (now, sum).to_bytes();
    }
    comm.broadcast(0, &mut bytes)?;
    <(usize, usize)>::from_bytes(&bytes)
}
