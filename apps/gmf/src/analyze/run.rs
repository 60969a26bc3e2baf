//! From a plan to files.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jobwise_core::{Backend, Cancel, Comm, Cpu, Engine, Error as Ended, Report};
#[cfg(feature = "cuda")]
use jobwise_cuda::OnCuda;
use jobwise_kit::{Bar, Choice, Program};

use super::described::Described;
#[cfg(feature = "cuda")]
use super::device::OnDevice;
use super::plan::{Plan, Request};
use super::refine;
use super::source::Counts;
use crate::Error;
#[cfg(feature = "cuda")]
use crate::cuda::DeviceSearch;
use crate::parameters::Parameters;

/// What an analysis did, on all ranks together.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Integrations computed now.
    pub done: usize,
    /// Integrations found in files of an earlier run.
    pub skipped: usize,
    /// The files written now, sorted.
    pub written: Vec<PathBuf>,
    /// Samples within the windows of the integrations done now that were missing from the
    /// recording, or are worth a word.
    pub samples: Counts,
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
    /// How it was chosen, for what a plan says of CUDA devices.
    pub choice: Option<Choice>,
    /// The configuration has not been asked for a backend: ranks were not to read it one by one. If
    /// it names one that does not join ranks, it is refused.
    pub is_unasked: bool,
}

/// A search on one sort of device.
trait Searching<B: Backend> {
    /// How many integrations a lane takes at once.
    fn batch(&self) -> usize;

    /// What a plan says of the device, whole lines.
    fn told(&self, analysis: &Analysis, plan: &Plan) -> jobwise_core::Result<String>;

    /// Runs it. Collective.
    fn write(&self, engine: &Engine<'_, B>, plan: &mut Plan) -> jobwise_core::Result<Report>;
}

/// The search of the plan itself.
struct OnHost;

impl<B: Backend<Device = Cpu>> Searching<B> for OnHost {
    fn batch(&self) -> usize {
        1
    }

    fn told(&self, _: &Analysis, _: &Plan) -> jobwise_core::Result<String> {
        Ok(String::new())
    }

    fn write(&self, engine: &Engine<'_, B>, plan: &mut Plan) -> jobwise_core::Result<Report> {
        engine.write(&plan.integrations, &mut plan.files)
    }
}

#[cfg(feature = "cuda")]
impl<B: Backend<Device = jobwise_cuda::Cuda>> Searching<B> for DeviceSearch {
    fn batch(&self) -> usize {
        self.useful()
    }

    fn told(&self, analysis: &Analysis, plan: &Plan) -> jobwise_core::Result<String> {
        let kernel = OnDevice::new(&plan.integrations, self);
        let Some(choice) = &analysis.choice else {
            return Ok(String::new());
        };
        let devices = choice.plan_on_cuda(&kernel)?;
        let lines = devices
            .iter()
            .map(|device| format!("device          {device}\n"));
        Ok(lines.collect())
    }

    fn write(&self, engine: &Engine<'_, B>, plan: &mut Plan) -> jobwise_core::Result<Report> {
        let kernel = OnDevice::new(&plan.integrations, self);
        engine.write(&OnCuda(kernel), &mut plan.files)
    }
}

impl Analysis {
    /// Prints a plan, and where it would run.
    pub(super) fn tell<B: Backend>(&self, plan: &str, backend: &B) -> jobwise_core::Result<()> {
        let (ranks, lanes) = (backend.comm().size(), backend.lanes());
        let name = self.backend;
        jobwise_kit::print(&format!(
            "{plan}backend         {name}, {ranks} x {lanes} lanes\n"
        ))
        .map_err(|failure| Ended::Program(failure.to_string().into()))
    }
}

impl Program for Analysis {
    /// `None` of a dry run.
    type Output = Option<Summary>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Summary>> {
        let described = self.described(backend)?;
        let outcome = if described.settings.gmf_method.refines() {
            refine::run(&self, described, backend)
        } else {
            self.carry_out(backend, described, |_| Ok(OnHost))
        };
        self.settled(backend, outcome)
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> jobwise_core::Result<Option<Summary>> {
        let described = self.described(backend)?;
        let settings = described.settings.clone();
        let runs = DeviceSearch::runs(&settings).map_err(failed);
        backend.comm().agree(runs)?;
        let search = |parameters: &Parameters| DeviceSearch::new(parameters, &settings);
        let outcome = self.carry_out(backend, described, search);
        self.settled(backend, outcome)
    }
}

impl Analysis {
    fn described<B: Backend>(&self, backend: &B) -> jobwise_core::Result<Described> {
        let comm = backend.comm();
        let described = Described::shared(&self.request, comm)?;
        let named = described.settings.gmf_implementation.as_str();
        if self.is_unasked && matches!(named, "serial" | "threads" | "cuda") {
            let refused = described.settings.wrong(
                "gmf_implementation",
                format!(
                    "{named} would have each of the {} ranks do everything; leave it out, or give \
                     --backend mpi",
                    comm.size()
                ),
            );
            comm.agree(Err(failed(refused)))?;
        }
        Ok(described)
    }

