use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use jobwise_frames::object::Compression;
use jobwise_frames::output::{Recompress, Recompressed, recompressed};
use jobwise_kit::Failure;

use super::reading::ReadingFlags;
use super::writing::Output;

/// Decode all objects and encode them again, in the newest versions of their classes
///
/// For example: frames repack raw.g3 -o small.g3 --flac 5
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    reading: ReadingFlags,
    /// The file, whose name says how it is compressed; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write objects of 4 GiB or more too; their checksums do not cover all of them
    #[arg(long)]
    allow_huge: bool,
    /// Compress timestreams of whole numbers: level 1 to 9, and 24 or 32 bits (32 unless said).
    /// Timestreams that would lose something are not compressed
    #[arg(long, value_name = "LEVEL[:DEPTH]", conflicts_with = "no_flac")]
    flac: Option<Flac>,
    /// Compress no timestream
    #[arg(long)]
    no_flac: bool,
}

#[derive(Clone, Copy, Debug)]
struct Flac(Compression);

impl FromStr for Flac {
    type Err = String;

    fn from_str(text: &str) -> Result<Flac, String> {
        let (level, depth) = text.split_once(':').unwrap_or((text, "32"));
        let level = level.parse().ok().filter(|level| (1..=9).contains(level));
        let depth = depth.parse().ok().filter(|depth| matches!(depth, 24 | 32));
        match (level, depth) {
            (Some(level), Some(depth)) => Ok(Flac(Compression { level, depth })),
            (None, _) => Err("levels are 1 to 9".into()),
            (_, None) => Err("depths are 24 and 32".into()),
        }
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let how = match flags.flac {
        Some(Flac(compression)) => Recompress::Flac(compression),
        None if flags.no_flac => Recompress::Plain,
        None => Recompress::AsBefore,
    };
    let files = flags.reading.files()?;
    let mut output = Output::open(&flags.output, false)?.with_huge(flags.allow_huge);
    let mut all = Recompressed::default();
    flags.reading.each(files, |frame| {
        let place = frame.place().map(ToString::to_string).unwrap_or_default();
        let (frame, outcome) = recompressed(&frame, how)
            .map_err(|(name, error)| Failure::failed(format!("{place}: {name}: {error}")))?;
        all += outcome;
        output.write(&frame)
    })?;
    output.finish()?;
    if all.left > 0 {
        log::warn!(
            "{} timestreams are not compressed: FLAC holds whole numbers of 32 bits, without units \
             or in counts",
            all.left
        );
    }
    Ok(())
}
