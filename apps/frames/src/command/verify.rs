use std::path::PathBuf;
use std::thread;

use clap::Args;
use jobwise_frames::input::{Checks, Found, Options, Report, Tally, verify};
use jobwise_kit::Failure;
use serde_json::{Value, json};

use super::reading::{seconds, tell};

/// Say whether files are whole: lengths and checksums of all frames
///
/// Where there is an index beside a file (frames index), the file is compared with it.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// .g3, .g3.gz, .g3.bz2, .g3.xz or .g3.zst; a FIFO; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Decode every object of a known class too
    #[arg(long)]
    decode: bool,
    /// Files without frames, EndProcessing frames, and bytes behind objects (with --decode) are
    /// damage
    #[arg(long)]
    strict: bool,
    /// Threads; all processors unless something else is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// How long a sender may keep quiet; then it is taken for the end
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<std::time::Duration>,
    /// Print [{file, ok, frames, bytes, error, frame, offset}]
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let checks = Checks {
        decodes: flags.decode,
        options: Options {
            is_strict: flags.strict,
            timeout: flags.timeout,
            ..Options::default()
        },
    };
    let threads = flags.threads.map_or_else(
        || thread::available_parallelism().map_or(1, usize::from),
        usize::from,
    );
    let reports = verify(&flags.files, &checks, threads);
    let text = if flags.json {
        let all: Vec<Value> = reports.iter().map(json).collect();
        format!("{:#}\n", Value::from(all))
    } else {
        reports.iter().map(line).collect()
    };
    jobwise_kit::print(&text)?;
    let mut tally = Tally::default();
    for report in &reports {
        tally += report.tally;
    }
    tell(&tally);
    let mut damages = reports.iter().filter_map(|report| report.damage.as_ref());
    match (damages.next(), damages.count()) {
        (None, _) => Ok(()),
        (Some(only), 0) => Err(Failure::failed(&only.text)),
        (Some(first), more) => Err(Failure::failed(format!(
            "{} of {} files are damaged; the first: {}",
            more + 1,
            reports.len(),
            first.text
        ))),
    }
}

fn json(report: &Report) -> Value {
    let damage = report.damage.as_ref();
    json!({
        "file": report.file.to_string_lossy(),
        "ok": damage.is_none(),
        "frames": report.frames,
        "bytes": report.bytes,
        "error": damage.map(|damage| &damage.text),
        "frame": damage.and_then(|damage| damage.frame),
        "offset": damage.and_then(|damage| damage.offset),
    })
}

fn line(report: &Report) -> String {
    let (file, frames, bytes) = (report.file.display(), report.frames, report.bytes);
    match &report.damage {
        None => format!("{file}: {frames} frames, {bytes} bytes\n"),
        Some(Found { text, .. }) => {
            format!("{file}: damaged after {frames} frames, {bytes} bytes: {text}\n")
        }
    }
}
