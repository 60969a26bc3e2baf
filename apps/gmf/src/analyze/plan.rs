//! From a request to a plan.

use std::fmt;
use std::path::PathBuf;

use jobwise_core::{Backend, Cancel, Engine, Job, Layout, Observer};

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
    pub(super) integrations: Integrations,
    pub(super) files: Files,
    job: Job,
    method: Method,
    moved: u64,
    is_live: bool,
}

impl Plan {
    /// Opens the recording and the configuration and derives everything.
    ///
    /// # Errors
    /// One clear message for whatever does not fit.
    pub fn new(request: &Request) -> Result<Plan> {
        Plan::over(request, false)
    }

    /// The same for a recording that goes on: its integrations have no end, unless the request has.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn live(request: &Request) -> Result<Plan> {
        Plan::over(request, true)
    }

    fn over(request: &Request, is_live: bool) -> Result<Plan> {
        let mut settings = Settings::read(&request.config)?;
        if let Some(method) = request.method {
            settings.gmf_method = method;
        }
        if settings.gmf_method.refines() {
            return Err(Error::Request(format!(
                "{} refines finished files and cannot follow a recording; leave --follow out, or choose fgmf or fdpt",
                settings.gmf_method.name()
            )));
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
        let (recorded, limits) = (source.recorded()?, request.limits);
        let (window, moved) = if is_live {
            Window::live(recorded.start, limits, rate, &parameters)?
        } else {
            Window::new(recorded, limits, rate, &parameters)?
        };
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
            integrations: Integrations::new(source, window, Search::new(&parameters, &settings)?),
            files,
            job: request.job,
            moved,
            is_live,
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

    /// Reads while it is computed, on one of `ranks` ranks with so many lanes.
    pub(super) fn read_ahead(&mut self, ranks: usize, lanes: usize) -> Result<()> {
        let stride = self.job.count.saturating_mul(ranks);
        self.integrations.read_ahead(stride, lanes)
    }

    /// The engine that carries this plan out.
    pub(super) fn engine<'a, B: Backend>(
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
        if self.is_live {
            let per_file = window.per_file();
            writeln!(
                f,
                "integrations    of {seconds} s as they come, in files of {per_file}"
            )?;
        } else {
            writeln!(
                f,
                "integrations    {} of {seconds} s in {} files of {}",
                window.integrations(),
                window.files(),
                window.per_file()
            )?;
        }
        writeln!(f, "job             {}", self.job)?;
        writeln!(f, "output          {}", self.files.root.display())
    }
}
