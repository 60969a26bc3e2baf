use std::path::PathBuf;

use clap::Args;
use jobwise_frames::archive::Text;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_kit::Failure;

use super::failed;
use super::reading::ReadingFlags;
use super::writing::Output;

/// Keep, delete and rename objects of frames
///
/// What is kept stays as it was, byte for byte, and in its order. For example: frames edit raw.g3
/// -o new.g3 --delete Tracker --rename RawTimestreams_I=Raw
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("edits").required(true).multiple(true)
    .args(["keep", "delete", "rename"])))]
pub(crate) struct Flags {
    #[command(flatten)]
    reading: ReadingFlags,
    /// The file, whose name says how it is compressed; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write objects of 4 GiB or more too; their checksums do not cover all of them
    #[arg(long)]
    allow_huge: bool,
    /// Keep objects of these names only
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMES",
        conflicts_with = "delete"
    )]
    keep: Vec<String>,
    /// Delete objects of these names
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    delete: Vec<String>,
    /// Rename objects, after the others were deleted; all at once, so that names can change places
    #[arg(long, value_delimiter = ',', value_name = "OLD=NEW", value_parser = pair)]
    rename: Vec<(Text, Text)>,
    /// Edit frames of these types only; the others stay as they are
    #[arg(long, value_delimiter = ',', value_name = "TYPES")]
    only: Vec<FrameType>,
}

fn pair(text: &str) -> Result<(Text, Text), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.into(), new.into())),
        _ => Err("a renaming is OLD=NEW".into()),
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let files = flags.reading.files()?;
    let mut output = Output::open(&flags.output, false)?.with_huge(flags.allow_huge);
    flags.reading.each(files, |mut frame| {
        if flags.only.is_empty() || flags.only.contains(&frame.kind()) {
            edit(flags, &mut frame)?;
        }
        output.write(&frame)
    })?;
    output.finish()
}

fn edit(flags: &Flags, frame: &mut Frame) -> Result<(), Failure> {
    let is_in = |names: &[String], name: &[u8]| names.iter().any(|other| other.as_bytes() == name);
    let keeps = |name: &[u8]| {
        (flags.keep.is_empty() || is_in(&flags.keep, name)) && !is_in(&flags.delete, name)
    };
    frame.retain(|name, _| keeps(name.bytes()));
    frame.rename(&flags.rename).map_err(failed)
}