    fn settled<B: Backend>(
        &self,
        backend: &B,
        outcome: jobwise_core::Result<Option<Summary>>,
    ) -> jobwise_core::Result<Option<Summary>> {
        if matches!(outcome, Err(Ended::Stranded(_) | Ended::PeerLost { .. })) {
            return outcome;
        }
        // What other ranks passed over is told whether the run succeeds or not.
        let settled = self.request.inputs.settle(backend.comm());
        outcome.and_then(|summary| settled.map(|()| summary))
    }

    /// Prepares a search on the backend's device and runs it.
    fn carry_out<B: Backend, S: Searching<B>>(
        &self,
        backend: &B,
        described: Described,
        search: impl FnOnce(&Parameters) -> crate::Result<S>,
    ) -> jobwise_core::Result<Option<Summary>> {
        let comm = backend.comm();
        let mut plan = Plan::new(&self.request, described, false, comm)?;
        let parameters = plan.integrations.search.parameters();
        let search = comm.agree(search(parameters).map_err(failed))?;
        if self.dry_run {
            if comm.rank() == 0 {
                let device = search.told(self, &plan)?;
                self.tell(&format!("{plan}{device}"), backend)?;
            }
            return Ok(None);
        }
        log::info!("{} lanes; {plan}", backend.lanes());
        let batch = search.batch();
        let lanes = backend.lanes() * batch;
        let readers = if batch > 1 { readers() } else { 1 };
        let reading = plan.read_ahead(comm.size(), lanes, readers);
        let files = &mut plan.files;
        let removed = files
            .leftovers
            .remove(&files.root, &files.window, files.rate, comm);
        comm.agree(reading.and(removed).map_err(failed))?;
        let bar = Bar::new("integrations", self.progress, comm);
        let started = Instant::now();
        let leases = plan.leases();
        let engine = plan.engine(backend, leases.as_ref(), &self.cancel, &bar);
        let outcome = search.write(&engine, &mut plan);
        bar.finish();
        let report = outcome?;
        let (written, samples) = gathered(comm, &plan.files.written, plan.files.counts)?;
        let parameters = plan.integrations.search.parameters();
        let integration = parameters.integration_step() as f64 / parameters.sample_rate;
        Ok(Some(Summary {
            done: report.done,
            skipped: report.skipped,
            written,
            samples,
            elapsed: started.elapsed(),
            signal: report.done as f64 * integration,
        }))
    }
}

/// Threads that read for a device: one does some thousand times real time.
fn readers() -> usize {
    const MOST: usize = 4;
    thread::available_parallelism().map_or(1, |processors| processors.get().min(MOST))
}

fn failed(error: Error) -> Ended {
    Ended::Program(error.into())
}

/// The files and counts of all ranks. Collective.
pub(super) fn gathered(
    comm: &dyn Comm,
    written: &[PathBuf],
    counts: Counts,
) -> jobwise_core::Result<(Vec<PathBuf>, Counts)> {
    let names = written
        .iter()
        .map(|path| path.to_string_lossy().into_owned());
    let mine: (Vec<String>, Counts) = (names.collect(), counts);
    let (names, counts) = comm.all_reduce(&mine, |ranks| {
        let mut sum = (Vec::new(), Counts::default());
        for (names, counts) in ranks {
            sum.0.extend(names);
            sum.1 += counts;
        }
        sum.0.sort();
        sum
    })?;
    Ok((names.into_iter().map(PathBuf::from).collect(), counts))
}
