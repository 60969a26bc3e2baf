//! From a request to a plan to files.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jobwise_core::{
    Backend, Cancel, Comm, Cpu, Engine, Error as Ended, Job, Layout, Observer, Wire,
};
use jobwise_kit::{Bar, Program};

use super::files::Files;
use super::kernel::Integrations;
use super::pointing::Pointing;
use super::source::Source;
use super::window::{TimeLimit, Window};
use crate::clock::Rate;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::product::Run;
use crate::search::Search;
use crate::settings::{Method, Settings};
use crate::{Error, Result};

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The recording's directory and the channel of the received signal.
    pub rx: (PathBuf, String),
    /// The same of the transmitted signal.
    pub tx: (PathBuf, String),
    /// The configuration.
    pub config: PathBuf,
    /// Instead of the configuration's method.
    pub method: Option<Method>,
    /// Start and end of what is analysed.
    pub limits: (Option<TimeLimit>, Option<TimeLimit>),
    /// Where the files go.
    pub output: PathBuf,
    /// Replace files of earlier runs.
    pub clobber: bool,
    /// Write the dataset `sample_numbers`.
    pub sample_numbers: bool,
    /// Which part of the files.
    pub job: Job,
}

/// A request with everything resolved and checked; nothing is written yet.
#[derive(Debug)]
pub struct Plan {
    integrations: Integrations,
    files: Files,
    job: Job,
    method: Method,
    moved: u64,
}

impl Plan {
    /// Opens the recording and the configuration and derives everything.
    ///
    /// # Errors
    /// One clear message for whatever does not fit.
    pub fn new(request: &Request) -> Result<Plan> {
        let mut settings = Settings::read(&request.config)?;
        if let Some(method) = request.method {
            settings.gmf_method = method;
        }
        let (rx, tx) = (&request.rx, &request.tx);
        let experiment = Experiment::read(&rx.0.join("metadata.ini"))?;
        let parameters = Parameters::new(&experiment, &settings)?;
        let source = Source::open((&rx.0, &rx.1), (&tx.0, &tx.1), settings.missing)?;
        let rate = source.rate();
        if Rate::hertz(experiment.sample_rate.unsigned_abs())? != rate {
            return Err(Error::Setting {
                path: experiment.path,
                key: "sample_rate".to_owned(),
                problem: format!(
                    "is {} Hz, but channel {} is sampled at {rate}",
                    experiment.sample_rate, rx.1
                ),
            });
        }
        let (window, moved) = Window::new(source.recorded()?, request.limits, rate, &parameters)?;
        let run = Run::new(&experiment, &settings, &parameters)
            .channels(&rx.1, &tx.1)
            .sample_numbers(request.sample_numbers);
        let pointing = Pointing::open(&rx.0, rate)?;
        let files = Files::new(
            &request.output,
            run,
            window.clone(),
            rate,
            pointing,
            request.clobber,
        );
        Ok(Plan {
            method: settings.gmf_method,
            integrations: Integrations {
                search: Search::new(&parameters, &settings)?,
                source,
                window,
            },
            files,
            job: request.job,
            moved,
        })
    }

    /// What is worth saying before the run.
    pub fn warning(&self) -> Option<String> {
        (self.moved > 0).then(|| {
            format!(
                "the start is not a whole number of inter-pulse periods after the first sample; moved up by {} samples",
                self.moved
            )
        })
    }

    /// The engine that carries this plan out.
    fn engine<'a, B: Backend>(
        &self,
        backend: &'a B,
        cancel: &Cancel,
        observer: &'a dyn Observer,
    ) -> Engine<'a, B> {
        Engine::new(backend)
            .job(self.job)
            .layout(Layout::Strided)
            .block(self.integrations.window.per_file())
            .cancel(cancel)
            .observer(observer)
    }
}

