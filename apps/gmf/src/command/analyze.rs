use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};
use jobwise_core::Job;
use jobwise_gmf::PulseOrigin;
use jobwise_gmf::analyze::{Analysis, Counts, Follow, Followed, Request, Summary};
use jobwise_gmf::product::{default_format, endings, format_by_ending};
use jobwise_gmf::settings::{Method, Settings, keys_as_text};
use jobwise_kit::{
    BackendName, Choice, DivisionName, Failure, RunFlags, SharingFlags, signals, started_ranks,
};

use super::strict::Strict;
use super::times::Times;
use super::{failed, finish};

/// Search a recording for targets
///
/// Finds, for every coherent integration and range gate, the range rate and acceleration at which
/// the matched filter gives most power, and writes them to
/// OUTPUT/YYYY-MM-DDTHH-00-00/gmf-<microseconds>.h5. A run that was killed or cancelled continues
/// when it is started again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", keys_as_text()))]
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
    /// The sub-channel of the received signal [default: 0, and that is said where there are
    /// several]
    #[arg(long, value_name = "N")]
    subchannel: Option<usize>,
    /// That of the transmitted signal [default: the same in one channel, 0 in another]
    #[arg(long, value_name = "N")]
    txsubchannel: Option<usize>,
    /// The configuration, an INI file with the section [signal-processing]
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where the files go
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Instead of the configuration's gmf_method
    #[arg(short, long, value_enum)]
    method: Option<MethodName>,
    #[command(flatten)]
    times: Times,
    /// Count pulses, integrations and files from here: ISO 8601 (UTC), or the number of a sample
    /// since 1970 [default: the key pulse_origin of metadata.ini; else as the files in OUTPUT do;
    /// else the start, if the transmission begins there or shows no pulse; else the first sample,
    /// if it has a pulse in the window; else where the pulse lies]
    #[arg(long, visible_alias = "pulse_origin", value_name = "TIME|SAMPLE")]
    pulse_origin: Option<String>,
    #[command(flatten)]
    strict: Strict,
    /// Replace files of earlier runs
    #[arg(long)]
    clobber: bool,
    /// Leave out the dataset sample_numbers, which only counts from 0
    #[arg(long)]
    no_sample_numbers: bool,
    /// Compress vectors and matrices of the files, 1 (fast) to 9 (small) [default: 0, as they are]
    #[arg(
        long,
        value_name = "LEVEL",
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u8).range(0..=9)
    )]
    compression: u8,
    /// The format of the files, by the ending of their names
    #[arg(
        long,
        value_name = "ENDING",
        default_value = default_format().ending(),
        value_parser = PossibleValuesParser::new(endings()),
        hide = endings().len() < 2
    )]
    format: String,
    #[command(flatten)]
    follow: FollowFlags,
    #[command(flatten)]
    run: RunFlags,
    #[command(flatten)]
    sharing: SharingFlags,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Following")]
struct FollowFlags {
    /// Analyse a recording that is still being written: every integration as soon as its files have
    /// their names, until Ctrl-C, the end time or the idle time-out. What was found is printed, and
    /// durable within about a second
    #[arg(long)]
    follow: bool,
    /// End when no new file has come for so long [default: never]
    #[arg(long, value_name = "SECONDS", requires = "follow", value_parser = seconds)]
    idle_timeout: Option<Duration>,
    /// Wait so long for an absent file once a later one is there, then take it for missing
    /// [default: the time of three files, at least 2 s]
    #[arg(long, value_name = "SECONDS", requires = "follow", value_parser = seconds)]
    settle: Option<Duration>,
}

/// A time of at most some thirty years.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|s| (0.0..=1e9).contains(s));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "not a number of seconds from 0 to 1e9".to_owned())
}

const EXAMPLES: &str = "Examples:
  gmf analyze recording uhf --config c.ini -o found
  gmf analyze recording uhf --config c.ini -o found -s 2021-04-12T12:00 -e 2021-04-12T13:00
  mpirun -n 4 gmf analyze recording uhf --config c.ini -o found --threads 8
  gmf analyze recording uhf --config c.ini -o found --job 3/100     one job of a Slurm array
  gmf analyze recording uhf --config c.ini -o found --division leased     start many, anywhere
  gmf analyze recording uhf --config c.ini -o found -m optimize     refine the peaks in found
  gmf analyze recording uhf --config c.ini -o found --follow --idle-timeout 60";

/// The methods, as the configuration names them.
#[derive(Clone, Copy, Debug)]
struct MethodName(Method);

