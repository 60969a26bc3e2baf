//! The periods of stars, into a table in an HDF5 file.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use jobwise_core::{Backend, Cancel, Cpu, Engine, Error, Kernel, Memory, Report, Result, Workload};
use jobwise_examples::{DAYS, Stars};
use jobwise_hdf5::table::Table;
use jobwise_kit::{Bar, Choice, Failure, Program, RunFlags, is_first_rank, print, signals};

/// Finds the period of every star of a survey
#[derive(Parser)]
#[command(name = "periods", version, max_term_width = 100)]
struct Cli {
    /// The HDF5 file of results; a run that was ended goes on with it
    output: PathBuf,
    /// How many stars there are
    #[arg(long, default_value_t = 1000)]
    stars: usize,
    #[command(flatten)]
    run: RunFlags,
}

fn main() -> ExitCode {
    jobwise_kit::main("periods", || {
        let cli = jobwise_kit::parse::<Cli>()?;
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
        self.on(backend, &Stars(self.0.stars))
    }

    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(self, backend: &B) -> Result<Report> {
        self.on(backend, &jobwise_cuda::OnCuda(Stars(self.0.stars)))
    }
}

impl Search<'_> {
    /// Computes what is not done yet. Rank 0 has the file. Collective.
    fn on<B: Backend, K>(&self, backend: &B, stars: &K) -> Result<Report>
    where
        K: Kernel<B::Device, Output = Vec<f64>> + Workload,
    {
        let (Search(cli, cancel), comm) = (self, backend.comm());
        let open = || {
            Table::open(
                &cli.output,
                &["days", "power"],
                stars.len(),
                &format!("{DAYS}"),
            )
        };
        let table = (comm.rank() == 0).then(open).transpose();
        let mut table = comm.agree(table.map_err(|error| Error::Sink(error.into())))?;
        let rows = table.as_mut().map(Table::rows).transpose();
        let rows = comm.agree(rows.map_err(|error| Error::Sink(error.into())))?;
        let bar = Bar::new("stars", cli.run.progress, comm);
        let engine = Engine::new(backend)
            .job(cli.run.job)
            .cancel(cancel)
            .observer(&bar);
        let report = match rows {
            Some(mut rows) => engine.write_at_root(stars, &mut rows),
            None => engine.write_at_root(stars, &mut Memory::new()),
        };
        bar.finish();
        report
    }
}
