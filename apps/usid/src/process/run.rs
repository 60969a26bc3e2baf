//! A whole run: from a request to a complete results group.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use jobwise_core::{Backend, Cancel, Comm, Cpu, Error as Ended, IndexSet};
use jobwise_hdf5::amendment::Writable;
use jobwise_hdf5::file_access;
use jobwise_hdf5::row_store::{Partition, Plan};
use jobwise_kit::{Bar, Program};

use super::computing::Computing;
use super::create::{self, Order};
use super::decision::{Decision, Look, agree_on, group, target_path};
#[cfg(feature = "cuda")]
use super::machine::WithDevices;
use super::machine::{Host, Machine};
use super::tally::{Tallies, Tally};
use super::{
    COMPLETED, Output, Parameters, Process, Recipe, Settings, digests, read_marks, verify,
};
use crate::error::engine_error;
use crate::format::{Bookkeeping, Main, SourceRows, Storage};
use crate::{Error, Result};

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
    /// What was met with, of the positions done now.
    pub tally: Tally,
    /// The names of the outputs, as the tally counts them.
    pub outputs: Vec<String>,
    /// How many parts of the source are damaged, not done, or cannot be read, beside the rows that
    /// were to be done now.
    pub problems: usize,
    /// From the start to the end.
    pub elapsed: Duration,
}

/// A recipe, on a file.
#[derive(Debug)]
pub struct ProcessRun<R> {
    /// What is computed.
    pub recipe: R,
    /// On what, and how.
    pub settings: Settings,
}

