//! From waiting for a recording to a summary.

use std::cell::RefCell;
use std::thread;
use std::time::{Duration, Instant};

use jobwise_core::{Backend, Cancel, Cpu, Engine, Error as Ended};
use jobwise_kit::Program;

use super::arrivals::Arrivals;
use super::arrived::Arrived;
use super::begin::awaited;
use super::live::{Coming, Going, Live, SAVING, State};
use super::tell::Teller;
use crate::Error;
use crate::analyze::{Plan, Request, Summary};
use crate::settings::Settings;

/// A recording that does not exist yet is looked for this often.
const EVERY: Duration = Duration::from_millis(250);

/// What cannot be used may still be being written: an error counts when it stands for so long.
const STANDING: Duration = Duration::from_secs(2);

/// The analysis of a recording that is still being written, on one process.
///
/// Every integration is computed as soon as the files that it touches have arrived in both
/// channels, told in a line, and durable in its file within about a second; see the decision 0007.
#[derive(Debug)]
pub struct Follow {
    /// What to do; its job must be the whole.
    pub request: Request,
    /// The switch that ends it early.
    pub cancel: Cancel,
    /// The run ends when nothing has arrived for this long.
    pub idle_timeout: Option<Duration>,
    /// How long an absent file is waited for once a later one is there; by default three files'
    /// time, at least 2 s.
    pub settle: Option<Duration>,
    /// Report progress also where there is no terminal.
    pub progress: bool,
    /// Print the plan and stop.
    pub dry_run: bool,
    /// The backend's name, for the plan.
    pub backend: &'static str,
}

/// What following a recording did.
#[derive(Clone, Debug)]
pub struct Followed {
    /// What was done; `elapsed` counts from the recording's first samples, or from the start if
    /// they were there.
    pub summary: Summary,
    /// Time in which anything was computed.
    pub computing: Duration,
    /// Mean and longest time from the arrival of an integration's last file to its result, of those
    /// that arrived during the run.
    pub latency: Option<(Duration, Duration)>,
}

impl Follow {
    /// Waits until the recording has begun. Returns at once when it has.
    fn wait(&self) -> jobwise_core::Result<()> {
        let started = Instant::now();
        let mut told = None;
        let mut standing: Option<(String, Instant)> = None;
        loop {
            let is_idle = |most| started.elapsed() >= most;
            let is_idle = self.idle_timeout.is_some_and(is_idle);
            match awaited(&self.request) {
                Ok(None) => return Ok(()),
                Ok(Some(absent)) if is_idle => {
                    return Err(failed(Error::Request(format!(
                        "{absent}: nothing came before the idle time-out; start the recorder, or \
                         check the path"
                    ))));
                }
                Ok(Some(absent)) => {
                    standing = None;
                    if told.as_ref() != Some(&absent) {
                        log::warn!("waiting for {absent}");
                        told = Some(absent);
                    }
                }
                Err(error) => {
                    let text = error.to_string();
                    let since = match &standing {
                        Some((before, since)) if *before == text => *since,
                        _ => Instant::now(),
                    };
                    if is_idle || since.elapsed() >= STANDING {
                        return Err(failed(error));
                    }
                    standing = Some((text, since));
                }
            }
            if self.cancel.is_cancelled() {
                return Err(Ended::Cancelled);
            }
            thread::sleep(EVERY);
        }
    }
}

impl Program for Follow {
    /// `None` of a dry run.
    type Output = Option<Followed>;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<Option<Followed>> {
        if self.dry_run {
            let plan = Plan::live(&self.request, backend.comm())?;
            let (name, lanes) = (self.backend, backend.lanes());
            jobwise_kit::print(&format!("{plan}backend         {name}, {lanes} lanes\n"))
                .map_err(|failure| Ended::Program(failure.to_string().into()))?;
            return Ok(None);
        }
        // What is wrong with the configuration is told before any waiting.
        Settings::read(&self.request.config).map_err(failed)?;
        self.wait()?;
        let started = Instant::now();
        let mut plan = Plan::live(&self.request, backend.comm())?;
        log::info!("{} lanes; {plan}", backend.lanes());
        let integrations = &plan.integrations;
        let (source, window) = (&integrations.source, &integrations.window);
        let parameters = integrations.search.parameters();
        let step = parameters.integration_step() as f64 / parameters.sample_rate;
        let arrivals = Arrivals::new(source, window, self.settle).map_err(failed)?;
        let arrivals = arrivals.ok_or_else(|| {
            failed(Error::Request(
                "the recording's files were removed while it was opened".to_owned(),
            ))
        })?;
        let live = RefCell::new(Live {
            files: &mut plan.files,
            recording: &self.request.rx.0,
            inputs: &self.request.inputs,
            window,
            arrivals,
            teller: Teller::new(source.rate(), step, self.progress),
            idle_timeout: self.idle_timeout,
            most_early: window.per_file().max(4 * backend.lanes()),
            state: State::new(),
        });
        let engine = Engine::new(backend).cancel(&self.cancel).checkpoint(SAVING);
        let outcome = engine.stream(
            &Arrived(integrations),
            Some(&mut Coming(&live)),
            &mut Going(&live),
        );
        let mut live = live.into_inner();
        live.teller.clear();
        outcome?;
        let (told, skipped) = (live.teller.told, live.state.skipped);
        let latency = live.teller.mean().zip(live.teller.worst);
        let computing = live.state.computing();
        Ok(Some(Followed {
            summary: Summary {
                done: told,
                skipped,
                written: plan.files.written,
                samples: plan.files.counts,
                elapsed: started.elapsed(),
                signal: told as f64 * step,
            },
            computing,
            latency,
        }))
    }
}

fn failed(error: Error) -> Ended {
    Ended::Program(error.into())
}
