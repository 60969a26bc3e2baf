use std::path::PathBuf;

use clap::Args;
use jobwise_kit::Failure;

use super::reading::ReadingFlags;
use super::writing::Output;

/// Copy frames of files, one after the other, into one file: byte for byte
///
/// For example: frames cat a.g3.gz b.g3.gz --types S -o scans.g3
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    reading: ReadingFlags,
    /// The file, whose name says how it is compressed; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Add to the frames of the file, which must be plain
    #[arg(long)]
    append: bool,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let files = flags.reading.files()?;
    let mut output = Output::open(&flags.output, flags.append)?;
    flags.reading.each(files, |frame| output.write(&frame))?;
    output.finish()
}
