use std::process::ExitCode;

use clap::Parser;
use jobwise_core::{Backend, Cancel, Cause, Cpu};
use jobwise_kit::{Bar, Choice, Program, RunFlags, signals};

use super::{DistributingFlags, FileFlags, plan, refuse_jobs};
use crate::distributor::{Assignment, Distribution, NoOutput, Watch, distribute};
use crate::pipeline::Pipeline;

/// Distributes the frames of files to pipelines, on threads or ranks
#[derive(Parser, Debug)]
struct Flags {
    #[command(flatten)]
    files: FileFlags,
    #[command(flatten)]
    distributing: DistributingFlags,
    #[command(flatten)]
    run: RunFlags,
}

/// The `main` of a program called `name`: distributes the frames of the files of its command line
/// to pipelines, one for each lane, which `make` makes from the number of the lane. Its exit status
/// is 0 when every frame was computed, 1 after an error, which each rank reports, and 2 where the
/// command line is wrong.
pub fn run<'p>(name: &str, make: impl Fn(usize) -> Result<Pipeline<'p>, Cause>) -> ExitCode {
    jobwise_kit::main(name, || {
        let flags = jobwise_kit::parse::<Flags>()?;
        refuse_jobs(&flags.run)?;
        let choice = Choice::new(&flags.run, "jobwise-frames")?;
        let files = flags.files.files()?;
        let distribution = flags.distributing.distribution(files, Assignment::Dynamic);
        if flags.run.dry_run {
            return jobwise_kit::print(&plan(&distribution));
        }
        let cancel = signals::cancel_on_signals();
        let cancel = cancel.map_err(|error| jobwise_kit::Failure::failed(error.to_string()))?;
        choice.run(Pipelines {
            distribution,
            progress: flags.run.progress,
            cancel,
            make,
        })?;
        Ok(())
    })
}

struct Pipelines<F> {
    distribution: Distribution,
    progress: bool,
    cancel: Cancel,
    make: F,
}

impl<'p, F: Fn(usize) -> Result<Pipeline<'p>, Cause>> Program for Pipelines<F> {
    type Output = ();

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<()> {
        let bar = Bar::new("frames", self.progress, backend.comm());
        let watch = Some(Watch {
            cancel: &self.cancel,
            observer: &bar,
        });
        let outcome = distribute(backend, &self.distribution, watch, self.make, &mut NoOutput);
        bar.finish();
        outcome.map(drop)
    }
}