/// The plan, for people.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = self.integrations.search.parameters();
        let window = &self.integrations.window;
        let seconds = parameters.integration_step() as f64 / parameters.sample_rate;
        writeln!(f, "method          {}", self.method.name())?;
        writeln!(
            f,
            "range gates     {} ({} to {}, step {})",
            parameters.ranges.len(),
            parameters.min_range_gate,
            parameters.max_range_gate,
            parameters.range_gate_step
        )?;
        writeln!(
            f,
            "accelerations   {} of {} (step {:.3} m/s^2)",
            parameters.selected.len(),
            parameters.accelerations.len(),
            parameters.acceleration_step
        )?;
        writeln!(
            f,
            "range rates     {} (step {:.3} m/s)",
            parameters.range_rates.len(),
            parameters.range_rates.get(1).copied().unwrap_or(0.0)
        )?;
        writeln!(
            f,
            "integrations    {} of {seconds} s in {} files of {}",
            window.integrations(),
            window.files(),
            window.per_file()
        )?;
        writeln!(f, "job             {}", self.job)?;
        writeln!(f, "output          {}", self.files.root.display())
    }
}

/// What an analysis did, on all ranks together.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Integrations computed now.
    pub done: usize,
    /// Integrations found in files of an earlier run.
    pub skipped: usize,
    /// The files written now, sorted.
    pub written: Vec<PathBuf>,
    /// Samples that were missing from the recording within the windows of the integrations done now.
    pub missing_samples: u64,
    /// Time from the start to the end of the run.
    pub elapsed: Duration,
    /// Duration of the signal analysed now, in s.
    pub signal: f64,
}

/// The analysis of one recording, on any backend.
#[derive(Debug)]
pub struct Analysis {
    /// What to do.
    pub request: Request,
    /// The switch that ends it early.
    pub cancel: Cancel,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Print the plan and stop.
    pub dry_run: bool,
    /// The backend's name, for the plan.
    pub backend: &'static str,
}

impl Program for Analysis {
    /// `None` of a dry run.
    type Output = Option<Summary>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Summary>> {
        let comm = backend.comm();
        let failed = |error: Error| Ended::Program(error.into());
        let mut plan = comm.agree(Plan::new(&self.request).map_err(failed))?;
        if comm.rank() == 0
            && let Some(warning) = plan.warning()
        {
            log::warn!("{warning}");
        }
        if self.dry_run {
            if comm.rank() == 0 {
                let (ranks, lanes) = (comm.size(), backend.lanes());
                jobwise_kit::print(&format!(
                    "{plan}backend         {}, {ranks} x {lanes} lanes\n",
                    self.backend,
                ))
                .map_err(|failure| Ended::Program(failure.to_string().into()))?;
            }
            return Ok(None);
        }
        log::info!("{} lanes; {plan}", backend.lanes());
        let bar = Bar::new("integrations", self.progress, comm);
        let started = Instant::now();
        let engine = plan.engine(backend, &self.cancel, &bar);
        let outcome = engine.write(&plan.integrations, &mut plan.files);
        bar.finish();
        let report = outcome?;
        let (written, missing_samples) = gathered(comm, &plan.files)?;
        let parameters = plan.integrations.search.parameters();
        let integration = parameters.integration_step() as f64 / parameters.sample_rate;
        Ok(Some(Summary {
            done: report.done,
            skipped: report.skipped,
            written,
            missing_samples,
            elapsed: started.elapsed(),
            signal: report.done as f64 * integration,
        }))
    }
}

/// The files and missing samples of all ranks. Collective.
fn gathered(comm: &dyn Comm, files: &Files) -> jobwise_core::Result<(Vec<PathBuf>, u64)> {
    let names = files
        .written
        .iter()
        .map(|path| path.to_string_lossy().into_owned());
    let mine: (Vec<String>, u64) = (names.collect(), files.missing);
    let mut all = mine.to_bytes();
    if let Some(ranks) = comm.gather(0, &all)? {
        let mut sum = (Vec::new(), 0);
        for rank in ranks {
            let (names, missing) = <(Vec<String>, u64)>::from_bytes(&rank)?;
            sum.0.extend(names);
            sum.1 += missing;
        }
        sum.0.sort();
        all = sum.to_bytes();
    }
    comm.broadcast(0, &mut all)?;
    let (names, missing) = <(Vec<String>, u64)>::from_bytes(&all)?;
    Ok((names.into_iter().map(PathBuf::from).collect(), missing))
}
