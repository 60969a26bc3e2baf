use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jobwise_core::Job;
use jobwise_inversion::options::{Mode, Options, Traces, keys_as_text};
use jobwise_inversion::run::{OnFailure, Outcome, Policy, Request, Run, Selection};
use jobwise_kit::{BackendName, Choice, DivisionName, Failure, RunFlags, SharingFlags, signals};

use super::failed;
use super::reading::ReadingFlags;

/// Invert soundings: a posterior for each, into a file per flight line
///
/// What is there already is continued. Failed soundings have their reason in the file, and the exit
/// status is 3 then
#[derive(Args, Debug)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", keys_as_text()))]
pub(crate) struct Flags {
    /// Options, as TOML (*.toml) or as geobipy's options (read, never executed)
    options: PathBuf,
    /// Where results are; made if absent
    output_dir: PathBuf,
    #[command(flatten)]
    chains: ChainFlags,
    #[command(flatten)]
    which: WhichFlags,
    #[command(flatten)]
    results: ResultFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    #[command(flatten)]
    run: RunFlags,
    #[command(flatten)]
    sharing: SharingFlags,
    /// The same as --backend mpi
    #[arg(long, hide_short_help = true, conflicts_with = "backend")]
    mpi: bool,
    /// Accepted and without effect: random numbers are keyed by sounding
    #[arg(long, value_name = "N", hide = true)]
    jump: Option<u64>,
}

const EXAMPLES: &str = "Examples:
  inversion run options.toml found --progress
  inversion run options.toml found --line 100801 --fiducial 30 --chains 8
  mpirun -n 8 inversion run options.toml found --set n_markov_chains=100000";

#[derive(Args, Debug)]
#[command(next_help_heading = "Chains")]
struct ChainFlags {
    /// exact: the acceptance that the posterior asks for; compat: that of geobipy 2.3.2
    #[arg(long, value_name = "exact|compat")]
    mode: Option<Mode>,
    /// Chains of each sounding
    #[arg(long, value_name = "N")]
    chains: Option<u64>,
    /// Temperatures of each chain, and the hottest
    #[arg(long, value_name = "N,TMAX")]
    temperatures: Option<String>,
    /// Of the random numbers
    #[arg(long, value_name = "INT")]
    seed: Option<u64>,
    /// Any option, before what the file says
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Which traces results hold: of all iterations, of some, of none
    #[arg(long, value_name = "full|thin|none")]
    traces: Option<Traces>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Data")]
struct WhichFlags {
    /// Where data and systems are, instead of the option
    #[arg(long = "data_directory", alias = "data-directory", value_name = "D")]
    data_directory: Option<PathBuf>,
    /// The file of data, instead of the option
    #[arg(long = "data_filename", alias = "data-filename", value_name = "F")]
    data_filename: Option<String>,
    /// This line only
    #[arg(long, value_name = "L", allow_hyphen_values = true)]
    line: Option<f64>,
    /// The sounding with this fiducial only
    #[arg(long, value_name = "F", allow_hyphen_values = true)]
    fiducial: Option<f64>,
    /// The sounding at this place only, by line and fiducial, from 0; of the line with --line
    #[arg(long, value_name = "I", conflicts_with = "fiducial")]
    index: Option<usize>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Results")]
struct ResultFlags {
    /// Make the files of all chosen lines anew
    #[arg(long)]
    r#override: bool,
    /// What becomes of the run where a sounding fails
    #[arg(long, value_enum, default_value_t = OnError::Continue)]
    on_error: OnError,
    /// Seconds between commits: what a killed run loses at most, beside the soundings at work
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    checkpoint: Duration,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnError {
    /// The run ends
    Stop,
    /// The sounding is marked as failed, and the run goes on
    Continue,
}

/// A time of at most a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|s| (0.001..=86400.0).contains(s));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "not a number of seconds from 0.001 to 86400".to_owned())
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let mut run = flags.run.clone();
    if flags.mpi {
        run.backend = Some(BackendName::Mpi);
    }
    let choice = Choice::new(&run, "jobwise-inversion")?;
    if flags.results.r#override && (run.job != Job::WHOLE || is_leased(flags)) {
        return Err(Failure::usage(
            "--override with --job or --division leased would remove what the others did: remove \
             the files of results, and leave --override out",
        ));
    }
    if run.job != Job::WHOLE && is_leased(flags) {
        return Err(Failure::usage(
            "--division leased needs no --job: start as many processes as you like",
        ));
    }
    let read = Options::read(&flags.options, &settings(flags)).map_err(failed)?;
    if jobwise_kit::is_first_rank() {
        for warning in &read.warnings {
            log::warn!("{warning}");
        }
    }
    let mut options = read.options;
    if let Some(directory) = &flags.which.data_directory {
        options.data_directory.clone_from(directory);
    }
    if let Some(name) = &flags.which.data_filename {
        options.data_filename.clone_from(name);
    }
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    let outcome = choice.clone().run(Run {
        request: Request {
            options,
            reading: flags.reading.reading()?,
            output: flags.output_dir.clone(),
            selection: Selection {
                line: flags.which.line,
                fiducial: flags.which.fiducial,
                index: flags.which.index,
            },
            policy: if flags.results.r#override {
                Policy::Override
            } else {
                Policy::Continue
            },
            on_failure: match flags.results.on_error {
                OnError::Stop => OnFailure::Stop,
                OnError::Continue => OnFailure::Continue,
            },
            checkpoint: flags.results.checkpoint,
            job: run.job,
            sharing: flags.sharing.sharing(),
            progress: run.progress,
            dry_run: run.dry_run,
            cancel,
        },
        choice,
    })?;
    outcome.map_or(Ok(()), |outcome| tell(&outcome))
}

