use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jobwise_gmf::analyze::{Analysis, Request, Summary, TimeLimit};
use jobwise_gmf::settings::{Method, Settings};
use jobwise_kit::{BackendName, Choice, Failure, RunFlags, signals};

use super::failed;

/// Search a recording for targets
///
/// Finds, for every coherent integration and range gate, the range rate and acceleration at which the matched filter
/// gives most power, and writes them to OUTPUT/YYYY-MM-DDTHH-00-00/gmf-<microseconds>.h5. A run that was killed or cancelled
/// continues when it is started again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// The recording (Digital RF channels and metadata.ini)
    rx: PathBuf,
    /// The channel of the received signal
    rxchnl: String,
    /// The recording of the transmitted signal [default: RX]
    #[arg(long, value_name = "DIR")]
    tx: Option<PathBuf>,
    /// The channel of the transmitted signal [default: RXCHNL]
    #[arg(long, value_name = "NAME")]
    txchnl: Option<String>,
    /// The configuration, an INI file with the section [signal-processing]
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where the files go
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Instead of the configuration's gmf_method
    #[arg(short, long, value_enum)]
    method: Option<MethodName>,
    /// Start of what is analysed: ISO 8601, UTC
    #[arg(
        short,
        long = "start_time",
        visible_alias = "start-time",
        value_name = "TIME",
        allow_hyphen_values = true
    )]
    start_time: Option<String>,
    /// End of what is analysed
    #[arg(
        short,
        long = "end_time",
        visible_alias = "end-time",
        value_name = "TIME",
        allow_hyphen_values = true
    )]
    end_time: Option<String>,
    /// The times are seconds after the first sample
    #[arg(long = "relative_time", visible_alias = "relative-time")]
    relative_time: bool,
    /// Replace files of earlier runs
    #[arg(long)]
    clobber: bool,
    /// Leave out the dataset sample_numbers, which only counts from 0
    #[arg(long)]
    no_sample_numbers: bool,
    #[command(flatten)]
    run: RunFlags,
}

const EXAMPLES: &str = "Examples:
  gmf analyze recording uhf --config c.ini -o found
  gmf analyze recording uhf --config c.ini -o found -s 2021-04-12T12:00 -e 2021-04-12T13:00
  mpirun -n 4 gmf analyze recording uhf --config c.ini -o found --threads 8
  gmf analyze recording uhf --config c.ini -o found --job 3/100     one job of a Slurm array";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodName {
    /// Every acceleration, every range rate
    #[value(alias = "grid-fast-gmf")]
    Fgmf,
    /// The acceleration from a lag product, then every range rate
    #[value(alias = "grid-fast-dpt")]
    Fdpt,
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let limit = |text: &Option<String>| {
        text.as_deref()
            .map(|text| TimeLimit::parse(text, flags.relative_time))
            .transpose()
            .map_err(|e| Failure::usage(e.to_string()))
    };
    let limits = (limit(&flags.start_time)?, limit(&flags.end_time)?);
    let mut run = flags.run;
    if run.backend.is_none() {
        run.backend = configured(&flags.config)?;
    }
    let choice = Choice::new(&run, "jobwise-gmf")?;
    let tx = (
        flags.tx.unwrap_or_else(|| flags.rx.clone()),
        flags.txchnl.unwrap_or_else(|| flags.rxchnl.clone()),
    );
    let request = Request {
        rx: (flags.rx, flags.rxchnl),
        tx,
        config: flags.config,
        method: flags.method.map(|method| match method {
            MethodName::Fgmf => Method::Fgmf,
            MethodName::Fdpt => Method::Fdpt,
        }),
        limits,
        output: flags.output,
        clobber: flags.clobber,
        sample_numbers: !flags.no_sample_numbers,
        job: run.job,
    };
    let summary = choice.run(Analysis {
        request,
        cancel: signals::cancel_on_signals().map_err(failed)?,
        progress: run.progress,
        dry_run: run.dry_run,
        backend: choice.name(),
    })?;
    if let Some(summary) = summary
        && jobwise_kit::is_first_rank()
    {
        jobwise_kit::print(&told(&summary))?;
    }
    Ok(())
}

/// A summary in words. Writing to a String cannot fail.
/// The backend that the configuration names; `None` where it leaves the choice open.
fn configured(config: &Path) -> Result<Option<BackendName>, Failure> {
    let settings = Settings::read(config).map_err(failed)?;
    // The names of the peer's implementations say how it computes, not where.
    Ok(match settings.gmf_implementation.as_str() {
        "auto" | "numpy" | "c" => None,
        name => BackendName::from_str(name, true).ok(),
    })
}

fn told(summary: &Summary) -> String {
    let Summary {
        done,
        skipped,
        written,
        missing_samples,
        elapsed,
        signal,
    } = summary;
    let seconds = elapsed.as_secs_f64();
    let mut text = format!("{done} integrations ({signal:.3} s of signal) in {seconds:.1} s");
    if *done > 0 {
        let _ = write!(text, ", {:.2} times real time", signal / seconds);
    }
    let _ = writeln!(text, "; {} files written", written.len());
    if *skipped > 0 {
        let _ = writeln!(text, "{skipped} integrations were done by an earlier run");
    }
    if *missing_samples > 0 {
        let _ = writeln!(
            text,
            "{missing_samples} samples were missing in the recording"
        );
    }
    text
}
