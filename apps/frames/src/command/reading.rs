// Errors come from `map_err`, which hands them over.
#![allow(clippy::needless_pass_by_value)]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::input::{self, Files, Options, Problem, Tally};
use jobwise_kit::Failure;

/// Which frames are read, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadingFlags {
    /// .g3, .g3.gz, .g3.bz2, .g3.xz or .g3.zst; a FIFO; - for standard input; tcp://HOST:PORT or
    /// tcp://*:PORT
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only frames of these types: letters or names, such as S,Calibration
    #[arg(long, value_delimiter = ',', value_name = "TYPES")]
    types: Vec<FrameType>,
    #[command(flatten)]
    how: HowFlags,
}

/// How frames are read.
#[derive(Args, Clone, Debug)]
pub(crate) struct HowFlags {
    /// Go on behind frames whose checksum is wrong, where their lengths hold
    #[arg(long)]
    skip_corrupt: bool,
    /// Refuse files without frames and EndProcessing frames in files
    #[arg(long)]
    strict: bool,
    /// How long a sender may keep quiet; then it is taken for the end
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// When a sender ends the connection, wait for another one
    #[arg(long, requires = "timeout")]
    reconnect: bool,
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl HowFlags {
    pub(crate) fn options(&self) -> Options {
        Options {
            skips_damage: self.skip_corrupt,
            is_strict: self.strict,
            timeout: self.timeout,
            reconnects: self.reconnect,
            ..Options::default()
        }
    }
}

impl ReadingFlags {
    /// Whether all are files, which wait until they are read.
    pub(crate) fn are_files(&self) -> bool {
        self.files.iter().all(|file| file.is_file())
    }

    /// The files, all of which are there.
    pub(crate) fn files(&self) -> Result<Files, Failure> {
        Files::new(&self.files, &self.how.options()).map_err(unread)
    }

    /// Hands each frame of the types on, until that breaks. What was read.
    pub(crate) fn each(
        &self,
        mut files: Files,
        mut take: impl FnMut(Frame) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<Tally, Failure> {
        for frame in &mut files {
            let frame = frame.map_err(unread)?;
            let is_taken = self.types.is_empty() || self.types.contains(&frame.kind());
            if is_taken && take(frame)?.is_break() {
                break;
            }
        }
        let tally = files.tally();
        tell(&tally);
        Ok(tally)
    }
}

/// Counts what was unusual; each was named before.
pub(crate) fn tell(tally: &Tally) {
    let counts = [
        (tally.empty, "inputs without frames"),
        (tally.ends, "EndProcessing frames dropped"),
        (tally.damaged, "damaged frames passed over"),
    ];
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !told.is_empty() {
        log::warn!("{}", told.join(", "));
    }
}

/// An input that cannot be read, or not on.
pub(crate) fn unread(error: input::Error) -> Failure {
    match error.problem {
        Problem::Name | Problem::Address => Failure::usage(error.to_string()),
        _ => Failure::failed(error.to_string()),
    }
}
