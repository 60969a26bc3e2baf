//! From a request to files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use jobwise_core::{Backend, Comm, Cpu, Engine, Error as Ended, Layout};
use jobwise_kit::Bar;

use super::files::Extended;
use super::kernel::Soundings;
use super::starts::Starts;
use crate::analyze::Request;
use crate::analyze::described::Described;
use crate::analyze::leftovers::Leftovers;
use crate::analyze::opened::Opened;
use crate::analyze::plan::leases;
use crate::analyze::run::{Analysis, Summary, gathered};
use crate::analyze::source::Counts;
use crate::clock::Rate;
use crate::parameters::Parameters;
use crate::product::RunInfo;
use crate::refine::Optimizer;
use crate::settings::{Method, Settings};
use crate::{Error, Result};

/// The methods whose files hold peaks to start from.
const SEARCHES: [Method; 3] = [Method::Fgmf, Method::Fdpt, Method::NoReduce];

/// A request with everything resolved and checked.
struct Refinement {
    soundings: Soundings,
    files: Extended,
    rate: Rate,
}

/// The settings of the searches whose files may be refined, with what follows from them; there is
/// at least one.
type Fit = Vec<(Settings, Parameters)>;

impl Refinement {
    /// Collective.
    fn new(
        request: &Request,
        described: Described,
        comm: &dyn Comm,
    ) -> jobwise_core::Result<Refinement> {
        let failed = |error: Error| Ended::Program(error.into());
        let settings = described.settings.clone();
        let opened = Refinement::open(request, &settings, described).map_err(failed);
        let (opened, fit, runs) = comm.agree(opened)?;
        let window = opened.window(request, &runs, false, comm)?;
        let parameters = fit[0].1.clone();
        let source = Arc::new(opened.source);
        let starts = Arc::new(Starts::new(&request.output, opened.rate, request.format));
        let optimizer = match settings.gmf_method {
            Method::OptimizeGrid if settings.compat => Optimizer::CompatibleGrid,
            Method::OptimizeGrid => Optimizer::Grid,
            _ => Optimizer::Newton,
        };
        Ok(Refinement {
            files: Extended {
                starts: Arc::clone(&starts),
                window: window.clone(),
                source: Arc::clone(&source),
                parameters: parameters.clone(),
                inputs: Arc::clone(&request.inputs),
                runs,
                optimizer,
                clobber: request.clobber,
                rows: BTreeMap::new(),
                leftovers: Leftovers::new(request.sharing),
                written: Vec::new(),
            },
            rate: opened.rate,
            soundings: Soundings {
                source,
                window,
                parameters,
                optimizer,
                min_tx_amplitude: settings.min_tx_amplitude,
                starts,
            },
        })
    }

    fn open(
        request: &Request,
        settings: &Settings,
        described: Described,
    ) -> Result<(Opened, Fit, Vec<RunInfo>)> {
        let of = |gmf_method| Settings {
            gmf_method,
            ..settings.clone()
        };
        // The settings may fit one search only.
        let (mut fit, mut first_error) = (Vec::new(), None);
        for settings in SEARCHES.map(of) {
            match Parameters::new(&described.experiment, &settings) {
                Ok(parameters) => fit.push((settings, parameters)),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let Some((any, _)) = fit.first() else {
            return Err(first_error.unwrap_or_else(|| Error::Request("no search fits".to_owned())));
        };
        let opened = Opened::new(any, described)?;
        let (rx, tx) = opened.source.names(request);
        let runs = fit
            .iter()
            .map(|(settings, parameters)| {
                RunInfo::new(&opened.experiment, settings, parameters)
                    .channels(&rx, &tx)
                    .with_format(request.format)
            })
            .collect();
        Ok((opened, fit, runs))
    }

    /// The plan, for people.
    fn describe(&self, request: &Request) -> Result<String> {
        let window = &self.soundings.window;
        let mut there = 0;
        for file in 0..window.files() {
            there += usize::from(self.files.starts.path(file, window)?.is_file());
        }
        Ok(format!(
            "method          {}\nintegrations    {} in {} files of {}\nfiles to refine {there} of \
             {} there\n\
             job             {}\ndivision        {}\noutput          {}\n",
            self.soundings.optimizer.name(),
            window.integrations(),
            window.files(),
            window.per_file(),
            window.files(),
            request.job,
            request.sharing,
            request.output.display()
        ))
    }
}

/// Refines the peaks of the files of a search; `None` of a dry run.
pub(in crate::analyze) fn run<B: Backend<Device = Cpu>>(
    analysis: &Analysis,
    described: Described,
    backend: &B,
) -> jobwise_core::Result<Option<Summary>> {
    let comm = backend.comm();
    let failed = |error: Error| Ended::Program(error.into());
    let request = &analysis.request;
    let mut refinement = Refinement::new(request, described, comm)?;
    if analysis.dry_run {
        if comm.rank() == 0 {
            let plan = refinement.describe(request).map_err(failed)?;
            analysis.tell(&plan, backend)?;
        }
        return Ok(None);
    }
    let (root, window) = (&request.output, &refinement.soundings.window);
    let leftovers = &mut refinement.files.leftovers;
    let removed = leftovers.remove(root, window, refinement.rate, comm);
    comm.agree(removed.map_err(failed))?;
    let bar = Bar::new("integrations", analysis.progress, comm);
    let started = Instant::now();
    let soundings = &refinement.soundings;
    let leases = leases(
        request.sharing,
        &request.output,
        &soundings.window,
        refinement.rate,
        request.format,
    );
    let engine = Engine::new(backend)
        .job(request.job)
        .layout(Layout::Strided)
        .division(request.sharing.division(leases.as_ref()))
        .block(soundings.window.per_file())
        .cancel(&analysis.cancel)
        .observer(&bar);
    let outcome = engine.write(soundings, &mut refinement.files);
    bar.finish();
    let report = outcome?;
    let (written, _) = gathered(comm, &refinement.files.written, Counts::default())?;
    let integration =
        soundings.parameters.integration_step() as f64 / soundings.parameters.sample_rate;
    Ok(Some(Summary {
        done: report.done,
        skipped: report.skipped,
        written,
        samples: Counts::default(),
        elapsed: started.elapsed(),
        signal: report.done as f64 * integration,
    }))
}
