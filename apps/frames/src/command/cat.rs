use std::path::PathBuf;

use clap::Args;
use jobwise_frames::output::Writer;
use jobwise_kit::Failure;

use super::reading::{ReadingFlags, unwritten};

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
    let writer = if flags.append {
        Writer::append(&flags.output)
    } else {
        Writer::create(&flags.output)
    };
    let mut writer = writer.map_err(unwritten)?;
    flags
        .reading
        .each(files, |frame| writer.write(&frame).map_err(unwritten))?;
    writer.finish().map_err(unwritten)?;
    Ok(())
}
