//! What all commands that run a process share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jobwise_core::Job;
use jobwise_hdf5::collective;
use jobwise_kit::{Choice, Failure, RunFlags, Sharing, SharingFlags, signals};
use jobwise_usid::process::{Policy, ProcessRun, Recipe, Settings, Trial, Writer};

use super::{failed, outcome};

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
    /// Take complete results of an earlier run with the same parameters, or continue partial ones
    /// (this is the default)
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
    /// Compress new results with gzip, 1 (fast) to 9 (small); each checkpoint then rewrites part of
    /// the file's structure
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=9))]
    compress: Option<u8>,
    /// Who writes the file when several ranks compute
    #[arg(long, value_enum, default_value_t = WriterName::Single)]
    writer: WriterName,
    /// Seconds between checkpoints: what a killed run loses at most
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    checkpoint: Duration,
    /// End with an error at the first row that cannot be read, instead of leaving it out (then the
    /// exit status is 3). What was computed until then stays: the same command continues it
    #[arg(long)]
    strict: bool,
    /// Memory for rows in flight on each rank, in MiB
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 512,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    max_memory: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WriterName {
    /// Rank 0 writes what all ranks compute
    Single,
    /// A rank of each node writes what its node computes: for many nodes (needs a build with
    /// parallel HDF5)
    Nodes,
    /// All ranks write together (needs a build with parallel HDF5)
    Parallel,
}

impl WriterName {
    /// As on the command line.
    fn name(self) -> &'static str {
        match self {
            WriterName::Single => "single",
            WriterName::Nodes => "nodes",
            WriterName::Parallel => "parallel",
        }
    }
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
        if choice.is_on_cuda() && !R::HAS_CUDA {
            return Err(Failure::usage(
                "this command has no kernel for CUDA devices: use --device cpu",
            ));
        }
        let writer = self.results.writer;
        let is_together = !matches!(writer, WriterName::Single);
        if is_together {
            check_together(writer, self.results.compress)?;
        }
        if self.results.r#override && self.run.job != Job::WHOLE {
            return Err(Failure::usage(
                "--override with --job would begin a new results group with every job: leave \
                 --override out after the first \
                 job is done, or name its group with --continue",
            ));
        }
        let sharing = self.sharing.of_one_file()?;
        if sharing == Sharing::Dynamic && is_together {
            return Err(Failure::usage(format!(
                "--writer {} goes in rounds that are dealt beforehand: leave --division dynamic \
                 out",
                writer.name()
            )));
        }
        let cancel = signals::cancel_on_signals().map_err(failed)?;
        if let Some(position) = self.test_pixel {
            let sample = choice.run(Trial {
                recipe,
                file: self.file,
                source: self.dataset,
                position,
                choice: Some(choice.clone()),
            })?;
            print(&outcome::tell_sample(&sample))?;
            outcome::warn_of_sample(&sample);
            return Ok(());
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
                WriterName::Nodes => Writer::Nodes,
                WriterName::Parallel => Writer::Parallel,
            },
            checkpoint: results.checkpoint,
            memory: (results.max_memory as usize) << 20,
            job: self.run.job,
            sharing,
            progress: self.run.progress,
            dry_run: self.run.dry_run,
            is_strict: results.strict,
            choice: Some(choice.clone()),
            cancel,
        };
        let outcome = choice.run(ProcessRun { recipe, settings })?;
        outcome.map_or(Ok(()), |outcome| {
            print(&outcome::tell(&outcome))?;
            outcome::judge(&outcome)
        })
    }
}

/// Whether several ranks can write together.
fn check_together(writer: WriterName, compress: Option<u8>) -> Result<(), Failure> {
    let writer = writer.name();
    if !collective::COMPILED {
        return Err(Failure::usage(format!(
            "this program was built without parallel HDF5: leave --writer {writer} out, or build \
             it \
             with: HDF5_DIR=<parallel HDF5> cargo build --release -p jobwise-usid \
             --features parallel-hdf5"
        )));
    }
    if compress.is_some() {
        return Err(Failure::usage(format!(
            "--compress moves chunks while it writes, which one writer alone can do safely: leave \
             --writer {writer} out"
        )));
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