impl<R: Recipe> Program for ProcessRun<R> {
    /// `None` of a dry run.
    type Output = Option<Outcome>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Outcome>> {
        self.carry_out(&Host(backend))
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> jobwise_core::Result<Option<Outcome>> {
        let choice = self.settings.choice.as_ref();
        self.carry_out(&WithDevices {
            host: jobwise_kit::threads_beside(backend, choice),
            devices: backend,
            choice,
        })
    }
}

impl<R: Recipe> ProcessRun<R> {
    /// Collective.
    fn carry_out<M: Machine<R>>(&self, machine: &M) -> jobwise_core::Result<Option<Outcome>> {
        let started = Instant::now();
        let (backend, settings) = (machine.host(), &self.settings);
        let comm = backend.comm();
        let at_root = comm.rank() == 0;
        let mut claimed = comm.agree(
            (at_root && !settings.dry_run)
                .then(|| Writable::claim(&settings.file).map_err(Error::from))
                .transpose()
                .map_err(engine_error),
        )?;
        let (source, parameters) = self.open_on_all(comm)?;
        let look = |it| Look::new(&self.recipe, settings, &source, it);
        let look = parameters.as_ref().map(look).transpose();
        let look = comm.agree(look.map_err(engine_error))?;
        let mut problems = 0;
        if let Some(look) = &look {
            problems = look.tell() + Self::tell_of_source(&source, &settings.cancel);
        }
        if settings.dry_run {
            if let Some((look, parameters)) = look.as_ref().zip(parameters.as_ref()) {
                self.show_plan(&source, parameters, look, machine)?;
            }
            return Ok(None);
        }
        let (decision, problems) = agree_on(comm, look.as_ref(), problems)?;
        self.check_strict(&source.path(), problems)?;
        let mut outcome = Outcome {
            group: String::new(),
            positions: source.positions(),
            done: 0,
            before: source.positions(),
            tally: Tally::default(),
            outputs: Vec::new(),
            problems,
            elapsed: started.elapsed(),
        };
        if let Decision::Complete(group) = decision {
            return Ok(Some(Outcome { group, ..outcome }));
        }
        let earlier = match &decision {
            Decision::Continue(path) => {
                Some(comm.agree(group(&source, path).map_err(engine_error))?)
            }
            _ => None,
        };
        let common = self.recipe.common(&source, backend.cluster())?;
        let process = machine.prepare(
            &self.recipe,
            (&source, &common),
            earlier.as_ref(),
            &settings.cancel,
        )?;
        drop(earlier);
        let partition = self.partition(&source, &process, backend)?;
        let made = claimed
            .as_mut()
            .zip(look.as_ref().zip(parameters.as_ref()))
            .map(|(file, (look, parameters))| self.make(file, &source, parameters, &process, look));
        let (group, complete) =
            comm.broadcast_value(comm.agree(made.transpose().map_err(engine_error))?)?;

        let bar = Bar::new("batches", settings.progress, comm);
        outcome.before = complete.len();
        let mut outputs = process.outputs().to_vec();
        outputs.push(digests::output());
        outcome.outputs = outputs.iter().map(|output| output.name.clone()).collect();
        let computing = Computing {
            backend,
            process: &process,
            settings,
            plan: Plan {
                group: group.clone(),
                datasets: outputs.iter().map(Output::stored).collect(),
                marks: COMPLETED.to_owned(),
                partition,
            },
            outputs,
            observer: &bar,
            tallies: Tallies::default(),
        };
        let ran = computing.run(claimed.as_mut(), complete);
        bar.finish();
        let (now, tally) = ran?;
        let ended_before = look
            .as_ref()
            .and_then(Look::continued)
            .is_some_and(|earlier| earlier.ended);
        let finished = claimed
            .as_mut()
            .filter(|_| now == source.positions())
            .map(|file| create::finish(file, &group, &source.path(), &process, ended_before));
        comm.agree(finished.transpose().map_err(engine_error))?;
        Ok(Some(Outcome {
            group,
            done: now - outcome.before,
            tally,
            elapsed: started.elapsed(),
            ..outcome
        }))
    }
}

impl<R> ProcessRun<R> {
    /// Where nothing may be left out, nothing of the source may have a problem.
    fn check_strict(&self, source: &str, problems: usize) -> jobwise_core::Result<()> {
        if problems == 0 || !self.settings.is_strict {
            return Ok(());
        }
        Err(engine_error(Error::Request(format!(
            "{source}: {problems} parts of it are damaged, not done, or cannot be read, and \
             nothing is left out (--strict)"
        ))))
    }
}

impl<R: Recipe> ProcessRun<R> {
    /// The source on all ranks, and on rank 0, which looks for it and at it, the parameters for it.
    /// Collective.
    fn open_on_all(&self, comm: &dyn Comm) -> jobwise_core::Result<(Main, Option<Parameters>)> {
        let found = (comm.rank() == 0).then(|| self.open()).transpose();
        let found = comm.agree(found.map_err(engine_error))?;
        let path = comm.broadcast_value(found.as_ref().map(|(source, _)| source.path()))?;
        let opened = match found {
            Some((source, parameters)) => Ok((source, Some(parameters))),
            None => file_access::open(&self.settings.file)
                .map_err(Error::from)
                .and_then(|file| Ok((Main::find(&file, &path)?, None))),
        };
        comm.agree(opened.map_err(engine_error))
    }

