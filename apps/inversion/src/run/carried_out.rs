use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jobwise_core::{Backend, Cpu, Engine, Job, LeaseName, Memory, OnError, Report};
use jobwise_hdf5::row_store::Rows;
use jobwise_kit::{Bar, Choice, Program, Sharing, atomic};

use super::device::ChainDevice;
use super::directory;
use super::lines::{Line, Lines, Places};
use super::outcome::Outcome;
use super::request::{OnFailure, Policy, Request};
use super::selection::{Selected, select};
use super::soundings::Soundings;
use crate::error::engine_error;
#[cfg(feature = "cuda")]
use crate::options::Mode;
use crate::options::{Options, Traces};
use crate::results::{LineFile, LineResults, Patience, State};
use crate::system::System;
use crate::task::Task;
use crate::{Error, Result};

/// For how long files are waited for that others have open.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// A request, carried out on any backend.
#[derive(Debug)]
pub struct Run {
    /// What is asked for.
    pub request: Request,
    /// What it runs on, for the plan.
    pub choice: Choice,
}

impl Program for Run {
    /// `None` of a dry run.
    type Output = Option<Outcome>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Outcome>> {
        self.carry_out(backend)
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> jobwise_core::Result<Option<Outcome>> {
        if self.request.options.mode == Mode::Compat {
            return Err(jobwise_core::Error::Program(
                "chains of mode compat have no kernel for CUDA devices: use --device cpu".into(),
            ));
        }
        self.carry_out(backend)
    }
}

impl Run {
    fn carry_out<B>(self, backend: &B) -> jobwise_core::Result<Option<Outcome>>
    where
        B: Backend<Device: ChainDevice>,
    {
        let started = Instant::now();
        let comm = backend.comm();
        let request = &self.request;
        let prepared = Prepared::new(request).map_err(engine_error);
        let prepared = comm.agree(prepared)?;
        let lines = prepared.lines(&request.output);
        let places = Places::new(&prepared.selected);
        let soundings = Soundings {
            task: &prepared.task,
            lines: &lines,
            places: &places,
            on_failure: request.on_failure,
            cancel: &request.cancel,
            is_ending: AtomicBool::new(false),
        };
        if request.dry_run {
            if comm.rank() == 0 {
                let plan = self.plan(&prepared, &lines, &places, comm.size(), backend.lanes());
                let devices = B::Device::plan(&self.choice, &soundings)?;
                jobwise_kit::print(&(plan + &devices))
                    .map_err(|failure| jobwise_core::Error::Program(failure.to_string().into()))?;
            }
            return Ok(None);
        }
        let stop = || request.cancel.is_cancelled();
        let patience = Patience {
            stop: &stop,
            longest: LONGEST_WAIT,
        };
        let at_root = comm.rank() == 0;
        if at_root {
            prepared.tell();
        }
        let made = at_root.then(|| files(request, &lines, &patience));
        comm.agree(made.transpose().map_err(engine_error))?;
        let is_shared = matches!(request.sharing, Sharing::Leased(_));
        let states = (at_root || is_shared).then(|| -> Result<Vec<State>> {
            lines.iter().map(|line| line.file.look(&patience)).collect()
        });
        let states = comm.agree(states.transpose().map_err(engine_error))?;
        let sink = states.map(|states| Lines::new(&lines, &places, &patience, states, is_shared));
        let mut sink = sink;
        let report = self.drive(backend, soundings, sink.as_mut())?;
        let told = sink.as_ref().filter(|_| at_root).map(Lines::told);
        let told = comm.agree(told.transpose().map_err(engine_error))?;
        Ok(Some(Outcome {
            computed: report.done,
            broken: report.failed.into_iter().map(|item| item.cause).collect(),
            refused: prepared.task.survey.refused.count,
            soundings: places.len(),
            elapsed: started.elapsed(),
            ..told.unwrap_or_default()
        }))
    }
}

/// What is read before anything is written.
struct Prepared {
    task: Task,
    /// The texts of the files of the systems, one per system.
    systems: Vec<String>,
    selected: Vec<Selected>,
}

impl Prepared {
    fn new(request: &Request) -> Result<Prepared> {
        let task = Task::read(request.options.clone(), &request.reading)?;
        check_traces(&request.options)?;
        let mut systems = Vec::new();
        for path in request.options.system_paths() {
            let bytes = fs::read(&path).map_err(Error::io(&path))?;
            let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
            // A file may hold several.
            let count = System::parse(&path, &text)?.len();
            systems.extend(std::iter::repeat_n(text, count));
        }
        Ok(Prepared {
            selected: select(&task.survey, request.selection)?,
            task,
            systems,
        })
    }