fn is_leased(flags: &Flags) -> bool {
    flags.sharing.division == DivisionName::Leased
}

/// Flags that are options too, after those of `--set`.
fn settings(flags: &Flags) -> Vec<String> {
    let chains = &flags.chains;
    let mut settings = chains.set.clone();
    let mut add = |key: &str, value: Option<String>| {
        settings.extend(value.map(|value| format!("{key}={value}")));
    };
    add("mode", chains.mode.map(|mode| mode.to_string()));
    add("chains", chains.chains.map(|chains| chains.to_string()));
    let temperatures = chains.temperatures.as_ref();
    add("temperatures", temperatures.map(|pair| format!("[{pair}]")));
    add("seed", chains.seed.map(|seed| seed.to_string()));
    add("traces", chains.traces.map(|traces| traces.to_string()));
    settings
}

/// Prints what is done, once for all ranks; an error where something is not.
///
/// # Errors
/// Soundings failed, or rows of the data could not be used.
fn tell(outcome: &Outcome) -> Result<(), Failure> {
    let Outcome {
        files,
        soundings,
        computed,
        done,
        failed,
        refused,
        ..
    } = outcome;
    let seconds = outcome.elapsed.as_secs_f64();
    let left = soundings - done - failed;
    if jobwise_kit::is_first_rank() {
        let mut text = format!(
            "{computed} soundings in {seconds:.1} s; {done} of {soundings} have results, in \
             {files} files\n"
        );
        // Writing to a text in memory does not fail.
        if *failed > 0 {
            let _ = writeln!(text, "{failed} failed");
        }
        if left > 0 {
            let _ = writeln!(text, "{left} are open, for other jobs or another run");
        }
        jobwise_kit::print(&text)?;
        for (path, fiducial, reason) in &outcome.reasons {
            log::warn!("{}: fiducial {fiducial}: {reason}", path.display());
        }
        for problem in &outcome.broken {
            log::warn!("{problem}");
        }
    }
    let mut problems = Vec::new();
    for (count, what) in [
        (*failed, "soundings failed"),
        (
            outcome.broken.len(),
            "soundings met with an error of the program",
        ),
        (*refused, "rows of the data could not be used"),
    ] {
        if count > 0 {
            problems.push(format!("{count} {what}"));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::partial(problems.join(", ")))
    }
}
