//! What all commands that run a process share.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jobwise_core::Job;
use jobwise_kit::h5::together;
use jobwise_kit::{Choice, Failure, RunFlags, Sharing, SharingFlags, signals};
use jobwise_usid::process::{Outcome, Policy, Recipe, Run, Sample, Settings, Trial, Writer};

use super::failed;

/// The file, earlier results, and how results are written.
#[derive(Args, Debug)]
pub(crate) struct ProcessFlags {
    /// The USID file; results are written into it
    file: PathBuf,
    /// The path of the main dataset [default: the only one that is not a result]
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// Compute the results of this position, print them, and write nothing
    #[arg(long, value_name = "N")]
    test_pixel: Option<usize>,
    #[command(flatten)]
    results: ResultFlags,
    #[command(flatten)]
    run: RunFlags,
    #[command(flatten)]
    sharing: SharingFlags,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Results")]
struct ResultFlags {
    /// Take complete results of an earlier run with the same parameters, or continue partial ones (this is the default)
    #[arg(long, conflicts_with_all = ["override", "continue"])]
    resume: bool,
    /// Compute everything anew into a new results group
    #[arg(long)]
    r#override: bool,
    /// Continue this results group
    #[arg(long, value_name = "GROUP", conflicts_with = "override")]
    r#continue: Option<String>,
    /// The group in which results groups lie [default: that of the dataset]
    #[arg(long, value_name = "PATH")]
    target_group: Option<String>,
    /// Compress new results with gzip, 1 (fast) to 9 (small); each checkpoint then rewrites part of the file's structure
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=9))]
    compress: Option<u8>,
    /// Who writes the file when several ranks compute
    #[arg(long, value_enum, default_value_t = WriterName::Single)]
    writer: WriterName,
    /// Seconds between checkpoints: what a killed run loses at most
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    checkpoint: Duration,
    /// Memory for rows in flight on each rank, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    max_memory: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WriterName {
    /// Rank 0 writes what all ranks compute
    Single,
    /// All ranks write together (needs a build with parallel HDF5)
    Parallel,
}

/// A time of at most a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|s| (0.001..=86400.0).contains(s));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "not a number of seconds from 0.001 to 86400".to_owned())
}

impl ProcessFlags {
    /// Runs a recipe and tells how it went.
    pub(crate) fn run<R: Recipe>(self, recipe: R) -> Result<(), Failure> {
        let choice = Choice::new(&self.run, "jobwise-usid")?;
        if matches!(self.results.writer, WriterName::Parallel) {
            check_parallel(self.results.compress)?;
        }
        if self.results.r#override && self.run.job != Job::WHOLE {
            return Err(Failure::usage(
                "--override with --job would begin a new results group with every job: leave --override out after the first \
                 job is done, or name its group with --continue",
            ));
        }
        let sharing = self.sharing.of_one_file()?;
        if sharing == Sharing::Dynamic && matches!(self.results.writer, WriterName::Parallel) {
            return Err(Failure::usage(
                "--writer parallel goes in rounds that are dealt beforehand: leave --division dynamic out",
            ));
        }
        let cancel = signals::cancel_on_signals().map_err(failed)?;
        if let Some(position) = self.test_pixel {
            let sample = choice.run(Trial {
                recipe,
                file: self.file,
                source: self.dataset,
                position,
            })?;
            return print(&tell_sample(&sample));
        }
        let results = self.results;
        let policy = match results.r#continue {
            Some(group) => Policy::Continue(group),
            None if results.r#override => Policy::Override,
            None => Policy::Resume,
        };
        let settings = Settings {
            file: self.file,
            source: self.dataset,
            target: results.target_group,
            policy,
            compression: results.compress,
            writer: match results.writer {
                WriterName::Single => Writer::Single,
                WriterName::Parallel => Writer::Parallel,
            },
            checkpoint: results.checkpoint,
            memory: (results.max_memory as usize) << 20,
            job: self.run.job,
            sharing,
            progress: self.run.progress,
            dry_run: self.run.dry_run,
            cancel,
        };
        let outcome = choice.run(Run { recipe, settings })?;
        outcome.map_or(Ok(()), |outcome| print(&tell(&outcome)))
    }
}

/// Whether all ranks can write together.
fn check_parallel(compress: Option<u8>) -> Result<(), Failure> {
    if !together::COMPILED {
        return Err(Failure::usage(
            "this program was built without parallel HDF5: leave --writer parallel out, or build it with: \
             HDF5_DIR=<parallel HDF5> cargo build --release -p jobwise-usid --features parallel-hdf5",
        ));
    }
    if compress.is_some() {
        return Err(Failure::usage(
            "--compress moves chunks while it writes, which one writer alone can do safely: leave --writer parallel out",
        ));
    }
    Ok(())
}

/// Prints on the rank that speaks.
fn print(text: &str) -> Result<(), Failure> {
    if jobwise_kit::is_first_rank() {
        jobwise_kit::print(text)
    } else {
        Ok(())
    }
}

/// An outcome in words. Writing to a String cannot fail.
fn tell(outcome: &Outcome) -> String {
    let Outcome {
        group,
        positions,
        done,
        before,
        not_finite,
        elapsed,
    } = outcome;
    if before == positions {
        return format!(
            "{group}: complete already, nothing was done (--override computes it anew)\n"
        );
    }
    let seconds = elapsed.as_secs_f64();
    let mut text = format!("{group}: {done} positions in {seconds:.2} s");
    if *before > 0 {
        let _ = write!(text, ", {before} were done before");
    }
    let left = positions - done - before;
    if left > 0 {
        let _ = write!(text, ", {left} are left for other jobs");
    }
    text.push('\n');
    if *not_finite > 0 {
        let _ = writeln!(
            text,
            "{not_finite} positions hold NaN or infinite values: their results are NaN"
        );
    }
    text
}

/// The results of one unit in words.
fn tell_sample(sample: &Sample) -> String {
    let positions = &sample.positions;
    let mut text = match positions.len() {
        1 => format!("position {}\n", positions.start),
        _ => format!("positions {} to {}\n", positions.start, positions.end - 1),
    };
    for (output, numbers) in &sample.outputs {
        let (name, units) = (&output.name, &output.units);
        let _ = match numbers.as_slice() {
            [] => writeln!(text, "{name}: empty"),
            few if few.len() <= 8 => writeln!(text, "{name} ({units}): {few:?}"),
            many => {
                let (least, most) = many
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| {
                        (a.min(x), b.max(x))
                    });
                let mean = many.iter().sum::<f64>() / many.len() as f64;
                writeln!(
                    text,
                    "{name} ({units}): {} values, {least} to {most}, mean {mean}",
                    many.len()
                )
            }
        };
    }
    text
}