impl ValueEnum for MethodName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [MethodName; 5] = [
            MethodName(Method::Fgmf),
            MethodName(Method::Fdpt),
            MethodName(Method::NoReduce),
            MethodName(Method::Optimize),
            MethodName(Method::OptimizeGrid),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (alias, help) = match self.0 {
            Method::Fgmf => ("grid-fast-gmf", "Every acceleration, every range rate"),
            Method::Fdpt => (
                "grid-fast-dpt",
                "The acceleration from a lag product, then every range rate",
            ),
            Method::NoReduce => (
                "no-reduce",
                "As fgmf, and keep the power of every cell (or maxima over the axes in reduce)",
            ),
            Method::Optimize => (
                "optimize-scipy-gmf",
                "Move the peaks that fgmf or fdpt wrote to OUTPUT to the nearest maximum",
            ),
            Method::OptimizeGrid => (
                "optimize-grid-gmf",
                "Replace those peaks by the best of a fine grid around them",
            ),
        };
        Some(PossibleValue::new(self.0.name()).alias(alias).help(help))
    }
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let limits = flags.times.limits()?;
    let pulse_origin = flags.pulse_origin.as_deref().map(PulseOrigin::parse);
    let pulse_origin = pulse_origin
        .transpose()
        .map_err(|e| Failure::usage(e.to_string()))?;
    let inputs = flags.strict.inputs();
    let mut run = flags.run;
    // Ranks do not read it one by one: the first of them does, when they are together.
    let are_ranks = cfg!(feature = "mpi") && started_ranks().is_some_and(|ranks| ranks > 1);
    let is_unasked = run.backend.is_none() && are_ranks && run.job == Job::WHOLE;
    if run.backend.is_none() && !is_unasked {
        run.backend = configured(&flags.config)?;
    }
    let choice = Choice::new(&run, "jobwise-gmf")?;
    let follow = flags.follow;
    if follow.follow && (run.job != Job::WHOLE || choice.name() == BackendName::Mpi.name()) {
        return Err(Failure::usage(
            "--follow works in one process: leave --job out, and use --backend threads without \
             mpirun",
        ));
    }
    if follow.follow && choice.is_on_cuda() {
        return Err(Failure::usage(
            "--follow runs on the processors of this machine only, as it has one integration at a \
             time: use --device cpu",
        ));
    }
    let division = flags.sharing.division;
    if follow.follow && division != DivisionName::Static {
        return Err(Failure::usage(format!(
            "--follow works in one process, with nobody to share the work: leave --division {} out",
            division.name()
        )));
    }
    if flags.clobber && division == DivisionName::Leased {
        return Err(Failure::usage(
            "--clobber with --division leased would replace every file as often as there are runs: \
             remove the old files, and leave --clobber out",
        ));
    }
    let tx = (
        flags.tx.unwrap_or_else(|| flags.rx.clone()),
        flags.txchnl.unwrap_or_else(|| flags.rxchnl.clone()),
    );
    let request = Request {
        rx: (flags.rx, flags.rxchnl),
        tx,
        subchannels: (flags.subchannel, flags.txsubchannel),
        config: flags.config,
        method: flags.method.map(|name| name.0),
        limits,
        pulse_origin,
        output: flags.output,
        clobber: flags.clobber,
        sample_numbers: !flags.no_sample_numbers,
        compression: flags.compression,
        format: format_by_ending(&flags.format).map_err(failed)?,
        job: run.job,
        sharing: flags.sharing.sharing(),
        inputs: Arc::clone(&inputs),
    };
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    if follow.follow {
        let followed = choice.run(Follow {
            request,
            cancel,
            idle_timeout: follow.idle_timeout,
            settle: follow.settle,
            progress: run.progress,
            dry_run: run.dry_run,
            backend: choice.name(),
        })?;
        if let Some(followed) = followed {
            jobwise_kit::print(&told_of_following(&followed))?;
        }
        return finish(&inputs);
    }
    let summary = choice.run(Analysis {
        request,
        cancel,
        progress: run.progress,
        dry_run: run.dry_run,
        backend: choice.name(),
        choice: Some(choice.clone()),
        is_unasked,
    })?;
    if let Some(summary) = summary
        && jobwise_kit::is_first_rank()
    {
        jobwise_kit::print(&describe(&summary, division == DivisionName::Leased))?;
    }
    finish(&inputs)
}

/// The backend that the configuration names; `None` where it leaves the choice open.
fn configured(config: &Path) -> Result<Option<BackendName>, Failure> {
    let settings = Settings::read(config).map_err(failed)?;
    // The names of the peer's implementations say how it computes, not where.
    Ok(match settings.gmf_implementation.as_str() {
        "auto" | "numpy" | "c" => None,
        name => BackendName::from_str(name, true).ok(),
    })
}

/// A summary in words. Writing to a String cannot fail.
fn describe(summary: &Summary, is_shared: bool) -> String {
    let Summary {
        done,
        skipped,
        written,
        samples,
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
        let others = if is_shared {
            ", or by others at the same time"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{skipped} integrations were done by an earlier run{others}"
        );
    }
    let Counts {
        missing,
        unsound,
        like_fill,
        left_out,
        silent,
    } = samples;
    if *missing > 0 {
        let _ = write!(text, "{missing} samples were missing in the recording");
        if *unsound > 0 {
            let _ = write!(
                text,
                ", {unsound} of them NaN, infinite or too large to compute with"
            );
        }
        text.push('\n');
    }
    if *left_out > 0 {
        let _ = writeln!(
            text,
            "{left_out} integrations were left out, as samples were missing (missing = skip)"
        );
    }
    if *silent > 0 {
        let _ = writeln!(
            text,
            "{silent} integrations were not analysed, as nothing was transmitted \
             (min_tx_amplitude) or received"
        );
    }
    if *like_fill > 0 {
        let _ = writeln!(
            text,
            "{like_fill} samples equal the fill value, but were taken for samples (a receiver that \
             clips makes them): fewer than 256 in a row, inside files"
        );
    }
    text
}

fn told_of_following(followed: &Followed) -> String {
    let Followed {
        summary,
        computing,
        latency,
    } = followed;
    let mut text = describe(summary, false);
    if summary.done > 0 {
        let speed = summary.signal / computing.as_secs_f64().max(1e-9);
        let _ = write!(
            text,
            "computing took {:.1} s, {speed:.1} times real time",
            computing.as_secs_f64()
        );
        if let Some((mean, worst)) = latency {
            let _ = write!(
                text,
                "; from arrival to result {:.3} s on average, {:.3} s at most",
                mean.as_secs_f64(),
                worst.as_secs_f64()
            );
        }
        text.push('\n');
    }
    text
}
