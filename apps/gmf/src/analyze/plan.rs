//! From a request to a plan.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{
    Backend, Cancel, Comm, Engine, Error as Ended, Job, Layout, LeaseName, Leases, Observer,
};
use jobwise_kit::{Inputs, Sharing};

use super::described::Described;
use super::files::Files;
use super::kernel::Integrations;
use super::opened::Opened;
use super::window::Window;
use crate::clock::{Rate, TimeLimit};
use crate::product::{Format, RunInfo, file_name, hour};
use crate::pulses::PulseOrigin;
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
    /// The sub-channels of the received and of the transmitted signal. Without one, the first; of
    /// the transmitted signal that of the received one, where one channel holds both.
    pub subchannels: (Option<usize>, Option<usize>),
    /// The configuration.
    pub config: PathBuf,
    /// Instead of the configuration's method.
    pub method: Option<Method>,
    /// Start and end of what is analysed.
    pub limits: (Option<TimeLimit>, Option<TimeLimit>),
    /// Where pulses, integrations and files are counted from, instead of what the recording and
    /// earlier files show.
    pub pulse_origin: Option<PulseOrigin>,
    /// Where the files go.
    pub output: PathBuf,
    /// Replace files of earlier runs.
    pub clobber: bool,
    /// Write the dataset `sample_numbers`.
    pub sample_numbers: bool,
    /// The format of the files.
    pub format: &'static dyn Format,
    /// Level of deflate of the files' vectors and matrices, 1 to 9; 0 stores them as they are.
    pub compression: u8,
    /// Which part of the files.
    pub job: Job,
    /// How the files of that part are dealt.
    pub sharing: Sharing,
    /// What becomes of files that cannot be used.
    pub inputs: Arc<Inputs>,
}

/// A request with everything resolved and checked; nothing is written yet.
#[derive(Debug)]
pub struct Plan {
    pub(super) integrations: Integrations,
    pub(super) files: Files,
    job: Job,
    sharing: Sharing,
    method: Method,
    is_live: bool,
}

impl Plan {
    /// Opens a recording that goes on, and derives everything: its integrations have no end, unless
    /// the request has. Collective.
    ///
    /// # Errors
    /// One clear message for whatever does not fit.
    pub fn live(request: &Request, comm: &dyn Comm) -> jobwise_core::Result<Plan> {
        let described = Described::shared(request, comm)?;
        Plan::new(request, described, true, comm)
    }

    /// Derives everything. Rank 0 looks at what was recorded, and says what is worth saying.
    /// Collective.
    ///
    /// # Errors
    /// One clear message for whatever does not fit.
    pub(super) fn new(
        request: &Request,
        described: Described,
        is_live: bool,
        comm: &dyn Comm,
    ) -> jobwise_core::Result<Plan> {
        let failed = |error: Error| Ended::Program(error.into());
        let opened = Plan::open(request, described).map_err(failed);
        let (settings, opened, run) = comm.agree(opened)?;
        let runs = [run];
        let window = opened.window(request, &runs, is_live, comm)?;
        let [run] = runs;
        comm.agree(Plan::of(request, &settings, opened, run, window, is_live).map_err(failed))
    }

    fn open(request: &Request, described: Described) -> Result<(Settings, Opened, RunInfo)> {
        let settings = described.settings.clone();
        if settings.gmf_method.refines() {
            return Err(Error::Request(format!(
                "{} refines finished files and cannot follow a recording; leave --follow out, or \
                 choose fgmf or fdpt",
                settings.gmf_method.name()
            )));
        }
        let opened = Opened::new(&settings, described)?;
        let (rx, tx) = opened.source.names(request);
        let run = RunInfo::new(&opened.experiment, &settings, &opened.parameters)
            .channels(&rx, &tx)
            .sample_numbers(request.sample_numbers)
            .compression(request.compression)
            .with_format(request.format);
        Ok((settings, opened, run))
    }

    fn of(
        request: &Request,
        settings: &Settings,
        opened: Opened,
        run: RunInfo,
        window: Window,
        is_live: bool,
    ) -> Result<Plan> {
        let Opened {
            parameters,
            source,
            rate,
            pointing,
            ..
        } = opened;
        let source = Arc::new(source);
        let its = Arc::clone(&source);
        let files = Files::new(request, run, window.clone(), rate, pointing, its);
        let search = Search::new(&parameters, settings)?;
        let integrations = Integrations::new(source, window, search);
        Ok(Plan {
            method: settings.gmf_method,
            integrations,
            files,
            job: request.job,
            sharing: request.sharing,
            is_live,
        })
    }

    /// Reads while it is computed, on one of `ranks` ranks, `lanes` integrations at a time, on so
    /// many threads.
    pub(super) fn read_ahead(&mut self, ranks: usize, lanes: usize, readers: usize) -> Result<()> {
        // Whose the next file will be is known with fixed parts only.
        let stride = match self.sharing {
            Sharing::Static => self.job.count().saturating_mul(ranks),
            Sharing::Dynamic | Sharing::Leased(_) => usize::MAX,
        };
        self.integrations.read_ahead(stride, lanes, readers)
    }

    /// Where the files are claimed, if they are leased: by their names, which runs over other times
    /// give them too.
    pub(super) fn leases(&self) -> Option<Leases> {
        leases(
            self.sharing,
            &self.files.root,
            &self.integrations.window,
            self.files.rate,
            self.files.run.format(),
        )
    }

    /// The engine that carries this plan out.
    pub(super) fn engine<'a, B: Backend>(
        &self,
        backend: &'a B,
        leases: Option<&'a Leases>,
        cancel: &Cancel,
        observer: &'a dyn Observer,
    ) -> Engine<'a, B> {
        Engine::new(backend)
            .job(self.job)
            .layout(Layout::Strided)
            .division(self.sharing.division(leases))
            .block(self.integrations.window.per_file())
            .cancel(cancel)
            .observer(observer)
    }
}

/// Where the files under `root` are claimed, if they are leased.
pub(super) fn leases(
    sharing: Sharing,
    root: &Path,
    window: &Window,
    rate: Rate,
    format: &'static dyn Format,
) -> Option<Leases> {
    let window = window.clone();
    sharing.leases(root.join(".claims"), move |file| {
        let first = window.integrations_of(file).start;
        let start = window.sample(first);
        LeaseName {
            group: hour(start, rate),
            name: file_name(start, rate, format),
        }
    })
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
        let cube = self.integrations.search.cube();
        if let Some(bytes) = cube.and_then(|cube| cube.bytes(window.per_file())) {
            let mebibytes = bytes as f64 / f64::from(1 << 20);
            writeln!(f, "cells           {mebibytes:.1} MiB per file")?;
        }
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
        writeln!(f, "division        {}", self.sharing)?;
        writeln!(f, "output          {}", self.files.root.display())
    }
}