    fn lines(&self, directory: &Path) -> Vec<Line<'_>> {
        let survey = &self.task.survey;
        let lines = self.selected.iter().map(|selected| {
            let of = LineResults {
                task: &self.task,
                systems: &self.systems,
                line: &survey.lines[selected.line],
            };
            Line {
                file: LineFile::new(directory, of),
                soundings: of.soundings(),
            }
        });
        lines.collect()
    }

    /// Warns of what was guessed, of options that do nothing, and of rows that could not be used.
    fn tell(&self) {
        let path = self.task.options.data_path();
        let path = path.display();
        for note in &self.task.notes {
            log::warn!("{note}");
        }
        for note in &self.task.survey.notes {
            log::warn!("{path}: {note}");
        }
        for (line, problem) in &self.task.survey.refused.first {
            log::warn!("{path}: line {line}: {problem}");
        }
    }
}

/// Iterations of a trace in a file, at most: each sounding at work has room for twice as many.
const LONGEST_TRACE: u64 = 10_000_000;

/// Refuses traces that memory has no room for.
fn check_traces(options: &Options) -> Result<()> {
    if options.traces == Traces::None || options.n_markov_chains <= LONGEST_TRACE {
        return Ok(());
    }
    Err(Error::Request(format!(
        "n_markov_chains: {} iterations are too many for a trace, {LONGEST_TRACE} at most: set \
         traces = none",
        options.n_markov_chains
    )))
}

/// Makes the files that are absent, or all; brings those in order that a killed run left.
fn files(request: &Request, lines: &[Line<'_>], patience: &Patience<'_>) -> Result<()> {
    let _right = directory::lock(&request.output, patience)?;
    let stale = atomic::remove_stale(&request.output);
    stale.map_err(Error::from)?;
    for Line { file, .. } in lines {
        if (patience.stop)() {
            return Err(Error::Cancelled);
        }
        if request.policy == Policy::Override || !file.exists() {
            file.create()?;
        }
    }
    Ok(())
}

impl Run {
    fn drive<B>(
        &self,
        backend: &B,
        soundings: Soundings<'_>,
        sink: Option<&mut Lines<'_>>,
    ) -> jobwise_core::Result<Report>
    where
        B: Backend<Device: ChainDevice>,
    {
        let request = &self.request;
        let bar = Bar::new("soundings", request.progress, backend.comm());
        let places = soundings.places.clone();
        let names: Vec<String> = soundings.lines.iter().map(|line| name(line)).collect();
        let leases = request
            .sharing
            .leases(request.output.join(".claims"), move |item| {
                let (line, row) = places.of(item);
                LeaseName {
                    group: format!("{}.{}", names[line], row / 1024),
                    name: format!("{}.{row}", names[line]),
                }
            });
        let engine = Engine::new(backend)
            .job(request.job)
            .division(request.sharing.division(leases.as_ref()))
            .on_error(match request.on_failure {
                OnFailure::Continue => OnError::Skip,
                OnFailure::Stop => OnError::Stop,
            })
            .cancel(&request.cancel)
            .observer(&bar)
            .checkpoint(request.checkpoint);
        let soundings = B::Device::kernel(soundings);
        let report = match (sink, &leases) {
            (Some(sink), Some(_)) => engine.write(&soundings, sink),
            (Some(sink), None) => engine.write_at_root(&soundings, sink),
            (None, _) => engine.write_at_root(&soundings, &mut Memory::<Rows>::new()),
        };
        bar.finish();
        report
    }

    /// What would be done, in words.
    fn plan(
        &self,
        prepared: &Prepared,
        lines: &[Line<'_>],
        places: &Places,
        ranks: usize,
        lanes: usize,
    ) -> String {
        let options = &self.request.options;
        let there = lines.iter().filter(|line| line.file.exists()).count();
        let job = match self.request.job {
            Job::WHOLE => String::new(),
            job => format!(", of which this is job {job}"),
        };
        format!(
            "data         {}: {} soundings on {} lines, {} rows refused\n\
             chosen       {} soundings on {} lines{job}\n\
             chains       {} of mode {}, {} iterations each after burn-in, {} temperatures\n\
             results      {}: {there} of {} files are there\n\
             backend      {}, {ranks} x {lanes} lanes\n",
            options.data_path().display(),
            prepared.task.survey.soundings.len(),
            prepared.task.survey.lines.len(),
            prepared.task.survey.refused.count,
            places.len(),
            lines.len(),
            options.chains,
            options.mode,
            options.n_markov_chains,
            options.temperatures,
            self.request.output.display(),
            lines.len(),
            self.choice.name(),
        )
    }
}

/// The name of a file, for claims.
fn name(line: &Line<'_>) -> String {
    let name = line.file.path().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
