use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use jobwise_frames::frame::FrameType;
use jobwise_frames::output::{Division, Parts};
use jobwise_kit::Failure;

use super::reading::ReadingFlags;
use super::writing::{remove_stale, unwritten};

/// Write the frames of files into several files
///
/// Each begins with the newest frame of each type that is no data. For example: frames split raw.g3
/// -o 'raw-%03d.g3' --bytes 100000000
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("divisions").required(true).multiple(true)
    .args(["bytes", "frames", "at"])))]
pub(crate) struct Flags {
    #[command(flatten)]
    reading: ReadingFlags,
    /// The names of the files, with %d or %03d in the place of their number
    #[arg(short, long, value_name = "PATTERN")]
    output: PathBuf,
    /// Begin a new file when there are more bytes than this, before compression
    #[arg(long, value_name = "N")]
    bytes: Option<u64>,
    /// Begin a new file after so many frames of data
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// Begin a new file with each frame of these types
    #[arg(long, value_delimiter = ',', value_name = "TYPES")]
    at: Vec<FrameType>,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let files = flags.reading.files()?;
    remove_stale(&flags.output);
    let division = Division {
        bytes: flags.bytes,
        data: flags.frames,
        types: flags.at.clone(),
    };
    let parts = Parts::new(&flags.output, division).map_err(unwritten)?;
    // After an error there are none.
    let mut parts = parts.together();
    flags.reading.each(files, |frame| {
        parts.write(&frame).map_err(unwritten)?;
        Ok(ControlFlow::Continue(()))
    })?;
    let written = parts.finish().map_err(unwritten)?;
    log::info!("{} files", written.len());
    Ok(())
}
