//! The periods of stars, as lines of text: `periods` with another sink.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use jobwise_core::{
    Backend, Cancel, Cpu, Engine, Error, Job, Layout, Memory, Ordered, Report, Result,
};
use jobwise_examples::{DAYS, Lines, Stars};
use jobwise_kit::{Bar, Choice, Failure, Program, RunFlags, is_first_rank, print, signals};

/// Finds the period of every star of a survey, and prints it into a text file
#[derive(Parser)]
#[command(name = "catalogue", version, max_term_width = 100)]
struct Cli {
    /// The text file of results; a run that was ended goes on with it
    output: PathBuf,
    /// How many stars there are
    #[arg(long, default_value_t = 1000)]
    stars: usize,
    #[command(flatten)]
    run: RunFlags,
}

fn main() -> ExitCode {
    jobwise_kit::main("catalogue", || {
        let cli = jobwise_kit::parse::<Cli>()?;
        if cli.run.job != Job::WHOLE {
            return Err(Failure::usage(
                "a text file is written by one job: leave out --job",
            ));
        }
        let choice = Choice::new(&cli.run, env!("CARGO_PKG_NAME"))?;
        if cli.run.dry_run {
            return print(&format!("{} stars, on {}\n", cli.stars, choice.name()));
        }
        let cancel = signals::cancel_on_signals().map_err(|e| Failure::failed(e.to_string()))?;
        let report = choice.run(Search(&cli, cancel))?;
        if !is_first_rank() {
            return Ok(());
        }
        print(&format!(
            "{} stars done, {} were there\n",
            report.done, report.skipped
        ))
    })
}

struct Search<'a>(&'a Cli, Cancel);

impl Program for Search<'_> {
    type Output = Report;

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> Result<Report> {
        let (Search(cli, cancel), comm, stars) = (&self, backend.comm(), Stars(self.0.stars));
        let lines = (comm.rank() == 0)
            .then(|| Lines::open(&cli.output, &["days", "power"], &format!("{DAYS} days")))
            .transpose();
        let lines = comm.agree(lines.map_err(Error::Sink))?;
        let bar = Bar::new("stars", cli.run.progress, comm);
        // Every rank takes the lowest stars that are left, so that few lines wait for others.
        let engine = Engine::new(backend)
            .layout(Layout::Strided)
            .cancel(cancel)
            .observer(&bar);
        let report = match lines {
            Some(lines) => engine.write_at_root(&stars, &mut Ordered::new(lines, 4096)),
            None => engine.write_at_root(&stars, &mut Memory::new()),
        };
        bar.finish();
        report
    }
}