    /// The source and the parameters for it.
    fn open(&self) -> Result<(Main, Parameters)> {
        let file = file_access::open(&self.settings.file)?;
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

    /// Warns where the source is itself a result that is not as it was written, or not complete;
    /// how often.
    fn tell_of_source(source: &Main, cancel: &Cancel) -> usize {
        if let Some(filled) = SourceRows::of(source).ok().and_then(|rows| rows.filled()) {
            log::warn!("{}: {filled}", source.path());
        }
        let Ok(group) = source.parent() else { return 0 };
        let mut problems = match verify::group(&group, None, cancel) {
            Ok(Some(problems)) => problems,
            // No result, or one that cannot be checked; or the run ends as soon as it is asked.
            Ok(None) | Err(Error::Cancelled) => return 0,
            Err(error) => vec![error.to_string()],
        };
        let positions = |marks: hdf5::Dataset| Some((marks.shape().first().copied()?, marks));
        if let Some((all, marks)) = group.dataset(COMPLETED).ok().and_then(positions)
            && let Some(done) = read_marks(&marks, all)
            && done.len() < all
        {
            let left = all - done.len();
            problems.push(format!("{left} of its {all} positions are not done"));
        }
        for problem in &problems {
            log::warn!("the source lies in {}: {problem}", group.name());
        }
        problems.len()
    }

    /// How the units are cut, on all ranks alike. Collective.
    fn partition<B: Backend<Device = Cpu>>(
        &self,
        source: &Main,
        process: &R::Process<'_>,
        backend: &B,
    ) -> jobwise_core::Result<Partition> {
        let (comm, lanes) = (backend.comm(), backend.lanes());
        let own = self.own_partition(source, process, lanes);
        let mut partition = comm.agree(own.map_err(engine_error))?;
        // Ranks may have different numbers of lanes.
        let batches = comm.all_gather(&partition.batch)?.into_iter();
        partition.batch = batches.min().unwrap_or(partition.batch);
        Ok(partition)
    }

    /// How this rank would cut them; fewer together where memory is short.
    fn own_partition(
        &self,
        source: &Main,
        process: &R::Process<'_>,
        lanes: usize,
    ) -> Result<Partition> {
        let outputs: &[Output] = process.outputs();
        let outputs = outputs.iter();
        let rows = outputs.map(|output| output.row_bytes() * output.rows.of(process.unit()));
        let unit = process.unit_bytes() + rows.sum::<usize>();
        let mut partition = Partition::new(source.positions(), process.unit(), unit);
        // A batch in work and one waiting for each lane.
        let room = self.settings.memory / (2 * lanes * unit.max(1));
        if room == 0 {
            let mib = |bytes: usize| bytes.div_ceil(1 << 20);
            return Err(Error::Request(format!(
                "{} positions together take {} MiB on each of {lanes} lanes, twice over, and \
                 --max-memory is {} MiB: \
                 allow more, or use fewer --threads",
                process.unit(),
                mib(unit),
                mib(self.settings.memory)
            )));
        }
        partition.batch = partition.batch.min(room);
        Ok(partition)
    }

    /// Makes the results group, or makes an earlier one ready; what is done in it.
    fn make(
        &self,
        file: &mut Writable,
        source: &Main,
        parameters: &Parameters,
        process: &R::Process<'_>,
        look: &Look,
    ) -> Result<(String, IndexSet)> {
        if let Some(earlier) = look.continued() {
            create::check_fit(source, &earlier.path, process)?;
            create::make_ready(file, earlier, source.positions(), process)?;
            return Ok((earlier.path.clone(), earlier.done.clone()));
        }
        process.source().probe()?;
        let order = Order {
            source: source.path(),
            parent: target_path(&self.settings, source)?,
            tool: self.recipe.tool(),
            parameters,
            fingerprint: &look.fingerprint,
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

    /// Prints what would be done.
    fn show_plan<M: Machine<R>>(
        &self,
        source: &Main,
        parameters: &Parameters,
        look: &Look,
        machine: &M,
    ) -> jobwise_core::Result<()> {
        let plan = self.plan(source, parameters, look);
        let own = machine.plan(&self.recipe, source)?;
        let host = machine.host();
        let (ranks, lanes) = (host.comm().size(), host.lanes());
        let plan = format!("{plan}{own}lanes        {ranks} x {lanes}\n");
        jobwise_kit::print(&plan).map_err(|failure| Ended::Program(failure.to_string().into()))
    }

    /// What would be done, in words. Writing to a String cannot fail.
    fn plan(&self, source: &Main, parameters: &Parameters, look: &Look) -> String {
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
        for (path, other) in &look.found.others {
            let _ = writeln!(plan, "other        {path}: {}", other.reason);
        }
        let results = match &look.decision {
            Decision::New => {
                let parent = target_path(&self.settings, source).unwrap_or_default();
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
