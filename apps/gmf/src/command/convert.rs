use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jobwise_core::Solo;
use jobwise_gmf::convert::{Corrections, Plan, record};
use jobwise_kit::{Bar, Failure, signals};

use super::strict::Strict;
use super::{failed, finish};

/// Make recordings of other raw data
#[derive(Subcommand, Debug)]
pub(crate) enum What {
    Eiscat(Eiscat),
}

/// Convert raw data of the EISCAT radars to a Digital RF recording
///
/// The raw data are MATLAB files YYYYMMDD_HH/NNNNNNNN.mat or .mat.bz2 below SRC, of the experiments
/// leo_bpark (2.1u, 2.2) and leo_mpark (2.1u). The recording appears when it is complete: samples
/// as 16-bit integers, cut towards zero; the pointing of the antenna; metadata.ini. Where files are
/// absent or cannot be used nothing is recorded; the ends of short files become zeros. Each such
/// place is a warning.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Eiscat {
    /// The directory that contains the directories of raw data
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// The directory that the recording is made in
    #[arg(value_name = "DST")]
    destination: PathBuf,
    /// Name of the recording [default: name of SRC, and _drf]
    #[arg(short, long)]
    name: Option<String>,
    /// Deflate the samples: 0 (not) to 9 (smallest)
    #[arg(
        short,
        long,
        value_name = "LEVEL",
        default_value_t = 0,
        value_parser = clap::value_parser!(u8).range(..=9)
    )]
    compression: u8,
    #[command(flatten)]
    strict: Strict,
    /// Report progress also when the output is not a terminal
    #[arg(short, long)]
    progress: bool,
    /// Look at all files, print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "Examples:
  gmf convert eiscat leo_bpark_2.1u_NO@uhf .                    makes leo_bpark_2.1u_NO@uhf_drf here
  gmf convert eiscat raw recordings -n monday -c 1 --progress   makes recordings/monday, compressed
  gmf convert eiscat raw recordings --dry-run";

pub(crate) fn run(what: &What) -> Result<(), Failure> {
    let What::Eiscat(flags) = what;
    let output = flags.destination.join(name(flags)?);
    if output.symlink_metadata().is_ok() {
        return Err(failed(format!(
            "{}: exists; choose another name (--name) or remove it",
            output.display()
        )));
    }
    let inputs = flags.strict.inputs();
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    let bar = Bar::new("files examined", flags.progress, &Solo);
    let plan = Plan::new(&flags.source, &inputs, &cancel, &bar).map_err(failed)?;
    bar.finish();
    let plan = plan.ok_or_else(cancelled)?;
    if flags.dry_run {
        jobwise_kit::print(&format!("{plan}output          {}\n", output.display()))?;
        return finish(&inputs);
    }
    let bar = Bar::new("files converted", flags.progress, &Solo);
    let corrections =
        record(&plan, &output, flags.compression, &inputs, &cancel, &bar).map_err(failed)?;
    bar.finish();
    let corrections = corrections.ok_or_else(cancelled)?;
    jobwise_kit::print(&describe(&plan, &corrections, &output))?;
    finish(&inputs)
}

fn cancelled() -> Failure {
    Failure::cancelled("cancelled; nothing was kept")
}

/// The recording's name, one part of a path.
fn name(flags: &Eiscat) -> Result<String, Failure> {
    let given = flags.name.clone();
    let name = given.or_else(|| {
        // Of "." too.
        let source = flags.source.canonicalize().ok()?;
        Some(format!("{}_drf", source.file_name()?.to_string_lossy()))
    });
    let name = name.ok_or_else(|| {
        failed(format!(
            "{}: is no directory that can be read",
            flags.source.display()
        ))
    })?;
    if Path::new(&name)
        .file_name()
        .is_none_or(|part| *part != *name)
    {
        return Err(Failure::usage(format!(
            "--name {name:?}: give a name without directories; they go into DST"
        )));
    }
    Ok(name)
}

fn describe(plan: &Plan, corrections: &Corrections, output: &Path) -> String {
    let samples = plan.samples();
    let mut text = format!(
        "{} files, {} samples, into {}\n",
        plan.files().len(),
        samples.end - samples.start,
        output.display()
    );
    let Corrections {
        gaps,
        gap_samples,
        short,
        short_samples,
        long,
        long_samples,
        clipped,
        no_numbers,
    } = corrections;
    // Writing to a String cannot fail.
    let mut put = |count: u64, line: String| {
        if count > 0 {
            let _ = writeln!(text, "{line}");
        }
    };
    put(
        *gaps,
        format!("gaps between files: {gaps}, {gap_samples} samples never recorded"),
    );
    put(
        *short,
        format!("files too short: {short}, {short_samples} zeros written"),
    );
    put(
        *long,
        format!("files too long: {long}, {long_samples} samples left out"),
    );
    put(
        *clipped,
        format!("values beyond 16 bits: {clipped}, clipped"),
    );
    put(
        *no_numbers,
        format!("values that are no numbers: {no_numbers}, written as 0"),
    );
    text
}
