// The comments on flags are shown on terminals.
#![allow(
    clippy::doc_link_with_quotes,
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]

use std::fmt::Write;
use std::path::PathBuf;

use crate::distributor::{Assignment, Block, Distribution, Files, Mode};
use clap::{Args, ValueEnum};
use jobwise_kit::{Failure, RunFlags};

/// How frames are read and distributed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Distribution")]
pub struct DistributingFlags {
    /// How many ranks read, the first ones; a rank alone reads and computes [default: an eighth of
    /// the ranks, no more than files are read at once, at least one]
    #[arg(long, value_name = "N")]
    n_io: Option<usize>,
    /// Whether files that are read side by side must have the same metadata
    #[arg(long, value_enum, default_value_t)]
    mode: ModeName,
    /// Which rank computes a frame
    #[arg(long, value_enum)]
    assign: Option<AssignmentName>,
    /// The most data frames that a reader brings in a second
    #[arg(long, value_name = "FRAMES_PER_S", value_parser = rate)]
    pace: Option<f64>,
    /// Pass over frames whose checksum is wrong, with a warning
    #[arg(long)]
    skip_corrupt: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ModeName {
    /// Yes: all pipelines see all metadata, in the same order
    #[default]
    Strict,
    /// No: a pipeline sees the metadata of the file that a frame is from
    Relaxed,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AssignmentName {
    /// The one that has the fewest
    Dynamic,
    /// The same one in every run with as many ranks
    Deterministic,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (1e-3..=1e9).contains(rate));
    rate.ok_or_else(|| "not a number of frames from 0.001 to 1e9".to_owned())
}

/// The files of a run: names, or a list of them.
#[derive(Args, Clone, Debug)]
pub struct FileFlags {
    /// Files that are read side by side
    #[arg(
        required_unless_present = "list",
        conflicts_with = "list",
        value_name = "FILE"
    )]
    names: Vec<PathBuf>,
    /// A list of files as JSON: ["shared.g3", ["a.g3", "b.g3"]], relative to where the list is
    #[arg(long = "files", value_name = "LIST.json")]
    list: Option<PathBuf>,
}

impl FileFlags {
    /// The files.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn files(&self) -> Result<Files, Failure> {
        let Some(list) = &self.list else {
            return Ok(Files::parallel(self.names.clone()));
        };
        let at = |problem: &dyn std::fmt::Display| {
            Failure::failed(format!("{}: {problem}", list.display()))
        };
        let text = std::fs::read_to_string(list).map_err(|error| at(&error))?;
        let directory = list.parent().unwrap_or(list);
        Files::from_json(&text, directory).map_err(|error| at(&error))
    }
}

impl DistributingFlags {
    /// The frames of `files`; `usual` is the assignment where none is asked for.
    pub fn distribution(&self, files: Files, usual: Assignment) -> Distribution {
        let mut distribution = Distribution::new(files);
        distribution.n_io = self.n_io;
        distribution.mode = match self.mode {
            ModeName::Strict => Mode::Strict,
            ModeName::Relaxed => Mode::Relaxed,
        };
        distribution.assignment = match self.assign {
            None => usual,
            Some(AssignmentName::Dynamic) => Assignment::Dynamic,
            Some(AssignmentName::Deterministic) => Assignment::Deterministic,
        };
        distribution.pace = self.pace;
        distribution.input.skips_damage = self.skip_corrupt;
        distribution
    }
}

/// What a run would do, as text.
pub fn plan(distribution: &Distribution) -> String {
    let mut text = String::new();
    for (number, block) in distribution.files.blocks().iter().enumerate() {
        let what = match block {
            Block::Shared(_) => "read by all readers",
            Block::Parallel(_) => "read side by side",
        };
        let _ = writeln!(text, "block {number}, {what}");
        for file in block.files() {
            let _ = writeln!(text, "    {}", file.display());
        }
    }
    let _ = writeln!(text, "metadata        {:?}", distribution.mode);
    let _ = writeln!(text, "assignment      {:?}", distribution.assignment);
    text
}

/// Frames come one after the other, and are dealt to ranks: there is nothing that jobs could be a
/// part of.
///
/// # Errors
/// A job is asked for that is not the whole.
pub fn refuse_jobs(run: &RunFlags) -> Result<(), Failure> {
    if run.job == jobwise_core::Job::WHOLE {
        return Ok(());
    }
    Err(Failure::usage(
        "frames of a stream are not cut into jobs: give each job files of its own, without --job",
    ))
}
